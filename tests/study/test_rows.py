"""Rows say of each record what it says itself, whatever kinds of values lie under one name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from study.record import Record, Ref
from study.records import Records, of_files, rows_of
from study.rows import block_of, column, names_in, refs_in, row, table, values
from study.store import Store
from tests.study.test_store import record

KINDS = (3, 0.5, True, "word", None, 2**70, -(2**63), False, "")


def kinds() -> dict[str, Record]:
    """A record for each kind of value; the first has none at all."""
    every = [record(0, setting={}), *(record(n, setting={"a": value}) for n, value in enumerate(KINDS, 1))]
    return {one.key: one for one in every}


def test_values_come_back_with_their_kinds() -> None:
    found = values(rows_of(kinds()), "setting/a")
    expected = [None, 3, 0.5, True, "word", None, float(2**70), -(2**63), False, ""]
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


def test_the_columns_of_a_kind_have_that_kind_alone() -> None:
    rows = rows_of(kinds())
    assert column(rows, "setting/a", "int").to_pylist() == [None, 3, *[None] * 5, -(2**63), None, None]
    assert column(rows, "setting/none", "str").null_count == rows.num_rows
    assert names_in(rows, "setting") == ["a"]
    assert refs_in(rows) == {("modèle", "m1"), ("data", "d1")}


@pytest.mark.parametrize("block", [1, 2, 3, 100])
def test_rows_made_in_blocks_are_those_made_at_once(monkeypatch, block: int) -> None:
    whole = table(kinds())
    monkeypatch.setattr("study.rows._BLOCK", block)
    assert table(kinds()).select(whole.column_names).to_pylist() == whole.to_pylist()


def test_what_is_no_scalar_is_left_out_and_numpys_are_pythons() -> None:
    one = record(1, setting={"a": np.float64(0.25), "b": [1], "c": None}, costs={"x": np.str_("y")})
    rows = rows_of({one.key: one})
    assert values(rows, "setting/a") == [0.25]
    assert values(rows, "costs/x") == ["y"]
    assert names_in(rows, "setting") == ["a"]


def test_a_record_is_parsed_when_it_is_asked_for_and_once(tmp_path, monkeypatch) -> None:
    store = Store(tmp_path)
    for number in range(5):
        store.put(record(number))
    store.write_index()
    found = store.records()
    parsed = []
    original = Record.from_json.__func__
    monkeypatch.setattr(Record, "from_json", classmethod(lambda cls, stored: parsed.append(1) or original(cls, stored)))
    assert len(found) == found.rows.num_rows == 5
    assert parsed == []
    assert found[record(3).key] is found[record(3).key]
    assert len(parsed) == 1
    assert "nothing" not in found
    with pytest.raises(KeyError):
        found["nothing"]


def test_records_are_what_was_read_whatever_becomes_of_the_files(tmp_path) -> None:
    store = Store(tmp_path)
    for number in range(5):
        store.put(record(number))
        if number == 2:
            store.write_index()
    found = store.records()
    for file in [*(tmp_path / "records").iterdir(), tmp_path / "index.parquet"]:
        file.unlink()
    assert found == {record(number).key: record(number) for number in range(5)}


def test_a_file_whose_parts_have_other_shapes_is_damaged_and_not_an_error_later() -> None:
    import json

    whole = record(1).to_json()
    wrong = [{"metrics": []}, {"setting": [1]}, {"curve": [3]}, {"costs": "x"}, {"provenance": None}, {"error": [1]}]
    files = [(f"{n}", json.dumps(whole | one).encode()) for n, one in enumerate(wrong)]
    found = of_files([*files, ("good", json.dumps(whole).encode())])
    assert list(found) == ["good"]
    assert found.damaged == ("0", "1", "2", "3", "4", "5")


def test_no_records_are_no_rows() -> None:
    assert rows_of({}).num_rows == block_of([]).num_rows == len(of_files([])) == 0
    assert refs_in(rows_of({})) == set()
    assert isinstance(of_files([]), Records)


def test_early_stopping_kept_the_first_of_the_best() -> None:
    curve = tuple({"step": n, "epoch": n / 2, "loss": loss} for n, loss in enumerate((0.9, 0.4, 0.4, 0.8)))
    stopped = {"early_stopping": 2, "early_stopping.metric": "loss"}
    told = dict(row(record(1, curve=curve, setting=stopped)))
    assert (told["epochs_run"], told["kept_epoch"]) == (1.5, 0.5)
    assert "kept_epoch" not in dict(row(record(1, curve=curve, setting={})))
    assert dict(row(replace(record(1), model=Ref("other", "m2"))))["model_fingerprint"] == "m2"
