"""Our mannequin by a game engine's bone names, for as long as it is exported.

It is built in centimetres, as Unreal, Unity and Mixamo keep their files, so that no bone and no
object carries a scale. The root bone lies on the floor and points to the front.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..core import motion as core_motion, name_presets, retarget, rotations as rot, skeleton
from ..figure import mannequin
from ..keys import data_path, writer as key_writer
from ..keys.sampling import Sampled
from ..rig import own_armature
from .clips import Clip
from .root_turn import TURNING, headings

CENTIMETRES = 100.0
OBJECT = "Armature"
"""What the object is called: Unreal's importer leaves a node of this name out of the skeleton."""
_ROOT = "root"


@contextmanager
def engine_dancer(
    context: Any,
    clips: Sequence[Clip],
    motions: Sequence[core_motion.Motion],
    preset: name_presets.NamePreset,
    root_motion: str,
) -> Iterator[tuple[Any, list[Clip]]]:
    """Yield a mannequin with the preset's bones and the clips on them; take it away again.

    ``root_motion`` is one of ``retarget.ROOT_MOTION`` or ``root_turn.TURNING``: with ``ROOT`` a
    root bone carries the way over the floor, and there is one whatever the preset says.
    """
    units = context.scene.unit_settings
    scale_before = units.scale_length
    # Another object of that name steps aside for a while.
    other: Any = bpy.data.objects.get(OBJECT)
    if other is not None:
        other.name = f"{OBJECT}~"
    armature = mannequin.create_dancer(OBJECT, context.scene.collection)
    body = armature.children[0]
    body.name = "Mannequin"
    try:
        made = [_clip(armature, *pair, root_motion) for pair in zip(clips, motions, strict=True)]
        _enlarge(armature, body)
        root = preset.root or (_ROOT if root_motion in (retarget.ROOT, TURNING) else "")
        if root:
            _add_root(armature, root)
        renamed = _rename(armature, preset)
        units.scale_length = 1.0 / CENTIMETRES
        yield armature, [_renamed(clip, renamed, root) for clip in made]
    finally:
        units.scale_length = scale_before
        data, mesh = armature.data, body.data
        materials = [m for m in mesh.materials if m is not None]
        bpy.data.objects.remove(body)
        bpy.data.objects.remove(armature)
        bpy.data.armatures.remove(data)
        bpy.data.meshes.remove(mesh)
        for material in materials:
            if material.users == 0:
                bpy.data.materials.remove(material)
        if other is not None:
            other.name = OBJECT


def _clip(armature: Any, clip: Clip, motion: core_motion.Motion, root_motion: str) -> Clip:
    """The clip on our own bones in metres; the root's way is under the name ``_ROOT``."""
    way = (motion.root - motion.root[0]) * np.array([1.0, 0.0, 1.0])
    start = motion.root[0] * np.array([1.0, 0.0, 1.0])
    stays = root_motion in (retarget.HIPS, retarget.OBJECT)
    standing = motion if stays else replace(motion, root=motion.root - (way + start))
    heading = np.zeros(len(motion))
    if root_motion == TURNING:
        heading = headings(motion, clip.loop)
        back = rot.from_yaw(-heading)
        quats = standing.rotations.copy()
        quats[:, 0] = rot.multiply(back, quats[:, 0])
        standing = replace(standing, root=rot.rotate(back, standing.root), rotations=quats)
    frames = np.arange(len(motion), dtype=float)
    channels = key_writer.motion_channels(armature, standing, frames, 0.0, motion.fps)
    curves = [Sampled(c.data_path, c.index, frames, c.values) for c in channels]
    if root_motion in (retarget.ROOT, TURNING):
        # The bone points to the front and its Z axis up: its channels are (right, front, up).
        place = (way + start)[:, [0, 2, 1]] * np.array([-1.0, 1.0, 1.0])
        path = f'pose.bones["{_ROOT}"].location'
        curves += [Sampled(path, i, frames, place[:, i]) for i in range(3)]
    if root_motion == TURNING:
        about = rot.from_axis_angle(heading[:, None] * np.array([0.0, 0.0, 1.0]))
        path = f'pose.bones["{_ROOT}"].rotation_quaternion'
        curves += [Sampled(path, i, frames, rot.continuous(about)[:, i]) for i in range(4)]
    return replace(clip, frames=frames, curves=curves)


def _enlarge(armature: Any, body: Any) -> None:
    matrix = Matrix.Scale(CENTIMETRES, 4)
    armature.data.transform(matrix)
    body.data.transform(matrix)


def _add_root(armature: Any, name: str) -> None:
    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        bones = armature.data.edit_bones
        root = bones.new(name)
        # It lies on the floor: a root that pointed to the pelvis would be connected to it by
        # Blender's importer, and a connected bone cannot rise and sink.
        root.head, root.tail = (0.0, 0.0, 0.0), (0.0, -0.3 * CENTIMETRES, 0.0)
        root.align_roll((0.0, 0.0, 1.0))
        root.use_deform = False
        bones["pelvis"].parent = root
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.pose.bones[name].rotation_mode = "QUATERNION"


def _rename(armature: Any, preset: name_presets.NamePreset) -> dict[str, str]:
    """Rename the bones, and with them the groups of the body; old name -> new."""
    for joint in skeleton.JOINTS:
        armature.data.bones[joint].name = f"~{joint}"
    for joint in skeleton.JOINTS:
        armature.data.bones[f"~{joint}"].name = preset.names[joint]
    return dict(preset.names)


def _renamed(clip: Clip, names: dict[str, str], root: str) -> Clip:
    """The clip in centimetres on the renamed bones."""
    curves = []
    for curve in clip.curves:
        bone, channel = data_path.bone_and_property(curve.data_path)
        name = bpy.utils.escape_identifier(names.get(bone, root))
        factor = CENTIMETRES if channel == "location" else 1.0
        path = f'pose.bones["{name}"].{channel}'
        curves.append(Sampled(path, curve.array_index, curve.frames, curve.values * factor))
    return replace(clip, curves=curves)
