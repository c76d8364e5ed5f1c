"""Any file of motion as a dance on our skeleton: our own, anybody's BVH, AIST++'s."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import MotionError
from ..formats import load_motion
from ..formats.bvh import parse_bvh
from ..formats.smpl import FPS as SMPL_FPS
from ..motion import Motion
from ..skeleton import JOINTS
from .bvh.retarget import retarget_bvh
from .fitting.smpl import load_smpl

ENDINGS = (".bvh", ".npz", ".pkl")


def load_clip(path: str | os.PathLike[str]) -> tuple[Motion, tuple[str, ...]]:
    """The motion of a file, and what had to be guessed or mended in it.

    A .bvh may be on any skeleton of a body: one with our joints is read as it is, another one is
    retargeted and its floor found. A .pkl holds SMPL poses as AIST++ has them. Raises MotionError
    or DataError, with the file's name, where there is no dance in it.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".pkl":
        return load_smpl(path, SMPL_FPS), ()
    if suffix != ".bvh":
        if suffix not in ENDINGS:
            raise MotionError(f"{path}: a clip ends in {', '.join(ENDINGS)}")
        return load_motion(path), ()
    file = parse_bvh(path)
    if {joint.name for joint in file.joints} >= set(JOINTS):
        return load_motion(path), file.warnings
    made = retarget_bvh(Path(path), file.fps)
    return made.motion, made.warnings
