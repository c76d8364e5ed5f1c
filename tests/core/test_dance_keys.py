"""Few keys for a whole dance on our own skeleton, at the frames of a scene."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot, skeleton
from audio2pose_core.cleanup import bezier, crew_keys
from audio2pose_core.cleanup.dance_keys import SceneTime, dance_chain, key_frames, reduce_dance
from audio2pose_core.cleanup.reduce import Keys
from audio2pose_core.motion import Motion, forward_kinematics, global_rotations

FILM = SceneTime(36.4, 24000 / 1001)


def swaying(seconds: float = 6.0, planted: bool = False) -> Motion:
    """Every joint sways at its own pace; planted, only above the hips, on feet that stand."""
    rng = np.random.default_rng(3)
    t = np.arange(round(seconds * 30)) / 30.0
    rate, phase = rng.uniform(0.3, 1.2, (1, 24, 3)), rng.uniform(0, 6, (1, 24, 3))
    turns = 0.35 * np.sin(2 * np.pi * rate * t[:, None, None] + phase)
    root = np.stack([0.1 * np.sin(t), 0.9 + 0.02 * np.cos(3 * t), 0 * t], axis=1)
    contacts = np.zeros((len(t), 4))
    if planted:
        turns[:, [0, *skeleton.LEFT_LEG, *skeleton.RIGHT_LEG]] = 0.0
        root[:], contacts[:] = (0.0, 0.9, 0.0), 1.0
    return Motion(30.0, root, rot.from_axis_angle(turns), contacts)


def tips_of(motion: Motion, time: SceneTime, keys: list[Keys] | None) -> np.ndarray:
    """Where hands, feet, head and ankles are at the scene's frames, (n, 7, 3)."""
    frames = time.frames(motion.seconds)
    sampled = time.sampled(motion, frames)
    values = [sampled.root, *np.moveaxis(rot.continuous(sampled.rotations), 1, 0)]
    if keys is not None:
        values = [bezier.hermite(k.values, k.index, k.slopes, len(frames), k.reach) for k in keys]
    turns = rot.normalize(np.stack(values[1:], axis=1))
    positions, world = forward_kinematics(values[0], turns), global_rotations(turns)
    chain = dance_chain()
    return positions[:, chain.tip_bones] + rot.rotate(world[:, chain.tip_bones], chain.tips)


@pytest.mark.parametrize("error", [0.005, 0.03])
def test_no_end_of_the_body_strays_further(error: float) -> None:
    motion = swaying()
    keys = reduce_dance(motion, FILM, error)
    strayed = np.linalg.norm(tips_of(motion, FILM, keys) - tips_of(motion, FILM, None), axis=-1)
    assert strayed.max() <= error + 1e-6
    frames = len(FILM.frames(motion.seconds))
    assert sum(len(key.index) for key in keys) < 0.6 * len(keys) * frames
    assert all(key.index[0] == 0 and key.index[-1] == frames - 1 for key in keys)


def test_no_bone_turns_about_itself_beside_the_dance() -> None:
    """Palms, soles and a face are nowhere near a limb's points: their turn counts by itself."""
    motion = swaying()
    frames = FILM.frames(motion.seconds)
    was = FILM.sampled(motion, frames).rotations
    keys = reduce_dance(motion, FILM, 0.01)
    turns = [bezier.hermite(k.values, k.index, k.slopes, len(frames), k.reach) for k in keys[1:]]
    alike = np.abs((rot.normalize(np.stack(turns, axis=1)) * was).sum(axis=-1))
    off = np.rad2deg(2.0 * np.arccos(np.minimum(alike, 1.0)))
    assert off.mean(axis=0).max() < 4.0 and off.max() < 25.0


def test_a_larger_error_needs_fewer_keys_and_keys_move_to_beats() -> None:
    motion = swaying()
    counts = [
        sum(len(key.index) for key in reduce_dance(motion, FILM, error)) for error in (0.005, 0.03)
    ]
    assert counts[1] < 0.8 * counts[0]
    beats = np.arange(0.25, 6.0, 0.5)
    on_beats = np.round(FILM.frames_at(beats) - FILM.frames(6.0)[0]).astype(int)

    def share(keys: list[Keys]) -> float:
        inner = np.concatenate([key.index[1:-1] for key in keys])
        return float(np.isin(inner, on_beats).mean())

    assert share(reduce_dance(motion, FILM, 0.02, beats)) > 2 * share(
        reduce_dance(motion, FILM, 0.02)
    )


def test_planted_feet_stay_and_progress_rises() -> None:
    motion, seen = swaying(planted=True), []
    keys = reduce_dance(motion, FILM, 0.05, progress=seen.append)
    feet = [i for i, b in enumerate(dance_chain().tip_bones) if b in skeleton.CONTACT_JOINTS]
    strayed = np.linalg.norm(tips_of(motion, FILM, keys) - tips_of(motion, FILM, None), axis=-1)
    assert strayed[:, feet].max() <= 0.0015 + 1e-6
    assert seen == sorted(seen) and seen[0] > 0 and seen[-1] <= 1.0


def test_one_frame_a_second_and_a_single_frame() -> None:
    for time, seconds in ((SceneTime(1.0, 1.0), 6.0), (SceneTime(5.5, 24.0), 0.01)):
        motion = swaying(max(seconds, 0.2))
        keys = reduce_dance(motion, time, 0.01)
        assert len(keys) == 1 + skeleton.NUM_JOINTS
        assert keys[0].index[-1] == len(time.frames(motion.seconds)) - 1


def test_key_frames_are_whole() -> None:
    assert key_frames(12.0000001, 1.0, 24.0)[0] == 12
    assert key_frames(11.5, 0.001, 24.0).tolist() == [12]
    assert FILM.frames_at([0.0, 1.0]).tolist() == [36.4, 36.4 + 24000 / 1001]


def test_a_crews_keys_are_found_by_several_processes() -> None:
    motions = [swaying(1.0), swaying(1.5), swaying(2.0)]
    told: list[float] = []
    beats = [0.5, 1.0]
    found = crew_keys.reduce_dances(motions, FILM, 0.01, beats, processes=2, progress=told.append)
    for motion, keys in zip(motions, found, strict=True):
        expected = reduce_dance(motion, FILM, 0.01, beats)
        for one, other in zip(keys, expected, strict=True):
            np.testing.assert_array_equal(one.index, other.index)
            np.testing.assert_allclose(one.values, other.values, atol=1e-9)
    assert told == sorted(told)


def test_a_process_that_fails_is_told() -> None:
    """A dance that no process can reduce fails in the other one as it does in this one."""
    motions = [swaying(6.0), "no dance"]
    with pytest.raises((RuntimeError, AttributeError)):
        crew_keys.reduce_dances(motions, FILM, 0.01, processes=2)  # type: ignore[list-item]
