"""Key reduction: the error bound holds on every frame, and fewer keys for a larger one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from audio2pose_core import rotations as rot, skeleton
from audio2pose_core.cleanup import bezier
from audio2pose_core.cleanup.bones import (
    AXIS_ANGLE,
    LOCATION,
    QUATERNION,
    VALUE,
    Chain,
    Track,
    pose,
)
from audio2pose_core.cleanup.reduce import Keys, reduce_keys
from audio2pose_core.motion import forward_kinematics

FPS = 30.0
TIPS = ("left_foot", "right_foot", "head", "left_hand", "right_hand", "left_ankle", "right_ankle")


def our_chain() -> Chain:
    offsets = skeleton.OFFSETS.copy()
    bones = [skeleton.INDEX[n] for n in TIPS]
    return Chain(
        np.array(skeleton.PARENTS),
        offsets,
        np.tile(rot.IDENTITY, (24, 1)),
        np.array(bones),
        np.array([skeleton.END_SITES.get(b, np.zeros(3)) for b in bones]),
        np.array([1, 3, -1, -1, -1, 0, 2]),
    )


def swaying(frames: int = 240, seed: int = 0) -> list[Track]:
    """Every joint sways at its own pace, the pelvis over the floor."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)[:, None, None] / FPS
    rate, phase = rng.uniform(0.3, 1.5, (1, 24, 3)), rng.uniform(0, 6, (1, 24, 3))
    quats = rot.from_axis_angle(0.35 * np.sin(2 * np.pi * rate * t + phase))
    root = np.stack([0.1 * np.sin(t[:, 0, 0]), 0.9 + 0.02 * np.cos(3 * t[:, 0, 0]), 0 * t[:, 0, 0]])
    tracks = [Track(0, LOCATION, root.T)]
    return tracks + [Track(j, QUATERNION, rot.continuous(quats[:, j])) for j in range(24)]


def curve(keys: Keys, frames: int) -> np.ndarray:
    return bezier.hermite(keys.values, keys.index, keys.slopes, frames, keys.reach)


def strays(chain: Chain, tracks: list[Track], keys: list[Keys]) -> np.ndarray:
    """(n, E) metres between the tips as they were and as the keys put them."""
    frames = len(tracks[0].values)
    was = pose(chain, tracks, [t.values for t in tracks]).tips
    now = pose(chain, tracks, [curve(k, frames) for k in keys]).tips
    return np.linalg.norm(now - was, axis=-1)


@pytest.fixture(scope="module")
def reduced() -> dict[float, list[Keys]]:
    chain, tracks = our_chain(), swaying()
    return {cm: reduce_keys(chain, tracks, cm / 100) for cm in (0.5, 1.0, 2.0, 5.0)}


def test_forward_kinematics_is_the_skeletons_own():
    tracks = swaying(20)
    heads = pose(our_chain(), tracks, [t.values for t in tracks]).heads
    quats = np.stack([t.values for t in tracks[1:]], axis=1)
    np.testing.assert_allclose(heads, forward_kinematics(tracks[0].values, quats), atol=1e-12)


def test_the_bound_holds_on_every_frame(reduced):
    for cm, keys in reduced.items():
        worst = strays(our_chain(), swaying(), keys).max()
        assert worst <= cm / 100 + 1e-9
        assert worst > cm / 400, "keys were left out, so something strays"


def test_the_larger_the_error_the_fewer_the_keys(reduced):
    counts = [sum(len(k.index) for k in keys) for keys in reduced.values()]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] < 0.5 * 25 * 240
    assert counts[-1] < 0.7 * counts[0]


def test_quaternions_keep_their_sign(reduced):
    for keys, track in zip(reduced[2.0], swaying(), strict=True):
        if track.kind == QUATERNION:
            assert (np.sum(keys.values[1:] * keys.values[:-1], axis=1) > 0).all()
            assert keys.values[0] @ track.values[0] > 0


def test_a_planted_foot_stays():
    """The pelvis sways over a foot that stands still: the leg's keys keep it there."""
    chain, tracks = our_chain(), swaying(120, seed=4)
    planted = np.zeros((120, len(TIPS)), dtype=bool)
    planted[30:90, [0, 5]] = True
    strayed = strays(chain, tracks, reduce_keys(chain, tracks, 0.03, planted=planted))
    assert strayed[planted].max() <= 0.0015 + 1e-9
    assert 0.015 < strayed.max() <= 0.03 + 1e-9


def test_keys_lie_on_beats_where_they_can():
    chain, tracks = our_chain(), swaying()
    beats = np.arange(5, 240, 11)

    def share(keys: list[Keys]) -> float:
        return float(np.mean(np.isin(np.concatenate([k.index[1:-1] for k in keys]), beats)))

    chance = len(beats) / 240
    with_beats = reduce_keys(chain, tracks, 0.03, preferred=beats)
    assert share(with_beats) > 3 * chance
    assert strays(chain, tracks, with_beats).max() <= 0.03 + 1e-9


def test_held_frames_get_their_keys():
    keys = reduce_keys(our_chain(), swaying(), 0.05, held=np.array([77, 78]))
    assert all({0, 77, 78, 239} <= set(k.index.tolist()) for k in keys)


def test_jitter_ends_with_a_key_on_every_frame():
    """Noise has no sparse keys; the bound holds all the same."""
    chain, rng = our_chain(), np.random.default_rng(1)
    noise = rot.continuous(rot.from_axis_angle(rng.normal(0, 0.5, (40, 24, 3))))
    tracks = [Track(j, QUATERNION, noise[:, j]) for j in range(24)]
    keys = reduce_keys(chain, tracks, 0.002)
    assert strays(chain, tracks, keys).max() <= 0.002 + 1e-9


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_few_frames(frames):
    chain, tracks = our_chain(), swaying(frames)
    keys = reduce_keys(chain, tracks, 0.01)
    assert strays(chain, tracks, keys).max() < 0.01
    assert all(k.index[0] == 0 and k.index[-1] == frames - 1 for k in keys)


@pytest.mark.parametrize("kind", ["XYZ", "ZYX", "YXZ", AXIS_ANGLE])
def test_other_rotation_modes(kind):
    """An arm of two bones in Euler angles or axis and angle, and a switch beside it."""
    chain = Chain(
        np.array([-1, 0]),
        np.array([[0, 0, 1.0], [0, 0.3, 0]]),
        np.tile(rot.IDENTITY, (2, 1)),
        np.array([1]),
        np.array([[0, 0.3, 0.0]]),
        np.array([-1]),
    )
    t = np.arange(200)[:, None] / FPS
    angles = np.sin(2 * np.pi * t * np.array([0.5, 0.8, 0.3])) * 0.6
    if kind == AXIS_ANGLE:
        angles = np.concatenate([1.0 + 0.5 * np.sin(4 * t), 0 * t, 0 * t + 1.0, 0 * t], axis=1)
    switch = (t > 3).astype(float)
    tracks = [Track(0, kind, angles), Track(1, kind, angles), Track(-1, VALUE, switch)]
    keys = reduce_keys(chain, tracks, 0.01)
    assert strays(chain, tracks, keys).max() <= 0.01 + 1e-9
    np.testing.assert_allclose(curve(keys[2], 200), switch, atol=1e-4)
    assert sum(len(k.index) for k in keys[:2]) < 120


def test_euler_angles_turn_as_blenders_do():
    """XYZ turns about x first: a quarter about x, then a quarter about z, takes y to z."""
    track = Track(0, "XYZ", np.zeros((1, 3)))
    turned = rot.rotate(
        track.quaternions(np.array([np.pi / 2, 0, np.pi / 2])), np.array([0, 1.0, 0])
    )
    np.testing.assert_allclose(turned, [0, 0, 1], atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.integers(0, 2**31))
def test_values_and_slopes_are_the_least_squares_ones(count, seed):
    """The block solver solves what numpy's own solver does: no keys near it fit better."""
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(size=(3 * count, 2)), axis=0)
    inner = rng.choice(np.arange(1, 3 * count - 1), size=count - 1, replace=False)
    index = np.unique(np.concatenate([[0, 3 * count - 1], inner]))
    weights = rng.uniform(0.2, 1.8, 3 * count)
    pinned = rng.random(len(index)) < 0.3
    keys, slopes = bezier.least_squares_keys(values, index, weights, pinned)
    np.testing.assert_array_equal(keys[pinned], values[index[pinned]])

    def cost(keys: np.ndarray, slopes: np.ndarray) -> float:
        own = np.gradient(values, axis=0)[index]
        off = bezier.hermite(keys, index, slopes, 3 * count) - values
        pull = np.sum((slopes - own) ** 2) + np.sum((keys - values[index]) ** 2)
        return float(np.sum(weights[:, None] * off**2) + 1e-4 * pull)

    best = cost(keys, slopes)
    for _ in range(4):
        moved = np.where(pinned[:, None], 0.0, 0.02 * rng.normal(size=keys.shape))
        assert cost(keys + moved, slopes + 0.02 * rng.normal(size=slopes.shape)) > best


def test_handles_make_the_same_curve():
    """De Casteljau on the handles gives the Hermite cubic."""
    frames, values = np.array([10.0, 16.0, 19.0]), np.array([1.0, -1.0, 0.5])
    slopes = np.array([0.3, 0.0, -0.2])
    points = bezier.handles(frames, values, slopes)
    index = np.array([0, 6, 9])
    expected = bezier.hermite(values[:, None], index, slopes[:, None], 10)[:, 0]
    for k in range(2):
        a, d = (frames[k], values[k]), (frames[k + 1], values[k + 1])
        b, c = points[k, 2:], points[k + 1, :2]
        for t in np.linspace(0, 1, 7):
            weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3]
            x, y = np.array(weights) @ np.array([a, b, c, d])
            if abs(x - round(x)) < 1e-9:
                assert y == pytest.approx(expected[round(x) - 10])
