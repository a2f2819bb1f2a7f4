"""Accuracy on parts of the texts, by length and by class: the baseline's, its rival's, the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import BASELINE, BEST, Errors, Side
from analysis.folder import Study
from analysis.lengths import quarters, text_lengths
from analysis.ranges import POSSIBLE, apart, estimate_within
from analysis.stats import CONFIDENCE, Estimate, fold_interval
from analysis.stats.crossed import crossed_halves

COLUMNS = (
    "model",
    "data",
    "split",
    "kind",
    "unit",
    "group",
    "low_end",
    "high_end",
    "role",
    "name",
    "texts",
    "n",
    "mean",
    "low",
    "high",
)
MOST = 12
"""The most classes that have a group each."""


@dataclass(frozen=True)
class Group:
    """Texts with something in common, as a mask by data set; ``ends`` are the least and the greatest length."""

    kind: str
    unit: str
    name: str
    ends: tuple[float, float]
    masks: Mapping[str, np.ndarray]


def accuracy_by_group(errors: Errors, study: Study) -> pd.DataFrame:
    """One row per group and role (baseline, best, difference): its accuracy with its 95% interval over seeds and texts.

    Groups are of a kind: "length", quarters of the texts by words, or by characters where texts have too few words, and
    "class", by true class in the order of the classes, the largest ones where they are many. The interval is crossed
    (see ``stats.crossed``), of other seeds and other texts of the group; in folds over folds; no further than can be.
    The difference is best minus baseline on the seeds that both have.
    """
    rows = []
    sides = {role: _scores(side) for role, side in errors.sides.items()}
    if BASELINE in sides and BEST in sides:
        sides["difference"] = _minus(sides[BEST], sides[BASELINE])
    for group in [*_by_length(errors, study), *_by_class(errors)]:
        for role, scores in sides.items():
            found = _estimate(scores, group.masks, errors)
            name = errors.sides[role].name if role in errors.sides else ""
            texts = sum(int(mask.sum()) for mask in group.masks.values())
            rows.append(
                (errors.model, errors.data, errors.split, group.kind, group.unit, group.name, *group.ends, role, name,
                 texts, found.n, found.mean, *_within(found, role))
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _within(found: Estimate, role: str) -> tuple[float, float]:
    """The interval, no further than an accuracy, or a difference of two, can be."""
    ends = POSSIBLE["accuracy"]
    kept = estimate_within(found, ends if role in (BASELINE, BEST) else apart(ends))
    return kept.low, kept.high


_Scores = dict[str, dict[int, np.ndarray]]
"""By data set and seed, a number for every text."""


def _scores(side: Side) -> _Scores:
    return {data: {seed: one.right_of(seed).astype(np.int8) for seed in one.right} for data, one in side.counts.items()}


def _minus(one: _Scores, other: _Scores) -> _Scores:
    shared = {data: sorted(one[data].keys() & other[data].keys()) for data in one.keys() & other.keys()}
    return {data: {s: one[data][s] - other[data][s] for s in seeds} for data, seeds in sorted(shared.items()) if seeds}


def _estimate(scores: _Scores, masks: Mapping[str, np.ndarray], errors: Errors) -> Estimate:
    parts = [np.array([one[masks[data]] for one in seeds.values()]) for data, seeds in scores.items() if data in masks]
    parts = [part for part in parts if part.size]
    if not parts:
        return Estimate(0, np.nan, np.nan, np.nan)
    if errors.folds:
        return fold_interval([float(part.mean()) for part in parts], errors.ratio)
    return crossed_mean(parts[0])


def crossed_mean(values: np.ndarray) -> Estimate:
    """The mean of a number per seed and text, (seeds, texts), and its 95% interval over other seeds and other texts.

    A mean of all cells needs no draws: what ``stats.crossed_interval`` takes from them follows from the two-way table.
    The variance that texts give the mean is (s² of the text means - s² of the residuals / seeds) / texts, zero where
    that is negative; that of one seed's mean, beyond it, s² of the residuals / texts. Without two seeds and two texts
    there is no interval.
    """
    seeds, texts = values.shape
    table = values.astype(float)
    mean = float(table.mean())
    if seeds < 2 or texts < 2:
        return Estimate(seeds, mean, np.nan, np.nan)
    by_seed, by_text = table.mean(axis=1), table.mean(axis=0)
    total = float(((table - mean) ** 2).sum())
    rest = total - texts * float(((by_seed - mean) ** 2).sum()) - seeds * float(((by_text - mean) ** 2).sum())
    residual = rest / ((seeds - 1) * (texts - 1))
    shared = max(0.0, (float(by_text.var(ddof=1)) - residual / seeds) / texts)
    of_texts = np.array([shared]), np.array([residual / texts])
    spread = by_seed.var(ddof=1, keepdims=True)
    half = float(crossed_halves(np.array([seeds]), spread, of_texts, texts, CONFIDENCE)[0])
    return Estimate(seeds, mean, mean - half, mean + half)


def _by_length(errors: Errors, study: Study) -> list[Group]:
    found = {data: _lengths(study, errors, data) for data in errors.counts}
    if any(one is None for one in found.values()):
        return []
    known = {data: one for data, one in found.items() if one is not None}
    for unit in ("words", "characters"):
        every = np.concatenate([one[unit].to_numpy() for one in known.values()])
        of = quarters(every)
        if of is not None:
            places = np.split(of, np.cumsum([len(one) for one in known.values()])[:-1])
            ends = [(float(every[of == q].min()), float(every[of == q].max())) for q in range(4)]
            return [
                Group("length", unit, str(q), ends[q], {d: at == q for d, at in zip(known, places, strict=True)})
                for q in range(4)
            ]
    return []


def _lengths(study: Study, errors: Errors, data: str) -> pd.DataFrame | None:
    """The lengths of a data set's predicted texts, in their order; None where one of the texts is not there."""
    path = study.texts(data)
    if path is None:
        return None
    lengths = text_lengths(path, errors.split).drop_duplicates("row").set_index("row")
    rows = errors.counts[data].rows
    return lengths.loc[rows] if set(rows) <= set(lengths.index) else None


def _by_class(errors: Errors) -> Iterator[Group]:
    labels = np.concatenate([one.label for one in errors.counts.values()])
    sizes = np.bincount(labels, minlength=len(errors.classes))
    largest = sorted(np.argsort(-sizes, kind="stable")[:MOST])
    for place in largest:
        if sizes[place]:
            masks = {data: one.label == place for data, one in errors.counts.items()}
            yield Group("class", "", errors.classes[place], (np.nan, np.nan), masks)
