"""Jobs that are done when they are started: a swaying dance, and its keys reduced, in this process.

The worker's own road is tested in test_jobs.py and test_operators.py; here it would only
cost the start of a process for every dance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup.constraints import MotionConstraint
from audio2pose_core.cleanup.dance_keys import reduce_dance
from audio2pose_core.cleanup.reduce import reduce_keys
from audio2pose_core.motion import Motion
from blender_addon.generate import dance_task
from blender_addon.jobs.job import State
from blender_addon.jobs.messages import DanceAnswer, DanceRequest, KeyReductionRequest

REPORT = {"model": "stand-in", "model_sha256": "ab" * 32}
FPS = 30.0
RATE = 8000
SECONDS = 8.0
BEAT = 0.5  # seconds: 120 bpm, bars of 2 s


def sway(seconds: float, seed: int) -> Motion:
    """Every joint sways at its own pace, which the seed decides; the feet never touch the floor."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * FPS)) / FPS
    rate, phase = rng.uniform(0.3, 1.0, (1, 24, 3)), rng.uniform(0, 6, (1, 24, 3))
    quats = rot.from_axis_angle(0.3 * np.sin(2 * np.pi * rate * t[:, None, None] + phase))
    root = np.stack([0.2 * np.sin(t + seed), 0.9 + 0 * t, 0.2 * np.cos(t + seed)], axis=1)
    return Motion(FPS, root, quats, np.zeros((len(t), 4)))


def inpainted(new: Motion, constraint: MotionConstraint) -> Motion:
    """What a model would do: the constraint where its mask says so."""
    there = constraint.at(FPS, len(new))
    root, quats = new.root.copy(), new.rotations.copy()
    root[there.mask[:, 0]] = there.motion.root[there.mask[:, 0]]
    quats[there.mask[:, 1:]] = there.motion.rotations[there.mask[:, 1:]]
    return Motion(FPS, root, quats, new.contacts)


class QuickJob:
    """Takes the place of ``jobs.Job``."""

    asked: list[Any] = []  # noqa: RUF012

    def __init__(self, request: Any, python: Any, parent_folder: Any = None, fraction: float = 0.0):
        self.request, self.python, self.parent_folder = request, python, parent_folder
        self.fraction, self.stage, self.seconds_left, self.error = fraction, "", None, ""
        self.state, self.result, self.report = State.READY, None, {}

    def start(self) -> None:
        QuickJob.asked.append(self.request)
        self.state = State.DONE
        if isinstance(self.request, KeyReductionRequest):
            names = ("planted", "preferred", "held", "exact")
            more = {name: getattr(self.request, name) for name in names}
            asked = self.request
            keys = reduce_keys(asked.chain, list(asked.tracks), asked.error, **more)
            self.result = [(k.index, k.values, k.slopes) for k in keys]
            return
        assert isinstance(self.request, DanceRequest)
        params, seconds = self.request.params, len(self.request.samples) / self.request.sample_rate
        motion = sway(seconds, params.seed)
        if self.request.constraint is not None:
            motion = inpainted(motion, self.request.constraint)
        times, keys = np.arange(0, seconds, BEAT), None
        if self.request.reduce_at is not None:
            made = reduce_dance(motion, self.request.reduce_at, params.key_error_metres, times)
            keys = [(k.index, k.values, k.slopes) for k in made]
        self.result = DanceAnswer(motion, keys)
        self.report = {
            "style": "salsa" if params.style == "auto" else params.style,
            "seed": params.seed,
            "tempo_bpm": 120.0,
            "beats": len(times),
            "beat_times": times.tolist(),
            "downbeats": (np.arange(len(times)) % 4 == 0).tolist(),
            "seconds": motion.seconds,
            "warnings": [],
            **REPORT,
        }

    def poll(self) -> State:
        return self.state

    def wait(self, interval: float = 0.05) -> State:
        return self.state

    def cancel(self) -> None:
        self.state = State.CANCELLED


def install(monkeypatch: Any) -> None:
    """Put ``QuickJob`` in the place of ``Job``."""
    QuickJob.asked.clear()
    monkeypatch.setattr(dance_task, "Job", QuickJob)


def song(folder: Path, seconds: float = SECONDS) -> Path:
    """A tone."""
    from test_sound import write_wav

    tone = 0.4 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)
    return write_wav(folder / "song.wav", tone, RATE)
