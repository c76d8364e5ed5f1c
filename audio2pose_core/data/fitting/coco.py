"""COCO-17 keypoints (AIST++ ``keypoints3d``) as points to fit, and how well the fit does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ... import rotations as rot
from ...errors import MotionError
from ...signals import gaussian_smooth
from ...skeleton import COCO_17, INDEX
from .limbs import frame
from .skeleton import Fit, Points, fit_points

MAX_GAPS = 0.25
"""Share of the numbers that may be NaN; more is refused."""
FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
FACE_SMOOTH_S = 0.05
FACE_PITCH = float(np.deg2rad(5.5))
"""The middle of nose and eyes lies so far above the level of the ears, seen from them."""
_X, _Z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])


def fit_keypoints(keypoints: np.ndarray, fps: float = 60.0) -> Fit:
    """The skeleton fitted to keypoints (T, 17, 3) in centimetres, Y up, COCO order.

    NaN gaps are bridged by straight lines. Raises MotionError where more than a
    quarter is missing, or where the points make no body.

    Examples
    --------
    >>> fit = fit_keypoints(np.load("poses_npy/gLH_sBM_cAll_d17_mLH4_ch02.npy"))  # doctest: +SKIP
    >>> fit.motion.fps  # doctest: +SKIP
    60.0
    """
    if keypoints.ndim != 3 or keypoints.shape[1:] != (17, 3) or len(keypoints) == 0:
        raise MotionError(f"keypoints are (T, 17, 3), not {keypoints.shape}")
    metres = fill_gaps(np.asarray(keypoints, dtype=np.float64)) / 100.0
    at = {name: metres[:, i] for i, name in enumerate(COCO_17)}
    face = {n: gaussian_smooth(at[n], FACE_SMOOTH_S * fps) for n in FACE}
    ears = (face["left_ear"] + face["right_ear"]) / 2
    ahead = (face["nose"] + face["left_eye"] + face["right_eye"]) / 3 - ears
    across = face["left_ear"] - face["right_ear"] + face["left_eye"] - face["right_eye"]
    head = frame(_X, _Z, across, ahead)
    head = rot.multiply(head, rot.from_axis_angle(np.array([FACE_PITCH, 0.0, 0.0])))
    body = {name: at[name] for name in COCO_17 if name not in FACE}
    fit = fit_points(Points(fps, body, skull=ears, head=head))
    # Where the face sits on this dancer's head: the mean in the head's own frame.
    world = fit.motion.global_rotations()[:, INDEX["head"]]
    joint = fit.joints()[:, INDEX["head"]]
    marks = {n: rot.rotate(rot.conjugate(world), at[n] - joint).mean(axis=0) for n in FACE}
    return replace(fit, marks=marks)


def fill_gaps(values: np.ndarray) -> np.ndarray:
    """Bridge NaN (or infinite) numbers along axis 0 by straight lines; ends are held.

    Raises MotionError where more than ``MAX_GAPS`` is missing in all, or some
    coordinate is never seen.
    """
    known = np.isfinite(values)
    if known.all():
        return values
    if 1.0 - known.mean() > MAX_GAPS or not known.any(axis=0).all():
        raise MotionError(
            f"{100 * (1 - known.mean()):.0f}% of the keypoints are missing; leave this clip out"
        )
    flat, seen = values.reshape(len(values), -1).copy(), known.reshape(len(values), -1)
    index = np.arange(len(values))
    for c in np.flatnonzero(~seen.all(axis=0)):
        flat[:, c] = np.interp(index, index[seen[:, c]], flat[seen[:, c], c])
    return flat.reshape(values.shape)


def reproduced(fit: Fit) -> np.ndarray:
    """The 17 keypoints (T, 17, 3) in metres by forward kinematics with the dancer's bones."""
    joints = fit.joints()
    world = fit.motion.global_rotations()[:, INDEX["head"]]
    out = np.empty((len(joints), 17, 3))
    for i, name in enumerate(COCO_17):
        if name in FACE:
            out[:, i] = joints[:, INDEX["head"]] + rot.rotate(world, fit.marks[name])
        else:
            out[:, i] = joints[:, INDEX[name]]
    return out
