"""What several test files share: a Hub on this machine with one model, and a small model of every architecture."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architectures import KINDS, small_architecture
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


@pytest.fixture(scope="module")
def one_thread():
    """For models so small that a second thread costs more than it does."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    """Every architecture that has a row."""
    return request.param


@pytest.fixture(scope="module")
def found(kind, tmp_path_factory):
    """The small model of this architecture, found and not loaded."""
    from study.models.loading import find_model

    return find_model(str(small_architecture(kind, tmp_path_factory.mktemp(kind) / kind)))


@pytest.fixture(scope="module")
def loaded(kind, tmp_path_factory):
    from tests.study.surgery.adapted import small_network

    return small_network(kind, tmp_path_factory.mktemp(kind))


@pytest.fixture
def network(loaded):
    """The small network of this architecture, in evaluation mode, for one test to change."""
    return copy.deepcopy(loaded)


@pytest.fixture(scope="module")
def batch():
    """A few texts for it to read."""
    from tests.study.surgery.adapted import LENGTH, texts

    return texts(LENGTH)
