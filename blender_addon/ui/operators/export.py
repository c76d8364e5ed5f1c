"""Out of Blender: the dance as BVH, FBX or glTF, and baked to one key a frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
from bpy.props import EnumProperty, StringProperty
from bpy_extras.io_utils import ExportHelper

from ... import compat
from ...core import bvh, errors, files
from ...keys import sampling, writer as key_writer
from ...rig import active, retarget as rig_retarget
from ...rig.channel import Curve
from ...rig.reader import moved_by
from . import reports

Outcome = set[Any]
RATES = (
    ("SCENE", "Scene", "As many as the scene has frames"),
    ("24", "24", "24 a second"),
    ("25", "25", "25 a second"),
    ("30", "30", "30 a second"),
    ("60", "60", "60 a second"),
)


# --- who dances ---


def dancer(context: Any) -> Any:
    """The armature that is meant, see ``rig.active``.

    Raises RigError with one clear line where there is none, or where it cannot be read.
    """
    armature = active.active_dancer(context)
    if armature is None:
        raise errors.RigError("no dancer: select an armature that dances, or generate a dance")
    if armature.name not in context.scene.objects:
        raise errors.RigError(f"{armature.name!r} is not in scene {context.scene.name!r}")
    if armature.mode == "EDIT":
        raise errors.RigError(f"{armature.name!r} is in Edit Mode; leave it first (Tab)")
    if not armature.data.bones:
        raise errors.RigError(f"armature {armature.name!r} has no bones; choose another")
    sampling.frame_range(armature)
    return armature


def sample_frames(armature: Any, scene: Any, rate: str) -> tuple[np.ndarray, float]:
    """Frames (n,) over the dance, and how many a second; "SCENE" is one a scene frame."""
    first, last = sampling.frame_range(armature)
    fps = compat.scene_fps(scene)
    wanted = fps if rate == "SCENE" else float(rate)
    count = int(np.floor((last - first) / fps * wanted + 1e-6)) + 1
    return first + np.arange(count) * (fps / wanted), wanted


# --- files ---


def write_bvh(context: Any, armature: Any, path: Path, rate: str = "SCENE") -> int:
    """The dance on Audio2Pose's own skeleton, from whatever rig it is on; frames written."""
    frames, wanted = sample_frames(armature, context.scene, rate)
    curves = sampling.sample(armature, context.scene, frames)
    bvh.save_bvh(path, rig_retarget.read_motion(armature, frames, wanted, curves))
    return len(frames)


def write_with_blender(context: Any, armature: Any, path: Path, kind: str) -> int:
    """The armature and its meshes by Blender's own exporter ("fbx" or "gltf"); frames written."""
    title = {"fbx": "FBX", "gltf": "glTF 2.0"}[kind]
    if not hasattr(bpy.types, f"EXPORT_SCENE_OT_{kind}"):
        raise errors.OutputError(
            f"Blender's {title} exporter is off; enable {title} format in Preferences, Add-ons"
        )
    if not armature.visible_get():
        raise errors.RigError(f"armature {armature.name!r} is hidden; show it to export it")
    scene = context.scene
    first, last = sampling.frame_range(armature)
    frame = sampling.restored_frame(scene)
    with files.whole_file(path) as temporary, frame, _only(context, armature):
        scene.frame_start = max(0, first)
        scene.frame_end = max(scene.frame_start, last)
        try:
            _EXPORTERS[kind](str(temporary))
        except RuntimeError as error:
            line = str(error).strip().splitlines()[-1]
            raise errors.OutputError(f"Blender's {title} exporter failed: {line}") from error
    return last - max(0, first) + 1


def _fbx(path: str) -> None:
    bpy.ops.export_scene.fbx(
        filepath=path,
        check_existing=False,
        use_selection=True,
        object_types={"ARMATURE", "MESH"},
        add_leaf_bones=False,
        bake_anim=True,
        bake_anim_use_nla_strips=False,
        bake_anim_use_all_actions=False,
        # Zero: every frame as it is, no key left out.
        bake_anim_simplify_factor=0.0,
    )


def _gltf(path: str) -> None:
    bpy.ops.export_scene.gltf(
        filepath=path,
        check_existing=False,
        export_format="GLB",
        use_selection=True,
        export_animations=True,
        # The scene as it plays: with NLA layers, and without older takes.
        export_animation_mode="SCENE",
        export_force_sampling=True,
        export_frame_range=True,
    )


_EXPORTERS = {"fbx": _fbx, "gltf": _gltf}


@contextmanager
def _only(context: Any, armature: Any) -> Iterator[None]:
    """Only the armature and its meshes are selected; put back at the end."""
    view_layer = context.view_layer
    before, in_front = list(view_layer.objects.selected), view_layer.objects.active
    mode: Any = "OBJECT" if in_front is None else in_front.mode
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        for thing in before:
            thing.select_set(False)
        for thing in (armature, *_meshes(armature, view_layer)):
            thing.select_set(True)
        view_layer.objects.active = armature
        yield
    finally:
        for thing in list(view_layer.objects.selected):
            thing.select_set(False)
        for thing in before:
            thing.select_set(True)
        view_layer.objects.active = in_front
        if mode != "OBJECT":
            bpy.ops.object.mode_set(mode=mode)


def _meshes(armature: Any, view_layer: Any) -> list[Any]:
    """Meshes that the armature moves."""
    moved = moved_by(armature, view_layer.objects)
    return [thing for thing in moved if thing.type == "MESH" and thing.visible_get()]


# --- baking ---


def bake(context: Any, armature: Any, rate: str = "SCENE") -> Any:
    """One key a frame on every channel that the dance drives, NLA layers added in.

    A new action; the one before stays in the file, and the layers that are now
    part of it are muted. Returns the action.
    """
    if not armature.is_editable:
        raise errors.RigError(
            f"armature {armature.name!r} is linked from another file; "
            "make a library override of it first"
        )
    frames, _ = sample_frames(armature, context.scene, rate)
    sampled = sampling.sample(armature, context.scene, frames)
    animation = armature.animation_data
    old = animation.action
    curves = [Curve(s.data_path, s.array_index, s.group, frames, s.values) for s in sampled]
    playing = sampling.playing_tracks(armature)
    action = key_writer.write_action(
        armature, curves, f"{armature.name if old is None else old.name} Baked"
    )
    if old is not None:
        for marker in old.pose_markers:
            action.pose_markers.new(marker.name).frame = marker.frame
    for track in playing:
        track.mute = True
    return action


# --- operators ---


class _Export(ExportHelper):
    """What the export operators share."""

    if TYPE_CHECKING:  # an annotation that runs would hide ExportHelper's own
        report: Any
        filepath: Any
    filename_ext = ""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where somebody dances."""
        if active.active_dancer(context) is None:
            cls.poll_message_set(  # type: ignore[attr-defined]
                "Select an armature that dances, or generate a dance"
            )
            return False
        return True

    def invoke(self, context: Any, event: Any) -> Outcome:
        """Suggest the action's name."""
        try:
            armature = dancer(context)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        if not self.filepath:
            action = armature.animation_data.action
            stem = bpy.path.clean_name(armature.name if action is None else action.name)
            blend = bpy.data.filepath
            folder = Path(blend).parent if blend else Path.home()
            self.filepath = str(folder / f"{stem}{self.filename_ext}")
        return super().invoke(context, event)

    def execute(self, context: Any) -> Outcome:
        """Write, or say why not."""
        path = Path(bpy.path.abspath(self.filepath))
        try:
            if not path.name:
                raise errors.OutputError("no file name; give one")
            path = path.with_suffix(self.filename_ext)
            count = self._write(context, dancer(context), path)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, f"{path.name}: {count} frames")
        return {"FINISHED"}

    def _write(self, context: Any, armature: Any, path: Path) -> int:
        raise NotImplementedError


class AUDIO2POSE_OT_export_bvh(_Export, bpy.types.Operator):
    """Save the dance as motion capture on Audio2Pose's own skeleton, from whatever rig it is on"""

    bl_idname = "audio2pose.export_bvh"
    bl_label = "Export Dance as BVH"
    filename_ext = ".bvh"

    filter_glob: StringProperty(default="*.bvh", options={"HIDDEN"})  # type: ignore[valid-type]
    rate: EnumProperty(  # type: ignore[valid-type]
        name="Frames per Second", description="How often the dance is sampled", items=RATES
    )

    def _write(self, context: Any, armature: Any, path: Path) -> int:
        return write_bvh(context, armature, path, self.rate)


class AUDIO2POSE_OT_export_fbx(_Export, bpy.types.Operator):
    """Save the dancer with its meshes and the baked dance, by Blender's FBX exporter"""

    bl_idname = "audio2pose.export_fbx"
    bl_label = "Export Dance as FBX"
    filename_ext = ".fbx"

    filter_glob: StringProperty(default="*.fbx", options={"HIDDEN"})  # type: ignore[valid-type]

    def _write(self, context: Any, armature: Any, path: Path) -> int:
        return write_with_blender(context, armature, path, "fbx")


class AUDIO2POSE_OT_export_gltf(_Export, bpy.types.Operator):
    """Save the dancer with its meshes and the baked dance, by Blender's glTF exporter"""

    bl_idname = "audio2pose.export_gltf"
    bl_label = "Export Dance as glTF"
    filename_ext = ".glb"

    filter_glob: StringProperty(default="*.glb", options={"HIDDEN"})  # type: ignore[valid-type]

    def _write(self, context: Any, armature: Any, path: Path) -> int:
        return write_with_blender(context, armature, path, "gltf")


class AUDIO2POSE_OT_bake(bpy.types.Operator):
    """Write one key a frame on every control that dances, with NLA layers added in"""

    bl_idname = "audio2pose.bake"
    bl_label = "Bake Dance to Controls"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    rate: EnumProperty(  # type: ignore[valid-type]
        name="Keys per Second", description="How many keys a second", items=RATES
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where somebody dances."""
        return bool(_Export.poll.__func__(cls, context))  # type: ignore[attr-defined]

    def execute(self, context: Any) -> Outcome:
        """Bake, or say why not."""
        try:
            action = bake(context, dancer(context), self.rate)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, f"Baked to {action.name}")
        return {"FINISHED"}


_CLASSES = (
    AUDIO2POSE_OT_export_bvh,
    AUDIO2POSE_OT_export_fbx,
    AUDIO2POSE_OT_export_gltf,
    AUDIO2POSE_OT_bake,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
