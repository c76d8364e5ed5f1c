"""Keys in Blender: how fast they are written, and how few they are."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.motion import Motion, rest_motion
from scripts.bench_tools import timed

RUNS = 3


def a_minute_of_dance() -> Motion:
    """Every bone and the root in motion for 60 s at 30 fps."""
    import numpy as np

    from audio2pose_core import rotations as rot

    motion = rest_motion(1800, 30.0)
    t = np.arange(1800)[:, None] / 30.0
    angles = 0.5 * np.sin(2 * np.pi * t + np.arange(24))
    quats = rot.from_axis_angle(angles[..., None] * np.array([0.6, 0.0, 0.8]))
    root = motion.root + 0.1 * np.sin(t * np.array([1.0, 2.0, 3.0]))
    return Motion(30.0, root, quats)


def a_real_dance() -> tuple[Motion, list[float]]:
    """Half a minute to a composed song by the shipped dancer, and its beats."""
    from audio2pose_core import generate_dance
    from audio2pose_core.audio.demo_song import compose
    from audio2pose_core.audio.load import audio_from_samples

    samples, _ = compose(seconds=30.0, bpm=120, sample_rate=22050)
    dance = generate_dance(audio_from_samples(samples, 22050, "bench"), style="hiphop", seed=1)
    return dance.motion, dance.beats.times.tolist()


def sparse_rows() -> list[tuple[str, str]]:
    """Frames with keys a second of a dance on our own skeleton, at 24 frames a second."""
    from audio2pose_core.cleanup.dance_keys import SceneTime, reduce_dance
    from audio2pose_core.cleanup.key_rates import in_words, key_rates

    motion, beats = a_real_dance()
    time, out = SceneTime(1.0, 24.0), []
    for words, error, together in (
        ("at 1 cm", 0.01, False),
        ("at 2 cm", 0.02, False),
        ("at 3 cm", 0.03, False),
        ("as poses, at 5 cm", 0.05, True),
    ):
        began = perf_counter()
        keys = reduce_dance(motion, time, error, beats, together=together)
        seconds = perf_counter() - began
        # The root's place and rotation are the body's; joint j is column 1 + j.
        shown = [((max(0, track - 1) + 1,), key.index) for track, key in enumerate(keys)]
        rates = in_words(key_rates(shown, motion.seconds))
        out.append((f"keys a second {words} ({seconds:.1f} s of work)", rates))
    return out


def rows() -> list[tuple[str, str]]:
    """Both ways of writing on the same keys, in the same Blender; then how few they are."""
    from audio2pose_core.skeleton import JOINTS
    from blender_addon.keys import writer as key_writer
    from blender_addon.rig import own_armature

    motion = a_minute_of_dance()
    armature = own_armature.create_armature("Bench")

    def bulk() -> None:
        key_writer.write_motion(armature, motion, frame_start=1, scene_fps=30.0, action_name="Bulk")

    bulk_times = [timed(bulk) for _ in range(RUNS)]
    other: Any = own_armature.create_armature("One by one")
    bones = [other.pose.bones[name] for name in JOINTS]
    for bone in bones:
        bone.rotation_mode = "QUATERNION"

    def one_by_one() -> None:
        for frame in range(len(motion)):
            bones[0].location = motion.root[frame]
            bones[0].keyframe_insert("location", frame=frame + 1)
            for bone, quat in zip(bones, motion.rotations[frame], strict=True):
                bone.rotation_quaternion = quat
                bone.keyframe_insert("rotation_quaternion", frame=frame + 1)

    slow, fast = timed(one_by_one), statistics.median(bulk_times)
    keys = len(motion) * (24 * 4 + 3)
    return [
        (f"written in bulk ({keys} keys: 60 s of dance, 24 bones)", f"{fast:.3f} s"),
        ("keyframe_insert (the same keys)", f"{slow:.2f} s"),
        ("bulk is faster by", f"{slow / fast:.0f} x"),
        *sparse_rows(),
    ]
