"""Does a dancer copy? Its pieces of 2 s beside every window that it was trained on.

The training windows are counted as training saw them: mirrored, played faster
and slower, from every frame on. A window is where the joints are at ten
instants a second, seen from the body's place and heading in its first. The
distance of two windows is the root mean square of the distances of their joints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import representation as rep
from ..errors import DataError
from ..motion import Motion
from ..skeleton import MIRROR
from .measures import FPS, Sample

PIECE_S = 2.0
RATE = 10
POSES = round(PIECE_S * RATE)
SPEEDS = (0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25)
COMPONENTS = 96
"""Of the windows' principal components, by which candidates are found."""
CANDIDATES = 12
"""Whose distances are then computed in full, at every frame shift."""
SHIFTS = 2
"""Frames by which a window's start is moved either way."""
FOLLOWS_S = 0.5
"""A nearest window that lies this near to where the last one ends goes on with it."""
_BATCH = 64


@dataclass(frozen=True)
class Nearest:
    """For each piece (n,) of some dances, in order: the training window nearest to it.

    ``distance`` in metres, ``start`` in seconds of the window's clip; ``dance`` says
    which dance the piece is of.
    """

    distance: np.ndarray
    clip: np.ndarray
    mirrored: np.ndarray
    speed: np.ndarray
    start: np.ndarray
    dance: np.ndarray

    def new_transitions(self) -> tuple[int, int]:
        """How many pairs of pieces in a row have sources that no clip joins, of how many."""
        same = self.dance[1:] == self.dance[:-1]
        expected = self.start[:-1] + PIECE_S * self.speed[:-1]
        follows = (self.clip[1:] == self.clip[:-1]) & (self.mirrored[1:] == self.mirrored[:-1])
        follows &= np.abs(self.start[1:] - expected) <= FOLLOWS_S
        return int((same & ~follows).sum()), int(same.sum())


@dataclass(frozen=True)
class _Frames:
    """A clip at ``FPS``: joints (T, 24, 3) and heading (T,)."""

    joints: np.ndarray
    heading: np.ndarray

    @staticmethod
    def of(motion: Motion) -> _Frames:
        motion = motion.resample(FPS)
        return _Frames(motion.joint_positions().astype(np.float32), rep.heading(motion))

    def track(self, at: np.ndarray) -> _Track:
        """What lies at fractional frames (P,)."""
        low = np.clip(at.astype(int), 0, max(len(self.joints) - 2, 0))
        part = (at - low)[:, None, None].astype(np.float32)
        high = np.minimum(low + 1, len(self.joints) - 1)
        joints = self.joints[low] * (1 - part) + self.joints[high] * part
        heading = np.interp(at, np.arange(len(self.heading)), self.heading)
        return _Track(joints, joints[:, 0, [0, 2]], heading.astype(np.float32))


@dataclass(frozen=True)
class _Track:
    """One version of a clip at ``RATE``: joints (P, 24, 3), ground (P, 2), heading (P,)."""

    joints: np.ndarray
    ground: np.ndarray
    heading: np.ndarray

    @staticmethod
    def of(motion: Motion, speed: float = 1.0) -> _Track:
        frames = _Frames.of(motion)
        count = int(len(frames.joints) / FPS / speed * RATE)
        return frames.track(np.arange(count) / RATE * speed * FPS)

    def mirrored(self) -> _Track:
        flip = np.array([-1.0, 1.0, 1.0], dtype=np.float32)
        joints = self.joints[:, list(MIRROR)] * flip
        return _Track(joints, joints[:, 0, [0, 2]], -self.heading)

    def windows(self, starts: np.ndarray) -> np.ndarray:
        """Windows (n, POSES * 72) that begin at the poses ``starts`` (n,)."""
        at = self.joints[starts[:, None] + np.arange(POSES)]
        x = at[..., 0] - self.ground[starts, 0, None, None]
        z = at[..., 2] - self.ground[starts, 1, None, None]
        cos = np.cos(self.heading[starts])[:, None, None]
        sin = np.sin(self.heading[starts])[:, None, None]
        # A turn by minus the heading about +Y.
        seen = np.stack([cos * x - sin * z, at[..., 1], sin * x + cos * z], axis=-1)
        return np.asarray(seen.reshape(len(starts), -1))


class Library:
    """All windows of some clips, ready to be searched."""

    def __init__(
        self, clips: list[Sample], speeds: tuple[float, ...] = SPEEDS, mirror: bool = True
    ) -> None:
        tracks: list[_Track] = []
        clip, speed_of, flipped = [], [], []
        self._frames = [_Frames.of(sample.motion) for sample in clips]
        for c, frames in enumerate(self._frames):
            for speed in speeds:
                count = int(len(frames.joints) / FPS / speed * RATE)
                track = frames.track(np.arange(count) / RATE * speed * FPS)
                if len(track.joints) < POSES:
                    continue
                for side in (track, track.mirrored()) if mirror else (track,):
                    flipped.append(side is not track)
                    tracks.append(side)
                    clip.append(c)
                    speed_of.append(speed)
        if not tracks:
            raise DataError(f"no clip lasts {PIECE_S:g} s; there is nothing to compare with")
        self.names = [s.name for s in clips]
        self._tracks = tracks
        counts = [len(t.joints) - POSES + 1 for t in tracks]
        self.track = np.repeat(np.arange(len(tracks)), counts)
        self.at = np.concatenate([np.arange(n) for n in counts])
        self.clip = np.array(clip)[self.track]
        self.mirrored = np.array(flipped)[self.track]
        self.speed = np.array(speed_of)[self.track]
        some = np.linspace(0, len(self.track) - 1, min(len(self.track), 4000)).astype(int)
        sample_windows = self._full(some)
        self._mean = sample_windows.mean(axis=0)
        _, vectors = np.linalg.eigh(np.cov(sample_windows, rowvar=False))
        self._basis = vectors[:, ::-1][:, :COMPONENTS].astype(np.float32)
        # Projected one track at a time: all windows in full would take more than a gigabyte.
        self._points = np.concatenate(
            [self._project(t.windows(np.arange(n))) for t, n in zip(tracks, counts, strict=True)]
        )
        self._squares = (self._points**2).sum(axis=1)

    def __len__(self) -> int:
        return len(self.track)

    def _full(self, indices: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [self._tracks[self.track[i]].windows(self.at[i : i + 1]) for i in indices]
        )

    def _shifted(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """The window ``index`` at every frame around its start: starts (n,) s and windows.

        Windows lie a tenth of a second apart, three frames of the dance: a copy that begins
        between two of them would seem to be none.
        """
        frames, speed = self._frames[self.clip[index]], self.speed[index]
        first = self.at[index] / RATE * speed * FPS
        starts = first + np.arange(-SHIFTS, SHIFTS + 1) * speed
        last = len(frames.joints) - 1 - (POSES - 1) / RATE * speed * FPS
        starts = np.clip(starts, 0.0, max(last, 0.0))
        windows = []
        for start in starts:
            track = frames.track(start + np.arange(POSES) / RATE * speed * FPS)
            side = track.mirrored() if self.mirrored[index] else track
            windows.append(side.windows(np.zeros(1, dtype=int))[0])
        return starts / FPS, np.stack(windows)

    def _project(self, windows: np.ndarray) -> np.ndarray:
        return np.asarray((windows - self._mean) @ self._basis)

    def nearest(self, dances: list[Sample], *, others_only: bool = False) -> Nearest:
        """The window nearest to each piece; ``others_only`` leaves out the dance's own clip."""
        pieces, dance = [], []
        for d, sample in enumerate(dances):
            track = _Track.of(sample.motion)
            starts = np.arange(0, len(track.joints) - POSES + 1, POSES)
            pieces.append(track.windows(starts))
            dance += [d] * len(starts)
        queries = np.concatenate(pieces)
        found, distance = np.zeros(len(queries), dtype=int), np.zeros(len(queries))
        start = np.zeros(len(queries))
        for first in range(0, len(queries), _BATCH):
            batch = queries[first : first + _BATCH]
            gaps = self._squares - 2 * self._project(batch) @ self._points.T
            for k, (query, row) in enumerate(zip(batch, gaps, strict=True), first):
                if others_only and (name := dances[dance[k]].name) in self.names:
                    row[self.clip == self.names.index(name)] = np.inf
                near = np.argpartition(row, CANDIDATES)[:CANDIDATES]
                best = np.inf
                for index in near:
                    starts, windows = self._shifted(index)
                    exact = ((windows - query) ** 2).sum(axis=1)
                    if exact.min() < best:
                        best = float(exact.min())
                        found[k], start[k] = index, starts[np.argmin(exact)]
                distance[k] = np.sqrt(best / (len(query) / 3))
        speed = self.speed[found]
        return Nearest(
            distance,
            self.clip[found],
            self.mirrored[found],
            speed,
            start,
            np.array(dance),
        )


def copying_table(rows: list[tuple[str, Nearest]], windows: int) -> str:
    """Markdown of named sets of dances."""
    lines = [
        "| | pieces | median, cm | 5 % nearest, cm | nearest, cm | new transitions |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, near in rows:
        cm = 100 * near.distance
        new, of = near.new_transitions()
        share = f"{new} of {of} ({100 * new / of:.0f} %)" if of else "–"
        lines.append(
            f"| {name} | {len(cm)} | {np.median(cm):.1f} | {np.percentile(cm, 5):.1f} | "
            f"{cm.min():.1f} | {share} |"
        )
    return (
        "\n".join(lines) + f"\n\n{windows} training windows, mirrored and stretched ones included."
    )
