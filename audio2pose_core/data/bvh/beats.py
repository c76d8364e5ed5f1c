"""Beats that come with a clip, cut to its length."""

from __future__ import annotations

from ...audio.beats import Beats, even_grid

__all__ = ["fit_to"]


def fit_to(beats: Beats, seconds: float) -> Beats:
    """The beats within the first ``seconds``; an even grid where fewer than two are left."""
    inside = (beats.times >= 0) & (beats.times < seconds)
    if inside.sum() < 2:
        return even_grid(seconds)
    return Beats(
        beats.times[inside],
        beats.downbeats[inside],
        beats.tempo_bpm,
        beats.beats_per_bar,
        beats.confidence,
        beats.tracker,
    )
