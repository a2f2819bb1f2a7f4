"""A wheel built from the checkout works outside it, bundled data included."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


def test_an_installed_wheel_runs_a_study_elsewhere(tmp_path, model_folder):
    source = tmp_path / "source"
    for name in ("study", "search_spaces", "analysis"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("run_study.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("finetune_study-*.whl")
    site = tmp_path / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    shutil.rmtree(source)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [
        *(str(site / "bin" / "finetune-study"), "run", "frozen_layers", "--model", str(model_folder)),
        *("--data", "reviews", "--train-size", "32", "--eval-size", "32", "--set", "frozen_layers=0,1"),
        *("--set", "learning_rate=1e-3", "--seeds", "1", "--in-process", "--cpus-per-trial", "1"),
    ]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "results" / "frozen_layers" / "report.md").is_file()
    assert "32/32" in (elsewhere / "results" / "frozen_layers" / "report.md").read_text()
