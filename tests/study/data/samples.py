"""Data sets for these tests, written in every format that is read."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.data import DataOptions, TextData, load_data
from study.errors import InputError

SHA = "0123456789abcdef0123456789abcdef01234567"


def rows(count: int = 40, classes: tuple[Any, ...] = (0, 1), start: int = 0) -> dict[str, list[Any]]:
    """Columns text and label; classes alternate, texts are awkward on purpose."""
    numbers = range(start, start + count)
    texts = [f'film {n}, "said" one;\nand ¿què? {"é" * (n % 7)} None' for n in numbers]
    return {"text": texts, "label": [classes[n % len(classes)] for n in numbers]}


def three(**kinds: Any) -> dict[str, dict[str, list[Any]]]:
    """Rows of train, validation and test."""
    return {
        "train": rows(40, **kinds),
        "validation": rows(12, start=100, **kinds),
        "test": rows(14, start=200, **kinds),
    }


def write_csv(path: Path, columns: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def write_parquet(path: Path, columns: dict[str, Any] | pa.Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path)
    return path


def write(path: Path, columns: dict[str, Any]) -> Path:
    """Write the columns in the format that the file's name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(write(path.with_suffix(""), columns).read_bytes()))
        path.with_suffix("").unlink()
        return path
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
    elif path.suffix == ".tsv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([tuple(columns), *(tuple(row.values()) for row in rows)])
    else:
        return (write_csv if path.suffix == ".csv" else write_parquet)(path, columns)
    return path


def folder(path: Path, splits: dict[str, Any], extension: str = "csv") -> str:
    """A folder with one file per split; returns its path as a user would give it."""
    for split, columns in splits.items():
        write(path / f"{split}.{extension}", columns)
    return str(path)


def hub_cache(cache: Path, name: str, files: dict[str, Any], sha: str = SHA) -> Path:
    """The snapshot folder of a Hub data set, laid out in a cache by hand; strings are file contents."""
    repository = cache / f"datasets--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(sha)
    snapshot = repository / "snapshots" / sha
    for file, content in files.items():
        (snapshot / file).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            (snapshot / file).write_text(content, encoding="utf-8")
        else:
            write_parquet(snapshot / file, content)
    return snapshot


def load(name: str | Path, **options: Any) -> TextData:
    return load_data(DataOptions(str(name), **options))


def problems(name: str | Path, **options: Any) -> tuple[str, ...]:
    """The problems that loading reports."""
    with pytest.raises(InputError) as caught:
        load(name, **options)
    return caught.value.problems


def assert_says(problem: str, *parts: str) -> None:
    """Given, allowed and to do: each part must be in the sentence, in this order."""
    position = 0
    for part in parts:
        assert part in problem[position:], f"{part!r} is not (in its place) in {problem!r}"
        position = problem.index(part, position) + len(part)
