"""Analysis needs no training library, and importing it loads no plotting one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.analysis.conftest import place, trial

ROOT = Path(__file__).parents[2]


def loaded_after(code: str, *names: str) -> str:
    check = f"{code}\nimport sys\nprint([n for n in {names!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_report_imports_no_training_library(study: Callable[..., Path]) -> None:
    folder = study([trial(place(), {"frozen_layers": 0, "learning_rate": 3e-5}, 0)])
    code = f"from analysis.report import write_report\nwrite_report({str(folder)!r})"
    assert loaded_after(code, "torch", "ray", "transformers", "datasets") == "[]"


def test_import_analysis_is_light() -> None:
    assert loaded_after("import analysis", "torch", "ray", "transformers", "scipy", "matplotlib", "seaborn") == "[]"
