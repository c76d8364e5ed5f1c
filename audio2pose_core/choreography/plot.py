"""A picture of a plan: the song's wave, its bars, and over them the phrases and what returns."""

from __future__ import annotations

import os

import numpy as np

from ..audio.beat_file import Beats
from ..audio.load import Audio
from ..errors import OptionError
from ..files import whole_file
from .plan import Choreography

POINTS = 4000


def plot_plan(plan: Choreography, audio: Audio, beats: Beats, path: str | os.PathLike[str]) -> None:
    """Draw a plan to a PNG; OptionError where matplotlib is not installed."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError as error:
        raise OptionError(
            "a picture needs matplotlib; run: pip install 'audio2pose[data]'"
        ) from error
    width = max(8.0, min(30.0, plan.seconds / 5))
    figure, (wave, phrases) = pyplot.subplots(
        2, 1, figsize=(width, 4.5), sharex=True, height_ratios=(1, 1.4)
    )
    step = max(1, len(audio.samples) // POINTS)
    count = len(audio.samples) // step
    peaks = np.abs(audio.samples[: count * step]).reshape(count, step).max(axis=1)
    times = np.arange(count) * step / audio.sample_rate
    wave.fill_between(times, -peaks, peaks, color="0.6", linewidth=0)
    for time in beats.times[beats.downbeats]:
        wave.axvline(time, color="tab:blue", linewidth=0.6)
    wave.set_ylabel("song, bars")
    wave.set_yticks([])
    colours = pyplot.get_cmap("tab20")
    names: dict[int, str] = {}
    for k, phrase in enumerate(plan.phrases):
        origin = k
        while plan.phrases[origin].returns_to is not None:
            origin = int(plan.phrases[origin].returns_to or 0)
        names.setdefault(origin, _letter(len(names)))
        mark = names[origin] + ("" if origin == k else "'") + ("*" if phrase.mirrored else "")
        height = 1.0 + 0.5 * phrase.energy
        length = phrase.end - phrase.start
        colour = colours(list(names).index(origin) % 20)
        phrases.bar(phrase.start, height, length, align="edge", color=colour, edgecolor="white")
        phrases.text(phrase.start + length / 2, height / 2, mark, ha="center", va="center")
    for held in plan.holds:
        phrases.axvspan(held.time, held.time + held.seconds, color="black", alpha=0.5)
    for jump in plan.jumps or ():
        phrases.text(jump.time, 0.05, "^", ha="center", va="bottom")
    for turn in plan.turns or ():
        mark = "<" if turn.degrees > 0 else ">"
        phrases.text(turn.time - turn.seconds / 2, 0.15, mark, ha="center", va="bottom")
    if plan.path is not None and plan.path.times:
        for time in plan.path.times:
            phrases.axvline(time, color="tab:red", linestyle=":")
    phrases.set_ylabel("phrases, energy")
    phrases.set_xlabel("seconds; ' returns, * mirrored, ^ jump, <> turn, black: held")
    phrases.set_xlim(0, plan.seconds)
    figure.suptitle(f"{plan.song or 'plan'}: {plan.style}, seed {plan.seed}")
    figure.tight_layout()
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=80)
    pyplot.close(figure)


def _letter(number: int) -> str:
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
