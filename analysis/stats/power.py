"""What so many seeds can show: the power of a paired comparison, and what more of it would take."""

from __future__ import annotations

from math import inf, isfinite, nan, sqrt

from scipy.special import nctdtr, stdtrit

from analysis.stats.paired import LEVEL, seeds_needed

POWER = 0.8
MOST_SEEDS = 2**30


def paired_power(effect: float, n: int, level: float = LEVEL) -> float:
    """The probability that a two-sided paired t-test of n pairs rejects, by the noncentral t distribution.

    ``effect`` is the true mean over the true standard deviation of the differences. NaN for fewer than two pairs.
    """
    if n < 2 or not isfinite(effect):
        return nan
    free, away = n - 1, abs(effect) * sqrt(n)
    bound = float(stdtrit(free, 1 - level / 2))
    # where the normal approximation (Johnson and Welch 1940) leaves less than 1e-16, the library's tails have no digits
    if (bound * (1 - 1 / (4 * free)) - away) / sqrt(1 + bound**2 / (2 * free)) < -8.3:
        return 1.0
    wrong_side = float(nctdtr(free, away, -bound)) if away < 8 else 0.0
    return 1 - float(nctdtr(free, away, bound)) + wrong_side


def seeds_for(mean: float, deviation: float, comparisons: int = 1, power: float = POWER, level: float = LEVEL) -> float:
    """The seeds with which paired differences of this mean and standard deviation would be shown with this power.

    By the two-sided paired t-test at level / comparisons, where Holm's correction starts, and never fewer than the
    exact sign-flip test needs to reach that level at all. At that fewest number the sign-flip test is the weaker of
    the two, as every difference must agree (six pairs and an effect of 1.43: power 0.62, the t-test's 0.80). A mean
    seen in few seeds is itself uncertain, and so is this number. ``inf`` where the mean is zero (or beyond 2^30 seeds);
    NaN where one of the two is missing or the differences show no spread.
    """
    if not (isfinite(mean) and isfinite(deviation)) or deviation <= 0:
        return nan
    effect, corrected = abs(mean) / deviation, level / max(1, comparisons)
    high = max(2, seeds_needed(comparisons, level))
    if paired_power(effect, high, corrected) >= power:
        return high
    while paired_power(effect, high, corrected) < power:
        if high > MOST_SEEDS:
            return inf
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if paired_power(effect, middle, corrected) >= power else (middle, high)
    return high


def smallest_difference(
    deviation: float, n: int, comparisons: int = 1, power: float = POWER, level: float = LEVEL
) -> float:
    """The smallest true mean of n paired differences that would have been shown with this power, in the scores' unit.

    ``deviation`` is the differences' standard deviation. The test is the one of ``seeds_for``, whose inverse this is.
    ``inf`` where so few seeds could have shown no difference at all, however large; NaN where the deviation is
    missing or zero.
    """
    if not isfinite(deviation) or deviation <= 0 or n < 1:
        return nan
    if n < max(2, seeds_needed(comparisons, level)):
        return inf
    low, high, corrected = 0.0, 1.0, level / max(1, comparisons)
    while paired_power(high, n, corrected) < power:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if paired_power(middle, n, corrected) >= power else (middle, high)
    return high * deviation
