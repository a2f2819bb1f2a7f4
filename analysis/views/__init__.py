"""The views: one figure each, as two functions, ``prepare(frame) -> frame`` and ``draw(axes, prepared)``."""

from __future__ import annotations

from analysis.views import confusion, scatter
from analysis.views.view import View

VIEWS = {
    "scatter": View(prepare=scatter.prepare, draw=scatter.draw, rows="trials", size=scatter.size),
    "confusion": View(prepare=confusion.prepare, draw=confusion.draw, rows="cells", size=confusion.size),
}

__all__ = ["VIEWS", "View"]
