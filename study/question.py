"""Question: what a study compares, what it merely tunes, and how it decides. A frozen value, standard library only."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

Scalar = bool | int | float | str
Setting = dict[str, Scalar]


@dataclass(frozen=True)
class Geometry:
    """What a question may know of a model before it is loaded: blocks, hidden width, attention heads, longest input.

    ``positions`` is None where the architecture has no longest input. ``shared`` is how often a pass applies each
    block: more than once in ALBERT, whose layers share their weights. ``objectives`` are those of language modelling
    that the model can be trained by, its own first.
    """

    depth: int
    width: int
    heads: int
    positions: int | None
    shared: int = 1
    objectives: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "objectives", tuple(self.objectives))  # JSON has lists


Values = Sequence[Scalar] | Callable[[Geometry, Setting], Sequence[Scalar]]

_LARGEST_GRID = 100_000
"""The most cells of a grid, or values of a range, that are listed instead of drawn."""

DOMAINS = {"choice": 1, "uniform": 2, "loguniform": 2, "randint": 2}
"""The kinds of domain, each with the fewest arguments it takes."""


@dataclass(frozen=True)
class Domain:
    """A Ray Tune domain as a value: ``kind`` is the function's name in ``ray.tune``, ``args`` its arguments.

    ``randint`` excludes its upper bound, as Tune's does.
    """

    kind: str
    args: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise ValueError(problem)

    def _problem(self) -> str | None:
        if self.kind not in DOMAINS:
            return f"{self.kind}(...) is no domain; use {', '.join(DOMAINS)}"
        if self.kind == "choice":
            return None if self.args else "choice() needs at least one value"
        if len(self.args) != 2 or any(isinstance(a, (str, bool)) for a in self.args):
            return f"{self}: needs two numbers, low and high"
        low, high = self.args
        if not (math.isfinite(low) and math.isfinite(high)):  # type: ignore[arg-type]
            return f"{self}: low and high must be finite"
        if not low < high:  # type: ignore[operator]
            return f"{self}: low must be below high"
        if self.kind == "loguniform" and low <= 0:  # type: ignore[operator]
            return f"{self}: low must be above 0"
        if self.kind == "randint" and any(a != int(a) for a in self.args):
            return f"{self}: needs whole numbers"
        return None

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(map(str, self.args))})"

    def draw(self, rng: random.Random) -> Scalar:
        """One value; continuous ones are rounded to three digits, so that a table can show what ran."""
        if self.kind == "choice":
            return rng.choice(self.args)
        low, high = float(self.args[0]), float(self.args[1])
        if self.kind == "randint":
            return rng.randrange(int(low), int(high))
        if self.kind == "uniform":
            return self.rounded(rng.uniform(low, high))
        return self.rounded(math.exp(rng.uniform(math.log(low), math.log(high))))

    def rounded(self, value: float) -> float:
        """The value to three significant digits, and never outside the bounds because of that."""
        return min(max(float(f"{value:.3g}"), float(self.args[0])), float(self.args[1]))

    def contains(self, value: Scalar) -> bool:
        """Whether this domain could have drawn the value."""
        if self.kind == "choice":
            return distinct((*self.args, value)) == distinct(self.args)
        if isinstance(value, (bool, str)) or not math.isfinite(value):
            return False
        if self.kind == "randint" and value != int(value):
            return False
        return bool(self.ends[0] <= value <= self.ends[1])  # type: ignore[operator]

    @property
    def continuous(self) -> bool:
        """Whether there are values between any two."""
        return self.kind in ("uniform", "loguniform")

    @property
    def values(self) -> Sequence[Scalar] | None:
        """Every value there is; None where they are a continuum, or more than can be listed."""
        if self.kind == "randint" and self.args[1] - self.args[0] <= _LARGEST_GRID:  # type: ignore[operator]
            return range(int(self.args[0]), int(self.args[1]))
        return distinct(self.args) if self.kind == "choice" else None

    @property
    def ends(self) -> tuple[Scalar, ...]:
        """The values whose validity decides the domain's: every choice, or the two bounds."""
        if self.kind == "randint":
            return self.args[0], int(self.args[1]) - 1
        return self.args


def distinct(values: Iterable[Scalar]) -> tuple[Scalar, ...]:
    """The values without repetition, in order; 1 and 1.0 are one value, True and 1 two."""
    return tuple({(isinstance(value, bool), value): value for value in values}.values())


def choice(*values: Scalar) -> Domain:
    return Domain("choice", values)


def uniform(low: float, high: float) -> Domain:
    return Domain("uniform", (low, high))


def loguniform(low: float, high: float) -> Domain:
    return Domain("loguniform", (low, high))


def randint(low: int, high: int) -> Domain:
    return Domain("randint", (low, high))


@dataclass(frozen=True)
class View:
    """The figure a question implies: a view's name and which columns it shows."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What is compared (``factors``), what is tuned equally at every point of it, and how it is decided.

    ``factors`` maps a setting's name to the values compared, in the order they vary; a value list may be a function of
    the model's geometry and of the factors before it, which is how alpha is tied to rank; where it gives none, the
    point goes without that setting. ``only`` keeps the points for which it is true. ``factors`` may also be a plain
    list of points. ``tuned`` maps nuisance settings to domains: at every point ``trials`` candidates are tried with the
    ``selection_seeds`` and the ``keep`` best on validation go on to the comparison, which runs on ``seeds``. A question
    without factors is a search: its winners are compared with the ``baseline``. ``outline`` is for an assignment that
    asks in an order of its own: pairs of a heading and the report's section under it (see ``analysis.report``).
    ``lower`` says whether a smaller score is better, where the metric's name does not (see ``better_is_lower``).
    ``first_seeds``: every setting compared is run on so many of the seeds, and on the others only while it may still be
    the best (see ``study.racing``); None for all seeds at once.
    """

    name: str
    asks: str
    source: str
    factors: Mapping[str, Values] | Sequence[Setting] = field(default_factory=dict)
    only: Callable[[Setting], bool] | None = None
    tuned: Mapping[str, Domain] = field(default_factory=dict)
    fixed: Mapping[str, Scalar] = field(default_factory=dict)
    baseline: Mapping[str, Scalar] = field(default_factory=dict)
    task: str = "classification"
    metric: str = "f1"
    seeds: Sequence[int] = (0, 1, 2)
    selection_seeds: Sequence[int] = (1000,)
    trials: int = 3
    keep: int = 1
    search: str = "random"
    scheduler: str = "none"
    view: View = field(default_factory=lambda: View("scatter"))
    outline: Sequence[tuple[str, str]] = ()
    lower: bool | None = None
    first_seeds: int | None = None

    def __post_init__(self) -> None:
        shared = set(self.seeds) & set(self.selection_seeds)
        if shared:
            raise ValueError(f"{self.name}: seeds {sorted(shared)} both select and compare; selection needs its own")

    def points(self, geometry: Geometry) -> list[Setting]:
        """Every point compared, in order; one empty point where nothing but the tuned settings varies."""
        if not isinstance(self.factors, Mapping):
            return [dict(point) for point in self.factors]
        points: list[Setting] = [{}]
        for name, values in self.factors.items():
            points = [further for point in points for further in _with(point, name, values, geometry)]
        return points if self.only is None else [point for point in points if self.only(point)]

    def compares_baseline(self, geometry: Geometry) -> bool:
        """Whether the baseline is among the points, so that there is something to take differences from."""
        points = self.points(geometry)
        return any(all(point.get(name, v) == v for name, v in self.baseline.items()) for point in points)

    def at(self, geometry: Geometry) -> Question:
        """The same question with its points written out for one model, so that it can be stored whole."""
        return replace(self, factors=tuple(self.points(geometry)), only=None)

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller score is the better one."""
        return better_is_lower(self.metric) if self.lower is None else self.lower

    @cached_property
    def factor_names(self) -> tuple[str, ...]:
        """The names of what is compared. Points may be thousands, and this is asked for with every trial."""
        if isinstance(self.factors, Mapping):
            return tuple(self.factors)
        return tuple(dict.fromkeys(name for point in self.factors for name in point))

    def candidates(self, count: int | None = None) -> list[Setting]:
        """The settings tried at every point, ``trials`` unless a count is given; fewer where there are no more.

        Draw number i depends on i alone, so that 24 candidates begin with the same 12. Where every domain is finite the
        candidates are the cells of the grid, each once: all of them in order if they fit, else the first of a shuffled
        order that is always the same. So more candidates always contain the fewer.
        """
        count = self.trials if count is None else count
        if not self.tuned:
            return []
        grid = self._grid()
        return [self._draw(index) for index in range(count)] if grid is None else grid[:count]

    def _draw(self, index: int) -> Setting:
        return {name: domain.draw(random.Random(f"{index}/{name}")) for name, domain in self.tuned.items()}

    def _grid(self) -> list[Setting] | None:
        """Every combination of finite domains, shuffled; None where one is a continuum or they are too many."""
        values = [domain.values for domain in self.tuned.values()]
        sizes = [len(some) for some in values if some is not None]
        if len(sizes) < len(values) or math.prod(sizes) > _LARGEST_GRID:
            return None
        cells = [dict(zip(self.tuned, cell, strict=True)) for cell in itertools.product(*filter(None, values))]
        if len(cells) > self.trials:
            random.Random("grid").shuffle(cells)
        return cells

    def space(self, model: str) -> dict[str, Any]:
        """This question as a Ray Tune search space for a model (a name or folder), for anybody's ``Tuner``."""
        from study.launch.space import search_space

        return search_space(self, model)

    def to_json(self) -> dict[str, Any]:
        """The whole question as JSON values; its points must have been written out (see ``at``)."""
        grid = isinstance(self.factors, Mapping)
        if grid and (self.only or any(callable(v) for v in self.factors.values())):  # type: ignore[union-attr]
            raise ValueError(f"{self.name}: write its points out for a model first: question.at(geometry)")
        stored = {name: value for name, value in asdict(self).items() if name != "only"}
        for name in ("lower", "first_seeds"):
            if stored[name] is None:
                del stored[name]  # so that what was stored before there was such a field is still the same question
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Question:
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        values["tuned"] = {n: Domain(d["kind"], tuple(d["args"])) for n, d in stored["tuned"].items()}
        values["view"] = View(**stored["view"])
        for name in ("seeds", "selection_seeds"):
            values[name] = tuple(stored[name])
        values["outline"] = tuple((heading, section) for heading, section in stored.get("outline", ()))
        if not isinstance(stored["factors"], Mapping):
            values["factors"] = tuple(stored["factors"])
        return cls(**values)


def _with(point: Setting, name: str, values: Values, geometry: Geometry) -> list[Setting]:
    """The point with each of a factor's values; as it is where a function gives none."""
    if not callable(values):
        return [{**point, name: value} for value in values]
    return [{**point, name: value} for value in values(geometry, point)] or [point]


def better_is_lower(metric: str) -> bool:
    """Whether a smaller value of this metric is the better one."""
    return metric == "loss"
