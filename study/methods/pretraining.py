"""Continued pre-training: the body learns from texts without classes before the trial begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.objectives import OBJECTIVES

if TYPE_CHECKING:
    from study.data import TextData
    from study.models.bodies import Body
    from study.models.loading import Model
    from study.trial import Context, Trial

PERMUTED = 0.5
"""The highest rate at which transformers' spans for permutation have it: 0.7 gives 0.79 of the tokens, 0.84 all."""


def body(trial: Trial, context: Context, found: Model) -> Body:
    """The body after ``pretraining.steps`` more steps of language modelling, from which the trial then begins.

    On the training texts of the task (task-adaptive, TAPT), on the study's corpus (domain-adaptive, DAPT), or on the
    corpus for the first half of the steps and on the task's texts for the rest; long texts in windows, so that all is
    read. Trials share the body unless they say otherwise of pre-training: neither their seed nor the number of their
    examples is in it, and its seed (``pretraining.seed``) is its own. So an interval over the trials' seeds does not
    hold what another pre-training would have given. Source: Gururangan et al. (2020), "Don't Stop Pretraining",
    arXiv 2004.10964.

    Limits: the steps there were 12,500 of 2,048 texts for a domain and 100 passes for a task; a few hundred of 16 show
    the direction, not the size. Texts of another task than the one learnt afterwards did harm there. Gains were mostly
    of a point of F1 or less where the training texts were many, as in IMDb. The text of pairs is cut at the end of the
    longest input.
    """
    from study.pretraining.body import pretrained_body

    return pretrained_body(trial, context, found)


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model cannot be trained so, or None."""
    able, asked = model.geometry.objectives, str(setting["pretraining.objective"])
    if not able:
        return (
            f"pretraining.steps: --model {model.ref.name} has no objective of language modelling that is known here: "
            "its tokenizer has no mask token, or transformers no such network of its architecture. Leave it out."
        )
    if asked != "auto" and asked not in able:
        return (
            f"pretraining.objective={asked}: --model {model.ref.name} cannot be trained so. It can be by "
            f"{' or '.join(able)}: give --set pretraining.objective={able[0]}, or leave it out."
        )
    rate = float(setting["pretraining.mask_rate"])
    if (able[0] if asked == "auto" else asked) == "permutation" and rate > PERMUTED:
        return (
            f"pretraining.mask_rate={rate:g}: permutation draws spans, and above {PERMUTED:g} predicts more than that, "
            f"up to all of a text. Give --set pretraining.mask_rate={PERMUTED:g} or less."
        )
    return None


def data_problem(data: TextData, setting: Knobs) -> str | None:
    """Why these texts cannot be read, or None: there are none, or none to measure on."""
    empty = [split for split in ("train", "validation") if not data.splits[split].num_rows]
    if not empty:
        return None
    return f"pretraining.steps: {data.name} has no texts in {' and '.join(empty)}. Give data with some."


def reads_corpus(setting: Knobs) -> bool:
    """Whether texts other than the task's are read."""
    return setting["pretraining.corpus"] != "task"


METHOD = Method(
    name="pretraining",
    version=1,
    knobs={
        "pretraining.steps": Knob(int, 0, "steps of continued pre-training (0: none)", identity=0, low=0),
        "pretraining.objective": Knob(
            str, "auto", "what pre-training predicts (auto: as the model was made)", choices=("auto", *OBJECTIVES)
        ),
        "pretraining.learning_rate": Knob(
            float, 1e-4, "AdamW's peak learning rate in pre-training", low=0, above_low=True, high=1
        ),
        "pretraining.mask_rate": Knob(
            float, 0.15, "share of the tokens to be predicted", low=0, above_low=True, high=1, below_high=True
        ),
        "pretraining.corpus": Knob(
            str, "task", "texts of pre-training (domain: --corpus)", choices=("task", "domain", "both")
        ),
        "pretraining.batch_size": Knob(int, 16, "texts, or windows of them, per step of pre-training", low=1),
        "pretraining.head_steps": Knob(int, 200, "steps that train a new language-modelling head", low=1),
        "pretraining.seed": Knob(int, 0, "draws of pre-training, apart from the trial's seed", low=0),
    },
    body=body,
    problem=problem,
    data_problem=data_problem,
    reads_corpus=reads_corpus,
)
