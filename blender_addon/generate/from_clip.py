"""Dance from a clip: an animation on any armature becomes the beginning of a take, and goes on.

The clip is read as a dance, whatever rig it is on; the worker lays it on the song's beats,
varies it and dances on from its end. What comes of it is a take like any other, whose bars and
bones can be regenerated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .. import compat
from ..core import dance_base, errors, floor, motion as core_motion
from ..keys import sampling
from ..rig import active, retarget as rig_retarget
from . import session
from .session import Generation

_OTHER_FLOOR = 0.03
"""A clip whose feet stand so much above or below the floor stands on another one, metres."""


def begin(context: Any) -> Generation:
    """The dance that begins with the chosen clip, not yet started.

    Raises Audio2PoseError with one clear line; changes nothing.
    """
    scene = context.scene
    chosen = scene.audio2pose_clip
    source = chosen.source
    if source is None:
        raise errors.RigError("no clip: choose the armature that has it, or import one")
    if source.name not in scene.objects:
        raise errors.RigError(f"{source.name!r} is not in scene {scene.name!r}; choose another")
    motion = read(source, scene)
    if source != active.chosen_dancer(scene):
        motion = _at_home(motion)
    base = dance_base.DanceBase(motion, retime=chosen.retime, vary=chosen.vary)
    return session.begin(context, base=base, made_from=f"the clip of {source.name}")


def read(source: Any, scene: Any) -> core_motion.Motion:
    """What an armature's animation shows, a frame of the scene each, from its first key on."""
    try:
        first, last = sampling.frame_range(source)
    except errors.RigError as error:
        raise errors.RigError(f"{source.name!r} has no animation; choose another clip") from error
    if last - first < 2:
        raise errors.RigError(f"the animation of {source.name!r} is a single pose")
    frames = np.arange(first, last + 1, dtype=float)
    curves = sampling.sample(source, scene, frames)
    return rig_retarget.read_motion(source, frames, compat.scene_fps(scene), curves)


def _at_home(motion: core_motion.Motion) -> core_motion.Motion:
    """The dance from the middle of the floor on, its feet on it."""
    root = motion.root - motion.root[0] * np.array([1.0, 0.0, 1.0])
    height = float(np.median(floor.estimate_floor(motion)))
    if abs(height) > _OTHER_FLOOR:
        root[:, 1] -= height
    return replace(motion, root=root)
