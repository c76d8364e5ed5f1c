"""What a person directs: front, path, and dials that can be keyed; ``scene.audio2pose``'s."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, PointerProperty

DIALS = ("legs", "arms", "level", "literal")
"""Dials that ask for nothing until they are switched on by ``use_<name>``."""
PATH = "audio2pose.choreography"
"""Data path from the scene, of the curves."""


def _is_camera(_self: Any, thing: Any) -> bool:
    return thing.type == "CAMERA"


def _is_curve(_self: Any, thing: Any) -> bool:
    return thing.type == "CURVE"


def _selected(context: Any) -> Any:
    """The active object where it is selected too, else None."""
    active = context.view_layer.objects.active if context.view_layer else None
    return active if active is not None and active.select_get() else None


def _front_chosen(self: Any, context: Any) -> None:
    """Take what is selected, so that one click is enough."""
    _redraw(self, context)
    chosen = _selected(context)
    if chosen is None or chosen == context.scene.audio2pose.target:
        return
    if self.front == "CAMERA" and self.front_camera is None and _is_camera(self, chosen):
        self.front_camera = chosen
    elif self.front == "OBJECT" and self.front_object is None:
        self.front_object = chosen


def _path_chosen(self: Any, context: Any) -> None:
    _redraw(self, context)
    chosen = _selected(context)
    if self.path == "CURVE" and self.path_curve is None and chosen is not None:
        self.path_curve = chosen if _is_curve(self, chosen) else None


def _redraw(_self: Any, context: Any) -> None:
    """Draw the 3D views again: what is on their floor has changed."""
    for window in context.window_manager.windows if context.window_manager else ():
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _use(name: str) -> Any:
    return BoolProperty(name=name, description="Ask for it; off leaves it to the song")


def _often(name: str, description: str) -> Any:
    return FloatProperty(
        name=name,
        description=description,
        default=1.0,
        min=0.0,
        max=4.0,
        soft_max=2.0,
        step=10,
        precision=1,
        options=set(),
    )


class Audio2PoseChoreography(bpy.types.PropertyGroup):
    """Front and path hold for the whole dance, a dial may be keyed like anything else."""

    front: EnumProperty(  # type: ignore[valid-type]
        name="Front",
        description="Where the dance faces",
        items=(
            ("AUDIENCE", "Audience", "The front of the dancer's object"),
            ("CAMERA", "Camera", "The camera, also while it moves"),
            ("OBJECT", "Object", "Any object, also while it moves"),
            ("FREE", "Free", "Wherever the moves lead"),
        ),
        update=_front_chosen,
    )
    front_camera: PointerProperty(  # type: ignore[valid-type]
        name="Camera",
        description="The camera to face; empty is the scene's",
        type=bpy.types.Object,
        poll=_is_camera,
    )
    front_object: PointerProperty(  # type: ignore[valid-type]
        name="Object", description="The object to face", type=bpy.types.Object
    )
    path: EnumProperty(  # type: ignore[valid-type]
        name="Path",
        description="Where the dance goes on the floor",
        items=(
            ("STAGE", "On Stage", "As the moves lead, within some metre"),
            ("PLACE", "In Place", "Where it begins"),
            ("CURVE", "Curve", "Along a curve, from its beginning to its end"),
        ),
        update=_path_chosen,
    )
    path_curve: PointerProperty(  # type: ignore[valid-type]
        name="Curve",
        description="The curve to follow; key its Evaluation Time to say when the dance is where",
        type=bpy.types.Object,
        poll=_is_curve,
    )
    use_legs: _use("Legs")  # type: ignore[valid-type]
    legs: FloatProperty(  # type: ignore[valid-type]
        name="Legs",
        description="Mean speed of knees and feet as the hips see them, in m/s; 0.5 is usual",
        default=0.5,
        min=0.0,
        max=3.0,
        soft_max=1.5,
        step=5,
        precision=2,
    )
    use_arms: _use("Arms")  # type: ignore[valid-type]
    arms: FloatProperty(  # type: ignore[valid-type]
        name="Arms",
        description="Mean speed of elbows and hands as the chest sees them, in m/s; 0.8 is usual",
        default=0.8,
        min=0.0,
        max=6.0,
        soft_max=2.5,
        step=5,
        precision=2,
    )
    use_level: _use("Level")  # type: ignore[valid-type]
    level: FloatProperty(  # type: ignore[valid-type]
        name="Level",
        description="How high the hips are over standing, in m; below 0 the dance crouches",
        min=-0.8,
        max=0.4,
        soft_min=-0.4,
        soft_max=0.1,
        step=1,
        precision=2,
    )
    use_literal: _use("Returns")  # type: ignore[valid-type]
    literal: FloatProperty(  # type: ignore[valid-type]
        name="Returns",
        description="How literally phrases return: 1 every move, 0.5 the poses on the beats, "
        "0 not at all",
        default=0.8,
        min=0.0,
        max=1.0,
        step=5,
        precision=2,
    )
    hold: BoolProperty(  # type: ignore[valid-type]
        name="Hold Pose",
        description="Key it on, and off again later: the dance holds its pose from here to there",
    )
    jumps: _often(  # type: ignore[valid-type]
        "Jumps", "How often the dance jumps: 1 as the style's dancers do, 0 never"
    )
    turns: _often(  # type: ignore[valid-type]
        "Turns", "How often the dance turns round: 1 as the style's dancers do, 0 never"
    )
    hold_breaks: BoolProperty(  # type: ignore[valid-type]
        name="Hold in Breaks",
        description="Where the song's drums fall away, the dance holds a pose for two beats",
        default=True,
        options=set(),
    )
    hands: EnumProperty(  # type: ignore[valid-type]
        name="Hands",
        description="What the hands do, on rigs with fingers. Key it to change it on the way",
        items=(
            ("AUTO", "By the Arms", "Relaxed; they point, open and close as the arms move"),
            ("RELAXED", "Relaxed", "Fingers a little bent"),
            ("OPEN", "Open", "Fingers straight"),
            ("FIST", "Fist", "Fingers closed"),
            ("POINT", "Point", "The forefinger alone is straight"),
        ),
    )
    hands_when: EnumProperty(  # type: ignore[valid-type]
        name="When",
        description="When the hands do that; in between they follow the arms",
        items=(
            ("ALWAYS", "Always", "All the time"),
            ("ACCENTS", "On Accents", "For a moment on each accent"),
            ("HOLDS", "In Held Poses", "While a pose is held"),
        ),
        options=set(),
    )
    overlay: BoolProperty(  # type: ignore[valid-type]
        name="Show on the Floor",
        description="Draw the stage, the front, and the path with its beats in the 3D view",
        default=True,
        options=set(),
        update=_redraw,
    )


def register() -> None:
    """Add the class; ``scene.audio2pose`` points to it."""
    bpy.utils.register_class(Audio2PoseChoreography)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(Audio2PoseChoreography)
