"""Effects, interactions and shares of variance of a factorial design, against arithmetic done by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.design import design
from analysis.effects import effects
from analysis.resampled import Resampled
from analysis.stats import holm, mean_interval, sign_flip_p
from analysis.stats.crossed import crossed_interval
from analysis.variance import variance_shares
from study.question import Question, choice
from tests.analysis.fabricated import frame_of_rows, row

A, B, C = (0, 3, 6), ("cls", "mean"), (False, True)
FACTORIAL = Question(
    name="factorial",
    asks="?",
    source="",
    factors=tuple({"a": a, "b": b, "c": c} for a, b, c in itertools.product(A, B, C)),
    baseline={"a": 0, "b": "cls", "c": False},
    seeds=tuple(range(6)),
)


def run(truth, seeds=6, noise=0.0, question=FACTORIAL, leave_out=()):
    rng = np.random.default_rng(1)
    rows = []
    for point in question.factors:
        for seed in range(seeds):
            if (tuple(point.values()), seed) in leave_out:
                continue
            score = truth(**point) + 0.01 * seed + noise * rng.standard_normal()
            rows.append(row(point, score - 0.1, seed, test_f1=score, test_texts=100))
    return frame_of_rows("factorial", rows)


def additive(a, b, c) -> float:
    return 0.5 + 0.02 * a + 0.1 * (b == "mean") - 0.03 * c


def joint(a, b, c) -> float:
    return 0.5 + 0.2 * (b == "mean") * c


def named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(name=[" x ".join(f"{n} {v}" for n, v, _ in effect) for effect in table["effect"]]).set_index(
        "name"
    )


def test_an_additive_truth_has_its_main_effects_and_no_interaction():
    table = named(effects(design(run(additive), FACTORIAL)))
    assert table["difference"][:4].to_dict() == pytest.approx(
        {"a 3": 0.06, "a 6": 0.12, "b mean": 0.1, "c True": -0.03}
    )
    interactions = table[table["kind"] == "interaction"]
    assert len(interactions) == 2 + 2 + 1
    assert interactions["difference"].to_numpy() == pytest.approx(0, abs=1e-12)


def test_an_interaction_is_the_difference_of_differences():
    table = named(effects(design(run(joint), FACTORIAL)))
    assert table.loc["b mean x c True", "difference"] == pytest.approx(0.2)
    assert table.loc["b mean", "difference"] == pytest.approx(0.1)
    assert table.loc["a 3 x c True", "difference"] == pytest.approx(0, abs=1e-12)


def test_numbers_equal_those_of_a_pivot_done_by_hand():
    frame = run(joint, noise=0.02)
    table = effects(design(frame, FACTORIAL))
    wide = frame.pivot_table(index="seed", columns=["a", "b", "c"], values="test_f1")
    by_seed = wide.T.groupby(level="a").mean().T
    change = by_seed[6] - by_seed[0]
    mine = named(table).loc["a 6"]
    by_hand = mean_interval(change)
    assert (mine["difference"], mine["low"], mine["high"]) == pytest.approx((by_hand.mean, by_hand.low, by_hand.high))
    assert mine["p"] == pytest.approx(sign_flip_p(change))
    pair = wide.T.groupby(level=["b", "c"]).mean().T
    twice = (pair["mean", True] - pair["mean", False]) - (pair["cls", True] - pair["cls", False])
    mine = named(table).loc["b mean x c True"]
    assert (mine["difference"], mine["p"]) == pytest.approx((twice.mean(), sign_flip_p(twice)))
    assert table["p_holm"].tolist() == pytest.approx(holm(table["p"].tolist()))
    assert (table["n"] == 6).all()
    assert table["estimand"].eq("seeds").all()


def test_nothing_is_significant_with_fewer_seeds_than_it_takes():
    table = effects(design(run(joint, seeds=5, noise=0.001), FACTORIAL))
    assert not table["significant"].any()
    many = effects(design(run(joint, seeds=10, noise=0.001), FACTORIAL))
    assert set(many.loc[many["significant"], "kind"]) == {"main", "interaction"}
    assert (many.loc[many["significant"], "low"] * many.loc[many["significant"], "high"] > 0).all()


def test_a_seed_that_lacks_a_cell_is_no_pair_of_effects_over_it():
    frame = run(additive, leave_out={((3, "mean", True), 2)})
    table = named(effects(design(frame, FACTORIAL)))
    assert table.loc["a 3", "n"] == 5
    assert table.loc["a 6", "n"] == 6
    assert table.loc["a 3", "difference"] == pytest.approx(0.06)


def test_a_cell_that_was_never_run_leaves_the_combinations_that_were():
    frame = run(joint, leave_out={((6, "mean", True), seed) for seed in range(6)})
    found = design(frame, FACTORIAL)
    assert (len(found.cells), found.possible, found.balanced) == (11, 12, False)
    table = named(effects(found))
    assert table.loc["a 6", "difference"] == pytest.approx(0, abs=1e-12)
    assert table.loc["a 6", "cells"] == 6
    assert table.loc["b mean", "difference"] == pytest.approx(0.2 * 2 / 5)


def test_folds_are_the_replicates_with_the_corrected_interval():
    rng = np.random.default_rng(3)
    rows = [
        row(
            p,
            None,
            0,
            test_f1=additive(**p) + fold / 10 + 0.01 * rng.standard_normal(),
            test_texts=100,
            fold=fold,
            folds=4,
        )
        for fold in (1, 2, 3, 4)
        for p in FACTORIAL.factors
    ]
    frame = frame_of_rows("factorial", rows)
    frame["f1"] = frame["test_f1"]
    table = named(effects(design(frame, FACTORIAL)))
    mine = table.loc["b mean"]
    wide = frame.pivot_table(index="fold", columns="b", values="test_f1")
    change = wide["mean"] - wide["cls"]
    error = np.sqrt((1 / 4 + 100 / 400) * change.var(ddof=1))
    assert (mine["n"], mine["estimand"]) == (4, "folds")
    assert mine["high"] - mine["difference"] == pytest.approx(3.182446305 * error)


def test_with_scores_on_other_texts_the_interval_is_over_seeds_and_texts():
    frame = run(additive, noise=0.01)
    rng = np.random.default_rng(5)
    common = 0.02 * rng.standard_normal(500)
    draws = {(r["key"], "test"): r["test_f1"] + common * (r["b"] == "mean") for r in frame.to_dict("records")}
    resampled = Resampled("f1", draws, {"test": 100})
    table = named(effects(design(frame, FACTORIAL), resampled))
    wide = frame.pivot_table(index="seed", columns="b", values="test_f1")
    change = (wide["mean"] - wide["cls"]).to_numpy()
    by_hand = crossed_interval(change, change[:, None] + common, 100)
    mine = table.loc["b mean"]
    assert (mine["difference"], mine["low"], mine["high"]) == pytest.approx((by_hand.mean, by_hand.low, by_hand.high))
    assert mine["estimand"] == "texts"
    assert mine["high"] - mine["low"] > 0.06


@pytest.mark.parametrize(
    "question",
    [
        replace(FACTORIAL, factors=tuple({"a": a} for a in A)),
        replace(FACTORIAL, factors=tuple({"a": a, "lora": 2 * a} for a in A)),
        replace(
            FACTORIAL, factors=tuple(p for p in FACTORIAL.factors if (p["a"] > 0) + (p["b"] == "mean") + p["c"] <= 1)
        ),
        replace(FACTORIAL, factors=({"a": 0}, {"b": "mean"})),
        replace(FACTORIAL, factors=tuple({"a": a, "b": b} for a in range(23) for b in range(22))),
    ],
)
def test_what_is_no_factorial_design_has_no_effects(question):
    rows = [row(p, 0.5, seed) for p in question.factors for seed in (0, 1)]
    assert design(frame_of_rows("factorial", rows), question) is None


def test_of_what_was_tuned_the_chosen_setting_stands_for_its_cell():
    question = replace(FACTORIAL, tuned={"learning_rate": choice(1, 2)}, keep=2)
    rows = [
        row({**p, "learning_rate": rate}, additive(**p) + 0.1 * rate, seed, test_f1=additive(**p) + rate, test_texts=10)
        for p in question.factors
        for rate in (1, 2)
        for seed in (0, 1)
    ]
    found = design(frame_of_rows("factorial", rows), question)
    assert found.scores.to_numpy().min() == pytest.approx(2 + 0.5 - 0.03)


def test_shares_of_a_balanced_design_are_the_textbooks_and_add_up():
    frame = run(joint, noise=0.03)
    shares = variance_shares(design(frame, FACTORIAL)).set_index("source")
    y = frame["test_f1"]
    total = ((y - y.mean()) ** 2).sum()
    main = {name: frame.groupby(name)["test_f1"].transform("mean") for name in ("a", "b", "c", "seed")}
    for name in "abc":
        assert shares.loc[[(name,)], "share"].item() == pytest.approx(((main[name] - y.mean()) ** 2).sum() / total)
    assert shares.loc[[("replicate",)], "share"].item() == pytest.approx(((main["seed"] - y.mean()) ** 2).sum() / total)
    cell = frame.groupby(["b", "c"])["test_f1"].transform("mean")
    together = ((cell - main["b"] - main["c"] + y.mean()) ** 2).sum() / total
    assert shares.loc[[("b", "c")], "share"].item() == pytest.approx(together)
    assert shares["share"].sum() == pytest.approx(1)
    assert shares["by_chance"].sum() == pytest.approx(1)
    assert shares["df"].to_dict() == {
        ("a",): 2, ("b",): 1, ("c",): 1, ("a", "b"): 2, ("a", "c"): 2, ("b", "c"): 1, ("replicate",): 5, ("rest",): 57
    }  # fmt: skip


def test_an_unbalanced_share_is_what_the_source_explains_beyond_the_others():
    """Two factors on an uneven table, type II by two regressions written out."""
    frame = run(additive, noise=0.02, leave_out={((0, "cls", False), 0), ((0, "cls", True), 1), ((3, "cls", True), 4)})
    shares = variance_shares(design(frame, FACTORIAL)).set_index("source")["share"]
    y = frame["test_f1"].to_numpy()

    def left(names):
        columns = [np.ones(len(y))]
        for group in names:
            key = frame[list(group)].astype(str).agg("/".join, axis=1)
            columns += [(key == one).to_numpy(dtype=float) for one in key.unique()]
        x = np.column_stack(columns)
        return ((y - x @ np.linalg.pinv(x) @ y) ** 2).sum()

    beyond = left([["a"], ["c"], ["a", "c"], ["seed"]]) - left([["a"], ["b"], ["c"], ["a", "c"], ["seed"]])
    assert shares[[("b",)]].item() == pytest.approx(beyond / ((y - y.mean()) ** 2).sum(), abs=1e-9)


def test_equal_scores_have_no_shares():
    frame = run(additive)
    frame["test_f1"] = 0.5
    assert variance_shares(design(frame, FACTORIAL)).empty
