"""Data sets as they lie on the Hub: configurations, splits, formats and revisions, served from this machine."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.data.hub import open_hub
from tests.hub_server import Fault, Hub, Repository, ask_of, hub_server
from tests.study.data.samples import assert_says, folder, load, problems, rows, three

SPLITS = "".join(f"  - split: {s}\n    path: {{0}}/{s}*\n" for s in ("train", "validation", "test"))
GLUE = "---\nconfigs:\n" + "".join(f"- config_name: {c}\n  data_files:\n{SPLITS.format(c)}" for c in ("cola", "sst2"))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub on this machine, an empty cache and an empty folder to work in."""
    import datasets

    with hub_server() as server:
        ask_of(server, tmp_path, monkeypatch)
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")
        (tmp_path / "work").mkdir()
        monkeypatch.chdir(tmp_path / "work")
        yield server


def parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def fetched(hub: Hub) -> list[str]:
    """The files whose content was asked for."""
    return [
        path.split("/resolve/")[1].partition("/")[2] for how, path, _ in hub.asked if how == "GET" and "/res" in path
    ]


def glue(hub: Hub, layout: str, card: str = "") -> Repository:
    """Two configurations whose classes differ, each split in a file named by the layout, and a README.md."""
    files: dict[str, str | bytes] = {"README.md": card} if card else {}
    for name, classes in (("cola", ("bad", "good")), ("sst2", ("down", "up"))):
        for split, columns in three(classes=classes).items():
            files[layout.format(config=name, split=split)] = parquet(columns)
    return hub.add("dataset", "lab/glue", files)


@pytest.mark.parametrize(
    ("layout", "card"),
    [
        ("{config}/{split}-00000-of-00001.parquet", GLUE + "---\n"),
        ("{config}/{split}-00000-of-00001.parquet", ""),
        ("{config}/{split}.parquet", ""),
        ("{config}/{split}/0000.parquet", ""),
        ("{config}/data/{split}_set-1.parquet", ""),
    ],
)
def test_one_configuration_of_several(layout: str, card: str, hub: Hub, tmp_path: Path) -> None:
    sha = glue(hub, layout, card).refs["main"]
    data = load("lab/glue", config="sst2")
    assert data.fingerprint == load(folder(tmp_path / "local", three(classes=("down", "up")))).fingerprint
    assert data.labels == ("down", "up")
    assert (data.name, data.source) == ("lab/glue (sst2)", f"Hub lab/glue at revision {sha}, configuration sst2")
    tables = [file for file in fetched(hub) if file != "README.md"]
    assert len(tables) == 3
    assert all(file.startswith("sst2/") for file in tables), "the other configuration is not downloaded"
    assert load("lab/glue", config="cola").labels == ("bad", "good")


def test_several_configurations_and_none_or_a_wrong_one_given(hub: Hub) -> None:
    glue(hub, "{config}/{split}.parquet")
    (problem,) = problems("lab/glue")
    assert_says(problem, "'lab/glue' has 2 configurations: 'cola', 'sst2'", "give it, such as --config cola")
    (problem,) = problems("lab/glue", config="sst")
    assert_says(problem, "--config", "'sst' is unknown", "Did you mean sst2?", "Known: cola, sst2")
    assert fetched(hub) == [], "nothing is downloaded before it is known what is wanted"


def test_a_default_among_several_is_taken_and_said(hub: Hub) -> None:
    glue(hub, "{config}/{split}.parquet", GLUE.replace("  data_files:", "  default: true\n  data_files:", 1) + "---\n")
    data = load("lab/glue")
    assert data.labels == ("bad", "good")
    assert data.notes[0] == "configuration 'cola', the default; others are 'sst2' (--config)"


def test_the_only_configuration_needs_no_name(hub: Hub) -> None:
    files = {f"plain_text/{s}-00000-of-00001.parquet": parquet(c) for s, c in three().items()}
    hub.add("dataset", "lab/films", files)
    assert load("lab/films").fingerprint == load("lab/films", config="plain_text").fingerprint
    assert "Known: plain_text" in problems("lab/films", config="other")[0]


def test_a_script_is_not_run_and_the_hubs_own_copy_is_read(hub: Hub, tmp_path: Path) -> None:
    repository = hub.add(
        "dataset", "lab/films", {"films.py": "raise SystemExit", "README.md": "---\nlicense: mit\n---\n"}
    )
    (problem,) = problems("lab/films")
    assert_says(problem, "'films.py'", "no code of a data set is run", "--data lab/films@refs/convert/parquet")
    copies = {
        f"{c}/{'partial-' if s == 'train' else ''}{s}/0000.parquet": parquet(columns)
        for c in ("a", "b")
        for s, columns in (three() | {"validation_mismatched": rows(8)}).items()
    }
    repository.commit(copies, "refs/convert/parquet")
    (problem,) = problems("lab/films@refs/convert/parquet")
    assert_says(problem, "2 configurations: 'a', 'b'", "--config a")
    data = load("lab/films@refs/convert/parquet", config="b")
    assert data.fingerprint == load(folder(tmp_path / "local", three())).fingerprint
    assert "splits left aside: validation_mismatched" in data.notes
    assert "train: the Hub's copy holds only a part of it" in data.notes


def test_an_old_short_name_and_a_revision(hub: Hub) -> None:
    repository = hub.add("dataset", "lab/films", {f"{s}.parquet": parquet(c) for s, c in three().items()})
    first = repository.refs["main"]
    hub.renamed["dataset", "films"] = "lab/films"
    other = three(classes=("x", "y"))
    second = repository.commit({f"{s}.parquet": parquet(c) for s, c in other.items()})
    assert load("films").labels == load(f"films@{second}").labels == ("x", "y")
    pinned = load(f"films@{first}")
    assert pinned.labels != ("x", "y")
    assert pinned.source == f"Hub films at revision {first}"
    assert load(f"films@{first}").source == f"Hub cache, films at revision {first}"


def test_only_the_splits_that_are_used_are_fetched(hub: Hub) -> None:
    files = {f"data/{s}-00000-of-00001.parquet": parquet(c) for s, c in three().items()}
    files["data/unsupervised-00000-of-00001.parquet"] = b"not even a parquet file"
    hub.add("dataset", "lab/films", {**files, "pictures/a.png": b"", "notes.txt": b""})
    assert "splits left aside: unsupervised" in load("lab/films").notes
    assert sorted(fetched(hub)) == sorted(f for f in files if "unsup" not in f)


@pytest.mark.parametrize("dev", ["dev", "valid", "val"])
def test_dev_is_validation(dev: str, hub: Hub, tmp_path: Path) -> None:
    named = {dev if s == "validation" else s: parquet(c) for s, c in three().items()}
    hub.add("dataset", "lab/films", {f"{s}-00000-of-00001.parquet": c for s, c in named.items()})
    data = load("lab/films")
    assert data.fingerprint == load(folder(tmp_path / "local", three())).fingerprint
    assert not any("aside" in note for note in data.notes)


def written(columns: dict[str, Any], extension: str) -> bytes:
    """Columns as a file of that extension."""
    records = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    if extension.startswith("jsonl"):
        text = "".join(json.dumps(record) + "\n" for record in records)
    elif extension.startswith("json"):
        text = json.dumps(records)
    else:
        sink = io.StringIO()
        writer = csv.DictWriter(sink, list(columns), delimiter="\t" if extension.startswith("tsv") else ",")
        writer.writeheader()
        writer.writerows(records)
        text = sink.getvalue()
    return gzip.compress(text.encode()) if extension.endswith(".gz") else text.encode()


@pytest.mark.parametrize("extension", ["jsonl", "json", "csv", "tsv", "jsonl.gz", "csv.gz"])
def test_other_formats(extension: str, hub: Hub, tmp_path: Path) -> None:
    """With a text NA, which is one: the csv reader behind the datasets library would call it missing."""
    splits = three()
    splits["train"]["text"][0] = "NA"
    hub.add("dataset", "lab/films", {f"{s}.{extension}": written(c, extension) for s, c in splits.items()})
    assert load("lab/films").fingerprint == load(folder(tmp_path / "local", splits)).fingerprint


def test_the_options_of_the_card(hub: Hub, tmp_path: Path) -> None:
    """A separator of its own, and files that the names alone would not find."""
    card = "---\nconfigs:\n- config_name: main\n  data_dir: all\n  sep: ;\n  data_files: '**/a*'\n"
    text = {name: written(three()[name], "csv") for name in ("train", "test")}
    files = {"all/a1.csv": "text;label\none;x\ntwo;y\n", "all/deep/a2.csv": "text;label\nthree;x\nfour;y\n"}
    hub.add("dataset", "lab/films", {"README.md": f"{card}---\n", **files, **{f"{n}.csv": t for n, t in text.items()}})
    split = open_hub("lab/films").splits["train"]
    texts = [text for batch in split.batches(["text"]) for text in batch.column(0).to_pylist()]
    assert sorted(texts) == ["four", "one", "three", "two"]
    assert not {"train.csv", "test.csv"} & set(fetched(hub))


def test_a_test_split_without_labels_beside_one_with(hub: Hub) -> None:
    splits = three()
    del splits["test"]["label"]
    hub.add("dataset", "lab/films", {f"{s}.jsonl": written(c, "jsonl") for s, c in splits.items()})
    data = load("lab/films")
    assert any("test" in note and "label" in note for note in data.notes)


def test_batches_are_bounded_and_in_the_order_asked_for(hub: Hub) -> None:
    many = {"label": [i % 2 for i in range(5_001)], "other": [0] * 5_001, "text": [f"t{i}" for i in range(5_001)]}
    hub.add("dataset", "lab/films", {"train.parquet": parquet(many)})
    split = open_hub("lab/films").splits["train"]
    batches = list(split.batches(["text", "label"]))
    assert max(batch.num_rows for batch in batches) <= 2_000
    assert batches[0].schema.names == ["text", "label"]
    assert [t for batch in batches for t in batch.column("text").to_pylist()] == many["text"]
    assert [t for batch in split.batches(["label"]) for t in batch.column(0).to_pylist()] == many["label"]


def test_lost_half_way_and_the_second_run(hub: Hub) -> None:
    repository = hub.add("dataset", "lab/films", {f"{s}.parquet": parquet(c) for s, c in three().items()})
    repository.faults.append(Fault(1000, "test.parquet", after=100))
    (problem,) = problems("lab/films")
    assert_says(problem, "data set 'lab/films", "lost half-way", "run the same command again to go on")
    repository.faults.clear()
    hub.asked.clear()
    assert load("lab/films").source.startswith("Hub lab/films")
    assert fetched(hub) == ["test.parquet"], "what had arrived whole was kept"
