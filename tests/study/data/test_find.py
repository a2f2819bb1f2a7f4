"""Where a name leads, in order: the bundled reviews, a path, the Hub."""

import shutil
import zipfile
from pathlib import Path

import pytest

from study.data import find
from study.data.find import find_source
from study.errors import InputError, Problems
from tests.study.data.samples import assert_says, folder, load, problems, rows, three, write, write_csv, write_parquet


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
    assert_says(problem, repr(name), "no such file or folder", "Give a folder with train", ".jsonl", "or one such file")


@pytest.mark.parametrize("extension", ["tsv", "jsonl", "json", "csv.gz", "tsv.gz", "jsonl.gz", "json.gz"])
def test_every_format_gives_the_same_data(extension: str, bundled: Path) -> None:
    first = load(folder(Path("csv/films"), three(classes=("no", "yes"))))
    again = load(folder(Path("other/films"), three(classes=("no", "yes")), extension))
    assert (again.fingerprint, again.splits, again.labels) == (first.fingerprint, first.splits, first.labels)
    data = load(write(Path(f"films.{extension}"), rows()))
    assert (data.name, data.source) == ("films", f"file films.{extension}")
    assert data.fingerprint == load(write_csv(Path("films.csv"), rows())).fingerprint


def test_upper_case_extensions(bundled: Path) -> None:
    write(Path("films.jsonl"), rows()).rename("Films.JSONL")
    write(Path("films.csv.gz"), rows()).rename("Films.CSV.GZ")
    assert load("Films.JSONL").fingerprint == load("Films.CSV.GZ").fingerprint


@pytest.mark.parametrize("place", [".", "data"])
@pytest.mark.parametrize("tail", ["", "-0123456789abcdef"])
def test_shards_are_read_in_their_order(place: str, tail: str, bundled: Path) -> None:
    splits = three()
    for number in (2, 0, 1):
        part = {name: values[20 * number : 20 * number + 20] for name, values in rows(60).items()}
        write(Path("films") / place / f"train-{number:05}-of-00003{tail}.parquet", part)
    for split in ("validation", "test"):
        write(Path("films") / place / f"{split}-00000-of-00001{tail}.parquet", splits[split])
    data = load("films")
    assert data.fingerprint == load(folder(Path("whole"), splits | {"train": rows(60)})).fingerprint
    assert data.splits["train"]["row"].to_pylist() == list(range(60))


def test_shards_of_a_text_format(bundled: Path) -> None:
    write(Path("films/train-00000-of-00002.jsonl.gz"), rows(20))
    write(Path("films/train-00001-of-00002.jsonl.gz"), rows(20, start=20))
    assert load("films").fingerprint == load(write_csv(Path("films.csv"), rows())).fingerprint


@pytest.mark.parametrize("name", ["owner/films@v1.0", "films@main", "owner/films@refs/pr/1", "owner/films@a.csv"])
def test_a_revision_leads_to_the_hub(name: str, bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def open_hub(name: str, config: str | None) -> None:
        asked.append((name, config))
        raise InputError("asked")

    monkeypatch.setattr("study.data.hub.open_hub", open_hub)
    assert problems(name, config="plain") == ("asked",)
    assert asked == [(name, "plain")]
    if "/" not in name:
        folder(Path(name), three())
        assert load(name).source == f"folder {name}"


@pytest.mark.parametrize("name", ["reviews", "films.csv", "films"])
def test_only_the_hub_has_configurations(name: str, bundled: Path) -> None:
    write_csv(Path("films.csv"), rows())
    folder(Path("films"), three())
    (problem,) = problems(name, config="plain")
    assert_says(problem, "--config 'plain' is given for the", "Only data sets of the Hub", "leave it out")


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


@pytest.mark.parametrize(
    "page", ["https://huggingface.co/datasets/lab/films", "datasets/lab/films", "hf.co/datasets/lab/films"]
)
def test_a_page_of_the_hub_is_answered_with_the_name_to_give(page):
    found = Problems()
    assert find_source(page, None, found) is None
    assert [problem for problem in found.found if "'lab/films'" in problem] == found.found != []


def test_a_file_called_like_a_split_is_named_with_its_folder(tmp_path: Path) -> None:
    write_csv(tmp_path / "films" / "train.csv", rows(30))
    write_csv(tmp_path / "films" / "snippets.csv", rows(30))
    assert load(tmp_path / "films" / "train.csv").name == "films/train"
    assert load(tmp_path / "films" / "snippets.csv").name == "snippets"
