"""The options of the command line, which are also the keyword options of ``run_study.run`` (see ``keywords``)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

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
    what.add_argument(
        "--first-seeds",
        type=int,
        metavar="N",
        help="run N of the seeds first, and the others only of settings that may still be the best",
    )
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
            for name in (
                *("seeds", "first_seeds", "trials", "search", "scheduler", "metric"),
                *("gpu_memory", "corpus", "fill_in"),
            )
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
