"""What lies on the Hub of the tests, and what is said when it is refused."""

from __future__ import annotations

import pytest

from study.errors import InputError
from study.hub import Kind, snapshot

TOKEN = "hf_" + "TopSecret" * 4
FILES: dict[str, str | bytes] = {
    "config.json": "{}",
    "model.safetensors": b"weights" * 1000,
    "picture.png": b"png",
    "sub/notes.json": "[]",
}
ALL = ("*",)


def refused(name: str, kind: Kind = "model") -> str:
    """The one sentence with which a snapshot is refused."""
    with pytest.raises(InputError) as caught:
        snapshot(kind, name, ALL)
    (problem,) = caught.value.problems
    assert "\n" not in problem
    assert caught.value.__cause__ is None
    return problem
