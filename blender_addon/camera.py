"""A camera that keeps the whole dancer in the picture and never hurries.

``plan_shot`` is plain numpy: it looks at where the body is in every frame and
proves its own framing. The camera keeps one direction; it glides sideways and
in depth after the pelvis and steps back before wide moves, so that the horizon
stays put.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from . import compat, keyframes, rigs
from .core import motion as core_motion
from .core import rotations as rot
from .core import skeleton

LENS = 50.0
"""Focal length in millimetres on a 36 mm sensor: close to the eye, little distortion."""

_SENSOR = 36.0
_PITCH = np.deg2rad(8.0)
_USED = 0.92  # of half the picture: the rest is air around the dancer
_BODY = 0.12  # flesh around a joint or tip, metres
_NEAREST = 3.5
_AIM_SECONDS, _STEP_BACK_SECONDS = 0.6, 1.0  # how far ahead and back the camera averages


@dataclass(frozen=True)
class Shot:
    """Camera positions (T, 3) in metres and axes (3, 3): rows right, up, forward."""

    positions: np.ndarray
    axes: np.ndarray


def body_points(motion: core_motion.Motion, size: float = 1.0) -> np.ndarray:
    """Joints and bone tips, (T, 24 + tips, 3) metres, in Blender's axes."""
    joints = motion.joint_positions()
    world = motion.global_rotations()
    tips = [joints[:, j] + rot.rotate(world[:, j], tip) for j, tip in skeleton.END_SITES.items()]
    return rigs.to_blender(np.concatenate([joints, np.stack(tips, axis=1)], axis=1) * size)


def facing(motion: core_motion.Motion) -> float:
    """The heading that the dancer keeps most, radians from -Y towards +X in Blender."""
    yaw = rot.yaw(motion.rotations[:, 0])
    mean = np.exp(1j * yaw).mean()
    # A dancer that turns all the time has no main heading: take the first.
    return float(np.angle(mean) if abs(mean) > 0.2 else yaw[0])


def view_slopes(width: int, height: int, lens: float = LENS) -> np.ndarray:
    """Half the picture's (width, height) at one metre: Blender fits the longer side."""
    return _SENSOR / 2 / lens * np.array([width, height]) / max(width, height)


def plan_shot(
    points: np.ndarray, heading: float, fps: float, slopes: np.ndarray, body: float = _BODY
) -> Shot:
    """Place the camera for every frame.

    Parameters
    ----------
    points : (T, P, 3) metres, Z up; the first point of a frame is the pelvis.
    heading : radians from -Y towards +X; the camera stands there and looks back.
    slopes : (2,) from ``view_slopes``.
    body : metres of flesh around each point.
    """
    out = np.array([np.sin(heading), -np.cos(heading), 0.0])
    forward = -np.cos(_PITCH) * out - np.sin(_PITCH) * np.array([0.0, 0.0, 1.0])
    right = np.array([np.cos(heading), np.sin(heading), 0.0])
    axes = np.stack([right, np.cross(right, forward), forward])

    # Aim at where the pelvis is on the floor; the height stays the same all along.
    calm = max(1, round(_AIM_SECONDS * fps))
    ground = points[:, 0] * np.array([1.0, 1.0, 0.0])
    aim = np.stack([_smooth(column, calm) for column in ground.T], axis=1) @ axes.T
    up = points @ axes[1] - aim[:, None, 1]
    aim[:, 1] += (up.min() + up.max()) / 2
    off = points @ axes.T - aim[:, None]
    # A point at (x, y) off the aim and z behind it is in the picture from here on:
    reach = (np.abs(off[..., :2]) + body) / (slopes * _USED) - off[..., 2:]
    need = np.maximum(reach.max(axis=(1, 2)), _NEAREST)
    slow = max(1, round(_STEP_BACK_SECONDS * fps))
    # Most of the time at one distance; further back around the widest moves.
    distance = _smooth_above(np.maximum(need, np.percentile(need, 90)), slow)
    aim[:, 2] -= distance
    return Shot(aim @ axes, axes)


def create_camera(scene: Any, collection: Any, shot: Shot, frame_start: int) -> Any:
    """Add a camera that plays the shot from ``frame_start`` on; make it the scene's."""
    from mathutils import Matrix

    data = bpy.data.cameras.new("Dance Camera")
    data.lens = LENS
    data.sensor_width = _SENSOR
    camera = bpy.data.objects.new("Dance Camera", data)
    collection.objects.link(camera)
    right, up, forward = shot.axes
    camera.rotation_euler = Matrix(np.stack([right, up, -forward], axis=1).tolist()).to_euler()
    camera.location = shot.positions[0]
    _, bag = compat.new_action(camera, "Dance Camera")
    frames = frame_start + np.arange(len(shot.positions))
    keyframes.write_curves(bag, "location", "Location", frames, shot.positions)
    scene.camera = camera
    return camera


def _smooth(values: np.ndarray, radius: int) -> np.ndarray:
    """Mean over a window of +-radius frames, three times: nearly a Gaussian."""
    for _ in range(3):
        values = _box(values, radius)
    return values


def _box(values: np.ndarray, radius: int) -> np.ndarray:
    padded = np.pad(values, radius, mode="edge")
    return np.convolve(padded, np.full(2 * radius + 1, 1 / (2 * radius + 1)), mode="valid")


def _smooth_above(values: np.ndarray, radius: int) -> np.ndarray:
    """A smooth curve (T,) that is nowhere below ``values``.

    The greatest value within +-2 radius is taken first; two means over +-radius
    then only see values that are at least as great as the one in the middle.
    """
    padded = np.pad(values, 2 * radius, mode="edge")
    greatest = np.lib.stride_tricks.sliding_window_view(padded, 4 * radius + 1).max(axis=1)
    return _box(_box(greatest, radius), radius)
