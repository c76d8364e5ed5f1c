"""Generate Dance and Add Song."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
from bpy.props import CollectionProperty, StringProperty

from ... import compat
from ...core import errors
from ...generate import session
from ...generate.session import Generation
from ...song import strips as song_strips
from . import reports, running

Outcome = set[Any]


class AUDIO2POSE_OT_generate(running.RunsTask, bpy.types.Operator):
    """Make a dance to the song and write it as keys on the dancer"""

    bl_idname = "audio2pose.generate"
    bl_label = "Generate Dance"
    # UNDO, and no REGISTER: a changed value in the redo panel would mean a whole new dance.
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, and not without a song."""
        return running.is_free(cls) and running.has_song(cls, context)

    def begin(self, context: Any) -> Generation:
        """A dance of the scene's settings."""
        return session.begin(context)

    def told(self, task: Generation, written: Any) -> str:
        """Who dances, and how long."""
        seconds, beats = task.dance.report["seconds"], task.dance.report["beats"]
        return f"{written.name} dances {seconds:.1f} s, {beats} beats"


class AUDIO2POSE_OT_add_song(bpy.types.Operator):
    """Add a song to the sequencer at the scene's first frame, to dance to it"""

    bl_idname = "audio2pose.add_song"
    bl_label = "Add Song"
    bl_options = {"UNDO"}  # noqa: RUF012

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{extension}" for extension in song_strips.EXTENSIONS),
        options={"HIDDEN"},
    )
    # A file dropped on the 3D view comes as directory and files.
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})  # type: ignore[valid-type]
    files: CollectionProperty(  # type: ignore[valid-type]
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """Ask for a file, unless one was dropped."""
        if self.filepath or self.files:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> Outcome:
        """Add the strip, choose it, and make room for it in the scene."""
        path = Path(bpy.path.abspath(self.filepath))
        if not self.filepath and self.files:
            path = Path(self.directory) / self.files[0].name
        scene = context.scene
        try:
            seconds = song_strips.file_seconds(path)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        strip = compat.add_sound(scene, str(path), path.name, scene.frame_start)
        end = scene.frame_start + math.ceil(seconds * compat.scene_fps(scene)) - 1
        scene.frame_end = max(scene.frame_end, end)
        # A dance is looked at with its song: drop frames rather than fall behind.
        scene.sync_mode = "AUDIO_SYNC"
        scene.audio2pose.source, scene.audio2pose.strip = "STRIP", strip.name
        compat.show_in_sequencer(context, scene)
        return {"FINISHED"}


class AUDIO2POSE_FH_song(bpy.types.FileHandler):
    """A song dropped on the 3D view is added to the sequencer."""

    bl_idname = "AUDIO2POSE_FH_song"
    bl_label = "Song to dance to"
    bl_import_operator = AUDIO2POSE_OT_add_song.bl_idname
    bl_file_extensions = ";".join(song_strips.EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: Any) -> bool:
        """Only on the 3D view."""
        return context.area is not None and context.area.type == "VIEW_3D"


_CLASSES = (
    AUDIO2POSE_OT_generate,
    AUDIO2POSE_OT_add_song,
    AUDIO2POSE_FH_song,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
