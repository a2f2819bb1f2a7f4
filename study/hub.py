"""The Hugging Face Hub: a model's or data set's files at one commit, from the Hub or from its cache on this machine."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from study.errors import InputError
from study.hub_refusals import KIND, Lost, NotCached, asked_to_wait, no_answer, refusal, scrub

Kind = Literal["model", "dataset"]

PATIENCE = 10.0
"""Seconds the Hub is given to say which commit a name stands for, before the cache is used. The library itself waits
as long as the operating system does, which is minutes where a firewall drops the packets."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|hf:/)/(?P<kind>datasets/|models/|spaces/)?"
    r"(?P<repo>[^/?#@]+(?:/(?!(?:tree|blob|resolve|viewer|discussions)(?:/|$))[^/?#@]+)?)"
    r"(?:/(?:tree|blob|resolve)/(?P<revision>[^/?#]+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Snapshot:
    """The files of a repository at one commit: their folder, the name asked for, the commit, and where they came from.

    ``commit`` has 40 hexadecimal digits; ``repo@commit`` is a name for the very same files. ``place`` is
    "Hub org/x at revision <commit>", or "Hub cache, org/x at revision <commit>" where the Hub was not asked or gave no
    answer.
    """

    folder: Path
    repo: str
    commit: str
    place: str


def split_revision(name: str) -> tuple[str, str | None]:
    """The repository and the revision (branch, tag or commit) of a name like ``owner/name@revision``."""
    repo, at, revision = name.partition("@")
    return repo, revision if at else None


def is_address(name: str) -> bool:
    """Whether this is a page of the Hub, or any URL, and not a name: ``snapshot`` refuses it and says the name."""
    return "://" in name or _page(name) is not None


def snapshot(kind: Kind, name: str, allow: Sequence[str], ignore: Sequence[str] = ()) -> Snapshot:
    """The files of a repository that match one of ``allow`` and none of ``ignore`` (shell patterns), on this disk.

    A whole commit that the cache holds completely is taken from there and nobody is asked. Anything else is asked of
    the Hub; where that gives no answer (no network, too many requests, a fault of its own), the cache serves if it is
    complete. Where the Hub says no, the cache is not used: what may not be had today is not quietly had from
    yesterday.

    Raises InputError, with a sentence of its own for each way this can fail.
    """
    repo, revision = _checked(kind, name)
    wanted = {"repo_type": kind, "allow_patterns": list(allow), "ignore_patterns": list(ignore)}
    try:
        return _snapshot(repo, revision, wanted)
    except Exception as error:  # the HTTP library, and with it the error for "no network", differs between versions
        raise InputError(refusal(kind, name, error)) from None


def files_of(kind: Kind, found: Snapshot) -> tuple[str, ...]:
    """The paths of all files of a repository at the snapshot's commit, or of those in the folder where no list of the
    commit was cached (a cache filled by hand or by an old library)."""
    listed = _listed(kind, found.repo, found.commit)
    if listed is None:
        listed = [p.relative_to(found.folder).as_posix() for p in found.folder.rglob("*") if p.is_file()]
    return tuple(sorted(listed))


def _snapshot(repo: str, revision: str | None, wanted: dict[str, Any]) -> Snapshot:
    pinned = revision is not None and _COMMIT.fullmatch(revision) is not None
    if pinned and _listed(wanted["repo_type"], repo, str(revision)) is not None:
        try:
            return _from_cache(repo, revision, wanted)
        except NotCached:  # partly: the Hub has the rest
            pass
    try:
        _ask(repo, revision, wanted["repo_type"])
    except Exception as error:
        if not no_answer(error):
            raise
        return _from_cache(repo, revision, wanted, error)
    folder = _fetched(repo, revision, wanted)
    # It does not exist where nothing matched, and then the cache would be taken for empty without network.
    folder.mkdir(parents=True, exist_ok=True)
    return Snapshot(folder, repo, folder.name, f"Hub {repo} at revision {folder.name}")


def _ask(repo: str, revision: str | None, kind: str) -> None:
    """Raise what the Hub says against this; where it only asks to wait a little, wait and ask again, twice."""
    from huggingface_hub import HfApi

    for last in (False, False, True):
        try:
            HfApi().repo_info(repo, repo_type=kind, revision=revision, timeout=PATIENCE)
            return
        except Exception as error:
            seconds = asked_to_wait(error)
            if last or seconds is None or seconds > PATIENCE:
                raise
            time.sleep(seconds)


def _fetched(repo: str, revision: str | None, wanted: dict[str, Any]) -> Path:
    from huggingface_hub import snapshot_download

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the disk is nearly full; where it is full, an error says so
        try:
            return Path(snapshot_download(repo, revision=revision, **wanted))
        except Exception as error:
            raise Lost from error


def _from_cache(repo: str, revision: str | None, wanted: dict[str, Any], why: Exception | None = None) -> Snapshot:
    """The snapshot without network; NotCached from ``why`` the Hub was not asked where it is missing or partial."""
    from huggingface_hub import errors, snapshot_download

    try:
        folder = Path(snapshot_download(repo, revision=revision, local_files_only=True, **wanted))
    except errors.LocalEntryNotFoundError as error:
        partly = isinstance(error, getattr(errors, "IncompleteSnapshotError", ()))
        raise NotCached(partly) from why
    return Snapshot(folder, repo, folder.name, f"Hub cache, {repo} at revision {folder.name}")


def _listed(kind: str, repo: str, commit: str) -> list[str] | None:
    """The paths of a commit's files as the cache lists them, if it does."""
    import huggingface_hub

    listing = getattr(huggingface_hub, "get_cached_repo_tree", None)
    if listing is None:
        return None
    try:
        return [file.path for file in listing(repo, repo_type=kind, revision=commit)]
    except huggingface_hub.errors.CachedRepoTreeNotFoundError:
        return None


def _checked(kind: Kind, name: str) -> tuple[str, str | None]:
    """The repository and revision of a name; InputError where it cannot be one."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    what, local, instead = KIND[kind]
    if page := _page(name):
        raise InputError(_page_given(kind, scrub(name), page))
    if is_address(name):
        raise InputError(f"{what} {scrub(name)!r} is a URL. Names on the Hub and local paths are read. Give {instead}.")
    repo, revision = split_revision(name)
    try:
        validate_repo_id(repo)
        wrong = revision is not None and not re.fullmatch(r"[^\s~^:?*\[\\]+", revision)
    except HFValidationError:
        wrong = True
    if wrong or not repo:
        raise InputError(
            f"{what} {scrub(name)!r} is {local}, and cannot be a {what}'s name on the Hub, which is 'name' or "
            f"'owner/name', with '@revision' for another than the newest. Check the spelling, or give {instead}."
        )
    return repo, revision.lower() if revision and _COMMIT.fullmatch(revision.lower()) else revision


def _page(name: str) -> re.Match[str] | None:
    short = name.startswith(("datasets/", "models/")) and name.count("/") == 2
    return _PAGE.match(f"hf.co/{name}" if short else name)


def _page_given(kind: Kind, name: str, page: re.Match[str]) -> str:
    there = {"datasets/": "dataset", "spaces/": "space"}.get((page["kind"] or "").lower(), "model")
    revision = unquote(page["revision"] or "main")
    repo = page["repo"].rstrip("/") + ("" if revision == "main" else f"@{revision}")
    what = KIND[kind][0]
    if there == "space":
        return f"{what} {name!r} is a space of the Hub, an application. Give the name of a {what}."
    if there != kind:
        other, option = ("data set", "--data") if there == "dataset" else ("model", "--model")
        return f"{what} {name!r} is a {other}'s page on the Hub, and a {what} is needed. As {option} it is {repo!r}."
    return f"{what} {name!r} is a page of the Hub. Give the name that is in it: {repo!r}."
