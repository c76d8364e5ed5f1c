"""Audio2Pose: a song goes in, an editable, beat-true 3D dance comes out.

>>> from audio2pose_core import generate_dance, save_motion
>>> dance = generate_dance("song.mp3", style="auto", seed=0)
>>> save_motion("dance.bvh", dance.motion)

Names are loaded when they are first used, so that importing the package (or one
of its small modules) stays cheap.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audio.beats import Beats, load_beats, save_beats, track_beats
    from .audio.load import Audio, load_audio
    from .errors import Audio2PoseError
    from .formats import load_motion, save_motion
    from .generate import Dance, Loop, generate_dance, generate_loop
    from .motion import Motion

__version__ = "0.1.0"

# Silent until a program listens: audio2pose_core.console.listen, or any handler of its own.
logging.getLogger(__name__).addHandler(logging.NullHandler())

_HOME = {
    "Audio": ".audio.load",
    "Audio2PoseError": ".errors",
    "Beats": ".audio.beats",
    "Dance": ".generate",
    "Loop": ".generate",
    "Motion": ".motion",
    "generate_dance": ".generate",
    "generate_loop": ".generate",
    "load_audio": ".audio.load",
    "load_beats": ".audio.beats",
    "load_motion": ".formats",
    "save_beats": ".audio.beats",
    "save_motion": ".formats",
    "track_beats": ".audio.beats",
}

__all__ = [
    "Audio",
    "Audio2PoseError",
    "Beats",
    "Dance",
    "Loop",
    "Motion",
    "generate_dance",
    "generate_loop",
    "load_audio",
    "load_beats",
    "load_motion",
    "save_beats",
    "save_motion",
    "track_beats",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
