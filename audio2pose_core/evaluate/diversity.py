"""Diversity: how different the dances of one set are from each other."""

from __future__ import annotations

import numpy as np


def diversity(features: np.ndarray) -> float:
    """Mean Euclidean distance over all pairs of features (n, d); NaN for fewer than two.

    Div_k and Div_g of FACT (Li et al., ICCV 2021) once the features are in
    deviations of the real set (``frechet.Scale``). High is not good by itself:
    noise is diverse. It should come near the real set's.
    """
    x = np.asarray(features, dtype=np.float64)
    n = len(x)
    if n < 2:
        return float("nan")
    # One row at a time: all differences at once would take n² d numbers.
    total = sum(float(np.linalg.norm(x[i + 1 :] - x[i], axis=1).sum()) for i in range(n - 1))
    return total / (n * (n - 1) / 2)
