"""Where batches come from: the pack or the windows file that a configuration names."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import torch

from .. import representation as rep
from ..data.training.clip import load_pack
from ..data.training.tracks import make_all_tracks, statistics
from ..data.training.windows_reader import is_windows, open_windows
from ..errors import DataError
from .batches import MappedWindows, Windows
from .config import Config


def training_windows(
    config: Config,
    where: torch.device,
    given: tuple[np.ndarray, np.ndarray] | None = None,
    split: str = "train",
) -> tuple[Windows, np.ndarray, np.ndarray, str]:
    """What to draw batches from, mean and deviation (152,), and how much it is, in words.

    Mean and deviation are those of the data, or the ``given`` ones of an earlier training.
    ``config.data.pack`` names a pack of clips, whose tracks are made here, or
    the folder of a windows file, which was made with speeds and mirroring. A pack
    has another ``split`` too: "held_out".
    """
    pack = config.data.pack
    if is_windows(pack):
        file = open_windows(pack)
        missing = [name for name in config.conditions if name not in file.conditions]
        if file.fps != config.data.fps or missing:
            raise DataError(
                f"{pack}: made for {file.fps:g} fps and {', '.join(file.conditions)}; the config "
                "asks for others; build the windows again"
            )
        if given is not None:
            file = dataclasses.replace(file, mean=given[0], deviation=given[1])
        size = f"{len(file.frames)} tracks, {len(file.rows)} frames, mapped"
        return MappedWindows(file, config, where), file.mean, file.deviation, size
    # The pack was made by some configuration; a clip that this one leaves out is not learnt from.
    left_out = {*config.data.excluded, *(config.data.held_out if split == "train" else ())}
    clips = [c for c in load_pack(pack) if c.split == split and c.name not in left_out]
    if not clips:
        raise DataError(f"{pack}: holds no clips of the split {split!r}")
    if any(group in rep.MUSIC_GROUPS for group in config.data.conditions):
        raise DataError(
            f"{pack}: a pack keeps no music; for the conditions bar, sound, mel and chroma build a "
            "windows file of preprocessed data (training/prepare.py --data_root)"
        )
    strange = sorted({c.style for c in clips} - {"", *config.data.style_names})
    if strange:
        raise DataError(
            f"{pack}: has clips of the style {strange[0]!r}, which [data] style_names lacks; add "
            "it, or make the pack again with this config"
        )
    tracks = make_all_tracks(
        clips,
        config.data.fps,
        config.conditions,
        config.data.style_names,
        config.data.speeds,
        config.data.mirror,
        workers=os.cpu_count() or 1,
    )
    mean, deviation = statistics(tracks) if given is None else given
    windows = Windows(tracks, config, config.conditions, mean, deviation, where)
    return windows, mean, deviation, f"{len(clips)} clips, {len(tracks)} tracks"


def check_styles(config: Config, windows: Windows) -> None:
    """Raise where the dancer would lack a style: its model file could not be written."""
    names = config.data.style_names
    present = set(windows.style.tolist())
    missing = [name for i, name in enumerate(names) if i not in present]
    if missing:
        raise DataError(
            f"{config.data.pack}: holds no training clip of the style {missing[0]!r}; take it out "
            "of [data] style_names, or say in [data.styles] which clips are of it"
        )
