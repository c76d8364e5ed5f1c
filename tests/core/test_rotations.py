"""Rotations: every representation there and back, also where formulas break down."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from audio2pose_core import rotations as rot

ORDERS = ["".join(p) for p in itertools.permutations("XYZ")]


@pytest.fixture
def quats() -> np.ndarray:
    return rot.normalize(np.random.default_rng(0).normal(size=(500, 4)))


def same(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-6) -> bool:
    """Equal as rotations: q and -q are one."""
    return bool((rot.angle(a, b) < tolerance).all())


def test_matrix_round_trip(quats: np.ndarray) -> None:
    assert same(rot.from_matrix(rot.to_matrix(quats)), quats)


def test_matrix_of_half_turns() -> None:
    half_turns = np.eye(4)[1:]
    assert same(rot.from_matrix(rot.to_matrix(half_turns)), half_turns)


def test_6d_round_trip_and_repair(quats: np.ndarray) -> None:
    six = rot.to_6d(quats)
    assert same(rot.from_6d(six), quats)
    matrix = rot.matrix_from_6d(six + np.random.default_rng(1).normal(0, 0.1, six.shape))
    assert np.allclose(matrix @ np.swapaxes(matrix, -1, -2), np.eye(3), atol=1e-12)
    assert np.allclose(np.linalg.det(matrix), 1.0)


def test_axis_angle_round_trip(quats: np.ndarray) -> None:
    assert same(rot.from_axis_angle(rot.to_axis_angle(quats)), quats)
    tiny = np.full((1, 3), 1e-14)
    assert np.allclose(rot.to_axis_angle(rot.from_axis_angle(tiny)), tiny)
    assert np.allclose(rot.from_axis_angle(np.zeros((1, 3))), rot.IDENTITY)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_round_trip(quats: np.ndarray, order: str) -> None:
    assert same(rot.from_euler(rot.to_euler(quats, order), order), quats)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("middle", [90.0, -90.0, 89.9999, -89.9999])
def test_euler_at_gimbal_lock(order: str, middle: float) -> None:
    angles = np.deg2rad(np.array([[30.0, middle, -70.0], [0.0, middle, 10.0]]))
    quats = rot.from_euler(angles, order)
    assert same(rot.from_euler(rot.to_euler(quats, order), order), quats, 1e-4)


def test_euler_means_what_bvh_means() -> None:
    """Z, X, Y channels: the turn about Y is applied to a vector first."""
    q = rot.from_euler(np.deg2rad([90.0, 0.0, 90.0]), "ZXY")
    assert np.allclose(rot.rotate(q, np.array([0.0, 0.0, 1.0])), [0.0, 1.0, 0.0])


def test_products_act_in_order(quats: np.ndarray) -> None:
    a, b = quats[:250], quats[250:]
    v = np.random.default_rng(2).normal(size=(250, 3))
    once = rot.rotate(rot.multiply(a, b), v)
    assert np.allclose(once, rot.rotate(a, rot.rotate(b, v)))
    assert np.allclose(once, (rot.to_matrix(a) @ rot.to_matrix(b) @ v[..., None])[..., 0])


def test_slerp_ends_and_shorter_arc(quats: np.ndarray) -> None:
    a, b = quats[:250], quats[250:]
    assert same(rot.slerp(a, b, np.zeros(250)), a)
    assert same(rot.slerp(a, b, np.ones(250)), b)
    middle = rot.slerp(a, b, np.full(250, 0.5))
    assert np.allclose(rot.angle(a, middle), rot.angle(a, b) / 2)
    assert same(rot.slerp(a, -a, np.full(250, 0.3)), a)


def test_between_also_for_opposite_directions() -> None:
    a = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 2.0], [1.0, 0, 0]])
    b = np.array([[-1.0, 0, 0], [0, -3.0, 0], [0, 0, 1.0], [0, 1.0, 0]])
    q = rot.between(a, b)
    assert np.allclose(rot.rotate(q, rot.normalize(a)), rot.normalize(b))
    assert np.allclose(np.linalg.norm(q, axis=-1), 1.0)


def test_continuous_has_no_flips(quats: np.ndarray) -> None:
    track = rot.slerp(quats[:1], quats[1:2], np.linspace(0, 1, 50))
    flipped = track * np.where(np.arange(50) % 3 == 0, -1.0, 1.0)[:, None]
    smooth = rot.continuous(flipped)
    assert (np.sum(smooth[1:] * smooth[:-1], axis=-1) > 0).all()
    assert same(smooth, track)


def test_yaw_round_trip() -> None:
    theta = np.linspace(-3.1, 3.1, 20)
    assert np.allclose(rot.yaw(rot.from_yaw(theta)), theta)
    turned = rot.rotate(rot.from_yaw(np.array(np.pi / 2)), np.array([0.0, 0.0, 1.0]))
    assert np.allclose(turned, [1.0, 0.0, 0.0], atol=1e-12), "a positive turn is towards +X"
