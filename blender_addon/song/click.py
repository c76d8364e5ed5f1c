"""The click track: a sound strip with a click on every beat, heard while it is set, never rendered.

The strip lies beside the song, packed into the file. While Blender renders it is muted, and so
it is in a saved file: whoever renders that without this add-on hears no clicks either.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from .. import compat
from ..core import click as core_click, errors, load
from . import beats
from .strips import CLICK_MARK

NAME = "Audio2Pose Clicks"
RATE = 22050
REST_S = 0.5
"""Silence after the last click."""


def is_click(strip: Any) -> bool:
    """Whether a strip is a click track of ours."""
    return bool(strip.get(CLICK_MARK))


def strips_of(scene: Any) -> list[Any]:
    """The click tracks of a scene; one, or none."""
    return [
        strip for strip in compat.all_strips(scene) if strip.type == "SOUND" and is_click(strip)
    ]


def refresh(context: Any) -> None:
    """Make the click track anew where the settings want one, else take it away."""
    scene = context.scene
    remove(scene)
    if not scene.audio2pose.click:
        return
    try:
        store = beats.edited(scene, beats.clock_now(context))
    except errors.DataError:
        return  # no beats yet: the next analysis makes it
    assert store is not None
    frames = store.clock.frames(store.beats.times)
    first = int(np.floor(frames[0]))
    # Between two frames the sound itself is later, so that each click is exact.
    clicks = replace(store.beats, times=(frames - first) / store.clock.fps)
    silence = np.zeros(round((clicks.times[-1] + REST_S) * RATE), np.float32)
    with tempfile.TemporaryDirectory(prefix="audio2pose-", dir=bpy.app.tempdir or None) as folder:
        path = Path(folder) / "clicks.wav"
        core_click.write_clicks(path, load.Audio(silence, RATE, "clicks"), clicks)
        strip = compat.add_sound(scene, str(path), NAME, first)
        strip.sound.pack()
    strip[CLICK_MARK] = True


def remove(scene: Any) -> None:
    """Take the click track away, with its sound."""
    for strip in strips_of(scene):
        sound = strip.sound
        scene.sequence_editor.strips.remove(strip)
        if sound is not None and sound.users == 0:
            bpy.data.sounds.remove(sound)


def _mute_all(muted: bool) -> None:
    for scene in bpy.data.scenes:
        for strip in strips_of(scene):
            strip.mute = muted


@persistent
def _mute(*_given: Any) -> None:
    _mute_all(True)


@persistent
def _unmute(*_given: Any) -> None:
    _mute_all(False)


def _handlers() -> list[tuple[Any, Any]]:
    on = bpy.app.handlers
    muting = [on.render_init, on.save_pre]
    return [
        *((one, _mute) for one in muting),
        *((one, _unmute) for one in (on.render_complete, on.render_cancel)),
        *((one, _unmute) for one in (on.save_post, on.save_post_fail, on.load_post)),
    ]


def register() -> None:
    """Mute clicks while Blender renders or saves."""
    for handlers, function in _handlers():
        handlers.append(function)


def unregister() -> None:
    """No longer."""
    for handlers, function in _handlers():
        if function in handlers:
            handlers.remove(function)
