"""Undisturbed: whatever is changed inside is as before afterwards, also when it ends in an error."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings

import pytest
from accelerate.state import AcceleratorState, PartialState

from study.contrastive.undisturbed import replaced, silence, undisturbed


@pytest.fixture
def state(monkeypatch):
    """An accelerate that knows a precision, and a variable of the environment."""
    monkeypatch.setenv("STUDY_TEST_KEPT", "before")
    kept = dict(AcceleratorState._shared_state)
    AcceleratorState._shared_state.update(_mixed_precision="bf16")
    yield
    AcceleratorState._shared_state.clear()
    AcceleratorState._shared_state.update(kept)


def seen() -> tuple:
    return (
        dict(os.environ),
        list(warnings.filters),
        [logging.getLogger(name).level for name in ("setfit", "sentence_transformers")],
        dict(AcceleratorState._shared_state),
        dict(PartialState._shared_state),
    )


def disturb() -> None:
    os.environ["STUDY_TEST_KEPT"] = "after"
    os.environ["STUDY_TEST_NEW"] = "new"
    warnings.filterwarnings("error", category=DeprecationWarning)
    silence()
    AcceleratorState._shared_state.clear()
    PartialState._shared_state["device"] = "another"


def test_all_is_as_before(state):
    before = seen()
    with undisturbed():
        disturb()
        assert seen() != before
    assert seen() == before


def test_after_an_error_too(state):
    before = seen()
    with contextlib.suppress(KeyError), undisturbed():
        disturb()
        raise KeyError
    assert seen() == before


def test_a_variable_that_was_deleted_is_back(state):
    with undisturbed():
        del os.environ["STUDY_TEST_KEPT"]
    assert os.environ["STUDY_TEST_KEPT"] == "before"


def test_a_name_is_replaced_until_the_end_also_of_an_error():
    original = warnings.warn
    with contextlib.suppress(KeyError), replaced(warnings, "warn", None):
        assert warnings.warn is None
        raise KeyError
    assert warnings.warn is original
