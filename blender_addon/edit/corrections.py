"""Corrections: a layer on a take whose keys are added to the dance, ready for auto-keying.

Blender's factory settings of 5.2 let auto-key write on curves that are there, and on no
others; so the layer has a curve for everything that the take moves. Its keys are neutral and
lie where bars begin: what is keyed between two of them eases out by the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import compat
from ..core import bezier
from ..keys import writer as key_writer
from ..keys.data_path import bone_and_property
from ..rig.channel import Curve
from ..takes import metadata as take_metadata, store as take_store
from . import region as regions, user_edits

_NEUTRAL = {
    "location": (0.0, 0.0, 0.0),
    "rotation_euler": (0.0, 0.0, 0.0),
    "rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    # The angle, and Blender's own axis of a bone at rest.
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0),
}


def open_layer(armature: Any, take: Any) -> Any:
    """The action of a take's corrections, made where there is none, open to be keyed."""
    layer = take_store.correct(armature, take)
    bag = compat.channelbag(layer, layer.slots[0], ensure=True)
    if len(bag.fcurves) == 0:
        key_writer.fill(bag, neutral(take.action))
    return layer


def neutral(action: Any) -> list[Curve]:
    """Of each location and rotation that a take drives a curve that changes nothing."""
    frames = neutral_frames(action)
    flat = np.zeros(len(frames))
    out = []
    for path, index in user_edits.curves_of(action):
        bone, attribute = bone_and_property(path)
        if not bone or attribute not in _NEUTRAL:
            continue
        values = np.full(len(frames), _NEUTRAL[attribute][index])
        handles = bezier.handles(frames, values, flat)
        out.append(Curve(path, index, bone, frames, values, handles))
    return out


def neutral_frames(action: Any) -> np.ndarray:
    """The frames (n,) of neutral keys: where a take's bars begin, and its last."""
    metadata = take_metadata.read(action)
    frames = key_writer.key_frames(metadata.frame_start, metadata.seconds, metadata.fps)
    stop = int(frames[-1]) + 1
    edges = regions.bar_frames(
        metadata.beats, metadata.downbeats, metadata.frame_start, metadata.fps, stop
    )
    return np.unique([*edges[:-1], frames[-1]]).astype(np.float64)
