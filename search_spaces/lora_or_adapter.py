"""LoRA or adapters, at equal numbers of trained parameters?

A Pfeiffer adapter of width m has 2md + d + m parameters in a block of width d; LoRA of rank r on query and value has
4rd, where these are two square matrices. So each width is compared with the rank nearest to (2md + d + m) / 4d, about
m / 2. What remains is the adapter's biases, less than half a rank: LoRA has 3 % fewer parameters at m = 16 and at most
1 % fewer from m = 64 on, in blocks at least 384 wide. One difference stays: adapters remain in the served model and
take their time there, while LoRA is merged into the weights.
"""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice

WIDTHS = (16, 64, 256)


def nearest_rank(width: int, hidden: int) -> int:
    """The rank at which LoRA on query and value has about the parameters of a Pfeiffer adapter of this width."""
    return round((2 * width * hidden + hidden + width) / (4 * hidden))


def ranks(geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Without adapters: none, and the rank with about as many parameters as each width."""
    if point["adapter.width"]:
        return (0,)
    return (0, *(nearest_rank(width, geometry.width) for width in WIDTHS))


def alphas(_geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Twice the rank."""
    return (2 * int(point["lora.rank"]),) if point["lora.rank"] else ()


QUESTION = Question(
    name="lora_or_adapter",
    asks="With as many trained parameters, which does better: LoRA or an adapter?",
    source="Slides on parameter-efficient fine-tuning; Hu et al. (2021), arXiv 2106.09685, table 2; "
    "Pfeiffer et al. (2021), arXiv 2005.00247",
    factors={"adapter.width": (0, *WIDTHS), "lora.rank": ranks, "lora.alpha": alphas},
    # One list for all three: 1e-4 suits all weights, both others are published with 3e-4 to 1e-3.
    tuned={"learning_rate": choice(1e-4, 5e-4, 3e-3)},
    fixed={"epochs": 2, "adapter.style": "pfeiffer", "lora.targets": "query,value"},
    baseline={"adapter.width": 0, "lora.rank": 0},
    view=View("strip"),
)
