"""What a scene remembers: the song, the style, the seed, the dancer and the last result."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..core import errors
from ..song import click, marking, strips as song_strips
from . import enums, preferences
from .choreography import Audio2PoseChoreography
from .sections import Audio2PoseSection

_LOG = logging.getLogger(__name__)
MAX_SEED = 2**31 - 1


def _strip_names(_self: Any, context: Any, text: str) -> Iterable[str]:
    names = [found.strip.name for found in song_strips.sound_strips(context)]
    return [name for name in names if text.lower() in name.lower()]


def _seed_wanted(settings: Any, _context: Any) -> None:
    """A seed that somebody sets is the one to be used, and no other is drawn."""
    settings.randomise_seed = False


def note_seed(settings: Any, seed: int) -> None:
    """Show the seed that was danced; whether the next one is drawn stays as it was."""
    drawn = settings.randomise_seed
    settings.seed, settings.randomise_seed = seed, drawn


def _redraw(self: Any, context: Any) -> None:
    if self.beats.record and self.id_data == context.scene:
        try:
            marking.redraw(context)
        except errors.DataError as error:  # what is wrong is told by every button that needs it
            _LOG.info("markers not drawn: %s", error)


def _set_click(self: Any, context: Any) -> None:
    click.refresh(context)


def _is_armature(_self: Any, thing: Any) -> bool:
    return thing.type == "ARMATURE"


class Audio2PoseResult(bpy.types.PropertyGroup):
    """What the last dance was made of."""

    style: StringProperty(name="Style")  # type: ignore[valid-type]
    seed: IntProperty(name="Seed")  # type: ignore[valid-type]
    tempo_bpm: FloatProperty(name="Tempo")  # type: ignore[valid-type]
    beats: IntProperty(name="Beats")  # type: ignore[valid-type]
    seconds: FloatProperty(name="Seconds")  # type: ignore[valid-type]
    action: StringProperty(name="Action")  # type: ignore[valid-type]
    told: StringProperty(name="Report")  # type: ignore[valid-type]


class Audio2PoseBeats(bpy.types.PropertyGroup):
    """The beats that were found, as ``song.beats.keep`` writes them."""

    record: StringProperty(name="Record", options={"HIDDEN"})  # type: ignore[valid-type]
    song: StringProperty(name="Song")  # type: ignore[valid-type]
    tempo_bpm: FloatProperty(name="Tempo")  # type: ignore[valid-type]
    count: IntProperty(name="Beats")  # type: ignore[valid-type]
    confidence: FloatProperty(name="Confidence")  # type: ignore[valid-type]
    alternatives: StringProperty(name="Other Tempi")  # type: ignore[valid-type]


class Audio2PoseSettings(bpy.types.PropertyGroup):
    """``scene.audio2pose``."""

    source: EnumProperty(  # type: ignore[valid-type]
        name="Song",
        description="Where the song comes from",
        items=(
            ("STRIP", "Sound Strip", "A sound strip of the sequencer: dance where it is heard"),
            ("FILE", "File", "A song file: dance from the scene's first frame on"),
        ),
    )
    strip: StringProperty(  # type: ignore[valid-type]
        name="Strip",
        description="The sound strip to dance to; empty is what is selected in the Sequencer",
        search=_strip_names,
    )
    file: StringProperty(  # type: ignore[valid-type]
        name="Song File",
        description="wav, mp3, flac, m4a or ogg",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    style: EnumProperty(  # type: ignore[valid-type]
        name="Style",
        description="How to dance",
        items=preferences.style_items,
    )
    seed: IntProperty(  # type: ignore[valid-type]
        name="Seed",
        description="The same seed, song and style give the same dance again; a seed that you "
        "set switches Random Seed off",
        min=0,
        max=MAX_SEED,
        update=_seed_wanted,
    )
    randomise_seed: BoolProperty(  # type: ignore[valid-type]
        name="Random Seed",
        description="Draw a new seed for each dance, and show it here",
        default=True,
    )
    energy: FloatProperty(  # type: ignore[valid-type]
        name="Energy",
        description="How much more, or less, the body moves than the song asks for",
        min=-2.0,
        max=2.0,
        step=10,
        precision=1,
    )
    quality: IntProperty(  # type: ignore[valid-type]
        name="Best Of",
        description="How many dances are made to keep the best of them; each takes its time",
        default=1,
        min=1,
        max=8,
    )
    range: EnumProperty(  # type: ignore[valid-type]
        name="Range",
        description="Which part of the song is danced",
        items=(
            ("STRIP", "Whole Song", "All that is heard of the song"),
            ("SCENE", "Scene", "The part that is heard between the scene's first and last frame"),
            ("PREVIEW", "Preview Range", "The part that is heard in the preview range"),
        ),
    )
    hits: EnumProperty(  # type: ignore[valid-type]
        name="Accents",
        description="Which beats the body answers",
        items=(
            ("AUTO", "Auto", "What comes nearest to the pace of the style"),
            ("BEAT", "Every Beat", "One accent on each beat"),
            ("SECOND", "Every Second Beat", "Calmer: one accent on every second beat"),
            ("HALF", "Half Beats", "Quicker: accents on the beats and halfway between them"),
        ),
    )
    structure: BoolProperty(  # type: ignore[valid-type]
        name="Repeat Choruses",
        description="Phrases of the dance return, and where the song repeats a part, "
        "so does the dance",
        default=True,
    )
    lead_in: BoolProperty(  # type: ignore[valid-type]
        name="Lead-In Pose",
        description="Begin standing, and dance out of it, rather than in the middle of a move",
    )
    keys: EnumProperty(  # type: ignore[valid-type]
        name="Keys",
        description="How the dance is written as keyframes",
        items=enums.KEYS,
    )
    key_error: FloatProperty(  # type: ignore[valid-type]
        name="Key Tolerance (cm)",
        description="How far hands and feet may stray, in cm, where keys are left out",
        default=1.0,
        min=0.1,
        max=10.0,
        step=10,
        precision=1,
    )
    target: PointerProperty(  # type: ignore[valid-type]
        name="Dancer",
        description="The armature that every button means; a click on another dancer chooses it. "
        "Empty: Generate adds the Audio2Pose dancer",
        type=bpy.types.Object,
        poll=_is_armature,
    )
    markers: EnumProperty(  # type: ignore[valid-type]
        name="Markers",
        description="Where the beats are drawn",
        items=(
            (
                "ACTION",
                "Action",
                "As pose markers of the dancer's action: seen in the Action Editor, where Marker > "
                "Show Pose Markers is on, and they go along with the action",
            ),
            (
                "TIMELINE",
                "Timeline",
                "As markers of the scene: seen in every editor of time, whoever dances",
            ),
            ("BOTH", "Both", "As pose markers and as markers of the scene"),
        ),
        default="TIMELINE",
    )
    synced: BoolProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    marks_known: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    marker_kinds: EnumProperty(  # type: ignore[valid-type]
        name="Show",
        description="What is drawn as markers; hidden ones are remembered",
        items=(
            ("BEATS", "Beats", "Bars, and beats counted from 1 to 8"),
            ("SECTIONS", "Sections", "Where the parts of the song begin"),
            ("EVENTS", "Events", "Breaks, build-ups, drops, fills and the last note"),
        ),
        options={"ENUM_FLAG"},
        default={"BEATS", "SECTIONS", "EVENTS"},
        update=_redraw,
    )
    click: BoolProperty(  # type: ignore[valid-type]
        name="Click Track",
        description="Hear a click on every beat, higher where a bar begins; it is never rendered",
        update=_set_click,
    )
    sections: CollectionProperty(type=Audio2PoseSection)  # type: ignore[valid-type]
    section_index: IntProperty(name="Section", min=0)  # type: ignore[valid-type]
    sections_end: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    events: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    form_others: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    drawn_kinds: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    choreography: PointerProperty(type=Audio2PoseChoreography)  # type: ignore[valid-type]
    beats: PointerProperty(type=Audio2PoseBeats)  # type: ignore[valid-type]
    result: PointerProperty(type=Audio2PoseResult)  # type: ignore[valid-type]


_CLASSES = (Audio2PoseResult, Audio2PoseBeats, Audio2PoseSettings)


def register() -> None:
    """Add ``scene.audio2pose``."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.audio2pose = PointerProperty(  # type: ignore[attr-defined]
        type=Audio2PoseSettings
    )


def unregister() -> None:
    """Take ``scene.audio2pose`` away."""
    del bpy.types.Scene.audio2pose  # type: ignore[attr-defined]
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    enums.forget()
