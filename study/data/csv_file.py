"""A CSV or TSV file as a split that is not yet read.

Every value is read as the string it is; labels find their type later.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from study.data.content import Content, not_utf8, read_content, text_start
from study.data.lending import lent
from study.data.quotes import open_quote, quotes_are_characters
from study.data.source import RawSplit, shown
from study.errors import InputError

_SNIFFED = 1 << 16
_BLOCK = 1 << 25  # bytes parsed at once, and the most that a row may hold
_READ = pacsv.ReadOptions(block_size=_BLOCK, use_threads=False)  # one thread numbers the bad rows


def open_csv(path: Traversable, where: str) -> RawSplit:
    """The split in a CSV file: UTF-8, separated by commas, its columns named in the first line."""
    content = _content(path, where, "CSV")
    return _open(content, where, {"delimiter": ","})


def open_tsv(path: Traversable, where: str) -> RawSplit:
    """The split in a TSV file: UTF-8, separated by tabs, its columns named in the first line.

    Some programs put values in quotes as in CSV, others (GLUE's files) write one row per line and quotes as they are.
    Where every line has as many tabs as the first and the quotes do not pair up within it, they are the latter.
    """
    content = _content(path, where, "TSV")
    if quotes_are_characters(content):
        note = f"{where}: quotes are taken as characters of the texts, since they do not pair up as in CSV"
        return _open(content, where, {"delimiter": "\t", "quote_char": False}, note)
    return _open(content, where, {"delimiter": "\t"})


def _content(path: Traversable, where: str, kind: str) -> Content:
    content = read_content(path, where)
    if not content[:_SNIFFED].strip():
        raise InputError(f"{where} is empty. A {kind} file names its columns in the first line; give one with rows.")
    return content


def _open(content: Content, where: str, parse: dict[str, Any], note: str = "") -> RawSplit:
    """The split in this text; ``parse`` says how its values are separated and quoted."""
    separator = parse["delimiter"]
    schema = _schema(content, where, parse)
    names = schema.names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        twice = shown(repeated, 5)
        raise InputError(f"{where} names the column {twice} more than once. Names must differ; rename one.")
    if len(names) == 1 and any(other in names[0] for other in ",;\t|" if other != separator):
        word = "commas" if separator == "," else "tabs"
        raise InputError(
            f"{where} has one column, {names[0]!r}. Columns are separated by {word}; save it again with {word}, "
            "or as parquet."
        )
    if "quote_char" not in parse and (line := open_quote(content, separator)):
        hint = "" if separator == "," else " (quotes are plain characters only if every line has as many tabs)"
        raise InputError(
            f"{where}, line {line:,}: a quote is opened and not closed before the next "
            f"{'comma' if separator == ',' else 'tab'} or line end. Values in quotes end with a quote, and a quote "
            f'inside one is written twice (""); correct that line{hint}.'
        )

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        return _batches(content, columns, where, parse)

    return RawSplit(where, dict(zip(names, schema.types, strict=True)), batches, notes=(note,) if note else ())


def _schema(content: Content, where: str, parse: dict[str, Any]) -> pa.Schema:
    """The columns and the types that the first rows suggest, which only serve to guess which column is the text."""
    options = pacsv.ParseOptions(**parse, newlines_in_values=True, invalid_row_handler=lambda row: "skip")
    try:
        with lent(content) as view:
            reader = pacsv.open_csv(_stream(view), read_options=_READ, parse_options=options)
            schema = reader.schema
            del reader
            return schema
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if "Empty CSV" in str(error):
            return pa.schema([(name, pa.null()) for name in _header(content, parse["delimiter"])])
        raise _failed(error, where, parse) from None


def _header(content: Content, separator: str) -> list[str]:
    text = content[text_start(content) : _SNIFFED].decode("utf-8", errors="ignore")
    return next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row), [])


def _batches(content: Content, columns: Sequence[str], where: str, parse: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    """These columns as strings; InputError after the last row where some have too many values or too few."""
    bad: list[pacsv.InvalidRow] = []
    count = 0

    def keep(row: pacsv.InvalidRow) -> str:
        nonlocal count
        count += 1
        if not bad:
            bad.append(row)
        return "skip"

    options = pacsv.ParseOptions(**parse, newlines_in_values=True, invalid_row_handler=keep)
    try:
        with lent(content) as view:
            yield from _parsed(view, columns, options)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if "Empty CSV" not in str(error):
            raise _failed(error, where, parse) from None
    if bad:
        raise InputError(_bad_rows(bad[0], count, where, parse["delimiter"]))


def _parsed(view: memoryview, columns: Sequence[str], options: pacsv.ParseOptions) -> Iterator[pa.RecordBatch]:
    wanted = list(columns)
    strings = dict.fromkeys(wanted, pa.string())
    convert = pacsv.ConvertOptions(include_columns=wanted, column_types=strings, strings_can_be_null=False)
    reader = pacsv.open_csv(_stream(view), read_options=_READ, parse_options=options, convert_options=convert)
    try:
        for batch in reader:
            yield batch.select(wanted)
    finally:
        del reader


def _stream(view: memoryview) -> pa.BufferReader:
    return pa.BufferReader(pa.py_buffer(view))


def _bad_rows(first: pacsv.InvalidRow, count: int, where: str, separator: str) -> str:
    row = f" (row {first.number - 2:,}, counted from 0)" if first.number is not None else ""
    text = first.text if len(first.text) <= 60 else first.text[:60] + "..."
    kind, word = ("CSV", "commas") if separator == "," else ("TSV", "tabs")
    return (
        f"{where} does not parse as {kind}: {count:,} row{'s have' if count > 1 else ' has'} another number of "
        f"values than the first line, the first{row} with {first.actual_columns} instead of "
        f"{first.expected_columns}: {text!r}. Put values that hold {word} or line breaks in quotes."
    )


def _failed(error: Exception, where: str, parse: dict[str, Any]) -> InputError:
    if isinstance(error, UnicodeDecodeError) or "UTF8" in str(error):
        return not_utf8(where)
    kind, word = ("CSV", "commas") if parse["delimiter"] == "," else ("TSV", "tabs")
    if "straddl" in str(error):
        return InputError(
            f"{where} has a row of more than {_BLOCK >> 20} MiB. Rows are shorter as a rule; look for a "
            "missing quote, or split that text."
        )
    reason = str(error).splitlines()[0].removeprefix("CSV parse error: ").rstrip(".")
    return InputError(
        f"{where} does not parse as {kind}: {reason}. Check its quotes and {word}, or save it as parquet."
    )
