"""The options of the command line, which are also the keyword options of ``run_study.run``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from study.ask import SCHEDULERS, Request
from study.data import DataOptions
from study.device import DEVICES, choose_device
from study.errors import InputError, Problems, unknown
from study.folder import Arm, Folder
from study.launch.options import Launch
from study.launch.tracking import TRACKERS, tracker_names
from study.models.loading import DEFAULT_MODEL
from study.overrides import parse
from study.plan import Planned, plan
from study.question import Domain, Question, Scalar, distinct
from study.search import SEARCHES

_PATHS = ("model", "data", "out", "corpus", "fill_in")
"""The options that may be paths."""


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
        "--corpus",
        metavar="DATA",
        help="texts to pre-train on: a file (.txt: a text per line), a folder, a Hub name",
    )
    what.add_argument(
        "--fill-in", metavar="FILE", help="sentences, one per line with a ___ each, that pre-trained models fill in"
    )
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
    what.add_argument(
        "--gpu-memory",
        metavar="SIZE",
        help="compute batches so that a trial keeps to SIZE (4GB, 512MiB) of a GPU: sets micro_batch, "
        "gradient_checkpointing, precision",
    )
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
    how.add_argument(
        "--log-to",
        metavar="TRACKER,...",
        help=f"show the trials there while they run: {', '.join(TRACKERS)}; files go to logs/ in the study's folder",
    )
    how.add_argument(
        "--stored-prefix",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="compute what frozen layers make of the texts once for all trials (%(default)s)",
    )
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
        **{
            name: getattr(arguments, name)
            for name in ("seeds", "trials", "search", "scheduler", "metric", "gpu_memory", "corpus", "fill_in")
        },
    )


def launch_options(arguments: argparse.Namespace) -> Launch:
    """How these arguments want a study carried out; an InputError where this machine cannot."""
    return Launch(
        device=choose_device(arguments.device, elsewhere=bool(arguments.address)),
        log_to=tracker_names(arguments.log_to),
        **{
            name: getattr(arguments, name)
            for name in (
                "in_process",
                "cpus_per_trial",
                "gpus_per_trial",
                "max_concurrent",
                "address",
                "minutes",
                "stored_prefix",
                "retry_failed",
                "quiet",
                "verbose",
            )
        },
    )


def from_keywords(options: Mapping[str, Any]) -> argparse.Namespace:
    """The arguments of ``run`` as the command line would give them, from keyword options.

    Raises InputError for unknown options and for values of no use. What is wrong with single settings goes into
    ``unknown``, which is told with everything else that is wrong.
    """
    parser = argparse.ArgumentParser()
    add_study_options(parser)
    add_launch_options(parser)
    arguments = parser.parse_args(["--", str(options.get("question"))])
    known = vars(arguments)
    given = {name: _as_text(name, value) for name, value in options.items() if value is not None}
    wrong = [unknown("option", name, known) for name in given if name not in known]
    wrong += [problem for action in parser._actions if (problem := _mistyped(action, given.get(action.dest)))]
    problems = Problems()
    given["set"] = _settings(given.get("set", {}), problems)
    if wrong or given["set"] is None:
        raise InputError([*wrong, *problems.found])
    known.update(given, unknown=problems.found)
    return arguments


def _mistyped(action: argparse.Action, value: Any) -> str | None:
    """What is wrong with the type of a keyword option, which the command line would have converted."""
    if value is None:
        return None
    if action.dest in (*_PATHS, "text_column"):
        return None if isinstance(value, str) else _no_text(action.dest, value)
    kinds, words = {int: ((int,), "a whole number"), float: ((int, float), "a number")}.get(
        cast(type, action.type), ((object,), "")
    )
    if isinstance(value, kinds) and not (words and isinstance(value, bool)):
        return None
    return f"{action.dest}={value!r}: must be {words}."


def _as_text(name: str, value: Any) -> Any:
    """What the command line would have had for a path, or for the two columns of pairs; other values as they are."""
    if name in _PATHS and isinstance(value, os.PathLike):
        return os.fspath(value)
    if name == "text_column" and isinstance(value, (list, tuple)) and len(value) == 2:
        # A comma inside a name would make other columns of the two.
        return ",".join(value) if all(isinstance(one, str) and "," not in one for one in value) else value
    return value


def _no_text(name: str, value: Any) -> str:
    may = {
        "model": "a folder (a str or a pathlib.Path), or a name on the Hub; a model in memory can be saved first, with "
        "its tokenizer: save_pretrained(folder)",
        "data": "a folder or a file (a str or a pathlib.Path), a name on the Hub, or reviews",
        "out": "a folder (a str or a pathlib.Path)",
        "corpus": "a folder or a file (a str or a pathlib.Path), or a name on the Hub",
        "fill_in": "a file (a str or a pathlib.Path)",
        "text_column": "a column's name, or a list or tuple of two names without a comma, for pairs",
    }
    if name == "text_column":
        return f"text_column={value!r}: must be {may[name]}."
    saved = "; a DataFrame can be saved first: frame.to_parquet('texts.parquet')" if name == "data" else ""
    return f"{name} is of type {type(value).__name__}: must be {may[name]}{saved}."


def _settings(given: Any, problems: Problems) -> dict[str, Any] | None:
    """The settings as scalars, tuples of scalars and domains, without those in ``problems``; None of no mapping."""
    if not isinstance(given, Mapping):
        problems.add(
            f"settings is of type {type(given).__name__}: must be a mapping from a setting's name to its value, such "
            "as {'epochs': 2, 'frozen_layers': (0, 3)}."
        )
        return None
    found = {}
    for name, value in given.items():
        with problems.collecting():
            found[name] = _setting(name, value)
    return found


def _setting(name: Any, value: Any) -> Scalar | tuple[Scalar, ...] | Domain:
    """One value, several, or a domain; raises InputError for anything else, and for none at all."""
    if not isinstance(name, str):
        raise InputError(f"settings: {name!r} is no name of a setting, which is a str.")
    if isinstance(value, Domain):
        args = tuple(_scalar(name, one) for one in value.args)
        try:
            return Domain(value.kind, args)
        except ValueError as error:  # what numpy's types had hidden from it
            raise InputError(f"settings: {name}: {error}.") from None
    value = _listed(value)
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Collection):
        return _scalar(name, value)
    values = [_scalar(name, one) for one in value]
    if not values:
        raise InputError(f"settings: {name} has no values; give one or more.")
    if isinstance(value, (set, frozenset)):
        # A set of words has another order in every process. Numbers and words have none between them.
        values.sort(key=lambda one: (isinstance(one, str), one))
    return distinct(values)


def _scalar(name: str, value: Any) -> Scalar:
    value = _listed(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    raise InputError(
        f"settings: {name} has a value of type {type(value).__name__}; give a number, a word or a bool, several of "
        "them in a list or tuple, or a study.question.Domain."
    )


def _listed(value: Any) -> Any:
    """An array as a list, a scalar of numpy as Python's: told by the method they share, for numpy may not be loaded.

    First of all, because numpy's float64 is also a float and its str_ also a str.
    """
    return value.tolist() if callable(getattr(value, "tolist", None)) else value


def find_trial(folder: Folder, key: str) -> tuple[Planned, Arm]:
    """The planned trial whose key begins so, and its arm."""
    arms = folder.arms()
    result = plan(arms, dict(folder.store.records()))
    found = {p.key: p for p in (*result.done, *result.ready) if p.key.startswith(key)}
    if len(found) != 1:
        what = "is no trial of this study" if not found else f"begins {len(found)} keys: {', '.join(sorted(found)[:5])}"
        raise InputError(f"key {key!r} {what}. The keys are in the frame and in `status`; a few digits are enough.")
    planned = next(iter(found.values()))
    return planned, arms[planned.arm]
