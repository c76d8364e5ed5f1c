"""Mean and deviation of training features, gathered as the rows pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ... import representation as rep

MIN_DEVIATION = 0.05
"""Smallest deviation by which a feature is divided: keeps nearly constant features (contacts of a
still foot, say) from being blown up to noise."""


@dataclass
class RunningStatistics:
    """Mean and squared deviation of rows as they pass (Chan, Golub and LeVeque 1979)."""

    count: int = 0
    mean: np.ndarray = field(default_factory=lambda: np.zeros(rep.WIDTH))
    squares: np.ndarray = field(default_factory=lambda: np.zeros(rep.WIDTH))

    def add(self, rows: np.ndarray) -> None:
        """Take in rows (n, 152 or more), whose first 152 columns are features."""
        values = rows[:, : rep.WIDTH].astype(np.float64)
        mean, total = values.mean(axis=0), self.count + len(values)
        shift = mean - self.mean
        self.squares += ((values - mean) ** 2).sum(axis=0)
        self.squares += shift**2 * (self.count * len(values) / total)
        self.mean += shift * (len(values) / total)
        self.count = total

    def deviation(self) -> np.ndarray:
        """Standard deviation (152,), at least ``MIN_DEVIATION``.

        The features of a group (``representation.GROUPS``) share one, which keeps the columns
        of a 6D rotation in proportion.
        """
        grouped = np.zeros(rep.GROUPS)
        np.add.at(grouped, rep.GROUP_OF_FEATURE, self.squares / max(1, self.count))
        counts = np.bincount(rep.GROUP_OF_FEATURE, minlength=rep.GROUPS)
        return np.maximum(np.sqrt(grouped / counts)[rep.GROUP_OF_FEATURE], MIN_DEVIATION)
