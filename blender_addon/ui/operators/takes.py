"""What the buttons of the panel *Takes* do."""

from __future__ import annotations

from typing import Any, cast

import bpy
from bpy.props import BoolProperty, StringProperty

from ...core import errors
from ...edit import corrections, snap_ik
from ...generate import dance_task, follow_tempo, scene_params
from ...rig import active
from ...song import mark_record
from ...steps import Steps
from ...takes import ghost, metadata as take_metadata, store as take_store
from ..text import iface
from . import reports, running

Outcome = set[Any]


def can_act(cls: Any, context: Any) -> bool:
    """Whether there is a take to act on and no job running; says why not."""
    if not running.is_free(cls):
        return False
    armature = active.active_dancer(context)
    if armature is None or len(take_store.of(armature)) == 0:
        cls.poll_message_set("No takes yet; generate a dance first")
        return False
    return True


class TakeOperator(running.RunsSteps):
    """On one take of the dancer at hand: the named one, else the one chosen in the list.

    What cannot be done is one line of report, and nothing is changed.
    """

    bl_options: Any = {"REGISTER", "UNDO"}  # noqa: RUF012
    report: Any  # these two of bpy.types.Operator
    poll_message_set: Any

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Not without a take, nor while one is being made."""
        return can_act(cls, context)

    def work_steps(self, context: Any) -> Steps[str]:
        """Check, and act."""
        armature = active.active_dancer(context)
        dance_task.check_target(armature, context.scene)
        yield
        return (yield from self.act_steps(context, armature, self.chosen(armature)))

    def chosen(self, armature: Any) -> Any:
        """The take that is meant."""
        name = getattr(self, "take", "")
        if name:
            return take_store.find(armature, name)
        store = armature.audio2pose_takes
        if not 0 <= store.index < len(store.takes):
            raise errors.RigError("choose a take in the list")
        take = store.takes[store.index]
        if take.action is None:
            raise errors.RigError(f"the action of {take.name!r} was deleted; delete the take too")
        return take

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Do it; what to tell."""
        raise NotImplementedError

    def act_steps(self, context: Any, armature: Any, take: Any) -> Steps[str]:
        """The same in small steps, for what takes long."""
        yield from ()
        return self.act(context, armature, take)


def _named() -> Any:
    return StringProperty(name="Take", description="Empty is the one chosen in the list")


class AUDIO2POSE_OT_take_play(TakeOperator, bpy.types.Operator):
    """Dance this take; the one before stays on its muted NLA track"""

    bl_idname = "audio2pose.take_play"
    bl_label = "Play Take"
    take: _named()  # type: ignore[valid-type]

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Make it the armature's action."""
        take_store.play(armature, take)
        return f"{armature.name} dances {take.name}"


class AUDIO2POSE_OT_take_compare(TakeOperator, bpy.types.Operator):
    """Back to the take that was danced before this one; again to return"""

    bl_idname = "audio2pose.take_compare"
    bl_label = "Compare with Last Take"

    def chosen(self, armature: Any) -> Any:
        """The take before; where there is none yet, another one of the list."""
        return take_store.other(armature)

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Play it."""
        take_store.play(armature, take)
        return f"{armature.name} dances {take.name}"


class AUDIO2POSE_OT_take_beside(TakeOperator, bpy.types.Operator):
    """Show the chosen take, or the one before, on a copy beside the dancer; again to remove it"""

    bl_idname = "audio2pose.take_beside"
    bl_label = "Show Take Beside"
    take: _named()  # type: ignore[valid-type]

    def chosen(self, armature: Any) -> Any:
        """None where the copy is to go. Of the take that is played, the one before is shown."""
        if ghost.find(armature) is not None:
            return None
        take = super().chosen(armature)
        return take_store.other(armature) if take == take_store.current(armature) else take

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Add the copy, or remove it."""
        if take is None:
            ghost.remove(armature)
            return ""
        ghost.add(context.scene, armature, take)
        return f"{take.name} is shown beside {armature.name}"


class AUDIO2POSE_OT_follow_tempo(TakeOperator, bpy.types.Operator):
    """Stretch this take beat to beat to its song, whose tempo or beats changed, as a new take"""

    bl_idname = "audio2pose.follow_tempo"
    bl_label = "Follow Tempo"
    take: _named()  # type: ignore[valid-type]

    def act_steps(self, context: Any, armature: Any, take: Any) -> Steps[str]:
        """Stretch it."""
        name = take.name
        made, bpm = yield from follow_tempo.follow_steps(context, armature, take)
        return f"{made.name} is {name} at {bpm:.1f} BPM"


class AUDIO2POSE_OT_take_choose(TakeOperator, bpy.types.Operator):
    """Dance this one of the takes that are shown side by side, and take the copies away"""

    bl_idname = "audio2pose.take_choose"
    bl_label = "Choose Take"
    take: _named()  # type: ignore[valid-type]

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Play it alone."""
        ghost.remove(armature)
        take_store.play(armature, take)
        return f"{armature.name} dances {take.name}; the others stay in the list"


class AUDIO2POSE_OT_take_delete(TakeOperator, bpy.types.Operator):
    """Delete this take with its action; Undo brings it back"""

    bl_idname = "audio2pose.take_delete"
    bl_label = "Delete Take"
    menu_entries: Any = (("Delete Take", {}), ("Delete Others", {"others": True}))
    take: _named()  # type: ignore[valid-type]
    others: BoolProperty(  # type: ignore[valid-type]
        name="Others",
        description="Delete all takes but this one and those that are marked to be kept",
    )

    def invoke(self, context: Any, event: Any) -> Outcome:
        """Ask before many go; one that was deleted by mistake is easily made again."""
        if not self.others:
            return super().invoke(context, event)
        gone = len(self._others(active.active_dancer(context)))
        return cast(
            Outcome,
            context.window_manager.invoke_confirm(
                self,
                event,
                title=iface("Delete Others"),
                message=iface("{} takes are deleted; this one and those with a shield stay").format(
                    gone
                ),
                confirm_text=iface("Delete"),
                icon="WARNING",
            ),
        )

    def chosen(self, armature: Any) -> Any:
        """Also a take whose action is gone may be deleted."""
        store = armature.audio2pose_takes
        if not self.take and 0 <= store.index < len(store.takes):
            return store.takes[store.index]
        return super().chosen(armature)

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Delete one, or all the others; a copy that dances what goes would stand still."""
        ghost.remove(armature)
        if not self.others:
            name = take.name
            take_store.delete(armature, take)
            return f"{name} is deleted"
        names = self._others(armature)
        for each in names:
            take_store.delete(armature, next(t for t in take_store.of(armature) if t.name == each))
        return f"{len(names)} takes deleted"

    def _others(self, armature: Any) -> list[str]:
        """Names of the takes that *Delete Others* takes away."""
        name = self.chosen(armature).name
        return [t.name for t in take_store.of(armature) if t.name != name and not t.keep]


class AUDIO2POSE_OT_take_settings(TakeOperator, bpy.types.Operator):
    """Set style, seed and all the rest as they were for this take: Generate makes it again"""

    bl_idname = "audio2pose.take_settings"
    bl_label = "Load Take Settings"
    take: _named()  # type: ignore[valid-type]
    marks: BoolProperty(  # type: ignore[valid-type]
        name="Beats and Sections",
        description="Bring back the song's beats and sections too, as they were for this take",
        default=True,
    )

    def invoke(self, context: Any, event: Any) -> Outcome:
        """Ask before newer edits of beats and sections go."""
        if not self.marks or not self._drops_edits(context):
            return super().invoke(context, event)
        asked = context.window_manager.invoke_confirm(
            self,
            event,
            title=iface("Load Take Settings"),
            message=iface("The beats and sections that you edited become those of this take"),
            confirm_text=iface("Load Take Settings"),
        )
        return self.after_asking(asked)

    def _drops_edits(self, context: Any) -> bool:
        """Whether beats or sections were edited that this take does not have."""
        try:
            take = self.chosen(active.active_dancer(context))
            marks = take_metadata.read(take.action).params.marks
        except errors.Audio2PoseError:
            return False  # told when it is done
        return (
            marks is not None
            and mark_record.are_edited(context)
            and not mark_record.is_marked_so(context, marks)
        )

    def act_steps(self, context: Any, armature: Any, take: Any) -> Steps[str]:
        """Write the scene's settings."""
        metadata = take_metadata.read(take.action)
        trouble = yield from scene_params.restore_steps(context, metadata, self.marks)
        context.scene.audio2pose.target = armature
        if trouble:
            reports.warn(self, trouble)
        if metadata.made_from:
            made = metadata.made_from
            return f"{take.name} is {made}: Generate makes the whole dance of this seed"
        return f"The settings are those of {take.name}"


class AUDIO2POSE_OT_snap_ik(TakeOperator, bpy.types.Operator):
    """Key the legs' IK controls along the dance, on each beat, so that switching to IK is safe"""

    bl_idname = "audio2pose.snap_ik"
    bl_label = "Snap IK Controls"

    def chosen(self, armature: Any) -> Any:
        """The take that plays, since its keys are read."""
        take = take_store.current(armature)
        if take is None:
            raise errors.RigError(f"{armature.name!r} plays no take; play one of the list")
        return take

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Key them."""
        controls, frames = snap_ik.snap(armature, take)
        return f"{controls} IK controls follow {take.name}, with {frames} keys each"


class AUDIO2POSE_OT_corrections(TakeOperator, bpy.types.Operator):
    """Lay a layer on the take and open it: keys that you set, auto-keys too, are added to it"""

    bl_idname = "audio2pose.corrections"
    bl_label = "Add Corrections Layer"
    take: _named()  # type: ignore[valid-type]

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Make the layer, or open the one that is there."""
        action = corrections.open_layer(armature, take)
        return f"keys now go to {action.name!r}; Play Take or the NLA editor closes the layer"


_CLASSES = (
    AUDIO2POSE_OT_take_play,
    AUDIO2POSE_OT_take_compare,
    AUDIO2POSE_OT_take_beside,
    AUDIO2POSE_OT_follow_tempo,
    AUDIO2POSE_OT_take_choose,
    AUDIO2POSE_OT_take_delete,
    AUDIO2POSE_OT_take_settings,
    AUDIO2POSE_OT_snap_ik,
    AUDIO2POSE_OT_corrections,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
