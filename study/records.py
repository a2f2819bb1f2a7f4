"""Records: the ledger as it was read: each record parsed when it is asked for, the rows of all of them at hand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from study.errors import InputError
from study.record import Record
from study.rows import Row, block_of, row, table

_KEPT = 4096
"""How many parsed records are kept at hand: all of most studies."""


class Texts:
    """JSON texts in a compressed parquet file in memory; a block is unpacked when one of its texts is asked for."""

    def __init__(self, file: pq.ParquetFile):
        self._file = file
        sizes = (file.metadata.row_group(number).num_rows for number in range(file.num_row_groups))
        self._starts = list(accumulate(sizes, initial=0))[:-1]
        self._block = lru_cache(2)(self._unpacked)

    def at(self, place: int) -> bytes:
        """The text in this place."""
        block = bisect_right(self._starts, place) - 1
        text: bytes = self._block(block)[place - self._starts[block]].as_py()
        return text

    def _unpacked(self, block: int) -> pa.Array:
        try:
            return self._file.read_row_group(block, columns=["json"])["json"].combine_chunks()
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(
                f"the study's index.parquet is damaged ({error}). Remove it: it only speeds up reading."
            ) from None


class Records(Mapping[str, Record]):
    """The readable records by key, in the order of the keys; a value, whatever becomes of the files meanwhile.

    ``rows`` has what a frame needs of them (see ``study.rows``), ``damaged`` the keys of the files that hold no
    record. ``at`` says of each row which of the ``texts`` has its JSON text (pack), and there in which place.
    """

    def __init__(self, rows: pa.Table, at: pa.Table, texts: Sequence[Texts], damaged: Sequence[str] = ()):
        self.rows, self.at, self.texts, self.damaged = rows, at, tuple(texts), tuple(damaged)
        self._places = {key: place for place, key in enumerate(rows["key"].to_pylist())}
        self._pack, self._place = at["pack"].to_numpy(), at["place"].to_numpy()
        self._record = lru_cache(_KEPT)(self._parsed)

    def __getitem__(self, key: str) -> Record:
        return self._record(self._places[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def text(self, key: str) -> bytes:
        """The JSON text of a record."""
        return self._text(self._places[key])

    def _text(self, place: int) -> bytes:
        return self.texts[self._pack[place]].at(int(self._place[place]))

    def _parsed(self, place: int) -> Record:
        return Record.from_json(orjson.loads(self._text(place)))


class Held(dict[str, Record]):
    """Records that are all at hand, as those made of somebody's table, and are not changed: rows are made once."""

    @cached_property
    def rows(self) -> pa.Table:
        """The rows of the records, in the order of their keys (see ``study.rows``)."""
        return table(self)


def rows_of(records: Mapping[str, Record]) -> pa.Table:
    """The rows of any records, in the order of their keys (see ``study.rows``)."""
    return records.rows if isinstance(records, (Records, Held)) else table(records)


def record_in(content: bytes) -> Record | None:
    """The record that a file with this content holds, or None where it holds none."""
    found = _read(content)
    return found[0] if found else None


def of_files(contents: Sequence[tuple[str, bytes]]) -> Records:
    """The records in files of these keys and contents."""
    rows, texts, damaged = [], [], []
    for key, content in contents:
        if found := _read(content):
            rows.append((key, found[1]))
            texts.append(content)
        else:
            damaged.append(key)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"json": pa.array(texts, pa.binary())}), sink, compression="zstd", use_dictionary=False)
    kept = Texts(pq.ParquetFile(pa.BufferReader(sink.getvalue())))
    return Records(block_of(rows), places(range(len(rows))), [kept], damaged)


def _read(content: bytes) -> tuple[Record, Row] | None:
    """A record and its row; what has the right names but cannot be shown is no record either."""
    try:
        record = Record.from_json(orjson.loads(content))
        return record, row(record)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def places(numbers: Sequence[int]) -> pa.Table:
    """Where the texts of rows are that lie in these places of one ``Texts``."""
    return pa.table({"pack": pa.array([0] * len(numbers), pa.int64()), "place": pa.array(numbers, pa.int64())})


def joined(several: Sequence[Records]) -> Records:
    """Several ledgers as one; of a key that more than one has, the first one's record counts."""
    ats: list[pa.Table] = []
    texts: list[Texts] = []
    for one in several:
        ats.append(one.at.set_column(0, "pack", pc.add(one.at["pack"], len(texts))))
        texts += one.texts
    rows = pa.concat_tables([one.rows for one in several], promote_options="default")
    at = pa.concat_tables(ats)
    keys = rows["key"].to_pylist()
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    chosen = [first[key] for key in sorted(first)]
    if chosen != list(range(len(keys))):
        rows, at = rows.take(chosen), at.take(chosen)
    return Records(rows, at, texts, sorted(key for one in several for key in one.damaged))
