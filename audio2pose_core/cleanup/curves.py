"""Curves over frames that the cleanup steps share: smoothing, envelopes, gap filling."""

from __future__ import annotations

import numpy as np

from .. import rotations as rot
from ..signals import gaussian_smooth

__all__ = ["bridge_gaps", "soft_floor", "upper_envelope"]


def upper_envelope(values: np.ndarray, reach: int) -> np.ndarray:
    """A smooth curve (T,) that nowhere lies below ``values`` (T,).

    The running maximum over ``reach`` frames either side, smoothed by a kernel
    that is no wider than that: every sample it averages is at least the value
    in the middle.
    """
    if reach < 1 or len(values) < 2:
        return np.array(values, dtype=np.float64)
    padded = np.pad(values, reach, mode="edge")
    top = padded[: len(values)].copy()
    for i in range(1, 2 * reach + 1):
        np.maximum(top, padded[i : i + len(values)], out=top)
    kernel = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(np.pad(top, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def soft_floor(height: np.ndarray, lowest: float | np.ndarray, scale: float = 0.006) -> np.ndarray:
    """Heights (T,) that never pass below ``lowest``, bent over some ``scale`` metres."""
    return lowest + scale * np.logaddexp(0.0, (height - lowest) / scale)


def soft_push(depth: np.ndarray, out: np.ndarray, fps: float, ease_s: float) -> np.ndarray:
    """Shift (T, 3) that takes a point out by ``depth`` (T,) along ``out`` (T, 3), softly.

    It comes and goes within ``ease_s``; where nothing is deep all of it is zero.
    """
    if not (depth > 0).any():
        return np.zeros_like(out)
    amount = upper_envelope(np.maximum(depth, 0.0), max(1, round(ease_s * fps)))
    return amount[:, None] * rot.normalize(gaussian_smooth(out, 0.5 * ease_s * fps))


def bridge_gaps(
    values: np.ndarray, known: np.ndarray, fps: float, settle_s: float, fade_s: float
) -> np.ndarray:
    """Fill the unknown frames of a curve (T, C) so that value and velocity are continuous.

    Between two known stretches the value eases over with a smooth step, and the
    velocity that each stretch leaves behind dies out within ``settle_s`` (cubic
    Hermite tangents). In gaps longer than ``fade_s`` and at the ends the value
    fades to zero on the way. All zero if nothing is known.
    """
    out = np.array(values, dtype=np.float64)
    if known.all():
        return out
    if not known.any():
        return np.zeros_like(out)
    frames = len(out)
    index = np.arange(frames)
    before = np.maximum.accumulate(np.where(known, index, -1))
    after = np.minimum.accumulate(np.where(known, index, frames)[::-1])[::-1]
    free = np.flatnonzero(~known)
    lo, hi = before[free], after[free]
    has_lo, has_hi = lo >= 0, hi < frames
    lo_safe = np.where(has_lo, lo, np.minimum(hi, frames - 1))
    hi_safe = np.where(has_hi, hi, np.maximum(lo, 0))
    span = np.maximum(hi_safe - lo_safe, 1)
    inner = has_lo & has_hi
    fade = np.where(inner, np.minimum(span, fade_s * fps), fade_s * fps)
    # In a short gap the two weights add up to 1.
    from_lo = np.where(has_lo, 1 - _smooth_step((free - lo) / fade), 0.0)[:, None]
    from_hi = np.where(has_hi, 1 - _smooth_step((hi - free) / fade), 0.0)[:, None]
    bridge = out[lo_safe] * from_lo + out[hi_safe] * from_hi

    # Velocity of the known curve at its borders, per frame; 0 for a lone frame.
    step = np.diff(out, axis=0)
    paired = (known[1:] & known[:-1])[:, None]
    step = np.where(paired, step, 0.0)
    leaving = np.concatenate([np.zeros((1, out.shape[1])), step])[lo_safe]
    arriving = np.concatenate([step, np.zeros((1, out.shape[1]))])[hi_safe]
    settle = np.minimum(np.where(inner, span, np.inf), settle_s * fps)[:, None]
    since = (free - lo)[:, None]
    until = (hi - free)[:, None]
    bridge += np.where(has_lo[:, None], leaving * _tangent(since, settle), 0.0)
    bridge -= np.where(has_hi[:, None], arriving * _tangent(until, settle), 0.0)
    out[free] = bridge
    return out


def _smooth_step(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def _tangent(t: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Cubic Hermite basis of slope 1 at 0 that is flat and zero from ``length`` on."""
    s = np.clip(t / length, 0.0, 1.0)
    return s * length * (1 - s) ** 2
