"""Dance from a clip, and files of clips brought in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from ... import compat
from ...core import errors
from ...generate import from_clip
from ...generate.session import Generation
from ...keys import fcurves
from . import reports, running

Outcome = set[Any]
ENDINGS = (".bvh", ".fbx", ".glb", ".gltf")


class AUDIO2POSE_OT_from_clip(running.RunsTask, bpy.types.Operator):
    """Make a take that begins with the clip, on the dancer, and dances on to the song"""

    bl_idname = "audio2pose.from_clip"
    bl_label = "Dance from Clip"
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, not without a song and a clip."""
        if not (running.is_free(cls) and running.has_song(cls, context)):
            return False
        if context.scene.audio2pose_clip.source is None:
            cls.poll_message_set("Choose a clip, or import one")  # type: ignore[attr-defined]
            return False
        return True

    def begin(self, context: Any) -> Generation:
        """A dance that begins with the scene's clip."""
        return from_clip.begin(context)

    def told(self, task: Generation, written: Any) -> str:
        """Who dances, and how long."""
        return f"{written.name} dances {task.dance.report['seconds']:.1f} s from the clip on"


class AUDIO2POSE_OT_import_clip(bpy.types.Operator):
    """Bring a BVH, FBX or glTF file in by Blender's own importer and choose it as the clip"""

    bl_idname = "audio2pose.import_clip"
    bl_label = "Import Clip"
    bl_options = {"UNDO"}  # noqa: RUF012

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{ending}" for ending in ENDINGS), options={"HIDDEN"}
    )

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """Ask for a file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> Outcome:
        """Import it; its armature is the clip."""
        path = Path(bpy.path.abspath(self.filepath))
        try:
            armature = _imported(context, path)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        context.scene.audio2pose_clip.source = armature
        first, last = armature.animation_data.action.frame_range
        reports.tell(self, f"{path.name}: {round(last - first) + 1} frames on {armature.name}")
        return {"FINISHED"}


def _imported(context: Any, path: Path) -> Any:
    """The armature with an action that a file brings in.

    Raises RigError where it brings none; what came with it is taken away again.
    """
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise errors.RigError(f"{path.name}: a clip ends in {', '.join(ENDINGS)}")
    if not path.is_file():
        raise errors.RigError(f"clip not found: {path}")
    before = {thing.session_uid for thing in bpy.data.objects}
    try:
        theirs = _IMPORTERS[suffix](context.scene, str(path))
    except (RuntimeError, AttributeError) as error:
        line = (str(error).strip().splitlines() or ["no reason was given"])[-1]
        raise errors.RigError(f"{path.name} could not be imported: {line}") from error
    came = [thing for thing in bpy.data.objects if thing.session_uid not in before]
    found = [
        thing
        for thing in came
        if thing.type == "ARMATURE" and thing.animation_data and thing.animation_data.action
    ]
    if not found:
        for thing in came:
            bpy.data.objects.remove(thing)
        raise errors.RigError(f"{path.name} holds no armature with an animation")
    _stretch(found[0], compat.scene_fps(context.scene) / theirs)
    return found[0]


# Each returns the frames a second that the file's keys lie on; the scene's rate is as before.


def _bvh(scene: Any, path: str) -> float:
    bpy.ops.import_anim.bvh(
        filepath=path, frame_start=scene.frame_start, use_fps_scale=True, update_scene_fps=False
    )
    # The importer leaves fps_base out.
    return float(scene.render.fps)


def _fbx(scene: Any, path: str) -> float:
    # The importer gives the scene the file's frame rate.
    render = scene.render
    before = render.fps, render.fps_base
    try:
        bpy.ops.import_scene.fbx(filepath=path)
        return compat.scene_fps(scene)
    finally:
        render.fps, render.fps_base = before


def _gltf(scene: Any, path: str) -> float:
    # The importer takes frames to be seconds * fps * fps_base, where they are divided by it.
    bpy.ops.import_scene.gltf(filepath=path)
    return float(scene.render.fps * scene.render.fps_base)


_IMPORTERS = {".bvh": _bvh, ".fbx": _fbx, ".glb": _gltf, ".gltf": _gltf}


def _stretch(armature: Any, factor: float) -> None:
    """Keys ``factor`` times as far apart, from the first on."""
    if abs(factor - 1.0) < 1e-6:
        return
    curves = compat.fcurves_of(armature)
    first = min((c.range()[0] for c in curves), default=0.0)
    for curve in curves:
        points = fcurves.read(curve)
        for table in (points.co, points.left, points.right):
            table[:, 0] = first + (table[:, 0] - first) * factor
        fcurves.write(curve, points)


_CLASSES = (AUDIO2POSE_OT_from_clip, AUDIO2POSE_OT_import_clip)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
