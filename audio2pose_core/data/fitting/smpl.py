"""SMPL motion (AIST++ ``motions/*.pkl``) on our skeleton, without the SMPL body model.

Our joints have SMPL's names, order and rest orientation, so the rotations carry
over. The path is ``smpl_trans / smpl_scaling`` metres of an SMPL body; it is
scaled by the length of the legs.
"""

from __future__ import annotations

import os

import numpy as np

from ... import rotations as rot
from ...cleanup.contacts import label_contacts
from ...cleanup.floor import level_feet
from ...errors import DataError, MotionError
from ...motion import Motion, global_rotations
from ...skeleton import INDEX, NUM_JOINTS, OFFSETS, PARENTS
from ..safe_pickle.load import load_pickle
from .limbs import OUR_LEG
from .skeleton import on_our_floor

FPS = 60.0
SMPL_LEG = 0.782
"""Thigh and shin of a usual SMPL body together, metres."""
PELVIS_FROM_TRANS = np.array([0.0, -0.22, 0.03])
"""``smpl_trans`` moves the body's origin, which lies so far from its pelvis (metres, rounded)."""
HIPS_FROM_PELVIS = np.array([0.0, -0.09, 0.0])
"""Middle of the hips of a usual SMPL body in the frame of its pelvis, metres, rounded."""
# Where the bones of SMPL's rest pose point, in our rest pose's terms (x to the
# limb's own side). Ours are straight; without this knees bend and arms hang by
# some five degrees. Measured on AIST++ (keypoints in the frames of the poses).
_REST_DIRECTIONS: dict[str, tuple[float, float, float]] = {
    "hip": (0.09, -0.99, -0.02),
    "knee": (-0.04, -0.99, -0.11),
    "shoulder": (0.99, -0.05, -0.09),
    "elbow": (1.0, 0.03, -0.01),
}
_TRUNK = np.array([0.0, 0.54, -0.04])
"""From the middle of the hips to that of the shoulders at rest, metres."""


def _rest_corrections() -> np.ndarray:
    """Rotations (24, 4) from our bones' rest directions to SMPL's."""
    out = np.tile(rot.IDENTITY, (NUM_JOINTS, 1))
    for part, direction in _REST_DIRECTIONS.items():
        for side, sign in (("left", 1.0), ("right", -1.0)):
            ours = np.array([sign, 0.0, 0.0] if direction[0] > 0.5 else [0.0, -1.0, 0.0])
            target = np.array(direction) * (sign, 1.0, 1.0)
            out[INDEX[f"{side}_{part}"]] = rot.between(ours, target)
    for name in ("spine1", "spine2", "spine3"):
        out[INDEX[name]] = rot.between(np.array([0.0, 1.0, 0.0]), _TRUNK)
    return out


def smpl_motion(poses: np.ndarray, trans: np.ndarray, scaling: float, fps: float = FPS) -> Motion:
    """The motion on our skeleton, its floor at y = 0.

    Parameters
    ----------
    poses : (T, 24, 3) or (T, 72)
        Axis-angle in radians, SMPL's joint order.
    trans : (T, 3)
        In scaled units: divided by ``scaling`` they are metres of the body.
    """
    if poses.ndim not in (2, 3) or poses.size != len(poses) * 72 or trans.shape != (len(poses), 3):
        raise MotionError(
            f"SMPL motion is poses (T, 24, 3) or (T, 72) and trans (T, 3), "
            f"not {poses.shape} and {trans.shape}"
        )
    if not (np.isfinite(scaling) and scaling > 0):
        raise MotionError(f"smpl_scaling is a positive number, not {scaling}")
    quats = rot.from_axis_angle(poses.reshape(-1, NUM_JOINTS, 3).astype(np.float64))
    world = rot.multiply(global_rotations(quats), _rest_corrections())
    local = world.copy()
    for j in range(1, NUM_JOINTS):
        local[:, j] = rot.multiply(rot.conjugate(world[:, PARENTS[j]]), world[:, j])
    path = trans.astype(np.float64) / scaling + PELVIS_FROM_TRANS
    hips = path + rot.rotate(quats[:, 0], np.broadcast_to(HIPS_FROM_PELVIS, path.shape))
    below = np.array([0.0, OFFSETS[INDEX["left_hip"], 1], 0.0])
    root = hips * (OUR_LEG / SMPL_LEG) - rot.rotate(quats[:, 0], np.broadcast_to(below, path.shape))
    # Video shows no toes: the ankles of such fits carry a constant pitch.
    motion = on_our_floor(Motion(fps, root, rot.continuous(local)), by_ankles=True)
    return level_feet(motion, label_contacts(motion))


def load_smpl(path: str | os.PathLike[str], fps: float = FPS) -> Motion:
    """Read an AIST++ motion pickle; raises DataError or MotionError for anything else."""
    record = load_pickle(path)
    keys = ("smpl_poses", "smpl_trans", "smpl_scaling")
    if not isinstance(record, dict) or any(not isinstance(record.get(k), np.ndarray) for k in keys):
        raise DataError(f"{path}: not an AIST++ motion: it needs arrays {', '.join(keys)}")
    poses, trans, scaling = (record[k] for k in keys)
    if any(v.dtype.kind not in "fiu" for v in (poses, trans, scaling)) or scaling.size != 1:
        raise DataError(f"{path}: smpl_poses, smpl_trans and one smpl_scaling must be numbers")
    try:
        return smpl_motion(poses, trans, float(scaling.reshape(-1)[0]), fps)
    except MotionError as error:
        raise MotionError(f"{path}: {error}") from error
