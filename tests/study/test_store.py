"""The ledger is the truth: whole or not there, readable whatever happens beside it, written by one process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import fs

from study.errors import InputError
from study.record import Record, Ref
from study.store import Store

ROOT = Path(__file__).parents[2]

NO_RECORDS = (b"{}", b"[]", b"7", b'"x"', b"null", b'{"model": 1, "data": 2}')
"""JSON that is no record."""


def record(number: int, **changes) -> Record:
    given = {
        "key": f"{number:016x}",
        "question": "q",
        "phase": "compare",
        "status": "finished",
        "task": "classification",
        "model": Ref("modèle", "m1"),
        "data": Ref("data", "d1"),
        "setting": {"learning_rate": 1e-4, "epochs": 2.0, "frozen_embeddings": True, "batch_size": 8},
        "seed": number,
        "metrics": {"validation": {"f1": 0.5 + number / 1e6, "confusion": [[1, 2], [3, 4]]}},
        "curve": ({"step": 4, "epoch": 1.0, "train_loss": None, "f1": 0.1 + 0.2},),
        "costs": {"trial_seconds": 1.25},
        "notes": ("a note",),
    }
    return Record(**(given | changes))


def predictions(rows: int = 4) -> pa.Table:
    return pa.table(
        {"split": ["test"] * rows, "row": range(rows), "label": [0, 1] * (rows // 2), "p_yes": [0.1, 0.9] * (rows // 2)}
    )


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "study")


def test_a_record_and_its_predictions_come_back_equal(store):
    put = record(1, predictions=predictions())
    store.put(put)
    assert store.get(put.key) == replace(put, predictions=None)
    assert store.records() == {put.key: put}
    assert store.predictions(put.key).equals(predictions())


def test_what_is_not_there_is_none(store):
    assert store.get("0" * 16) is None
    assert store.predictions("0" * 16) is None
    assert store.records() == {}
    assert store.damaged() == []
    assert store.get_json("study.json") is None


def test_a_record_put_again_replaces_the_old_one(store):
    store.put(record(1, status="failed"))
    store.put(record(1))
    assert [r.status for r in store.records().values()] == ["finished"]


def test_numbers_that_are_not_finite_become_null(store):
    inside = {
        "f1": float("nan"),
        "list": [1.0, float("inf")],
        "array": np.array([np.nan, 2.0]),
        "n": np.float32("-inf"),
    }
    store.put(record(1, metrics={"validation": inside}))
    assert store.get(record(1).key).metrics == {
        "validation": {"f1": None, "list": [1.0, None], "array": [None, 2.0], "n": None}
    }
    text = (Path(store.root) / "records" / f"{record(1).key}.json").read_text()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the file"))


def test_numpy_numbers_are_kept_as_plain_ones(store):
    store.put_json("x.json", {"a": np.int64(3), "b": np.float64(0.25), "c": np.bool_(True), "d": np.arange(2)})
    assert store.get_json("x.json") == {"a": 3, "b": 0.25, "c": True, "d": [0, 1]}


def test_a_float_comes_back_to_the_bit(store):
    values = np.random.default_rng(0).normal(size=200).tolist()
    store.put_json("x.json", values)
    assert store.get_json("x.json") == values


WRITER = """
import sys
from study.store import Store
store, n = Store(sys.argv[1]), 0
print("ready", flush=True)
while True:
    n += 1
    store.put_json("records/" + "a" * 16 + ".json", {"n": n, "same": [n] * (1 + n % 20000)})
"""


def test_a_reader_never_sees_half_a_file(store):
    """The files written here are of any JSON: ``damaged`` is about records, and the next test has those."""
    name, seen = f"records/{'a' * 16}.json", set()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, store.root], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        writer.stdout.readline()
        while store.get_json(name) is None:
            time.sleep(0.01)
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            value = store.get_json(name)
            assert value is not None, "a torn file"
            assert set(value["same"]) == {value["n"]}
            assert len(value["same"]) == 1 + value["n"] % 20000
            seen.add(value["n"])
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert len(seen) > 10
    assert store.get_json(name) is not None


RECORDER = """
import sys
from study.store import Store
from tests.study.test_store import record
store, n = Store(sys.argv[1]), 0
print("ready", flush=True)
while True:
    n += 1
    store.put(record(n % 20, notes=("x" * (n % 5000),)))
"""


def test_the_records_are_whole_and_all_there_while_they_are_replaced(store):
    for number in range(20):
        store.put(record(number))
    store.write_index()
    writer = subprocess.Popen([sys.executable, "-c", RECORDER, store.root], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        writer.stdout.readline()
        end, lengths = time.monotonic() + 1.5, set()
        while time.monotonic() < end:
            found = store.records()
            assert len(found) == 20, "a torn record"
            assert store.damaged() == []
            lengths.update(len(r.notes[0]) for r in found.values())
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert len(lengths) > 10
    assert len(store.records()) == 20
    assert store.damaged() == []


CRASHER = """
import os, signal, sys
from study.store import Store
from tests.study.test_store import predictions, record
class Crashing(Store):
    def put_json(self, name, value):
        os.kill(os.getpid(), signal.SIGKILL)
Crashing(sys.argv[1]).put(record(1, predictions=predictions()))
"""


def test_a_crash_between_predictions_and_record_leaves_no_record(store):
    done = subprocess.run([sys.executable, "-c", CRASHER, store.root], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert store.predictions(record(1).key).equals(predictions())
    assert store.records() == {}
    store.put(record(1, predictions=predictions(2)))
    assert store.predictions(record(1).key).num_rows == 2


def test_a_temporary_file_left_by_a_crash_is_no_record(store):
    store.put(record(1))
    (Path(store.root) / "records" / f"{record(2).key}.json.abcd1234.tmp").write_text('{"half": ')
    assert list(store.records()) == [record(1).key]
    assert store.damaged() == []


@pytest.mark.parametrize("content", [b"", b'{"key": "00', b"\x00" * 200, b"\xff\xfe\x00garbage", *NO_RECORDS], ids=repr)
def test_a_damaged_record_is_left_out_and_named_and_the_others_are_read(store, content):
    for number in range(3):
        store.put(record(number))
    broken = Path(store.root) / "records" / f"{record(1).key}.json"
    broken.write_bytes(content)
    assert list(store.records()) == [record(0).key, record(2).key]
    assert store.damaged() == [str(broken)]
    if content not in NO_RECORDS:
        assert store.get(record(1).key) is None
    store.put(record(1))
    assert len(store.records()) == 3
    assert store.damaged() == []


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """A folder of 300 records with its index."""
    store = Store(tmp_path_factory.mktemp("store") / "study")
    for number in range(300):
        store.put(record(number))
    store.write_index()
    return Path(store.root)


@pytest.fixture
def large(filled, tmp_path) -> Store:
    return Store(shutil.copytree(filled, tmp_path / "study"))


EVERY = {record(number).key: record(number) for number in range(300)}


def test_with_an_index_no_record_is_opened_and_they_are_the_same(large, monkeypatch):
    assert (Path(large.root) / "index.parquet").is_file()
    read = []
    original = Store._read
    monkeypatch.setattr(Store, "_read", lambda self, path: read.append(path) or original(self, path))
    assert large.records() == EVERY
    assert read == []


@pytest.mark.parametrize("damage", ["deleted", "empty", "garbage", "another table", "cut"])
def test_without_its_index_the_ledger_says_the_same(large, damage):
    index = Path(large.root) / "index.parquet"
    if damage == "deleted":
        index.unlink()
    elif damage == "another table":
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"something": [1, 2]}), index)
    else:
        index.write_bytes({"empty": b"", "garbage": b"no parquet" * 50, "cut": index.read_bytes()[:-200]}[damage])
    assert large.records() == EVERY
    assert large.records() == EVERY


def test_a_replaced_record_is_seen_through_the_index(large):
    changed = record(7, status="stopped")
    large.put(changed)
    assert large.records()[changed.key].status == "stopped"


def test_a_replaced_record_of_the_same_size_is_seen_through_the_index(large):
    old = record(7)
    new = replace(old, costs={"trial_seconds": 2.25})
    path = Path(large.root) / "records" / f"{old.key}.json"
    size = path.stat().st_size
    large.put(new)
    assert path.stat().st_size == size
    assert large.records()[new.key].costs == {"trial_seconds": 2.25}


@pytest.mark.parametrize("when", ["_files", "_read_index", "_put_bytes"])
def test_a_record_replaced_while_the_index_is_written_is_seen_through_it(store, when, monkeypatch):
    old, original, other = record(7), getattr(Store, when), Store(store.root)
    new = replace(old, costs={"trial_seconds": 2.25})
    store.put(old)

    def replacing(self, *given):
        if self is not store:
            return original(self, *given)
        if when == "_files":
            listed = original(self, *given)
            other.put(new)
            return listed
        other.put(new)
        return original(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Store, when, replacing)
        store.write_index()
    assert store.records() == {old.key: new}


def test_a_damaged_record_is_damaged_through_the_index_too(large):
    broken = Path(large.root) / "records" / f"{record(7).key}.json"
    broken.write_bytes(b"{}")
    large.write_index()
    assert record(7).key not in large.records()
    assert len(large.records()) == 299
    assert large.damaged() == [str(broken)]


def test_an_index_is_written_again_when_it_has_fallen_behind(large, monkeypatch):
    large.put(record(900))
    large.write_index()
    monkeypatch.setattr(Store, "_read", lambda self, path: pytest.fail(f"{path} was opened"))
    assert large.records() == EVERY | {record(900).key: record(900)}


def test_reading_never_writes(large):
    (Path(large.root) / "index.parquet").unlink()
    before = {p: p.stat().st_mtime_ns for p in Path(large.root).rglob("*")}
    assert large.records() == EVERY
    assert large.damaged() == []
    assert large.get(record(7).key) == record(7)
    assert {p: p.stat().st_mtime_ns for p in Path(large.root).rglob("*")} == before


def test_a_deleted_record_is_gone_although_the_index_has_it(large):
    (Path(large.root) / "records" / f"{record(7).key}.json").unlink()
    assert record(7).key not in large.records()
    assert len(large.records()) == 299


def test_a_new_record_is_seen_although_the_index_lacks_it(large):
    large.put(record(900))
    assert large.records() == EVERY | {record(900).key: record(900)}


def test_the_records_come_in_the_same_order_with_and_without_index(large):
    large.put(record(5, status="failed"))
    with_index = list(large.records())
    (Path(large.root) / "index.parquet").unlink()
    assert list(large.records()) == with_index == sorted(with_index)


class ReadOnly(fs.FileSystemHandler):
    """The local file system, of which this process may change nothing. (chmod does not stop root.)"""

    def __init__(self):
        self.inner = fs.LocalFileSystem()
        self.refused = 0

    def _refuse(self, *given, **named):
        self.refused += 1
        raise PermissionError("read-only")

    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = _refuse
    move = copy_file = open_output_stream = open_append_stream = _refuse

    def get_type_name(self):
        return "read-only"

    def get_file_info(self, paths):
        return self.inner.get_file_info(paths)

    def get_file_info_selector(self, selector):
        return self.inner.get_file_info(selector)

    def open_input_stream(self, path):
        return self.inner.open_input_stream(path)

    def open_input_file(self, path):
        return self.inner.open_input_file(path)

    def normalize_path(self, path):
        return path


@pytest.mark.parametrize("indexed", [True, False])
def test_a_folder_that_may_not_be_written_can_be_read(large, indexed):
    if not indexed:
        (Path(large.root) / "index.parquet").unlink()
    before = sorted(p.name for p in Path(large.root).rglob("*"))
    handler = ReadOnly()
    assert Store(large.root, fs.PyFileSystem(handler)).records() == EVERY
    assert handler.refused == 0
    assert sorted(p.name for p in Path(large.root).rglob("*")) == before


def memory_store(name: str) -> Store:
    from fsspec.implementations.memory import MemoryFileSystem

    return Store(name, fs.PyFileSystem(fs.FSSpecHandler(MemoryFileSystem(skip_instance_cache=True))))


def test_any_pyarrow_filesystem_holds_a_ledger(tmp_path):
    store = memory_store(f"/{tmp_path.name}/study")
    put = record(1, predictions=predictions())
    store.put(put)
    store.put(record(2))
    store.put(record(2, status="failed"))
    again = memory_store(f"/{tmp_path.name}/study")
    assert again.records() == {put.key: put, record(2).key: record(2, status="failed")}
    assert again.predictions(put.key).equals(predictions())
    assert again.damaged() == []
    with again.lock():
        again.put_json("latency.json", {"a": 1})
    assert store.get_json("latency.json") == {"a": 1}
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("indexed", [True, False])
def test_a_replaced_record_is_seen_on_a_filesystem_that_tells_no_time(tmp_path, indexed):
    store = memory_store(f"/{tmp_path.name}/study")
    for number in range(200):
        store.put(record(number))
    if indexed:
        store.write_index()
    assert len(store.records()) == 200
    store.put(replace(record(7), costs={"trial_seconds": 2.25}))
    assert store.records()[record(7).key].costs == {"trial_seconds": 2.25}


def test_a_subtree_of_a_filesystem_holds_a_ledger(tmp_path):
    store = Store("inner/study", fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()))
    store.put(record(1))
    assert list(store.records()) == [record(1).key]
    assert (tmp_path / "inner" / "study" / "records" / f"{record(1).key}.json").is_file()


HOLDER = """
import sys, time
from study.store import Store
with Store(sys.argv[1]).lock():
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_writer_is_refused_and_let_in_once_the_first_is_killed(store):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, store.root], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError) as caught, store.lock():
            pass
        (said,) = caught.value.problems
        assert store.root in said
        assert "is being written by another run" in said
        assert "--out" in said
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with store.lock():
            store.put(record(1))
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_the_lock_is_free_after_an_exception(store):
    with pytest.raises(KeyError), store.lock():
        raise KeyError
    with store.lock():
        assert os.path.isdir(store.root)


def test_readers_need_no_lock(store):
    store.put(record(1))
    with store.lock():
        assert len(Store(store.root).records()) == 1
