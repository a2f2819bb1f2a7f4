"""TASKS: everything this package knows how to predict."""

from __future__ import annotations

from study.tasks import classification
from study.tasks.base import Task

TASKS: dict[str, Task] = {task.name: task for task in (classification.TASK,)}
