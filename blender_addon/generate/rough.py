"""A dance to look at before its keys are there: in its place, but no data of the file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core import dance_keys, motion as core_motion
from ..figure import placement
from ..rig import floor
from .dance_task import DanceTask


@dataclass(frozen=True)
class Rough:
    """A dance in the view.

    Attributes
    ----------
    motion : Motion
    time : SceneTime
        Where it lies in the scene.
    scene_id : int
        The scene's session id.
    place : (4, 4)
        From core's metres to the scene's space.
    on_dancer : bool
        Whether a dancer stands there already, which is to be covered.
    """

    motion: core_motion.Motion
    time: dance_keys.SceneTime
    scene_id: int
    place: np.ndarray
    on_dancer: bool

    def at(self, frame: float) -> core_motion.Motion:
        """The pose at a frame of the scene; before the dance and after it those of its ends."""
        return self.time.sampled(self.motion, np.array([frame]))


def of(
    dance: DanceTask, spot: tuple[float, float, float] | None = None, aside: float = 0.0
) -> Rough | None:
    """What can be seen of a dance by now, or None.

    ``spot`` is where a new dancer has to stand, ``aside`` the room for its copies.
    Raises RigError where the scene or the armature is gone.
    """
    motion = dance.early
    if motion is None:
        return None
    scene, armature = dance.scene, dance.armature
    place = floor.frame_of(scene, armature)
    if armature is None:
        place[:3, 3] = spot or placement.free_spot(scene, placement.room_of(motion, aside))
    return Rough(motion, dance.song.time, dance.scene_id, place, armature is not None)
