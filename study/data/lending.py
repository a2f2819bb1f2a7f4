"""Bytes lent to Arrow, whose threads may hold them for a moment longer than the reader that they were given to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from study.data.content import Content

_WAIT = 0.001
_MOST = 5_000  # waits; whatever still holds the bytes then is not a thread that is about to let go


@contextmanager
def lent(content: Content) -> Iterator[memoryview]:
    """A view of the bytes to be given to Arrow; after the block no thread of Arrow's holds it.

    A reader of Arrow's reads ahead on a thread of its own. If that is the last to hold the view, it needs Python's lock
    to free it, and where the process ends in that moment (as after a message about a bad file) it aborts instead. So
    the block has to delete its readers, and this waits until the view is free.
    """
    view = memoryview(content)
    try:
        yield view
    finally:
        for _ in range(_MOST):
            try:
                view.release()
                break
            except BufferError:
                time.sleep(_WAIT)
