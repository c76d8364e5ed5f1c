"""Where batches come from: the windows file that a configuration names, or that of its pack."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..data.training.pack_windows import windows_of_pack
from ..data.training.splits import HELD_OUT, LEFT_OUT, assign_splits
from ..data.training.statistics import RunningStatistics
from ..data.training.windows_reader import WindowsFile, is_windows, open_windows
from ..data.training.windows_writer import WindowOptions
from ..errors import DataError
from .batches import Windows, style_index
from .config import Config, DataConfig

Progress = Callable[[str, float], None]


def windows_folder(data: DataConfig, progress: Progress | None = None) -> Path:
    """The folder of the configuration's windows file.

    Where there is a pack instead (the configuration names it, or it is FOLDER.npz, as
    training/prepare.py leaves it), its windows are made if they are missing. Raises DataError
    where there is neither.
    """
    place = Path(data.windows)
    if is_windows(place):
        return place if place.is_dir() else place.parent
    pack = place if place.suffix == ".npz" else place.with_name(place.name + ".npz")
    if place.suffix == ".npz" or pack.is_file():
        options = WindowOptions(data.fps, data.speeds, data.mirror, data.conditions)
        return windows_of_pack(pack, options, workers=os.cpu_count() or 1, progress=progress)
    raise DataError(f"{place}: no such windows file; `python training/prepare.py` makes one")


def read_split(
    config: Config, split: str = "train", progress: Progress | None = None
) -> tuple[WindowsFile, bool]:
    """A split of the configuration's windows file, and whether that is all of it.

    Left out are the clips that the configuration excludes (and, of training, those that it
    holds out), mirrored tracks where it asks for none, and speeds that it does not ask for; where
    the file has none of its speeds, all are taken. Raises DataError where the file was made at
    another rate or without the conditions asked for, or where nothing is left.
    """
    data = config.data
    folder = windows_folder(data, progress)
    file = open_windows(folder, split)
    missing = [name for name in config.conditions if name not in file.conditions]
    if file.fps != data.fps or missing:
        raise DataError(
            f"{folder}: made for {file.fps:g} fps and {', '.join(file.conditions)}; the config "
            "asks for others; build the windows again"
        )
    # What the file was made without fits no pattern here.
    splits = assign_splits(dict.fromkeys(file.clips), data.held_out, data.excluded, strict=False)
    left_out = {LEFT_OUT, HELD_OUT} if split == "train" else {LEFT_OUT}
    wanted = np.array([splits[name] not in left_out for name in file.clips])
    wanted &= data.mirror | ~file.mirrored
    at_speed = np.isclose(file.speeds[:, None], np.array(data.speeds)).any(axis=1)
    if (wanted & at_speed).any():
        wanted &= at_speed
    if not wanted.any():
        raise DataError(f"{folder}: the config leaves out every clip of the split {split!r}")
    return file.only(wanted), bool(wanted.all())


def training_windows(
    config: Config,
    where: torch.device,
    given: tuple[np.ndarray, np.ndarray] | None = None,
    split: str = "train",
    progress: Progress | None = None,
) -> tuple[Windows, np.ndarray, np.ndarray, str]:
    """What to draw batches from, mean and deviation (152,), and how much it is, in words.

    Mean and deviation are those of the tracks drawn from, or the ``given`` ones of an earlier
    training.
    """
    file, whole = read_split(config, split, progress)
    mean, deviation = given or (file.mean, file.deviation)
    if given is None and not whole:
        statistics = RunningStatistics()
        for i in range(len(file)):
            statistics.add(file.track(i))
        mean, deviation = statistics.mean, statistics.deviation()
    file = replace(file, mean=mean, deviation=deviation)
    seconds = file.frames.sum() / file.fps
    speeds = ", ".join(f"{speed:g}" for speed in np.unique(file.speeds))
    size = f"{len(set(file.clips))} clips, {len(file)} tracks, {seconds / 60:.0f} min at {speeds}"
    return Windows(file, config, where), mean, deviation, size


def check_styles(config: Config, windows: Windows) -> list[str]:
    """Raise where the dancer would lack a style: its model file could not be written.

    Returns the styles of the data that the configuration has no name for: their clips train
    the dancer without a style.
    """
    names = config.data.style_names
    present = set(windows.style.tolist())
    missing = [name for i, name in enumerate(names) if i not in present]
    if missing:
        raise DataError(
            f"{config.data.windows}: holds no training clip of the style {missing[0]!r}; take it "
            "out of [data] style_names, or say in [data.styles] which clips are of it"
        )
    return sorted({s for s in windows.style_labels if s and style_index(s, config) < 0})
