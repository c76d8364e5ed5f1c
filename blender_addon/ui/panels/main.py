"""The tab *Audio2Pose* in the sidebars of the 3D view and of the Sequencer."""

from __future__ import annotations

from typing import Any

import bpy

from ...core import beat_file, errors
from ...generate.analysis import Analysis
from ...jobs.job import Job
from ...jobs.manager import MANAGER
from ...rig import active
from ...song import source as song_source, strips as song_strips
from .. import rough_overlay, text as ui_text
from ..operators.beats import (
    AUDIO2POSE_OT_analyse,
    AUDIO2POSE_OT_clear_beats,
    AUDIO2POSE_OT_double_beats,
    AUDIO2POSE_OT_draw_beats,
    AUDIO2POSE_OT_halve_beats,
    AUDIO2POSE_OT_shift_bars,
    AUDIO2POSE_OT_shift_beats,
)
from ..operators.generate import (
    AUDIO2POSE_OT_add_song,
    AUDIO2POSE_OT_generate,
    AUDIO2POSE_OT_try_seeds,
)
from ..operators.running import AUDIO2POSE_OT_cancel
from .base import Panel, Place, SubPanel, facts, split

FIRST_STEPS = (
    "Add a song",
    "Press Generate Dance",
    "Play, and change any key by hand",
)


class AUDIO2POSE_PT_dance(Panel, bpy.types.Panel):
    """The song; everything else is in the sub-panels, in the order of ``Place``."""

    bl_idname = "AUDIO2POSE_PT_dance"
    bl_label = "Audio2Pose"

    def draw(self, context: Any) -> None:
        """What to do first, and the song."""
        settings = context.scene.audio2pose
        column = split(self.layout).column()
        column.enabled = MANAGER.task is None
        if settings.source == "STRIP" and not song_strips.sound_strips(context):
            draw_first_steps(column, settings)
        draw_song(column, context, settings)


class AUDIO2POSE_PT_generate(SubPanel, bpy.types.Panel):
    """What is asked of nearly every dance, and the button."""

    bl_idname = "AUDIO2POSE_PT_generate"
    bl_label = "Generate Dance"
    bl_options: Any = {"HIDE_HEADER"}  # noqa: RUF012
    bl_order = Place.GENERATE

    def draw(self, context: Any) -> None:
        """Style, energy, seed and dancer; the button, or the progress of a job."""
        layout = split(self.layout)
        column = layout.column()
        column.enabled = MANAGER.task is None
        draw_asked(column, context)
        draw_button(layout)


class AUDIO2POSE_PT_details(SubPanel, bpy.types.Panel):
    """What else can be asked of a dance."""

    bl_idname = "AUDIO2POSE_PT_details"
    bl_label = "Dance Settings"
    bl_order = Place.SETTINGS

    def draw(self, context: Any) -> None:
        """Accents, repeats, how many to choose from; range; keys."""
        layout = split(self.layout)
        layout.enabled = MANAGER.task is None
        settings = context.scene.audio2pose
        column = layout.column()
        column.prop(settings, "hits")
        column.prop(settings, "structure")
        column.prop(settings, "lead_in")
        column.prop(settings, "quality")
        column = layout.column()
        column.prop(settings, "range")
        if settings.range == "PREVIEW" and not context.scene.use_preview_range:
            column.label(text="No preview range is set", icon="ERROR")
        column = layout.column()
        column.prop(settings, "keys")
        row = column.row()
        row.enabled = settings.keys != "EVERY_FRAME"
        row.prop(settings, "key_error", text="Tolerance (cm)")


class AUDIO2POSE_PT_beats(SubPanel, bpy.types.Panel):
    """The song's beats, found and changed."""

    bl_idname = "AUDIO2POSE_PT_beats"
    bl_label = "Beats"
    bl_order = Place.BEATS

    def draw_header_preset(self, context: Any) -> None:
        """The tempo, so that it is seen while the panel is closed."""
        found = context.scene.audio2pose.beats
        if found.record:
            icon: Any = "ERROR" if found.confidence < beat_file.CHECK_BELOW else "NONE"
            self.layout.label(text=f"{found.tempo_bpm:.1f} BPM", icon=icon, translate=False)

    def draw(self, context: Any) -> None:
        """Analyse, the tempo, and what can be done with the beats."""
        draw_beats(split(self.layout), context)


class AUDIO2POSE_PT_sequencer(bpy.types.Panel):
    """The song where its strips are: the same buttons in the Sequencer."""

    bl_idname = "AUDIO2POSE_PT_sequencer"
    bl_label = "Audio2Pose"
    bl_category = "Audio2Pose"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Not in the preview alone, which shows no strips."""
        return context.space_data.view_type in ("SEQUENCER", "SEQUENCER_PREVIEW")

    def draw(self, context: Any) -> None:
        """Song, beats and the button."""
        layout = split(self.layout)
        draw_song(layout, context, context.scene.audio2pose)
        draw_asked(layout, context)
        draw_button(layout)
        layout.separator()
        draw_beats(layout, context)


# --- parts ---


def draw_asked(layout: Any, context: Any) -> None:
    """Style, energy, seed, and who dances."""
    settings = context.scene.audio2pose
    layout.prop(settings, "style")
    layout.prop(settings, "energy", slider=True)
    row = layout.row(align=True)
    seed = row.row(align=True)
    seed.active = not settings.randomise_seed
    seed.prop(settings, "seed")
    row.prop(settings, "randomise_seed", text="", icon="FILE_REFRESH")
    layout.prop(settings, "target", icon="OUTLINER_OB_ARMATURE")
    if active.chosen_dancer(context.scene) is None:
        layout.label(text="A new dancer will be added", icon="INFO")


def draw_first_steps(layout: Any, settings: Any) -> None:
    """What to do, for someone who has not danced here yet."""
    if settings.result.seconds > 0:
        return
    column = layout.box().column(align=True)
    column.label(text="A song becomes a dance:", icon="INFO")
    for number, step in enumerate(FIRST_STEPS, 1):
        column.label(text=f"{number}.  {ui_text.iface(step)}", translate=False)


def draw_song(layout: Any, context: Any, settings: Any) -> None:
    """The song: strips or a file, or how to get one."""
    layout.row().prop(settings, "source", expand=True)
    if settings.source == "FILE":
        layout.prop(settings, "file")
        return
    if not song_strips.sound_strips(context):
        layout.operator(AUDIO2POSE_OT_add_song.bl_idname, icon="ADD")
        return
    try:
        chosen = song_source.title(song_source.chosen_strips(context, settings))
    except errors.AudioError:
        chosen = ""  # a name that is gone; the field itself shows it in red
    layout.prop(settings, "strip", icon="SOUND", placeholder=chosen)


def draw_button(layout: Any) -> None:
    """Generate Dance, or how far the job is that runs."""
    job = MANAGER.job
    if job is not None:
        draw_progress(layout, job)
        return
    row = layout.row()
    row.scale_y = 1.6
    row.operator(AUDIO2POSE_OT_generate.bl_idname, icon="PLAY")
    layout.operator(AUDIO2POSE_OT_try_seeds.bl_idname, icon="MOD_ARRAY")


def draw_beats(layout: Any, context: Any) -> None:
    """Analyse; then tempo and tools."""
    settings = context.scene.audio2pose
    layout = layout.column()
    # An analysis would write over what is changed meanwhile.
    layout.enabled = not isinstance(MANAGER.task, Analysis)
    layout.prop(settings, "markers")
    row = layout.row(align=True)
    row.use_property_split = False  # three names need the whole width
    row.prop(settings, "marker_kinds")
    row = layout.row()
    row.scale_y = 1.3
    row.operator(AUDIO2POSE_OT_analyse.bl_idname, icon="VIEWZOOM")
    found = settings.beats
    if not found.record:
        return
    column = layout.column(align=True)
    facts(column, ("Tempo", f"{found.tempo_bpm:.1f} BPM"), ("Beats", str(found.count)))
    if found.confidence == 0:
        column.label(text="No pulse was heard: edit the markers", icon="ERROR")
    elif found.confidence < beat_file.CHECK_BELOW:
        column.label(text="Check the beats: the tracker is not sure", icon="ERROR")
    if found.alternatives:
        facts(column, ("Or", f"{found.alternatives} BPM"))
    column.prop(settings, "click", icon="PLAY_SOUND")
    lies = song_source.lies(context)
    if lies is not None and lies[0] != found.song:
        column.label(text="These are the beats of another song", icon="ERROR")
    column = layout.column(align=True)
    _pair(column, "Shift Beats", AUDIO2POSE_OT_shift_beats, "amount", (-1.0, -0.5, 0.5, 1.0))
    _pair(column, "Shift Bars", AUDIO2POSE_OT_shift_bars, "count", (-1, 1))
    row = column.row(align=True)
    row.operator(AUDIO2POSE_OT_halve_beats.bl_idname)
    row.operator(AUDIO2POSE_OT_double_beats.bl_idname)
    column.operator(AUDIO2POSE_OT_draw_beats.bl_idname, text="Refresh Markers", icon="FILE_REFRESH")
    column.operator(AUDIO2POSE_OT_clear_beats.bl_idname, icon="X")


_FRACTIONS = {0.5: "½"}


def _pair(layout: Any, title: str, operator: Any, name: str, steps: tuple[float, ...]) -> None:
    """A title, and one button for each step."""
    row = layout.split(factor=0.4, align=True)
    row.label(text=title)
    buttons = row.row(align=True)
    for step in steps:
        size = _FRACTIONS.get(abs(step), f"{abs(step):g}")
        text = f"{'-' if step < 0 else '+'}{size}"
        setattr(buttons.operator(operator.bl_idname, text=text, translate=False), name, step)


def draw_progress(layout: Any, job: Job) -> None:
    """Progress bar, time left and a way out."""
    left = job.seconds_left
    number, count = MANAGER.part
    text = ui_text.iface(job.stage)
    if count > 1:
        text = f"{number + 1}/{count}: {text}"
    if left is not None:
        text = f"{text}, {ui_text.iface('{} left').format(ui_text.clock(left))}"
    layout.progress(factor=(number + job.fraction) / count, text=text)
    if rough_overlay.shown() is not None:
        layout.label(text="A rough dance is in view: play it", icon="HIDE_OFF")
    row = layout.row()
    row.scale_y = 1.6
    row.operator(AUDIO2POSE_OT_cancel.bl_idname, icon="CANCEL")


_CLASSES = (
    AUDIO2POSE_PT_dance,
    AUDIO2POSE_PT_beats,
    AUDIO2POSE_PT_generate,
    AUDIO2POSE_PT_details,
    AUDIO2POSE_PT_sequencer,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
