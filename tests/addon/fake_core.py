"""A library whose ``generate_dance`` does what a test says; the rest is the real one."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

from audio2pose_core import errors

REAL = Path(errors.__file__).parent
_HEAD = """
import os, sys, time
from dataclasses import dataclass
from types import SimpleNamespace
import numpy as np
from ..errors import AudioError, Audio2PoseError
from ..motion import rest_motion

def dance(song, style, seed, seconds=None):
    seconds = song.seconds if seconds is None else seconds
    motion = rest_motion(max(1, round(seconds * 30)), 30.0)
    motion.root[:, 0] = np.arange(len(motion)) / 30.0  # x in metres is the time in seconds
    times = np.arange(0, seconds, 0.5)
    beats = SimpleNamespace(times=times, downbeats=np.arange(len(times)) % 4 == 0, tempo_bpm=120.0)
    return SimpleNamespace(
        motion=motion, beats=beats, seconds=seconds, style=style, seed=seed, report={}
    )

def load_model(path=None, threads=0, device="auto"):
    return path

def generate_dance(song, *, style="auto", energy=0.0, seed=0, duration=None, beats=None,
                   accents="auto", model=None, quality=1, structure=False, constraint=None,
                   difference=0.5, moves=(), rough=None,
                   progress=None, cancelled=None):
"""
_ROUGH = """
class RoughDance:
    def __init__(self, show, reduces, begun):
        self.show, self.shown = show, False
"""
DANCES = """
progress("Dancing", 0.5)
return dance(song, style, seed)
"""


def make(folder: Path, body: str = DANCES) -> Path:
    """A folder ``audio2pose_core`` whose generate_dance has the given body."""
    core = folder / "audio2pose_core"
    core.mkdir(parents=True)
    for entry in REAL.iterdir():
        if entry.name in ("generate", "network", "data", "models", "__pycache__"):
            continue
        (core / entry.name).symlink_to(entry)
    shutil.rmtree(core / "generate", ignore_errors=True)
    (core / "generate").mkdir()
    text = _HEAD + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    (core / "generate" / "__init__.py").write_text(text)
    (core / "generate" / "rough.py").write_text(_ROUGH)
    return core
