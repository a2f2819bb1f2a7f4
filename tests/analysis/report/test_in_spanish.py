"""Sections in Spanish hold no English of ours: what stays English is code, a file's name or a user's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from matplotlib.text import Text

from analysis.answers import answers_of
from analysis.arms import rows_of, unasked
from analysis.classes import cells_of
from analysis.folder import Arm, Study, read_study
from analysis.frame import frame_of
from analysis.language import speaking
from analysis.names import names_of
from analysis.report import instability, parameters, recipe
from analysis.report.data import data
from analysis.report.failures import failures
from analysis.report.outline import outlined
from analysis.report.pictures import draw_each
from analysis.report.provenance import provenance
from analysis.report.training import training
from analysis.tables import compare
from analysis.views import VIEWS
from analysis.views.figures import figure_of
from search_spaces import QUESTIONS
from study.store import Store
from tests.analysis.asked import study_of
from tests.analysis.conftest import QUESTION, arm, place, trial, whole_study, write
from tests.analysis.folded import fold_places, fold_trials

_WORDS = """
all alone also and are at average baseline be been below best by cannot class classes column compare compared
degenerate difference each empty epochs every failed finished fold folds for found from full had has have head high in
interval is it its layers least left low mean means median model more most none not of on one or other out over
parameters part parts per phase predicted probability rate rows run same score scores seed seeds setting settings share
split splits step steps test text texts than that the their them there these they this those trained training trials
true tuned validation was were when where which while who whole width with without word worst wrong
"""
ENGLISH = set(_WORDS.split())
THEIRS = ("How many layers can be frozen before quality falls?", "shape", "mismatch", "at block 5")
"""What the studies of these tests hold of their users' and of others' words."""


def english(text: str) -> list[str]:
    """The English words in Markdown, but for code, links, commands, names of files, tables' texts and users' words."""
    for gone in (r"```.*?```", r"`[^`]*`", r"!?\[[^\]]*\]\([^)]*\)", r"\S+\.(csv|json|md)\b", r"text \d+ with.*?line"):
        text = re.sub(gone, " ", text, flags=re.S)
    for words in THEIRS:
        text = text.replace(words, " ")
    return [word for word in re.findall(r"(?<![\w-])[a-z]+(?![\w-])", text.lower()) if word in ENGLISH]


def parts(folder: Path) -> Iterator[tuple[Study, Arm, Any]]:
    study = read_study(folder)
    frame = frame_of(study)
    for one in study.arms:
        yield study, one, rows_of(one, study.arms, frame)


def everything(folder: Path) -> Iterator[str]:
    """All that the sections have to say on a study."""
    for study, one, rows in parts(folder):
        table = compare(rows, one.question)
        yield from recipe.section(rows, one.question)
        yield from training(rows, one.question)
        yield from parameters.section(table, one.question)
        yield from instability.section(rows, one.question, always=True)
        yield from names_of(table, one.question)
        yield from data(study)
        yield from failures(study, unasked(study.arms, frame_of(study)))
        yield from provenance(study)
        yield from (heading for heading, _ in outlined(study.arms))


@cache
def in_spanish(folder: Path) -> tuple[str, ...]:
    with speaking("es"):
        return tuple(everything(folder))


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    question = replace(QUESTIONS["exam"], seeds=(0, 1, 2))
    return study_of(tmp_path_factory.mktemp("exam") / "study", question, lambda point: 0.8)[0]


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cut = {"texts": 240, "cut": 24, "tokens": 5000, "dropped": 100}
    note = "fold 1 of 3 is test (1,060 of 3,180 rows), 20 % of the rest validation (424 rows), stratified, data seed 0"
    places = [replace(where, data={**where.data, "notes": [note]}) for where in fold_places(3)]
    kept = [replace(r, provenance={**r.provenance, "truncation": {"train": cut}}) for r in fold_trials(places)]
    return write(tmp_path_factory.mktemp("folds") / "study", kept, *map(arm, places))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unequal classes, repeated texts, two ways of cutting, a damaged record, a trial nobody asked for."""
    cut = {"train": {"texts": 1240, "cut": 24, "tokens": 5000, "dropped": 100}}
    where = place()
    again = {"split": "test", "also_in": "test", "texts": 2, "other_class": 1, "rows": [3, 4], "their_rows": [7, 8]}
    checks = {
        "classes": {"train": {"neg": 1090, "pos": 10}, "test": {"neg": 18, "pos": 2}},
        "duplicates": [again],
        "columns": {"text": ["one", "other"], "label": "label"},
    }
    where = replace(where, data={**where.data, "checks": checks})
    setting = {"frozen_layers": 0, "learning_rate": 3e-5}
    kept = [trial(where, {**setting, "truncation": way}, seed) for seed, way in enumerate(("head", "windows"))]
    kept = [replace(r, provenance={**r.provenance, "truncation": cut, "uncommitted": True}) for r in kept]
    kept.append(trial(where, {**setting, "frozen_layers": 99}, 0))
    folder = write(tmp_path_factory.mktemp("checked") / "study", kept, arm(where))
    (folder / "records" / "broken.json").write_text("{")
    return folder


@pytest.mark.parametrize("name", ["whole", "examined", "folded", "checked"])
def test_sections_in_spanish_are_in_spanish(name: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(name)
    assert not {block: found for block in in_spanish(folder) if (found := english(block))}


def test_what_is_looked_for_is_found_in_english(checked: Path) -> None:
    said = in_spanish(checked)
    spoken = list(everything(checked))
    assert len(said) == len(spoken)
    assert len([block for block in spoken if english(block)]) > 10


def test_numbers_in_spanish(checked: Path) -> None:
    text = "\n".join(in_spanish(checked))
    thin = "\N{NARROW NO-BREAK SPACE}"
    assert f"| neg | 1{thin}090 (99.1{thin}%) |" in text
    assert "1,090" not in text
    assert not re.search(r"\d ?%", text)


def test_a_recipe_and_how_it_was_trained(examined: Path) -> None:
    text = "\n".join(in_spanish(examined))
    assert "las matrices de rango bajo de LoRA, los adaptadores y la cabeza de clasificación" in text
    assert "tras 3 evaluaciones sin que mejore f1 en validación (1 evaluación por época)" in text
    assert "| receta completa | 6.0 (5–7) | 3.0 (2–4) | 3 de 3 | 120 | 0 |" in text
    for name in ("ajuste fino completo", "sin LoRA", "sin adaptador", "solo adaptador", "solo AWP"):
        assert f"\n{name}\n" in text
    assert "7. Lo que aporta cada componente" in text


def drawn(folder: Path) -> set[str]:
    """The words of the confusion matrices."""
    found = set()
    for study, one, rows in parts(folder):
        view = VIEWS["confusion"]
        figure = figure_of(view, view.prepare(cells_of(study, rows), one.question, {}, None))
        found |= {text.get_text() for text in figure.findobj(Text)}
    return found


@pytest.mark.parametrize("name", ["whole", "examined", "folded"])
def test_matrices_in_spanish(name: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(name)
    assert "predicted class" in drawn(folder)
    with speaking("es"):
        words = drawn(folder)
    assert {"clase predicha", "clase verdadera"} <= words
    assert not english("\n".join(words))


def test_names_of_users_stay_as_they_are(tmp_path: Path) -> None:
    labels = ["سلبي", "إيجابي"]
    where = place("modelo en español", "the data of a user")
    where = replace(where, data={**where.data, "labels": labels, "notes": ["drawn by hand, with care"]})
    made = [trial(where, {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in (0, 1) for s in (0, 1)]
    folder = write(tmp_path / "study", made, arm(where, replace(QUESTION, outline=(("What of it?", "stability"),))))
    with speaking("es"):
        words = drawn(folder)
    text = "\n".join(in_spanish(folder))
    assert "- the data of a user: drawn by hand, with care" in text
    assert "clases: سلبي, إيجابي" in text
    assert "What of it?" in text
    assert set(labels) <= words


def test_a_figure_is_described_in_spanish(tmp_path: Path, study: Callable[..., Path]) -> None:
    folder = study(whole_study(place()))
    with speaking("es"):
        blocks = draw_each("confusion", answers_of(read_study(folder)), tmp_path / "figures")
    assert blocks == [["![Matrices de confusión, mini-bert en reviews](figures/matrices.png)"]]


def test_failures_say_how_trials_ended(whole: Path) -> None:
    text = "\n".join(in_spanish(whole))
    statuses = {record.status for record in Store(whole).records().values()}
    assert {"diverged", "failed", "stopped"} < statuses
    for ended in ("| comparación | fallido |", "| comparación | detenido |", "| ajuste | divergente |"):
        assert ended in text
