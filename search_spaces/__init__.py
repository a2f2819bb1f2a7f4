"""The questions this package asks, one module each; a user's own is a Python file with a QUESTION in it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from search_spaces import (
    adapter_size,
    awp,
    continued_pretraining,
    exam,
    few_shot,
    frozen_layers,
    hyperparameters,
    lora,
    lora_or_adapter,
    memory_budget,
    mixout,
    setfit,
    stability,
)
from study.errors import InputError, unknown
from study.question import Question

QUESTIONS: dict[str, Question] = {
    question.name: question
    for question in (
        frozen_layers.QUESTION,
        hyperparameters.QUESTION,
        lora.QUESTION,
        adapter_size.QUESTION,
        lora_or_adapter.QUESTION,
        awp.QUESTION,
        mixout.QUESTION,
        memory_budget.QUESTION,
        stability.QUESTION,
        exam.QUESTION,
        few_shot.QUESTION,
        setfit.QUESTION,
        continued_pretraining.QUESTION,
    )
}


def find_question(name: str) -> Question:
    """The question of this name, or the QUESTION of this Python file."""
    if name in QUESTIONS:
        return QUESTIONS[name]
    if not name.endswith(".py"):
        raise InputError(unknown("question", name, QUESTIONS, do="A path to a Python file with a QUESTION works too."))
    if not Path(name).is_file():
        raise InputError(
            f"question {name}: no such file. Give a Python file with a QUESTION, or one of: {', '.join(QUESTIONS)}."
        )
    return _from_file(Path(name))


def _from_file(path: Path) -> Question:
    spec = importlib.util.spec_from_file_location(f"question_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InputError(
            f"question {path}: the file does not run: {type(error).__name__}: {error}. Mend it."
        ) from error
    question = getattr(module, "QUESTION", None)
    if not isinstance(question, Question):
        raise InputError(f"question {path}: must define QUESTION = Question(...), a study.question.Question.")
    return question
