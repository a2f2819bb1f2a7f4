"""The options of the command line, which are also the keyword options of ``run_study.run``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, cast

from study.ask import SCHEDULERS, Request
from study.data import DataOptions
from study.device import DEVICES, choose_device
from study.errors import InputError, Problems, unknown
from study.folder import Arm, Folder
from study.launch.options import Launch
from study.models.loading import DEFAULT_MODEL
from study.overrides import parse
from study.plan import Planned, plan
from study.question import Question
from study.search import SEARCHES


def unknown_options(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """A sentence for every word that the parser could not place, with the nearest options."""
    known = sorted(option for action in parser._actions for option in action.option_strings if option.startswith("--"))
    return [
        unknown("option", word.split("=")[0], known)
        if word.startswith("-")
        else f"argument {word!r} is one too many. Remove it."
        for word in words
    ]


def add_study_options(parser: argparse.ArgumentParser) -> None:
    """What is asked: question, model, data, settings, seeds. Everything here may change what a study contains."""
    parser.add_argument("question", help="a question's name (see list), or a Python file with a QUESTION in it")
    what = parser.add_argument_group("what is asked")
    what.add_argument(
        "--model", default=DEFAULT_MODEL, help="a folder, or a name on the Hub: NAME or NAME@REVISION (%(default)s)"
    )
    what.add_argument(
        "--data",
        default="reviews",
        help="reviews (bundled), a folder of splits, a file, or a Hub NAME or NAME@REVISION",
    )
    what.add_argument("--config", metavar="NAME", help="the configuration of a Hub data set that has several")
    what.add_argument(
        "--text-column", metavar="NAME", help='the column with the texts, or two, "a,b", for pairs (guessed if plain)'
    )
    what.add_argument("--label-column", metavar="NAME", help="the column with the classes (guessed if it is plain)")
    what.add_argument("--train-size", type=int, metavar="N", help="train on a stratified subset of N texts")
    what.add_argument("--eval-size", type=int, metavar="N", help="evaluate on N texts of validation and of test")
    what.add_argument(
        "--folds", type=int, metavar="K", help="cross-validate: test on each of K parts of data without a test split"
    )
    what.add_argument(
        "--data-seed", type=int, default=0, metavar="N", help="draws subsets, cuts and folds (%(default)s)"
    )
    what.add_argument("--seeds", type=int, metavar="N", help="replicates of every setting compared")
    what.add_argument("--epochs", type=float, metavar="E", help="short for --set epochs=E")
    what.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="fix a setting (1e-4), compare values (0,3,6) or tune over a domain (loguniform(1e-5,1e-3))",
    )
    what.add_argument("--trials", type=int, metavar="N", help="candidates tried when tuning, per point compared")
    what.add_argument("--search", metavar="|".join(SEARCHES), help="how candidates are proposed")
    what.add_argument("--scheduler", metavar="|".join(SCHEDULERS), help="whether weak candidates are stopped early")
    what.add_argument("--metric", help="the validation score that decides (f1)")
    what.add_argument("--out", metavar="FOLDER", help="the study's folder (results/QUESTION)")


def add_launch_options(parser: argparse.ArgumentParser) -> None:
    """How it is carried out. Nothing here changes what a study contains."""
    how = parser.add_argument_group("how it is carried out")
    how.add_argument("--device", choices=DEVICES, default="auto", help="where trials compute (%(default)s)")
    how.add_argument("--cpus-per-trial", type=int, metavar="N", help="CPUs, and threads, of a trial")
    how.add_argument("--gpus-per-trial", type=float, metavar="F", help="GPUs of a trial; 0.25 is also a memory limit")
    how.add_argument("--max-concurrent", type=int, metavar="N", help="trials at the same time, at most")
    how.add_argument("--address", help="a running Ray cluster (auto, or ray://host:10001)")
    how.add_argument("--in-process", action="store_true", help="one trial after the other, here, without Ray")
    how.add_argument("--minutes", type=float, metavar="M", help="start no new trial after M minutes")
    how.add_argument("--retry-failed", action="store_true", help="try failed trials again")
    how.add_argument("--quiet", action="store_true", help="print only the result")
    how.add_argument("--verbose", action="store_true", help="show what Ray and transformers print")


def request(arguments: argparse.Namespace, question: Question, problems: Problems) -> Request:
    """What these arguments ask; what cannot be understood goes to ``problems``."""
    # From Python, the settings come as a mapping of values.
    given = arguments.set
    settings: dict[str, Any] = dict(given) if isinstance(given, Mapping) else dict(parse(given, problems))
    if arguments.epochs is not None:
        if "epochs" in settings:
            problems.add("--epochs and --set epochs are both given. Give one of them.")
        settings["epochs"] = arguments.epochs
    return Request(
        question=question,
        model=arguments.model,
        data=DataOptions(
            name=arguments.data,
            config=arguments.config,
            text_column=arguments.text_column,
            label_column=arguments.label_column,
            train_size=arguments.train_size,
            eval_size=arguments.eval_size,
            data_seed=arguments.data_seed,
            folds=arguments.folds,
        ),
        settings=settings,
        **{name: getattr(arguments, name) for name in ("seeds", "trials", "search", "scheduler", "metric")},
    )


def launch_options(arguments: argparse.Namespace) -> Launch:
    """How these arguments want a study carried out; an InputError where this machine cannot."""
    return Launch(
        device=choose_device(arguments.device, elsewhere=bool(arguments.address)),
        **{
            name: getattr(arguments, name)
            for name in (
                "in_process",
                "cpus_per_trial",
                "gpus_per_trial",
                "max_concurrent",
                "address",
                "minutes",
                "retry_failed",
                "quiet",
                "verbose",
            )
        },
    )


def from_keywords(options: Mapping[str, Any]) -> argparse.Namespace:
    """The arguments of ``run`` as the command line would give them, from keyword options; unknown ones are refused."""
    parser = argparse.ArgumentParser()
    add_study_options(parser)
    add_launch_options(parser)
    arguments = parser.parse_args([str(options.get("question"))])
    known = vars(arguments)
    given = {name: value for name, value in options.items() if value is not None}
    wrong = [unknown("option", name, known) for name in given if name not in known]
    wrong += [problem for action in parser._actions if (problem := _mistyped(action, given.get(action.dest)))]
    if wrong:
        raise InputError(wrong)
    known.update(given)
    return arguments


def _mistyped(action: argparse.Action, value: Any) -> str | None:
    """What is wrong with the type of a keyword option, which the command line would have converted."""
    kinds, words = {int: ((int,), "a whole number"), float: ((int, float), "a number")}.get(
        cast(type, action.type), ((object,), "")
    )
    if value is None or (isinstance(value, kinds) and not (words and isinstance(value, bool))):
        return None
    return f"{action.dest}={value!r}: must be {words}."


def find_trial(folder: Folder, key: str) -> tuple[Planned, Arm]:
    """The planned trial whose key begins so, and its arm."""
    arms = folder.arms()
    result = plan(arms, folder.store.records())
    found = {p.key: p for p in (*result.done, *result.ready) if p.key.startswith(key)}
    if len(found) != 1:
        what = "is no trial of this study" if not found else f"begins {len(found)} keys: {', '.join(sorted(found)[:5])}"
        raise InputError(f"key {key!r} {what}. The keys are in the frame and in `status`; a few digits are enough.")
    planned = next(iter(found.values()))
    return planned, arms[planned.arm]
