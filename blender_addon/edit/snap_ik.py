"""IK controls snapped along a dance on FK: where an animator switches to IK, nothing jumps.

On a rig such as Rigify's a dance on FK leaves the IK controls of the legs where they rest. They
get a key on each beat, where the feet are; the switches stay on FK.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .. import compat
from ..core import errors
from ..keys import fcurves, writer as key_writer
from ..rig import retarget as rig_retarget, settings as rig_settings
from ..rig.channel import Curve
from ..takes import metadata as take_metadata
from . import user_edits


def snap(armature: Any, take: Any) -> tuple[int, int]:
    """Key the IK controls of the legs along a take, as it is with hand edits; controls, frames.

    Keys that the controls have in the take are replaced. Raises RigError for a rig whose
    legs have no IK controls that are known, or are on IK already.
    """
    plan = rig_retarget.detect(armature).plan()
    how = rig_settings.follow_of(armature)
    if not plan.map.has_ik:
        raise errors.RigError(f"{armature.name!r} has no IK controls of the legs that are known")
    if how.ik_legs:
        raise errors.RigError(f"the legs of {armature.name!r} dance on IK already")
    action, record = take.action, take_metadata.read(take.action)
    frames = _frames(record)
    shown = rig_retarget.read_motion(
        armature, frames, record.fps, user_edits.curves_of(action).values()
    )
    on_ik = dataclasses.replace(how, ik_legs=True)
    channels = rig_retarget.channels(
        armature, shown, np.arange(len(frames)), 0.0, record.fps, on_ik
    )
    controls = {name for name in plan.map.ik.values() if name in armature.pose.bones}
    curves = [Curve.of(c, frames, c.values) for c in channels if c.group in controls]
    _write(action, curves)
    return len({curve.group for curve in curves}), len(frames)


def _frames(record: take_metadata.TakeMetadata) -> np.ndarray:
    """The whole frames (n,) of the beats, and the dance's first and last."""
    all_frames = key_writer.key_frames(record.frame_start, record.seconds, record.fps)
    first, last = int(all_frames[0]), int(all_frames[-1])
    beats = np.round(record.frame_start + np.asarray(record.beats) * record.fps).astype(int)
    inside = beats[(beats > first) & (beats < last)]
    return np.unique(np.concatenate([[first], inside, [last]]))


def _write(action: Any, curves: list[Curve]) -> None:
    """Put curves into a take; they count as generated, not as a person's keys."""
    bag = compat.channelbag(action, action.slots[0], ensure=True)
    baseline = user_edits.read_baseline(action)
    for curve in curves:
        old = bag.fcurves.find(curve.data_path, index=curve.index)
        if old is not None:
            bag.fcurves.remove(old)
    key_writer.fill(bag, curves)
    made = user_edits.curves_of(action)
    baseline |= {c.key: fcurves.read(made[c.key]) for c in curves}
    user_edits.write_baseline(action, baseline)
