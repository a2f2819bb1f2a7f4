"""Which way of fine-tuning works best here, and how sure are we? The command line and the Python entry point."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from study.ask import Request
    from study.folder import Arm, Folder
    from study.launch import Launch


def _refuse_shadows() -> None:
    """Stop if somebody's own folder or file called study, search_spaces or analysis would be imported for ours."""
    here = Path(__file__).resolve().parent
    for name in ("study", "search_spaces", "analysis"):
        spec = importlib.util.find_spec(name)
        places = [spec.origin, *(spec.submodule_search_locations or [])] if spec else []
        found = next((place for place in places if place), None)
        if found is None or here not in Path(found).resolve().parents:
            raise ImportError(
                f"import {name} finds {found}, not this package's own ({here / name}). "
                "Rename it, or run from another folder."
            )


_refuse_shadows()

from search_spaces import QUESTIONS, find_question  # noqa: E402
from study.errors import InputError, Problems  # noqa: E402
from study.question import Question  # noqa: E402
from study.silence import silence_process  # noqa: E402

_NOTHING = Question(name="unknown", asks="", source="")
"""Stands for a question that does not exist, so that the rest of the command can be checked too."""


def run(
    question: str | Path | Question,
    model: str | Path | None = None,
    data: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Run a study and return its frame, one row per trial (see ``analysis.load_frame``).

    ``question`` is a name, a Python file, or a ``study.question.Question``. ``settings`` maps a name to a value
    (fixed), several (compared: a tuple, list, range, …) or a ``study.question.Domain`` (tuned). ``options`` are those
    of the command line with underscores: ``out="results/mine"``, ``seeds=5``, ``train_size=500``, ``folds=5``,
    ``in_process=True``, … Trials that ``out`` already holds are not run again. Raises ``study.errors.InputError`` with
    everything that is wrong.
    """
    from analysis import load_frame
    from study.keywords import from_keywords

    given = {"question": question, "model": model, "data": data, "set": {} if settings is None else settings, **options}
    folder, _ = _run(from_keywords(given), command=None)
    return load_frame(folder.root)


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status: 0 all planned trials ended well, 1 not so, 2 wrong arguments."""
    from study.arguments import unknown_options

    argv = list(sys.argv[1:] if argv is None else argv)
    arguments, words = _parser().parse_known_args(argv)
    if not getattr(arguments, "verbose", False):
        silence_process()
    try:
        arguments.unknown = unknown_options(arguments.parser, words)
        if arguments.unknown and arguments.verb not in (_plan, _run_verb):
            raise InputError(arguments.unknown)
        return arguments.verb(arguments, shlex.join(["run_study.py", *argv]))
    except InputError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "interrupted: everything finished is kept; the same command, or resume, goes on from there", file=sys.stderr
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    from analysis.arguments import add_report_options
    from study.arguments import add_launch_options, add_study_options

    parser = argparse.ArgumentParser(prog="run_study.py", description=__doc__)
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, function: Any, text: str, example: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text, epilog=f"example: run_study.py {example}")
        added.set_defaults(verb=function, parser=added)
        return added

    added = verb("list", _list, "the questions: what each asks, its space, where it comes from", "list --json")
    added.add_argument("--json", action="store_true", help="as JSON")
    for name, function, text in (
        ("plan", _plan, "the trials of a study, how many are done, estimated minutes and disk; runs nothing"),
        ("run", _run_verb, "run a study, or enlarge one: what its folder holds is not run again"),
    ):
        added = verb(name, function, text, f"{name} frozen_layers --data reviews --set frozen_layers=0,3,6")
        add_study_options(added)
        add_launch_options(added)
    added = verb("resume", _resume, "go on with a study that was stopped or killed", "resume results/frozen_layers")
    added.add_argument("folder")
    add_launch_options(added)
    for name, function, text in (
        ("status", _status, "where a study stands"),
        ("clean", _clean, "remove what can be made again: token artefacts, scratch; records stay"),
    ):
        verb(name, function, text, f"{name} results/frozen_layers").add_argument("folder")
    text = "write the report of what is there: of a study, of several together, or of any table of trials"
    add_report_options(verb("report", _report, text, "report results/frozen_layers --format html,pdf --language es"))
    text = "write a study's trials into an Optuna storage, for its dashboard"
    added = verb("export", _export, text, "export results/frozen_layers --optuna sqlite:///trials.db")
    added.add_argument("folder")
    added.add_argument("--optuna", required=True, metavar="URL", help="sqlite:///FILE, or another storage's address")
    added = verb("rerun", _rerun, "run one trial here and now, with its traceback", "rerun results/frozen_layers KEY")
    added.add_argument("folder")
    added.add_argument("key", help="the trial's key, or its first digits")
    added.add_argument("--device", default="auto", help="auto, cpu or cuda")
    return parser


def _list(arguments: argparse.Namespace, _command: str) -> int:
    from study.describe import described, space_lines

    if arguments.json:
        print(json.dumps([described(question) for question in QUESTIONS.values()], indent=2))
        return 0
    for question in QUESTIONS.values():
        print(f"{question.name}: {question.asks}")
        print("\n".join(f"    {line}" for line in space_lines(question)))
        print(f"    from: {question.source}\n")
    return 0


def _plan(arguments: argparse.Namespace, _command: str) -> int:
    from study.ask import ask
    from study.describe import plan_text

    asked, options, folder, problems = _understood(arguments)
    with problems.collecting():
        folder.check_question(asked.question.name)
    found = ask(asked, problems)
    assert options is not None
    print(plan_text(folder, folder.with_arms([arm for arm, _ in found]), options, [data for _, data in found]))
    return 0


def _run_verb(arguments: argparse.Namespace, command: str) -> int:
    folder, complete = _run(arguments, command)
    return _ended(folder, complete)


def _resume(arguments: argparse.Namespace, _command: str) -> int:
    from study.arguments import launch_options
    from study.folder import Folder

    folder = Folder(arguments.folder)
    arms = folder.arms()
    options = launch_options(arguments)
    options.check({arm.question.scheduler for arm in arms})
    return _ended(folder, _carry_out(folder, arms, options))


def _status(arguments: argparse.Namespace, _command: str) -> int:
    from study.describe import status_text
    from study.folder import Folder

    print(status_text(Folder(arguments.folder)))
    return 0


def _report(arguments: argparse.Namespace, _command: str) -> int:
    from analysis.arguments import report_options
    from analysis.report import write_report

    for path in write_report(arguments.paths, **report_options(arguments)):
        print(path)
    return 0


def _export(arguments: argparse.Namespace, _command: str) -> int:
    from analysis.export import to_optuna
    from analysis.folder import read_study

    for name in to_optuna(read_study(arguments.folder), arguments.optuna):
        print(name)
    return 0


def _clean(arguments: argparse.Namespace, _command: str) -> int:
    from study.folder import Folder

    folder = Folder(arguments.folder)
    folder.arms()
    with folder.store.lock():
        print(f"{folder.clean() / 1e6:.1f} MB freed; records, predictions, texts and logs are kept")
    return 0


def _rerun(arguments: argparse.Namespace, _command: str) -> int:
    from study.arguments import find_trial
    from study.device import choose_device
    from study.folder import Folder
    from study.launch import Launch
    from study.launch.supply import context
    from study.trial import carry_out

    folder = Folder(arguments.folder)
    planned, arm = find_trial(folder, arguments.key)
    options = Launch(device=choose_device(arguments.device), in_process=True)
    try:
        record = carry_out(planned.trial, context(folder, arm, planned.phase, options))
    except Exception:
        traceback.print_exc()
        return 1
    print(
        json.dumps(
            {"key": record.key, "status": record.status, "metrics": record.metrics, "costs": record.costs}, indent=1
        )
    )
    return 0


def _understood(arguments: argparse.Namespace) -> tuple[Request, Launch | None, Folder, Problems]:
    """The request, how to carry it out, the folder, and what is wrong so far: raised only with all the rest."""
    from study.arguments import launch_options, request
    from study.ask import changed
    from study.folder import Folder

    problems = Problems()
    problems.add(*getattr(arguments, "unknown", ()))
    question = arguments.question if isinstance(arguments.question, Question) else _NOTHING
    if question is _NOTHING:
        with problems.collecting():
            question = find_question(str(arguments.question))
    asked = request(arguments, question, problems)
    options = None
    with problems.collecting():
        options = launch_options(arguments)
        options.check({changed(asked, Problems()).scheduler})
    return asked, options, Folder(arguments.out or Path("results") / question.name), problems


def _run(arguments: argparse.Namespace, command: str | None) -> tuple[Folder, bool]:
    """The study's folder once nothing more can be run, and whether every planned trial has ended well."""
    from study.ask import enlarge

    asked, options, folder, problems = _understood(arguments)
    arms = enlarge(folder, asked, command, problems)
    assert options is not None
    return folder, _carry_out(folder, arms, options)


def _carry_out(folder: Folder, arms: Sequence[Arm], options: Launch) -> bool:
    from study.describe import arm_lines
    from study.launch import Supply, launch
    from study.launch.progress import Progress

    if not options.quiet:
        print("\n".join(arm_lines(arms)), file=sys.stderr)
    progress = Progress(quiet=options.quiet)
    supply = Supply(folder, arms, options, progress)
    try:
        launch(supply, options)
    finally:
        progress.close()
    for key, why in supply.lost.items():
        print(f"lost: {key}: {why}; resume tries it again", file=sys.stderr)
    return supply.complete


def _ended(folder: Folder, complete: bool) -> int:
    """Write the report, say where it is, and give the exit status."""
    from analysis.report import write_report

    print(f"report: {write_report(folder.root)[0]}")
    if not complete:
        print(f"not everything that was planned has ended well: run_study.py status {folder.root}", file=sys.stderr)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
