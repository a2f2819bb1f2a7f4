"""What the paired differences of a comparison allow to be said: for which settings, how far, how surely."""

from __future__ import annotations

from math import inf, isfinite

import pandas as pd

from analysis.components import components
from analysis.folder import points_of
from analysis.frame import column_of
from analysis.language import say
from analysis.markdown import code, count, describe, p_value, percent, signed, value
from analysis.names import names_of
from analysis.paired import LEVEL
from analysis.points import following
from analysis.replicates import TEXTS, unit
from analysis.stats import POWER, seeds_for, seeds_needed
from analysis.tables import settings_of
from study.question import Question

_NAMED = 8
"""The most settings that a sentence names."""


def setting_in_words(row: pd.Series, table: pd.DataFrame, question: Question) -> str:
    """The setting of a row of the comparison table: its name and value pairs, those that are fixed if none varies."""
    varied = describe({name: row[name] for name in settings_of(table)})
    return varied or describe(question.fixed) or say("the only setting")


def sides(rows: pd.DataFrame, question: Question) -> pd.Series:
    """1 where the interval of a difference lies wholly on the better side, -1 on the worse, 0 where it has zero."""
    sign = -1 if question.lower_is_better else 1
    return sign * ((rows["difference_low"] > 0).astype(int) - (rows["difference_high"] < 0).astype(int))


def visible(rows: pd.DataFrame) -> str:
    """The difference beyond which every interval of these rows would have left zero out: half the widest one.

    An interval may be cut on one side, where a difference would be impossible, and then the other side is half.
    """
    sides = rows["difference_high"] - rows["difference"], rows["difference"] - rows["difference_low"]
    return f"{max(side.max() for side in sides):.3f}"


def verdicts(table: pd.DataFrame, question: Question) -> list[str]:
    """Which settings' intervals exclude zero, and which of them the corrected test calls significant."""
    paired = table[table["difference_low"].notna()]
    if paired.empty:
        return []
    side = sides(paired, question)
    worse, better = (_named(paired[side == one], table, question, effects=True) for one in (-1, 1))
    sentences = []
    if worse:
        sentences.append(
            say("The interval of the difference excludes zero, on the worse side, for {settings}.", settings=worse)
        )
    if better:
        sentences.append(
            say("The interval of the difference excludes zero, on the better side, for {settings}.", settings=better)
        )
    if not sentences:
        sentences.append(
            say(
                "No setting's interval of the difference excludes zero; differences beyond about ±{visible} would have "
                "been visible.",
                visible=visible(paired),
            )
        )
    return [*sentences, *_of_texts(paired, table, question), *_significant(paired, table, question)]


def _of_texts(paired: pd.DataFrame, table: pd.DataFrame, question: Question) -> list[str]:
    """Settings that the seeds tell from the baseline on these texts, as other texts might not."""
    if paired[f"{paired['split'].iloc[0]}_estimand"].iloc[0] != TEXTS:
        return []
    seeds = (paired["seeds_low"] > 0) | (paired["seeds_high"] < 0)
    turned = _named(paired[seeds & (sides(paired, question) == 0)], table, question)
    if not turned:
        return []
    return [
        say(
            "On these very texts other seeds would tell it from the baseline, but other texts could turn it: "
            "{settings}.",
            settings=turned,
        )
    ]


def _significant(paired: pd.DataFrame, table: pd.DataFrame, question: Question) -> list[str]:
    called, side = paired["significant"], sides(paired, question)
    worse, better = (_named(paired[called & (side == one)], table, question) for one in (-1, 1))
    found = []
    if worse:
        found.append(
            say("Significantly worse than the baseline at 0.05, after Holm's correction: {settings}.", settings=worse)
        )
    if better:
        found.append(
            say("Significantly better than the baseline at 0.05, after Holm's correction: {settings}.", settings=better)
        )
    if found or not _reachable(paired):
        return found
    return [say("No difference is significant at 0.05 after Holm's correction.")]


def reach(table: pd.DataFrame, question: Question) -> list[str]:
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
    kept = sides(paired, question) >= 0
    if not kept.any():
        return [say("Every other value of {name} loses against the baseline by its interval.", name=code(names[0]))]
    row = paired.iloc[int(away.abs().where(kept).argmax())]
    up = bool(away.max() > 0)
    before = paired.loc[~kept & (away.abs() < abs(row[column] - start)), column]
    fewer = table.loc[table["chosen"] & ~table["is_baseline"] & (table["pairs"] < table["pairs"].max()), column]
    found = {"name": code(names[0]), "value": value(row[column]), "effect": _effect(row, table)}
    said = [
        say("The largest {name} whose interval still includes no loss is {value} ({effect}).", **found)
        if up
        else say("The smallest {name} whose interval still includes no loss is {value} ({effect}).", **found)
    ]
    if len(before):
        values = _values(before)
        said.append(
            say("Smaller values already exclude it: {values}.", values=values)
            if up
            else say("Larger values already exclude it: {values}.", values=values)
        )
    loss = row["difference_high"] if question.lower_is_better else -row["difference_low"]
    if loss > 0:
        said.append(
            say("A loss of {loss} is inside it too, so this does not prove that nothing is lost.", loss=f"{loss:.3f}")
        )
    if len(fewer):
        said.append(say("Not considered, for want of pairs: {values}.", values=_values(fewer)))
    return [" ".join(said)]


def power(table: pd.DataFrame) -> list[str]:
    """What p so few seeds could reach at all, where that is not enough."""
    paired = table[table["pairs"] > 0]
    if paired.empty or _reachable(paired) or unit(paired.iloc[0]) == "fold":
        return []
    found = {
        "seeds": count(int(paired["pairs"].max()), "seed"),
        "p": p_value(paired["smallest_p"].min()),
        "one": seeds_needed(1, LEVEL),
    }
    if len(paired) == 1:
        return [
            say(
                "With {seeds} the smallest p that a sign-flip test can reach is {p}, so nothing here is called "
                "significant; {one} seeds are needed for one comparison.",
                **found,
            )
        ]
    return [
        say(
            "With {seeds} the smallest p that a sign-flip test can reach is {p}, so nothing here is called "
            "significant; "
            "{one} seeds are needed for one comparison, {all} for the {comparisons} made here.",
            all=seeds_needed(len(paired), LEVEL),
            comparisons=len(paired),
            **found,
        )
    ]


def about(seeds: float) -> int:
    """A number of seeds as exact as it can be meant: from a hundred on its first two digits."""
    digits = max(0, len(str(int(seeds))) - 2)
    return int(round(seeds, -digits))


def needed(row: pd.Series, table: pd.DataFrame, question: Question) -> list[str]:
    """How many seeds would have shown the difference seen; nothing where it is shown, or nothing is known of it."""
    if not row["pairs"] or row["significant"] or row["is_baseline"]:
        return []
    seeds = seeds_for(row["difference"], row["deviation"], int((table["pairs"] > 0).sum()))
    if not isfinite(seeds):
        return [say("No number of seeds that can be run would show so small a difference.")] if seeds == inf else []
    return [
        say(
            "To show the difference seen with a power of {power}, {setting} would need about {seeds} in all: a number "
            "as uncertain as the difference.",
            power=percent(POWER),
            setting=setting_in_words(row, table, question),
            seeds=count(about(seeds), "seed"),
        )
    ]


def _reachable(paired: pd.DataFrame) -> bool:
    return bool((paired["smallest_p"] * len(paired) <= LEVEL).any())


def _named(rows: pd.DataFrame, table: pd.DataFrame, question: Question, effects: bool = False) -> str:
    """The settings of these rows by their short names, and how many more there are; empty where there are none."""
    named = []
    for _, row in rows.head(_NAMED).iterrows():
        name = _short(row, table, question)
        named.append(f"{name} ({_effect(row, table)})" if effects else name)
    shown, more = "; ".join(named), len(rows) - _NAMED
    return say("{shown} and {more} more", shown=shown, more=more) if more > 0 else shown


def _short(row: pd.Series, table: pd.DataFrame, question: Question) -> str:
    """The setting by its factors alone where there are any: the tuned values are in the table.

    A point of a recipe by its short name: four factors at once say less than "without LoRA".
    """
    if components(question):
        return names_of(table.loc[[row.name]], question)[0]
    told = following(question, ["method"])
    asked = [name for name in question.factor_names if name not in told]
    factors = {column_of(n): row[column_of(n)] for n in asked if column_of(n) in table}
    return describe(factors) if factors else setting_in_words(row, table, question)


def _effect(row: pd.Series, table: pd.DataFrame) -> str:
    """The difference and its interval, with the number of pairs where that is smaller than for others."""
    found = signed(row["difference"], row["difference_low"], row["difference_high"])
    if row["pairs"] >= table["pairs"].max():
        return found
    return say("{difference} on {pairs} only", difference=found, pairs=count(int(row["pairs"]), unit(row)))


def _values(column: pd.Series) -> str:
    shown = ", ".join(value(one) for one in column[:_NAMED])
    more = len(column) - _NAMED
    return say("{shown} and {more} more", shown=shown, more=more) if more > 0 else shown
