"""One animated number of a rig: its values at every frame, and its keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Channel:
    """One number of a rig over time, at every frame of a dance.

    Attributes
    ----------
    data_path, index : where it is keyed, e.g. ``pose.bones["hips"].location``, 2.
    group : str
        The curve's group: the bone's name.
    values : (n,)
        One value a frame, in Blender's own units (metres, radians).
    columns : tuple of int
        Which parts of core's motion it shows, as columns of ``MotionConstraint.mask``: 0 the
        root's position, 1 + j the rotation of joint j. An IK hand shows the
        whole arm; an IK/FK switch nothing. These are opened when the bone is
        regenerated, and held where its key is locked.
    """

    data_path: str
    index: int
    group: str
    values: np.ndarray
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Curve:
    """The keys of one curve, as they are written and read back.

    Attributes
    ----------
    data_path, index, group, columns : as in ``Channel``.
    frames, values : (k,)
        Rising frames, and the value at each.
    handles : (k, 4) or None
        Left handle's frame and value, right handle's frame and value. With
        handles the curve is Bézier, without it is linear.
    """

    data_path: str
    index: int
    group: str
    frames: np.ndarray
    values: np.ndarray
    handles: np.ndarray | None = None
    columns: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        channel: Channel,
        frames: np.ndarray,
        values: np.ndarray,
        handles: np.ndarray | None = None,
    ) -> Curve:
        """Keys of a channel."""
        where = channel.data_path, channel.index, channel.group
        return cls(*where, frames, values, handles, channel.columns)

    @property
    def key(self) -> tuple[str, int]:
        """What tells one curve of an armature from another."""
        return self.data_path, self.index
