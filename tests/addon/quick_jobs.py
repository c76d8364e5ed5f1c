"""Jobs that are done when they are started: a stepping dance and its few keys, in this process.

The worker's own road is tested in test_jobs.py and test_operators.py; here it would only
cost the start of a process for every dance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from audio2pose_core import rotations as rot, skeleton
from audio2pose_core.audio.beats import Beats
from audio2pose_core.cleanup.constraints import MotionConstraint
from audio2pose_core.cleanup.dance_keys import reduce_dance
from audio2pose_core.cleanup.legs import LEGS, leg_pose, solve_leg, write_leg
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
STANDS, MOVES = 0.8, 0.3  # probability of a contact


def steps(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the ankles are (n, 2, 3) and contacts (n, 4): each foot takes a step in each bar.

    The left foot moves in the second beat and the right one in the fourth, the same for
    every seed; all the rest of the time they stand. The contacts are probabilities, and
    neither 0 nor 1.
    """
    t = np.arange(round(seconds * FPS)) / FPS
    ankles, contacts = np.empty((len(t), 2, 3)), np.full((len(t), 4), STANDS)
    for side, begins in ((0, BEAT), (1, 3 * BEAT)):
        place, bar = (t - begins) % (4 * BEAT), np.floor((t - begins) / (4 * BEAT))
        share = np.clip(place / BEAT, 0.0, 1.0)
        to, start = bar % 2, (bar - 1) % 2
        rise = share * share * (3.0 - 2.0 * share)
        ankles[:, side] = skeleton.rest_positions()[LEGS[side][2]]
        ankles[:, side, 2] += 0.15 * (start + (to - start) * rise)
        ankles[:, side, 1] += 0.08 * np.sin(np.pi * share) ** 2
        contacts[(place > 0.0) & (share < 1.0), 2 * side : 2 * side + 2] = MOVES
    return ankles, contacts


def standing(root: np.ndarray, quats: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Rotations with the legs bent so that the feet are where ``steps`` wants them.

    ``free`` (n,) bool are the frames whose legs may be bent.
    """
    ankles, _ = steps(len(root) / FPS)
    out = quats.copy()
    flat = np.broadcast_to(rot.IDENTITY, (len(root), 4))
    for side, leg in enumerate(LEGS):
        thigh, shin, _ = solve_leg(leg_pose(root, out, leg), ankles[:, side])
        write_leg(out, leg, thigh, shin, flat, flat)
    return np.where(free[:, None, None], out, quats)


def sway(seconds: float, seed: int) -> Motion:
    """The body sways, every joint at its own pace, which the seed decides; the feet step."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * FPS)) / FPS
    rate, phase = rng.uniform(0.3, 1.0, (1, 24, 3)), rng.uniform(0, 6, (1, 24, 3))
    angles = 0.3 * np.sin(2 * np.pi * rate * t[:, None, None] + phase)
    angles[:, [0, *LEGS[0], *LEGS[1]]] *= 0.3
    root = np.tile(skeleton.rest_positions()[0], (len(t), 1))
    root += 0.06 * np.stack([np.sin(t + seed), 0.3 * np.sin(2 * t) - 1.0, np.cos(t + seed)], axis=1)
    quats = standing(root, rot.from_axis_angle(angles), np.ones(len(t), dtype=bool))
    return Motion(FPS, root, quats, steps(seconds)[1])


def inpainted(new: Motion, constraint: MotionConstraint) -> Motion:
    """What a model does: the constraint where the mask says so, and a way from it to the rest."""
    there = constraint.at(FPS, len(new))
    free = np.stack([_way_in(column) for column in ~there.mask.T], axis=1)
    root = there.motion.root + free[:, :1] * (new.root - there.motion.root)
    a, b = there.motion.rotations, new.rotations
    b = b * np.where(np.sum(a * b, axis=-1, keepdims=True) < 0, -1.0, 1.0)
    quats = rot.normalize(a + free[:, 1:, None] * (b - a))
    legs = [0, *(1 + j for leg in LEGS for j in leg)]
    quats = standing(root, quats, ~there.mask[:, legs].any(axis=1))
    quats[there.mask[:, 1:]] = there.motion.rotations[there.mask[:, 1:]]
    return Motion(FPS, root, quats, new.contacts)


def _way_in(free: np.ndarray) -> np.ndarray:
    """How far each frame (n,) has left the constraint: 0 where it holds, 1 from 0.3 s on."""
    held = np.flatnonzero(~free)
    if len(held) == 0:
        return np.ones(len(free))
    frames = np.arange(len(free))
    after = np.clip(np.searchsorted(held, frames), 0, len(held) - 1)
    before = np.clip(after - 1, 0, None)
    away = np.minimum(np.abs(frames - held[after]), np.abs(frames - held[before]))
    x = np.clip(away / (0.3 * FPS), 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


class QuickJob:
    """Takes the place of ``jobs.Job``."""

    asked: list[Any] = []  # noqa: RUF012

    def __init__(self, request: Any, python: Any, parent_folder: Any = None, fraction: float = 0.0):
        self.request, self.python, self.parent_folder = request, python, parent_folder
        self.fraction, self.stage, self.seconds_left, self.error = fraction, "", None, ""
        self.state, self.result, self.rough, self.report = State.READY, None, None, {}

    def start_steps(self):
        yield
        self.start()

    def start(self) -> None:
        QuickJob.asked.append(self.request)
        self.state = State.DONE
        if isinstance(self.request, KeyReductionRequest):
            names = ("limb_names", "planted", "preferred", "held", "exact", "together")
            more = {name: getattr(self.request, name) for name in names}
            asked = self.request
            keys = reduce_keys(asked.chain, list(asked.tracks), asked.error, **more)
            self.result = [(k.index, k.values, k.slopes, k.reach) for k in keys]
            return
        assert isinstance(self.request, DanceRequest)
        params, seconds = self.request.params, len(self.request.samples) / self.request.sample_rate
        motion = sway(seconds, params.seed)
        if self.request.loop is not None:
            self._loop(motion)
            return
        if self.request.constraint is not None:
            motion = inpainted(motion, self.request.constraint)
        times, keys = np.arange(0, seconds, BEAT), None
        if self.request.base is not None:
            bars = np.arange(len(times)) % 4 == 0
            beats = Beats(times, bars, 60.0 / BEAT, 4, 1.0, "quick")
            motion = inpainted(motion, self.request.base.constraint(beats))
        if self.request.reduce_at is not None:
            together = params.keys_poses
            made = reduce_dance(
                motion, self.request.reduce_at, params.key_error_metres, times, together=together
            )
            keys = [(k.index, k.values, k.slopes, k.reach) for k in made]
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

    def _loop(self, motion: Motion) -> None:
        """The answer to a ``LoopRequest``: the asked bars, eased into what came before them."""
        asked, params = self.request.loop, self.request.params
        start, period = (asked.first_bar - 1) * 4 * BEAT, asked.bars * 4 * BEAT
        base = motion if asked.base is None else asked.base
        first, count = round(start * FPS), round(period * FPS)
        part = base.slice(first, first + count)
        s = np.clip(3.0 * np.arange(count) / count - 2.0, 0.0, 1.0)
        ease = (s**3 * (10.0 - 15.0 * s + 6.0 * s * s))[:, None]
        way = np.array([0.0, 0.0, 0.3]) if asked.root_motion else np.zeros(3)
        earlier = np.maximum(first + np.arange(count) - count, 0)
        root = part.root + ease * (base.root[earlier] - part.root)
        root = root + np.arange(count)[:, None] / count * way
        quats = rot.slerp(part.rotations, base.rotations[earlier], ease)
        times = np.arange(0, period, BEAT)
        self.result = DanceAnswer(Motion(FPS, root, quats, part.contacts), None)
        self.report = {
            "style": "salsa" if params.style == "auto" else params.style,
            "seed": params.seed,
            "tempo_bpm": 120.0,
            "beats": len(times),
            "beat_times": times.tolist(),
            "downbeats": (np.arange(len(times)) % 4 == 0).tolist(),
            "seconds": period,
            "warnings": [],
            "loop": {
                "first_bar": asked.first_bar,
                "last_bar": asked.first_bar + asked.bars - 1,
                "song_start": start,
                "period": period,
                "offset": way.tolist(),
                "seam_step": 0.3,
            },
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
