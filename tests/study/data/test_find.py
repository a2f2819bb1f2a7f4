"""Where a name leads, in order: the bundled reviews, a path, the Hub."""

import shutil
import zipfile
from pathlib import Path

import pytest

from study.data import find
from tests.study.data.samples import assert_says, folder, load, problems, rows, three, write_csv, write_parquet


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Reviews of our own in the place of the bundled ones, and an empty folder to work in."""
    folder(tmp_path / "package" / "reviews", three(classes=("negative", "positive")))
    monkeypatch.setattr(find, "files", lambda package: tmp_path / "package")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_the_bundled_reviews(bundled: Path) -> None:
    data = load("reviews")
    assert (data.name, data.source, data.notes) == ("reviews", "bundled", ())
    assert data.labels == ("negative", "positive")
    assert [data.splits[s].num_rows for s in data.splits] == [40, 12, 14]
    assert data.splits["train"]["text"].to_pylist() == rows()["text"]


def test_the_bundled_reviews_in_a_zip_archive(bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load("reviews")
    archive = zipfile.ZipFile(shutil.make_archive("package", "zip", bundled / "package"))
    monkeypatch.setattr(find, "files", lambda package: zipfile.Path(archive))
    assert load("reviews") == data


def test_a_local_folder_of_that_name_does_not_change_the_default(bundled: Path) -> None:
    folder(Path("reviews"), three())
    data = load("reviews")
    assert data.source == "bundled"
    assert len(data.notes) == 1
    assert "is given as ./reviews" in data.notes[0]
    assert load("./reviews").source == "folder reviews"


def test_an_installation_without_them_says_so(bundled: Path) -> None:
    (bundled / "package" / "reviews" / "test.csv").unlink()
    (problem,) = problems("reviews")
    assert_says(problem, "'reviews' is missing", "belong beside", "install the project again")


def test_a_single_file_is_train(bundled: Path) -> None:
    data = load(write_csv(Path("films.csv"), rows()))
    assert (data.name, data.source) == ("films", "file films.csv")
    assert sum(t.num_rows for t in data.splits.values()) == 40
    assert load(write_parquet(Path("films.parquet"), rows())).fingerprint == data.fingerprint


@pytest.mark.parametrize("name", ["validation", "valid", "dev", "Dev"])
def test_a_folder_names_its_validation_split(name: str, bundled: Path) -> None:
    splits = three()
    path = folder(Path("data/films"), {"train": splits["train"], name: splits["validation"], "test": splits["test"]})
    data = load(path)
    assert (data.name, data.source, data.notes) == ("films", "folder data/films", ())
    assert data.splits["validation"].num_rows == 12


def test_a_folder_mixes_formats(bundled: Path) -> None:
    splits = three()
    folder(Path("mixed"), {"train": splits["train"]}, "parquet")
    folder(Path("mixed"), {"validation": splits["validation"], "test": splits["test"]})
    assert load("mixed").fingerprint == load(folder(Path("csv"), splits)).fingerprint


@pytest.mark.parametrize("name", ["./nope", "nope.csv", "nope.parquet", "a/b/c", "/nope", "../x", "C:\\data", "~/nope"])
def test_a_path_that_leads_nowhere_is_not_looked_up_on_the_hub(name: str, bundled: Path) -> None:
    (problem,) = problems(name)
    assert_says(problem, repr(name), "no such file or folder", "Give a folder with train", "one .parquet or .csv file")


def test_no_name(bundled: Path) -> None:
    (problem,) = problems(" ")
    assert_says(problem, "' ' is no name", "Give a folder", "Hub name")


def test_quotes_and_line_ends_as_csv_writes_them(bundled: Path) -> None:
    texts = ['say "hi"', 'a 5" screen', "two\nlines", "win\r\ndows", ",", "café ☕", '"', " kept as it is "]
    quoted = "".join(f'"{t.replace(chr(34), chr(34) * 2)}",{n % 2}\r\n' for n, t in enumerate(texts))
    Path("train.csv").write_bytes(b"\xef\xbb\xbf" + f"text,label\r\n{quoted}\r\n".encode())
    Path("test.csv").write_bytes(b'label,text\n0,a 5" screen\n1,last "line"')
    Path("dev.csv").write_bytes(b'label,text\n0,a\n1,"b"')
    data = load(".")
    assert data.splits["train"]["text"].to_pylist() == texts
    assert data.splits["test"]["text"].to_pylist() == ['a 5" screen', 'last "line"']
    assert data.splits["validation"]["text"].to_pylist() == ["a", "b"]
