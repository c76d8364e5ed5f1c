"""Places of a scene as a dance sees them: metres on its floor, x to the dancer's left, z ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import errors
from . import own_armature, retarget as rig_retarget, settings as rig_settings


def core_axes(armature: Any) -> np.ndarray:
    """Matrix (3, 3) from core's metres to an armature's own space; None is our dancer's."""
    if armature is None:
        return own_armature.CORE_TO_BLENDER
    try:
        plan = rig_retarget.detect(armature).plan()
    except errors.RigError:
        return own_armature.CORE_TO_BLENDER  # it cannot dance, which is told where it is to
    return np.asarray(plan.to_rig(np.eye(3)).T * float(plan.size))


def frame_of(scene: Any, armature: Any, axes: np.ndarray | None = None) -> np.ndarray:
    """Matrix (4, 4) from core's metres to the scene's space.

    None is a dancer that will be added at the 3D cursor. An armature that travels itself is taken
    where it stood before it did. ``axes`` are its ``core_axes``, where they are known already.
    """
    matrix = np.eye(4)
    if armature is None:
        matrix[:3, 3] = scene.cursor.location
    else:
        matrix = np.array(armature.matrix_world, dtype=np.float64)
        settings = rig_settings.settings_of(armature)
        if settings is not None and settings.has_origin:
            matrix[:3, 3] -= np.array(armature.location) - np.array(settings.origin)
    core = np.eye(4)
    core[:3, :3] = core_axes(armature) if axes is None else axes
    return matrix @ core


def places(scene: Any, armature: Any, points: Sequence[Any] | np.ndarray) -> np.ndarray:
    """Points (n, 3) of the scene on the dance's floor, (n, 2)."""
    given = np.array([tuple(p) for p in points], dtype=np.float64).reshape(-1, 3)
    back = np.linalg.inv(frame_of(scene, armature))
    local = given @ back[:3, :3].T + back[:3, 3]
    return np.asarray(local[:, [0, 2]])
