"""Made-up motions whose figures can be told by hand."""

from __future__ import annotations

import numpy as np

from audio2pose_core import rotations as rot
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

FPS = 30.0


def posed(turns: dict[str, np.ndarray], frames: int, fps: float = FPS) -> Motion:
    """The rest pose with joints turned: name -> rotation vectors (3,) or (T, 3) in radians."""
    rest = rest_motion(frames, fps)
    quats = rest.rotations.copy()
    for name, vector in turns.items():
        quats[:, INDEX[name]] = rot.from_axis_angle(
            np.broadcast_to(np.asarray(vector, dtype=np.float64), (frames, 3))
        )
    return Motion(fps, rest.root, quats)


def about(axis: str, angle: np.ndarray | float) -> np.ndarray:
    """Rotation vectors (..., 3) about X, Y or Z."""
    angle = np.asarray(angle, dtype=np.float64)
    out = np.zeros((*angle.shape, 3))
    out[..., "XYZ".index(axis)] = angle
    return out


def moved(motion: Motion, path: np.ndarray) -> Motion:
    """The motion with its root shifted by (3,) or (T, 3) metres."""
    return Motion(motion.fps, motion.root + path, motion.rotations, motion.contacts)


def facing_along(heading: np.ndarray, fps: float = FPS) -> Motion:
    """A standing figure with a heading (T,) in radians."""
    return posed({"pelvis": about("Y", heading)}, len(heading), fps)


def marching(seconds: float, period: float, fps: float = FPS, bend: float = 0.9) -> Motion:
    """Lifts the left and the right foot in turn, one a period, on the spot."""
    frames = round(seconds * fps)
    time = np.arange(frames) / fps
    phase = np.pi * time / period
    turns = {}
    for side, start in (("left", 0.0), ("right", np.pi)):
        up = bend * np.maximum(np.sin(phase + start), 0.0)
        turns[f"{side}_hip"] = about("X", -up)
        turns[f"{side}_knee"] = about("X", up)
    return posed(turns, frames, fps)


def wandering(seconds: float, seed: int, fps: float = FPS, smooth_s: float = 0.3) -> Motion:
    """Smooth random turns of arms, legs and trunk that never come back."""
    frames = round(seconds * fps)
    random = np.random.default_rng(seed)
    names = ("left_shoulder", "right_shoulder", "left_hip", "right_hip", "spine2")
    width = max(1, round(smooth_s * fps))
    kernel = np.hanning(4 * width + 1)
    kernel /= np.sqrt((kernel**2).sum())
    turns = {}
    for name in names:
        noise = random.standard_normal((frames + len(kernel) - 1, 3))
        turns[name] = 0.4 * np.stack(
            [np.convolve(column, kernel, mode="valid") for column in noise.T], axis=1
        )
    return posed(turns, frames, fps)
