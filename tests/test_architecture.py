"""The house as architecture.md draws it: which way the imports go, how large things are, what loads what."""

from __future__ import annotations

import ast
import importlib
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from search_spaces import QUESTIONS
from study.methods import METHODS
from study.question import Question
from study.tasks import TASKS

ROOT = Path(__file__).parents[1]
PACKAGES = ("study", "search_spaces", "analysis")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in [ROOT / "run_study.py", *(p for name in PACKAGES for p in sorted((ROOT / name).rglob("*.py")))]
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

MAY_IMPORT = {
    "run_study": ("run_study", "search_spaces", "study", "analysis"),
    "search_spaces": ("search_spaces", "study.question", "study.errors"),
    "analysis": ("analysis", "study.record", "study.store", "study.question", "study.errors"),
    "study": ("study",),
}

HEAVY = ("torch", "ray", "transformers", "datasets")


def of_package(package: str) -> list[str]:
    return [name for name in MODULES if name.split(".")[0] == package]


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs: those under ``if TYPE_CHECKING`` are left out."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from nodes(other)
            continue
        yield child
        yield from nodes(child)


def imports(name: str) -> set[str]:
    """The modules this one imports when it runs, inside functions too."""
    found = set()
    for node in nodes(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & MODULES.keys()) or {str(node.module)}
    return found


def functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(TREES[name]) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))


def inside(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in allowed)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows_go_one_way(package):
    own = {*PACKAGES, "run_study", "tests"}
    wrong = {
        (name, target)
        for name in of_package(package)
        for target in imports(name)
        if target.split(".")[0] in own and not inside(target, MAY_IMPORT[package])
    }
    assert of_package(package)
    assert not wrong


def test_imports_are_really_found():
    assert "study.question" in imports("search_spaces.frozen_layers")
    assert "study.launch.space" in imports("study.question"), "imports inside functions count"
    assert "torch" not in imports("study.tasks.base")


def test_no_two_parts_of_study_import_each_other():
    parts: dict[str, set[str]] = {}
    for name in of_package("study"):
        if (ROOT / "study" / (part := [*name.split("."), ""][1])).is_dir() and part:
            targets = {t.split(".")[1] for t in imports(name) if t.startswith("study.")}
            parts.setdefault(part, set()).update(targets - {part})
    assert {"data", "launch", "methods", "models", "tasks"} <= set(parts)
    assert not [(a, b) for a, b in itertools.combinations(parts, 2) if b in parts[a] and a in parts[b]]


def test_modules_that_load_each_other_on_import_do_not_exist():
    """A circle of imports at the top of modules works or fails by the order in which they are loaded."""
    edges = {}
    for name in of_package("study"):
        body = ast.Module([n for n in TREES[name].body if isinstance(n, (ast.Import, ast.ImportFrom))], [])
        edges[name] = {
            target
            for node in ast.walk(body)
            if isinstance(node, ast.ImportFrom)
            for target in [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
            if target in MODULES and target != name
        }
    for name in edges:
        reached, front = set(), set(edges[name])
        while front:
            reached |= front
            front = {t for module in front for t in edges.get(module, ())} - reached
        package = MODULES[name].name == "__init__.py"
        assert name not in reached or package, f"{name} is loaded while it is being loaded"


def test_analysis_has_its_own_arrows():
    """Statistics know no study, figures no report, and what is read and counted knows neither."""
    inner = {name: {t for t in imports(name) if inside(t, ("analysis",))} for name in of_package("analysis")}
    for name, targets in inner.items():
        if name in ("analysis", "analysis.explore") or inside(name, ("analysis.report",)):
            continue
        above = ("analysis.report",) if inside(name, ("analysis.views",)) else ("analysis.report", "analysis.views")
        if inside(name, ("analysis.stats",)):
            above = tuple({target.split(".")[1] for target in of_package("analysis") if "." in target} - {"stats"})
            above = tuple(f"analysis.{room}" for room in above)
        assert not {target for target in targets if inside(target, above)}, name


def test_only_on_ray_builds_a_tuner():
    def called(name: str) -> set[str]:
        calls = (n.func for n in ast.walk(TREES[name]) if isinstance(n, ast.Call))
        return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls}

    assert [name for name in MODULES if called(name) & {"Tuner", "run_experiments"}] == ["study.launch.on_ray"]


def test_only_launching_imports_ray():
    found = {name for name in MODULES for target in imports(name) if target.split(".")[0] == "ray"}
    assert found
    assert all(name.startswith("study.launch.") for name in found)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_at_most_300_lines(name):
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 300


def test_the_median_module_is_about_100_lines():
    lengths = sorted(len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES.values())
    assert lengths[len(lengths) // 2] <= 120


@pytest.mark.parametrize("name", MODULES)
def test_a_function_has_at_most_60_lines_and_seven_parameters(name):
    for function in functions(name):
        given = function.args
        count = len([*given.posonlyargs, *given.args, *given.kwonlyargs])
        assert (function.end_lineno or 0) - function.lineno < 60, function.name
        assert count <= 7, function.name


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is(name):
    said = ast.get_docstring(TREES[name])
    assert said
    assert said.splitlines()[0].endswith((".", "?"))


@pytest.mark.parametrize("name", MODULES)
def test_a_public_function_says_what_comes_back(name):
    """Public: at the top of a module, without an underscore. The hooks' documentation is Method's."""
    missing = [
        n.name
        for n in TREES[name].body
        if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and not n.name.startswith("_") and not ast.get_docstring(n)
    ]
    assert missing in ([], ["choice", "uniform", "loguniform", "randint"])


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_pickled(name):
    assert not {t.split(".")[0] for t in imports(name)} & {
        "pickle",
        "cPickle",
        "cloudpickle",
        "dill",
        "joblib",
        "shelve",
    }
    calls = [n for n in ast.walk(TREES[name]) if isinstance(n, ast.Call)]
    assert not {ast.unparse(call.func) for call in calls} & {"torch.save", "np.load_pickle"}
    # Others' checkpoints may be pickles; they are read as tensors alone.
    loads = [call for call in calls if ast.unparse(call.func) == "torch.load"]
    assert all("weights_only=True" in [f"{k.arg}={ast.unparse(k.value)}" for k in call.keywords] for call in loads)
    assert "allow_pickle=True" not in MODULES[name].read_text(encoding="utf-8")


@pytest.mark.parametrize("module", ["study.plan", "study.store", "search_spaces", "analysis", "run_study"])
def test_importing_it_loads_no_heavy_library(module):
    code = f"import sys, {module}; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_worker_or_the_trial_loads_no_ray():
    code = "import sys, study.launch.worker, study.trial, study.launch; print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def entries(package: str, leave_out: set[str]) -> dict[str, object]:
    """The modules of a package that should each hold one entry of its registry."""
    inner = [n for n in MODULES if n.startswith(f"{package}.") and n.rsplit(".", 1)[1] not in leave_out]
    return {name: importlib.import_module(name) for name in inner}


def test_every_method_file_is_one_entry_of_methods_under_its_own_name():
    modules = entries("study.methods", {"base"})
    assert {name.rsplit(".", 1)[1]: module.METHOD for name, module in modules.items()} == METHODS
    assert all(method.name == name for name, method in METHODS.items())


def test_every_question_file_is_one_entry_of_questions_under_its_own_name():
    modules = entries("search_spaces", set())
    assert {name.rsplit(".", 1)[1]: module.QUESTION for name, module in modules.items()} == QUESTIONS
    assert all(isinstance(q, Question) and q.name == name for name, q in QUESTIONS.items())


def test_every_task_file_is_one_entry_of_tasks_under_its_own_name():
    modules = entries("study.tasks", {"base"})
    assert {name.rsplit(".", 1)[1]: module.TASK for name, module in modules.items()} == TASKS


def test_every_question_of_ours_is_valid_and_decided_by_a_metric_of_its_task():
    from study.question import Geometry
    from study.question_problems import question_problems

    for question in QUESTIONS.values():
        assert question_problems(question, Geometry(depth=12, width=768, heads=12, positions=512)) == []
        assert question.metric in TASKS[question.task].metrics
        assert question.asks.endswith("?")
        assert question.source


def test_every_question_is_shown_by_a_view_that_exists():
    from analysis.views import VIEWS

    for question in QUESTIONS.values():
        assert question.view.name in VIEWS
    for view in VIEWS.values():
        assert callable(view.prepare)
        assert callable(view.draw)
