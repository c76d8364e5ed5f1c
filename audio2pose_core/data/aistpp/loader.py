"""Load preprocessed AIST++ clips; also importable as ``audio2pose_core.data.loader``."""

from __future__ import annotations

import os
import tokenize
from pathlib import Path

import numpy as np

from ...errors import DataError
from .audio import load_wav
from .manifest import output_paths
from .names import near_names, parse_name

# numpy's header is a Python literal: parsing a damaged one fails in many ways.
_DAMAGED = (
    ValueError, EOFError, SyntaxError, tokenize.TokenError, TypeError, MemoryError, OverflowError,
    RecursionError,
)  # fmt: skip


def load_single_sample(
    name: str, data_root: str | os.PathLike[str] = "data/hiphop_la"
) -> tuple[np.ndarray, tuple[np.ndarray, int]]:
    """Pose and sound of one preprocessed AIST++ clip.

    Parameters
    ----------
    name : str
        The clip, with any camera: "gLH_sBM_c01_d16_mLH0_ch01" or "…_cAll_…".
    data_root : path
        What ``scripts/preprocess.py`` wrote.

    Returns
    -------
    pose : (T, 17, 3) float32
        COCO-17 joints, centimetres, Y up, at 60 fps.
    (wav, sr) : (N,) float32, int
        Mono, about -1..1, 16000 samples a second, as long as the pose.

    Raises
    ------
    DataError
        There is no such clip (near names are listed), or a file is damaged.

    Examples
    --------
    >>> pose, (wav, sr) = load_single_sample("gLH_sBM_c01_d16_mLH0_ch01")  # doctest: +SKIP
    >>> pose.shape, len(wav) / sr  # doctest: +SKIP
    ((720, 17, 3), 12.0)
    """
    root = Path(data_root)
    if not root.is_dir():
        raise DataError(f"data root {root} does not exist; run scripts/preprocess.py first")
    try:
        paths = output_paths(parse_name(name))
    except DataError as error:
        raise DataError(f"{error}{_hint(root, name)}") from error
    for step, what in (("pose", "pose"), ("audio", "sound")):
        if not (root / paths[step]).exists():
            motion = str(parse_name(name).motion)
            raise DataError(f"{root / paths[step]} not found: no {what}{_hint(root, motion)}")
    return load_pose(root / paths["pose"]), load_wav(root / paths["audio"])


def _hint(root: Path, name: str) -> str:
    """What to try instead."""
    known = {path.stem for path in (root / "poses_npy").glob("*.npy")}
    near = [other for other in near_names(name, known) if other != name]
    if near:
        return f"; near names: {', '.join(near)}"
    return f"; {len(known)} clips are in {root}; run scripts/preprocess.py to make them"


def load_pose(path: str | os.PathLike[str]) -> np.ndarray:
    """A pose file (T, 17, 3) float32, checked; DataError where it is damaged."""
    try:
        with open(path, "rb") as file:
            pose = np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError as error:
        raise DataError(f"pose not found: {path}; run preprocess") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    except _DAMAGED as error:
        raise DataError(f"{path} is damaged; run preprocess again") from error
    if pose.ndim != 3 or pose.shape[1:] != (17, 3) or pose.dtype != np.float32 or not len(pose):
        raise DataError(
            f"{path} holds {pose.shape} {pose.dtype}, not (frames, 17, 3) float32; "
            "run preprocess again"
        )
    if not np.isfinite(pose).all():
        raise DataError(f"{path} holds numbers that are none; run preprocess again")
    return pose
