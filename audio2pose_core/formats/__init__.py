"""Motion files: one format a module, chosen by the file's ending."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import MotionError, OptionError
from ..files import other_than_a_file
from ..motion import Motion
from .bvh import load_bvh, save_bvh
from .npz import load_npz, save_npz

__all__ = ["load_bvh", "load_motion", "load_npz", "save_bvh", "save_motion", "save_npz"]

_LOADERS = {".bvh": load_bvh, ".npz": load_npz}
_SAVERS = {".bvh": save_bvh, ".npz": save_npz}


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


def save_motion(path: str | os.PathLike[str], motion: Motion) -> None:
    """Write a .bvh or .npz file, whole or not at all."""
    check_motion_path(path)
    _SAVERS[Path(path).suffix.lower()](path, motion)
