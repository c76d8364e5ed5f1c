"""Motion as .npz: exact arrays for programs; the contacts are kept."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from ..errors import MotionError
from ..files import whole_file
from ..motion import Motion
from ..skeleton import JOINTS
from .report import ExportReport

FORMAT = 1


def save_npz(
    path: str | os.PathLike[str], motion: Motion, *, loop: np.ndarray | None = None
) -> ExportReport:
    """Write fps, root (T, 3), rotations (T, 24, 4), contacts (T, 4) and the joint names.

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
    with whole_file(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return ExportReport("npz", len(motion), motion.fps, motion.seconds, loop=loop is not None)


def load_npz(path: str | os.PathLike[str]) -> Motion:
    """Read what ``save_npz`` wrote; anything else raises MotionError."""
    if not Path(path).is_file():
        raise MotionError(f"{path}: no such file")
    try:
        with np.load(path, allow_pickle=False) as data:
            if int(data["format"]) != FORMAT:
                raise MotionError(f"{path}: format {int(data['format'])}, this reads {FORMAT}")
            if tuple(data["joints"].tolist()) != JOINTS:
                raise MotionError(f"{path}: its joints are not the 24 of Audio2Pose")
            contacts = data["contacts"].astype(np.float64) if "contacts" in data else None
            return Motion(
                float(data["fps"]),
                data["root"].astype(np.float64),
                data["rotations"].astype(np.float64),
                contacts,
            )
    except (OSError, KeyError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise MotionError(f"{path}: not a motion file of Audio2Pose ({error})") from error
