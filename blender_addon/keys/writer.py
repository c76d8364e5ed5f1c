"""A dance as keys: a new action, written in bulk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import dance_keys, errors, motion as core_motion, rotations as rot, skeleton
from ..rig import own_armature
from ..rig.channel import Channel, Curve
from ..steps import Steps, at_once
from . import fcurves
from .fcurves import Points

key_frames = dance_keys.key_frames


def write_motion(
    armature: Any,
    motion: core_motion.Motion,
    *,
    frame_start: float,
    scene_fps: float,
    action_name: str,
) -> Any:
    """Write the dance on the armature's 24 bones as a new action; return the action.

    Parameters
    ----------
    armature : Object with the bones of ``skeleton.JOINTS``, T-pose facing -Y at rest.
        Its object transform is left alone: the dance lives in object space.
    motion : the dance, at any frame rate.
    frame_start : scene frame, possibly fractional, on which the motion begins.
    scene_fps : frames per second of the scene, fps over fps_base.
    action_name : Blender adds .001 and so on where the name is taken.

    Raises RigError where bones are missing, OptionError for a useless frame rate.
    The action that was there before stays in the file.
    """
    check_time(frame_start, scene_fps)
    frames = key_frames(frame_start, motion.seconds, scene_fps)
    channels = motion_channels(armature, motion, frames, frame_start, scene_fps)
    return write_channels(armature, frames, channels, action_name)


def check_time(frame_start: float, scene_fps: float) -> None:
    """Raise OptionError for a start or a frame rate on which no key can lie."""
    if not math.isfinite(scene_fps) or scene_fps <= 0 or not math.isfinite(frame_start):
        raise errors.OptionError(
            f"cannot write keys from frame {frame_start} at {scene_fps} frames per second"
        )


def motion_channels(
    armature: Any,
    motion: core_motion.Motion,
    frames: np.ndarray,
    frame_start: float,
    scene_fps: float,
) -> list[Channel]:
    """The channels of our own 24 bones at ``frames`` (n,), at rest T-posed and facing -Y."""
    frames_of_bones = own_armature.bone_frames(armature)
    sampled = motion.sample((frames - frame_start) / scene_fps, scene_fps)
    quats = rot.continuous(frames_of_bones.rotations(sampled.rotations))
    location = frames_of_bones.location(sampled.root)
    channels = []
    for j, name in enumerate(skeleton.JOINTS):
        pose_bone = armature.pose.bones[name]
        if j == 0:
            path = pose_bone.path_from_id("location")
            channels += [Channel(path, i, name, location[:, i], (0,)) for i in range(3)]
        path = pose_bone.path_from_id("rotation_quaternion")
        channels += [Channel(path, i, name, quats[:, j, i], (1 + j,)) for i in range(4)]
    return channels


def write_channels(
    armature: Any, frames: np.ndarray, channels: Sequence[Channel], action_name: str
) -> Any:
    """Write one linear key a frame for each channel as a new action; return the action.

    ``frames`` (n,) are whole scene frames. Bones that get quaternion keys are
    switched to that rotation mode; other modes are the caller's affair. The
    action that was there before stays in the file.
    """
    return write_action(armature, [Curve.of(c, frames, c.values) for c in channels], action_name)


def write_action(armature: Any, curves: Iterable[Curve], action_name: str) -> Any:
    """Write curves as a new action and let ``armature`` play it; return the action."""
    action = build_action(armature, curves, action_name)
    compat.play_action(armature, action)
    use_quaternions(armature, action)
    armature.update_tag()
    return action


def action_steps(armature: Any, curves: Iterable[Curve], action_name: str) -> Steps[Any]:
    """A new action with a slot for ``armature`` that nothing plays yet; a step for each curve."""
    action = bpy.data.actions.new(action_name)
    slot = action.slots.new(armature.id_type, armature.name)
    yield from fill_steps(compat.channelbag(action, slot, ensure=True), curves)
    return action


build_action = at_once(action_steps)


def use_quaternions(armature: Any, action: Any) -> None:
    """Switch the bones whose quaternions an action keys to that rotation mode."""
    bag = compat.channelbag(action, action.slots[0])
    for pose_bone in armature.pose.bones:
        if pose_bone.rotation_mode != "QUATERNION":
            path = pose_bone.path_from_id("rotation_quaternion")
            if bag.fcurves.find(path) is not None:
                pose_bone.rotation_mode = "QUATERNION"


def fill_steps(bag: Any, curves: Iterable[Curve]) -> Steps[None]:
    """New curves in an empty channelbag, keys and all; a step for each."""
    for curve in curves:
        yield
        made = compat.new_fcurve(bag, curve.data_path, curve.index, curve.group)
        # As Blender's own keying does: x, y, z in red, green, blue; w in yellow.
        made.color_mode = "AUTO_YRGB" if "quaternion" in curve.data_path else "AUTO_RGB"
        fcurves.write(made, points_of(curve))


fill = at_once(fill_steps)


def points_of(curve: Curve) -> Points:
    """The keys of a curve as Blender has them."""
    count = len(curve.frames)
    co = np.empty((count, 2), dtype=np.float32)
    co[:, 0], co[:, 1] = curve.frames, curve.values
    kinds = np.zeros((count, 5), dtype=np.int32)
    if curve.handles is None:
        kinds[:, 0] = fcurves.LINEAR
        return Points(co, co, co, kinds, np.zeros((count, 3), np.float32))
    kinds[:, 0] = fcurves.BEZIER
    # Aligned: a person who turns one handle keeps the curve smooth.
    kinds[:, 1:3] = np.where(is_smooth(curve), fcurves.ALIGNED, fcurves.FREE)[:, None]
    handles = np.asarray(curve.handles, dtype=np.float32)
    return Points(co, handles[:, :2], handles[:, 2:], kinds, np.zeros((count, 3), np.float32))


def is_smooth(curve: Curve) -> np.ndarray:
    """Of each key of a Bézier curve, (k,) bool: whether its two handles lie on one line."""
    assert curve.handles is not None
    left, right = curve.handles[:, :2], curve.handles[:, 2:]
    key = np.stack([curve.frames, curve.values], axis=1)
    before, after = key - left, right - key
    return np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) < 1e-4


def write_curves(
    bag: Any, data_path: str, group: str, frames: np.ndarray, values: np.ndarray
) -> None:
    """One new curve with linear keys for each column of ``values`` (n, channels)."""
    fill(bag, (Curve(data_path, i, group, frames, v) for i, v in enumerate(values.T)))
