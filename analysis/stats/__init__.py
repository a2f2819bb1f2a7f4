"""Statistics of a few replicates, as plain functions of numbers. Nothing here knows a study."""

from analysis.stats.families import holm
from analysis.stats.folds import fold_interval, fold_p
from analysis.stats.intervals import CONFIDENCE, Estimate, mean_interval, wilson
from analysis.stats.paired import ENUMERATED, paired_differences, seeds_needed, sign_flip_p, smallest_p

__all__ = [
    "CONFIDENCE",
    "ENUMERATED",
    "Estimate",
    "fold_interval",
    "fold_p",
    "holm",
    "mean_interval",
    "paired_differences",
    "seeds_needed",
    "sign_flip_p",
    "smallest_p",
    "wilson",
]
