"""Value by value: differences are from the baseline at the same value, and the best is validation's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.by_value import along, by_value
from analysis.names import names_of
from analysis.paired import baseline_of, baseline_rows
from analysis.points import following
from analysis.report import by_value as report
from analysis.report.conclusion import conclude
from analysis.tables import compare
from study.question import Question, Setting, View
from tests.analysis.fabricated import frame_of_rows, row

SHOTS, SEEDS = (4, 8, 16), (0, 1, 2, 3)
OWN: dict[str, Setting] = {
    "full": {"learning_rate": 5e-5, "epochs": 50},
    "lora": {"learning_rate": 5e-4, "epochs": 40},
    "setfit": {"learning_rate": 2e-5, "epochs": 1},
}
QUESTION = Question(
    name="few",
    asks="How many?",
    source="a test",
    factors=tuple({"shots": shots, "method": method, **OWN[method]} for shots in SHOTS for method in OWN),
    baseline={"method": "full"},
    seeds=SEEDS,
    view=View("scatter", {"x": "shots"}),
)


def scores(method: str, shots: int, seed: int) -> tuple[float, float]:
    """Validation and test: SetFit is ahead on validation, full fine-tuning on test at 16."""
    validation = {"full": 0.6, "lora": 0.5, "setfit": 0.7}[method] + shots / 100
    test = {"full": 0.60 + 0.02 * shots, "lora": 0.5 + shots / 100, "setfit": 0.75}[method]
    noise = np.random.default_rng([seed, shots, *method.encode()]).normal(0, 0.01, 2)
    return validation + noise[0], test + noise[1]


def trials(question: Question = QUESTION) -> pd.DataFrame:
    rows = []
    for point in question.points(None):  # type: ignore[arg-type]
        for seed in SEEDS:
            validation, test = scores(str(point["method"]), int(point["shots"]), seed)
            rows.append(row({**point}, validation, seed, test_f1=test))
    return frame_of_rows("few", rows)


def test_every_difference_is_from_the_baseline_with_as_many_examples() -> None:
    found = by_value(trials(), QUESTION).set_index(["value", "name"])
    for shots in SHOTS:
        for method, name in (("lora", "LoRA"), ("setfit", "SetFit")):
            apart = [scores(method, shots, seed)[1] - scores("full", shots, seed)[1] for seed in SEEDS]
            low, high = stats.t.interval(0.95, len(SEEDS) - 1, np.mean(apart), stats.sem(apart))
            one = found.loc[(shots, name)]
            assert one["difference"] == pytest.approx(np.mean(apart))
            assert (one["difference_low"], one["difference_high"]) == pytest.approx((low, high))


def test_the_best_is_that_of_validation_and_its_lead_is_on_test() -> None:
    found = by_value(trials(), QUESTION)
    assert found.loc[found["is_best"], ["value", "name"]].to_numpy().tolist() == [[s, "SetFit"] for s in SHOTS]
    at = found[found["value"] == 16].set_index("name")
    ahead = [scores("setfit", 16, seed)[1] - scores("full", 16, seed)[1] for seed in SEEDS]
    assert at.at["full fine-tuning", "ahead"] == pytest.approx(np.mean(ahead))
    assert at.at["full fine-tuning", "ahead"] < 0
    assert at.at["full fine-tuning", "pairs"] == len(SEEDS)
    assert np.isnan(at.at["SetFit", "ahead"])


def test_what_follows_from_the_method_hinders_no_pair_and_is_in_no_name() -> None:
    assert following(QUESTION, ["method"]) == {"learning_rate", "epochs"}
    table = compare(trials(), QUESTION)
    base = baseline_rows(table, QUESTION)
    for number, other in base.dropna().items():
        assert table.at[number, "shots"] == table.at[other, "shots"]
        assert table.at[other, "method"] == "full"
    assert base.notna().sum() == 2 * len(SHOTS)
    assert (table["pairs"] == table["is_baseline"].map({True: 0, False: len(SEEDS)})).all()
    assert sorted(set(names_of(table, QUESTION))) == sorted(
        f"shots {shots}, {name}" for shots in SHOTS for name in ("full fine-tuning", "LoRA", "SetFit")
    )


def test_a_factor_that_does_not_follow_stays_shared() -> None:
    crossed = replace(
        QUESTION,
        factors=tuple({"shots": s, "method": m, "epochs": e} for s in SHOTS for m in ("full", "lora") for e in (2, 4)),
    )
    assert following(crossed, ["method"]) == frozenset()
    table = compare(trials(crossed), crossed)
    base = baseline_rows(table, crossed).dropna()
    assert len(base) == 6
    assert all(table.at[n, "epochs"] == table.at[other, "epochs"] for n, other in base.items())


def test_the_conclusion_names_the_baseline_that_the_best_is_compared_with() -> None:
    table = compare(trials(), QUESTION)
    best = table[table["method"].eq("setfit") & table["shots"].eq(16)].iloc[0]
    base = baseline_of(best, table, QUESTION)
    assert base is not None
    text = " ".join(conclude(table, QUESTION))
    assert f"`method` = full, `shots` = 16; test {base['test']:.3f}" in text
    assert base["test"] != pytest.approx(table.loc[table["is_baseline"], "test"].iloc[0], abs=0.05)
    assert "Best on validation at each: 4: SetFit; 8: SetFit; 16: SetFit." in report.in_words(table, QUESTION)[0]


def test_the_section_says_what_is_best_and_what_cannot_be_told() -> None:
    table, legend, lines = report.section(trials(), QUESTION)
    assert table.splitlines()[0] == "|  |  | 4 | 8 | 16 |"
    assert table.count("←") == len(SHOTS)
    assert len(table.splitlines()) == 2 + 1 + 2 * 2
    assert "A seed draws the examples too" in legend
    assert "not corrected for the 6" in legend
    four, _, sixteen = lines.splitlines()
    assert four.startswith("- `shots` = 4: best on validation is SetFit")
    assert "on the better side against every other" in four
    assert "behind full fine-tuning" in sixteen
    assert "LoRA" not in sixteen.rpartition("behind")[2]


def test_one_baseline_for_all_has_no_such_section() -> None:
    single = replace(QUESTION, baseline={"method": "full", "shots": 4, **OWN["full"]})
    frame = trials(single)
    assert along(compare(frame, single), single) is None
    assert report.section(frame, single) == []
    assert report.in_words(compare(frame, single), single) == []
    assert by_value(frame.iloc[:0], QUESTION).empty


def test_a_value_that_has_not_run_yet_is_left_open() -> None:
    frame = trials()
    some = frame[~((frame["shots"] == 8) & (frame["method"] == "setfit")) & ~(frame["shots"] == 16)]
    table, _, lines = report.section(some.reset_index(drop=True), QUESTION)
    assert table.splitlines()[0] == "|  |  | 4 | 8 |"
    assert "| SetFit | test F1 |" in table
    assert "best on validation is full fine-tuning" in lines.splitlines()[1]
