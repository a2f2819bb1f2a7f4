"""Fixtures that are built once per session: a small model, small data, and an environment without network or noise."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.update(
    HF_HUB_OFFLINE="1",
    TOKENIZERS_PARALLELISM="false",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    TQDM_DISABLE="1",
    TRANSFORMERS_VERBOSITY="error",
    RAY_USAGE_STATS_ENABLED="0",
    # small matrices gain nothing from a second thread, and tests run side by side have one core each
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
)

import pytest

from tests.small import small_data, small_model


@lru_cache
def settled() -> None:
    """Keep garbage collection from walking the imported stack, as workers do: a trial collects several times."""
    import study.assembly  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("data") / "moods")


@pytest.fixture(scope="session")
def make_trial(model_folder: Path, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """``make_trial(seed=0, phase="compare", **setting) -> (trial, context)`` on the small model and data."""
    from study.data import DataOptions, load_data, write_texts
    from study.models.loading import find_model
    from study.record import Ref
    from study.settings import resolve
    from study.trial import Context, Trial

    settled()
    root = tmp_path_factory.mktemp("trials")
    data = load_data(DataOptions(str(data_folder)))
    write_texts(data, root / "texts.parquet")

    def make(seed: int = 0, phase: str = "compare", **setting: Any) -> tuple[Trial, Context]:
        given = {"learning_rate": 1e-3, "batch_size": 8, "epochs": 1, "max_length": 32}
        given |= {name.replace("__", "."): value for name, value in setting.items()}
        trial = Trial(
            "classification",
            find_model(str(model_folder)).ref,
            Ref(data.name, data.fingerprint),
            resolve(given),
            seed,
        )
        context = Context(
            model=str(model_folder),
            texts=root / "texts.parquet",
            cache=root / "artefacts",
            scratch=root / "scratch",
            question="test",
            phase=phase,
            threads=1,
        )
        return trial, context

    return make
