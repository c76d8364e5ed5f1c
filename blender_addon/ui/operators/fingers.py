"""Keys of fingers taken away from a take; the dance stays."""

from __future__ import annotations

from typing import Any

import bpy

from ... import compat
from ...core import errors
from ...edit import user_edits
from ...keys.data_path import bone_of_path
from ...rig import digits, retarget as rig_retarget
from .dancer_operator import DancerOperator


class AUDIO2POSE_OT_fingers_remove(DancerOperator):
    """Take the keys of the fingers away from the take that plays; they lie at rest, to be posed"""

    bl_idname = "audio2pose.fingers_remove"
    bl_label = "Remove Finger Keys"

    def work(self, armature: Any) -> str:
        """Remove the curves."""
        return f"Removed the keys of {remove(armature)} finger bones"


def remove(armature: Any) -> int:
    """Remove the curves of finger bones from the action that plays; of how many bones.

    Raises RigError where there are none.
    """
    bones = digits.finger_bones(rig_retarget.detect(armature).plan())
    bag = compat.channelbag_of(armature)
    curves = [] if bag is None else [c for c in bag.fcurves if bone_of_path(c.data_path) in bones]
    if not curves:
        raise errors.RigError(f"{armature.name!r} plays no keys of fingers")
    names = {bone_of_path(curve.data_path) for curve in curves}
    action = armature.animation_data.action
    baseline = user_edits.read_baseline(action) if action.audio2pose.baseline else {}
    gone = {(curve.data_path, curve.array_index) for curve in curves}
    for curve in curves:
        bag.fcurves.remove(curve)
    if baseline:
        user_edits.write_baseline(action, {k: p for k, p in baseline.items() if k not in gone})
    for name in names:
        pose_bone = armature.pose.bones[name]
        pose_bone.rotation_quaternion = (1.0, 0.0, 0.0, 0.0)
        pose_bone.rotation_euler = (0.0, 0.0, 0.0)
        pose_bone.rotation_axis_angle = (0.0, 0.0, 1.0, 0.0)
    armature.update_tag()
    return len(names)


register, unregister = bpy.utils.register_classes_factory((AUDIO2POSE_OT_fingers_remove,))
