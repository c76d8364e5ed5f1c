"""A dance in the format of AIST++ ``motions/*.pkl``: SMPL poses, for those who compare.

Our joints have SMPL's names, order and rest orientation, so rotations carry over but for how
SMPL's bones rest: its knees are a little bent and its arms hang a little, ours are straight.
``data.fitting.smpl.load_smpl`` reads AIST++'s own files and these.

Source of the format: Li et al., "AI Choreographer" (ICCV 2021), https://google.github.io/aistplusplus_dataset
"""

from __future__ import annotations

import os
import pickle

import numpy as np

from .. import rotations as rot
from ..files import whole_file
from ..motion import Motion
from ..skeleton import INDEX, NUM_JOINTS, OFFSETS, PARENTS
from .report import ExportReport, at_rate

FPS = 60.0
"""What everybody takes AIST++ motions to have; the files do not say."""
SCALING = 100.0
"""Units of ``smpl_trans`` a metre of the body in the files that we write."""
SOURCE = "audio2pose"
"""Marks our files: a reader need not look for a floor and level feet, as for fits to video."""
OUR_LEG = float(sum(np.linalg.norm(OFFSETS[INDEX[n]]) for n in ("left_knee", "left_ankle")))
SMPL_LEG = 0.782
"""Thigh and shin of a usual SMPL body together, metres."""
PELVIS_FROM_TRANS = np.array([0.0, -0.22, 0.03])
"""``smpl_trans`` moves the body's origin, which lies so far from its pelvis (metres, rounded)."""
HIPS_FROM_PELVIS = np.array([0.0, -0.09, 0.0])
"""Middle of the hips of a usual SMPL body in the frame of its pelvis, metres, rounded."""
OUR_HIPS_FROM_PELVIS = np.array([0.0, OFFSETS[INDEX["left_hip"], 1], 0.0])
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


def rest_corrections() -> np.ndarray:
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


def relative(world: np.ndarray) -> np.ndarray:
    """Rotations (T, 24, 4) relative to the parent of world rotations (T, 24, 4)."""
    local = world.copy()
    for j in range(1, NUM_JOINTS):
        local[:, j] = rot.multiply(rot.conjugate(world[:, PARENTS[j]]), world[:, j])
    return local


def smpl_arrays(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """SMPL's poses (T, 72), axis-angle in radians, and the way of its origin (T, 3), metres.

    The inverse of ``data.fitting.smpl.smpl_motion`` without its search for a floor.
    """
    world = rot.multiply(motion.global_rotations(), rot.conjugate(rest_corrections()))
    local = relative(world)
    pelvis, shape = local[:, 0], motion.root.shape
    hips = motion.root + rot.rotate(pelvis, np.broadcast_to(OUR_HIPS_FROM_PELVIS, shape))
    path = hips * (SMPL_LEG / OUR_LEG)
    path = path - rot.rotate(pelvis, np.broadcast_to(HIPS_FROM_PELVIS, shape))
    return rot.to_axis_angle(local).reshape(len(motion), -1), path - PELVIS_FROM_TRANS


def save_smpl(
    path: str | os.PathLike[str], motion: Motion, *, loop: np.ndarray | None = None
) -> ExportReport:
    """Write smpl_poses (T, 72), smpl_scaling (1,) and smpl_trans (T, 3) at 60 fps.

    A cycle of N frames stays one: N frames of which the last is not the first.
    """
    even = at_rate(motion, FPS, loop)
    poses, trans = smpl_arrays(even)
    record = {
        "smpl_loss": 0.0,
        "smpl_poses": poses,
        "smpl_scaling": np.array([SCALING]),
        "smpl_trans": trans * SCALING,
        "source": SOURCE,
    }
    with whole_file(path) as temporary:
        # Protocol 4: what every Python 3 and our own reader know.
        temporary.write_bytes(pickle.dumps(record, protocol=4))
    unit = f"1/{SCALING:g} m"
    return ExportReport(
        "AIST++ motion", len(even), FPS, even.seconds, unit=unit, loop=loop is not None
    )
