"""Stretches of frames in which something holds."""

from __future__ import annotations

import numpy as np


def stretches(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts (n,) and stops (n,), stop exclusive, of the True stretches of a mask (T,)."""
    edges = np.diff(np.concatenate([[0], np.asarray(mask).astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
