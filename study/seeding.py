"""Seeds: independent streams from one trial seed, and the setting of every generator a trial may use."""

from __future__ import annotations

import hashlib
import random


def stream(seed: int, name: str) -> int:
    """A 63-bit seed for one purpose of a trial; other purposes and other seeds give unrelated numbers."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def seed_everything(seed: int, name: str) -> None:
    """Set Python's, numpy's and torch's global generators to one stream of a trial's seed."""
    import numpy as np
    import torch

    value = stream(seed, name)
    random.seed(value)
    np.random.seed(value % 2**32)
    torch.manual_seed(value)
