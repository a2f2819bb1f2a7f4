"""Names that are refused, each with its reason, before anything is read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from study.errors import InputError
from study.models.loading import DEFAULT_MODEL, EMBEDDED, find_model

REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def copy(model_folder, tmp_path):
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


@pytest.mark.parametrize("name", ["", "  "])
def test_no_name_is_not_the_current_folder(name, model_folder, monkeypatch):
    monkeypatch.chdir(model_folder)
    with pytest.raises(InputError, match=f"^--model '{name}' is no name. Give a folder"):
        find_model(name)
    assert find_model(".").source == "folder ."


@pytest.mark.parametrize("name", ["bert@main", "./bert@main", f"./bert@{REVISION}", "{here}/bert@main"])
def test_a_revision_of_a_local_folder_is_refused(copy, tmp_path, monkeypatch, name):
    copy.rename(tmp_path / "bert")
    monkeypatch.chdir(tmp_path)
    name = name.format(here=tmp_path)
    with pytest.raises(InputError) as caught:
        find_model(name)
    folder = name.partition("@")[0]
    (problem,) = caught.value.problems
    assert f"{folder} is a local folder, and a local folder has no revisions. Give {folder}" in problem
    assert ("whole commit" in problem) == (name == "bert@main")


def test_a_whole_commit_is_the_hubs_whatever_folders_there_are(copy, tmp_path, monkeypatch):
    """A study keeps its model so, and must find it again from any folder."""
    (tmp_path / "tiny").mkdir()
    copy.rename(tmp_path / "tiny" / "moods")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="HF_HUB_OFFLINE"):
        find_model(f"tiny/moods@{REVISION}")


@pytest.mark.parametrize("name", ["~nobody-of-this-name/model", "a" * 5000])
def test_names_that_no_folder_can_have_are_refused_like_others(name):
    with pytest.raises(InputError, match=r"^(--)?model "):
        find_model(name)


def test_without_the_package_a_revision_says_what_the_package_would_bring(monkeypatch):
    monkeypatch.setitem(EMBEDDED, DEFAULT_MODEL, ("no_such_package", "0" * 64))
    with pytest.raises(InputError) as caught:
        find_model(f"{DEFAULT_MODEL}@main")
    assert f"brings this one, as {DEFAULT_MODEL} without @main." in str(caught.value)
    assert "is the copy" not in str(caught.value)
