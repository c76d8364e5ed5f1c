"""Fréchet distance between two sets of features (FID), for sets of few clips."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import sklearn.covariance

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

    scikit-learn's, after Ledoit and Wolf, "A well-conditioned estimator for large-dimensional
    covariance matrices", J. Multivariate Analysis 88, 2004: the plain covariance (over n) of
    fewer clips than dimensions has directions without any variance.
    """
    covariance, share = sklearn.covariance.ledoit_wolf(_checked(features))
    return covariance, float(share)


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
    # Of few clips or a frozen pose the product is singular, which scipy warns of; what the root
    # loses by it, and its imaginary part, is rounding.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=scipy.linalg.LinAlgWarning)
        cross = np.trace(scipy.linalg.sqrtm(cov_a @ cov_b)).real
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
