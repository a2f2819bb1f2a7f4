"""How fast long texts become tokens, and in how much memory.

    python -m tests.benchmarks.large_tokens [--texts 50000] [--words 230] [--truncation head]

Texts of random words with log-normal lengths through the default model's tokenizer, cut at 128 tokens. They come
from a generator, so the memory is that of tokenizing: the peak is this process's anonymous memory above what it held
with the tokenizer loaded, sampled every 20 ms.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from study.artefacts import size_of
from study.data import DataOptions, load_data
from study.data.tokens import tokens
from study.models.loading import DEFAULT_MODEL, find_model, load_tokenizer

_BATCH = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=50_000)
    parser.add_argument("--words", type=float, default=230, help="mean words of a text")
    parser.add_argument("--truncation", default="head")
    arguments = parser.parse_args()
    tokenizer = load_tokenizer(find_model(DEFAULT_MODEL))
    tokenizer(["to load what it loads on first use"])
    batches = texts(arguments.texts, arguments.words)
    with tempfile.TemporaryDirectory() as folder:
        peak, ended = [0], threading.Event()
        floor = anonymous()
        watcher = threading.Thread(target=watch, args=(peak, ended))
        watcher.start()
        started = time.perf_counter()
        made = tokens(lambda: {"train": batches}, "key", Path(folder), lambda: tokenizer, 128, arguments.truncation)
        seconds = time.perf_counter() - started
        ended.set()
        watcher.join()
        disk = size_of(Path(folder))
    print(
        f"{arguments.texts:,} texts of {arguments.words:.0f} words, {arguments.truncation}: {seconds:.1f} s, "
        f"{arguments.texts / seconds:,.0f} texts/s, peak {(peak[0] - floor) / 2**20:.0f} MiB, "
        f"{disk / 2**20:.0f} MiB on disk, {made['train'].counts}"
    )


def texts(count: int, mean: float) -> Iterator[pa.RecordBatch]:
    """Batches of rows with texts made of the bundled reviews' words, as they are asked for."""
    rng, spread = np.random.default_rng(0), 0.6
    words = np.array(" ".join(load_data(DataOptions()).splits["train"]["text"].to_pylist()).split(), object)
    for start in range(0, count, _BATCH):
        some = min(_BATCH, count - start)
        lengths = np.maximum(1, rng.lognormal(np.log(mean) - spread**2 / 2, spread, some)).astype(int)
        rows = [" ".join(words[rng.integers(0, len(words), length)]) for length in lengths]
        labels = pa.array(np.arange(some) % 2, pa.int32())
        yield pa.RecordBatch.from_pydict({"text": rows, "label": labels, "row": np.arange(start, start + some)})


def watch(peak: list[int], ended: threading.Event) -> None:
    """Keep the most anonymous memory seen."""
    while not ended.wait(0.02):
        peak[0] = max(peak[0], anonymous())


def anonymous() -> int:
    """Bytes of this process's memory that no file is behind (Linux)."""
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    assert found is not None, "needs /proc"
    return int(found.group(1)) * 1024


if __name__ == "__main__":
    main()
