"""JSON objects, one per line or in one array, are read one at a time and are what the standard library reads."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from study.data import json_objects as module
from study.data.json_objects import json_objects
from study.errors import InputError
from tests.study.data.samples import load


def value(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(7 if depth < 3 else 5)
    if kind == 0:
        return rng.choice(("", "a", 'say "hi"\n', "\\", "é好😀", "\u2028", "x" * rng.randrange(60)))
    if kind == 1:
        return rng.choice((0, -7, 12345678901, 1.5, 1e300, -0.0))
    if kind < 5:
        return (None, True, False)[kind - 2]
    if kind == 5:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {f"k{n}": value(rng, depth + 1) for n in range(rng.randrange(4))}


def objects(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [{f"é{n}": value(rng) for n in range(rng.randrange(5))} for _ in range(rng.randrange(1, 20))]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
def test_arrays_whatever_their_layout_and_wherever_pieces_end(
    seed: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PIECE", piece)
    expected = objects(seed)
    for indent in (None, 0, 3):
        for escaped in (True, False):
            text = f"\ufeff \n{json.dumps(expected, indent=indent, ensure_ascii=escaped)}\n "
            assert [found for _, found in json_objects(text.encode(), "x.json")] == expected


@pytest.mark.parametrize("seed", range(20))
def test_lines_with_their_numbers(seed: int) -> None:
    expected = objects(seed)
    for end in ("\n", "\r\n", "\n\n"):
        text = "\ufeff" + end.join(json.dumps(item, ensure_ascii=False) for item in expected)
        found = list(json_objects(text.encode(), "x.jsonl"))
        assert [item for _, item in found] == expected
        assert [line for line, _ in found] == [1 + n * end.count("\n") for n in range(len(expected))]


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_errors_in_an_array_have_their_line(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE", piece)
    good = json.dumps([{"a": 1}, {"b": "é"}], indent=1).removesuffix("\n]")
    for bad, says in (
        (',\n{"c": 1,\n"d": oops}\n]', "line 9: not JSON (expecting value"),
        (',\n{"c": 1,\n"c": 2}\n]', "line 8: the key 'c' stands twice"),
        (",\n\n 5\n]", "line 9: a number instead of a row"),
        ("\n} ]", "line 8: '}' where a comma"),
        ("", "the end of the file where a comma"),
    ):
        with pytest.raises(InputError) as caught:
            list(json_objects((good + bad).encode(), "x.json"))
        assert says in str(caught.value)


def test_missing_keys_are_nulls_and_columns_may_come_late(tmp_path: Path) -> None:
    rows = [{"text": f"film {n}", "label": n % 2} for n in range(20)] + [{"note": [1], "text": "late", "label": 0}]
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    assert sum(table.num_rows for table in load(path).splits.values()) == 21


@pytest.mark.parametrize("labels", [(1, 0), (1.0, 0), (True, False), ("yes", "no"), (-1, 1)])
def test_labels_of_any_kind(labels: tuple[Any, Any], tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"film {n}", "label": labels[n % 2]}) for n in range(20)))
    data = load(path)
    held = {row["row"]: data.labels[row["label"]] for table in data.splits.values() for row in table.to_pylist()}
    expected = [str(int(v)) if isinstance(v, float) else str(v) for v in labels]
    assert [held[0], held[1]] == expected
