"""A chain of bones as arrays: where the ends of hands, feet and head are, on any rig.

Bones pose as Blender's do: a bone's matrix is its parent's times its rest offset
times its own location and rotation. Nothing here knows of Blender.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .. import rotations as rot

LOCATION, QUATERNION, AXIS_ANGLE, VALUE = "location", "quaternion", "axis_angle", "value"
"""Kinds of tracks; an Euler track is named by its order, e.g. "XYZ"."""


@dataclass(frozen=True)
class Chain:
    """Bones, parents before children, and the points that have to stay in place.

    Attributes
    ----------
    parents : (B,) int, -1 for a root.
    rest_positions, rest_rotations : (B, 3), (B, 4)
        Each bone's rest pose in its parent's rest axes; a root's in the object's.
    tip_bones : (E,) int
        The bones at whose ends the error is measured.
    tips : (E, 3)
        Those ends, in the bone's own axes.
    contacts : (E,) int
        The column of ``Motion.contacts`` that plants the tip; -1 for none.
    scale : float
        Metres of one unit of the positions.
    by_constraints : bool
        Whether constraints move bones otherwise than this chain does. What one bone does another
        then makes up for only in part, and each keeps near to what it should do itself.
    """

    parents: np.ndarray
    rest_positions: np.ndarray
    rest_rotations: np.ndarray
    tip_bones: np.ndarray
    tips: np.ndarray
    contacts: np.ndarray
    scale: float = 1.0
    by_constraints: bool = False

    @cached_property
    def reach(self) -> np.ndarray:
        """(E, B) bool: which bones move which tip."""
        moves = np.zeros((len(self.tip_bones), len(self.parents)), dtype=bool)
        for e, bone in enumerate(self.tip_bones):
            while bone >= 0:
                moves[e, bone] = True
                bone = self.parents[bone]
        return moves


@dataclass(frozen=True)
class Track:
    """Channels of one bone that are keyed together.

    ``kind`` is LOCATION (n, 3), QUATERNION (n, 4; w first), AXIS_ANGLE (n, 4;
    angle first), an Euler order such as "XYZ" (n, 3), or VALUE (n, c) for
    numbers that pose no bone; ``bone`` is -1 then.
    """

    bone: int
    kind: str
    values: np.ndarray

    def quaternions(self, values: np.ndarray) -> np.ndarray:
        """Unit quaternions (..., 4) of values (..., c) of a rotating track."""
        if self.kind == QUATERNION:
            return rot.normalize(values)
        if self.kind == AXIS_ANGLE:
            return rot.from_axis_angle(rot.normalize(values[..., 1:]) * values[..., :1])
        # Blender's XYZ turns about x first, and then about the fixed y and z.
        return rot.from_euler(values[..., ::-1], self.kind[::-1])


class Posed(NamedTuple):
    """Heads (n, B, 3) and tips (n, E, 3) in metres, rotations (n, B, 4) in the object's space."""

    heads: np.ndarray
    turns: np.ndarray
    tips: np.ndarray


def pose(chain: Chain, tracks: list[Track], values: list[np.ndarray]) -> Posed:
    """Forward kinematics, with ``values`` (n, c) in the place of each track's own."""
    frames, count = len(values[0]), len(chain.parents)
    turn = np.zeros((frames, count, 4))
    turn[..., 0] = 1.0
    shift = np.zeros((frames, count, 3))
    for track, given in zip(tracks, values, strict=True):
        if track.kind == LOCATION:
            shift[:, track.bone] = given
        elif track.kind != VALUE:
            turn[:, track.bone] = track.quaternions(given)
    world, heads = np.empty_like(turn), np.empty_like(shift)
    for b, parent in enumerate(chain.parents):
        offset = chain.rest_positions[b] + rot.rotate(chain.rest_rotations[b], shift[:, b])
        local = rot.multiply(chain.rest_rotations[b], turn[:, b])
        if parent < 0:
            heads[:, b], world[:, b] = offset, local
        else:
            heads[:, b] = heads[:, parent] + rot.rotate(world[:, parent], offset)
            world[:, b] = rot.multiply(world[:, parent], local)
    tips = heads[:, chain.tip_bones] + rot.rotate(world[:, chain.tip_bones], chain.tips)
    return Posed(heads * chain.scale, world, tips * chain.scale)
