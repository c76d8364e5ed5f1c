"""The network's view of a motion: exact both ways, blind to place and direction."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import representation as rep, rotations as rot
from audio2pose_core.formats import load_bvh
from audio2pose_core.motion import Motion, rest_motion


def wandering(frames: int = 120, fps: float = 30.0) -> Motion:
    """A made-up dance: turning, travelling, every joint moving."""
    random = np.random.default_rng(1)
    t = np.arange(frames) / fps
    amplitude, rate = random.uniform(0, 0.6, (24, 3)), random.uniform(0.3, 2.0, (24, 3))
    quats = rot.from_axis_angle(amplitude * np.sin(2 * np.pi * rate * t[:, None, None]))
    quats[:, 0] = rot.multiply(rot.from_yaw(1.5 * t), quats[:, 0])
    root = np.stack([np.sin(t), 0.9 + 0.05 * np.sin(9 * t), 0.7 * t], axis=1)
    return Motion(fps, root, quats, random.uniform(0, 1, (frames, 4)))


def test_decode_undoes_encode() -> None:
    motion = wandering()
    features, place = rep.encode(motion)
    again = rep.decode(features, motion.fps, place)
    assert features.shape == (len(motion), rep.WIDTH)
    np.testing.assert_allclose(again.joint_positions(), motion.joint_positions(), atol=1e-9)
    np.testing.assert_allclose(again.contacts, motion.contacts, atol=1e-12)


def test_features_do_not_know_place_or_direction() -> None:
    motion = wandering()
    moved = motion.turned(2.2, np.array([5.0, 0.0, -3.0]))
    np.testing.assert_allclose(rep.encode(moved)[0], rep.encode(motion)[0], atol=1e-9)


def test_a_real_spin_keeps_its_turns_and_a_handstand_does_not_flip(shared_data) -> None:  # type: ignore[no-untyped-def]
    for name in ("cmu_salsa/cmu_61_04.bvh", "cmu_breakdance/85_12.bvh"):
        motion = load_bvh(shared_data / "motion_open" / name).resample(30.0)
        rate = np.abs(np.diff(rep.heading(motion))) * 30.0
        # Four turns a second is a fast spin; a flip of the heading would be 15.
        assert rate.max() < 4 * 2 * np.pi


def test_hit_phase_runs_from_hit_to_hit() -> None:
    hits = np.array([0.5, 1.0, 1.5, 2.5])
    values = rep.accent_conditions(hits, np.array([1.0, 0.5, 0.5, 1.0]), frames=90, fps=30.0)
    on_hits = (hits * 30).astype(int)
    np.testing.assert_allclose(values["hit_cos"][on_hits], 1.0, atol=1e-9)
    assert values["hit_cos"][22] == pytest.approx(np.cos(2 * np.pi * (22 / 30 - 0.5) / 0.5))
    assert values["hit_rate"][20] == pytest.approx(0.0), "two hits a second is zero"
    assert values["hit_rate"][60] == pytest.approx(-1.0), "one hit a second is an octave less"
    assert values["hit_known"][:15].max() == 0 and values["hit_known"][76:].max() == 0


def test_energy_orders_dances_by_liveliness() -> None:
    still, lively = rest_motion(120, 30.0), wandering()
    assert rep.energy(lively).mean() > rep.energy(still).mean() + 1.0
    faster = lively.sample(np.arange(60) / 30.0 * 2.0, 30.0)
    gain = rep.energy(faster)[15:45].mean() - rep.energy(lively)[30:90].mean()
    assert gain == pytest.approx(np.log(2.0), abs=0.1), "twice the speed is log 2 more energy"
