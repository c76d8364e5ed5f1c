"""The dance by our own writers (BVH, VRM Animation, VMD, AIST++), from whatever rig it is on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..core import export_report, formats
from ..steps import Steps, aside
from .clips import Clip


def write_steps(
    armature: Any, path: Path, clips: Sequence[Clip], **options: Any
) -> Steps[list[tuple[Path, export_report.ExportReport]]]:
    """In small steps a file for each clip; of more than one each is named after its take too."""
    out = []
    for clip in clips:
        place = path
        if len(clips) > 1:
            name = "".join(c if c.isalnum() or c in " -_" else "_" for c in clip.name)
            place = path.with_name(f"{path.stem} {name}{path.suffix}")
        motion, loop = (yield from clip.motion_steps(armature)), None
        if clip.loop:
            loop, motion = motion.root[-1] - motion.root[0], motion.slice(0, len(motion) - 1)
        save = partial(formats.save_motion, place, motion, loop=loop, **options)
        out.append((place, (yield from aside(save))))
    return out
