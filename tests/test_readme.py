"""What the README names exists: options, verbs, questions, settings, files, modules, and code that compiles."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import run_study
from search_spaces import QUESTIONS

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_every_link_leads_somewhere():
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", TEXT) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_option_exists_and_every_option_is_named(capsys):
    for verb in ("run", "report", "export"):
        with pytest.raises(SystemExit):
            run_study.main([verb, "--help"])
    known = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    elsewhere = {"--json", "--help"}
    lines = [line for line in TEXT.splitlines() if "tests.benchmarks" not in line]
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join(lines)))
    assert named - known - elsewhere == set()
    assert known - named - elsewhere == set()


def test_every_question_is_named():
    assert [name for name in QUESTIONS if f"`{name}`" not in TEXT] == []


def test_every_verb_is_shown():
    verbs = set(re.findall(r"^run_study\.py (\w+)", TEXT, re.MULTILINE))
    assert verbs == {"list", "plan", "run", "resume", "status", "report", "export", "rerun", "clean"}


def test_its_modules_exist_and_its_code_runs_or_compiles(monkeypatch):
    modules = re.findall(r"python -m (tests\.benchmarks\.\w+)", TEXT)
    assert modules
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    for code in blocks("python"):
        compile(code, "README.md", "exec")
    (question,) = [code for code in blocks("python") if "QUESTION = Question(" in code]
    names: dict = {}
    exec(question, names)
    assert len(names["QUESTION"].candidates()) == 3


def test_the_makefile_runs_what_stands_beside_it():
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    command = re.search(r"run_study\.py (run frozen_layers .*)", recipe).group(1)
    assert f"python run_study.py {command}" in TEXT
