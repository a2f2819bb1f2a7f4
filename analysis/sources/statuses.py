"""How a trial ended, in the words of the tools that say it."""

from __future__ import annotations

from study.record import TERMINAL

STATUSES = {
    **{status: status for status in TERMINAL},
    "complete": "finished",
    "completed": "finished",
    "success": "finished",
    "succeeded": "finished",
    "terminated": "finished",
    "done": "finished",
    "pruned": "stopped",
    "early_stopped": "stopped",
    "fail": "failed",
    "failure": "failed",
    "error": "failed",
    "errored": "failed",
    "crashed": "failed",
    "killed": "failed",
    "oom": "out_of_memory",
    "nan": "diverged",
}
"""What tools call an end, in small letters, and what a record calls it."""

ONGOING = ("running", "pending", "paused", "waiting", "queued", "preempting", "preempted", "scheduled", "created")
"""What tools call a trial that has not ended."""


def ended(word: object) -> str | None:
    """How a trial with this status ended; None where it has not. A KeyError where nobody knows the word."""
    lowered = str(word).strip().lower().replace(" ", "_").replace("-", "_")
    return None if lowered in ONGOING else STATUSES[lowered]


def knows(word: object) -> bool:
    """Whether a status is one that some tool uses."""
    lowered = str(word).strip().lower().replace(" ", "_").replace("-", "_")
    return lowered in ONGOING or lowered in STATUSES
