"""Trials that others ran: tables of Ray Tune, Optuna, W&B or anybody's own, as studies."""

from analysis.sources.opening import load_trials, open_studies
from analysis.sources.reading import read
from analysis.sources.trials import trials

__all__ = ["load_trials", "open_studies", "read", "trials"]
