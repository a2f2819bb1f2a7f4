"""Exports of W&B: the CSV of its runs page, and tables whose rows have a config and a summary as nested values."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.language import say
from analysis.sources.flat import flat
from analysis.sources.known import Known, keep
from study.errors import InputError

SUMMARIES = ("summary", "summary_metrics", "summaryMetrics")


def is_nested(raw: pd.DataFrame) -> bool:
    """Whether a table has a column of configurations and one of summaries, as the API's runs have."""
    return "config" in raw and any(name in raw for name in SUMMARIES)


def is_runs_page(raw: pd.DataFrame) -> bool:
    """Whether a table looks like the CSV that the runs page gives."""
    return {"Name", "State"} <= set(raw.columns) and bool({"Runtime", "Created", "ID", "User"} & set(raw.columns))


def from_runs_page(raw: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The same rows; which columns are settings the page does not say."""
    columns = {"status": "State"} | ({"costs": {"trial_seconds": "Runtime"}} if "Runtime" in raw else {})
    return keep(raw, Known(path.stem, path, say("CSV of the runs page of W&B"), columns))


def from_api(raw: pd.DataFrame, path: Path) -> pd.DataFrame:
    """One column per setting, ``config.NAME``, and per value of the summary, ``summary.NAME``; others as they were.

    W&B's own entries, whose names begin with an underscore, are left out but for the run time.
    """
    summary = next(name for name in SUMMARIES if name in raw)
    nested = {"config": "config", summary: "summary"}
    rows = []
    for number, row in enumerate(raw.to_dict("records"), start=1):
        values = {str(name): value for name, value in row.items() if name not in nested}
        for name, called in nested.items():
            inner = _unwrapped(_mapping(row[name], name, number, path))
            values |= {f"{called}.{key}": value for key, value in flat(inner, ".").items()}
        rows.append(values)
    table = pd.DataFrame(rows)
    kept = [c for c in map(str, table) if not c.startswith(("config._", "summary._")) or c == "summary._runtime"]
    settings = [name for name in kept if name.startswith("config.")]
    columns: dict[str, Any] = {"settings": settings}
    columns |= next(({"status": name} for name in ("state", "State") if name in table), {})
    columns |= {"costs": {"trial_seconds": "summary._runtime"}} if "summary._runtime" in table else {}
    return keep(table[kept].copy(), Known(path.stem, path, say("runs of W&B with their configurations"), columns))


def _mapping(cell: Any, name: str, number: int, path: Path) -> Mapping[str, Any]:
    """A cell as the mapping it holds: JSON, or a dictionary as Python prints it, whose NaN is no literal of its own."""
    if isinstance(cell, Mapping):
        return cell
    if pd.isna(cell) or not str(cell).strip():
        return {}
    try:
        found = json.loads(cell)
    except ValueError:
        try:
            found = ast.literal_eval(_Numbers().visit(ast.parse(str(cell).strip(), mode="eval")))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found = None
    if not isinstance(found, Mapping):
        raise InputError(f"{path}: row {number} has no JSON object in its column {name!r}: {str(cell)[:60]!r}.")
    return found


class _Numbers(ast.NodeTransformer):
    """Python prints nan and inf by names that its literals do not have."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(float(node.id)) if node.id in ("nan", "inf") else node


def _unwrapped(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as {"lr": 0.1} where they are written as {"lr": {"value": 0.1, "desc": null}}."""
    return {
        name: entry["value"] if isinstance(entry, Mapping) and set(entry) in ({"value"}, {"value", "desc"}) else entry
        for name, entry in config.items()
    }
