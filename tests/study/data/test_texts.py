"""The fingerprint is the content; what is written is read back equal."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.data import read_batches, read_labels, read_texts, write_texts
from study.data.storage import splits_of
from study.data.texts import SCHEMA, SPLITS, Fold, fingerprint
from study.errors import InputError
from tests.study.data.samples import assert_says, folder, load, three


def test_a_fingerprint_depends_on_neither_format_nor_place(tmp_path: Path) -> None:
    splits = three(classes=("negative", "positive"))
    data = [load(folder(tmp_path / e / "films", splits, e)) for e in ("csv", "parquet")]
    assert data[0].fingerprint == data[1].fingerprint
    assert data[0].splits == data[1].splits
    assert len(data[0].fingerprint) == 16
    assert int(data[0].fingerprint, 16) > 0


def test_a_fingerprint_is_the_same_for_ever(tmp_path: Path) -> None:
    columns = {"text": ["good film", "bad film"], "label": ["pos", "neg"]}
    path = folder(tmp_path, {"train": columns, "validation": columns, "test": columns})
    assert load(path).fingerprint == "d30b22f776c46126"


def test_storage_in_memory_does_not_matter(tmp_path: Path) -> None:
    splits = three()
    for split, columns in splits.items():
        table = pa.table(columns).cast(pa.schema([("text", pa.large_string()), ("label", pa.int8())]))
        (tmp_path / "odd").mkdir(exist_ok=True)
        pq.write_table(table, tmp_path / "odd" / f"{split}.parquet", row_group_size=7)
    plain = load(folder(tmp_path / "plain", splits, "parquet"))
    odd = load(tmp_path / "odd")
    assert (odd.fingerprint, odd.splits) == (plain.fingerprint, plain.splits)
    assert all(table.schema == SCHEMA for table in odd.splits.values())


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_any_change_of_content_changes_it(split: str, tmp_path: Path) -> None:
    seen = {load(folder(tmp_path / "as it was", three())).fingerprint}
    for change in ("text", "label", "order", "boundary", "fewer"):
        splits = three()
        columns = splits[split]
        if change == "text":
            columns["text"][3] += " "
        elif change == "label":
            columns["label"][3] = 1 - columns["label"][3]
        elif change == "order":
            splits[split] = {name: values[::-1] for name, values in columns.items()}
        elif change == "boundary":
            first, second = columns["text"][:2]
            columns["text"][:2] = [first + second[0], second[1:]]
        else:
            splits[split] = {name: values[:-1] for name, values in columns.items()}
        seen.add(load(folder(tmp_path / change, splits)).fingerprint)
    seen.add(load(folder(tmp_path / "names", three(classes=("no", "yes")))).fingerprint)
    assert len(seen) == 7


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    data = load(folder(tmp_path / "films", three(classes=("è", "b"))), train_size=10, eval_size=5)
    write_texts(data, tmp_path / "new" / "texts.parquet")
    again = read_texts(tmp_path / "new" / "texts.parquet")
    assert again == data
    assert all(table.schema == SCHEMA for table in again.splits.values())
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["texts.parquet"]
    assert pq.read_schema(tmp_path / "new" / "texts.parquet").names == ["split", "row", "text", "label"]


def test_a_fingerprint_by_hand_over_more_rows_than_are_hashed_at_once() -> None:
    count = 65_536 + 4_000
    texts = [f"{'é' * (n % 5)}{n}" for n in range(count)]
    labels = np.arange(count) % 3
    table = pa.table([pa.array(texts), pa.array(labels, pa.int32()), pa.array(range(count))], schema=SCHEMA)
    digest = hashlib.sha256(b'["a", "b", "c"]')
    for split in SPLITS:
        digest.update(f"\n{split} {count}\n".encode())
        for rows in (slice(0, 65_536), slice(65_536, count)):
            raw = [text.encode() for text in texts[rows]]
            digest.update(np.array([len(text) for text in raw], "<i8").tobytes() + b"".join(raw))
            digest.update(labels[rows].astype("<i4").tobytes())
    pieces = pa.concat_tables([table.slice(start, 999) for start in range(0, count, 999)])
    for stored in (table, pieces):
        assert fingerprint(["a", "b", "c"], dict.fromkeys(SPLITS, stored)) == digest.hexdigest()[:16]


@pytest.mark.parametrize("size", [1, 7, 2000])
def test_batches_are_the_rows_of_one_split_in_order(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from study.data import storage

    monkeypatch.setattr(storage, "_GROUP", 16)
    data = load(folder(tmp_path / "films", three()))
    path = tmp_path / "texts.parquet"
    write_texts(data, path)
    assert pq.ParquetFile(path).num_row_groups == 3 + 1 + 1
    assert splits_of(path) == SPLITS
    assert read_labels(path) == data.labels
    for split, table in data.splits.items():
        batches = list(read_batches(path, split, size))
        assert all(0 < batch.num_rows <= size for batch in batches)
        assert pa.Table.from_batches(batches, SCHEMA) == table
    assert list(read_batches(path, "other")) == []


def test_checks_and_fold_are_kept(tmp_path: Path) -> None:
    data = replace(load(folder(tmp_path / "films", three())), fold=Fold(2, 5, "0123456789abcdef"))
    assert data.checks
    write_texts(data, tmp_path / "texts.parquet")
    assert read_texts(tmp_path / "texts.parquet") == data


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """All of a split in one row group, nothing said of checks and folds."""
    data = load(folder(tmp_path / "films", three()))
    names = ("name", "fingerprint", "labels", "source", "notes")
    told = {name: getattr(data, name) for name in names} | {"splits": SPLITS}
    fields = [("split", pa.string()), ("row", pa.int64()), ("text", pa.string()), ("label", pa.int32())]
    schema = pa.schema(fields, metadata={"study.texts": json.dumps(told)})
    with pq.ParquetWriter(tmp_path / "old.parquet", schema, compression="zstd") as writer:
        for split, table in data.splits.items():
            columns = [pa.array([split] * table.num_rows), table["row"], table["text"], table["label"]]
            writer.write_table(pa.table(columns, schema=schema))
    assert read_texts(tmp_path / "old.parquet") == replace(data, checks={})
    for split, table in data.splits.items():
        assert pa.Table.from_batches(read_batches(tmp_path / "old.parquet", split)) == table


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load(folder(tmp_path / "films", three()))
    path = tmp_path / "texts" / "texts.parquet"
    write_texts(data, path)

    def fail(self: object, table: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(OSError, match="disk full"):
        write_texts(load(tmp_path / "films", train_size=10), path)
    assert read_texts(path) == data
    assert list(path.parent.iterdir()) == [path]


def test_other_files_are_no_texts(tmp_path: Path) -> None:
    folder(tmp_path, three(), "parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    for name in ("train.parquet", "broken.parquet"):
        with pytest.raises(InputError) as caught:
            read_texts(tmp_path / name)
        assert_says(str(caught.value), name, "holds no texts kept by write_texts", "Write them again")
        for read in (read_labels, splits_of, lambda path: list(read_batches(path, "train"))):
            with pytest.raises(InputError, match="holds no texts"):
                read(tmp_path / name)
    with pytest.raises(InputError) as caught:
        read_texts(tmp_path / "nope.parquet")
    assert_says(str(caught.value), "nope.parquet", "no such file", "write them again")
