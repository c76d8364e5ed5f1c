"""Generate Dance and Add Song."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import CollectionProperty, StringProperty

from ... import compat
from ...generate import dance_task, seeds, session
from ...generate.session import Generation
from ...song import placing, strips as song_strips
from ...steps import Steps
from ...takes import store as take_store
from .. import first_view
from . import running

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

    def shown(self, task: Generation, written: Any) -> None:
        """A new dancer comes into view."""
        first_view.after_dance(bpy.context, written, task.is_new)

    def told(self, task: Generation, written: Any) -> str:
        """Who dances, and how long."""
        if task.same:
            return (
                f"Nothing would change: {task.same} is this very dance; change the seed or another "
                "setting, or switch Random Seed on"
            )
        seconds, beats = task.dance.report["seconds"], task.dance.report["beats"]
        told = [f"{written.name} dances {seconds:.1f} s, {beats} beats", *task.done, *task.told]
        told.append(f"keys a second: {dance_task.key_rates(take_store.current(written).action)}")
        return "; ".join(told)


class AUDIO2POSE_OT_try_seeds(running.RunsTask, bpy.types.Operator):
    """Make three dances with three seeds and show them side by side, to choose one by eye"""

    bl_idname = "audio2pose.try_seeds"
    bl_label = "Try Three Seeds"
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, and not without a song."""
        return running.is_free(cls) and running.has_song(cls, context)

    def begin(self, context: Any) -> seeds.SeedTrials:
        """Three dances of the scene's settings."""
        return seeds.begin(context)

    def shown(self, task: seeds.SeedTrials, written: Any) -> None:
        """A new dancer comes into view."""
        first_view.after_dance(bpy.context, written, task.is_new)

    def told(self, task: seeds.SeedTrials, written: Any) -> str:
        """Which takes stand where, and how to choose."""
        playing = take_store.current(written).name
        told = [f"{written.name} dances {playing}", *task.done]
        return "; ".join([*told, "choose one in Takes"])


class AUDIO2POSE_OT_add_song(running.RunsSteps, bpy.types.Operator):
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

    def invoke(self, context: Any, event: Any) -> Outcome:
        """Ask for a file, unless one was dropped."""
        if self.filepath or self.files:
            return super().invoke(context, event)
        context.window_manager.fileselect_add(self)
        return self.after_asking({"RUNNING_MODAL"})

    def work_steps(self, context: Any) -> Steps[str]:
        """Add the strip, choose it, and make room for it in the scene."""
        path = Path(bpy.path.abspath(self.filepath))
        if not self.filepath and self.files:
            path = Path(self.directory) / self.files[0].name
        scene = context.scene
        seconds = song_strips.file_seconds(path)
        # Blender opens it once more.
        yield
        strip = placing.lay(scene, path)
        placing.fit_range(scene, scene.frame_start, seconds)
        placing.sync_to_sound(scene)
        scene.audio2pose.source, scene.audio2pose.strip = "STRIP", strip.name
        compat.show_in_sequencer(context, scene)
        first_view.show_range(context)
        return ""


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
    AUDIO2POSE_OT_try_seeds,
    AUDIO2POSE_OT_add_song,
    AUDIO2POSE_FH_song,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
