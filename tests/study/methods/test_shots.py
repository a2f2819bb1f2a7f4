"""So many texts per class: which they are, for whom they are the same, and when there are too few."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from study.ask import Request, ask
from study.assembly import assemble
from study.data import DataOptions
from study.errors import InputError
from study.methods import shots
from study.question import Question


def drawn(make_trial, count: int, seed: int = 0, **setting) -> tuple[int, ...]:
    """The row numbers of the training texts, checked to be so many of each class."""
    trainer = assemble(*make_trial(seed=seed, shots=count, **setting), lambda trainer, scores: None)
    assert set(Counter(np.asarray(trainer.examples.labels).tolist()).values()) == {count}
    return tuple(np.asarray(trainer.examples.rows).tolist())


def test_methods_share_the_examples_and_seeds_do_not(make_trial):
    assert drawn(make_trial, 3) == drawn(make_trial, 3, frozen_layers=2) == drawn(make_trial, 3, method="linear_probe")
    assert len({drawn(make_trial, 3, seed) for seed in range(5)}) == 5


def test_fewer_are_among_more(make_trial):
    for seed in range(3):
        assert set(drawn(make_trial, 2, seed)) < set(drawn(make_trial, 3, seed)) < set(drawn(make_trial, 6, seed))


def test_every_text_is_as_likely(make_trial):
    tokens = assemble(*make_trial(), lambda trainer, scores: None).examples
    counts = Counter(int(r) for s in range(400) for r in shots.draw(tokens, {"shots": 2}, s).rows)
    labels = dict(zip(np.asarray(tokens.rows).tolist(), np.asarray(tokens.labels).tolist(), strict=True))
    for number in set(labels.values()):
        mine = [counts[row] for row, label in labels.items() if label == number]
        expected = 800 / len(mine)
        # a chi-square with len - 1 degrees of freedom, somewhat less spread because draws are without replacement
        assert sum((count - expected) ** 2 / expected for count in mine) < 2.5 * len(mine)


@pytest.mark.parametrize("truncation", ["head", "windows"])
def test_the_examples_are_the_texts_own(make_trial, truncation):
    trainer = assemble(*make_trial(shots=3, truncation=truncation, max_length=8), lambda trainer, scores: None)
    whole, few = trainer.job.splits["train"], trainer.examples
    places = {row: i for i, row in enumerate(np.asarray(whole.rows).tolist())}
    for text, row in enumerate(np.asarray(few.rows).tolist()):
        its = [whole[i] for i in whole.examples_of(places[row])]
        found = [few[i] for i in few.examples_of(text)]
        assert len(its) == len(found) > 0
        for one, other in zip(its, found, strict=True):
            assert one.keys() == other.keys()
            assert all(np.array_equal(one[name], other[name]) for name in one)
    assert len(few) == sum(len(few.examples_of(text)) for text in range(few.texts))


def test_more_than_a_class_has_is_refused_with_its_name(model_folder, tmp_path):
    rows = "".join(f"text {i},{'rare' if i < 3 else 'usual'}\n" for i in range(20))
    for split in ("train", "validation", "test"):
        (tmp_path / f"{split}.csv").write_text(f"text,label\n{rows}")
    question = Question("q", "", "", factors={"shots": (2, 4)}, fixed={"max_length": 32}, baseline={"shots": 2})
    request = Request(question, str(model_folder), DataOptions(str(tmp_path)))
    with pytest.raises(InputError, match=r"shots=4: .* class 'rare' \(3\)\. Give --set shots=3 or fewer") as told:
        ask(request)
    assert len(told.value.problems) == 1
    assert ask(Request(question, request.model, request.data, settings={"shots": (2, 3)}))
