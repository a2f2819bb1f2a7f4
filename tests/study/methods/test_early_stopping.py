"""Training ends after so many evaluations without improvement, with the best evaluation's weights."""

from __future__ import annotations

import pytest

from study.assembly import assemble
from study.models.loading import find_model
from study.question_problems import method_problems
from study.training import fit
from study.trial import carry_out
from tests.study.fabricate import question


def test_it_stops_at_the_patience_and_keeps_the_best(make_trial, monkeypatch):
    trial, context = make_trial(epochs=8, early_stopping=3, evaluations_per_epoch=2)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    script = iter([0.5, 0.7, 0.6, 0.7, 0.65, 0.9, 0.9, 0.9])
    kept = []
    score = trainer.scores

    def scripted(split, logits):
        kept.append(logits)
        return score(split, logits) | {"f1": next(script)}

    monkeypatch.setattr(trainer, "scores", scripted)
    fit(trainer)
    assert [point["f1"] for point in trainer.curve] == [0.5, 0.7, 0.6, 0.7, 0.65]
    assert (trainer.logits("validation") == kept[1]).all()
    assert not (kept[1] == kept[4]).all()


def test_a_lower_loss_is_the_better_one(make_trial, monkeypatch):
    trial, context = make_trial(epochs=4, early_stopping=1, early_stopping__metric="loss")
    trainer = assemble(trial, context, lambda trainer, scores: None)
    script = iter([0.9, 0.8, 0.85, 0.1])
    score = trainer.scores
    monkeypatch.setattr(trainer, "scores", lambda *given: score(*given) | {"loss": next(script)})
    fit(trainer)
    assert [point["loss"] for point in trainer.curve] == [0.9, 0.8, 0.85]


@pytest.mark.parametrize("metric", ["loss", "mcc"])
def test_a_score_that_is_no_number_is_no_improvement_and_any_number_is_one_on_it(make_trial, monkeypatch, metric):
    trial, context = make_trial(epochs=5, early_stopping=2, early_stopping__metric=metric)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    script = iter([float("nan"), 0.5, float("nan"), 0.5, 0.5])
    score = trainer.scores
    monkeypatch.setattr(trainer, "scores", lambda *given: score(*given) | {metric: next(script)})
    fit(trainer)
    assert len(trainer.curve) == 4


def test_the_record_holds_the_best_evaluations_score(make_trial):
    trial, context = make_trial(epochs=6, early_stopping=2, evaluations_per_epoch=2, learning_rate=5e-3)
    record = carry_out(trial, context)
    assert record.metrics["validation"]["f1"] == pytest.approx(max(point["f1"] for point in record.curve))


def test_it_is_refused_where_nothing_is_evaluated_before_the_end(model_folder):
    model = find_model(str(model_folder))
    fixed = {"early_stopping": 3, "evaluations_per_epoch": 0}
    (said,) = method_problems(question(fixed=fixed), model)
    assert said.startswith("early_stopping=3: with evaluations_per_epoch=0 there is nothing to stop by")
    assert method_problems(question(fixed={**fixed, "evaluations_per_epoch": 1}), model) == []
    assert method_problems(question(fixed={"evaluations_per_epoch": 0}), model) == []
