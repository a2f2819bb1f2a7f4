"""Recognising what a path holds, and reading it as a table of trials."""

from __future__ import annotations

import difflib
from pathlib import Path

import pandas as pd

from analysis.folder import is_study
from analysis.language import say
from analysis.sources import wandb_export
from analysis.sources.files import ENDINGS, read_file
from analysis.sources.flat import flattened
from analysis.sources.known import Known, keep
from analysis.sources.options import option
from analysis.sources.optuna_storage import is_journal, is_sqlite, is_url, read_optuna
from analysis.sources.ray_tune import read_ray, trials_in
from study.errors import InputError

LOOKED_FOR = (
    "a Ray Tune experiment folder (folders with params.json in it), an Optuna storage (sqlite:///FILE, or a journal), "
    f"an export of W&B, or a table of trials ({', '.join(ENDINGS)})"
)


def read(path: str | Path, *, study_name: str | None = None, objective: str | None = None) -> pd.DataFrame:
    """The trials that lie at a path, one row each, with the columns that their tool gave them.

    Recognised are Ray Tune's experiment folders, Optuna's storages, exports of W&B, and tables in files. Nothing is
    unpickled. ``study_name`` and ``objective`` choose within an Optuna storage. An InputError says what was looked for
    where nothing is recognised.
    """
    if is_url(str(path)):
        return _checked(read_optuna(str(path), study_name, objective), path)
    path = Path(path)
    if not path.exists():
        names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, sorted(names), n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise InputError(f"{path}: there is no such file or folder.{hint}")
    if path.is_dir():
        return _checked(_folder(path), path)
    if is_sqlite(path) or is_journal(path):
        return _checked(read_optuna(path, study_name, objective), path)
    if study_name or objective:
        choices = f"{option('study_name')} and {option('objective')}"
        raise InputError(f"{path} is no Optuna storage, so that there is nothing to choose with {choices}.")
    return _checked(_file(path), path)


def _folder(path: Path) -> pd.DataFrame:
    if is_study(path):
        raise InputError(f"{path} is a study of this package, no foreign table: read it with analysis.load_frame.")
    if trials_in(path):
        return read_ray(path)
    inside = [one.name for one in sorted(path.iterdir()) if one.is_dir() and trials_in(one)]
    if inside:
        raise InputError(f"{path} holds several Ray Tune experiments: {', '.join(inside)}. Give one of them.")
    tables = [one.name for one in sorted(path.iterdir()) if one.name.removesuffix(".gz").endswith(tuple(ENDINGS))]
    also = f" Files in it: {', '.join(tables[:8])}; give one of them." if tables else ""
    raise InputError(f"{path} is not recognised. Looked for: a study (study.json), {LOOKED_FOR}.{also}")


def _file(path: Path) -> pd.DataFrame:
    if not path.name.removesuffix(".gz").lower().endswith(tuple(ENDINGS)):
        raise InputError(f"{path} is not recognised. Looked for: {LOOKED_FOR}.")
    raw = read_file(path).rename(columns=str)
    if wandb_export.is_nested(raw):
        return wandb_export.from_api(raw, path)
    if wandb_export.is_runs_page(raw):
        return wandb_export.from_runs_page(raw, path)
    return keep(flattened(raw), Known(path.name.partition(".")[0], path, say("table")))


def _checked(raw: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    if raw.empty:
        raise InputError(f"{path} has no rows: there is no trial in it.")
    return raw
