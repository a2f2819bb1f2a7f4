"""The report's section on several studies, models or data sets at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from analysis.answers import Answer
from analysis.folder import Study
from analysis.language import say
from analysis.markdown import code, count, describe, escape, number, p_value, score, signed, table
from analysis.metrics import metric_name, split_name
from analysis.paired import LEVEL
from analysis.replicates import FOLDS, SEEDS, TEXTS
from analysis.together import between, overview

SHOWN = 40
"""The most arms, and pairs of arms, that the section lists."""


def section(study: Study, answers: Sequence[Answer]) -> list[str]:
    """Where the trials are from, a table over all arms, and the differences between those of one data set.

    Empty where there is a single arm from a single folder.
    """
    found = overview(answers)
    if (len(answers) < 2 and len(study.parts) < 2) or found.empty:
        return _folders(study)
    pairs = between(answers)
    return [*_folders(study), _overview(found), _legend(found, answers), *_pairs(pairs)]


def _folders(study: Study) -> list[str]:
    """How many trials each folder gave."""
    if len(study.parts) < 2:
        return []
    held = sum(len(part.records) for part in study.parts)
    given = "; ".join(f"{escape(name)}: {count(n, 'trial')}" for name, n in Counter(study.origins.values()).items())
    said = [say("The trials are from {folders}.", folders=given)]
    if held > len(study.records):
        said.append(
            say(
                "Found in more than one folder, and counted once: {trials}.",
                trials=count(held - len(study.records), "trial"),
            )
        )
    return [" ".join(said)]


def _overview(found: pd.DataFrame) -> str:
    """The table; a column that says the same of every arm is left out, and so is a cost that nothing has."""
    rows = found[found["arm"].isin(found["arm"].unique()[:SHOWN])].to_dict("records")
    several = {name: found[name].map(repr).nunique() > 1 for name in ("study", "question", "model", "data", "metric")}
    twins = found.drop_duplicates("arm").duplicated(["study", "question", "model", "data"], keep=False).any()
    columns: dict[str, Callable[[dict[Any, Any]], str]] = {say("arm"): lambda row: str(row["arm"])}
    heads = {"study": say("study"), "question": say("question"), "model": say("model"), "data": say("data")}
    for name, head in heads.items():
        if several[name] or (name == "data" and not any(several.values())):
            columns[head] = lambda row, name=name: escape(row[name])  # type: ignore[misc]
    if twins:
        columns[say("fixed")] = lambda row: describe(row["fixed"]) or "–"
    columns[say("setting")] = _setting
    texts = len(columns)
    if found["folds"].notna().any():
        columns[say("folds")] = lambda row: number(row["folds"])
    columns[say("seeds")] = lambda row: number(row["seeds"])
    if several["metric"]:
        columns[say("score")] = lambda row: escape(metric_name(row["metric"]))
    metric = "" if several["metric"] else escape(metric_name(found["metric"].iloc[0]))
    for split in ("validation", "test"):
        if found[split].notna().any():
            head = say("{split} {metric}", split=split_name(split), metric=metric) if metric else split_name(split)
            columns[head] = lambda row, s=split: score(row[s], row[f"{s}_low"], row[f"{s}_high"])  # type: ignore[misc]
    columns[say("difference")] = _difference
    columns[say("p (Holm)")] = lambda row: p_value(row["p_holm"])
    if found["trainable_parameters"].notna().any():
        columns[say("trainable parameters")] = lambda row: number(row["trainable_parameters"])
    if found["train_seconds"].notna().any():
        columns[say("training (s)")] = lambda row: number(row["train_seconds"], 1)
    if found["latency_1"].notna().any():
        columns[say("latency, batch 1 (ms/text)")] = lambda row: number(1000 * row["latency_1"], 2)
    return table(list(columns), [[cell(row) for cell in columns.values()] for row in rows], text_columns=texts)


def _setting(row: dict[Any, Any]) -> str:
    words = describe(row["setting"]) or "–"
    if row["role"] == "baseline":
        return say("{setting} (baseline)", setting=words)
    if row["role"] == "both":
        return say("{setting} (best on validation and the baseline)", setting=words)
    return say("{setting} (best on validation)", setting=words)


def _difference(row: dict[Any, Any]) -> str:
    if row["role"] != "best":
        return say("baseline")
    shown = signed(row["difference"], row["difference_low"], row["difference_high"])
    return f"**{shown}**\\*" if row["significant"] else shown


def _legend(found: pd.DataFrame, answers: Sequence[Answer]) -> str:
    said = [
        say(
            "Of each arm the setting that is best on validation among those with most seeds, and its baseline. "
            "Difference: from the arm's own baseline, paired; p is corrected within the arm (Holm). Bold and \\*: p "
            "(Holm) at most {level}, and the interval excludes zero.",
            level=LEVEL,
        ),
        _estimand({kind for name in ("validation_estimand", "test_estimand") for kind in found[name]}),
    ]
    places = {(tuple(sorted(one.arm.fingerprints)), one.arm.question.metric) for one in answers}
    if len(places) > 1:
        said.append(say("Scores on different data or by different metrics stand side by side; none is subtracted."))
    missing = [str(n) for n in range(1, len(answers) + 1) if n not in set(found["arm"])]
    if missing:
        said.append(say("Arms without a scored comparison trial: {arms}.", arms=", ".join(missing)))
    more = found["arm"].nunique() - SHOWN
    if more > 0:
        said.append(say("Not listed: {arms}.", arms=count(more, "arm")))
    return " ".join(filter(None, said))


def _estimand(kinds: set[object]) -> str:
    """What the intervals are for, where all are for the same."""
    known = kinds & {SEEDS, TEXTS, FOLDS}
    if known == {TEXTS}:
        return say("95% intervals are for other seeds and for other texts like these.")
    if known == {SEEDS}:
        return say("95% intervals are for other seeds on these very texts.")
    if known == {FOLDS}:
        return say("95% intervals are those of the corrected resampled t-test over folds.")
    return say(
        "What a 95% interval is for differs between arms (other seeds on these very texts, other texts too, or folds): "
        "the legend under each arm's own table says it."
    )


def _pairs(pairs: pd.DataFrame) -> list[str]:
    """The best settings of arms of one data set against each other."""
    if pairs.empty:
        return []
    several = {name: pairs[name].nunique() > 1 for name in ("data", "metric", "split")}
    columns: dict[str, Callable[[dict[Any, Any]], str]] = {
        say("arms"): lambda row: f"{row['one']} − {row['other']}",
    }
    if several["data"]:
        columns[say("data")] = lambda row: escape(row["data"])
    if several["metric"]:
        columns[say("score")] = lambda row: code(metric_name(row["metric"]))
    if several["split"]:
        columns[say("split")] = lambda row: split_name(row["split"])
    texts = len(columns)
    columns |= {
        say("difference"): _marked,
        "p": lambda row: p_value(row["p"]),
        say("p (Holm)"): lambda row: p_value(row["p_holm"]),
        "n": lambda row: str(row["n"]),
    }
    rows = pairs.head(SHOWN).to_dict("records")
    said = [
        say(
            "The best settings of two arms of one data set, the first minus the second, paired by what they share "
            "(seeds; folds and seeds in cross-validation); p is corrected for all pairs of a data set (Holm)."
        ),
        _estimand(set(pairs.loc[pairs["n"] > 1, "estimand"])) if (pairs["n"] > 1).any() else "",
    ]
    if not several["split"]:
        first = pairs.iloc[0]
        said.insert(1, _score(first["split"], first["metric"], several["metric"]))
    if (pairs["split"] == "validation").any():
        said.append(say("Where there is no test score, the settings were selected on the score that is compared."))
    alone = int((pairs["n"] == 0).sum())
    if alone:
        said.append(say("Not paired, for want of a shared seed: {pairs}.", pairs=count(alone, "pair")))
    said += _reach(pairs)
    if len(pairs) > SHOWN:
        said.append(say("Not listed: {pairs}.", pairs=count(len(pairs) - SHOWN, "pair")))
    return [table(list(columns), [[cell(row) for cell in columns.values()] for row in rows], text_columns=texts),
            " ".join(filter(None, said))]  # fmt: skip


def _score(split: str, metric: str, several: bool) -> str:
    if several:
        return say("The scores are those on {split}.", split=split_name(split))
    return say("The score is {metric} on {split}.", metric=escape(metric_name(metric)), split=split_name(split))


def _marked(row: dict[Any, Any]) -> str:
    shown = signed(row["difference"], row["low"], row["high"])
    return f"**{shown}**\\*" if row["significant"] else shown


def _reach(pairs: pd.DataFrame) -> list[str]:
    """That so few seeds can make nothing significant, where that is so."""
    tested = pairs[pairs["p"].notna()]
    if tested.empty:
        return []
    sizes = tested.groupby(["data", "metric"])["p"].transform("size")
    if (tested["smallest_p"] * sizes <= LEVEL).any():
        return []
    return [say("With so few seeds no difference between arms can be significant.")]
