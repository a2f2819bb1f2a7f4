"""What the package writes into a study's files is told in other languages, as it is really written there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.language import LANGUAGES, retold, speaking
from study.data.duplicates import duplicate_notes
from study.data.load import load_folds
from study.data.texts import DataOptions
from study.models.architectures import ARCHITECTURES
from study.models.heads import why_kept
from study.out_of_memory import told

THIN = "\N{NARROW NO-BREAK SPACE}"
ENGLISH = re.compile(r"\b(the|of|with|and|rows|drawn|left|is|are|there|them|from|in|at|by|seed|class|split|fold)\b")
OTHERS = [name for name in LANGUAGES if name != "en"]


def csv(path: Path, rows: Sequence[tuple[str, object]]) -> None:
    path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows), encoding="utf-8")


@pytest.fixture
def noted(tmp_path: Path) -> list[str]:
    """Notes on a folder with unequal classes, repeated texts, a hidden test split, subsets and a missing split."""
    train = [(f"good film {i}", "pos") for i in range(60)] + [(f"bad film {i}", "neg") for i in range(20)]
    folder = tmp_path / "folder"
    folder.mkdir()
    csv(folder / "train.csv", [*train, *train[:3], ("good film 7", "neg")])
    csv(folder / "test.csv", [(f"unknown {i}", -1) for i in range(5)])
    csv(folder / "validation.csv", [*train[:5], ("good film 9", "neg"), ("other", "neg")])
    (one,) = load_folds(DataOptions(name=str(folder), train_size=50))
    alone = tmp_path / "alone.csv"
    csv(alone, train)
    folds = load_folds(DataOptions(name=str(alone), folds=3, train_size=30))
    return [one.source, *one.notes, folds[0].source, *(note for fold in folds for note in fold.notes)]


@pytest.mark.parametrize("language", OTHERS)
def test_notes_on_data(noted: list[str], language: str) -> None:
    assert len(set(noted)) > 8
    with speaking(language):
        said = [re.sub(r"/\S+", "", retold(note)) for note in noted]
    assert not [note for note, other in zip(noted, said, strict=True) if note == other]
    assert not [other for other in said if ENGLISH.search(other)]
    assert [retold(note) for note in noted] == noted


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("kind", ["text", "pair"])
def test_notes_on_repeated_texts(language: str, kind: str) -> None:
    sizes = {"train": 4000, "test": 2000}
    entries = [
        {"split": split, "also_in": also, "texts": texts, "other_class": other}
        for split in sizes
        for also in sizes
        for texts, other in ((1, 0), (1, 1), (1200, 0), (1200, 1100))
    ]
    with speaking(language):
        said = [retold(note) for note in duplicate_notes(entries, sizes, kind)]
    assert len(set(said)) == len(entries)
    assert not [other for other in said if ENGLISH.search(other)]


def test_what_varies_is_carried_over() -> None:
    note = (
        "fold 1 of 5 is test (1,706 of 8,530 rows), 20 % of the rest validation (1,364 rows), stratified, data seed 0"
    )
    with speaking("es"):
        assert retold(note) == (
            f"la partición 1 de 5 es la prueba (1{THIN}706 de 8{THIN}530 filas); el 20{THIN}% del resto, validación "
            f"(1{THIN}364 filas), estratificado, semilla de los datos 0"
        )
        assert retold("train: 1,000 of 8,530 rows drawn, stratified, data seed 7") == (
            f"entrenamiento: 1{THIN}000 de 8{THIN}530 filas extraídas, estratificado, semilla de los datos 7"
        )
        assert retold("Hub org/x at revision abc, configuration es") == "Hub, org/x, revisión abc, configuración es"
        assert retold("cpu, 1 thread, fp32") == "cpu, 1 hilo, fp32"
        assert retold("cuda, 8 threads, bf16") == "cuda, 8 hilos, bf16"


@pytest.mark.parametrize("text", ["", "my own folder", "of 3 of {x}", "a fold of cloth", "número 1,000", "{0}"])
def test_words_of_users_stay(text: str) -> None:
    with speaking("es"):
        assert retold(text) == text


@pytest.mark.parametrize("language", OTHERS)
def test_notes_on_trials_and_models(language: str) -> None:
    setting = {"batch_size": 16, "micro_batch": 0}
    contexts = [SimpleNamespace(retries=times, micro_batch=4) for times in (1, 2)]
    notes = [note for context in contexts for note in told(setting, context)[1]]  # type: ignore[arg-type]
    notes += [f"head of the checkpoint kept: {why_kept({}, names)}" for names in (("a", "b"), ("LABEL_0", "LABEL_1"))]
    config = SimpleNamespace(num_hidden_layers=12, num_hidden_groups=1)
    notes += [note for row in ARCHITECTURES.values() for note in row.notes(config)]
    with speaking(language):
        said = [retold(note) for note in notes]
    assert not [note for note in notes if note in said]
    assert not [other for other in said if ENGLISH.search(other)]
