"""The windows file of a pack: made beside it when it is first asked for, and used again after."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from ... import representation as rep
from ...errors import DataError, OutputError
from .clip import Clip, load_pack
from .cluster import worker_pool
from .windows_writer import CONTRACT, FORMAT, WindowOptions, build_windows

_log = logging.getLogger(__name__)

CLIPS_A_WORKER = 8
"""With fewer it takes longer to start a process than to do its work."""


def with_windows_splits(clips: list[Clip]) -> list[Clip]:
    """Clips with the splits of a windows file: what is held out of training is "test"."""
    return [replace(c, split="train" if c.split == "train" else "test") for c in clips]


def windows_of_pack(
    pack: Path,
    options: WindowOptions,
    *,
    workers: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> Path:
    """The folder of the windows file of ``pack``: PACK.windows/HASH, made where it is missing.

    HASH is of the pack's bytes and the options, so another pack or other speeds make another
    folder. Two programs may ask at once: each builds in a folder of its own, and the first to
    finish gives its folder the name. Raises DataError for a pack that cannot be read or that
    lacks the music that the options ask for, OutputError where its folder cannot be written.
    """
    if any(group in rep.MUSIC_GROUPS for group in options.conditions):
        raise DataError(
            f"{pack}: a pack keeps no music; for the conditions bar, sound, mel and chroma build a "
            "windows file of preprocessed data (training/prepare.py --data_root)"
        )
    folder = pack.with_suffix(".windows") / _digest(pack, options)
    if (folder / CONTRACT).is_file():
        return folder
    clips = with_windows_splits(load_pack(pack))
    _log.info("%s: making windows of %d clips in %s", pack, len(clips), folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix=".partial-", dir=folder.parent) as made,
            worker_pool(min(workers, 1 + len(clips) // CLIPS_A_WORKER)) as pool,
        ):
            build_windows(clips, Path(made) / "windows", options, pool, progress=progress)
            if not (folder / CONTRACT).is_file():
                os.replace(Path(made) / "windows", folder)
    except OSError as error:
        raise OutputError(
            f"cannot write {folder}: {error.strerror or error}; make the windows elsewhere with "
            "training/prepare.py and name their folder in [data] windows"
        ) from error
    return folder


def _digest(pack: Path, options: WindowOptions) -> str:
    """16 characters that tell packs and options apart."""
    try:
        with open(pack, "rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise DataError(
            f"{pack}: cannot be read ({error.strerror}); `python training/prepare.py` makes one"
        ) from error
    digest.update(json.dumps([FORMAT, asdict(options)], sort_keys=True).encode())
    return digest.hexdigest()[:16]
