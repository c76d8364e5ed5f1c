"""A song put into a scene: its strip, the frames that it takes, and playback in time with it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy

from .. import compat

_BLENDERS_RANGE = (1, 250)
"""First and last frame of a scene in which nobody chose any."""


def lay(scene: Any, path: Path) -> Any:
    """Lay a song file on a free channel, heard from the scene's first frame on; its strip."""
    return compat.add_sound(scene, str(path), path.name, scene.frame_start)


def lies_in(scene: Any, path: Path) -> bool:
    """Whether a strip of this file is heard from the scene's first frame on."""
    if scene.sequence_editor is None:
        return False
    return any(
        strip.type == "SOUND"
        and strip.sound is not None
        and Path(bpy.path.abspath(strip.sound.filepath)) == path
        and round(compat.strip_frames(strip)[0]) == scene.frame_start
        for strip in compat.all_strips(scene)
    )


def fit_range(scene: Any, first: float, seconds: float) -> bool:
    """Let the scene's range hold what begins at a frame and lasts so long; whether it changed.

    A range that nobody chose becomes just that long; a chosen one is only ever made longer.
    """
    before = (scene.frame_start, scene.frame_end)
    last = max(1, math.ceil(first + seconds * compat.scene_fps(scene)) - 1)
    scene.frame_end = last if before == _BLENDERS_RANGE else max(before[1], last)
    return (scene.frame_start, scene.frame_end) != before


def has_blenders_range(scene: Any) -> bool:
    """Whether nobody chose the scene's range yet."""
    return (scene.frame_start, scene.frame_end) == _BLENDERS_RANGE


def sync_to_sound(scene: Any) -> bool:
    """Set *Sync to Audio*, once in each scene: who sets it back is not asked again; if it was set.

    A dance is looked at with its song, so playback rather drops frames than falls behind it.
    """
    settings = scene.audio2pose
    if settings.synced:
        return False
    settings.synced = True
    changed = bool(scene.sync_mode != "AUDIO_SYNC")
    scene.sync_mode = "AUDIO_SYNC"
    return changed
