"""A stage in a scene of one's own: studio, club, or lights alone, in a collection by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..steps import Steps
from . import club, dance_camera, studio
from .cues import Cues
from .in_view import InView, emptied_steps

COLLECTION = "Dance Stage"
KINDS = ("STUDIO", "CLUB", "LIGHTS")
KIND = "audio2pose_kind"
_WORLD = "audio2pose_world"


def create_steps(scene: Any, kind: str, seen: InView, cues: Cues) -> Steps[Any]:
    """Add the stage in place of the one that was added before, in small steps; its collection.

    Studio and club change the world behind the scene; the one before comes back with lights
    alone. What the scene has besides stays.
    """
    collection = yield from emptied_steps(scene, COLLECTION)
    if _WORLD in collection:
        scene.world = collection[_WORLD]
        del collection[_WORLD]
    before = scene.world
    cameras = dance_camera.positions(scene)
    if kind == "LIGHTS":
        centre, radius = studio.floor_of(seen.bodies)
        yield from club.light_steps(
            scene, collection, centre, radius, seen.heading, cues, seen.first, beams=False
        )
    else:
        place = (scene, collection, kind.lower(), seen.bodies, seen.heading, cues)
        yield from studio.stage_steps(*place, np.reshape(cameras, (-1, 3)), seen.first)
    if before is not None and before != scene.world:
        collection[_WORLD] = before
    collection[KIND] = kind
    return collection


def kind_of(scene: Any) -> str | None:
    """Which stage of ours a scene has, or None."""
    ours = scene.collection.children.get(COLLECTION)
    return None if ours is None or KIND not in ours else str(ours[KIND])
