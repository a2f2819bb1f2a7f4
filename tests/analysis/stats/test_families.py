"""Holm's correction by hand and by its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.stats import holm


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, math.nan])[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(holm([0.01, math.nan])[1])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_holm_rejects_what_its_steps_reject() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        p = generator.uniform(0, 0.1, 6).tolist()
        rejected, left = set(), sorted(range(6), key=p.__getitem__)
        while left and p[left[0]] <= 0.05 / len(left):
            rejected.add(left.pop(0))
        assert {i for i, adjusted in enumerate(holm(p)) if adjusted <= 0.05} == rejected
