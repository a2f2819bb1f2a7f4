"""How wide must an adapter be? Bottlenecks of two styles, against full fine-tuning and against the head alone."""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice


def all_or_head(geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Without adapters: nothing frozen, and every block."""
    return () if point["adapter.width"] else (0, geometry.depth)


def styles(_geometry: Geometry, point: Setting) -> tuple[str, ...]:
    """Pfeiffer's one adapter in a block, and Houlsby's two with trained normalisation."""
    return ("pfeiffer", "houlsby") if point["adapter.width"] else ()


QUESTION = Question(
    name="adapter_size",
    asks="How wide must the bottleneck of an adapter be to match full fine-tuning?",
    source="Slides on adapters; Houlsby et al. (2019), arXiv 1902.00751, who find sizes 8 to 256 alike; "
    "Pfeiffer et al. (2021), arXiv 2005.00247",
    factors={"adapter.width": (0, 8, 16, 32, 64, 128, 256), "adapter.style": styles, "frozen_layers": all_or_head},
    # Adapters are published with 1e-4 to 1e-3, ten times what suits all weights; a head alone needs 3e-3.
    tuned={"learning_rate": choice(1e-4, 5e-4, 3e-3)},
    fixed={"epochs": 2},
    baseline={"adapter.width": 0, "frozen_layers": 0},
    view=View("scatter", {"x": "adapter.width"}),
)
