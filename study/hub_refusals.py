"""Why the Hub gave nothing, and what to do: every way of failing in one sentence, without tokens and passwords."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator

KIND = {
    "model": ("model", "no local folder", "a local folder"),
    "dataset": ("data set", "no local folder or file", "a folder or file, or `--data reviews`"),
}
"""By kind of repository: what it is called, what its name was tried as first, and what else may be given."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_SECRETS = (
    (re.compile(r"(?<=://)[^\s/@'\"]+@"), "***@"),  # user:password@ of a URL, a proxy's most often
    (re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\")]+"), r"\1?***"),  # signed links carry their right in the query
    (re.compile(r"(?i)(\b(?:bearer|basic)\s+)[^\s'\",]+"), r"\1***"),
    (re.compile(r"\bhf_(?:oauth_|app_|jwt_)[\w.+/=-]+|\bhf_[A-Za-z0-9.+/=-]{16,}"), "hf_***"),
)


class Lost(Exception):
    """The Hub had answered, and then its files could not be had; the cause says why."""


class NotCached(Exception):
    """The cache does not hold the snapshot, or only a part of it; the cause says why the Hub was no help."""

    def __init__(self, partly: bool):
        super().__init__()
        self.partly = partly


def scrub(text: str) -> str:
    """The text without the token in use, anything that looks like one, and the passwords and queries of URLs."""
    if token := _token():
        text = text.replace(token, "***")
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def reason(error: BaseException) -> str:
    """The innermost error in one line of at most 200 letters, scrubbed."""
    *_, inner = _chain(error)
    message = scrub(" ".join(str(inner).split()))
    message = message if len(message) <= 200 else f"{message[:200]}..."
    return f"{type(inner).__name__}: {message}".rstrip(".: ")


def full_disk(error: BaseException) -> bool:
    """Whether the cause is a disk, or a share of one, that is full."""
    return any(isinstance(inner, OSError) and inner.errno in _FULL for inner in _chain(error))


def no_answer(error: BaseException) -> bool:
    """Whether an error means that the Hub could not say yes or no, so that a complete cache may serve instead."""
    status = _status(error)
    return status is None or status >= 500 or status in (408, 429)


def asked_to_wait(error: BaseException) -> int | None:
    """The seconds after which a rate-limited answer (429) says to come back, if it is one and says so."""
    if _status(error) != 429:
        return None
    headers = next(e.response.headers for e in _chain(error) if hasattr(e, "response"))
    said = re.search(r"\bt\s*=\s*(\d+)", headers.get("ratelimit", "")) or re.fullmatch(
        r"\s*(\d+)\s*", headers.get("retry-after", "")
    )
    return int(said[1]) if said else None


def refusal(kind: str, name: str, error: Exception) -> str:
    """One sentence: what was given, why the Hub gave nothing, what to do."""
    what, local, instead = KIND[kind]
    lost, cached = isinstance(error, Lost), ""
    if isinstance(error, NotCached):
        cached = f", while it is {'only partly' if error.partly else 'not'} in the Hub's cache"
    cause = next((e for e in _chain(error) if not isinstance(e, Lost | NotCached | FileNotFoundError)), error)
    status = _status(cause)
    why, do = _by_status(kind, name, cause, status) if status is not None else _without_status(cause, lost)
    return scrub(f"{what} {name!r} is {local}, and {why}{cached}. {do}. Or give {instead} instead.")


def _by_status(kind: str, name: str, error: BaseException, status: int) -> tuple[str, str]:
    """Why and what to do, where the Hub answered with an HTTP status."""
    from huggingface_hub import errors

    what, token, repo = KIND[kind][0], _token(), name.partition("@")[0]
    page = f"{_endpoint()}/{'datasets/' if kind == 'dataset' else ''}{repo}"
    if isinstance(error, errors.GatedRepoError):
        log_in = "with an account that has (the token in use is of one that has not)" if token else "`hf auth login`"
        return "the Hub gives it only to people who accepted its terms", f"Accept them on {page} and log in: {log_in}"
    if isinstance(error, errors.DisabledRepoError):
        return "the Hub has disabled it", f"{page} may say why"
    if isinstance(error, errors.RevisionNotFoundError):
        revision = name.partition("@")[2] or "main"
        return (
            f"the Hub has {repo!r} but no revision {revision!r} of it",
            f"Give a branch, a tag or a whole commit of 40 digits after the '@'; {page}/tree/main lists them",
        )
    if status == 401 and token:
        return (
            "the Hub does not accept the token it was sent (401)",
            "Log in again with `hf auth login`, or correct HF_TOKEN; unset it for what is public",
        )
    if status in (401, 404) or isinstance(error, errors.RepositoryNotFoundError):
        private = "the token in use must have the right to read it" if token else "log in with `hf auth login`"
        return (
            f"the Hub has no such {what}, or it is private",
            f"Check the spelling ('owner/name'); if private, {private}",
        )
    if status == 403:
        return (
            "the Hub forbids it (403)",
            f"The token must have the right to read this repository: {_endpoint()}/settings/tokens",
        )
    if status == 429:
        seconds = asked_to_wait(error)
        wait = "" if seconds is None else f" and asks to wait {seconds:,} seconds"
        higher = "" if token else "; with `hf auth login` the limit is higher"
        return f"the Hub has had too many requests (429){wait}", f"Run the command again later{higher}"
    if status >= 500 or status == 408:
        return f"the Hub has a fault of its own ({status})", "Run the command again later; what was fetched is kept"
    return f"the Hub refused it ({reason(error)})", f"{page} may say why"


def _without_status(error: BaseException, lost: bool) -> tuple[str, str]:
    """Why and what to do, where there was no answer, or none of the Hub's."""
    from huggingface_hub import constants, errors

    if isinstance(error, errors.OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE forbids downloading", "Unset HF_HUB_OFFLINE to download it"
    if full_disk(error):
        return (
            f"the disk with the Hub's cache is full ({constants.HF_HUB_CACHE})",
            "Free some space, or set HF_HOME to a folder on another disk, and run the command again: what was fetched "
            "is kept",
        )
    if isinstance(error, OSError) and error.errno and not isinstance(error, ConnectionError | TimeoutError):
        return (
            f"the Hub's cache {constants.HF_HUB_CACHE} cannot be used ({error.strerror})",
            "Set HF_HOME to a folder that can be written",
        )
    odd = not lost and isinstance(error, json.JSONDecodeError | KeyError | TypeError)
    if odd or isinstance(error, errors.FileMetadataError):
        return (
            f"what answered at {_endpoint()} is not the Hub ({reason(error)})",
            "Check the network (a page to log in to it?), the proxy and HF_ENDPOINT",
        )
    if isinstance(error, UnicodeError):
        return (
            "the token in use holds a letter that no token has",
            "Log in again with `hf auth login`, or correct HF_TOKEN",
        )
    if lost:
        return (
            f"the connection to the Hub was lost half-way ({reason(error)})",
            "The files that had arrived whole are kept: run the same command again to go on",
        )
    return f"the Hub cannot be reached ({reason(error)})", "Check the network and the proxy"


def _status(error: BaseException) -> int | None:
    """The HTTP status with which the Hub answered, if it did."""
    for inner in _chain(error):
        status = getattr(getattr(inner, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__


def _endpoint() -> str:
    from huggingface_hub import constants

    return scrub(constants.ENDPOINT)


def _token() -> str | None:
    """The token that the library sends, if any."""
    from huggingface_hub import get_token

    try:
        return get_token()
    except Exception:  # an exchange of credentials that failed; the request then fails for that reason and says so
        return None
