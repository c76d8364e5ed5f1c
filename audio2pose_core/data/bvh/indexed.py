"""A folder of BVH clips with an ``index.csv`` beside them, as training clips."""

from __future__ import annotations

from pathlib import Path

from ...formats import load_bvh
from ..training.clip import Clip
from ..training.idle import trim_idle
from ..training.splits import LEFT_OUT, assign_splits
from .index_file import read_index


def read_indexed_folder(
    folder: str | Path, styles: dict[str, str], held_out: list[str], excluded: list[str]
) -> list[Clip]:
    """Every clip that ``index.csv`` names.

    ``styles`` maps the start of a ``style_guess`` to a style of ours; clips
    that match none are kept without a label. ``held_out`` and ``excluded`` hold file names
    as the index spells them, or patterns of them, see ``training.splits``; clips that are
    left out are not read. The waiting before and after a dance is cut. Where the beats are
    known the first one of the file is the first of a phrase.
    """
    folder = Path(folder)
    rows = read_index(folder)
    splits = assign_splits((row.file for row in rows), held_out, excluded)
    clips = []
    for row in rows:
        if splits[row.file] == LEFT_OUT:
            continue
        motion = load_bvh(folder / row.file)
        # The longest matching start wins, so that "choreography: X" can be told from the rest.
        matches = [key for key in styles if row.style_guess.startswith(key)]
        style = styles[max(matches, key=len)] if matches else ""
        clip = Clip(
            row.file, row.source, style, splits[row.file], motion, row.beats(motion.seconds)
        )
        clips.append(trim_idle(clip))
    return clips
