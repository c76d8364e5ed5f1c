"""What the lights hear: beats, downbeats and the level of each band, frame by frame.

Plain numpy. Everything is a function of the song's whole length, so that a part
of the frames, rendered alone, shows what the whole video would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BANDS = 8
_FALL_SECONDS = 0.22  # a level rises at once and falls by 1/e in this time


@dataclass(frozen=True)
class Cues:
    """A song as a light desk sees it.

    Attributes
    ----------
    fps : float
        Frames per second of the scene; all times are from its first frame.
    beats, downbeats : (n,), (m,) seconds, rising.
    bands : (T, BANDS) level of each band from bass to treble, 0..1.
    loudness : (T,) 0..1
    """

    fps: float
    beats: np.ndarray
    downbeats: np.ndarray
    bands: np.ndarray
    loudness: np.ndarray

    def __len__(self) -> int:
        return len(self.loudness)


def song_cues(
    beats: np.ndarray,
    downbeats: np.ndarray,
    mel: np.ndarray,
    loudness: np.ndarray,
    fps: float,
    frames: int,
) -> Cues:
    """Cues of a song: beats (n,) s, downbeats (n,) bool; mel (T, 64), loudness (T,) at ``fps``."""
    groups = np.stack([part.mean(axis=1) for part in np.array_split(mel, BANDS, axis=1)], axis=1)
    low, high = np.percentile(groups, [40, 99], axis=0)
    level = np.clip((groups - low) / np.maximum(high - low, 0.02), 0.0, 1.0)
    keep = np.exp(-1.0 / (_FALL_SECONDS * fps))
    for t in range(1, len(level)):
        level[t] = np.maximum(level[t], keep * level[t - 1])
    return Cues(
        fps, beats, beats[downbeats], _fit(level, frames), _fit(loudness.astype(float), frames)
    )


def dance_cues(beats: np.ndarray, fps: float, frames: int) -> Cues:
    """Cues for a dance without a song: pulses at its own motion beats (n,) s."""
    since = np.full(frames, np.inf)
    for t, now in enumerate(np.arange(frames) / fps):
        before = beats[beats <= now + 0.5 / fps]
        if len(before):
            since[t] = max(now - before[-1], 0.0)
    pulse = np.exp(-since / 0.25)
    falls = 1.0 + 0.25 * np.arange(BANDS)
    return Cues(fps, beats, beats[::4], pulse[:, None] ** falls, 0.6 + 0.4 * pulse)


def pulses(frames: int, fps: float, times: np.ndarray, fall: float) -> np.ndarray:
    """1 on the frame of each time, falling in a straight line to 0 over ``fall`` s; (frames,)."""
    at = np.round(np.asarray(times) * fps).astype(int)
    at = at[(at >= 0) & (at < frames)]
    index = np.arange(frames)
    last = np.searchsorted(at, index, side="right") - 1
    since = np.where(last >= 0, index - at[np.maximum(last, 0)] if len(at) else 0, frames)
    return np.clip(1.0 - since / max(fall * fps, 1.0), 0.0, 1.0) if len(at) else np.zeros(frames)


def held(frames: int, fps: float, times: np.ndarray) -> np.ndarray:
    """How many of the times have passed, (frames,) integers: the number of the bar, say."""
    at = np.round(np.asarray(times) * fps).astype(int)
    return np.searchsorted(at, np.arange(frames), side="right")


def _fit(values: np.ndarray, frames: int) -> np.ndarray:
    """Cut, or hold the end, to the frames asked for."""
    if len(values) >= frames:
        return values[:frames]
    return np.concatenate([values, np.repeat(values[-1:], frames - len(values), axis=0)])
