"""The dance out of Blender: files of many formats, and baked to one key a frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, StringProperty
from bpy_extras.io_utils import ExportHelper

from ...core import errors, export_report, name_presets, retarget
from ...export import (
    baking,
    blender_files,
    clips as export_clips,
    core_files,
    engine_dancer,
    root_turn,
)
from ...export.clips import dancer
from ...export.settings import BODIES, OWN_BONES, ROOT_MOTION, TAKES
from ...rig import active, settings as rig_settings
from ...steps import Steps
from . import reports, running

Outcome = set[Any]
Written = list[tuple[Path, export_report.ExportReport]]
RATES = (
    ("SCENE", "Scene", "As many as the scene has frames"),
    ("24", "24", "24 a second"),
    ("25", "25", "25 a second"),
    ("30", "30", "30 a second"),
    ("60", "60", "60 a second"),
)
BVH_NAMES = (
    ("audio2pose", "Audio2Pose", "Our own names, arms out at rest"),
    ("mixamo", "Mixamo", "Mixamo's names, arms out at rest"),
    ("unreal", "Unreal", "The names of Unreal's mannequin, arms down by 45 degrees at rest"),
    ("unity", "Unity", "The names of Unity's humanoid, arms out at rest"),
    ("cmu", "CMU", "The names and bones of CMU's motion capture, arms out at rest"),
)


# --- operators ---


class _Export(running.RunsSteps, ExportHelper):
    """What the export operators share."""

    if TYPE_CHECKING:  # an annotation that runs would hide ExportHelper's own
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
            stem = bpy.path.clean_name(export_clips.name_of(armature))
            blend = bpy.data.filepath
            folder = Path(blend).parent if blend else Path.home()
            self.filepath = str(folder / f"{stem}{self.filename_ext}")
        return self.after_asking(ExportHelper.invoke(self, context, event))

    def work_steps(self, context: Any) -> Steps[str]:
        """Write."""
        path = Path(bpy.path.abspath(self.filepath))
        if not path.name:
            raise errors.OutputError("no file name; give one")
        path = path.with_suffix(self.filename_ext)
        written = yield from self._write_steps(context, dancer(context), path)
        for place, report in written:
            reports.tell(self, f"{place.name}: {report.line()}")
        return ""

    def _write_steps(self, context: Any, armature: Any, path: Path) -> Steps[Written]:
        raise NotImplementedError


def _takes() -> Any:
    return EnumProperty(name="Takes", description="Which dances are written", items=TAKES)


def _rate() -> Any:
    return EnumProperty(
        name="Frames per Second", description="How often the dance is sampled", items=RATES
    )


def _root_motion() -> Any:
    return EnumProperty(
        name="Root Motion", description="What travels over the floor", items=ROOT_MOTION
    )


def _body() -> Any:
    return EnumProperty(name="Body", description="Who dances in the file", items=BODIES)


def _fingers(armature: Any) -> float:
    """How much fingers do, by the dial of the character."""
    return rig_settings.follow_of(armature).fingers


class AUDIO2POSE_OT_export_bvh(_Export, bpy.types.Operator):
    """Save the dance as motion capture on Audio2Pose's own skeleton, from whatever rig it is on"""

    bl_idname = "audio2pose.export_bvh"
    bl_label = "Export Dance as BVH"
    filename_ext = ".bvh"

    filter_glob: StringProperty(default="*.bvh", options={"HIDDEN"})  # type: ignore[valid-type]
    rate: _rate()  # type: ignore[valid-type]
    takes: _takes()  # type: ignore[valid-type]
    names: EnumProperty(  # type: ignore[valid-type]
        name="Names", description="Whose names and rest pose the joints have", items=BVH_NAMES
    )

    def _write_steps(self, context: Any, armature: Any, path: Path) -> Steps[Written]:
        clips = yield from export_clips.clips_steps(context, armature, self.takes, self.rate)
        return (yield from core_files.write_steps(armature, path, clips, names=self.names))


class AUDIO2POSE_OT_export_vrma(_Export, bpy.types.Operator):
    """Save the dance for any VRM model, as VRM Animation"""

    bl_idname = "audio2pose.export_vrma"
    bl_label = "Export Dance as VRM Animation"
    filename_ext = ".vrma"

    filter_glob: StringProperty(default="*.vrma", options={"HIDDEN"})  # type: ignore[valid-type]
    rate: _rate()  # type: ignore[valid-type]
    takes: _takes()  # type: ignore[valid-type]

    def _write_steps(self, context: Any, armature: Any, path: Path) -> Steps[Written]:
        clips = yield from export_clips.clips_steps(context, armature, self.takes, self.rate)
        return (
            yield from core_files.write_steps(armature, path, clips, fingers=_fingers(armature))
        )


class AUDIO2POSE_OT_export_vmd(_Export, bpy.types.Operator):
    """Save the dance for MikuMikuDance's models, at 30 frames a second, legs on IK"""

    bl_idname = "audio2pose.export_vmd"
    bl_label = "Export Dance as VMD"
    filename_ext = ".vmd"

    filter_glob: StringProperty(default="*.vmd", options={"HIDDEN"})  # type: ignore[valid-type]
    takes: _takes()  # type: ignore[valid-type]

    def _write_steps(self, context: Any, armature: Any, path: Path) -> Steps[Written]:
        clips = yield from export_clips.clips_steps(context, armature, self.takes, "30")
        return (
            yield from core_files.write_steps(armature, path, clips, fingers=_fingers(armature))
        )


class AUDIO2POSE_OT_export_smpl(_Export, bpy.types.Operator):
    """Save the dance as SMPL poses at 60 frames a second, in the format of AIST++"""

    bl_idname = "audio2pose.export_smpl"
    bl_label = "Export Dance as AIST++ Motion"
    filename_ext = ".pkl"

    filter_glob: StringProperty(default="*.pkl", options={"HIDDEN"})  # type: ignore[valid-type]
    takes: _takes()  # type: ignore[valid-type]

    def _write_steps(self, context: Any, armature: Any, path: Path) -> Steps[Written]:
        clips = yield from export_clips.clips_steps(context, armature, self.takes, "60")
        return (yield from core_files.write_steps(armature, path, clips))


class _Scene(_Export):
    """Exporters of Blender's own."""

    kind = ""
    body = OWN_BONES
    root_motion = export_clips.AS_IT_IS
    takes = export_clips.CURRENT

    def _write_steps(self, context: Any, armature: Any, path: Path) -> Steps[Written]:
        clips = yield from export_clips.clips_steps(context, armature, self.takes)
        how = self.root_motion
        if self.body == OWN_BONES:
            carried = []
            for clip in clips:
                carried.append((yield from _travelling_steps(armature, clip, how)))
            clips = carried
            report = blender_files.write(context, armature, path, self.kind, clips, _word(how))
            return [(path, report)]
        preset = name_presets.preset_named(self.body)
        if how == export_clips.AS_IT_IS:
            # What engines want, where the names have a root bone.
            how = retarget.ROOT if preset.root else retarget.HIPS
        motions = []
        for clip in clips:
            motions.append((yield from clip.motion_steps(armature)))
        with engine_dancer.engine_dancer(context, clips, motions, preset, how) as (body, made):
            report = blender_files.write(context, body, path, self.kind, made, _word(how))
        return [(path, report)]


def _travelling_steps(armature: Any, clip: export_clips.Clip, how: str) -> Steps[export_clips.Clip]:
    """The clip with what travels over the floor."""
    if how != root_turn.TURNING:
        return (yield from export_clips.travelling_steps(armature, clip, how))
    motion = yield from clip.motion_steps(armature)
    carried = yield from export_clips.travelling_steps(armature, clip, retarget.ROOT)
    return root_turn.turned(armature, carried, motion)


def _word(root_motion: str) -> str:
    """What travels, for a report."""
    words = {retarget.HIPS: "hips", retarget.ROOT: "root bone", retarget.IN_PLACE: "in place"}
    words[root_turn.TURNING] = "root bone, which turns"
    return words.get(root_motion, "what it had")


class AUDIO2POSE_OT_export_fbx(_Scene, bpy.types.Operator):
    """Save the dancer with its meshes and the baked dance, by Blender's FBX exporter"""

    bl_idname = "audio2pose.export_fbx"
    bl_label = "Export Dance as FBX"
    filename_ext = ".fbx"
    kind = "fbx"

    filter_glob: StringProperty(default="*.fbx", options={"HIDDEN"})  # type: ignore[valid-type]
    body: _body()  # type: ignore[valid-type]
    root_motion: _root_motion()  # type: ignore[valid-type]
    takes: _takes()  # type: ignore[valid-type]


class AUDIO2POSE_OT_export_gltf(_Scene, bpy.types.Operator):
    """Save the dancer with its meshes and the baked dance, by Blender's glTF exporter"""

    bl_idname = "audio2pose.export_gltf"
    bl_label = "Export Dance as glTF"
    filename_ext = ".glb"
    kind = "gltf"

    filter_glob: StringProperty(default="*.glb", options={"HIDDEN"})  # type: ignore[valid-type]
    body: _body()  # type: ignore[valid-type]
    root_motion: _root_motion()  # type: ignore[valid-type]
    takes: _takes()  # type: ignore[valid-type]


class AUDIO2POSE_OT_export_usd(_Scene, bpy.types.Operator):
    """Save the dancer with its meshes and the baked dance, by Blender's USD exporter"""

    bl_idname = "audio2pose.export_usd"
    bl_label = "Export Dance as USD"
    filename_ext = ".usdc"
    kind = "usd"

    filter_glob: StringProperty(default="*.usdc", options={"HIDDEN"})  # type: ignore[valid-type]
    root_motion: _root_motion()  # type: ignore[valid-type]


class AUDIO2POSE_OT_bake(running.RunsSteps, bpy.types.Operator):
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

    def work_steps(self, context: Any) -> Steps[str]:
        """Bake."""
        action = yield from baking.bake_steps(context, dancer(context), self.rate)
        return f"Baked to {action.name}"


_CLASSES = (
    AUDIO2POSE_OT_export_bvh,
    AUDIO2POSE_OT_export_fbx,
    AUDIO2POSE_OT_export_gltf,
    AUDIO2POSE_OT_export_usd,
    AUDIO2POSE_OT_export_vrma,
    AUDIO2POSE_OT_export_vmd,
    AUDIO2POSE_OT_export_smpl,
    AUDIO2POSE_OT_bake,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
