"""The views: one figure each, as two functions, ``prepare(frame) -> frame`` and ``draw(axes, prepared)``."""

from __future__ import annotations

from analysis.views import ablation, confusion, pareto, scatter, strip
from analysis.views.view import View

VIEWS = {
    "scatter": View(prepare=scatter.prepare, draw=scatter.draw, rows="trials", size=scatter.size),
    "strip": View(prepare=strip.prepare, draw=strip.draw, rows="trials", size=strip.size),
    "confusion": View(prepare=confusion.prepare, draw=confusion.draw, rows="cells", size=confusion.size),
    "ablation": View(prepare=ablation.prepare, draw=ablation.draw, rows="trials", size=ablation.size),
    "pareto": View(prepare=pareto.prepare, draw=pareto.draw, rows="trials", size=pareto.size),
}

__all__ = ["VIEWS", "View"]
