"""Cameras that keep every dancer whole in the picture and never hurry.

Plain numpy: ``plan_shot`` looks at where the bodies are in every frame and
proves its own framing. A camera aims at the pelvis (of a crew: at the middle of
all pelvises), glides after it and steps back before wide moves, so that the
horizon stays put. ``cuts.py`` strings shots together; ``create_camera`` makes
one in Blender.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import motion as core_motion, rotations as rot
from ..keys import writer as key_writer
from ..rig import own_armature

LENS = 50.0
"""Focal length in millimetres on a 36 mm sensor: close to the eye, little distortion."""

ORBIT_SECONDS = 40.0
"""One round of the orbiting camera."""

_SENSOR = 36.0
_PITCH = np.deg2rad(8.0)
_USED = 0.92  # of half the picture: the rest is air around the dancer
BODY = 0.12
"""Metres of flesh around a joint or tip of our own dancer."""
_NEAREST = 2.2
_AIM_SECONDS, _STEP_BACK_SECONDS = 0.6, 1.0  # how far ahead and back the camera averages


@dataclass(frozen=True)
class Shot:
    """Camera positions (T, 3) in metres, axes (T, 3, 3) with rows right, up, forward; lens in mm.

    ``first`` is the frame of the dance, from 0, on which it begins; ``view``
    names the camera that films it.
    """

    positions: np.ndarray
    axes: np.ndarray
    lens: float
    first: int = 0
    view: str = "Dance Camera"

    def __len__(self) -> int:
        return len(self.positions)


def body_points(motion: core_motion.Motion, size: float = 1.0) -> np.ndarray:
    """Joints and bone tips, (T, 24 + tips, 3) metres, in Blender's axes."""
    return own_armature.to_blender(motion.body_points() * size)


def facing(*motions: core_motion.Motion) -> float:
    """The heading that the dancers keep most, radians from -Y towards +X in Blender."""
    yaw = np.concatenate([rot.yaw(motion.rotations[:, 0]) for motion in motions])
    mean = np.exp(1j * yaw).mean()
    # Who turns all the time has no main heading: take the first.
    return float(np.angle(mean) if abs(mean) > 0.2 else yaw[0])


def view_slopes(width: int, height: int, lens: float = LENS) -> np.ndarray:
    """Half the picture's (width, height) at one metre: Blender fits the longer side."""
    return _SENSOR / 2 / lens * np.array([width, height]) / max(width, height)


def look_axes(heading: np.ndarray, pitch: float) -> np.ndarray:
    """Axes (T, 3, 3) of cameras that stand at ``heading`` (T,) and look back, ``pitch`` down.

    Both are radians; a heading counts from -Y towards +X.
    """
    sin, cos, zero = np.sin(heading), np.cos(heading), np.zeros_like(heading)
    right = np.stack([cos, sin, zero], axis=1)
    back = np.stack([sin, -cos, zero], axis=1)
    forward = -np.cos(pitch) * back - np.sin(pitch) * np.array([0.0, 0.0, 1.0])
    return np.stack([right, np.cross(right, forward), forward], axis=1)


def plan_shot(
    points: np.ndarray,
    heading: float | np.ndarray,
    fps: float,
    size: tuple[int, int],
    *,
    lens: float = LENS,
    pitch: float = _PITCH,
    body: float = BODY,
    centre: np.ndarray | None = None,
    still: bool = False,
) -> Shot:
    """Place the camera for every frame, with all points in the picture.

    Parameters
    ----------
    points : (T, P, 3) metres, Z up.
    heading : radians from -Y towards +X, one or (T,); the camera stands there and looks back.
    size : width and height of the picture in pixels.
    lens, pitch : millimetres on a 36 mm sensor; radians that the camera looks down.
    body : metres of flesh around each point.
    centre : (T, 3) what to aim at; by default the first point of a frame, the pelvis.
    still : one place for the whole shot, from which everything is seen.
    """
    count = len(points)
    axes = look_axes(np.broadcast_to(np.asarray(heading, dtype=float), count), pitch)
    slopes = view_slopes(*size, lens)
    # Aim at where the pelvis is on the floor; the height stays the same all along.
    ground = (points[:, 0] if centre is None else centre) * np.array([1.0, 1.0, 0.0])
    if still:
        aim = np.broadcast_to((ground.min(axis=0) + ground.max(axis=0)) / 2, (count, 3)).copy()
    else:
        calm = max(1, round(_AIM_SECONDS * fps))
        aim = np.stack([_smooth(column, calm) for column in ground.T], axis=1)
    off = np.einsum("tij,tpj->tpi", axes, points - aim[:, None])
    lift = (off[..., 1].min() + off[..., 1].max()) / 2
    off[..., 1] -= lift
    # A point at (x, y) off the aim and z behind it is in the picture from here on:
    reach = (np.abs(off[..., :2]) + body) / (slopes * _USED) - off[..., 2:]
    need = np.maximum(reach.max(axis=(1, 2)), _NEAREST)
    if still:
        distance = np.full(count, need.max())
    else:
        # Most of the time at one distance; further back around the widest moves.
        slow = max(1, round(_STEP_BACK_SECONDS * fps))
        distance = _smooth_above(np.maximum(need, np.percentile(need, 90)), slow)
    return Shot(aim + lift * axes[:, 1] - distance[:, None] * axes[:, 2], axes, lens)


def seen(points: np.ndarray, shot: Shot, size: tuple[int, int]) -> np.ndarray:
    """Where points (T, P, 3) are in the shot's pictures, (T, P, 3).

    x and y run from -1 to 1 across the picture, z is metres in front of the camera.
    """
    local = np.einsum("tij,tpj->tpi", shot.axes, points - shot.positions[:, None])
    local[..., :2] /= local[..., 2:] * view_slopes(*size, shot.lens)
    return local


def orbit_headings(heading: float, frames: int, fps: float) -> np.ndarray:
    """Headings (frames,) of a camera that walks round the dancer, beginning in front."""
    return heading + 2 * np.pi * np.arange(frames) / (ORBIT_SECONDS * fps)


def create_cameras(scene: Any, collection: Any, shots: list[Shot], frame_start: int) -> list[Any]:
    """Add the cameras of shots that follow each other; the camera of each shot.

    The first becomes the scene's. Shots of the same view share a camera. With
    several shots, timeline markers bound to the cameras make the cuts: an
    animator can move them.
    """
    for marker in scene.timeline_markers:
        # Another camera's marker would take over in the middle.
        marker.camera = None
    cameras = {}
    for view in dict.fromkeys(shot.view for shot in shots):
        own = [shot for shot in shots if shot.view == view]
        cameras[view] = _create_camera(collection, view, own, frame_start)
    if len(shots) > 1:
        for shot in shots:
            marker = scene.timeline_markers.new(shot.view, frame=frame_start + shot.first)
            marker.camera = cameras[shot.view]
    scene.camera = cameras[shots[0].view]
    return [cameras[shot.view] for shot in shots]


def _create_camera(collection: Any, name: str, shots: list[Shot], frame_start: int) -> Any:
    data = bpy.data.cameras.new(name)
    data.lens, data.sensor_width = shots[0].lens, _SENSOR
    camera = bpy.data.objects.new(name, data)
    collection.objects.link(camera)
    positions = np.concatenate([shot.positions for shot in shots])
    axes = np.concatenate([shot.axes for shot in shots])
    frames = np.concatenate([frame_start + s.first + np.arange(len(s)) for s in shots])
    # Blender's camera looks along its -Z.
    right, up, forward = axes[:, 0], axes[:, 1], axes[:, 2]
    quats = rot.continuous(rot.from_matrix(np.stack([right, up, -forward], axis=2)))
    camera.rotation_mode = "QUATERNION"
    camera.location, camera.rotation_quaternion = positions[0], quats[0]
    _, bag = compat.new_action(camera, name)
    key_writer.write_curves(bag, "location", "Location", frames, positions)
    if np.ptp(quats, axis=0).max() > 1e-9:
        key_writer.write_curves(bag, "rotation_quaternion", "Rotation", frames, quats)
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
