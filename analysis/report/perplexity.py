"""What pre-training changed in predictions: perplexity before and after on the task's, the domain's and other texts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.language import say
from analysis.markdown import count, escape, number, percent, table
from analysis.pretraining import PretrainedBody, one_run_each, perplexities
from analysis.report.render import SHOWN

_SMALL = 0.02
"""A rise that is not told: on a few thousand tokens so little says nothing."""


def section(bodies: Sequence[PretrainedBody], figure: Sequence[str] = ()) -> list[str]:
    """The figure, the table, and what the numbers mean; nothing where no perplexity was measured."""
    found = perplexities(bodies)
    if found.empty:
        return []
    said = [_legend(found), *heads(bodies), *_forgetting(found), *of_runs(bodies)]
    return [*figure, _table(found), " ".join(said)]


def text_name(kind: str) -> str:
    """A kind of text in words: the task's, the domain's, or general text."""
    return {"task": say("task"), "domain": say("domain"), "general": say("general")}.get(kind, kind)


def heads(bodies: Sequence[PretrainedBody]) -> list[str]:
    """Sentences on the language-modelling heads that had to be trained first; none where checkpoints had theirs."""
    new = [head for body in bodies if (head := body.told.get("head") or {}).get("new")]
    if not new:
        return []
    sizes = {(head["parameters"], head["steps"]) for head in new if "parameters" in head and "steps" in head}
    of_all = len(new) == len(bodies)
    said = (
        say("The checkpoint has no language-modelling head.")
        if of_all
        else say("Of {bodies} the checkpoint has no language-modelling head.", bodies=count(len(new), "body"))
    )
    if len(sizes) == 1:
        ((size, steps),) = sizes
        how = say(
            "A new one, tied to the body's embeddings ({parameters} parameters of its own), was trained first, for "
            "{steps} on the frozen body:",
            parameters=number(size),
            steps=count(int(steps), "step"),
        )
    else:
        how = say("A new one, tied to the body's embeddings, was trained first on the frozen body:")
    rest = say(
        'that is "before". For "after" such a head was trained by the same steps on the pre-trained body, so that '
        "the difference is the body's, not the head's."
    )
    return [said, how, rest]


def of_runs(bodies: Sequence[PretrainedBody]) -> list[str]:
    """That one run of pre-training says nothing about others; nothing where there are several of each."""
    if not one_run_each(bodies):
        return []
    return [
        say(
            "Each way of pre-training was run once, and all seeds of fine-tuning start from that one body: no interval "
            "here covers what another run of pre-training would give."
        )
    ]


def _table(found: pd.DataFrame) -> str:
    headers = [say("pre-training"), say("text"), say("texts"), say("predicted tokens"), say("before"), say("after")]
    headers.append(say("after / before"))
    rows, last = [], None
    for row in found.head(SHOWN).to_dict("records"):
        name = "" if row["body"] == last else escape(row["body"])
        last = row["body"]
        sizes = [number(row["texts"]), number(row["tokens"])]
        amounts = [number(row["before"], 1), number(row["after"], 1), number(row["ratio"], 2)]
        rows.append([name, text_name(row["texts_of"]), *sizes, *amounts])
    return table(headers, rows, text_columns=2)


def _legend(found: pd.DataFrame) -> str:
    said = [
        say(
            "Perplexity: exp of the mean cross-entropy of the tokens to be predicted, in texts that pre-training did "
            "not read; lower is better. Before: the checkpoint; after: the pre-trained body, on the same tokens."
        )
    ]
    if found["objective"].nunique() > 1 or found["model"].nunique() > 1:
        said.append(say("Perplexities of different objectives or vocabularies cannot be compared."))
    more = len(found) - SHOWN
    if more > 0:
        said.append(say("Not listed: {rows}.", rows=count(more, "row")))
    return " ".join(said)


def _forgetting(found: pd.DataFrame) -> list[str]:
    """Whether general text became harder to predict: what the body knew and lost."""
    general = found[(found["texts_of"] == "general") & found["ratio"].notna()]
    if general.empty:
        return []
    lost = general[general["ratio"] > 1 + _SMALL]
    if lost.empty:
        share = percent(_SMALL)
        return [say("On general text no perplexity rose by more than {share}: no forgetting is seen.", share=share)]
    worst = lost.sort_values("ratio").iloc[-1]
    numbers = {"before": number(worst["before"], 1), "after": number(worst["after"], 1)}
    if len(general) == 1:
        return [
            say(
                "On general text the perplexity rose from {before} to {after}: some of what the body knew is "
                "forgotten.",
                **numbers,
            )
        ]
    return [
        say(
            "On general text the perplexity rose for {lost} of {bodies}, most for {body}, from {before} to {after}: "
            "some of what the body knew is forgotten.",
            lost=len(lost),
            bodies=count(len(general), "body"),
            body=escape(str(worst["body"])),
            **numbers,
        )
    ]
