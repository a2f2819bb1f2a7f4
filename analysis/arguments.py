"""The words of the command line that reports are asked for with."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from study.errors import InputError

_COLUMNS = {
    "seed": "the column of seeds; without one every row is a replicate of its own",
    "metric": "the column of the score that decides (on validation, where there is a test score too)",
    "test_metric": "the column of the test score",
    "model": "the column of models",
    "data": "the column of data sets",
    "status": "the column that says how trials ended",
}


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``report`` takes: paths, where to, formats, language, estimand, and what a table's columns are."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a study folder, or a table of trials; one or more")
    parser.add_argument("--out", help="the report's folder (the study's own for one, else results/report)")
    parser.add_argument("--format", default="md", metavar="md,html,latex,pdf", help="one or several")
    parser.add_argument("--language", default="en", metavar="en|es", help="of sentences and figures")
    parser.add_argument(
        "--estimand", default="texts", metavar="texts|seeds",
        help="what intervals cover: other seeds and other texts like these, or other seeds on these very texts",
    )  # fmt: skip
    told = parser.add_argument_group("a table of trials that is no study of ours")
    told.add_argument("--settings", metavar="A,B", help="the columns that are settings")
    for name, text in _COLUMNS.items():
        told.add_argument(f"--{name.replace('_', '-')}-column", metavar="COLUMN", help=text)
    told.add_argument("--compare", metavar="A,B", help="the settings that are compared; the others were tuned")
    told.add_argument("--baseline", metavar="A=1,B=2", help="the setting to take differences from")
    told.add_argument("--costs", metavar="COST=COLUMN", help="columns of costs: train_seconds=time_total_s")
    told.add_argument("--study-name", metavar="NAME", help="which study of an Optuna storage that has several")
    told.add_argument("--objective", metavar="NUMBER", help="which objective of an Optuna study that has several")
    told.add_argument(
        "--independent-draws", action="store_true", default=None,
        help="what was tuned was drawn without regard to any score, as by a random search",
    )  # fmt: skip
    told.add_argument("--lower-is-better", action="store_true", default=None, help="a low score is a good one")


def report_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The keywords of ``write_report`` that the arguments ask for; an InputError for a name without a value."""
    declared = {
        "settings": _listed(arguments.settings),
        "compare": _listed(arguments.compare),
        "baseline": _pairs("--baseline", arguments.baseline),
        "costs": _pairs("--costs", arguments.costs),
        "study_name": arguments.study_name,
        "objective": arguments.objective,
        "lower_is_better": arguments.lower_is_better,
        "independent_draws": arguments.independent_draws,
        **{name: getattr(arguments, f"{name}_column") for name in _COLUMNS},
    }
    return {
        "out": arguments.out,
        "formats": _listed(arguments.format) or [],
        "language": arguments.language,
        "estimand": arguments.estimand,
        **{name: value for name, value in declared.items() if value is not None},
    }


def _listed(words: str | None) -> list[str] | None:
    return None if words is None else [word.strip() for word in words.split(",") if word.strip()]


def _pairs(option: str, words: str | None) -> Mapping[str, str] | None:
    if words is None:
        return None
    parts = [word.partition("=") for word in _listed(words) or ()]
    wrong = [name for name, equals, value in parts if not equals or not value]
    if wrong or not parts:
        raise InputError(f"{option} {words}: give names with values, {option} one=0,other=mean.")
    return {name.strip(): value.strip() for name, _, value in parts}
