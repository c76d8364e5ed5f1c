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
from ...formats.smpl import (
    FPS,
    HIPS_FROM_PELVIS,
    OUR_HIPS_FROM_PELVIS,
    OUR_LEG,
    PELVIS_FROM_TRANS,
    SMPL_LEG,
    SOURCE,
    relative,
    rest_corrections,
)
from ...motion import Motion, global_rotations
from ...skeleton import NUM_JOINTS
from ..safe_pickle.load import load_pickle
from .skeleton import on_our_floor


def smpl_motion(
    poses: np.ndarray,
    trans: np.ndarray,
    scaling: float,
    fps: float = FPS,
    *,
    from_video: bool = True,
) -> Motion:
    """The motion on our skeleton, its floor at y = 0.

    Parameters
    ----------
    poses : (T, 24, 3) or (T, 72)
        Axis-angle in radians, SMPL's joint order.
    trans : (T, 3)
        In scaled units: divided by ``scaling`` they are metres of the body.
    from_video : bool
        Fits to video have no floor and no toes: both are found. A dance that we wrote has them.
    """
    if poses.ndim not in (2, 3) or poses.size != len(poses) * 72 or trans.shape != (len(poses), 3):
        raise MotionError(
            f"SMPL motion is poses (T, 24, 3) or (T, 72) and trans (T, 3), "
            f"not {poses.shape} and {trans.shape}"
        )
    if not (np.isfinite(scaling) and scaling > 0):
        raise MotionError(f"smpl_scaling is a positive number, not {scaling}")
    quats = rot.from_axis_angle(poses.reshape(-1, NUM_JOINTS, 3).astype(np.float64))
    local = relative(rot.multiply(global_rotations(quats), rest_corrections()))
    path = trans.astype(np.float64) / scaling + PELVIS_FROM_TRANS
    hips = path + rot.rotate(quats[:, 0], np.broadcast_to(HIPS_FROM_PELVIS, path.shape))
    below = np.broadcast_to(OUR_HIPS_FROM_PELVIS, path.shape)
    root = hips * (OUR_LEG / SMPL_LEG) - rot.rotate(quats[:, 0], below)
    motion = Motion(fps, root, rot.continuous(local))
    if not from_video:
        return motion
    # Video shows no toes: the ankles of such fits carry a constant pitch.
    motion = on_our_floor(motion, by_ankles=True)
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
        scale, ours = float(scaling.reshape(-1)[0]), record.get("source") == SOURCE
        return smpl_motion(poses, trans, scale, fps, from_video=not ours)
    except MotionError as error:
        raise MotionError(f"{path}: {error}") from error
