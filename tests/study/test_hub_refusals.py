"""What a user is told where the Hub gives nothing: every way of failing has its own words, and no secrets in them."""

import errno
import os
from pathlib import Path

import pytest

from study.hub import Kind, is_address, snapshot
from study.hub_refusals import scrub
from tests.hub_server import Fault, Hub, Repository
from tests.study.on_hub import ALL, TOKEN, refused


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        (
            "what is this?",
            "model",
            ("no local folder, and cannot be a model's name", "'owner/name'", "Check the spell"),
        ),
        ("a/b/c", "dataset", ("no local folder or file", "cannot be a data set's name", "`--data reviews`")),
        ("org/x@", "model", ("cannot be a model's name", "'@revision'")),
        ("@v1", "model", ("cannot be a model's name",)),
        ("org/x@a b", "model", ("cannot be a model's name",)),
        ("https://huggingface.co/org/x", "model", ("a page of the Hub", "'org/x'")),
        ("huggingface.co/org/x/tree/main", "model", ("a page of the Hub", "'org/x'")),
        ("https://hf.co/datasets/org/x/viewer/a/train", "dataset", ("a page of the Hub", "'org/x'")),
        ("https://huggingface.co/datasets/glue", "dataset", ("a page of the Hub", "'glue'")),
        (
            "https://huggingface.co/datasets/glue/tree/refs%2Fconvert%2Fparquet",
            "dataset",
            ("'glue@refs/convert/parquet'",),
        ),
        ("https://huggingface.co/org/x/blob/v1/config.json", "model", ("'org/x@v1'",)),
        ("hf://datasets/org/x", "dataset", ("'org/x'",)),
        ("datasets/org/x", "dataset", ("a page of the Hub", "'org/x'")),
        ("https://huggingface.co/datasets/org/x", "model", ("a data set's page", "As --data it is 'org/x'")),
        ("https://huggingface.co/org/x", "dataset", ("a model's page", "As --model it is 'org/x'")),
        ("https://huggingface.co/spaces/org/x", "model", ("a space", "Give the name of a model")),
        ("https://example.org/x.csv", "dataset", ("is a URL", "local paths", "Give a folder or file")),
        (f"https://me:{TOKEN}@huggingface.co/org/x", "model", ("is a URL",)),
    ],
)
def test_what_is_no_name(name: str, kind: Kind, parts: tuple[str, ...], hub: Hub) -> None:
    problem = refused(name, kind)
    for part in parts:
        assert part in problem
    assert TOKEN not in problem
    assert hub.asked == []
    assert is_address(name) == any(word in problem for word in ("URL", "page", "space of the Hub"))


def test_not_found_or_private_without_a_token(hub: Hub, small: Repository) -> None:
    hub.tokens.add(TOKEN)
    small.token = TOKEN
    for name in ("org/small", "org/absent"):
        problem = refused(name)
        assert f"model {name!r} is no local folder, and the Hub has no such model, or it is private" in problem
        assert "Check the spelling" in problem
        assert "log in with `hf auth login`" in problem


def test_not_found_with_a_token(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.tokens.add(TOKEN)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    problem = refused("org/absent", "dataset")
    assert "no such data set, or it is private" in problem
    assert "the token in use must have the right" in problem
    assert "hf auth login" not in problem


def test_a_token_that_is_not_accepted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    problem = refused("org/small")
    assert "does not accept the token it was sent (401)" in problem
    assert "correct HF_TOKEN" in problem
    assert TOKEN not in problem


@pytest.mark.parametrize(("letter", "why"), [("é", "holds a letter that no token has"), ("\x01", "does not accept")])
def test_a_damaged_token(letter: str, why: str, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", f"{TOKEN}{letter}{TOKEN}")
    problem = refused("org/small")
    assert why in problem
    assert "correct HF_TOKEN" in problem
    assert "TopSecret" not in problem


def test_gated(hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    small.gated = True
    problem = refused("org/small")
    assert "only to people who accepted its terms" in problem
    assert f"Accept them on {hub.url}/org/small and log in: `hf auth login`" in problem
    hub.tokens.add(TOKEN)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert "the token in use is of one that has not" in refused("org/small")


def test_no_such_revision(hub: Hub) -> None:
    problem = refused("org/small@v9")
    assert "the Hub has 'org/small' but no revision 'v9' of it" in problem
    assert "a branch, a tag or a whole commit" in problem
    assert "no revision" in refused(f"org/small@{'ab' * 20}")


@pytest.mark.parametrize("headers", [{"Retry-After": "1800"}, {"ratelimit": '"api";r=0;t=1800'}, {}])
def test_too_many_requests(
    headers: dict[str, str], hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.faults.append(Fault(1, "/api/", 429, headers))
    problem = refused("org/small")
    assert "too many requests (429)" in problem
    assert ("asks to wait 1,800 seconds" in problem) == bool(headers)
    assert "with `hf auth login` the limit is higher" in problem
    assert "not in the Hub's cache" in problem
    hub.tokens.add(TOKEN)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    small.faults.append(Fault(100, "/resolve/", 429, headers))
    assert "higher" not in refused("org/small")


def test_a_short_wait_is_waited(hub: Hub, small: Repository) -> None:
    small.faults.append(Fault(2, "/api/", 429, {"Retry-After": "1"}))
    assert snapshot("model", "org/small", ALL).place.startswith("Hub org/small")
    small.faults.append(Fault(3, "/api/", 429, {"Retry-After": "1"}))
    assert "asks to wait 1 seconds" in refused("org/small@v1")


@pytest.mark.parametrize("where", ["/api/", "/resolve/"])
def test_a_fault_of_the_hub(where: str, hub: Hub, small: Repository) -> None:
    small.faults.append(Fault(100, where, 500))
    problem = refused("org/small")
    assert "the Hub has a fault of its own (500)" in problem
    assert "Run the command again later" in problem


def test_forbidden(hub: Hub, small: Repository) -> None:
    small.faults.append(Fault(100, "", 403))
    assert "the Hub forbids it (403)" in refused("org/small")


def test_a_full_disk(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.file_download as download

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(download, "http_get", full)
    problem = refused("org/small")
    assert f"the disk with the Hub's cache is full ({tmp_path / 'hub'})" in problem
    assert "set HF_HOME" in problem


def test_a_cache_that_cannot_be_written(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "hub").write_text("a file where the folder belongs")
    problem = refused("org/small")
    assert f"the Hub's cache {tmp_path / 'hub'} cannot be used" in problem
    assert "Set HF_HOME" in problem


def test_something_else_answers(hub: Hub, small: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.server
    from threading import Thread

    from huggingface_hub import constants

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Please log in to the hotel's network</html>")

        def log_message(self, *args: object) -> None:
            pass

    portal = http.server.HTTPServer(("127.0.0.1", 0), Portal)
    Thread(target=portal.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{portal.server_port}")
    problem = refused("org/small")
    portal.shutdown()
    portal.server_close()
    assert f"what answered at http://127.0.0.1:{portal.server_port} is not the Hub (" in problem
    assert "HF_ENDPOINT" in problem


def test_a_proxys_password_is_not_quoted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub.utils import close_session

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://user:swordfish@127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    close_session()
    try:
        problem = refused("org/small")
    finally:
        close_session()
    assert "cannot be reached (" in problem
    assert "swordfish" not in problem


def test_scrub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "an unusual token")
    said = scrub(
        f"b'Bearer an unusual token' {TOKEN} hf_oauth_ey.J_x-y Authorization: Bearer abc.def, "
        "http://user:pa?ss@proxy:3128/ https://cdn.example/x?Signature=abc&Key=1 from hf_hub_download in org/hf_model"
    )
    for secret in ("an unusual", "TopSecret", "ey.J", "abc", "pa?ss", "Signature"):
        assert secret not in said
    for kept in ("proxy:3128", "https://cdn.example/x", "hf_hub_download", "org/hf_model"):
        assert kept in said
