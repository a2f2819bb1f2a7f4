"""Expected performance in the report: what the best of n draws scores, or why this tuning cannot say."""

from __future__ import annotations

import pandas as pd

from analysis.expected import FEWEST, crossings, expected, why_not
from analysis.language import say
from analysis.markdown import count, escape, number, score, table
from analysis.metrics import metric_name
from analysis.remembered import remembered
from study.question import Question

_BUDGETS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_MOST = 6
"""The most budgets of a table."""


def section(rows: pd.DataFrame, question: Question, figure: list[str] | None = None) -> list[str]:
    """The figure, the expected best of some numbers of draws, and what they are; or a sentence on why not."""
    reason = why_not(rows, question)
    if reason == "none":
        return []
    if reason:
        return [_refusal(reason)]
    found = remembered(expected, rows, question)
    named = [point or str(model) for model, point in zip(found["model"], found["point"], strict=True)]
    found = found.assign(series=named)
    most = int(found["n"].max())
    fewer = [n for n in _BUDGETS if n < most]
    budgets = [*fewer[:: -(-len(fewer) // (_MOST - 1))], most]
    cells = []
    for name, same in found.groupby("series", sort=False):
        at = same.set_index("n")
        shown = [score(*at.loc[n, ["expected", "low", "high"]]) if n in at.index else "–" for n in budgets]
        cells.append([escape(name), str(int(same["draws"].iloc[0])), *shown])
    headers = [say("tuned for"), say("draws"), *(say("best of {n}", n=n) for n in budgets)]
    return [*(figure or []), table(headers, cells), _legend(found, question), *_crossed(found, question)]


def _legend(found: pd.DataFrame, question: Question) -> str:
    said = [
        say(
            "The expected validation {metric} of the best of n settings drawn independently from what is tuned over "
            "(unbiased estimator, Tang et al. 2020), with 95% bootstrap intervals over draws. What it says is how much "
            "tuning buys, not how good the chosen setting is on new texts. No draw is better than the best one seen, "
            "so that the intervals are too narrow towards the last n.",
            metric=metric_name(question.metric),
        )
    ]
    if found["seconds"].notna().any():
        said.append(say("A draw trained for {seconds} s on average.", seconds=number(found["seconds"].mean())))
    lost = int(found.drop_duplicates(["series"])["lost"].sum())
    if lost:
        said.append(say("Left out for want of a score: {draws}.", draws=count(lost, "draw")))
    return " ".join(said)


def _crossed(found: pd.DataFrame, question: Question) -> list[str]:
    changes = crossings(found, question)
    if not changes:
        return []
    said = [
        say("from {n} on {now} is ahead of {before}", n=count(n, "draw"), now=escape(now), before=escape(before))
        for n, before, now in changes
    ]
    return [say("Which is best depends on the budget, by these means: {changes}.", changes="; ".join(said))]


def _refusal(reason: str) -> str:
    reasons = {
        "adaptive": say(
            "What more tuning would have bought (the expected best of n draws) is not shown: the search proposed "
            "settings by the scores it had seen, so that they are no independent draws."
        ),
        "stopped": say(
            "What more tuning would have bought (the expected best of n draws) is not shown: a scheduler stopped weak "
            "trials early, so that their scores are not those of full training."
        ),
        "grid": say(
            "What more tuning would have bought (the expected best of n draws) is not shown: every combination of the "
            "values was tried, so that nothing was drawn and nothing is left to draw."
        ),
        "undeclared": say(
            "What more tuning would have bought (the expected best of n draws) is not shown: the table does not say "
            "how its settings were proposed. If each was drawn without regard to the scores of others, as in a random "
            "search, declare it with `--independent-draws` (`independent_draws=True`)."
        ),
        "few": say(
            "What more tuning would have bought (the expected best of n draws) is not shown: it takes at least "
            "{fewest} independent draws with a score.",
            fewest=FEWEST,
        ),
    }
    return reasons[reason]
