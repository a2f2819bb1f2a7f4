"""How sure in the report: robust centres, chances of being better, seeds needed, and the noise floor of the texts."""

from __future__ import annotations

from math import isinf

import numpy as np
import pandas as pd

from analysis.certainty import DRAWN, certainty, discordance
from analysis.errors import Errors
from analysis.frame import metric_column
from analysis.language import say
from analysis.markdown import count, escape, number, p_value, percent, score, table
from analysis.metrics import metric_name, split_name
from analysis.remembered import SEED
from analysis.replicates import in_folds
from analysis.report.verdicts import about
from analysis.stats import POWER, accuracy_error, visible_difference
from analysis.tables import best_of, grouped
from study.question import Question

SHOWN = 20
"""The most settings a table lists."""


def section(rows: pd.DataFrame, question: Question, errors: Errors | None = None, *, always: bool = False) -> list[str]:
    """The table, what its columns are, and what so many texts can show; empty in folds, and where no setting has three
    scores, unless asked for."""
    found = certainty(rows, question, np.random.default_rng(SEED), SHOWN)
    if found.empty or not (always or found["n"].max() >= 3):
        return []
    left = len(grouped(rows, question)[1]) - len(found)
    said = [*_legend(found, question)]
    if left > 0:
        said.append(say("{settings} not shown.", settings=count(left, "setting")))
    return [_table(found), " ".join(said), *_floor(rows, question, errors)]


def _table(found: pd.DataFrame) -> str:
    compared = bool(found["pairs"].any())
    rows = []
    for row in found.to_dict("records"):
        cells = [escape(row["setting"]), number(row["n"])]
        cells += [score(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in ("median", "iqm")]
        if compared:
            cells += [_chance(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in ("paired", "any")]
            cells += [p_value(row["wilcoxon_p"]), _violation(row["violation"], row["aso"]), _seeds(row["seeds_for"])]
        rows.append(cells)
    headers = [say("setting"), "n", say("median"), say("interquartile mean")]
    if compared:
        headers += [
            say("P(better), same seed"), say("P(better), any seeds"), say("p (Wilcoxon)"),
            say("violation ratio (ε)"), say("seeds needed"),
        ]  # fmt: skip
    return table(headers, rows)


def _chance(share: float, low: float, high: float) -> str:
    ends = "" if pd.isna(low) or pd.isna(high) else f" [{percent(low)}, {percent(high)}]"
    return f"{percent(share)}{ends}"


def _violation(ratio: float, bound: float) -> str:
    return score(ratio) if pd.isna(bound) else f"{score(ratio)} ({score(bound)})"


def _seeds(needed: float) -> str:
    if isinf(needed) or np.isnan(needed):
        return "∞" if isinf(needed) else "–"
    return number(about(needed))


def _legend(found: pd.DataFrame, question: Question) -> list[str]:
    said = [
        say(
            "Of the {split} {metric} of single trials, for other seeds on these very texts. Median: with the exact 95% "
            "interval between two of the scores, which takes six. Interquartile mean: without the lowest and highest "
            "quarter (Agarwal et al. 2021), with a 95% t-interval whose standard error is a bootstrap's. Single bad "
            "runs move neither.",
            split=split_name(found["split"].iloc[0]),
            metric=metric_name(question.metric),
        )
    ]
    if not found["pairs"].any():
        return said
    said += [
        say(
            "P(better): the probability that a trial scores better than the baseline's of the same seed (Wilson's "
            "interval), or than any trial of the baseline (Newcombe's); 50% is no difference. Wilcoxon: the exact "
            "signed-rank test over pairs, not corrected."
        ),
        say(
            "Violation ratio: how far the setting is from better at every quantile, 0 being better throughout; ε: its "
            "upper bound (almost stochastic order, Dror et al. 2019), corrected for all comparisons. With fewer than "
            "ten seeds it is too low by chance too often for a verdict."
        ),
        say(
            "Seeds needed: with so many the difference seen, if it is the true one, would be shown with a power of "
            "{power} at 0.05 after correction. It is as uncertain as the difference.",
            power=percent(POWER),
        ),
    ]
    if found["n"].max() > DRAWN:
        said.append(say("Of more than {most} trials none are drawn anew.", most=number(DRAWN)))
    return said


def _floor(rows: pd.DataFrame, question: Question, errors: Errors | None) -> list[str]:
    """What so many texts can show at all: of one model, and of the baseline and its rival; nothing where unknown."""
    trials, compared = grouped(rows, question)
    best = best_of(compared, question)
    if best is None or in_folds(trials):
        return []
    split = str(best["split"])
    mine = trials[trials["row"] == best.name]
    texts, accuracy = mine[f"{split}_texts"].mean(), mine[metric_column("accuracy", split)].mean()
    if pd.isna(texts) or pd.isna(accuracy) or not 0 <= accuracy <= 1:
        return []
    said = [
        say(
            "The noise floor of {texts} of the {split} split: the accuracy {accuracy} of the best on validation has a "
            "standard error of {error} from the choice of the texts alone, with whatever number of seeds.",
            texts=count(round(texts), "text"),
            split=split_name(split),
            accuracy=score(accuracy),
            error=score(accuracy_error(float(accuracy), round(texts))),
        )
    ]
    apart = float("nan") if errors is None or errors.split != split else discordance(errors)
    if pd.notna(apart) and errors is not None:
        least = visible_difference(errors.texts, apart)
        share = percent(apart, 1)
        said.append(
            say(
                "On {share} of them just one of baseline and rival is right (mean over seeds): so few tell no two "
                "trained models apart by McNemar's exact test.",
                share=share,
            )
            if isinf(least)
            else say(
                "On {share} of them just one of baseline and rival is right (mean over seeds), so that two trained "
                "models have to differ by {least} in accuracy for McNemar's exact test to tell them apart.",
                share=share,
                least=score(least),
            )
        )
    return [" ".join(said)]
