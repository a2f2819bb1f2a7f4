"""What keeps fine-tuning on few texts from failing? The first recipe of BERT and one change to it at a time.

The optimizer's changes build on each other (bias correction, then warm-up with it, then 20 epochs with both), as where
they were proposed; each of the others is made to the first recipe alone. The rate is the published one for BERT and is
the same everywhere, because too high a rate is one of the ways to fail; small models need a higher one
(``--set learning_rate=1e-4``). Run it with few texts: ``--train-size 1000``.
"""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View


def with_mixout(_geometry: Geometry, point: Setting) -> tuple[bool, ...]:
    """With mixout, no dropout."""
    return (True,) if point["mixout.p"] else ()


def top_layers(geometry: Geometry, _point: Setting) -> tuple[int, ...]:
    """None, and a sixth of the blocks, at least one."""
    return (0, max(1, geometry.depth // 6))


def one_change(point: Setting) -> bool:
    """Whether a point is the first recipe, a step on the ladder of the optimizer's changes, or one other change."""
    ladder = (point["bias_correction"] is True, point["warmup_ratio"] != 0, point["epochs"] != 3)
    others = (point["reinit_layers"] != 0, point["mixout.p"] != 0, point["layer_decay"] != 1)
    return sorted(ladder, reverse=True) == list(ladder) and ladder[0] + sum(others) <= 1


QUESTION = Question(
    name="stability",
    asks="How often does fine-tuning on few texts fail, and which change to the recipe prevents it?",
    source="Dodge et al. (2020), arXiv 2002.06305; Zhang et al. (2021), arXiv 2006.05987; "
    "Mosbach, Andriushchenko and Klakow (2021), arXiv 2006.04884",
    factors={
        "bias_correction": (False, True),
        "warmup_ratio": (0.0, 0.1),
        "epochs": (3, 20),
        "reinit_layers": top_layers,
        "mixout.p": (0.0, 0.7, 0.9),
        "mixout.replace_dropout": with_mixout,
        "layer_decay": (1.0, 0.95),
    },
    only=one_change,
    fixed={"learning_rate": 2e-5, "batch_size": 16, "mixout.target": "linear"},
    baseline={
        "bias_correction": False,
        "warmup_ratio": 0.0,
        "epochs": 3,
        "reinit_layers": 0,
        "mixout.p": 0.0,
        "layer_decay": 1.0,
    },
    seeds=tuple(range(20)),
    view=View("strip"),
    outline=(("How often fine-tuning failed, and how far it scatters", "stability"),),
)
