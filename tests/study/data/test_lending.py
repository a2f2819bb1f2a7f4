"""No thread of Arrow's holds the bytes of a file once its reader is done: a process that ends then would abort."""

from __future__ import annotations

import threading
import time

import pytest

from study.data import csv_file
from study.data.lending import lent
from study.errors import InputError

GOOD = b"text,label\n" + b"a film,1\n" * 1000


def test_the_block_ends_when_the_last_holder_has_let_go() -> None:
    held = threading.Event()

    def hold(view: memoryview) -> None:
        with memoryview(view):
            held.set()
            time.sleep(0.05)

    content = bytearray(GOOD)
    with lent(content) as view:
        thread = threading.Thread(target=hold, args=(view,))
        thread.start()
        held.wait()
    with pytest.raises(ValueError, match="released"):
        len(view)
    thread.join()


@pytest.mark.parametrize("content", [GOOD, GOOD + b"a,b,c\n", GOOD + b"\xff,1\n"])
def test_a_csv_file_is_free_after_every_way_of_reading_it(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bytearray cannot grow while anything holds it."""
    monkeypatch.setattr(csv_file, "_READ", csv_file.pacsv.ReadOptions(block_size=64, use_threads=False))
    held = bytearray(content)
    for _ in range(30):
        split = csv_file._open(held, "x.csv", {"delimiter": ","})  # type: ignore[arg-type]
        held.append(10)
        batches = split.batches(["text"])
        assert next(batches).num_rows
        batches.close()  # type: ignore[attr-defined]
        held.append(10)
        try:
            list(split.batches(["label"]))
        except InputError:
            assert content != GOOD
        held.append(10)
