"""A question as a Ray Tune search space."""

from __future__ import annotations

from typing import Any

from study.errors import InputError
from study.question import Question


def search_space(question: Question, model: str) -> dict[str, Any]:
    """The question's factors as grid searches, its tuned settings as domains, its fixed ones as they are.

    Works as ``param_space`` of any ``Tuner``. Seeds are not in it: they are replicates. A grid search is what Tune's
    own sampler expands; adaptive searchers take only the domains of a question without factors.
    """
    from ray import tune

    from study.models.loading import find_model

    points = question.points(find_model(model).geometry)
    names = question.factor_names
    grid = {name: list(dict.fromkeys(point[name] for point in points if name in point)) for name in names}
    full = 1
    for values in grid.values():
        full *= len(values)
    if full != len(points):
        raise InputError(
            f"{question.name}: its points are not a full grid of {', '.join(names)}, which a Tune space cannot say. "
            "Run it with run_study."
        )
    domains = {name: getattr(tune, domain.kind)(*_arguments(domain)) for name, domain in question.tuned.items()}
    return {**question.fixed, **{name: tune.grid_search(values) for name, values in grid.items()}, **domains}


def _arguments(domain) -> tuple:
    return (list(domain.args),) if domain.kind == "choice" else domain.args
