"""Seconds and peak memory of reading large data: ``python -m tests.benchmarks.large_data [--rows N] [--format csv]``.

Makes a file of synthetic words whose lengths are log-normal (mean 230 words, 95th percentile 600), in two classes. A
fresh process then loads it (validation and test are cut from it), writes the texts as a study does, and passes over
them once. Anonymous memory is what the process needs; the rest is pages of files, which the system may drop at any
time. The first row is the same with 1,000 rows: what the libraries take alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

MU, SIGMA = 5.1515, 0.757  # of the logarithm of the number of words
POOL = 2_000_000
PIECE = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--format", choices=("parquet", "csv", "tsv", "jsonl"), default="parquet")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure)))
        return
    print(
        "| rows | file, MB | load, s | write, s | pass, s | peak, MiB | of it anonymous, MiB | anonymous at the start |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for rows in sorted({1_000, given.rows}):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"texts.{given.format}"
            make(path, rows)
            command = [sys.executable, "-m", "tests.benchmarks.large_data", "--measure", str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            size = path.stat().st_size / 1e6
        seconds = " | ".join(f"{found[part]:.1f}" for part in ("load", "write", "pass"))
        memory = " | ".join(f"{found[part]:,.0f}" for part in ("peak", "anonymous", "start"))
        print(f"| {rows:,} ({given.format}) | {size:,.0f} | {seconds} | {memory} |", flush=True)


def pieces(rows: int) -> Iterator[tuple[list[str], list[int]]]:
    """Texts and labels, some thousand at a time."""
    rng = np.random.default_rng(0)
    letters = np.frombuffer(b"etaoinshrdlucmfw", np.uint8)
    lengths = rng.integers(2, 9, 50_000)
    words = ["".join(map(chr, rng.choice(letters, n))) for n in lengths]
    pool = " ".join(words[i] for i in rng.integers(0, len(words), POOL))
    ends = np.flatnonzero(np.frombuffer(pool.encode(), np.uint8) == ord(" "))
    for first in range(0, rows, PIECE):
        count = min(PIECE, rows - first)
        sizes = np.clip(np.exp(rng.normal(MU, SIGMA, count)).astype(int), 3, 20_000)
        starts = rng.integers(0, len(ends) - 20_001, count)
        texts = [pool[ends[s] + 1 : ends[s + n]] for s, n in zip(starts, sizes, strict=True)]
        yield texts, rng.integers(0, 2, count).tolist()


def make(path: Path, rows: int) -> None:
    """Write the file, in the format that its name says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, pa.schema([("text", pa.string()), ("label", pa.int64())])) as writer:
            for texts, labels in pieces(rows):
                writer.write_table(pa.table({"text": texts, "label": labels}))
        return
    with open(path, "w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            for texts, labels in pieces(rows):
                file.writelines(json.dumps({"text": t, "label": n}) + "\n" for t, n in zip(texts, labels, strict=True))
            return
        writer = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writerow(("text", "label"))
        for texts, labels in pieces(rows):
            writer.writerows(zip(texts, labels, strict=True))


def status(name: str) -> float:
    """A line of /proc/self/status in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def measure(path: Path) -> dict[str, float]:
    """Seconds and memory of this process for loading, writing and passing over this file."""
    from study.data import DataOptions, load_data, read_batches, write_texts

    found = {"start": status("RssAnon"), "anonymous": 0.0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            found["anonymous"] = max(found["anonymous"], status("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    kept = path.with_name("kept.parquet")
    begin = time.perf_counter()
    data = load_data(DataOptions(str(path)))
    found["load"] = time.perf_counter() - begin
    write_texts(data, kept)
    found["write"] = time.perf_counter() - begin - found["load"]
    rows = sum(batch.num_rows for split in data.splits for batch in read_batches(kept, split))
    found["pass"] = time.perf_counter() - begin - found["load"] - found["write"]
    done.set()
    watcher.join()
    assert rows == sum(table.num_rows for table in data.splits.values())
    return found | {"peak": status("VmHWM")}


if __name__ == "__main__":
    main()
