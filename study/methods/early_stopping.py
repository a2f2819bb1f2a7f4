"""Early stopping: no more training after so many evaluations without improvement; the best one's weights are kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.question import better_is_lower

if TYPE_CHECKING:
    from transformers import TrainerCallback

    from study.models.loading import Model


def callbacks(setting: Knobs) -> list[TrainerCallback]:
    """One callback that stops after ``early_stopping`` evaluations in a row without a better validation score.

    At the end of training the trainable weights are those of the best evaluation, so the score reported is the one
    that was selected. Ties keep the earlier evaluation. Source: Prechelt (1998), "Early Stopping - But When?".

    Limits: the validation score of the kept evaluation is a maximum over evaluations, hence optimistic; judge on
    test. It evaluates as often as ``evaluations_per_epoch`` says and keeps one copy of the trainable weights in
    memory.
    """
    from transformers import TrainerCallback

    patience, metric = int(setting["early_stopping"]), str(setting["early_stopping.metric"])
    sign = -1.0 if better_is_lower(metric) else 1.0

    class EarlyStopping(TrainerCallback):
        best: float | None = None
        waited = 0
        kept: dict[str, Any] | None = None

        def on_evaluate(self, args, state, control, **given):
            score = sign * given["metrics"][f"eval_{metric}"]
            # one that is no number is no improvement, and any number is one on it
            if self.best is None or score > self.best or (math.isnan(self.best) and not math.isnan(score)):
                self.best, self.waited = score, 0
                self.kept = {n: p.detach().clone() for n, p in given["model"].named_parameters() if p.requires_grad}
            else:
                self.waited += 1
                control.should_training_stop = self.waited >= patience

        def on_train_end(self, args, state, control, **given):
            if self.kept is not None:
                given["model"].load_state_dict(self.kept, strict=False)

    return [EarlyStopping()]


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this setting cannot stop early, or None: its trials are evaluated once, at the end."""
    if setting.get("evaluations_per_epoch") != 0:
        return None
    return (
        f"early_stopping={setting['early_stopping']}: with evaluations_per_epoch=0 there is nothing to stop by before "
        "the end. Give --set evaluations_per_epoch=1 or more, or --set early_stopping=0."
    )


METHOD = Method(
    name="early_stopping",
    version=1,
    knobs={
        "early_stopping": Knob(
            int, 0, "evaluations without improvement before training stops (0: never)", identity=0, low=0
        ),
        "early_stopping.metric": Knob(
            str, "f1", "what must improve", choices=("f1", "accuracy", "precision", "recall", "mcc", "loss")
        ),
    },
    callbacks=callbacks,
    problem=problem,
)
