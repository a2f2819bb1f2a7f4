"""Sections on what the tuning says: they say what they rest on, refuse with a reason, and speak Spanish."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis.language import speaking
from analysis.report import effects, expected, importance, optimism, path
from study.question import choice
from tests.analysis import test_effects as factorial
from tests.analysis import test_expected as drawn
from tests.analysis import test_importance as searched
from tests.analysis import test_optimism as chosen
from tests.analysis import test_path as ways
from tests.analysis.fabricated import frame_of_rows

pytestmark = pytest.mark.usefixtures("small_forests")

DRAWN = frame_of_rows("search", drawn.tries(train_seconds=30.0))
SEARCHED = searched.searched(searched.additive)
FACTORIAL = factorial.run(factorial.joint, seeds=10, noise=0.001)
WAY = ways.searched(ways.truth)
CHOSEN = frame_of_rows("depths", chosen.rows())

EVERY = {
    "expected": lambda: expected.section(DRAWN, drawn.SEARCH, ["![f](figures/expected.png)"]),
    "importance": lambda: importance.section(SEARCHED, searched.SEARCH, ["![f](figures/importance.png)"]),
    "effects": lambda: effects.section(FACTORIAL, factorial.FACTORIAL, ["![f](figures/effects.png)"]),
    "path": lambda: path.section(WAY, ways.SEARCH, ["![f](figures/path.png)"]),
    "optimism": lambda: optimism.section(CHOSEN, chosen.QUESTION),
}


def test_expected_performance_has_the_budgets_and_their_legend():
    figure, table, said = EVERY["expected"]()
    assert figure.startswith("![")
    assert "| best of 1 | best of 2 | best of 3 | best of 5 | best of 7 |" in table
    assert "0.900" in table.splitlines()[-1]
    assert "unbiased" in said
    assert "30 s" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"search": "optuna"}, "no independent draws"),
        ({"scheduler": "asha"}, "stopped weak trials"),
        ({"trials": 4}, "at least 5"),
        ({"tuned": {"batch_size": choice(8, 16), "learning_rate": choice(1e-4, 2e-4)}}, "every combination"),
    ],
)
def test_a_refusal_says_why(change, words):
    (said,) = expected.section(DRAWN, replace(drawn.SEARCH, **change))
    assert words in said


def test_nothing_tuned_nothing_said():
    question = replace(drawn.SEARCH, tuned={})
    frame = DRAWN[DRAWN["phase"] == "compare"]
    sections = (expected.section, importance.section, path.section, effects.section, optimism.section)
    assert [section(frame, question) for section in sections] == [[]] * 5


def test_importance_says_how_many_trials_and_how_well_the_forest_predicts():
    _, table, said = EVERY["importance"]()
    assert table.splitlines()[2].startswith("| `learning_rate` |")
    assert "only together" in table.splitlines()[-1]
    assert "120 settings (120 trials)" in said
    assert "Out of bag" in said
    assert "*" not in table


def test_a_poor_forest_is_said_to_be_one():
    def noisy(setting) -> float:
        return searched.additive(setting) + 0.25 * ((setting["learning_rate"] * 1e7) % 1)

    said = importance.section(searched.searched(noisy, 60), searched.SEARCH)[-1]
    share = int(re.search(r"explains (\d+)%", said).group(1))
    assert (share < 50) == ("caution" in said)
    assert share < 50


def test_too_few_settings_are_counted():
    assert "at least 20 settings" in importance.section(SEARCHED.head(12), searched.SEARCH)[0]
    assert "there are 12" in importance.section(SEARCHED.head(12), searched.SEARCH)[0]


def test_significant_effects_alone_are_bold_and_starred():
    _, table, said, shares, _ = EVERY["effects"]()
    bold = [line for line in table.splitlines() if "**" in line]
    assert len(bold) == 3
    assert all(r"**\*" in line for line in bold)
    assert any("`b`: cls → mean × `c`: False → True" in line for line in bold)
    assert "10" in bold[0].split("|")[-2]
    assert "all 9 effects" in said
    assert "so few seeds" not in said
    assert "| `b` × `c` |" in shares
    few = effects.section(factorial.run(factorial.joint, seeds=3), factorial.FACTORIAL)
    assert "**" not in few[0]
    assert "so few seeds" in few[1]


def test_what_an_unfinished_design_lacks_is_said():
    frame = factorial.run(factorial.joint, leave_out={((6, "mean", True), seed) for seed in range(6)})
    blocks = effects.section(frame, factorial.FACTORIAL)
    assert "Of 12 combinations 1 have no finished trial" in blocks[1]
    assert "type II" in blocks[-1]


def test_a_path_marks_what_was_predicted():
    _, table, said = EVERY["path"]()
    assert "| change | predicted F1 |" in table
    assert table.splitlines()[2].startswith("| default |")
    assert "`learning_rate`: 1e-5 →" in table.splitlines()[3]
    assert "101 settings" in said
    run = path.section(ways.compared(lambda a, b, c: 0.5 + 0.1 * a + 0.2 * b), ways.FACTORIAL)
    assert "predicted" not in "".join(run)
    assert "`b`: 0 → 1 | 0.705 | +0.200" in run[0]


def test_optimism_names_the_setting_and_the_gap():
    (said,) = EVERY["optimism"]()
    assert re.search(r"was chosen with F1 0\.8\d0; with the seeds", said)
    assert "3 seeds" in said
    assert "Spearman" in said


@pytest.mark.parametrize("name", EVERY)
def test_it_speaks_spanish_with_the_same_numbers(name):
    english = EVERY[name]()
    with speaking("es"):
        spanish = EVERY[name]()
    assert len(spanish) == len(english)
    text = re.sub(r"`[^`]*`|\([^)]*20\d\d\)|!\[.*?\)|out-of-bag", "", " ".join(spanish))
    words = set(re.findall(r"[a-záéíóúñ]+", text.lower()))
    assert not words & {"the", "of", "with", "and", "seeds", "trials", "over", "from", "best", "by", "share"}
    numbers = [re.findall(r"[−+]?\d\.\d{3}", " ".join(blocks)) for blocks in (english, spanish)]
    assert sorted(numbers[0]) == sorted(numbers[1])
