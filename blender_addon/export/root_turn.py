"""A root bone that turns with the body, as game engines' root motion has it.

What turns is taken out of the bones that hang on it, so that the body is where it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..core import facing, motion as core_motion, retarget, rotations as rot, signals
from ..keys.sampling import Sampled
from ..rig import retarget as rig_retarget
from .clips import Clip

TURNING = "ROOT_TURN"
"""The root bone travels and turns: one more of ``retarget.ROOT_MOTION`` for exports."""
SMOOTH_S = 0.25
"""A character that is led by its root does not sway with each step."""


def headings(motion: core_motion.Motion, loop: bool) -> np.ndarray:
    """Where a body faces, (T,) radians about the vertical, smooth and without jumps.

    Of a ``loop``, whose last frame is its first again, the last differs from the first by whole
    turns.
    """
    sigma = SMOOTH_S * motion.fps
    raw = facing.heading(motion)
    if not loop:
        # What begins in a turn turns on before it, so to speak: mirrored in value as well.
        pad = min(len(raw) - 1, int(4 * sigma))
        before, after = 2 * raw[0] - raw[pad:0:-1], 2 * raw[-1] - raw[-2 : -2 - pad : -1]
        longer = np.concatenate([before, raw, after])
        return signals.gaussian_smooth(longer, sigma)[pad : pad + len(raw)]
    once = raw[:-1]
    turn = 2 * np.pi * round(float(raw[-1] - raw[0]) / (2 * np.pi))
    around = np.concatenate([once - turn, once, once + turn])
    smooth = signals.gaussian_smooth(around, sigma)[len(once) : 2 * len(once)]
    return np.append(smooth, smooth[0] + turn)


def turned(armature: Any, clip: Clip, motion: core_motion.Motion) -> Clip:
    """The clip, whose root bone travels, with a root bone that turns too; ``motion`` is what it
    shows."""
    plan = rig_retarget.detect(armature).plan()
    name = plan.map.bone("root")
    assert name is not None
    rig, root = plan.rig, plan.rig.index[name]
    up = plan.to_rig(np.array([0.0, 1.0, 0.0]))
    heading = headings(motion, clip.loop)
    # About the bone's own axes: whatever it does besides stays.
    axis = rot.rotate(rot.conjugate(rig.rest[root]), up)
    turn = rot.from_axis_angle(heading[:, None] * axis)
    curves = {(s.data_path, s.array_index): s for s in clip.curves}
    own = _rotation(armature, curves, name, len(heading))
    _put(armature, curves, clip, name, rot.multiply(own, turn), None)
    carried = {control.bone for control in plan.controls} | {plan.carrier}
    for child in np.flatnonzero(rig.parents == root):
        if not carried & {*rig.below(int(child))}:
            continue
        bone = rig.names[child]
        # In the root's axes the child rests turned by ``rest`` and ``place`` away.
        rest = rot.multiply(rot.conjugate(rig.rest[root]), rig.rest[child])
        place = rot.rotate(rot.conjugate(rig.rest[root]), rig.heads[child] - rig.heads[root])
        back = rot.conjugate(turn)
        before = _location(armature, curves, bone, len(heading))
        axes = rest if rig.local_location[child] else rot.conjugate(rig.rest[root])
        at = place + rot.rotate(np.broadcast_to(axes, back.shape), before)
        moved = rot.rotate(rot.conjugate(axes), rot.rotate(back, at) - place)
        inner = rot.multiply(rot.conjugate(rest), rot.multiply(back, rest))
        own = rot.multiply(inner, _rotation(armature, curves, bone, len(heading)))
        _put(armature, curves, clip, bone, own, moved)
    return replace(clip, curves=[*curves.values()])


Curves = dict[tuple[str, int], Sampled]


def _values(curves: Curves, pose_bone: Any, name: str, count: int) -> np.ndarray:
    """A property's channels (T, n) of a pose bone; what it is now where nothing drives it."""
    path = pose_bone.path_from_id(name)
    now = getattr(pose_bone, name)
    found = [curves.get((path, i)) for i in range(len(now))]
    columns = [
        np.full(count, v) if c is None else c.values for c, v in zip(found, now, strict=True)
    ]
    return np.stack(columns, axis=1)


def _rotation(armature: Any, curves: Curves, bone: str, count: int) -> np.ndarray:
    pose_bone = armature.pose.bones[bone]
    mode = pose_bone.rotation_mode
    values = _values(curves, pose_bone, retarget.modes.channel(mode), count)
    return retarget.modes.from_values(values, mode)


def _location(armature: Any, curves: Curves, bone: str, count: int) -> np.ndarray:
    return _values(curves, armature.pose.bones[bone], "location", count)


def _put(
    armature: Any,
    curves: Curves,
    clip: Clip,
    bone: str,
    quats: np.ndarray,
    location: np.ndarray | None,
) -> None:
    pose_bone = armature.pose.bones[bone]
    mode = pose_bone.rotation_mode
    name = retarget.modes.channel(mode)
    channels = [(name, retarget.modes.to_values(rot.normalize(quats), mode))]
    if location is not None:
        channels.append(("location", location))
    for prop, values in channels:
        path = pose_bone.path_from_id(prop)
        for i, column in enumerate(values.T):
            curves[path, i] = Sampled(path, i, clip.frames, column)
