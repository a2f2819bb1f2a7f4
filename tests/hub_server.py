"""A stand-in for the Hugging Face Hub on this machine: repositories, commits, rights, renames and faults, over HTTP.

It answers the requests of huggingface_hub that end in a snapshot: a repository's page (``/api/models/NAME`` and
``/revision/REV``), the tree of a commit, and the files themselves with their etag, commit and length, ranges included.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest

KINDS = {"models": "model", "datasets": "dataset"}


@dataclass
class Fault:
    """What happens to the next ``times`` requests whose path contains ``where``: a status; or, where that is 0, the
    connection is cut after ``after`` bytes of what a GET is answered."""

    times: int
    where: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    after: int = 0


@dataclass
class Repository:
    """Commits by hash, each a path -> content; branches and tags; who may read."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    gated: bool = False
    faults: list[Fault] = field(default_factory=list)

    def commit(self, files: Path | Mapping[str, str | bytes], *refs: str) -> str:
        """The new commit's hash; ``main`` unless other refs are given points to it from now on."""
        if isinstance(files, Path):
            files = {p.relative_to(files).as_posix(): p.read_bytes() for p in files.rglob("*") if p.is_file()}
        content = {path: c.encode() if isinstance(c, str) else c for path, c in files.items()}
        told = json.dumps([(p, hashlib.sha1(c).hexdigest()) for p, c in sorted(content.items())] + [len(self.commits)])
        sha = hashlib.sha1(told.encode()).hexdigest()
        self.commits[sha] = content
        self.refs |= dict.fromkeys(refs or ("main",), sha)
        return sha


@dataclass
class Hub:
    """The server: ``url``, its repositories by (kind, name), old names by (kind, name), valid tokens, and what was
    asked of it as (method, path, whether an Authorization header came), and with which ranges."""

    url: str = ""
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    renamed: dict[tuple[str, str], str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def add(self, kind: str, name: str, files: Path | Mapping[str, str | bytes]) -> Repository:
        """A new repository with one commit on ``main``."""
        repository = self.repositories[kind, name] = Repository()
        repository.commit(files)
        return repository

    def fault(self, repository: Repository, method: str, path: str) -> Fault | None:
        """The fault that this request meets, counted down."""
        with self.lock:
            for fault in repository.faults:
                if fault.times > 0 and fault.where in path and (fault.status or method == "GET"):
                    fault.times -= 1
                    return fault
        return None


@contextmanager
def hub_server() -> Iterator[Hub]:
    """The stand-in on a free port of 127.0.0.1, until the block ends."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def _handle(self) -> None:
        path = unquote(urlsplit(self.path).path)
        sent = self.headers.get("Authorization")
        self.hub.asked.append((self.command, path, sent is not None))
        kind, name, what, rest = _parsed(path, self.hub)
        if new := self.hub.renamed.get((kind, name)):
            location = urlsplit(self.path).path.replace(f"/{name}", f"/{new}", 1)
            return self._answer(307, b"", {"Location": location})
        token = sent.removeprefix("Bearer ") if sent else None
        if token is not None and token not in self.hub.tokens:
            return self._error(401, "", "Invalid credentials in Authorization header")
        repository = self.hub.repositories.get((kind, name))
        if repository is None or (repository.token and token != repository.token):
            return self._error(404 if token else 401, "RepoNotFound", "Repository not found")
        fault = self.hub.fault(repository, self.command, path)
        if fault and fault.status:
            return self._error(fault.status, "", "a fault", dict(fault.headers))
        if repository.gated and what == "resolve":
            return self._error(403 if token else 401, "GatedRepo", f"Access to {kind} {name} is restricted.")
        found = _revision(repository, rest)
        if found is None:
            return self._error(404, "RevisionNotFound", f"Invalid rev id: {rest}")
        commit, file = found
        if what == "resolve":
            return self._file(repository, commit, file, fault)
        files = repository.commits[commit]
        page: object = [{"type": "file", "path": p, "size": len(c), "oid": _etag(c)} for p, c in files.items()]
        if what != "tree":
            page = {"id": name, "sha": commit, "siblings": [{"rfilename": p} for p in files]}
        self._answer(200, json.dumps(page).encode(), {"Content-Type": "application/json"})

    def _file(self, repository: Repository, commit: str, file: str, fault: Fault | None) -> None:
        content = repository.commits[commit].get(file)
        if content is None:
            return self._error(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
        headers = {"ETag": f'"{_etag(content)}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        status, start = 200, 0
        if wanted := self.headers.get("Range"):
            self.hub.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            status, headers["Content-Range"] = 206, f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._answer(status, content[start:], headers, cut=fault.after if fault else None)

    def _error(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        told = {"X-Error-Message": message, **({"X-Error-Code": code} if code else {}), **(headers or {})}
        self._answer(status, json.dumps({"error": message}).encode(), told | {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if cut is None else body[:cut])
        self.close_connection = cut is not None


def _parsed(path: str, hub: Hub) -> tuple[str, str, str, str]:
    """Kind, name, what is asked (page, tree, resolve) and the rest of a path: a revision, and a file behind it."""
    parts = path.strip("/").split("/")
    api = parts[0] == "api"
    kind = KINDS.get(parts[1] if api else parts[0], "model")
    parts = parts[2:] if api else parts[1:] if parts[0] in KINDS else parts
    if not parts:
        return kind, "", "", ""
    known = {name for k, name in (*hub.repositories, *hub.renamed) if k == kind}
    length = 1 if parts[0] in known or (len(parts) > 1 and parts[1] in ("revision", "tree", "resolve")) else 2
    what, *rest = parts[length:] or ["revision", "main"]
    return kind, "/".join(parts[:length]), what, "/".join(rest)


def _revision(repository: Repository, rest: str) -> tuple[str, str] | None:
    """The commit that a path's rest begins with, by its hash or a ref (which may contain slashes), and the file."""
    for name, sha in (*repository.refs.items(), *((sha, sha) for sha in repository.commits)):
        if rest == name or rest.startswith(f"{name}/"):
            return sha, rest[len(name) + 1 :]
    return None


def _etag(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def ask_of(hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch, token: str | None = None) -> None:
    """Make huggingface_hub in this process ask the stand-in, keep its cache in ``home``, and not wait between tries.

    The library reads its environment when it is imported, so its constants are set, for the duration of a test.
    """
    import huggingface_hub.file_download as download
    import huggingface_hub.utils._http as http
    from huggingface_hub import constants

    import study.hub

    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    if token is None:
        monkeypatch.delenv("HF_TOKEN", raising=False)
    else:
        monkeypatch.setenv("HF_TOKEN", token)
    impatient = SimpleNamespace(**vars(time) | {"sleep": lambda seconds: None})
    for module in (download, http, study.hub):
        monkeypatch.setattr(module, "time", impatient)
