"""The likeliest path of beats through a network's activations: a semi-Markov model.

A state is a beat on a frame together with the tempo that is kept from it; the
next beat follows after about a period of that tempo, and at a beat the tempo may
change for a price. This is the bar-pointer model of F. Krebs, S. Böck, G. Widmer,
"An Efficient State-Space Model for Joint Tempo and Meter Tracking" (ISMIR 2015)
with its frames between two beats summed up beforehand, so that numpy can work out
some ten frames at a time; bars follow in ``bar_path``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MIN_BPM, MAX_BPM = 40.0, 240.0
TEMPO_STEP = 0.02  # natural log: neighbouring tempi differ by 2 %
JITTER = 2  # frames that an interval may be off its period, both ways
JITTER_FRAMES, JITTER_SHARE = 0.6, 0.01  # its deviation: frames, and share of the period
CHANGE_STEPS = 9  # a tempo changes by up to 18 % at a beat, but for a jump


TEMPO_PRICE = ((40.0, 0.08), (90.0, 0.0), (140.0, 0.0), (200.0, 0.05), (240.0, 0.7))
"""Nats a beat that a tempo (bpm) costs: one dances to 90 to 140, hardly to more than 200."""


def tempo_price(bpm: float) -> float:
    """Nats a beat, see ``TEMPO_PRICE``; for whole readings of a song, not for single beats."""
    known, price = np.array(TEMPO_PRICE).T
    return float(np.interp(np.log(bpm), np.log(known), price))


@dataclass(frozen=True)
class PathCosts:
    """Prices in nats, per beat."""

    change: float = 45.0
    """Of a small tempo change, per unit of its natural log: 2 % cost 0.9."""
    change_limit: float = 8.0
    """What a larger change nears: music that breathes does so by any amount."""
    jump: float = 20.0
    """Of any other tempo from one beat to the next."""


STEADY = PathCosts()


def periods(rate: float) -> np.ndarray:
    """The periods (N,) in frames that a beat may have, from fast to slow."""
    low, high = np.log(60.0 * rate / MAX_BPM), np.log(60.0 * rate / MIN_BPM)
    return np.exp(np.linspace(low, high, 1 + round((high - low) / TEMPO_STEP)))


def best_path(
    evidence: np.ndarray,
    rate: float,
    costs: PathCosts = STEADY,
    preference: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """The beats with the most evidence at the least price.

    Parameters
    ----------
    evidence : (T,) float
        Nats for a beat on every frame; what is below 0 speaks against one.
    rate : float
        Frames a second.
    preference : (N,) float, optional
        Nats a beat for each of ``periods(rate)``.

    Returns
    -------
    frames : (n,) int
        Rising; may be empty.
    period : (n,) float
        Frames per beat that the tempo state at each beat says.
    score : float
        Evidence less prices.
    """
    tempo = periods(rate)
    lattice = _Lattice(evidence, tempo, costs, preference)
    lattice.fill()
    return lattice.trace()


class _Lattice:
    """Scores of every frame and tempo; ``reach`` (pad + T, N) is after the tempo change."""

    def __init__(
        self,
        evidence: np.ndarray,
        tempo: np.ndarray,
        costs: PathCosts,
        preference: np.ndarray | None,
    ) -> None:
        self.evidence, self.tempo = evidence.astype(np.float32), tempo
        nearest = np.round(tempo).astype(int)
        self.lags = nearest[None, :] + np.arange(-JITTER, JITTER + 1)[:, None]  # (K, N)
        deviation = np.maximum(JITTER_FRAMES, JITTER_SHARE * tempo)
        cost = 0.5 * ((self.lags - tempo) / deviation) ** 2
        # Of neighbours at the same distance the nearest must stay free.
        cost -= cost.min(axis=0)
        if preference is not None:
            cost -= preference
        self.lag_cost = cost.astype(np.float32)
        away = TEMPO_STEP * np.abs(np.arange(-CHANGE_STEPS, CHANGE_STEPS + 1))
        limit = costs.change_limit
        self.change = (limit * -np.expm1(-costs.change * away / limit)).astype(np.float32)
        self.jump = np.float32(costs.jump)
        self.pad = int(self.lags.max()) + 1
        self.reach = np.zeros((self.pad + len(evidence), len(tempo)), np.float32)

    def fill(self) -> None:
        """Work out ``reach`` from left to right, as many frames at once as no interval is under."""
        block, count = int(self.lags.min()), len(self.tempo)
        rows = np.arange(block)[None, :, None] - self.lags[:, None, :]
        index = (rows + self.pad) * count + np.arange(count)
        flat, cost = self.reach.reshape(-1), self.lag_cost[:, None, :]
        padded = np.full((block, count + 2 * CHANGE_STEPS), -np.inf, np.float32)
        window = np.lib.stride_tricks.sliding_window_view(padded, count, axis=1)
        window = np.moveaxis(window, 1, 0)  # (changes, block, N)
        change = self.change[:, None, None]
        for first in range(0, len(self.evidence), block):
            n = min(block, len(self.evidence) - first)
            if n < block:
                index, padded = index[:, :n], padded[:n]
                window = window[:, :n]
            score = (flat.take(index + first * count) - cost).max(axis=0)
            score += self.evidence[first : first + n, None]
            padded[:, CHANGE_STEPS:-CHANGE_STEPS] = score
            best = (window - change).max(axis=0)
            np.maximum(best, score.max(axis=1, keepdims=True) - self.jump, out=best)
            self.reach[self.pad + first : self.pad + first + n] = best

    def _scores(self, frame: int) -> np.ndarray:
        """Scores (K, N) of a beat on ``frame`` by interval and tempo."""
        columns = np.arange(len(self.tempo))
        before = self.reach[self.pad + frame - self.lags, columns]
        return before - self.lag_cost + self.evidence[frame]

    def trace(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Follow the best path back from the song's end."""
        length = len(self.evidence)
        tail = range(max(0, length - round(float(self.tempo[-1]))), length)
        if len(tail) == 0:
            return np.zeros(0, int), np.zeros(0), 0.0
        # A last beat may lie as far from the end as its own period is long.
        ends = np.stack([self._scores(t).max(axis=0) for t in tail])
        left = length - np.array(tail)
        ends[left[:, None] > np.ceil(self.tempo)[None, :]] = -np.inf
        row, state = divmod(int(ends.argmax()), ends.shape[1])
        score, frame = float(ends[row, state]), tail[row]
        frames, states = [], []
        steps = np.abs(np.arange(len(self.tempo))[:, None] - np.arange(len(self.tempo))[None, :])
        price = np.where(
            steps <= CHANGE_STEPS,
            self.change[CHANGE_STEPS + np.minimum(steps, CHANGE_STEPS)],
            self.jump,
        )
        price = np.minimum(price, self.jump)
        while frame >= 0:
            frames.append(frame)
            states.append(state)
            scores = self._scores(frame)[:, state]
            frame -= int(self.lags[int(scores.argmax()), state])
            if frame >= 0:
                state = int((self._scores(frame).max(axis=0) - price[state]).argmax())
        return np.array(frames[::-1]), self.tempo[np.array(states[::-1])], score
