"""Regenerate, Lock and Unlock, and which keys were changed by hand."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from bpy.props import EnumProperty, IntProperty

from ... import compat
from ...core import errors
from ...edit import bars as edit_bars, easing, locks, user_edits
from ...edit.locks import Lock
from ...generate import dance_task, playing, regenerate
from ...keys import fcurves, writer as key_writer
from ...keys.data_path import bone_of_path
from ...song import beats, marking, sections
from ...steps import Steps
from ...takes import metadata as take_metadata, store as take_store
from . import running
from .takes import TakeOperator, can_act

Outcome = set[Any]
WHAT = (
    ("KEYS", "Selected Keys", "The keys that are selected in the Dope Sheet or the Graph Editor"),
    ("BONES", "Selected Bones", "The selected bones over the whole take"),
    ("RANGE", "Preview Range", "All bones in the preview range"),
    ("BARS", "Bars", "All bones in the bars that are set for Regenerate"),
)


class AUDIO2POSE_OT_regenerate(running.RunsTask, bpy.types.Operator):
    """Generate the chosen bars, or bones, again as a new take; your own keys stay"""

    bl_idname = "audio2pose.regenerate"
    bl_label = "Regenerate Dance"
    bl_options = {"UNDO"}  # noqa: RUF012

    seed: IntProperty(  # type: ignore[valid-type]
        name="Seed", description="-1 draws a new one", default=-1, min=-1, options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One job at a time, and not without a take."""
        return can_act(cls, context)

    part: EnumProperty(  # type: ignore[valid-type]
        name="Which Bars",
        description="What is regenerated; the bars in the panel Regenerate become that",
        items=(
            ("CHOSEN", "As Set", "What the panel Regenerate says"),
            ("AUTO", "Preview Range or Playhead", "The preview range, else from the playhead on"),
            ("SECTION", "Active Section", "The section that is active in the list"),
        ),
        options={"SKIP_SAVE"},
    )

    def begin_steps(self, context: Any) -> Steps[regenerate.Regeneration]:
        """The regeneration, not yet started."""
        chosen = context.scene.audio2pose_edit
        before = {name: getattr(chosen, name) for name in _BARS}
        try:
            if self.part != "CHOSEN":
                source = self.part
                if source == "AUTO":
                    source = "PREVIEW" if context.scene.use_preview_range else "ONWARDS"
                _, take, _ = playing.played(context)
                _pick(context, take, source)
            return (
                yield from regenerate.begin_steps(context, None if self.seed < 0 else self.seed)
            )
        except errors.Audio2PoseError:
            for name, value in before.items():
                setattr(chosen, name, value)
            raise

    def told(self, task: regenerate.Regeneration, written: Any) -> str:
        """Which take it is, and of what."""
        take = take_store.current(written)
        rates = dance_task.key_rates(take.action)
        return f"{take.name}: {task.region.words} regenerated; keys a second: {rates}"


class KeyOperator(TakeOperator):
    """On the take that is played, whatever is chosen in the list."""

    def chosen(self, armature: Any) -> Any:
        """The current take."""
        take = take_store.current(armature)
        if take is None:
            raise errors.RigError(f"{armature.name!r} plays no take; play one of the list")
        return take


class AUDIO2POSE_OT_pick_bars(KeyOperator, bpy.types.Operator):
    """Set the bars to regenerate from the playhead, the selected markers or the preview range"""

    bl_idname = "audio2pose.pick_bars"
    bl_label = "Pick Bars"
    source: EnumProperty(  # type: ignore[valid-type]
        name="From",
        items=(
            ("PLAYHEAD", "Playhead", "The bar that the playhead is in"),
            ("ONWARDS", "From Playhead On", "From the playhead's bar to the end of the take"),
            ("MARKERS", "Selected Markers", "From the first to the last selected marker"),
            ("PREVIEW", "Preview Range", "The bars that the preview range touches"),
            ("SECTION", "Active Section", "The section that is active in the list"),
        ),
    )

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Write them into the settings."""
        first, last = _pick(context, take, self.source)
        return f"Bars {first} to {last} are chosen"


class AUDIO2POSE_OT_ease_edits(KeyOperator, bpy.types.Operator):
    """Let keys that you changed draw their neighbours along, and lock what was eased"""

    bl_idname = "audio2pose.ease_edits"
    bl_label = "Ease My Keys"

    def act_steps(self, context: Any, armature: Any, take: Any) -> Steps[str]:
        """Ease them over as many beats as the settings say."""
        beats = context.scene.audio2pose_edit.ease_beats
        count, more = yield from easing.ease_steps(take.action, beats)
        if count == 0:
            raise errors.OptionError(
                "no key was changed by hand that is not locked; change one, or unlock it"
            )
        armature.update_tag()
        return f"{count} keys eased over {beats:g} beats, {len(more)} stretches locked"


class AUDIO2POSE_OT_lock(KeyOperator, bpy.types.Operator):
    """Lock keys, bones or a range: Regenerate leaves them as they are"""

    bl_idname = "audio2pose.lock"
    bl_label = "Lock Dance"
    what: EnumProperty(name="What", items=WHAT)  # type: ignore[valid-type]

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Add the locks."""
        more = _meant(context, armature, take, self.what)
        locks.write(take.action, locks.added(locks.read(take.action), more))
        return f"{len(more)} locked: Regenerate leaves them as they are"


class AUDIO2POSE_OT_unlock(KeyOperator, bpy.types.Operator):
    """Unlock keys, bones, a range, or everything"""

    bl_idname = "audio2pose.unlock"
    bl_label = "Unlock Dance"
    what: EnumProperty(  # type: ignore[valid-type]
        name="What",
        items=(
            *WHAT,
            ("ROW", "Chosen Row", "The lock that is chosen in the list"),
            ("ALL", "Everything", "All locks of this take"),
        ),
    )

    def act(self, context: Any, armature: Any, take: Any) -> str:
        """Take the locks away."""
        now = locks.read(take.action)
        if self.what == "ALL":
            left: list[Lock] = []
        elif self.what == "ROW":
            row = take.action.audio2pose.lock_index
            if not 0 <= row < len(now):
                raise errors.OptionError("choose a lock in the list")
            left = [lock for i, lock in enumerate(now) if i != row]
        else:
            bones = sorted({bone_of_path(path) for path, _ in user_edits.curves_of(take.action)})
            left = locks.removed(now, _meant(context, armature, take, self.what), bones)
        locks.write(take.action, left)
        return f"{len(now)} locks before, {len(left)} now"


class AUDIO2POSE_OT_select_edited(KeyOperator, bpy.types.Operator):
    """Select the keys that were changed or added by hand since the take was made"""

    bl_idname = "audio2pose.select_edited"
    bl_label = "Select My Keys"

    def act_steps(self, context: Any, armature: Any, take: Any) -> Steps[str]:
        """Select them, and nothing else, and count them."""
        found = yield from user_edits.of_steps(take.action)
        for key, curve in user_edits.curves_of(take.action).items():
            yield
            mine = found.get(key)
            wanted = np.zeros(0) if mine is None else np.concatenate([mine.changed, mine.added])
            chosen = fcurves.on_frames(fcurves.read(curve).frames, wanted)
            for part in ("select_control_point", "select_left_handle", "select_right_handle"):
                curve.keyframe_points.foreach_set(part, chosen)
            curve.select = bool(chosen.any())
        changed, added, deleted = (
            sum(len(getattr(e, name)) for e in found.values())
            for name in ("changed", "added", "deleted")
        )
        return f"{changed} keys changed, {added} added, {deleted} deleted by hand"


_BARS = ("use_bars", "unit", "first_bar", "last_bar")


def _pick(context: Any, take: Any, source: str) -> tuple[int, int]:
    """Set the bars to regenerate, see ``edit.bars.picked``; the first and the last."""
    scene, chosen = context.scene, context.scene.audio2pose_edit
    bars = edit_bars.shown(scene, take.action, take_metadata.read(take.action))
    if source == "SECTION":
        first, last = (bars.at(frame) for frame in _section_frames(context))
    else:
        first, last = edit_bars.picked(scene, take.action, bars, source)
    chosen.use_bars, chosen.unit = True, "BARS"
    chosen.first_bar, chosen.last_bar = first, last
    return first, last


def _section_frames(context: Any) -> tuple[float, float]:
    """Two frames inside the active section, near its ends; DataError where there is none."""
    form, index = marking.form_now(context), context.scene.audio2pose.section_index
    if form is None or not 0 <= index < len(form.sections):
        raise errors.DataError(sections.NO_SECTIONS)
    start, end = beats.clock_now(context).frames(list(form.span(index)))
    inside = min(2.0, (end - start) / 3)
    return float(start + inside), float(end - inside)


def _meant(context: Any, armature: Any, take: Any, what: str) -> list[Lock]:
    """What a choice of the menu means as locks; OptionError where it means nothing."""
    metadata = take_metadata.read(take.action)
    frames = key_writer.key_frames(metadata.frame_start, metadata.seconds, metadata.fps)
    first, last = float(frames[0]), float(frames[-1])
    if what == "KEYS":
        found = _selected_keys(take.action)
        if not found:
            raise errors.OptionError(
                "no key is selected; select some in the Dope Sheet or the Graph Editor"
            )
        return found
    if what == "BONES":
        names = [b.name for b in armature.pose.bones if compat.pose_bone_selected(b)]
        if not names:
            raise errors.OptionError("no bone is selected; select some in pose mode")
        return [Lock(name, first, last) for name in names]
    if what == "BARS":
        whole = (int(first), int(last))
        begin, end, _ = regenerate.span_of(context.scene, take.action, metadata, whole)
        return [Lock(locks.EVERY_BONE, float(begin), float(end))]
    scene = context.scene
    if not scene.use_preview_range:
        raise errors.OptionError("no preview range is set; press P in the Timeline and drag")
    low, high = float(scene.frame_preview_start), float(scene.frame_preview_end)
    if high < low:
        raise errors.OptionError(f"the preview range ends at {high:g}, before it begins ({low:g})")
    return [Lock(locks.EVERY_BONE, low, high)]


def _selected_keys(action: Any) -> list[Lock]:
    """Locks of the keys that are selected, by bone."""
    by_bone: dict[str, list[np.ndarray]] = {}
    for (path, _), curve in user_edits.curves_of(action).items():
        chosen = np.zeros(len(curve.keyframe_points), dtype=bool)
        curve.keyframe_points.foreach_get("select_control_point", chosen)
        if chosen.any():
            frames = fcurves.read(curve).frames[chosen]
            by_bone.setdefault(bone_of_path(path), []).append(frames)
    return [
        lock
        for bone, frames in by_bone.items()
        for lock in locks.of_frames(bone, np.concatenate(frames))
    ]


_CLASSES = (
    AUDIO2POSE_OT_regenerate,
    AUDIO2POSE_OT_pick_bars,
    AUDIO2POSE_OT_ease_edits,
    AUDIO2POSE_OT_lock,
    AUDIO2POSE_OT_unlock,
    AUDIO2POSE_OT_select_edited,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
