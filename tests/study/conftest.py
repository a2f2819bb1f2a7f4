"""A Hub on this machine with one model, for the tests of study.hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server import Hub, Repository, ask_of, hub_server
from tests.study.on_hub import FILES


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with the public model org/small."""
    with hub_server() as server:
        server.add("model", "org/small", FILES)
        ask_of(server, tmp_path, monkeypatch)
        yield server


@pytest.fixture
def small(hub: Hub) -> Repository:
    return hub.repositories["model", "org/small"]
