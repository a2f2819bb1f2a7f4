"""Pre-trained bodies: what the trials' bodies were pre-trained further on, what that changed in them, what it cost.

Trials that differ only after it start from one body, so that its perplexities, words and costs are counted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.folder import Study
from analysis.frame import column_of
from analysis.language import say, worded
from analysis.markdown import value
from analysis.spoken_values import spoken_value

SWITCH = "pretraining.steps"
_OF = "pretraining."
_SHARED = ("max_length", "precision")
"""Settings of fine-tuning that pre-training goes by as well."""

HOW = ("objective", "corpus", "steps", "learning_rate", "mask_rate", "seed")
_SAID = ("objective", "corpus", "steps", "domain")
"""What a body's name says first, each in words of its own."""

TEXTS = ("task", "domain", "general")
"""The texts that perplexity is measured on: held out of the task's and of the domain's, and of neither."""

PERPLEXITIES = ("texts_of", "before", "after", "ratio", "texts", "tokens")
FILL_INS = ("sentence", "rank", "before", "before_probability", "after", "after_probability")
COSTS = ("quantity", "pretraining", "finetuning", "ratio", "trials")
QUANTITIES = {
    "seconds": "train_seconds",
    "peak_memory_bytes": "peak_memory_bytes",
    "tokens": "tokens_seen",
    "flops": "train_flops",
}
"""What pre-training costs, and the frame's column with what fine-tuning costs of the same."""


@dataclass(frozen=True)
class PretrainedBody:
    """One body: the model that it was, how it was pre-trained, what records tell of it, the trials that start from it.

    ``name`` tells it from the others of its study. ``told`` is a record's ``pretraining``.
    """

    name: str
    model: str
    data: str
    how: Mapping[str, Any]
    told: Mapping[str, Any]
    keys: tuple[str, ...]

    @property
    def columns(self) -> dict[str, Any]:
        """What every frame below says of the body first."""
        return {"body": self.name, "model": self.model, "data": self.data, **self.how}


def bodies_of(study: Study, rows: pd.DataFrame) -> list[PretrainedBody]:
    """The pre-trained bodies of these trials, rows of the study's frame; none where no trial pre-trained.

    A body is a model, a data set (a fold), the domain's corpus if that was read, and one way of pre-training; ``how``
    has HOW, and what else the trials' ``pretraining.`` settings say, and the corpus's name (``domain``), where that
    differs between bodies.
    """
    if SWITCH not in rows:
        return []
    found: dict[tuple[object, ...], tuple[dict[str, Any], list[Mapping[str, Any]], list[pd.Series]]] = {}
    knobs = {name.removeprefix(_OF): name for name in map(str, rows.columns) if name.startswith(_OF)}
    knobs |= {name: column_of(name) for name in _SHARED if column_of(name) in rows}
    further = [name for name in knobs if name not in HOW]
    for _, row in rows[rows[SWITCH].fillna(0) > 0].iterrows():
        told = study.records[row["key"]].pretraining
        if not told:
            continue
        domain = told.get("domain") or {}
        how = {name: told.get(name) for name in HOW} | {name: row[knobs[name]] for name in further}
        how["domain"] = domain.get("name")
        place = (row["model_fingerprint"], row["data_fingerprint"], domain.get("fingerprint"))
        mark = (*place, *((name, _comparable(amount)) for name, amount in how.items()))
        _, tolds, mine = found.setdefault(mark, (how, [], []))
        tolds.append(told)
        mine.append(row)
    every = sorted(found.values(), key=lambda one: _order(one[0]))
    varying = [name for name in (*HOW, *further) if len({_comparable(how[name]) for how, _, _ in every}) > 1]
    if len({how["domain"] for how, _, _ in every if how["domain"]}) > 1:
        varying.append("domain")
    shown = [*HOW, *(name for name in varying if name not in HOW)]
    return [
        PretrainedBody(
            name=_name(how, varying, mine[0]),
            model=str(mine[0]["model"]),
            data=str(mine[0]["data"]),
            how={name: how[name] for name in shown},
            told=_together(tolds),
            keys=tuple(row["key"] for row in mine),
        )
        for how, tolds, mine in every
    ]


def perplexities(bodies: Sequence[PretrainedBody]) -> pd.DataFrame:
    """One row per body and kind of text: texts_of ("task", "domain", "general"), before, after, ratio (after / before),
    and how many texts and predicted tokens that is on.

    Perplexity is exp of the mean cross-entropy (nats) of the predicted tokens. The body's columns are first.
    """
    found = []
    for body in bodies:
        measured = body.told.get("perplexity") or {}
        for kind in (kind for kind in TEXTS if measured.get(kind)):
            one = measured[kind]
            before, after = _number(one.get("before")), _number(one.get("after"))
            sizes = {name: _number(one.get(name)) for name in ("texts", "tokens")}
            numbers = {"before": before, "after": after, "ratio": after / before if before else float("nan"), **sizes}
            found.append({**body.columns, "texts_of": kind, **numbers})
    return pd.DataFrame(found) if found else pd.DataFrame(columns=["body", "model", "data", *HOW, *PERPLEXITIES])


def fill_ins(bodies: Sequence[PretrainedBody]) -> pd.DataFrame:
    """One row per body, sentence and rank: the word that was likeliest there before and after, each with its
    probability; None where there are fewer. The body's columns are first.
    """
    found = []
    for body in bodies:
        for one in body.told.get("fill_ins") or ():
            before, after = list(one.get("before") or ()), list(one.get("after") or ())
            for rank in range(max(len(before), len(after))):
                row: dict[str, Any] = {**body.columns, "sentence": one["sentence"], "rank": rank + 1}
                for side, words in (("before", before), ("after", after)):
                    word, share = words[rank] if rank < len(words) else (None, float("nan"))
                    row |= {side: word, f"{side}_probability": _number(share)}
                found.append(row)
    return pd.DataFrame(found) if found else pd.DataFrame(columns=["body", "model", "data", *HOW, *FILL_INS])


def pretraining_costs(bodies: Sequence[PretrainedBody], rows: pd.DataFrame) -> pd.DataFrame:
    """One row per body and quantity: what its pre-training took, what a fine-tuning that starts from it takes, their
    ratio, and how many trials that is a mean over.

    Quantities: seconds, peak_memory_bytes, tokens (read, repeats counted), flops (an estimate of floating-point
    operations) and flops_per_token. ``rows`` are the trials, of which the finished ones of the comparison count. A new
    head's own training, before pre-training, is in none of them. The body's columns are first.
    """
    found = []
    for body in bodies:
        mine = rows[rows["key"].isin(body.keys) & (rows["phase"] == "compare") & (rows["status"] == "finished")]
        costs = body.told.get("costs") or {}
        sides = {
            name: (_number(costs.get(name)), float(mine[column].mean()) if column in mine else float("nan"))
            for name, column in QUANTITIES.items()
        }
        pairs = zip(sides["flops"], sides["tokens"], strict=True)
        one, other = (flops / tokens if tokens else float("nan") for flops, tokens in pairs)
        for name, (before, after) in {**sides, "flops_per_token": (one, other)}.items():
            ratio = before / after if after else float("nan")
            amounts = {"quantity": name, "pretraining": before, "finetuning": after, "ratio": ratio}
            found.append({**body.columns, **amounts, "trials": len(mine)})
    return pd.DataFrame(found) if found else pd.DataFrame(columns=["body", "model", "data", *HOW, *COSTS])


def one_run_each(bodies: Sequence[PretrainedBody]) -> bool:
    """Whether every way of pre-training was carried out with a single seed of its own."""
    ways = [
        (body.model, body.data, *(_comparable(amount) for name, amount in body.how.items() if name != "seed"))
        for body in bodies
    ]
    return bool(bodies) and len(set(ways)) == len(ways)


def _together(tolds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the first record tells, with the texts and sentences that later ones were measured on besides."""
    texts = {kind: one for told in reversed(tolds) for kind, one in (told.get("perplexity") or {}).items()}
    words = {one["sentence"]: one for told in tolds for one in told.get("fill_ins") or ()}
    return {**tolds[0], "perplexity": texts, "fill_ins": list(words.values())}


def _name(how: Mapping[str, Any], varying: Sequence[str], trial: pd.Series) -> str:
    """The objective, corpus and steps in words, and whatever else tells bodies apart."""
    parts = [spoken_value(_OF + name, how[name]) or str(how[name]) for name in ("objective", "corpus")]
    if "domain" in varying and how["domain"]:
        parts[-1] += f" ({how['domain']})"
    parts.append(say("{steps} steps", steps=value(how["steps"])))
    parts += [
        f"{worded(name)} {value(how[name])}"
        for name in how
        if name in varying and name not in _SAID and _comparable(how[name]) is not None
    ]
    if pd.notna(trial.get("fold")):
        parts.append(say("fold {number}", number=int(trial["fold"])))
    return ", ".join(parts)


def _order(how: Mapping[str, Any]) -> tuple[object, ...]:
    """Words before numbers, numbers by size, and what is missing last."""
    amounts = (_comparable(amount) for amount in how.values())
    return tuple(
        (0, amount, 0.0) if isinstance(amount, str) else (2, "", 0.0) if amount is None else (1, "", float(amount))
        for amount in amounts
    )


def _comparable(amount: Any) -> Any:
    """A value that equals itself: missing ones are one value."""
    return None if amount is None or amount != amount else amount


def _number(amount: Any) -> float:
    return float("nan") if amount is None else float(amount)
