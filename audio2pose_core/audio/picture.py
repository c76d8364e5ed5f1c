"""A picture of what was heard: waveform, beats, bars, sections and events."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..errors import OptionError
from ..files import whole_file
from .beat_file import Beats
from .form import Event, Section
from .load import Audio

ROW_S = 60.0  # of the song in a row of the picture, at most
_COLOURS = (
    "#4c72b0", "#dd8452", "#55a868", "#c44e52", "#8172b3", "#937860", "#da8bc3", "#8c8c8c",
    "#ccb974", "#64b5cd",
)  # fmt: skip


def draw_song(path: str | os.PathLike[str], audio: Audio, beats: Beats) -> None:
    """Write a .png (or .pdf, .svg) of a song, in rows of at most a minute.

    Raises OptionError where matplotlib is missing, OutputError where the place
    cannot be written.
    """
    check_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = max(1, int(np.ceil(audio.seconds / ROW_S)))
    span = audio.seconds / rows
    figure = Figure(figsize=(18, 0.7 + 2.1 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = np.atleast_1d(figure.subplots(rows, 1))
    figure.suptitle(
        f"{_plain(audio.name)}   {beats.tempo_bpm:.1f} bpm, {beats.beats_per_bar} to a bar, "
        f"confidence {beats.confidence:.2f}, {beats.tracker}"
    )
    colours = {s.label: _COLOURS[0] for s in beats.sections}
    colours = {label: _COLOURS[k % len(_COLOURS)] for k, label in enumerate(colours)}
    for row, plot in enumerate(axes):
        start, stop = row * span, (row + 1) * span
        plot.set(xlim=(start, stop), ylim=(-1.3, 1.8), yticks=[])
        for side in ("left", "right", "top"):
            plot.spines[side].set_visible(False)
        _draw_waveform(plot, audio, start, stop)
        _draw_beats(plot, beats, start, stop)
        for section in beats.sections:
            _draw_section(plot, section, colours[section.label], start, stop)
        for event in beats.events:
            _draw_event(plot, event, start, stop)
    axes[-1].set_xlabel("seconds")
    with whole_file(path) as temporary:
        figure.savefig(temporary, dpi=90)


def check_matplotlib() -> None:
    """Raise OptionError where there is no matplotlib: before a long song is read."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise OptionError(
            f"a picture needs matplotlib ({error}); install it with: pip install 'audio2pose[plot]'"
        ) from error


def _plain(name: str) -> str:
    """A name that is no formula to matplotlib and that any font has a sign for."""
    return name.encode("utf-8", "replace").decode().replace("$", r"\$")


def _draw_waveform(plot: Any, audio: Audio, start: float, stop: float) -> None:
    rate = audio.sample_rate
    samples = audio.samples[int(start * rate) : int(stop * rate)]
    step = max(1, int((stop - start) * rate / 3000))
    count = len(samples) // step
    if not count:
        return
    blocks = samples[: count * step].reshape(count, step)
    peak = max(float(np.abs(audio.samples).max()), 1e-9)
    at = start + (np.arange(count) + 0.5) * step / rate
    plot.fill_between(at, blocks.min(axis=1) / peak, blocks.max(axis=1) / peak, color="#9aa4b0")


def _draw_beats(plot: Any, beats: Beats, start: float, stop: float) -> None:
    inside = (beats.times >= start) & (beats.times < stop)
    plot.vlines(beats.times[inside & ~beats.downbeats], -1.25, -1.05, color="black", lw=0.8)
    bars = beats.times[inside & beats.downbeats]
    plot.vlines(bars, -1.25, -0.8, color="black", lw=1.6)
    plot.vlines(bars, -0.8, 1.0, color="black", lw=0.4, alpha=0.4)


def _draw_section(plot: Any, section: Section, colour: str, start: float, stop: float) -> None:
    low, high = max(section.start, start), min(section.end, stop)
    if low >= high:
        return
    plot.axvspan(low, high, 0.0, 0.755, color=colour, alpha=0.12 + 0.25 * section.energy, lw=0)
    if section.start >= start:
        plot.vlines(section.start, -1.3, 1.0, color=colour, lw=2)
        text = f"{section.label} {section.name}"
    elif high - low > 1.5:
        text = f"({section.label})"
    else:
        return
    plot.text(low, 1.04, text, color=colour, va="bottom", weight="bold", clip_on=True)


def _draw_event(plot: Any, event: Event, start: float, stop: float) -> None:
    if not start <= event.time < stop:
        return
    plot.vlines(event.time, -1.0, 1.3, color="#b00020", lw=1.0, alpha=0.4 + 0.6 * event.strength)
    # Three heights, so that a build-up, a break and the drop after it do not lie on each other.
    height = {"drop": 1.65, "last note": 1.65, "break": 1.5}.get(event.kind, 1.35)
    text = f"{event.kind} {event.strength:.1f}"
    side = "right" if event.time > start + 0.95 * (stop - start) else "left"
    plot.text(event.time, height, text, color="#b00020", fontsize=8, va="center", ha=side)
