"""A CSV file as a split that is not yet read. Every value is read as the string it is; labels find their type later."""

from __future__ import annotations

import codecs
import csv
import io
import mmap
import re
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from study.data.source import RawSplit, shown
from study.errors import InputError

_SNIFFED = 1 << 16
_QUOTED = re.compile(rb'(?:[^",\r\n][^,\r\n]*+|"(?:[^"]++|"")*+"(?=[,\r\n]|\Z)|[,\r\n]++)*+')
_PARSE = {"newlines_in_values": True}
_READ = pacsv.ReadOptions(block_size=1 << 25, use_threads=False)  # one thread numbers the bad rows; 32 MiB per text


def open_csv(path: Traversable, where: str) -> RawSplit:
    """The split in a CSV file: UTF-8, separated by commas, its columns named in the first line."""
    with path.open("rb") as file:
        start = file.read(_SNIFFED)
    if not start.strip():
        raise InputError(f"{where} is empty. A CSV file names its columns in the first line; give one with rows.")
    _check_encoding(start, where)
    schema = _schema(path, start, where)
    names = schema.names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"{where} names the column {shown(repeated)} more than once. Names must differ; rename one.")
    if len(names) == 1 and any(separator in names[0] for separator in ";\t|"):
        raise InputError(
            f"{where} has one column, {names[0]!r}. Columns are separated by commas; save it again with commas, "
            "or as parquet."
        )

    _check_quotes(path, where)

    def read(columns: Sequence[str]) -> pa.Table:
        return _read(path, columns, where).select(list(columns))

    return RawSplit(where, dict(zip(names, schema.types, strict=True)), read)


def _check_encoding(start: bytes, where: str) -> None:
    """Refuse what cannot be UTF-8 text: another encoding, a spreadsheet, an archive."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(start, final=len(start) < _SNIFFED)
    except UnicodeDecodeError:
        raise _not_utf8(where) from None
    if "\0" in text:
        raise _not_utf8(where)


def _not_utf8(where: str) -> InputError:
    return InputError(f"{where} is not UTF-8 text. CSV files are read as UTF-8; save it again as 'CSV UTF-8'.")


def _header(start: bytes) -> list[str]:
    text = start.decode("utf-8-sig", errors="ignore")
    return next((row for row in csv.reader(io.StringIO(text, newline="")) if row), [])


def _schema(path: Traversable, start: bytes, where: str) -> pa.Schema:
    """The columns and the types that the first rows suggest, which only serve to guess which column is the text."""
    try:
        parse = pacsv.ParseOptions(**_PARSE, invalid_row_handler=lambda row: "skip")
        with pacsv.open_csv(_stream(path), read_options=_READ, parse_options=parse) as reader:
            return reader.schema
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if "Empty CSV" in str(error):
            return pa.schema([(name, pa.null()) for name in _header(start)])
        raise _failed(error, where) from None


def _read(path: Traversable, columns: Sequence[str], where: str) -> pa.Table:
    """These columns as strings; InputError where a row has too many values or too few."""
    bad: list[pacsv.InvalidRow] = []

    def keep(row: pacsv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    wanted = list(columns)
    try:
        table = pacsv.read_csv(
            _stream(path),
            read_options=_READ,
            parse_options=pacsv.ParseOptions(**_PARSE, invalid_row_handler=keep),
            convert_options=pacsv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if "Empty CSV" in str(error):
            return pa.table({name: pa.array([], pa.string()) for name in wanted})
        raise _failed(error, where) from None
    if bad:
        raise InputError(_bad_rows(bad, where))
    return table


def _bad_rows(bad: Sequence[pacsv.InvalidRow], where: str) -> str:
    first = bad[0]
    row = f" (row {first.number - 2:,}, counted from 0)" if first.number is not None else ""
    text = first.text if len(first.text) <= 60 else first.text[:60] + "..."
    return (
        f"{where} does not parse as CSV: {len(bad):,} row{'s have' if len(bad) > 1 else ' has'} another number of "
        f"values than the first line, the first{row} with {first.actual_columns} instead of "
        f"{first.expected_columns}: {text!r}. Put values that hold commas or line breaks in quotes."
    )


def _check_quotes(path: Traversable, where: str) -> None:
    """Refuse a quote that is not closed: pyarrow joins the rows up to the next quote into one text, silently."""
    with path.open("rb") as file:
        mapped = isinstance(path, Path)
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else file.read()
        match = _QUOTED.match(content, len(codecs.BOM_UTF8) if content[:3] == codecs.BOM_UTF8 else 0)
        end = match.end() if match else 0
        if end == len(content):
            return
        line = content[:end].count(b"\n") + 1
    raise InputError(
        f"{where}, line {line:,}: a quote is opened and not closed before the next comma or line end. Values in quotes "
        'end with a quote, and a quote inside one is written twice (""); correct that line.'
    )


def _failed(error: Exception, where: str) -> InputError:
    if isinstance(error, UnicodeDecodeError) or "UTF8" in str(error):
        return _not_utf8(where)
    reason = str(error).splitlines()[0].removeprefix("CSV parse error: ")
    return InputError(f"{where} does not parse as CSV: {reason}. Check its quotes and commas, or save it as parquet.")


def _stream(path: Traversable) -> str | pa.BufferReader:
    return str(path) if isinstance(path, Path) else pa.BufferReader(path.read_bytes())
