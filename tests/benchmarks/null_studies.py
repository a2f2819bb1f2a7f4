"""How often the statistics find something where there is nothing, and how often their intervals hold the true value.

    python -m tests.benchmarks.null_studies [--studies 2000]

A null study compares four settings with a baseline on the same seeds and the same 500 texts; all five are the same
recipe. A run is right on a text where the sum of what the text, the seed, the run (setting and seed), the seed on this
text and the run on this text bring is positive, all normal. Accuracy is then near 0.80, its standard deviation over
seeds near 0.014, and two runs differ on 9 % of the texts; fully fine-tuned runs of a film review study had 0.78, 0.013
and 9 %.

The other tables draw n scores from distributions with a known mean, median and interquartile mean, and two sides of
them with a known probability of improvement.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats as scipy_stats

from analysis.stats import (
    almost_stochastic_order,
    holm,
    iqm,
    iqm_interval,
    mcnemar,
    mean_interval,
    median_interval,
    probability_of_improvement,
    sign_flip_p,
    wilcoxon_p,
    wilson,
)

SETTINGS, TEXTS, LEVEL = 4, 500, 0.05
OF_TEXT, OF_SEED, OF_RUN, OF_SEED_ON_TEXT, OF_RUN_ON_TEXT = 1.0, 0.02, 0.03, 0.15, 0.31
EASE = 0.9
BOOTSTRAP = 300
SIZES = (3, 5, 10, 20)
INTERVALS = (
    *(("mean", "t"), ("mean", "percentile")),
    *(("median", "exact"), ("median", "percentile")),
    *(("IQM", "deviation and t"), ("IQM", "percentile"), ("IQM", "BCa")),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000)
    studies = parser.parse_args().studies
    for seeds in (3, 5, 10):
        _print_rejections(seeds, studies)
    _print_coverage(studies)


def null_study(seeds: int, generator: np.random.Generator) -> np.ndarray:
    """Whether each run is right: setting (the first is the baseline) by seed by text."""
    shape = (1 + SETTINGS, seeds, TEXTS)
    text = EASE + OF_TEXT * generator.standard_normal((1, 1, TEXTS))
    seed = OF_SEED * generator.standard_normal((1, seeds, 1)) + OF_RUN * generator.standard_normal((*shape[:2], 1))
    crossed = OF_SEED_ON_TEXT * generator.standard_normal((1, seeds, TEXTS))
    return text + seed + crossed + OF_RUN_ON_TEXT * generator.standard_normal(shape) > 0


def claims(right: np.ndarray, generator: np.random.Generator) -> dict[str, bool]:
    """What each statistic claims of one study: that at least one setting differs from, or beats, the baseline."""
    scores = right.mean(axis=2)
    differences = scores[1:] - scores[0]
    bounds = [almost_stochastic_order(row, scores[0], generator, SETTINGS, LEVEL, BOOTSTRAP) for row in scores[1:]]
    flips, ranks = [sign_flip_p(row) for row in differences], [wilcoxon_p(row) for row in differences]
    return {
        "sign-flip, one comparison": flips[0] <= LEVEL,
        "sign-flip, any of 4, uncorrected": min(flips) <= LEVEL,
        "sign-flip, any of 4, Holm": min(holm(flips)) <= LEVEL,
        "Wilcoxon, any of 4, Holm": min(holm(ranks)) <= LEVEL,
        "t-test, any of 4, Holm": min(holm(_t_tests(differences))) <= LEVEL,
        "McNemar, one pair of runs": mcnemar(right[1, 0], right[0, 0]).p <= LEVEL,
        "ASO < 0.5, any of 4, corrected": min(bounds) < 0.5,
        "ASO < 0.2, any of 4, corrected": min(bounds) < 0.2,
    }


def _t_tests(differences: np.ndarray) -> list[float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # differences that are all the same have no p
        return scipy_stats.ttest_1samp(differences, 0, axis=1).pvalue.tolist()


def _print_rejections(seeds: int, studies: int) -> None:
    generator, made = np.random.default_rng(seeds), []
    accuracy, spread, discordance = [], [], []
    for _ in range(studies):
        right = null_study(seeds, generator)
        scores = right.mean(axis=2)
        accuracy.append(scores.mean())
        spread.append(scores.var(axis=1, ddof=1).mean())
        discordance.append((right[0, 0] != right[1, 0]).mean())
        made.append(claims(right, generator))
    print(
        f"\n{studies} null studies, {seeds} seeds, {TEXTS} texts: accuracy {np.mean(accuracy):.3f}, standard ", end=""
    )
    print(
        f"deviation over seeds {np.mean(spread) ** 0.5:.4f}, two runs differ on {np.mean(discordance):.3f} of the texts"
    )
    for name in made[0]:
        print(f"  {name:34} {_share(sum(claim[name] for claim in made), studies)}")


Draw = Callable[[np.random.Generator, int], np.ndarray]
Quantile = Callable[[np.ndarray], np.ndarray]


def _degenerate(generator: np.random.Generator, n: int) -> np.ndarray:
    return generator.standard_normal(n) - 15 * (generator.random(n) < 0.1)


def _quantile_of_degenerate(levels: np.ndarray) -> np.ndarray:
    """The quantiles of nine parts of a normal distribution and one part 15 below it."""
    grid = np.linspace(-22, 8, 600_001)
    below = 0.9 * scipy_stats.norm.cdf(grid) + 0.1 * scipy_stats.norm.cdf(grid + 15)
    return np.interp(levels, below, grid)


DISTRIBUTIONS: dict[str, tuple[Draw, Quantile]] = {
    "normal": (lambda generator, n: generator.standard_normal(n), scipy_stats.norm.ppf),
    "skewed": (lambda generator, n: -generator.gamma(2, 1, n), lambda q: -scipy_stats.gamma.ppf(1 - q, 2)),
    "1 in 10 degenerate": (_degenerate, _quantile_of_degenerate),
}


def _print_coverage(studies: int) -> None:
    print(f"\nIntervals at 95 %: the share of {studies} samples of n scores whose interval holds the true value")
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name, (draw, quantile) in DISTRIBUTIONS.items():
        quantiles = quantile((np.arange(100_000) + 0.5) / 100_000)
        true = {"mean": quantiles.mean(), "median": float(quantile(np.array([0.5]))[0])}
        true["IQM"] = quantiles[25_000:75_000].mean()
        for n in SIZES:
            generator, held = np.random.default_rng(n), dict.fromkeys(INTERVALS, 0)
            for _ in range(studies):
                for which, (low, high) in zip(INTERVALS, _intervals(draw(generator, n), generator), strict=True):
                    held[which] += low <= true[which[0]] <= high
            for (centre, how), hits in held.items():
                none = how == "exact" and n < 6
                cells = found.setdefault(centre, {}).setdefault(f"{name}, n = {n}", {})
                cells[how] = "none so few" if none else _share(hits, studies)
    found["probability of improvement"] = _improvement(studies)
    for centre, rows in found.items():
        print(f"\n  {centre:28}" + "  ".join(f"{how:20}" for how in next(iter(rows.values()))))
        for name, cells in rows.items():
            print(f"  {name:28}" + "  ".join(f"{cell:20}" for cell in cells.values()))


def _improvement(studies: int) -> dict[str, dict[str, str]]:
    """The coverage for two settings of n normal runs each, so many standard deviations apart."""
    found = {}
    for shift in (0, 1, 2):
        true = scipy_stats.norm.cdf(shift / 2**0.5)
        for n in SIZES:
            generator, held = np.random.default_rng(n), [0, 0]
            for _ in range(studies):
                one, other = generator.normal(shift, 1, n), generator.normal(0, 1, n)
                score = probability_of_improvement(one, other)
                drawn = [side[generator.integers(0, n, (BOOTSTRAP, n))] for side in (one, other)]
                low, high = np.quantile((drawn[0][:, :, None] > drawn[1][:, None, :]).mean((1, 2)), [0.025, 0.975])
                held = [held[0] + (score.low <= true <= score.high), held[1] + (low <= true <= high)]
            shares = dict(zip(("Newcombe", "percentile"), (_share(hits, studies) for hits in held), strict=True))
            found[f"{shift} deviations apart, n = {n}"] = shares
    return found


def _intervals(values: np.ndarray, generator: np.random.Generator) -> list[tuple[float, float]]:
    """The intervals of one sample, in the order of ``INTERVALS``."""
    ours = mean_interval(values), median_interval(values), iqm_interval(values, generator, BOOTSTRAP)
    by_t, exact, middle = ((found.low, found.high) for found in ours)
    drawn = np.sort(values[generator.integers(0, len(values), (BOOTSTRAP, len(values)))], axis=1)
    cut = len(values) // 4
    middles = drawn[:, cut : len(values) - cut].mean(axis=1)
    of_mean, of_median, of_middle = (
        tuple(np.quantile(found, [0.025, 0.975])) for found in (drawn.mean(axis=1), np.median(drawn, axis=1), middles)
    )
    return [by_t, of_mean, exact, of_median, middle, of_middle, _bca(values, middles)]


def _bca(values: np.ndarray, drawn: np.ndarray) -> tuple[float, float]:
    """Efron's (1987) bias-corrected and accelerated interval of the interquartile mean."""
    found = iqm(values)
    share = (drawn < found).mean() + (drawn == found).mean() / 2
    bias = scipy_stats.norm.ppf(np.clip(share, 1 / len(drawn), 1 - 1 / len(drawn)))
    without = np.array([iqm(np.delete(values, place)) for place in range(len(values))])
    away = without.mean() - without
    size = float((away**2).sum()) ** 1.5
    acceleration = float((away**3).sum()) / (6 * size) if size else 0.0
    moved = bias + scipy_stats.norm.ppf([0.025, 0.975])
    low, high = np.quantile(drawn, scipy_stats.norm.cdf(bias + moved / (1 - acceleration * moved)))
    return float(low), float(high)


def _share(hits: int, of: int) -> str:
    low, high = wilson(int(hits), of)
    return f"{hits / of:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
