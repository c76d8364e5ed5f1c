"""Motion files: one format a module, chosen by the file's ending."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import MotionError, OptionError
from ..files import other_than_a_file
from ..motion import Motion
from .bvh import load_bvh, save_bvh
from .gltf import save_glb, save_vrma
from .npz import load_npz, save_npz
from .report import ExportReport
from .smpl import save_smpl
from .vmd import save_vmd

__all__ = [
    "ExportReport",
    "load_bvh",
    "load_motion",
    "load_npz",
    "save_bvh",
    "save_glb",
    "save_motion",
    "save_npz",
    "save_smpl",
    "save_vmd",
    "save_vrma",
]

_LOADERS = {".bvh": load_bvh, ".npz": load_npz}
_SAVERS: dict[str, Callable[..., ExportReport]] = {
    ".bvh": save_bvh,
    ".npz": save_npz,
    ".pkl": save_smpl,
    ".vrma": save_vrma,
    ".glb": save_glb,
    ".vmd": save_vmd,
}


def load_motion(path: str | os.PathLike[str]) -> Motion:
    """Read a .bvh or .npz file."""
    loader = _LOADERS.get(Path(path).suffix.lower())
    if loader is None:
        raise MotionError(f"{path}: a motion file ends in {' or '.join(_LOADERS)}")
    if kind := other_than_a_file(path):
        raise MotionError(f"{path} is {kind}; name a motion file")
    return loader(path)


def check_motion_path(path: str | os.PathLike[str]) -> None:
    """Raise OptionError early if ``save_motion`` could not choose a format for ``path``."""
    if Path(path).suffix.lower() not in _SAVERS:
        raise OptionError(f"{path}: name the output with {' or '.join(_SAVERS)} at the end")


def save_motion(
    path: str | os.PathLike[str], motion: Motion, *, loop: np.ndarray | None = None, **options: Any
) -> ExportReport:
    """Write a file of the format that its ending names, whole or not at all.

    ``loop`` (3,) says that the dance is a cycle whose frame N would be its frame 0, so many
    metres further (0, 0, 0 on the spot). Formats whose keys have times get that closing key, so
    that a player's cycle is exactly N / fps seconds.
    ``options`` are the format's own, ``names`` of BVH, ``fingers`` of .vrma and .vmd.
    """
    check_motion_path(path)
    return _SAVERS[Path(path).suffix.lower()](path, motion, loop=loop, **options)
