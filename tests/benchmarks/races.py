"""What a race between settings by few seeds first decides and saves, simulated: `study.racing` alone, no training.

    python -m tests.benchmarks.races [--races 1000]

Scores are a setting's mean, plus a seed's luck that all settings share, plus a rest of their own; 3 of 10 seeds first.
Where all settings are equal it says how often a given one was sent away (the best in truth is meant to be in 5 % of
races at most), and how often anybody was; where each is worse than the one before by a gap, the share of the trials
saved, and how often the winner is that of all seeds.
"""

from __future__ import annotations

import argparse

import numpy as np

from study.racing import race

SEEDS, FIRST = 10, 3

EQUAL = {
    "5 settings alike": (0.01,) * 5,
    "10 settings alike": (0.01,) * 10,
    "rests from 0.002 to 0.06": (0.002, 0.005, 0.01, 0.03, 0.06),
    "one that scatters eight times as much": (0.01, 0.01, 0.01, 0.01, 0.08),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=1000)
    races = parser.parse_args().races
    for name, rests in EQUAL.items():
        away = np.array([seeds for _, seeds in _run(np.array(rests), 0.0, races)]) < SEEDS
        each = away.mean(0)
        any_of_them = away.any(1).mean()
        print(f"equal, {name}: one sent away in {each.max():.3f} of {races} at most, anybody in {any_of_them:.3f}")
    for gap in (0.01, 0.02, 0.04):
        saved, same = [], []
        for scores, seeds in _run(np.full(7, 0.01), gap, races):
            saved.append(1 - sum(seeds) / (len(seeds) * SEEDS))
            left = [i for i, count in enumerate(seeds) if count == max(seeds)]
            winner = max(left, key=lambda i: scores[i, : seeds[i]].mean())
            same.append(winner == scores.mean(1).argmax())
        print(f"7 settings {gap} apart, rest 0.01: {np.mean(saved):.0%} of the trials saved, same {np.mean(same):.1%}")


def _run(rests: np.ndarray, gap: float, races: int):
    """Pairs of the scores (settings, seeds) and how many seeds each setting was run on."""
    rng = np.random.default_rng(0)
    for _ in range(races):
        scores = rng.normal(0, rests[:, None], (len(rests), SEEDS)) + rng.normal(0, 0.01, SEEDS)
        scores -= gap * np.arange(len(rests))[:, None]
        told = race([dict(enumerate(row)) for row in scores.tolist()], range(SEEDS), FIRST, [False] * len(rests))
        yield scores, told.seeds


if __name__ == "__main__":
    main()
