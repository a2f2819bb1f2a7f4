"""How often intervals hold the expected score on other texts, simulated: ``python -m tests.benchmarks.coverage``.

Seeds by texts: whether a seed is right on a text depends on how hard the text is, on the seed's skill, and on the two
together, as in predictions of fine-tuned models: accuracies near 0.8, seeds' standard deviation about a point, most
texts the same for all seeds. A paired difference is of two settings on the same texts and seeds. The expected score is
the integral over seeds and texts.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.stats import mean_interval, wilson
from analysis.stats.crossed import crossed_interval, text_weights


@dataclass(frozen=True)
class World:
    """Standard deviations on the probit scale: of seeds, of texts, of a setting's own with texts, and of both."""

    level: float = 1.0
    seeds: float = 0.05
    texts: float = 1.0
    own: float = 0.3
    both: float = 0.35

    def expected(self, own: float) -> float:
        """The expected share of right predictions."""
        return float(ndtr(self.level / sqrt(self.seeds**2 + self.texts**2 + own**2 + self.both**2)))

    def right(self, hard: np.ndarray, seeds: int, own: float, generator: np.random.Generator) -> np.ndarray:
        """Whether each seed is right on each text, (seeds, texts), 0 or 1."""
        mine = hard + generator.normal(0, own, hard.shape) if own else hard
        skill = self.level + generator.normal(0, self.seeds, (seeds, 1))
        return (skill + mine + generator.normal(0, self.both, (seeds, len(hard))) > 0).astype(np.float64)


def values_of(
    world: World, seeds: int, texts: int, paired: bool, generator: np.random.Generator
) -> tuple[np.ndarray, float]:
    """What each seed has on each text (right or wrong, or the difference of two settings), and the expected mean."""
    hard = generator.normal(0, world.texts, texts)
    one = world.right(hard, seeds, 0.0, generator)
    if not paired:
        return one, world.expected(0.0)
    return one - world.right(hard, seeds, world.own, generator), world.expected(0.0) - world.expected(world.own)


def intervals(
    values: np.ndarray, weights: np.ndarray, generator: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """The ends of each kind of interval for the mean of seeds and texts."""
    seeds, texts = values.shape
    scores, draws = values.mean(axis=1), values @ weights.T / texts
    drawn = draws[generator.integers(0, seeds, (draws.shape[1], seeds)), np.arange(draws.shape[1])[:, None]].mean(
        axis=1
    )
    low, high = np.quantile(drawn, (0.025, 0.975))
    plain, crossed = mean_interval(scores), crossed_interval(scores, draws, texts)
    # the same stretched about the mean by (t x standard error) / (normal quantile x the draws' own spread)
    stretch = (crossed.high - crossed.low) / (2 * float(ndtri(0.975)) * max(float(drawn.std()), 1e-12))
    mean = crossed.mean
    return {
        "t over seeds": (plain.low, plain.high),
        "percentile": (float(low), float(high)),
        "stretched percentile": (mean + stretch * (low - mean), mean + stretch * (high - mean)),
        "crossed": (crossed.low, crossed.high),
    }


def main() -> None:
    """Print the share of studies whose interval holds the expected value, with its Wilson interval, and mean widths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed-deviation", type=float, nargs="*", default=[0.05, 0.15])
    given = parser.parse_args()
    for deviation in given.seed_deviation:
        world = World(seeds=deviation)
        for paired in (False, True):
            what = "paired difference" if paired else "single score"
            print(f"\n{what}, seeds' deviation {deviation:g} on the probit scale, {given.studies:,} studies")
            for texts in (200, 1000):
                for seeds in (2, 3, 5, 10):
                    print(
                        f"  {texts:5} texts {seeds:3} seeds  " + cell(world, (seeds, texts), paired, given), flush=True
                    )


def cell(world: World, size: tuple[int, int], paired: bool, given: argparse.Namespace) -> str:
    """Coverage and mean width of each kind of interval at one number of seeds and texts."""
    generator = np.random.default_rng([*size, paired, round(1000 * world.seeds)])
    seeds, texts = size
    weights = np.concatenate(list(text_weights(texts, given.draws, generator))).astype(np.float64)
    hits: dict[str, int] = {}
    widths: dict[str, float] = {}
    for _ in range(given.studies):
        values, expected = values_of(world, seeds, texts, paired, generator)
        for name, (low, high) in intervals(values, weights, generator).items():
            hits[name] = hits.get(name, 0) + int(low <= expected <= high)
            widths[name] = widths.get(name, 0.0) + (high - low) / given.studies
    return "  ".join(f"{name} {_share(hits[name], given.studies)} ±{widths[name] / 2:.3f}" for name in hits)


def _share(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{hits / of:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
