"""A dance as keys: a new action, written in bulk."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np

from . import compat, rigs
from .core import errors, skeleton
from .core import motion as core_motion
from .core import rotations as rot


def scene_fps(scene: Any) -> float:
    """Frames per second of a scene: fps over fps_base, e.g. 30 / 1.001."""
    return scene.render.fps / scene.render.fps_base


def key_frames(frame_start: float, seconds: float, fps: float) -> np.ndarray:
    """The whole scene frames (n,) on which a dance of ``seconds`` gets keys.

    ``frame_start`` may fall between two frames (songs seldom start on one); the
    first key then is on the next whole frame. There is always one key.
    """
    # The slack keeps a start such as 12.0000001, a rounding error, on frame 12.
    first = math.ceil(frame_start - 1e-4)
    stop = max(first + 1, round(frame_start + seconds * fps))
    return np.arange(first, stop)


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
    if not math.isfinite(scene_fps) or scene_fps <= 0 or not math.isfinite(frame_start):
        raise errors.OptionError(
            f"cannot write keys from frame {frame_start} at {scene_fps} frames per second"
        )
    frames_of_bones = rigs.bone_frames(armature)
    frames = key_frames(frame_start, motion.seconds, scene_fps)
    sampled = motion.sample((frames - frame_start) / scene_fps, scene_fps)
    quats = rot.continuous(frames_of_bones.rotations(sampled.rotations))
    location = frames_of_bones.location(sampled.root)

    action, bag = compat.new_action(armature, action_name)
    for j, name in enumerate(skeleton.JOINTS):
        pose_bone = armature.pose.bones[name]
        pose_bone.rotation_mode = "QUATERNION"
        if j == 0:
            write_curves(bag, pose_bone.path_from_id("location"), name, frames, location)
        path = pose_bone.path_from_id("rotation_quaternion")
        write_curves(bag, path, name, frames, quats[:, j])
    armature.update_tag()
    return action


def write_curves(
    bag: Any, data_path: str, group: str, frames: np.ndarray, values: np.ndarray
) -> None:
    """One new curve with linear keys for each column of ``values`` (n, channels)."""
    kinds: Any = bpy.types.Keyframe.bl_rna.properties["interpolation"]
    linear = kinds.enum_items["LINEAR"].value
    interpolation = np.full(len(frames), linear, dtype=np.int32)
    points = np.empty((len(frames), 2), dtype=np.float32)
    points[:, 0] = frames
    for index in range(values.shape[1]):
        points[:, 1] = values[:, index]
        curve = compat.new_fcurve(bag, data_path, index, group)
        curve.keyframe_points.add(len(frames))
        curve.keyframe_points.foreach_set("co", points.ravel())
        curve.keyframe_points.foreach_set("interpolation", interpolation)
        curve.update()
