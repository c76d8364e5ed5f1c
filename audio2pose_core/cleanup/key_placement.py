"""Where the keys of a limb go: the fewest stretches of frames that a cubic follows.

Of every stretch of frames that might lie between two keys, the cubic by least squares is
known at once, and how far it strays. Dynamic programming over these (Bellman, "On the
approximation of curves by line segments using dynamic programming", CACM 1961, with cubics in
place of lines) then finds the fewest keys, rather than a key wherever the error is worst.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_EVERY = 12
"""Stretches up to so many frames are all tried, longer ones in steps of a twelfth."""
_SAMPLES = 20
"""Frames at which a longer stretch is looked at; the fit has the last word on every frame."""
_LONGEST = 300
"""Frames: what stands still longer gets a key now and then."""
_DISCOUNT = 0.15
"""A key on a preferred frame counts less by this share of a key."""
_TIE = 0.05
"""Of two ways with as many keys the one that strays less."""


class Placement:
    """Key frames for some tracks that are keyed together.

    Parameters
    ----------
    signals : list of ((n, c), (n,))
        What is to be followed, and how far it may stray on each frame.
    fixed : (n,) bool
        Frames that get a key in any case; the first and the last do.
    preferred : (n,) bool
        Frames on which a key is welcome: beats, and where a foot comes down or leaves.
    """

    def __init__(
        self,
        signals: Sequence[tuple[np.ndarray, np.ndarray]],
        fixed: np.ndarray,
        preferred: np.ndarray,
    ) -> None:
        self.frames = len(fixed)
        self._cost = np.where(preferred, 1.0 - _DISCOUNT, 1.0)
        self._lengths = _lengths(self.frames - 1)
        self._counts = np.searchsorted(self._lengths, np.arange(self.frames), side="right")
        self._strays = np.full((self.frames, len(self._lengths)), np.inf)
        inside = np.concatenate([[0], np.cumsum(fixed)])
        for column, length in enumerate(self._lengths.tolist()):
            starts = np.arange(self.frames - length)
            # A fixed frame lies between no two keys.
            crossed = inside[starts + length] - inside[starts + 1] > 0
            strays = _strays(signals, length)
            self._strays[length:, column] = np.where(crossed, np.inf, strays)

    def keys(self, share: np.ndarray, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Frames (k,) of the fewest keys with which no signal strays by more than a share (n,).

        The share is of what it may stray; of a stretch, the least on its frames. The keys are
        those from frame ``start`` to frame ``stop``, both included; to the last one if None.
        """
        stop = self.frames - 1 if stop is None else stop
        least = np.ones((stop + 1 - start, len(self._lengths)))
        for column, length in enumerate(self._lengths[: self._counts[stop - start]].tolist()):
            least[length:, column] = _window_minimum(share[start : stop + 1], length + 1)
        excess = self._strays[start : stop + 1] / least
        cost = self._cost[start : stop + 1, None]
        price = np.where(excess <= 1.0, cost + _TIE * excess**2, np.inf)
        best, before = np.zeros(len(price)), np.zeros(len(price), dtype=int)
        for at in range(1, len(price)):
            count = self._counts[at]
            total = best[at - self._lengths[:count]] + price[at, :count]
            choice = total.argmin()
            best[at], before[at] = total[choice], at - self._lengths[choice]
        found = [len(price) - 1]
        while found[-1] > 0:
            found.append(int(before[found[-1]]))
        return start + np.array(found[::-1])


def _lengths(longest: int) -> np.ndarray:
    """The lengths of stretches, in frames, that are tried."""
    lengths = list(range(1, min(_EVERY, longest) + 1))
    while lengths and lengths[-1] < min(longest, _LONGEST):
        lengths.append(min(longest, lengths[-1] + max(1, lengths[-1] // 8)))
    return np.array(lengths, dtype=int)


def _strays(signals: Sequence[tuple[np.ndarray, np.ndarray]], length: int) -> np.ndarray:
    """Of each stretch of ``length`` frames how far its cubic strays at most, (n - length,).

    Over what is allowed, and of the signal that strays the most.
    """
    starts = np.arange(len(signals[0][0]) - length)
    most = np.zeros(len(starts))
    # Two or three frames are always followed.
    if length <= 3:
        return most
    offsets = np.unique(np.linspace(0, length, min(length + 1, _SAMPLES)).round().astype(int))
    basis = np.linalg.qr(np.vander(offsets / length * 2.0 - 1.0, 4))[0]
    rest_of = (np.eye(len(offsets)) - basis @ basis.T).astype(np.float32)
    there = starts[:, None] + offsets
    for values, allowed in signals:
        squares = np.zeros(there.shape, dtype=np.float32)
        for channel in values.T.astype(np.float32):
            squares += (channel[there] @ rest_of) ** 2
        np.maximum(most, (np.sqrt(squares) / allowed[there]).max(axis=1), out=most)
    return most


def _window_minimum(values: np.ndarray, width: int) -> np.ndarray:
    """The least of every ``width`` values in a row, (n - width + 1,), by doubling."""
    out, have = values, 1
    while have < width:
        step = min(have, width - have)
        out = np.minimum(out[:-step], out[step:])
        have += step
    return out
