"""Tables in files: CSV, TSV, parquet, JSON lines and JSON."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from study.errors import InputError


def read_file(path: Path) -> pd.DataFrame:
    """The rows of a file, by its ending, nested values as they are.

    An InputError names the endings there are, or says what is wrong inside.
    """
    name = path.name.removesuffix(".gz")
    reader = next((read for ending, read in ENDINGS.items() if name.lower().endswith(ending)), None)
    if reader is None:
        raise InputError(f"{path}: {path.suffix or 'no ending'} is not known. Known: {', '.join(ENDINGS)}, also .gz.")
    try:
        return reader(path)
    except (ValueError, OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise InputError(f"{path} cannot be read as {path.suffix[1:]}: {error}") from None


def parsed_lines(text: str) -> list[dict[str, Any]]:
    """The objects of JSON lines; a ValueError names a line that is none, but for a last one that was cut off."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    found = []
    for number, line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            if number == lines[-1][0] and not text.endswith("\n"):
                break  # whoever wrote it was stopped in the middle
            raise ValueError(f"line {number} is no JSON") from None
        if not isinstance(value, dict):
            raise ValueError(f"line {number} is no JSON object")
        found.append(value)
    return found


def _separated(separator: str) -> Callable[[Path], pd.DataFrame]:
    return lambda path: pd.read_csv(path, sep=separator, low_memory=False)


def _parquet(path: Path) -> pd.DataFrame:
    table = pq.read_table(path)
    # pandas' own metadata is left aside: it only says how to build an index
    return table.replace_schema_metadata(None).to_pandas()


def _lines(path: Path) -> pd.DataFrame:
    return pd.DataFrame(parsed_lines(_text(path)))


def _json(path: Path) -> pd.DataFrame:
    rows = json.loads(_text(path))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("a list of objects is needed, one per trial")
    return pd.DataFrame(rows)


def _text(path: Path) -> str:
    if path.suffix == ".gz":
        import gzip

        with gzip.open(path, "rt", encoding="utf-8") as file:
            return file.read()
    return path.read_text(encoding="utf-8")


ENDINGS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".parquet": _parquet,
    ".jsonl": _lines,
    ".json": _json,
}
"""How each kind of file is read, by the ending of its name."""
