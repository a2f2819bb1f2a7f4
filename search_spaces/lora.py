"""How large must LoRA be? Ranks with two rules for alpha, against full fine-tuning and against the head alone."""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice, distinct


def all_or_head(geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Without LoRA: nothing frozen, and every block."""
    return () if point["lora.rank"] else (0, geometry.depth)


def tied_and_free(_geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Twice the rank, so that the update's scale stays the same, and 16 at every rank."""
    rank = int(point["lora.rank"])
    return tuple(int(alpha) for alpha in distinct((2 * rank, 16))) if rank else ()


QUESTION = Question(
    name="lora",
    asks="How large must the rank of LoRA be to match full fine-tuning, and does it matter how alpha follows it?",
    source="Slides on LoRA; Hu et al. (2021), arXiv 2106.09685, which finds small ranks enough",
    factors={"lora.rank": (0, 1, 2, 4, 8, 16, 32, 64), "lora.alpha": tied_and_free, "frozen_layers": all_or_head},
    # The rates of frozen_layers: 1e-4 suits all weights, 5e-4 is what the paper gives LoRA, a head alone needs 3e-3.
    tuned={"learning_rate": choice(1e-4, 5e-4, 3e-3)},
    fixed={"epochs": 2},
    baseline={"lora.rank": 0, "frozen_layers": 0},
    view=View("scatter", {"x": "lora.rank"}),
)
