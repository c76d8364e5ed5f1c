"""Fréchet distance, shrinkage and diversity on sets whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core.errors import MotionError
from audio2pose_core.evaluate.diversity import diversity
from audio2pose_core.evaluate.frechet import Scale, frechet_distance, ledoit_wolf


def normal(count: int, width: int, seed: int = 0, deviation: float = 1.0) -> np.ndarray:
    return deviation * np.random.default_rng(seed).standard_normal((count, width))


@pytest.mark.parametrize("count", [12, 200])
@pytest.mark.parametrize("shrink", [True, False])
def test_a_set_is_at_no_distance_from_itself(count, shrink):
    found = frechet_distance(normal(count, 72), normal(count, 72), shrink=shrink)
    assert found.distance < 1e-5
    assert (found.count, found.reference_count) == (count, count)


def test_a_shift_is_its_square():
    features = normal(500, 8)
    assert frechet_distance(features + 2.0, features).distance == pytest.approx(8 * 4.0)


def test_axes_of_known_deviation():
    """Of two Gaussians with deviations a and b it is the sum of (a - b)²."""
    features = normal(20_000, 6)
    found = frechet_distance(3.0 * features, features, shrink=False)
    variances = features.var(axis=0, ddof=1)
    assert found.distance == pytest.approx((2.0**2 * variances).sum(), rel=1e-3)


@pytest.mark.parametrize(("count", "shrink"), [(12, True), (12, False), (200, True), (200, False)])
def test_the_root_is_that_of_the_eigenvalues(count, shrink):
    """(A B)^½ has the trace of (A^½ B A^½)^½, which is symmetric: another way to the same."""
    a, b = normal(count, 40) * np.linspace(0.5, 2.0, 40), normal(count, 40, seed=1)
    found = frechet_distance(a, b, shrink=shrink).distance
    one, two = (ledoit_wolf(x)[0] if shrink else np.cov(x, rowvar=False) for x in (a, b))
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ two @ root), 0.0)).sum()
    gap = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    assert found == pytest.approx(gap + np.trace(one + two) - 2 * cross, rel=1e-6)


def test_it_is_symmetric_and_sees_correlation():
    features = normal(300, 4)
    mixed = features @ np.array([[1, 0.9, 0, 0], [0, 0.44, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    there, back = frechet_distance(mixed, features), frechet_distance(features, mixed)
    assert there.distance == pytest.approx(back.distance, rel=1e-6)
    assert there.distance > 0.2


def test_shrinkage_helps_few_clips_and_leaves_many_alone():
    true = np.diag(np.linspace(0.2, 3.0, 40))
    root = np.sqrt(true)
    few, many = normal(20, 40) @ root, normal(20_000, 40) @ root
    for features in (few, many):
        covariance, share = ledoit_wolf(features)
        assert np.linalg.eigvalsh(covariance).min() > 0
        plain = np.cov(features, rowvar=False, bias=True)
        assert np.linalg.norm(covariance - true) <= np.linalg.norm(plain - true) + 1e-6
        assert np.trace(covariance) == pytest.approx(np.trace(plain))
        assert share > 0.3 if features is few else share < 0.02


def test_shrinkage_by_its_definition():
    """The closed form for the noise against the sum over the clips."""
    x = normal(15, 5, seed=4) * np.arange(1, 6)
    x = x - x.mean(axis=0)
    plain = x.T @ x / len(x)
    target = np.trace(plain) / 5 * np.eye(5)
    noise = sum(((np.outer(r, r) - plain) ** 2).sum() for r in x) / len(x) ** 2
    assert ledoit_wolf(x)[1] == pytest.approx(noise / ((plain - target) ** 2).sum())


def test_a_set_without_variance():
    frozen = np.zeros((10, 5))
    assert frechet_distance(frozen, frozen).distance == 0.0
    real = normal(1000, 5)
    assert frechet_distance(frozen, real).distance == pytest.approx(5.0, rel=0.1)


def test_scale_centres_what_never_varies():
    features = np.column_stack([normal(50, 2, deviation=7.0), np.full(50, 3.0)])
    scaled = Scale.of(features)(features)
    assert np.allclose(scaled.mean(axis=0), 0) and np.allclose(scaled.std(axis=0), [1, 1, 0])


@pytest.mark.parametrize(
    "features", [np.zeros((1, 3)), np.zeros(3), np.full((4, 3), np.nan), np.zeros((4, 5))]
)
def test_what_does_not_compare_is_refused(features):
    with pytest.raises(MotionError):
        frechet_distance(features, normal(10, 3))


def test_diversity_is_the_mean_over_pairs():
    triangle = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    assert diversity(triangle) == pytest.approx((3 + 4 + 5) / 3)
    assert diversity(np.ones((5, 3))) == 0.0
    assert np.isnan(diversity(np.ones((1, 3))))
