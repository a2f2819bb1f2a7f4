"""The Hub through its cache, offline; and what is said where it cannot be reached."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.study.data.samples import SHA, assert_says, folder, hub_cache, load, problems, rows, three, write_csv

CARD = """---
dataset_info:
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': negative
          '1': positive
---
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hub cache, offline, and an empty folder to work in."""
    import datasets
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "hub"


def test_the_same_rows_have_one_fingerprint_wherever_they_are(cache: Path, tmp_path: Path) -> None:
    named = three()
    hub_cache(cache, "owner/films", {"README.md": CARD} | {f"{s}.parquet": c for s, c in named.items()})
    data = load("owner/films")
    assert data.name == "owner/films"
    assert data.source == f"Hub cache, owner/films at revision {SHA}"
    assert data.labels == ("negative", "positive")
    assert data.notes == ()
    words = three(classes=("negative", "positive"))
    for extension in ("csv", "parquet"):
        local = load(folder(tmp_path / extension, words, extension))
        assert (local.fingerprint, local.splits) == (data.fingerprint, data.splits)


def test_the_layout_of_the_hub_itself(cache: Path) -> None:
    files: dict[str, Any] = {f"data/{s}-00000-of-00001.parquet": c for s, c in three().items()}
    files["data/unsupervised-00000-of-00001.parquet"] = rows()
    snapshot = hub_cache(cache, "films", {"README.md": "---\nlicense: mit\n---\n", **files})
    data = load("films", train_size=10)
    assert data.name == "films[:10]"
    assert data.notes[0] == "splits left aside: unsupervised"
    assert (snapshot / "data").is_dir()


def test_csv_files_on_the_hub(cache: Path, tmp_path: Path) -> None:
    snapshot = hub_cache(cache, "owner/films", {"README.md": ""})
    for split, columns in three().items():
        write_csv(snapshot / f"{split}.csv", columns)
    assert load("owner/films").fingerprint == load(folder(tmp_path / "local", three())).fingerprint


def test_a_local_folder_of_the_same_name_does_not_come_between(cache: Path, tmp_path: Path) -> None:
    """``load_dataset`` on a local folder leaves a copy that ``load_dataset(name)`` then takes for the Hub's."""
    hub_cache(cache, "films", {f"{s}.parquet": c for s, c in three(classes=("hub", "other")).items()})
    local = tmp_path / "elsewhere" / "films"
    assert load(folder(local, three(classes=("local", "other")))).labels == ("local", "other")
    assert not (tmp_path / "datasets").exists()
    assert load("films").labels == ("hub", "other")


def test_another_process_without_network(tmp_path: Path) -> None:
    hub_cache(tmp_path / "home" / "hub", "owner/films", {f"{s}.parquet": c for s, c in three().items()})
    code = "from study.data import *; print(load_data(DataOptions('owner/films')).fingerprint)"
    hidden = ("HF_HUB_CACHE", "HF_DATASETS_CACHE", "HUGGINGFACE_HUB_CACHE")
    env = {k: v for k, v in os.environ.items() if k not in hidden}
    env |= {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == load(folder(tmp_path / "local", three())).fingerprint


def test_offline_and_not_in_the_cache(cache: Path) -> None:
    (problem,) = problems("owner/nope")
    assert_says(problem, "'owner/nope'", "no local folder or file", "HF_HUB_OFFLINE", "Unset", "`--data reviews`")


def test_no_name_of_the_hub(cache: Path) -> None:
    (problem,) = problems("what is this?")
    assert_says(problem, "'what is this?'", "no local folder or file", "'owner/name'", "Check the spelling")


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({"README.md": "words"}, ("no parquet, csv, tsv, json or jsonl file", "'README.md'", "Save the rows")),
        ({"script.py": "words"}, ("a program that makes the data", "owner/films@refs/convert/parquet")),
        ({"train.parquet": "nonsense"}, (", train: the datasets", "cannot read it (ArrowInvalid", "Save the rows")),
        ({"train.jsonl": "nonsense"}, (", train: the datasets library cannot read it (", "Save the rows")),
        ({"test.parquet": rows()}, ("splits 'test' but no 'train'", "is needed", "Save the rows")),
        ({"README.md": "---\na: [\n---\n", "train.csv": ""}, ("head of its README.md cannot be read", "Download")),
        ({"README.md": "---\nconfigs: 3\n---\n", "train.csv": ""}, ("head of its README.md cannot be", "Download")),
        (
            {"README.md": "---\nconfigs:\n- config_name: a\n  data_files: gone.csv\n---\n", "x.csv": ""},
            ("configuration 'a' names files that it does not have", "gone.csv", "another --config"),
        ),
    ],
)
def test_a_repository_that_is_no_table_of_texts(files: dict[str, Any], parts: tuple[str, ...], cache: Path) -> None:
    hub_cache(cache, "owner/films", files)
    (problem,) = problems("owner/films")
    assert_says(problem, "owner/films", *parts)


def test_a_full_disk_for_the_table(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def full(*args: object, **options: object) -> None:
        raise RuntimeError("generation failed") from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    hub_cache(cache, "owner/films", {"train.parquet": rows()})
    monkeypatch.setattr(datasets, "load_dataset", full)
    (problem,) = problems("owner/films")
    assert_says(problem, "owner/films", "the disk is full", "Free some space", "HF_DATASETS_CACHE")
