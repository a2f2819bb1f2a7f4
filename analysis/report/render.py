"""The comparison table as Markdown: scores and differences in one table, costs in another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.components import components
from analysis.frame import column_of
from analysis.language import say
from analysis.markdown import code, count, escape, number, p_value, percent, score, signed, table, value
from analysis.metrics import metric_name
from analysis.names import names_of
from analysis.replicates import unit
from analysis.tables import settings_of, shown_of
from study.question import Question

SHOWN = 40
"""The most rows that a table of the report has; all of them are in table.csv."""


def comparison(compared: pd.DataFrame, question: Question, best: pd.Series | None) -> str:
    """The scores of every setting with their intervals and paired differences; a significant one is bold and starred.

    Of more than ``SHOWN`` settings the first, with the best on validation and the baseline among them.
    """
    shown = shown_of(compared, question, SHOWN)
    named = best is not None and len(compared) > 1
    columns = _columns(compared, question)
    rows = []
    for index, row in shown.iterrows():
        cells = [cell(row) for cell in columns.values()]
        if named:
            cells.append(say("best on validation") if best is not None and index == best.name else "")
        rows.append(cells)
    return table([*columns, *([""] if named else [])], rows, text_columns=len(components(question)) and 1)


def costs(compared: pd.DataFrame, question: Question) -> str:
    """What every setting costs: parameters, training time and memory, file size, latency. Unmeasured columns go."""
    shown = shown_of(compared, question, SHOWN)
    settings = _settings(compared, question)
    columns = {
        say("training (s)"): [number(s, 1) for s in shown["train_seconds"]],
        say("texts/s"): [number(s) for s in shown["examples_per_second"]],
        say("peak memory (MiB)"): [number(b / 2**20) for b in shown["peak_memory_bytes"]],
        say("tokens read"): [number(t) for t in shown["tokens_seen"]],
        say("operations (TFLOP)"): [_teraflops(f) for f in shown["train_flops"]],
        say("saved (MiB)"): [number(b / 2**20, 1) for b in shown["saved_bytes"]],
        say("latency, batch 1 (ms/text)"): _latencies(shown, "latency_1"),
        say("latency, batch 32 (ms/text)"): _latencies(shown, "latency_32"),
        say("latency, batch 1, not merged (ms/text)"): _latencies(shown, "latency_1_unmerged"),
        say("latency, batch 32, not merged (ms/text)"): _latencies(shown, "latency_32_unmerged"),
    }
    measured = {name: cells for name, cells in columns.items() if set(cells) != {"–"}}
    if not measured:
        return ""
    rows = [
        [*(cell(row) for cell in settings.values()), *(cells[i] for cells in measured.values())]
        for i, (_, row) in enumerate(shown.iterrows())
    ]
    return table([*settings, *measured], rows, text_columns=len(components(question)) and 1)


def scored(row: pd.Series, split: str) -> str:
    """A row's score with its interval, and its n where fewer seeds, or folds, have it than have a validation score."""
    shown = score(row[split], row[f"{split}_low"], row[f"{split}_high"])
    most = row["folds"] if unit(row) == "fold" else row["seeds"]
    return f"{shown} (n = {row[f'{split}_n']})" if 0 < row[f"{split}_n"] < most else shown


def further(compared: pd.DataFrame) -> str:
    """How many settings a table leaves to table.csv; empty where it has them all."""
    more = len(compared) - SHOWN
    return say("{settings} in table.csv.", settings=count(more, "more setting")) if more > 0 else ""


def starred(cell: str, significant: bool) -> str:
    """A cell in bold and with a star where its difference is significant."""
    return rf"**{cell}**\*" if significant else cell


def _columns(compared: pd.DataFrame, question: Question) -> dict[str, Callable[[pd.Series], str]]:
    """Each column of the comparison: its head, and the cell of a row."""
    metric = metric_name(question.metric)
    columns = _settings(compared, question)
    if columns:
        last, plain = columns.popitem()
        columns[last] = lambda row: plain(row) + _marks(row)
    if compared["folds"].notna().any():
        columns[say("folds")] = lambda row: value(row["folds"])
    columns[say("seeds")] = lambda row: value(row["seeds"])
    columns[say("validation {metric}", metric=metric)] = _score("validation")
    if compared["test"].notna().any():
        columns[say("test {metric}", metric=metric)] = _score("test")
    columns[say("difference")] = _difference
    columns["p"] = lambda row: p_value(row["p"])
    columns["p (Holm)"] = lambda row: p_value(row["p_holm"])
    if compared["trainable_parameters"].nunique() > 1:
        columns[say("trainable parameters")] = lambda row: number(row["trainable_parameters"])
        columns[say("share")] = lambda row: percent(row["trainable_share"])
    return columns


def _settings(compared: pd.DataFrame, question: Question) -> dict[str, Callable[[pd.Series], str]]:
    """A column for each setting, of a single one for what is fixed; the parts of a recipe are one, with the short name
    of the point."""
    names, parts = settings_of(compared), {column_of(part.name) for part in components(question)}
    columns = {code(name): _setting(name) for name in names if name not in parts}
    if not parts:
        return columns or {code(name): _always(amount) for name, amount in question.fixed.items()}
    short = dict(zip(compared.index, names_of(compared, question), strict=True))
    return {say("setting"): lambda row: escape(short[row.name]), **columns}


def _setting(name: str) -> Callable[[pd.Series], str]:
    return lambda row: value(row[name])


def _always(amount: object) -> Callable[[pd.Series], str]:
    return lambda row: value(amount)


def _score(split: str) -> Callable[[pd.Series], str]:
    return lambda row: scored(row, split)


def _difference(row: pd.Series) -> str:
    if row["is_baseline"]:
        return say("baseline")
    text = starred(signed(row["difference"], row["difference_low"], row["difference_high"]), row["significant"])
    return f"{text} (n = {row['pairs']})" if 0 < row["pairs"] < row[f"{row['split']}_n"] else text


def _teraflops(flops: float) -> str:
    """Floating-point operations in 10¹², with three digits where they are few."""
    return number(flops / 1e12, 2 if flops < 1e13 else 1 if flops < 1e14 else 0)


def _latencies(shown: pd.DataFrame, column: str) -> list[str]:
    """Milliseconds with the 5th and 95th percentile over passes."""
    ends: Sequence[pd.Series] = [1000 * shown[f"{column}{end}"] for end in ("", "_low", "_high")]
    return [
        number(middle, 2) + ("" if pd.isna(low) or pd.isna(high) else f" ({number(low, 2)}–{number(high, 2)})")
        for middle, low, high in zip(*ends, strict=True)
    ]


def _marks(row: pd.Series) -> str:
    return ("†" if row["degenerate"] else "") + ("‡" if row["mixed_profiles"] else "")
