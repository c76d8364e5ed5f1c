"""Fréchet distance between two sets of features (FID), for sets of few clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import MotionError


@dataclass(frozen=True)
class Frechet:
    """A distance and the numbers of clips that it rests on."""

    distance: float
    count: int
    reference_count: int


@dataclass(frozen=True)
class Scale:
    """The z-score of a set of features: mean and deviation, (d,) each."""

    mean: np.ndarray
    deviation: np.ndarray

    @staticmethod
    def of(features: np.ndarray) -> Scale:
        """Of features (n, d). One that never varies is only centred: it tells no unit."""
        features = _checked(features)
        deviation = features.std(axis=0)
        return Scale(features.mean(axis=0), np.where(deviation > 1e-9, deviation, 1.0))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Features (n, d) in deviations."""
        return (np.asarray(features, dtype=np.float64) - self.mean) / self.deviation


def ledoit_wolf(features: np.ndarray) -> tuple[np.ndarray, float]:
    """Covariance (d, d) of features (n, d) shrunk towards a sphere, and by how much (0..1).

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional
    covariance matrices", J. Multivariate Analysis 88, 2004. The plain
    covariance S (over n) of fewer clips than dimensions has directions without
    any variance. The estimate is (1 - a) S + a m I with m the mean variance and

        a = min(b² / d², 1),  d² = |S - m I|²,  b² = sum_k |x_k x_k' - S|² / n².
    """
    x = _checked(features)
    x = x - x.mean(axis=0)
    n, width = x.shape
    plain = x.T @ x / n
    sphere = np.trace(plain) / width * np.eye(width)
    spread = float(((plain - sphere) ** 2).sum())
    if spread < 1e-24:  # already a sphere, or no variance at all
        return sphere, 1.0
    noise = float(((x**2).sum(axis=1) ** 2).sum() / n - (plain**2).sum()) / n
    share = float(np.clip(noise / spread, 0.0, 1.0))
    return (1 - share) * plain + share * sphere, share


def frechet_distance(
    features: np.ndarray, reference: np.ndarray, *, shrink: bool = True
) -> Frechet:
    """Distance between the Gaussians of two sets of features, (n, d) and (m, d).

    |mean difference|² + tr(A + B - 2 (A B)^½) with A and B the covariances, by
    ``ledoit_wolf`` or (``shrink=False``) plain and unbiased as in papers. Dowson and
    Landau, J. Multivariate Analysis 12, 1982; Heusel et al., NeurIPS 2017. Bring
    both to one ``Scale`` before. The estimate depends on the numbers of clips:
    print them, and compare only figures whose numbers are alike.
    """
    a, b = _checked(features), _checked(reference)
    if a.shape[1] != b.shape[1]:
        raise MotionError(f"features of {a.shape[1]} and {b.shape[1]} numbers do not compare")
    if shrink:
        cov_a, cov_b = ledoit_wolf(a)[0], ledoit_wolf(b)[0]
    else:
        cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # (A B)^½ has the trace of (A^½ B A^½)^½, which is symmetric and needs no complex root.
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0.0)).sum()
    gap = float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum())
    distance = gap + float(np.trace(cov_a) + np.trace(cov_b) - 2 * cross)
    return Frechet(max(distance, 0.0), len(a), len(b))


def _checked(features: np.ndarray) -> np.ndarray:
    """Features as (n, d) float64, n >= 2, all finite."""
    out = np.asarray(features, dtype=np.float64)
    if out.ndim != 2 or len(out) < 2:
        raise MotionError(f"a set of features is (n, d) of two or more clips, not {out.shape}")
    if not np.isfinite(out).all():
        raise MotionError(
            "a set of features holds a number that is not finite; a clip is too short"
        )
    return out
