"""The conclusion of one arm: sentences filled by its numbers, none stronger than its replicates allow."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.components import components
from analysis.folder import compares_baseline, points_of
from analysis.frame import column_of
from analysis.markdown import code, count, describe, listed, p_value, score, signed, value
from analysis.metrics import metric_name
from analysis.names import names_of
from analysis.replicates import over, unit
from analysis.stats import seeds_needed
from analysis.tables import best_of, settings_of
from study.question import Question, better_is_lower

LEVEL = 0.05


def conclude(table: pd.DataFrame, question: Question, labels: Sequence[str] = (), folds: int = 0) -> list[str]:
    """What the comparison table of one model and data set says, one finding per sentence or two.

    ``folds`` is how many folds the data have, 0 where they have none.
    """
    best = best_of(table, question)
    if best is None:
        return ["No finished comparison trial has a validation score yet, so there is nothing to compare."]
    return [
        _best(best, table, question, labels),
        *_unfinished(table, folds),
        *_against_baseline(best, table, question),
        *_verdicts(table, question),
        *_reach(table, question),
        *_power(table),
        *_warnings(table),
    ]


def setting_in_words(row: pd.Series, table: pd.DataFrame) -> str:
    """The setting of a row of the comparison table: its name and value pairs."""
    return describe({name: row[name] for name in settings_of(table)})


def _best(best: pd.Series, table: pd.DataFrame, question: Question, labels: Sequence[str]) -> str:
    metric = metric_name(question.metric, labels)
    found = score(best["validation"], best["validation_low"], best["validation_high"])
    sentence = (
        f"Best on validation: {setting_in_words(best, table)}, mean validation {metric} {found} over {over(best)}"
    )
    if pd.isna(best["test"]):
        return f"{sentence}. There is no test score yet."
    sentence += f"; on test {score(best['test'], best['test_low'], best['test_high'])}."
    alone = best["folds" if unit(best) == "fold" else "seeds"] == 1
    return f"{sentence} One {unit(best)} gives no interval." if alone else sentence


def _unfinished(table: pd.DataFrame, folds: int) -> list[str]:
    fewest = int(table["folds"].fillna(0).min())
    if fewest >= folds:
        return []
    return [f"Not every fold has been compared: some settings rest on {fewest} of {folds} folds so far."]


def _against_baseline(best: pd.Series, table: pd.DataFrame, question: Question) -> list[str]:
    if not question.baseline:
        return []
    if best["is_baseline"]:
        return ["This is the baseline itself: no other setting was better on validation."]
    if not best["pairs"]:
        why = f"they share no scored {unit(best)}"
        if not compares_baseline(question):
            why = "that is not among the values compared; add it to them"
        return [f"It cannot be compared with the baseline ({describe(question.baseline)}): {why}."]
    base = table[table["is_baseline"]].iloc[0]
    split, pairs = best["split"], int(best["pairs"])
    scored = score(base[split], base[f"{split}_low"], base[f"{split}_high"])
    found = signed(best["difference"], best["difference_low"], best["difference_high"])
    sentence = f"Against the baseline ({describe(question.baseline)}; {split} {scored}) its paired {split} difference"
    sentence += f" is {found} over {count(pairs, unit(best))}"
    if pairs == 1:
        return [f"{sentence}; one pair says nothing about other {unit(best)}s."]
    if pd.isna(best["difference_low"]):
        return [f"{sentence}, the same in every {unit(best)}, so that there is no interval."]
    verdict = {
        0: "the interval includes zero, so the two cannot be told apart by these trials",
        1: "the whole interval is on the better side",
        -1: "the whole interval is on the worse side: what validation selected did not hold on test",
    }[_side(best, question)]
    return [f"{sentence}, p = {p_value(best['p'])}: {verdict}."]


def _side(row: pd.Series, question: Question) -> int:
    """1 where the interval of the difference lies wholly on the better side, -1 on the worse, 0 where it has zero."""
    if pd.isna(row["difference_low"]):
        return 0
    sign = int(row["difference_low"] > 0) - int(row["difference_high"] < 0)
    return -sign if better_is_lower(question.metric) else sign


def _verdicts(table: pd.DataFrame, question: Question) -> list[str]:
    """Which settings' intervals exclude zero, and which of them the corrected test calls significant."""
    paired = table[table["difference_low"].notna()]
    if paired.empty:
        return []
    sides = paired.apply(_side, axis=1, question=question)
    sentences = []
    for side, word in ((-1, "worse"), (1, "better")):
        rows = paired[sides == side]
        named = [f"{_short(row, table, question)} ({_effect(row, table)})" for _, row in rows.iterrows()]
        if named:
            sentences.append(f"The interval of the difference excludes zero, on the {word} side, for {listed(named)}.")
    if not sentences:
        sentences.append("No setting's interval of the difference excludes zero.")
    significant = paired[paired["p_holm"] <= LEVEL]
    if len(significant):
        named = [_short(row, table, question) for _, row in significant.iterrows()]
        sentences.append(f"Significant at {LEVEL:g} after Holm's correction: {listed(named)}.")
    elif _reachable(paired):
        sentences.append(f"No difference is significant at {LEVEL:g} after Holm's correction.")
    return sentences


def _reach(table: pd.DataFrame, question: Question) -> list[str]:
    """How far a single numeric factor can move from the baseline before the interval excludes "no loss".

    Only settings with the most pairs are considered: two seeds' interval holds anything.
    """
    names = question.factor_names
    column = column_of(names[0]) if len(names) == 1 else ""
    paired = table[table["difference_low"].notna() & table["chosen"] & (table["pairs"] == table["pairs"].max())]
    if len(points_of(question)) < 3 or paired.empty or column not in table or names[0] not in question.baseline:
        return []
    if not pd.api.types.is_numeric_dtype(table[column]) or pd.api.types.is_bool_dtype(table[column]):
        return []
    start = float(question.baseline[names[0]])
    away = paired[column] - start
    if away.min() < 0 < away.max():
        return []  # the baseline lies between the points: there is no one way to go
    kept = paired.apply(_side, axis=1, question=question) >= 0
    superlative, less = ("largest", "smaller") if away.max() > 0 else ("smallest", "larger")
    if not kept.any():
        return [f"Every other value of {code(names[0])} loses against the baseline by its interval."]
    row = paired.iloc[int(away.abs().where(kept).argmax())]
    loss = row["difference_high"] if better_is_lower(question.metric) else -row["difference_low"]
    sentence = f"The {superlative} {code(names[0])} whose interval still includes no loss is {value(row[column])}"
    sentence += f" ({_effect(row, table)})"
    before = paired[~kept & (away.abs() < abs(row[column] - start))]
    if len(before):
        sentence += f", although {', '.join(value(v) for v in before[column])}, {less}, already excludes it"
    if loss > 0:
        sentence += f"; a loss of {loss:.3f} is inside it too, so this does not prove that nothing is lost"
    fewer = table[table["chosen"] & ~table["is_baseline"] & (table["pairs"] < table["pairs"].max())]
    if len(fewer):
        sentence += f". Not considered, for want of pairs: {', '.join(value(v) for v in fewer[column])}"
    return [f"{sentence}."]


def _power(table: pd.DataFrame) -> list[str]:
    """What p so few seeds could reach at all, where that is not enough."""
    paired = table[table["pairs"] > 0]
    if paired.empty or _reachable(paired) or unit(paired.iloc[0]) == "fold":
        return []
    pairs, comparisons = int(paired["pairs"].max()), len(paired)
    single, corrected = seeds_needed(1, LEVEL), seeds_needed(comparisons, LEVEL)
    needed = f"{single} seeds are needed for one comparison"
    needed += f", {corrected} for the {comparisons} made here" if comparisons > 1 else ""
    return [
        f"With {count(pairs, 'seed')} the smallest p that a sign-flip test can reach is "
        f"{p_value(paired['smallest_p'].min())}, so nothing here is called significant; {needed}."
    ]


def _reachable(paired: pd.DataFrame) -> bool:
    return bool((paired["smallest_p"] * len(paired) <= LEVEL).any())


def _warnings(table: pd.DataFrame) -> list[str]:
    degenerate, trials = int(table["degenerate"].sum()), int(table["trials"].sum())
    sentences = []
    if degenerate:
        sentences.append(
            f"{degenerate} of {count(trials, 'compared trial')} predicted one class only; the means include them."
        )
    if table["mixed_profiles"].any():
        sentences.append("Some means or differences mix execution profiles, which agree only within a tolerance.")
    return sentences


def _short(row: pd.Series, table: pd.DataFrame, question: Question) -> str:
    """The setting by its factors alone where there are any: the tuned values are in the table.

    A point of a recipe by its short name: four factors at once say less than "without LoRA".
    """
    if components(question):
        return names_of(table.loc[[row.name]], question)[0]
    factors = {column_of(n): row[column_of(n)] for n in question.factor_names if column_of(n) in table}
    return describe(factors) if factors else setting_in_words(row, table)


def _effect(row: pd.Series, table: pd.DataFrame) -> str:
    """The difference and its interval, with the number of pairs where that is smaller than for others."""
    few = f" on {count(int(row['pairs']), unit(row))} only" if row["pairs"] < table["pairs"].max() else ""
    return signed(row["difference"], row["difference_low"], row["difference_high"]) + few
