"""Make Loop, Save as Move, Use Move Here, Copy Move to Library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty

from ...core import errors
from ...generate import loop, use_move
from ...generate.loop import LoopMaking
from ...generate.regenerate import Regeneration
from ...moves import asset, start_set
from ...steps import Steps
from ...takes import store as take_store
from . import reports, running
from .takes import can_act

Outcome = set[Any]
LIBRARY_FOLDER = "Audio2Pose moves"
_names: list[tuple[str, str, str]] = []


def _seed() -> Any:
    return IntProperty(
        name="Seed", description="-1 draws a new one", default=-1, min=-1, options={"SKIP_SAVE"}
    )


class AUDIO2POSE_OT_make_loop(running.RunsTask, bpy.types.Operator):
    """Make a seamless loop of the chosen bars, as a new take that goes round for ever"""

    bl_idname = "audio2pose.make_loop"
    bl_label = "Make Dance Loop"
    bl_options = {"UNDO"}  # noqa: RUF012
    seed: _seed()  # type: ignore[valid-type]

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time; not without a take or a song."""
        if context.scene.audio2pose_moves.loop_of == "TAKE":
            return can_act(cls, context)
        return running.is_free(cls) and running.has_song(cls, context)

    def begin_steps(self, context: Any) -> Steps[LoopMaking]:
        """The loop, not yet started."""
        return loop.begin_steps(context, None if self.seed < 0 else self.seed)

    def told(self, task: LoopMaking, written: Any) -> str:
        """Which take it is, of what, and how long a cycle lasts."""
        frames = float(task.at[-1] - task.at[0])
        seam = task.dance.report["loop"]["seam_step"]
        return (
            f"{take_store.current(written).name}: {task.words}, {frames:.5g} frames a cycle; "
            f"the step at its seam is {seam:.2f} of the largest elsewhere"
        )


class AUDIO2POSE_OT_save_move(running.RunsSteps, bpy.types.Operator):
    """Save the chosen bars of this take as a move in the Asset Browser"""

    bl_idname = "audio2pose.save_move"
    bl_label = "Save as Dance Move"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Not without a take."""
        return can_act(cls, context)

    def work_steps(self, context: Any) -> Steps[str]:
        """Save it."""
        action = yield from use_move.save_steps(context)
        move = asset.read(action)
        context.scene.audio2pose_moves.move = action
        return (
            f"Move {action.name} saved: {move.bars} bars, {move.seconds:.2f} s; see the "
            "Asset Browser, Current File"
        )


class AUDIO2POSE_OT_use_move(running.RunsTask, bpy.types.Operator):
    """Lay a move into this take at the playhead; the network dances into and out of it"""

    bl_idname = "audio2pose.use_move"
    bl_label = "Use Dance Move Here"
    bl_options = {"UNDO"}  # noqa: RUF012
    seed: _seed()  # type: ignore[valid-type]
    from_asset: BoolProperty(  # type: ignore[valid-type]
        name="From Asset Browser", options={"HIDDEN", "SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, and not without a take."""
        return can_act(cls, context)

    def begin_steps(self, context: Any) -> Steps[Regeneration]:
        """The take with the move in it, not yet started."""
        action = context.scene.audio2pose_moves.move
        if self.from_asset:
            action = asset.of_asset(getattr(context, "asset", None))
            context.scene.audio2pose_moves.move = action
        if action is None:
            raise errors.OptionError("choose a move first, or save one with Save as Move")
        return use_move.begin_steps(context, action, None if self.seed < 0 else self.seed)

    def told(self, task: Regeneration, written: Any) -> str:
        """Which take it is, and with which move."""
        return f"{take_store.current(written).name}: {task.region.words}"


def _libraries(_operator: Any, context: Any) -> list[tuple[str, str, str]]:
    found = context.preferences.filepaths.asset_libraries if context is not None else []
    # Blender keeps no copy of these texts: somebody has to hold them.
    _names[:] = [(library.name, library.name, library.path) for library in found]
    return _names


class AUDIO2POSE_OT_move_to_library(bpy.types.Operator):
    """Write the chosen move into an asset library, so that every file can use it"""

    bl_idname = "audio2pose.move_to_library"
    bl_label = "Copy Dance Move to Library"
    bl_options = {"REGISTER"}  # noqa: RUF012
    library: EnumProperty(  # type: ignore[valid-type]
        name="Library",
        description="One of the asset libraries of the preferences",
        items=_libraries,
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Not without a move and a library."""
        if not asset.is_move(context.scene.audio2pose_moves.move):
            cls.poll_message_set("Choose a move first, or save one with Save as Move")
            return False
        if len(context.preferences.filepaths.asset_libraries) == 0:
            cls.poll_message_set("Add an asset library in the preferences, File Paths")
            return False
        return True

    def invoke(self, context: Any, _event: Any) -> Outcome:
        """Ask for the library."""
        return set(context.window_manager.invoke_props_dialog(self))

    def execute(self, context: Any) -> Outcome:
        """Write the file, or say why not."""
        libraries = context.preferences.filepaths.asset_libraries
        action = context.scene.audio2pose_moves.move
        try:
            file = asset.write(action, Path(libraries[self.library].path) / LIBRARY_FOLDER)
        except (errors.Audio2PoseError, KeyError) as error:
            return reports.refuse(self, error)
        reports.tell(self, f"Move {action.name} written to {file}")
        return {"FINISHED"}


class AUDIO2POSE_OT_add_start_moves(bpy.types.Operator):
    """Add the moves that come with Audio2Pose to the asset libraries of the preferences"""

    bl_idname = "audio2pose.add_start_moves"
    bl_label = "Add Dance Moves Library"
    bl_options = {"REGISTER"}  # noqa: RUF012

    def execute(self, context: Any) -> Outcome:
        """Add the folder, or say why not."""
        try:
            new = start_set.add(context.preferences)
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        said = "is in the Asset Browser now" if new else "is in the Asset Browser already"
        reports.tell(self, f"The library {start_set.NAME} {said}")
        return {"FINISHED"}


_CLASSES = (
    AUDIO2POSE_OT_make_loop,
    AUDIO2POSE_OT_save_move,
    AUDIO2POSE_OT_use_move,
    AUDIO2POSE_OT_move_to_library,
    AUDIO2POSE_OT_add_start_moves,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
