"""Several arms at once: what stands side by side, and what may be subtracted."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.answers import answers_of
from analysis.folder import Study, read_studies, read_study
from analysis.language import speaking
from analysis.replicates import SEEDS, TEXTS
from analysis.report import together as section
from analysis.tables import best_of, compare
from analysis.together import between, overview
from study.question import Question
from study.record import Record
from tests.analysis.conftest import QUESTION, Place, arm, place, trial, write

RATES = {"learning_rate": 1e-4}


def asked(depths: tuple[int, ...] = (0, 3), seeds: int = 3, **changes: Any) -> Question:
    return replace(QUESTION, factors=tuple({"frozen_layers": d} for d in depths), seeds=tuple(range(seeds)), **changes)


def scored(record: Record, amount: float) -> Record:
    """The record with other scores, so that what comes out can be worked out by hand."""
    metrics = {split: {**scores, "f1": amount + shift} for (split, scores), shift in
               zip(record.metrics.items(), (0.01, 0.0), strict=True)}  # fmt: skip
    return replace(record, metrics=metrics)


def trials(where: Place, scores: dict[int, list[float]]) -> list[Record]:
    """Trials of these scores by depth, one per seed; predictions and costs are the first seed's."""
    first = {depth: trial(where, {"frozen_layers": depth, **RATES}, 0) for depth in scores}
    return [
        scored(replace(first[depth], seed=seed, key=f"{first[depth].key[:14]}{seed:02d}"), amount)
        for depth, amounts in scores.items()
        for seed, amount in enumerate(amounts)
    ]


ONE = [0.80, 0.82, 0.81, 0.83, 0.79, 0.80, 0.84, 0.82]
OTHER = [0.70, 0.74, 0.69, 0.75, 0.70, 0.73, 0.72, 0.71]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two models on the same data in two folders, the second on other data too."""
    tmp_path = tmp_path_factory.mktemp("models")
    small, large, books = place(), place(model="large-bert"), place(data="books")
    question = asked(seeds=8)
    lower = [amount - 0.2 for amount in ONE]
    first = write(tmp_path / "a", trials(small, {0: OTHER, 3: [x - 0.1 for x in OTHER]}), arm(small, question))
    second = write(
        tmp_path / "b",
        [*trials(large, {0: lower, 3: ONE}), *trials(books, {0: lower, 3: lower})],
        arm(large, question),
        arm(books, question),
    )
    return read_studies([first, second])


def test_the_best_of_each_arm_stands_beside_its_baseline(models: Study) -> None:
    parts = answers_of(models, SEEDS)
    table = overview(parts)
    assert list(zip(table["arm"], table["role"], strict=True)) == [
        (1, "both"),
        (2, "best"),
        (2, "baseline"),
        (3, "both"),
    ]
    assert list(table["study"]) == ["a", "b", "b", "b"]
    for row in table.to_dict("records"):
        part = parts[row["arm"] - 1]
        best = best_of(part.table, part.arm.question)
        assert best is not None
        if row["role"] != "baseline":
            assert row["test"] == best["test"]
            assert row["setting"] == {"frozen_layers": best["frozen_layers"], "learning_rate": 1e-4}
    best = table[table["role"] == "best"].iloc[0]
    assert best["difference"] == pytest.approx(0.2)
    assert best["trainable_parameters"] < table.iloc[2]["trainable_parameters"]


def test_only_arms_of_the_same_texts_are_subtracted(models: Study) -> None:
    pairs = between(answers_of(models, SEEDS))
    assert list(zip(pairs["one"], pairs["other"], strict=True)) == [(1, 2)]
    row = pairs.iloc[0]
    differences = np.array(OTHER) - np.array(ONE)
    assert row["difference"] == pytest.approx(differences.mean())
    flips = [abs(np.mean(differences * signs)) for signs in itertools.product((1, -1), repeat=8)]
    assert row["p"] == pytest.approx(np.mean(np.array(flips) >= abs(differences.mean()) - 1e-12))
    assert row["p_holm"] == row["p"]
    assert row["significant"]
    assert (row["split"], row["n"]) == ("test", 8)


def test_other_metrics_and_directions_are_not_subtracted(tmp_path: Path) -> None:
    small, large = place(), place(model="large-bert")
    for number, change in enumerate(({"metric": "accuracy"}, {"metric": "loss"}, {"lower": True})):
        folder = write(
            tmp_path / str(number),
            [*trials(small, {0: ONE}), *trials(large, {0: OTHER})],
            arm(small, asked((0,))),
            arm(large, asked((0,), **change)),
        )
        assert between(answers_of(read_study(folder), SEEDS)).empty


def test_holm_is_over_the_pairs_of_one_data_set(tmp_path: Path) -> None:
    places = [place(model=f"bert-{i}") for i in range(3)]
    scores = [ONE, OTHER, [x + 0.03 + 0.01 * (i % 3) for i, x in enumerate(OTHER)]]
    question = asked((0,), seeds=8)
    folder = write(
        tmp_path / "a",
        [record for where, some in zip(places, scores, strict=True) for record in trials(where, {0: some})],
        *(arm(where, question) for where in places),
    )
    pairs = between(answers_of(read_study(folder), SEEDS))
    assert len(pairs) == 3
    ordered = pairs["p"].sort_values()
    expected = np.minimum(1, np.maximum.accumulate(ordered.to_numpy() * np.array([3, 2, 1])))
    assert list(pairs.loc[ordered.index, "p_holm"]) == pytest.approx(list(expected))


def test_few_seeds_are_never_significant_and_that_is_said(tmp_path: Path) -> None:
    small, large = place(), place(model="large-bert")
    folder = write(
        tmp_path / "a",
        [*trials(small, {0: ONE[:3]}), *trials(large, {0: OTHER[:3]})],
        arm(small, asked((0,))),
        arm(large, asked((0,))),
    )
    study = read_study(folder)
    pairs = between(answers_of(study, SEEDS))
    assert pairs["p"].iloc[0] == 0.25
    assert not pairs["significant"].any()
    shown = "\n".join(section.section(study, answers_of(study, SEEDS)))
    assert "With so few seeds no difference between arms can be significant." in shown
    assert "**" not in shown


def test_validation_is_compared_where_one_arm_has_no_test_score(models: Study) -> None:
    parts = answers_of(models, SEEDS)
    rows = parts[0].rows.assign(test_f1=np.nan)
    parts[0] = replace(parts[0], rows=rows, table=compare(rows, parts[0].arm.question))
    pairs = between(parts)
    assert list(pairs["split"]) == ["validation"]
    assert "selected on the score that is compared" in "\n".join(section.section(models, parts))


def test_arms_without_shared_seeds_are_counted_as_not_paired(tmp_path: Path) -> None:
    small, large = place(), place(model="large-bert")
    later = [replace(record, seed=record.seed + 10) for record in trials(large, {0: OTHER})]
    folder = write(tmp_path / "a", [*trials(small, {0: ONE}), *later], arm(small, asked((0,))), arm(large, asked((0,))))
    study = read_study(folder)
    assert list(between(answers_of(study, SEEDS))["n"]) == [0]
    assert "Not paired, for want of a shared seed: 1 pair." in "\n".join(
        section.section(study, answers_of(study, SEEDS))
    )


def test_arms_whose_best_are_the_same_trials_are_no_pair(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", trials(place(), {0: ONE, 3: OTHER}), arm(place()), arm(place()))
    assert between(answers_of(read_study(folder), SEEDS)).empty


def test_an_arm_without_a_score_is_named(tmp_path: Path) -> None:
    small, large = place(), place(model="large-bert")
    folder = write(tmp_path / "a", trials(small, {0: ONE}), arm(small, asked((0,))), arm(large, asked((0,))))
    study = read_study(folder)
    assert list(overview(answers_of(study, SEEDS))["arm"]) == [1]
    assert "Arms without a scored comparison trial: 2." in "\n".join(section.section(study, answers_of(study, SEEDS)))


def test_a_single_arm_of_a_single_folder_has_no_section(whole: Path) -> None:
    study = read_study(whole)
    assert section.section(study, answers_of(study, SEEDS)) == []


def test_the_section_says_where_trials_are_from_and_what_is_not_subtracted(models: Study) -> None:
    blocks = section.section(models, answers_of(models, SEEDS))
    assert blocks[0] == "The trials are from a: 16 trials; b: 32 trials."
    assert "none is subtracted" in blocks[2]
    headers = blocks[1].splitlines()[0]
    assert "| study | model | data |" in headers
    assert "question" not in headers
    assert "**−" in blocks[3]
    assert "\\*" in blocks[3]
    with speaking("es"):
        spanish = section.section(models, answers_of(models, SEEDS))
    assert spanish[0] == "Los ensayos proceden de a: 16 ensayos; b: 32 ensayos."
    assert [block.count("|") for block in spanish] == [block.count("|") for block in blocks]


def test_trials_in_two_folders_are_said_to_count_once(tmp_path: Path) -> None:
    folders = [write(tmp_path / name, trials(place(), {0: ONE}), arm(place(), asked((0,)))) for name in "ab"]
    study = read_studies(folders)
    assert (
        "Found in more than one folder, and counted once: 8 trials."
        in section.section(study, answers_of(study, SEEDS))[0]
    )


def test_the_intervals_of_pairs_are_for_other_texts_where_those_of_the_arms_are(tmp_path: Path) -> None:
    """The records' own scores here, since the draws are of their predictions."""
    small, large = place(), place(model="large-bert")
    records = [trial(where, {"frozen_layers": 0, **RATES}, seed, skill=skill)
               for where, skill in ((small, 0.9), (large, 0.6)) for seed in range(3)]  # fmt: skip
    study = read_study(write(tmp_path / "a", records, arm(small, asked((0,))), arm(large, asked((0,)))))
    texts, seeds = (between(answers_of(study, estimand)).iloc[0] for estimand in (TEXTS, SEEDS))
    assert (texts["estimand"], seeds["estimand"]) == (TEXTS, SEEDS)
    assert texts["difference"] == pytest.approx(seeds["difference"])
    assert texts["p"] == seeds["p"]
    assert texts["low"] != seeds["low"]
