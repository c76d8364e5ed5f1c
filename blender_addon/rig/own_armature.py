"""Our own armature, and how core's rotations sit on an armature's bones.

Core is Y up and faces +Z; Blender's figures are Z up and face -Y. The turn is
made here, once: ``to_blender`` for positions, ``BoneFrames`` for rotations.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..core import errors, rotations as rot, skeleton

CORE_TO_BLENDER = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""Turns core's axes (Y up, facing +Z) into Blender's (Z up, facing -Y); left stays +X."""

# Where a joint has several children, the one that its bone points to.
_MAIN_CHILD = {"pelvis": "spine1", "spine3": "neck"}
_COLORS: dict[str, Any] = {"left": "THEME01", "right": "THEME04"}
_MIDDLE_COLOR: Any = "THEME09"


def to_blender(points: np.ndarray) -> np.ndarray:
    """Positions (..., 3) in core's axes as positions in Blender's axes."""
    return points @ CORE_TO_BLENDER.T


def missing_bones(armature: Any) -> list[str]:
    """Names of the joints for which the armature has no bone."""
    return [name for name in skeleton.JOINTS if name not in armature.data.bones]


def check_rig(armature: Any) -> None:
    """Raise RigError where a dance cannot be written on ``armature`` as it is."""
    if armature is None or armature.type != "ARMATURE":
        raise errors.RigError("select an armature, or add the Audio2Pose dancer")
    missing = missing_bones(armature)
    if missing:
        shown = ", ".join(missing[:6]) + (" ..." if len(missing) > 6 else "")
        raise errors.RigError(
            f"armature {armature.name!r} lacks {len(missing)} of the {skeleton.NUM_JOINTS} "
            f"Audio2Pose bones: {shown}; choose another armature or add the Audio2Pose dancer"
        )


@dataclass(frozen=True)
class BoneFrames:
    """How core's rotations and positions turn into pose-bone channels of one armature.

    Attributes
    ----------
    to_bone : (24, 4) quaternions
        Turn core's axes into the axes of each bone at rest: a core rotation L,
        relative to the parent, is ``to_bone L to_bone^-1`` on the bone.
    head : (3,)
        Rest position of the pelvis bone in armature space.
    size : float
        Leg length of the armature relative to core's, so that a bigger figure
        takes bigger steps.
    """

    to_bone: np.ndarray
    head: np.ndarray
    size: float

    def rotations(self, local: np.ndarray) -> np.ndarray:
        """Pose-bone quaternions (T, 24, 4) of core rotations relative to the parent."""
        turned = rot.multiply(rot.multiply(self.to_bone, local), rot.conjugate(self.to_bone))
        return rot.normalize(turned)

    def location(self, root: np.ndarray) -> np.ndarray:
        """Pelvis pose-bone location (T, 3) of core root positions (T, 3) in metres."""
        shift = to_blender(root * self.size) - self.head
        # to_bone turns from core's axes, so go back through them.
        return rot.rotate(self.to_bone[0], shift @ CORE_TO_BLENDER)


def bone_frames(armature: Any) -> BoneFrames:
    """Read the rest pose of an armature that stands in a T-pose and faces -Y."""
    check_rig(armature)
    bones = [armature.data.bones[name] for name in skeleton.JOINTS]
    rest = np.array([bone.matrix_local.to_3x3() for bone in bones], dtype=np.float64)
    # Bone matrices are float32; a quaternion round trip makes them pure rotations.
    to_bone = rot.conjugate(rot.from_matrix(CORE_TO_BLENDER.T @ rest))
    heads = np.array([bone.head_local for bone in bones], dtype=np.float64)
    leg = [skeleton.INDEX[n] for n in ("left_hip", "left_knee", "left_ankle")]
    length = np.linalg.norm(np.diff(heads[leg], axis=0), axis=1).sum()
    core_length = np.linalg.norm(skeleton.OFFSETS[leg[1:]], axis=1).sum()
    size = float(length / core_length)
    return BoneFrames(to_bone, heads[0], 1.0 if abs(size - 1.0) < 1e-4 else size)


def bone_tails() -> np.ndarray:
    """Tail of every bone in the rest pose, (24, 3) metres in core's axes."""
    heads = skeleton.rest_positions()
    tails = np.empty_like(heads)
    for j, name in enumerate(skeleton.JOINTS):
        if j in skeleton.END_SITES:
            tails[j] = heads[j] + skeleton.END_SITES[j]
        else:
            child = _MAIN_CHILD.get(name) or skeleton.JOINTS[skeleton.PARENTS.index(j)]
            tails[j] = heads[skeleton.INDEX[child]]
    return tails


def is_own(armature: Any) -> bool:
    """Whether an armature is our dancer's as ``create_armature`` makes it.

    Then core's rotations can be keyed on it as they are: the same bones and rest pose, of
    the same size, turned by quaternions, with no constraint in the way.
    """
    if len(armature.data.bones) != skeleton.NUM_JOINTS or missing_bones(armature):
        return False
    heads, tails = to_blender(skeleton.rest_positions()), to_blender(bone_tails())
    for j, name in enumerate(skeleton.JOINTS):
        bone, pose_bone = armature.data.bones[name], armature.pose.bones[name]
        above = skeleton.PARENTS[j]
        parent = None if above < 0 else skeleton.JOINTS[above]
        if parent != (None if bone.parent is None else bone.parent.name):
            return False
        if pose_bone.rotation_mode != "QUATERNION" or len(pose_bone.constraints) > 0:
            return False
        rest = np.array([bone.head_local, bone.tail_local], dtype=np.float64)
        if np.abs(rest - [heads[j], tails[j]]).max() > 1e-4:
            return False
    return bool(np.allclose(np.abs(armature.matrix_world.to_scale()), 1.0, atol=1e-4))


@contextmanager
def context_restored() -> Iterator[Any]:
    """Yield the view layer in object mode; put mode, active object and selection back."""
    layer = bpy.context.view_layer
    active = layer.objects.active
    mode = active.mode if active is not None else "OBJECT"
    selected = [o for o in layer.objects if o.select_get()]
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield layer
    finally:
        for o in layer.objects:
            o.select_set(o in selected)
        layer.objects.active = active
        if active is not None and active.mode != mode:
            bpy.ops.object.mode_set(mode=mode)


def create_armature(name: str, collection: Any = None) -> Any:
    """A new armature object: 24 bones named as ``skeleton.JOINTS``, T-pose, facing -Y.

    It stands on the floor of its own object space, in ``collection`` or else in
    the active collection. Mode, active object and selection stay as they were.
    """
    data = bpy.data.armatures.new(name)
    armature = bpy.data.objects.new(name, data)
    # Edit bones exist in edit mode only, which needs the object in the view
    # layer: the scene's own collection always is there, the wanted one may not be.
    home = bpy.context.scene.collection
    target = collection or bpy.context.collection or home
    home.objects.link(armature)
    try:
        with context_restored() as layer:
            layer.objects.active = armature
            bpy.ops.object.mode_set(mode="EDIT")
            try:
                _add_edit_bones(data)
            finally:
                bpy.ops.object.mode_set(mode="OBJECT")
    except Exception:
        bpy.data.objects.remove(armature)
        bpy.data.armatures.remove(data)
        raise
    if target != home:
        target.objects.link(armature)
        home.objects.unlink(armature)
    for pose_bone in armature.pose.bones:
        side = pose_bone.name.split("_")[0]
        pose_bone.bone.color.palette = _COLORS.get(side, _MIDDLE_COLOR)
        pose_bone.rotation_mode = "QUATERNION"
    armature.show_in_front = True
    return armature


def _add_edit_bones(data: Any) -> None:
    heads, tails = to_blender(skeleton.rest_positions()), to_blender(bone_tails())
    for j, joint in enumerate(skeleton.JOINTS):
        bone = data.edit_bones.new(joint)
        bone.head, bone.tail = heads[j], tails[j]
        # The same for left and right, so that Blender can flip poses: bones bend
        # about their X axis, feet lie flat.
        bone.align_roll((0.0, 0.0, 1.0) if joint.endswith(("ankle", "foot")) else (0.0, -1.0, 0.0))
        parent = skeleton.PARENTS[j]
        if parent >= 0:
            bone.parent = data.edit_bones[skeleton.JOINTS[parent]]
            bone.use_connect = bool(np.allclose(heads[j], tails[parent]))
