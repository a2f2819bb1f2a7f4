"""Statistics of a few replicates, as plain functions of numbers. Nothing here knows a study."""

from analysis.stats.bootstrap import DRAWS
from analysis.stats.centres import iqm, iqm_interval, iqm_over_tasks, median_interval
from analysis.stats.discordant import McNemar, mcnemar, mcnemar_p
from analysis.stats.dominance import almost_stochastic_order, violation_ratio
from analysis.stats.effects import PairedEffect, paired_effect
from analysis.stats.expected import expected_best, expected_best_interval
from analysis.stats.families import holm
from analysis.stats.floor import accuracy_error, visible_difference
from analysis.stats.folds import fold_interval, fold_p
from analysis.stats.improvement import paired_improvement, probability_of_improvement
from analysis.stats.intervals import CONFIDENCE, Estimate, Interval, mean_interval, wilson
from analysis.stats.paired import ENUMERATED, LEVEL, paired_differences, seeds_needed, sign_flip_p, smallest_p
from analysis.stats.power import POWER, paired_power, seeds_for, smallest_difference
from analysis.stats.ranks import spearman, wilcoxon_p
from analysis.stats.selection import Optimism, optimism

__all__ = [
    "CONFIDENCE",
    "DRAWS",
    "ENUMERATED",
    "LEVEL",
    "POWER",
    "Estimate",
    "Interval",
    "McNemar",
    "Optimism",
    "PairedEffect",
    "accuracy_error",
    "almost_stochastic_order",
    "expected_best",
    "expected_best_interval",
    "fold_interval",
    "fold_p",
    "holm",
    "iqm",
    "iqm_interval",
    "iqm_over_tasks",
    "mcnemar",
    "mcnemar_p",
    "mean_interval",
    "median_interval",
    "optimism",
    "paired_differences",
    "paired_effect",
    "paired_improvement",
    "paired_power",
    "probability_of_improvement",
    "seeds_for",
    "seeds_needed",
    "sign_flip_p",
    "smallest_difference",
    "smallest_p",
    "spearman",
    "violation_ratio",
    "visible_difference",
    "wilcoxon_p",
    "wilson",
]
