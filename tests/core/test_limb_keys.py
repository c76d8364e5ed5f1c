"""Keys of a limb moved together: handles of any length, steps, and points that can be reached."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_dance_keys import FILM, swaying

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup import bezier
from audio2pose_core.cleanup.bones import LOCATION, QUATERNION, Track
from audio2pose_core.cleanup.dance_keys import dance_chain
from audio2pose_core.cleanup.key_body import Body
from audio2pose_core.cleanup.limb_curves import LimbCurves
from audio2pose_core.cleanup.limb_points import points_of
from audio2pose_core.cleanup.limb_step import LimbSteps
from audio2pose_core.skeleton import INDEX, NUM_JOINTS

ARM = [INDEX[f"left_{part}"] for part in ("collar", "shoulder", "elbow", "wrist", "hand")]
LEG = [INDEX[f"left_{part}"] for part in ("hip", "knee", "ankle", "foot")]


def body_of(seconds: float = 4.0) -> Body:
    motion = swaying(seconds)
    motion = FILM.sampled(motion, FILM.frames(motion.seconds))
    quats = rot.continuous(motion.rotations)
    tracks = [Track(0, LOCATION, motion.root)]
    tracks += [Track(j, QUATERNION, quats[:, j]) for j in range(NUM_JOINTS)]
    return Body(dance_chain(), tracks, np.zeros(len(motion), dtype=bool))


def curves_of(body: Body, bones: list[int], every: int = 14) -> LimbCurves:
    allowed = np.full((body.frames, len(body.chain.tip_bones)), 0.01)
    points, is_last = points_of(body, bones, allowed, 0.01)
    assert is_last
    curves = LimbCurves(body, [1 + b for b in bones], points)
    curves.aim()
    index = np.unique([*range(0, body.frames, every), body.frames - 1])
    assert curves.rekey(index, np.zeros(body.frames, dtype=bool)).all()
    curves.look(np.arange(len(index) - 1))
    return curves


def test_handles_of_any_length_make_the_curve_of_their_bezier() -> None:
    index = np.array([0, 10, 24])
    values, slopes = np.array([1.0, -2.0, 0.5]), np.array([0.4, 0.1, -0.3])
    reach = np.array([[1 / 3, 0.6], [0.2, 0.15], [0.7, 1 / 3]])
    curve = bezier.hermite(values[:, None], index, slopes[:, None], 25, reach)[:, 0]
    points = bezier.handles(index.astype(float), values, slopes, reach)
    s = np.linspace(0.0, 1.0, 400)
    for k in (0, 1):
        ends = [(index[k], values[k]), points[k, 2:], points[k + 1, :2]]
        ends = np.array([*ends, (index[k + 1], values[k + 1])])
        weights = np.stack([(1 - s) ** 3, 3 * s * (1 - s) ** 2, 3 * s * s * (1 - s), s**3], axis=1)
        drawn = weights @ ends
        frames = np.arange(index[k], index[k + 1] + 1)
        expected = np.interp(frames, drawn[:, 0], drawn[:, 1])
        np.testing.assert_allclose(curve[frames], expected, atol=2e-4)


def test_how_a_curve_changes_with_its_handles() -> None:
    rng = np.random.default_rng(2)
    t, step = rng.uniform(0.05, 0.95, 50), rng.uniform(3, 20, 50)
    reach = rng.uniform(0.15, 0.5, (50, 2))
    _, left, right = bezier.basis_and_change(t, step, reach)
    for column, change in ((0, left), (1, right)):
        more, less = reach.copy(), reach.copy()
        more[:, column] += 1e-5
        less[:, column] -= 1e-5
        slope = (bezier.basis(t, step, more) - bezier.basis(t, step, less)) / 2e-5
        np.testing.assert_allclose(change, slope, atol=1e-4)


@pytest.mark.parametrize("size", [1, 5, 40])
def test_systems_in_a_row_are_solved_together(size: int) -> None:
    """Two systems that are not coupled, as numpy solves each; a long one in pieces nearly so."""
    rng = np.random.default_rng(size)
    count, m = 2 * size, 3
    diagonal = np.tile(2.0 * np.eye(m), (count, 1, 1))
    beside = rng.uniform(-0.15, 0.15, (count, m, m))
    right = rng.normal(size=(count, m))
    coupled = np.arange(count - 1) != size - 1
    dense = np.zeros((count * m, count * m))
    for k in range(count):
        dense[k * m : (k + 1) * m, k * m : (k + 1) * m] = diagonal[k]
        if k + 1 < count and coupled[k]:
            dense[k * m : (k + 1) * m, (k + 1) * m : (k + 2) * m] = beside[k]
            dense[(k + 1) * m : (k + 2) * m, k * m : (k + 1) * m] = beside[k].T
    expected = np.linalg.solve(dense, right.ravel()).reshape(count, m)
    found = bezier.block_runs(diagonal, beside, right, coupled)
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("bones", [ARM, LEG])
def test_steps_bring_a_limbs_ends_to_where_they_should_be(bones: list[int]) -> None:
    curves = curves_of(body_of(), bones)
    before = curves.excess.copy()
    active = np.ones(len(curves.index), dtype=bool)
    LimbSteps(curves, 0.01).steps(active, ~active, [False, False, True, True])
    assert curves.excess.max() < 0.5 * before.max()
    assert (np.ptp(curves.reach, axis=0) > 0.02).all()
    assert (curves.reach.sum(axis=1) <= 1.0 + 1e-9).all()


def test_only_active_keys_move_and_pinned_ones_keep_their_values() -> None:
    curves = curves_of(body_of(), ARM)
    keys, slopes = curves.keys.copy(), curves.slopes.copy()
    active = np.zeros(len(curves.index), dtype=bool)
    active[4:8] = True
    pinned = np.zeros_like(active)
    pinned[5] = True
    LimbSteps(curves, 0.01).step(active, pinned, True)
    moved = np.abs(curves.keys - keys).max(axis=1) > 1e-9
    assert moved.tolist() == (active & ~pinned).tolist()
    assert (np.abs(curves.slopes - slopes).max(axis=1) > 1e-9).tolist() == active.tolist()


def test_a_straight_leg_lets_its_hip_stray_less() -> None:
    """It could not reach the floor otherwise, and its knee would jump forward."""
    body = body_of()
    allowed = np.full((body.frames, len(body.chain.tip_bones)), 0.0015)
    back = [0, *(INDEX[f"spine{n}"] for n in (1, 2, 3))]
    bent, is_last = points_of(body, back, allowed, 0.01)
    assert not is_last
    for j in LEG[:2]:
        body.tracks[1 + j].values[:] = (1.0, 0.0, 0.0, 0.0)
    straight, _ = points_of(Body(body.chain, body.tracks, body.fits[0].pinned), back, allowed, 0.01)
    hip = int(np.flatnonzero(np.all(bent.places == body.chain.rest_positions[LEG[0]], axis=1))[0])
    assert straight.budget[:, hip].max() < 0.006 < bent.budget[:, hip].max()


def test_where_constraints_move_bones_the_back_keeps_nearer_to_itself() -> None:
    """Arms that a constraint holds up do not make up for the back as the chain says."""
    body = body_of()
    allowed = np.full((body.frames, len(body.chain.tip_bones)), 0.01)
    back = [0, *(INDEX[f"spine{n}"] for n in (1, 2, 3))]
    free, _ = points_of(body, back, allowed, 0.01)
    body.chain = replace(body.chain, by_constraints=True)
    held, _ = points_of(body, back, allowed, 0.01)
    assert held.budget.max() == pytest.approx(0.007)
    assert free.budget.max() == pytest.approx(0.025)
