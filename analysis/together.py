"""Several arms at once: the best of each beside its baseline, and within one data set the best against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from analysis.answers import Answer
from analysis.frame import metric_column
from analysis.paired import baseline_of, significant
from analysis.replicates import difference, estimand
from analysis.resampled import resample
from analysis.stats import holm
from analysis.tables import best_of, grouped, settings_of

_OF_ROW = (
    "seeds", "folds", "validation", "validation_low", "validation_high", "test", "test_low", "test_high", "split",
    "validation_estimand", "test_estimand", "pairs", "difference", "difference_low", "difference_high", "p", "p_holm",
    "significant", "trainable_parameters", "train_seconds", "latency_1",
)  # fmt: skip
COLUMNS = ("arm", "study", "question", "model", "data", "fixed", "metric", "role", "setting", *_OF_ROW)
BETWEEN = (
    "data", "metric", "split", "one", "other", "n", "difference", "low", "high", "p", "smallest_p", "p_holm",
    "significant", "estimand",
)  # fmt: skip
_NUMBERS = ("difference", "low", "high", "p", "smallest_p", "p_holm")


def overview(answers: Sequence[Answer]) -> pd.DataFrame:
    """A row for each arm's setting that is best on validation, and one for its baseline, where that is another.

    Columns: arm (its number, from 1), study (the folders that ask it), question, model, data, fixed and setting (as
    mappings), metric, role ("best", "baseline", "both"), and those of the comparison table. Where several settings of
    the baseline were compared, the best of them on validation stands for it. An arm without a score has no row.
    """
    rows = []
    for number, answer in enumerate(answers, start=1):
        arm, question = answer.arm, answer.arm.question
        best = best_of(answer.table, question) if len(answer.table) else None
        if best is None:
            continue
        base = None if best["is_baseline"] else _baseline(best, answer)
        of_arm = {
            "arm": number,
            "study": ", ".join(arm.studies),
            "question": question.name,
            "model": arm.model_name,
            "data": arm.data_name,
            "fixed": dict(question.fixed),
            "metric": question.metric,
        }
        roles = {"both" if best["is_baseline"] else "best": best} | ({} if base is None else {"baseline": base})
        rows += [{**of_arm, "role": role, **_of_row(row, answer.table)} for role, row in roles.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _baseline(best: pd.Series, answer: Answer) -> pd.Series | None:
    """The baseline that the best setting is compared with; the best of them where it is compared with none."""
    table, question = answer.table, answer.arm.question
    own = baseline_of(best, table, question)
    return best_of(table[table["is_baseline"]], question) if own is None else own


def between(answers: Sequence[Answer]) -> pd.DataFrame:
    """A row for every two arms of one data set and metric: their best settings' paired difference, ``one`` - ``other``.

    ``one`` and ``other`` are the arms' numbers as in ``overview``. The score is the test's where all arms of the data
    set have one, else validation's, on which they were selected. A pair of trials shares its seed, and its fold where
    there are folds. p is corrected for all pairs of a data set (Holm). The intervals are for other texts too
    where those of all arms of the data set are. Arms whose best are the very same trials are no pair.
    """
    rows: list[dict[str, Any]] = []
    for members in _groups(answers):
        best = {number: _best_trials(answers[number - 1]) for number in members}
        best = {number: trials for number, trials in best.items() if len(trials)}
        rows += _compared(best, [answers[number - 1] for number in members])
    found = pd.DataFrame(rows, columns=list(BETWEEN))
    found = found.astype(dict.fromkeys(_NUMBERS, "float64"))
    return found.assign(significant=significant(found["p_holm"], found["low"], found["high"]))


def _of_row(row: pd.Series, table: pd.DataFrame) -> Mapping[str, Any]:
    setting = {name: row[name] for name in settings_of(table) if pd.notna(row[name])}
    return {"setting": setting, **{name: row[name] for name in _OF_ROW}}


def _groups(answers: Sequence[Answer]) -> Iterator[list[int]]:
    """The numbers of the arms that may be subtracted: of the same texts, by the same metric, better the same way."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for number, answer in enumerate(answers, start=1):
        question = answer.arm.question
        # folds are compared where they are the same ones, in whatever order they were asked
        texts = tuple(sorted(answer.arm.fingerprints))
        alike.setdefault((texts, question.metric, question.lower_is_better), []).append(number)
    yield from (members for members in alike.values() if len(members) > 1)


def _best_trials(answer: Answer) -> pd.DataFrame:
    """The trials of the setting that is best on validation."""
    best = best_of(answer.table, answer.arm.question) if len(answer.table) else None
    if best is None:
        return answer.rows.head(0)
    trials = grouped(answer.rows, answer.arm.question)[0]
    return trials[trials["row"] == best.name]


def _compared(best: Mapping[int, pd.DataFrame], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The differences of every two of these, all of one data set."""
    study, arm = answers[0].study, answers[0].arm
    metric = arm.question.metric
    split = "test" if all(t[metric_column(metric, "test")].notna().any() for t in best.values()) else "validation"
    column = metric_column(metric, split)
    keys = list(dict.fromkeys(key for trials in best.values() for key in trials["key"]))
    texts = all(answer.resampled is not None for answer in answers)
    resampled = resample(study, arm, keys, metric) if texts else None
    rows: list[dict[str, Any]] = []
    for one, other in combinations(best, 2):
        if set(best[one]["key"]) == set(best[other]["key"]):
            continue
        found, p, smallest, _ = difference(best[one], best[other], column, resampled)
        row: dict[str, Any] = {
            "data": arm.data_name,
            "metric": metric,
            "split": split,
            "one": one,
            "other": other,
            "n": found.n,
        }
        row |= {"difference": found.mean, "low": found.low, "high": found.high, "p": p, "smallest_p": smallest}
        rows.append(row | {"estimand": estimand(best[one], column, resampled)})
    corrected = holm([row["p"] for row in rows])
    return [row | {"p_holm": value} for row, value in zip(rows, corrected, strict=True)]
