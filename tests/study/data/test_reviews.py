"""The bundled reviews: size, balance, and nobody copied."""

from __future__ import annotations

import pytest

from tests.benchmarks.reviews import load, near_duplicates, openings, shared_runs, shared_skeletons, words


@pytest.fixture(scope="module")
def reviews():
    return load()


def test_there_are_enough_in_the_right_shares_and_balanced(reviews):
    counts = reviews.groupby(["split", "label"]).size()
    assert len(reviews) >= 1200
    assert counts["train"].nunique() == counts["validation"].nunique() == counts["test"].nunique() == 1
    shares = reviews.split.value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"train": 0.4, "validation": 0.2, "test": 0.4}, abs=0.005)


def test_no_review_is_a_variation_of_another_within_or_across_splits(reviews):
    texts = list(reviews.text)
    assert not near_duplicates(texts)
    assert not shared_runs(texts)
    assert not shared_skeletons(texts)
    assert openings(texts).most_common(1)[0][1] <= 10


def test_the_checks_would_find_a_template():
    made = [f"This {noun} was so {how} that I would see it again and again." for noun, how in
            (("film", "bright"), ("picture", "lively"), ("comedy", "silly"))]  # fmt: skip
    assert shared_skeletons(made)
    assert near_duplicates(made)
    assert shared_runs(["one two three four five six", "zero two three four five six"])


def test_lengths_vary(reviews):
    lengths = reviews.text.map(lambda text: len(words(text)))
    assert lengths.quantile(0.05) <= 8
    assert lengths.quantile(0.95) >= 40
    assert lengths.max() < 110, "nothing is cut at 128 tokens"
