"""Motion as .npz: exact arrays for programs; the contacts are kept."""

from __future__ import annotations

import os

import numpy as np

from ..array_file import read_npz
from ..errors import DataError, MotionError
from ..files import whole_file
from ..motion import Motion
from ..skeleton import JOINTS
from .report import ExportReport

FORMAT = 1
MIN_FPS, MAX_FPS = 0.1, 10_000.0
MOST_BYTES = 2**30
"""Two and a half hours at 120 frames a second, in float64; our own files are half as large."""
FARTHEST_M = 1e5
NORM_ERROR = 0.02
"""Half floats, which others may have stored, are a thousandth off."""
_NAMES = ("format", "fps", "root", "rotations", "joints", "contacts", "hands")


def save_npz(
    path: str | os.PathLike[str], motion: Motion, *, loop: np.ndarray | None = None
) -> ExportReport:
    """Write fps, root (T, 3), rotations (T, 24, 4), contacts (T, 4) and the joint names,
    and ``hands`` (T, 2, 4) where a plan asks something of them.

    ``positions`` (T, 24, 3), metres, are there for those who compare dances by places.
    """
    arrays = {
        "format": np.array(FORMAT),
        "fps": np.array(motion.fps),
        "root": motion.root.astype(np.float32),
        "rotations": motion.rotations.astype(np.float32),
        "positions": motion.joint_positions().astype(np.float32),
        "joints": np.array(JOINTS),
    }
    if motion.contacts is not None:
        arrays["contacts"] = motion.contacts.astype(np.float32)
    if motion.hands is not None:
        arrays["hands"] = motion.hands.astype(np.float32)
    with whole_file(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return ExportReport("npz", len(motion), motion.fps, motion.seconds, loop=loop is not None)


def load_npz(path: str | os.PathLike[str]) -> Motion:
    """Read what ``save_npz`` wrote; anything else raises MotionError."""
    try:
        arrays = read_npz(path, _NAMES, MOST_BYTES)
        if (found := arrays.number("format", 0, 1e9)) != FORMAT:
            raise MotionError(f"{path}: format {found:g}, this reads {FORMAT}")
        if tuple(arrays.texts("joints")) != JOINTS:
            raise MotionError(f"{path}: its joints are not the 24 of Audio2Pose")
        contacts = arrays.numbers("contacts", 2) if "contacts" in arrays else None
        hands = arrays.numbers("hands", 3) if "hands" in arrays else None
        root, rotations = arrays.numbers("root", 2), arrays.numbers("rotations", 3)
        check_pose(path, root, rotations)
        return Motion(
            arrays.number("fps", MIN_FPS, MAX_FPS),
            root.astype(np.float64),
            rotations.astype(np.float64),
            None if contacts is None else contacts.astype(np.float64),
            None if hands is None else hands.astype(np.float64),
        )
    except DataError as error:
        raise MotionError(f"{error}; is it a motion file of Audio2Pose?") from error
    except MotionError as error:
        if str(error).startswith(str(path)):
            raise
        raise MotionError(f"{path}: {error}") from error


def check_pose(path: str | os.PathLike[str], root: np.ndarray, rotations: np.ndarray) -> None:
    """MotionError where a root is no place of a dancer, or rotations are no unit quaternions."""
    if root.size and float(np.abs(root.astype(np.float64)).max()) > FARTHEST_M:
        raise MotionError(f"{path}: a root is more than {FARTHEST_M:g} m away; metres are meant")
    if not rotations.size or rotations.shape[-1] != 4:
        return  # ``Motion`` names the shapes
    norms = np.linalg.norm(rotations.astype(np.float64), axis=-1)
    if float(np.abs(norms - 1.0).max()) > NORM_ERROR:
        worst = norms.flat[int(np.abs(norms - 1.0).argmax())]
        raise MotionError(
            f"{path}: a quaternion of length {worst:g} is no rotation; all have length 1"
        )
