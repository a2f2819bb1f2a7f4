"""Work that several sections ask for, done once: while a report is made the same frame gives the same groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Found = TypeVar("Found")

_KEPT: ContextVar[dict[tuple[object, ...], tuple[object, Any]] | None] = ContextVar("kept", default=None)


@contextmanager
def once_each() -> Iterator[None]:
    """Within it ``once`` keeps what it found: for code that changes no frame. The outermost one decides."""
    if _KEPT.get() is not None:
        yield
        return
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def once(compute: Callable[..., Found], *given: object) -> Found:
    """What ``compute`` finds in these very objects, which is not to be changed; worked out once within ``once_each``.

    Objects are told apart by identity: a frame of 100,000 trials takes as long to be read for its content as to be
    grouped. Elsewhere nothing is kept, as a frame may be changed in between.
    """
    kept = _KEPT.get()
    if kept is None:
        return compute(*given)
    key = (f"{compute.__module__}.{compute.__qualname__}", *map(id, given))
    if key not in kept:
        # what was given is kept too, so that its id stays its own
        kept[key] = (given, compute(*given))
    return kept[key][1]
