"""Moves as assets: an action with its keys, a picture, tags, and the motion itself.

The keys are what any animator can drop on the same rig; the motion is what the network is
given, on any rig, mirrored or at another tempo.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import catalogue, errors, json_file, motion as core_motion
from ..edit import user_edits
from ..edit.region import COLUMNS
from ..keys import fcurves
from ..steps import Steps, aside
from ..takes import metadata as take_metadata
from . import picture

VERSION = 1


@dataclass(frozen=True)
class Move:
    """What a move is; its motion is beside it (``takes.metadata.read_motion``).

    Attributes
    ----------
    style : the one that was danced.
    bars : how many it spans.
    tempo_bpm : of the song it was danced to.
    seconds : its length.
    beats, downbeats : seconds from its start, and which begin a bar.
    columns : of ``MotionConstraint.mask`` that it says something of; all 25 for a whole body.
    song : the song's name.
    """

    style: str
    bars: int
    tempo_bpm: float
    seconds: float
    beats: Sequence[float]
    downbeats: Sequence[bool]
    columns: Sequence[int]
    song: str = ""


def is_move(action: Any) -> bool:
    """Whether an action is a move that was saved."""
    return action is not None and bool(action.audio2pose.move)


def read(action: Any) -> Move:
    """A move's record; DataError where there is none, or it cannot be read."""
    if not is_move(action):
        raise errors.DataError("this action is no move of Audio2Pose; save one with Save as Move")
    try:
        values = json_file.parse_object(action.audio2pose.move, "its record")
        if values.pop("version") != VERSION:
            raise ValueError("another version")
        return Move(**values)
    except (ValueError, KeyError, TypeError, errors.DataError) as error:
        raise errors.DataError(
            f"the move {action.name!r} cannot be read ({error}); save it again"
        ) from error


def catalogue_of(tag: str) -> list[catalogue.CatalogueMove]:
    """The moves of the whole body that are assets of this file and have a tag; "" is every one.

    OptionError where there is none: who asks for them shall know.
    """
    found = []
    for action in bpy.data.actions:
        if not is_move(action) or action.library is not None or action.asset_data is None:
            continue
        if tag and tag not in (t.name for t in action.asset_data.tags):
            continue
        move = read(action)
        if len(move.columns) == COLUMNS:
            motion = take_metadata.read_motion(action)
            found.append(catalogue.CatalogueMove(action.name, move.style, motion, move.beats))
    if not found:
        which = f"with the tag {tag!r}" if tag else "of the whole body"
        raise errors.OptionError(
            f"there is no move {which} in this file; save one with Save as Move, or switch Use My "
            "Moves off"
        )
    return found


def save_steps(
    name: str,
    source: Any,
    move: Move,
    motion: core_motion.Motion,
    bones: frozenset[str] | None,
    first: float,
    last: float,
) -> Steps[Any]:
    """A new action asset with the keys of frames ``first`` to ``last`` of an action, from frame 1.

    In small steps; where they are given up, no action is left. Of ``bones``, None for all. The
    curves keep their shape to both ends.
    """
    drawn = yield from aside(lambda: picture.figure(motion))
    action: Any = bpy.data.actions.new(name)
    try:
        yield from _fill_steps(action, source, move, motion, bones, first, last)
    except BaseException:  # a cancel between two steps as well
        bpy.data.actions.remove(action)
        raise
    _as_asset(action, move, drawn)
    return action


def _fill_steps(
    action: Any,
    source: Any,
    move: Move,
    motion: core_motion.Motion,
    bones: frozenset[str] | None,
    first: float,
    last: float,
) -> Steps[None]:
    """The keys and the motion of a move."""
    slot = action.slots.new("OBJECT", source.slots[0].name_display)
    bag = compat.channelbag(action, slot, ensure=True)
    for (path, index), curve in user_edits.curves_of(source).items():
        group = curve.group.name if curve.group is not None else ""
        if bones is not None and group not in bones:
            continue
        yield
        made = compat.new_fcurve(bag, path, index, group or path)
        made.color_mode = curve.color_mode
        fcurves.write(made, fcurves.read(curve))
        _cut(made, first, last)
    action.audio2pose.move = json.dumps({"version": VERSION} | dataclasses.asdict(move))
    yield from take_metadata.motion_steps(action, motion)


def _cut(curve: Any, first: float, last: float) -> None:
    """Leave the keys from ``first`` to ``last``, one at each end, and move them to frame 1."""
    keys = fcurves.read(curve).frames
    ends = [frame for frame in (first, last) if not fcurves.on_frames(keys, [frame]).any()]
    values = [curve.evaluate(frame) for frame in ends]
    for frame, value in zip(ends, values, strict=True):
        # Blender's own insertion leaves the curve's shape as it is.
        curve.keyframe_points.insert(frame, value, options={"FAST"})
    points = fcurves.read(curve)
    inside = (points.frames >= first - fcurves.FRAME) & (points.frames <= last + fcurves.FRAME)
    chosen = points.at(inside)
    shift = np.array([1.0 - first, 0.0], dtype=np.float32)
    moved = dataclasses.replace(
        chosen, co=chosen.co + shift, left=chosen.left + shift, right=chosen.right + shift
    )
    fcurves.write(curve, moved)


def _as_asset(action: Any, move: Move, drawn: np.ndarray) -> None:
    action.asset_mark()
    about = action.asset_data
    about.author = "Audio2Pose"
    whole = len(move.columns) == COLUMNS
    about.description = (
        f"{move.bars} bars of {move.style} at {move.tempo_bpm:.0f} BPM"
        f"{'' if whole else ', some bones'}"
    )
    for tag in ("dance", move.style, f"{move.bars} bars", f"{move.tempo_bpm:.0f} BPM"):
        about.tags.new(tag, skip_if_exists=True)
    picture.show(action, drawn)


def write(action: Any, folder: Path) -> Path:
    """A move as a .blend of its own in ``folder``; OutputError where it cannot be written."""
    safe = "".join(c if c.isalnum() or c in " -_" else "_" for c in action.name)
    file = folder / f"{safe}.blend"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        bpy.data.libraries.write(str(file), {action}, fake_user=True, compress=True)
    except (OSError, RuntimeError) as error:
        raise errors.OutputError(f"cannot write {file}: {error}") from error
    return file


def of_asset(asset: Any) -> Any:
    """The action of an asset of the Asset Browser, appended where it lies in another file.

    DataError where it is no move.
    """
    if asset is None or asset.id_type != "ACTION":
        raise errors.DataError("choose a move in the Asset Browser first")
    if asset.local_id is not None:
        return asset.local_id
    return appended(Path(asset.full_library_path), asset.name)


def appended(file: Path, name: str) -> Any:
    """The action ``name`` of a .blend file, as a copy in this file; the one that is here already
    where it was appended before."""
    for action in bpy.data.actions:
        if is_move(action) and action.get("audio2pose_from") == f"{file}/{name}":
            return action
    try:
        libraries: Any = bpy.data.libraries
        with libraries.load(str(file), link=False) as (there, here):
            if name not in there.actions:
                raise errors.DataError(f"{file} has no move {name!r}; look in the Asset Browser")
            here.actions = [name]
    except OSError as error:
        raise errors.DataError(f"{file} cannot be read: {error}") from error
    action = here.actions[0]
    if not is_move(action):
        bpy.data.actions.remove(action)
        raise errors.DataError(f"{name!r} is no move of Audio2Pose; choose another asset")
    action["audio2pose_from"] = f"{file}/{name}"
    return action
