"""What is exported: the dance that plays, or every take, sampled at even times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import compat
from ..core import errors, motion as core_motion, retarget
from ..keys import sampling
from ..keys.sampling import Sampled
from ..rig import active, retarget as rig_retarget, settings as rig_settings
from ..rig.channel import Curve
from ..steps import Steps, at_once, run
from ..takes import metadata as take_metadata, store as take_store

CURRENT, ALL = "CURRENT", "ALL"
AS_IT_IS = "AS_IT_IS"


@dataclass(frozen=True)
class Clip:
    """One dance of an armature.

    Attributes
    ----------
    name : str
        The take's, or the action's where it is none.
    frames : (n,)
        Scene frames, between whole ones too. A cycle's last one shows its first pose again.
    fps : float
        Samples a second.
    curves : list of Sampled
        All channels that it drives, at ``frames``.
    loop : bool
        Whether it is a cycle.
    hands : (n, 2, 4) or None
        What the take's plan asks of the hands, see ``Motion``.
    """

    name: str
    frames: np.ndarray
    fps: float
    curves: Sequence[Sampled]
    loop: bool
    hands: np.ndarray | None = None

    def motion(self, armature: Any) -> core_motion.Motion:
        """The dance in core's terms, the closing frame of a cycle with it."""
        return run(self.motion_steps(armature))

    def motion_steps(self, armature: Any) -> Steps[core_motion.Motion]:
        """The same in small steps."""
        shown = yield from rig_retarget.read_motion_steps(
            armature, self.frames, self.fps, self.curves
        )
        return shown.with_hands(self.hands)

    def keys(self) -> list[Curve]:
        """One linear key a sample from frame 0 on."""
        frames = np.arange(len(self.frames), dtype=float)
        return [Curve(s.data_path, s.array_index, s.group, frames, s.values) for s in self.curves]


def dancer(context: Any) -> Any:
    """The armature that is meant, see ``rig.active``.

    Raises RigError with one clear line where there is none, or where it cannot be read.
    """
    armature = active.active_dancer(context)
    if armature is None:
        raise errors.RigError("no dancer: select an armature that dances, or generate a dance")
    if armature.name not in context.scene.objects:
        raise errors.RigError(f"{armature.name!r} is not in scene {context.scene.name!r}")
    if armature.mode == "EDIT":
        raise errors.RigError(f"{armature.name!r} is in Edit Mode; leave it first (Tab)")
    if not armature.data.bones:
        raise errors.RigError(f"armature {armature.name!r} has no bones; choose another")
    sampling.frame_range(armature)
    return armature


def sample_frames(armature: Any, scene: Any, rate: str) -> tuple[np.ndarray, float]:
    """Frames (n,) over the dance, and how many a second; "SCENE" is one a scene frame."""
    first, last = sampling.frame_range(armature)
    fps = compat.scene_fps(scene)
    wanted = fps if rate == "SCENE" else float(rate)
    count = int(np.floor((last - first) / fps * wanted + 1e-6)) + 1
    return first + np.arange(count) * (fps / wanted), wanted


def clips_steps(
    context: Any, armature: Any, which: str = CURRENT, rate: str = "SCENE"
) -> Steps[list[Clip]]:
    """The dance that plays, or all takes in the list's order, sampled ``rate`` times a second.

    In small steps. Takes whose actions were deleted are left out. What plays is put back.
    """
    now = take_store.current(armature)
    if which == CURRENT:
        return [(yield from _playing_steps(context, armature, name_of(armature), rate))]
    takes = [take for take in take_store.of(armature) if take.action is not None]
    if not takes:
        raise errors.RigError(f"{armature.name!r} has no takes; export what it dances instead")
    out = []
    try:
        for take in takes:
            take_store.play(armature, take)
            out.append((yield from _playing_steps(context, armature, take.name, rate)))
    finally:
        if now is not None:
            take_store.play(armature, now)
    return out


clips = at_once(clips_steps)


def name_of(armature: Any) -> str:
    """What plays: the take's name, below corrections too, or the action's where it is none."""
    take = take_store.current(armature)
    if take is not None:
        return str(take.name)
    action = armature.animation_data.action
    return str(armature.name if action is None else action.name)


def _playing_steps(context: Any, armature: Any, name: str, rate: str) -> Steps[Clip]:
    scene = context.scene
    period = cycle(armature)
    if period is None:
        frames, fps = sample_frames(armature, scene, rate)
    else:
        first, length = period
        scene_fps = compat.scene_fps(scene)
        wanted = scene_fps if rate == "SCENE" else float(rate)
        count = max(1, round(length / scene_fps * wanted))
        # As near to the rate as whole samples of an exact period come.
        fps = count / (length / scene_fps)
        frames = first + np.arange(count + 1) * (length / count)
    sampled = yield from sampling.sample_steps(armature, scene, frames)
    hands = _hands(armature, frames, compat.scene_fps(scene))
    return Clip(name, frames, fps, sampled, period is not None, hands)


def _hands(armature: Any, frames: np.ndarray, scene_fps: float) -> np.ndarray | None:
    """What the plan of the take that plays asks of the hands at frames (n,) of the scene."""
    take = take_store.current(armature)
    if take is None or take.action is None or not take.action.audio2pose.motion:
        return None
    motion = take_metadata.read_motion(take.action)
    if motion.hands is None:
        return None
    start = take_metadata.read(take.action).frame_start
    return motion.sample((frames - start) / scene_fps, scene_fps).hands


def cycle(armature: Any) -> tuple[float, float] | None:
    """First frame and length, in frames, of a dance whose curves repeat; None where they do not.

    A cycle's curves carry the modifier *Cycles* and begin and end on the same frames. Layers on
    top of it make it none.
    """
    curves = [c for c in compat.fcurves_of(armature) if len(c.keyframe_points)]
    moving = [c for c in curves if len(c.keyframe_points) > 1]
    if not moving or sampling.layers(armature):
        return None
    if not all(any(m.type == "CYCLES" and not m.mute for m in c.modifiers) for c in moving):
        return None
    ranges = np.array([c.range() for c in moving], dtype=np.float64)
    # Keys lie on single-precision frames.
    if np.ptp(ranges, axis=0).max() > 1e-3:
        return None
    first, last = ranges[0]
    return float(first), float(last - first)


def travelling_steps(armature: Any, clip: Clip, root_motion: str) -> Steps[Clip]:
    """The clip with its way over the floor on the hips, the root bone, or on nothing.

    In small steps. ``root_motion`` is one of ``retarget.ROOT_MOTION`` or ``AS_IT_IS``. Only what
    travels changes: the difference between the dance written in either way is added to its
    channels.
    """
    follow = rig_settings.follow_of(armature)
    if root_motion in (AS_IT_IS, follow.root_motion):
        return clip
    motion = yield from clip.motion_steps(armature)
    # The body stands where it stands: nothing is planted or kept off a second time.
    how = replace(follow, plant_feet=False, spare_body=False)
    before = yield from _places_steps(armature, motion, how)
    after = yield from _places_steps(armature, motion, replace(how, root_motion=root_motion))
    now = {(s.data_path, s.array_index): s for s in clip.curves}
    stands = _stands(armature)
    still = np.zeros(len(clip.frames))
    for key in before.keys() | after.keys():
        rest = stands[key[1]] if key[0] == "location" else 0.0
        value = now[key].values if key in now else still + rest
        moved = value + after.get(key, still + rest) - before.get(key, still + rest)
        now[key] = Sampled(*key, clip.frames, moved)
    return replace(clip, curves=[*now.values()])


def _places_steps(
    armature: Any, motion: core_motion.Motion, how: retarget.Follow
) -> Steps[dict[tuple[str, int], np.ndarray]]:
    """Where a dance puts the object and its bones: (data path, index) -> values (T,)."""
    frames = np.arange(len(motion), dtype=float)
    found = yield from rig_retarget.channels_steps(armature, motion, frames, 0.0, motion.fps, how)
    return {(c.data_path, c.index): c.values for c in found if c.data_path.endswith("location")}


def _stands(armature: Any) -> Sequence[float]:
    """Where an object stands that does not travel."""
    settings = rig_settings.settings_of(armature)
    if settings is not None and settings.has_origin:
        return [float(x) for x in settings.origin]
    return [float(x) for x in armature.location]
