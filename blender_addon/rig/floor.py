"""Places of a scene as a dance sees them: metres on its floor, x to the dancer's left, z ahead."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import errors, retarget
from . import own_armature, retarget as rig_retarget, settings as rig_settings


def core_frame(armature: Any) -> np.ndarray:
    """Matrix (4, 4) from core's metres to an armature's own space; None is our dancer's.

    Core's origin is the place on the dance's floor around which a rig dances: where it stands,
    which need not be its armature's origin.
    """
    out = np.eye(4)
    out[:3, :3] = own_armature.CORE_TO_BLENDER
    if armature is None:
        return out
    try:
        plan = rig_retarget.detect(armature).plan()
    except errors.RigError:
        return out  # it cannot dance, which is told where it is to
    out[:3, :3] = plan.to_rig(np.eye(3)).T * float(plan.size)
    out[:3, 3] = plan.to_rig(plan.origin + np.array([0.0, plan.floor, 0.0]))
    rig, root = plan.rig, plan.map.bone("root")
    travels = rig_settings.follow_of(armature).root_motion == retarget.ROOT
    if travels and root is not None and rig.location is not None:
        # Where a root bone is that travels is the dance's own way.
        location = rig.location.copy()
        location[rig.index[root]] = 0.0
        rig = dataclasses.replace(rig, location=location)
    return np.asarray(retarget.placing(rig, plan.carrier) @ out)


def frame_of(scene: Any, armature: Any, core: np.ndarray | None = None) -> np.ndarray:
    """Matrix (4, 4) from core's metres to the scene's space.

    None is a dancer that will be added at the 3D cursor. An armature that travels itself is taken
    where it stood before it did. ``core`` is its ``core_frame``, where it is known already.
    """
    matrix = np.eye(4)
    if armature is None:
        matrix[:3, 3] = scene.cursor.location
    else:
        matrix = np.array(armature.matrix_world, dtype=np.float64)
        settings = rig_settings.settings_of(armature)
        if settings is not None and settings.has_origin:
            matrix[:3, 3] -= np.array(armature.location) - np.array(settings.origin)
    return np.asarray(matrix @ (core_frame(armature) if core is None else core))


def places(scene: Any, armature: Any, points: Sequence[Any] | np.ndarray) -> np.ndarray:
    """Points (n, 3) of the scene on the dance's floor, (n, 2)."""
    given = np.array([tuple(p) for p in points], dtype=np.float64).reshape(-1, 3)
    back = np.linalg.inv(frame_of(scene, armature))
    local = given @ back[:3, :3].T + back[:3, 3]
    return np.asarray(local[:, [0, 2]])
