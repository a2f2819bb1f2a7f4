"""Drawing anew: what is drawn, in blocks or not, and from whose generator."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.stats import bootstrap
from analysis.stats.bootstrap import resampled


def test_the_spread_of_means_is_the_known_one() -> None:
    values = np.random.default_rng(0).normal(size=12)
    drawn = resampled([values], lambda samples: samples[0].mean(axis=-1), np.random.default_rng(1), 20_000)
    assert drawn.std() == pytest.approx(values.std() / 12**0.5, rel=0.03)
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.01)


def test_samples_are_drawn_apart_and_only_from_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "BLOCK_VALUES", 50)  # five values a draw: blocks of ten draws
    seen = []

    def look(samples: list[np.ndarray]) -> np.ndarray:
        seen.append([sample.shape for sample in samples])
        assert set(samples[0].ravel()) <= {1, 2}
        assert set(samples[1].ravel()) <= {7, 8, 9}
        return samples[0].sum(axis=-1) - samples[1].sum(axis=-1)

    assert resampled([[1, 2], [7, 8, 9]], look, np.random.default_rng(0), 25).shape == (25,)
    assert seen == [[(10, 2), (10, 3)], [(10, 2), (10, 3)], [(5, 2), (5, 3)]]


def test_the_global_state_is_neither_read_nor_changed() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].tolist()
    first = resampled([[1.0, 2.0, 4.0]], lambda s: s[0].sum(axis=-1), np.random.default_rng(5), 50)
    assert np.random.get_state()[1].tolist() == before
    np.random.seed(4)
    assert (
        first.tobytes() == resampled([[1, 2, 4]], lambda s: s[0].sum(axis=-1), np.random.default_rng(5), 50).tobytes()
    )
