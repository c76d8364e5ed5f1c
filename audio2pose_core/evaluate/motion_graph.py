"""Baseline: a beat-indexed motion graph, the strong classical way to dance to a song.

Motion capture is cut at its motion beats, and a path through the pieces is
sought that fits the song's beats, as Kim, Park and Shin, "Rhythmic-Motion
Synthesis Based on Motion-Beat Analysis", SIGGRAPH 2003, with transitions by
pose and velocity after Kovar, Gleicher and Pighin, "Motion Graphs", SIGGRAPH
2002. It copies what it was given: its poses are real by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .. import rotations as rot
from ..cleanup import join
from ..errors import DataError
from ..metrics.motion_beats import mean_joint_speed, motion_beats
from ..motion import Motion
from .measures import FPS, Sample

CLEAR = 0.15
"""Prominence of a motion beat that is worth a cut."""
LONGEST_S = 2.5
HALF_BEATS = (1, 2, 4)
"""Lengths that a piece may be played at."""
VELOCITY_S = 0.1
"""Weight of a difference of velocity against one of position."""
STRETCH_PRICE = 0.6
"""Metres of pose mismatch that twice the speed is worth."""
PACE_PRICE = 0.1
"""What half or twice the mean speed costs: calm poses match best, and the path would rest there."""
REPEAT_PRICE = 0.3
REPEAT_PIECES = 24
"""A piece that was played this lately costs more."""
STAY_S = 8.0
"""A clip is left after this long, so that the path is a dance of its own."""
CHOICE = 0.01
"""Scale of the random price that lets seeds differ."""
BLEND_S = 0.3


@dataclass(frozen=True)
class _Piece:
    """Frames start to stop of a clip, from one motion beat to the next."""

    clip: int
    start: int
    stop: int


class MotionGraph:
    """The pieces of some clips and what it costs to go from one to the other."""

    def __init__(self, motions: list[Motion]) -> None:
        self.motions = [m.resample(FPS) for m in motions]
        self.pieces: list[_Piece] = []
        entries, exits, moved = [], [], []
        speeds = [mean_joint_speed(motion) for motion in self.motions]
        for c, motion in enumerate(self.motions):
            times, prominence = motion_beats(motion)
            at = np.round(times[prominence >= CLEAR] * FPS).astype(int)
            states = _states(motion)
            for start, stop in pairwise(at):
                if stop - start <= LONGEST_S * FPS:
                    self.pieces.append(_Piece(c, int(start), int(stop)))
                    entries.append(states[start])
                    exits.append(states[stop])
                    moved.append(speeds[c])
        if not self.pieces:
            raise DataError("no clip has two clear motion beats; give a motion graph real dance")
        self.entries, self.exits = np.stack(entries), np.stack(exits)
        self.seconds = np.array([(p.stop - p.start) / FPS for p in self.pieces])
        self.clip = np.array([p.clip for p in self.pieces])
        speed = np.array(
            [s[p.start : p.stop].mean() for p, s in zip(self.pieces, moved, strict=True)]
        )
        self.pace = np.abs(np.log2(speed / np.mean([s.mean() for s in speeds])))

    def dance(self, beats: np.ndarray, seconds: float, seed: int) -> Sample:
        """A dance of ``seconds`` to beats (b,) in seconds; its seams are the changes of clip."""
        random = np.random.default_rng(seed)
        grid = _half_beats(beats, seconds)
        here, stayed, last = int(random.integers(len(self.pieces))), 0.0, -1
        played: list[int] = []
        parts: list[tuple[Motion, bool]] = []
        cuts: list[float] = []
        at = 0
        while at < len(grid) - 1:
            spans = np.array([grid[min(at + h, len(grid) - 1)] - grid[at] for h in HALF_BEATS])
            misfit = np.abs(np.log2(self.seconds[:, None] / spans))
            if last >= 0:
                price = np.sqrt(((self.entries - self.exits[last]) ** 2).mean(axis=1))
                price += STRETCH_PRICE * misfit.min(axis=1) ** 2
                price += PACE_PRICE * self.pace
                price[played[-REPEAT_PIECES:]] += REPEAT_PRICE
                price += random.exponential(CHOICE, len(price))
                if stayed > STAY_S:
                    price[self.clip == self.clip[last]] += REPEAT_PRICE
                here = int(np.argmin(price))
            step = int(np.argmin(misfit[here]))
            goes_on = last >= 0 and self._follows(last, here)
            stayed = stayed + spans[step] if goes_on else 0.0
            if last >= 0 and not goes_on:
                cuts.append(float(grid[at] - grid[0]))
            stop = min(at + HALF_BEATS[step], len(grid) - 1)
            frames = round(grid[stop] * FPS) - round(grid[at] * FPS)
            parts.append((self._played(here, frames), goes_on))
            played.append(here)
            last, at = here, stop
        motion = parts[0][0]
        for part, _ in parts[1:]:
            motion = join(motion, part, BLEND_S)
        first = round(-grid[0] * FPS)
        cut = motion.slice(first, first + round(seconds * FPS))
        seams = np.array(cuts) + grid[0]
        return Sample(cut, None, seams[(seams > 0) & (seams < seconds)])

    def _follows(self, before: int, after: int) -> bool:
        a, b = self.pieces[before], self.pieces[after]
        return a.clip == b.clip and a.stop == b.start

    def _played(self, piece: int, frames: int) -> Motion:
        """A piece at the speed that fills ``frames``."""
        p = self.pieces[piece]
        times = (p.start + np.arange(frames) / max(frames, 1) * (p.stop - p.start)) / FPS
        return self.motions[p.clip].sample(times, FPS)


def _half_beats(beats: np.ndarray, seconds: float) -> np.ndarray:
    """Every beat and the middle between two, carried on past 0 and past ``seconds``."""
    beats = np.asarray(beats, dtype=np.float64)
    period = float(np.median(np.diff(beats)))
    before = beats[0] - period * np.arange(int(np.ceil(max(beats[0], 0) / period)) + 1, 0, -1)
    after = beats[-1] + period * np.arange(1, max(1, int((seconds - beats[-1]) / period) + 3) + 4)
    whole = np.concatenate([before, beats, after])
    whole = whole[np.flatnonzero(whole <= 0)[-1] :]
    return np.sort(np.concatenate([whole, (whole[1:] + whole[:-1]) / 2]))


def _states(motion: Motion) -> np.ndarray:
    """What must match at a transition, (T, 144): joints and velocities, seen by the body."""
    world = motion.joint_positions()
    unturn = rot.from_yaw(-rot.yaw(motion.rotations[:, 0]))[:, None]
    ground = motion.root * np.array([1.0, 0.0, 1.0])
    places = rot.rotate(unturn, world - ground[:, None])
    speeds = rot.rotate(unturn, np.gradient(world, axis=0) * motion.fps)
    return np.concatenate([places, VELOCITY_S * speeds], axis=1).reshape(len(motion), -1)
