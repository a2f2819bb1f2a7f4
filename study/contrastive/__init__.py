"""Contrastive: a body learns from pairs of examples which belong together, with the setfit package."""
