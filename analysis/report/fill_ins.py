"""What pre-training changed in predictions: the words filled into sentences before and after, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.language import say
from analysis.markdown import count, escape, percent, table
from analysis.pretraining import PretrainedBody, fill_ins
from study.question import Question

BODIES = 3
"""The most bodies whose words are shown."""

SENTENCES = 20
_LONGEST = 160


def section(bodies: Sequence[PretrainedBody], best: Sequence[str] = ()) -> list[str]:
    """A table per pre-trained body, a row per sentence; nothing where no sentence was filled in.

    Of more than BODIES the first, after the one from which the trials start whose keys are ``best``.
    """
    found = fill_ins(bodies)
    if found.empty:
        return []
    names = [body.name for body in bodies if body.name in set(found["body"])]
    chosen = [body.name for body in bodies if set(body.keys) & set(best) and body.name in names]
    shown = list(dict.fromkeys([*chosen, *names]))[:BODIES]
    blocks = []
    for name in shown:
        mine = found[found["body"] == name]
        blocks.append(f"**{escape(name)}**")
        blocks.append(_table(mine))
    return [*blocks, _legend(found, len(names) - len(shown), bool(chosen) and len(names) > len(shown))]


def keys_of_best(rows: pd.DataFrame, compared: pd.DataFrame, question: Question) -> list[str]:
    """The trials of the setting best on validation among those that pre-trained."""
    from analysis.pretraining import SWITCH
    from analysis.tables import best_of, grouped

    if SWITCH not in compared:
        return []
    best = best_of(compared[compared[SWITCH].fillna(0) != 0], question)
    if best is None:
        return []
    trials = grouped(rows, question)[0]
    return list(trials.loc[trials["row"] == best.name, "key"])


def _table(mine: pd.DataFrame) -> str:
    rows = []
    for sentence, words in list(mine.groupby("sentence", sort=False))[:SENTENCES]:
        ranked = words.sort_values("rank")
        rows.append([escape(sentence, _LONGEST), *(_words(ranked, side) for side in ("before", "after"))])
    return table([say("sentence"), say("before"), say("after")], rows, text_columns=3)


def _words(ranked: pd.DataFrame, side: str) -> str:
    """The words, the likeliest first, each with its probability."""
    pairs = zip(ranked[side], ranked[f"{side}_probability"], strict=True)
    return ", ".join(f"{escape(_visible(word))} {percent(share)}" for word, share in pairs if pd.notna(word)) or "–"


def _visible(word: Any) -> str:
    """The word; white space, which a model of bytes may predict, by its escape."""
    text = str(word)
    return text.strip() or repr(text)[1:-1] or "∅"


def _legend(found: pd.DataFrame, more: int, chosen: bool) -> str:
    said = [say("The likeliest words at the gap with their probabilities, before and after pre-training.")]
    left = max(0, int(found.groupby("body")["sentence"].nunique().max()) - SENTENCES)
    if left:
        said.append(say("Not shown: {sentences}.", sentences=count(left, "sentence")))
    if more > 0:
        said.append(
            say("The body of the best setting is first; not shown: {bodies}.", bodies=count(more, "more body"))
            if chosen
            else say("Not shown: {bodies}.", bodies=count(more, "more body"))
        )
    return " ".join(said)
