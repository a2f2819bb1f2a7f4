"""study.hub against a Hub on this machine: what is fetched, what the cache serves, and going on after a failure."""

import json
import os
import re
from pathlib import Path

import pytest

from study.hub import files_of, snapshot, split_revision
from tests.hub_server import Fault, Hub, Repository
from tests.study.on_hub import ALL, FILES, TOKEN, refused


def offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on there is nothing where the Hub was."""
    from huggingface_hub import constants

    gone = "http://127.0.0.1:9"  # the port of the discard service, on which nothing listens
    monkeypatch.setattr(constants, "ENDPOINT", gone)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", gone + "/{repo_id}/resolve/{revision}/{filename}")


def test_a_name_and_its_revision() -> None:
    assert split_revision("org/x") == ("org/x", None)
    assert split_revision("org/x@v1") == ("org/x", "v1")
    assert split_revision("glue@refs/convert/parquet") == ("glue", "refs/convert/parquet")


def test_what_is_asked_for_is_fetched_and_then_in_the_cache(
    hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = small.refs["main"]
    found = snapshot("model", "org/small", ["*.json", "*.safetensors"], ["sub/*"])
    assert (found.repo, found.commit, found.place) == ("org/small", sha, f"Hub org/small at revision {sha}")
    assert {p.name for p in found.folder.iterdir()} == {"config.json", "model.safetensors"}
    assert (found.folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert files_of("model", found) == tuple(sorted(FILES))
    offline(hub, monkeypatch)
    again = snapshot("model", "org/small", ["*.json", "*.safetensors"], ["sub/*"])
    assert (again.folder, again.commit) == (found.folder, sha)
    assert again.place == f"Hub cache, org/small at revision {sha}"


def test_branches_tags_and_commits(hub: Hub, small: Repository) -> None:
    first = small.refs["main"]
    small.refs["v1"] = first
    small.commit({"config.json": "[1]"}, "experiments")
    small.commit({"config.json": "[2]"}, "refs/convert/parquet")
    second = small.commit({"config.json": "[3]"})

    def text(name: str) -> str:
        return (snapshot("model", name, ALL).folder / "config.json").read_text()

    assert text("org/small") == text("org/small@main") == text(f"org/small@{second}") == "[3]"
    assert text("org/small@v1") == text(f"org/small@{first}") == text(f"org/small@{first.upper()}") == "{}"
    assert text("org/small@experiments") == "[1]"
    assert text("org/small@refs/convert/parquet") == "[2]"


def test_a_branch_moves_and_a_pinned_commit_stays(hub: Hub, small: Repository) -> None:
    first = snapshot("model", "org/small", ALL)
    small.commit({"config.json": "[1]"})
    moved = snapshot("model", "org/small", ALL)
    assert moved.commit != first.commit
    assert (moved.folder / "config.json").read_text() == "[1]"
    asked = len(hub.asked)
    pinned = snapshot("model", f"org/small@{first.commit}", ALL)
    assert (pinned.folder, pinned.commit) == (first.folder, first.commit)
    assert pinned.place == f"Hub cache, org/small at revision {first.commit}"
    assert len(hub.asked) == asked, "a commit that is complete in the cache is not asked of the Hub"


def test_a_pinned_commit_of_which_more_is_wanted(hub: Hub, small: Repository) -> None:
    first = snapshot("model", "org/small", ["config.json"])
    more = snapshot("model", f"org/small@{first.commit}", ALL)
    assert more.place == f"Hub org/small at revision {first.commit}"
    assert (more.folder / "picture.png").is_file()


def test_old_short_names(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, old, new in (("model", "bert-tiny", "google/bert-tiny"), ("dataset", "films", "lab/films")):
        repository = hub.add(kind, new, FILES)
        hub.renamed[kind, old] = new
        found = snapshot(kind, old, ALL)  # type: ignore[arg-type]
        assert (found.repo, found.commit) == (old, repository.refs["main"])
        assert (found.folder / "picture.png").read_bytes() == b"png"
        assert snapshot(kind, f"{old}@{found.commit}", ALL).folder == found.folder  # type: ignore[arg-type]
    offline(hub, monkeypatch)
    assert snapshot("model", "bert-tiny", ALL).place.startswith("Hub cache, bert-tiny at revision")


def test_a_repository_where_nothing_matches(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    found = snapshot("model", "org/small", ["*.absent"])
    assert list(found.folder.iterdir()) == []
    offline(hub, monkeypatch)
    assert snapshot("model", "org/small", ["*.absent"]).commit == found.commit


def test_a_cache_laid_out_by_hand(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    sha = "ab" * 20
    folder = tmp_path / "hub" / "models--org--own" / "snapshots" / sha
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder.parents[1] / "refs").mkdir()
    (folder.parents[1] / "refs" / "main").write_text(sha)
    for name in ("org/own", f"org/own@{sha}"):
        found = snapshot("model", name, ALL)
        assert found.folder == folder.resolve()
        assert found.place == f"Hub cache, org/own at revision {sha}"
        assert files_of("model", found) == ("config.json",)
    assert "not in the Hub's cache" in refused("org/own@other")


def test_private_with_the_right_token(hub: Hub, small: Repository, tmp_path: Path) -> None:
    hub.tokens.add(TOKEN)
    small.token = TOKEN
    (tmp_path / "token").write_text(TOKEN)  # as `hf auth login` leaves it
    assert snapshot("model", "org/small", ALL).place.startswith("Hub org/small")
    assert all(authorised for _, _, authorised in hub.asked)


def test_the_cache_serves_where_the_hub_has_no_answer_but_not_where_it_says_no(
    hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot("model", "org/small", ALL)
    for status in (429, 500, 503):
        small.faults = [Fault(100, "", status)]
        assert snapshot("model", "org/small", ALL).place.startswith("Hub cache, ")
    small.faults, small.token = [], TOKEN
    assert "no such model, or it is private" in refused("org/small")
    small.token = None
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert "does not accept the token" in refused("org/small")


def test_a_connection_cut_once_is_taken_up_where_it_broke(
    hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)  # what is lost when a connection breaks
    content = os.urandom(300_000)
    small.commit({"model.safetensors": content})
    small.faults.append(Fault(1, "model.safetensors", after=105_000))
    found = snapshot("model", "org/small", ALL)
    assert (found.folder / "model.safetensors").read_bytes() == content
    assert hub.ranges == ["bytes=100000-"]


def test_a_connection_lost_for_good_half_way_and_the_second_run(hub: Hub, small: Repository) -> None:
    small.commit({"a.json": "{}", "model.safetensors": os.urandom(50_000)})
    small.faults.append(Fault(10_000, "model.safetensors", after=100))
    problem = refused("org/small")
    assert "the connection to the Hub was lost half-way" in problem
    assert "run the same command again to go on" in problem
    small.faults.clear()
    hub.asked.clear()
    found = snapshot("model", "org/small", ALL)
    assert (found.folder / "model.safetensors").stat().st_size == 50_000
    assert not [path for method, path, _ in hub.asked if method == "GET" and path.endswith("a.json")], "fetched twice"


def test_partly_in_the_cache_and_no_network(hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot("model", "org/small", ["config.json"])
    offline(hub, monkeypatch)
    problem = refused("org/small")
    assert "the Hub cannot be reached (" in problem
    assert "while it is only partly in the Hub's cache. Check the network and the proxy" in problem
    assert "while it is only partly" in refused(f"org/small@{small.refs['main']}")
    assert "while it is not in the Hub's cache" in refused("org/other")


def test_offline_by_wish(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    problem = refused("org/small")
    assert "HF_HUB_OFFLINE forbids downloading, while it is not in the Hub's cache. Unset HF_HUB_OFFLINE" in problem
    assert hub.asked == []


def test_a_hub_that_never_answers(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from huggingface_hub import constants

    found = snapshot("model", "org/small", ALL)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("study.hub.PATIENCE", 0.2)
        again = snapshot("model", "org/small", ALL)
        assert "the Hub cannot be reached (ReadTimeout" in refused("org/other")
    assert (again.folder, again.place) == (found.folder, f"Hub cache, org/small at revision {found.commit}")


def test_nothing_on_stderr(hub: Hub, small: Repository, capfd: pytest.CaptureFixture[str]) -> None:
    snapshot("model", "org/small", ["*.absent"])
    snapshot("model", "org/small", ALL)
    out, err = capfd.readouterr()
    assert re.sub(r"\s", "", out + err) == "", json.dumps(err)
