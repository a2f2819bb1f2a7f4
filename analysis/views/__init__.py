"""The views: one figure each, as two functions, ``prepare(frame, …) -> frame`` and ``draw(axes, prepared)``."""

from __future__ import annotations

from analysis.views import (
    ablation,
    confusion,
    curves,
    effects,
    errors,
    expected,
    importance,
    pareto,
    path,
    perplexity,
    scatter,
    strip,
)
from analysis.views.view import View

VIEWS = {
    "scatter": View(prepare=scatter.prepare, draw=scatter.draw, rows="trials", size=scatter.size),
    "strip": View(prepare=strip.prepare, draw=strip.draw, rows="trials", size=strip.size),
    "confusion": View(prepare=confusion.prepare, draw=confusion.draw, rows="cells", size=confusion.size),
    "ablation": View(prepare=ablation.prepare, draw=ablation.draw, rows="trials", size=ablation.size),
    "effects": View(prepare=effects.prepare, draw=effects.draw, rows="trials", size=effects.size),
    "pareto": View(prepare=pareto.prepare, draw=pareto.draw, rows="trials", size=pareto.size),
    "expected": View(prepare=expected.prepare, draw=expected.draw, rows="trials", size=expected.size),
    "importance": View(prepare=importance.prepare, draw=importance.draw, rows="trials", size=importance.size),
    "path": View(prepare=path.prepare, draw=path.draw, rows="trials", size=path.size),
    "curves": View(prepare=curves.prepare, draw=curves.draw, rows="curves", size=curves.size),
    "errors": View(prepare=errors.prepare, draw=errors.draw, rows="groups", size=errors.size),
    "perplexity": View(prepare=perplexity.prepare, draw=perplexity.draw, rows="perplexities", size=perplexity.size),
}

__all__ = ["VIEWS", "View"]
