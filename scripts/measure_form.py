"""How well sections and events are found: composed songs, whose form is known to the sample.

    python scripts/measure_form.py                  # with their true beats
    python scripts/measure_form.py --tracked        # with the beats that are tracked
    python scripts/measure_form.py --excerpt 26     # the middle, and both ends, of each song
    python scripts/measure_form.py --songs ../shared/data/songs   # real ones, without truth

Prints a table in Markdown. Sections: share of true boundaries found and of found
ones that are true (within 0.5 s and 0.1 s), F of the pairs of moments that share a
label (Levy and Sandler, 2008), share of the time with the right name. Events: recall
and precision within 0.1 s (a build-up's beginning within a bar). Of an excerpt, only
boundaries with two bars on either side must be found. Of real songs it says how far excerpts
agree with the song that they are of: what is found in the whole must be found in a part.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.audio.analyse import beats_and_form, with_form
from audio2pose_core.audio.beats import Beats, track_beats
from audio2pose_core.audio.composer import Composition, compose_form
from audio2pose_core.audio.form import EVENT_KINDS, Section
from audio2pose_core.audio.load import SAMPLE_RATE, SUFFIXES, Audio, load_audio
from audio2pose_core.audio.spectrum import spectrum

FORMS = (
    "I4 A8:fill B8 A8:build-up B8 C8 B8:break A8:fill O4",
    "I4 A8/3:fill B8 A8:build-up B8:break B8 A8:fill O4",
    "I4 A8/7:fill B8 A8 B8:break B4 C4 B8 O4",
    "A16:fill B8:fill A16 B8 C8 B16",
    "I8 A8/5@150:fill B8:break A8:build-up B8 O8",
    "I4@90 A8:fill B8 A8 B8@130 C8/6 B8/4 O4",
    "A8:fill B8 C8 D8:break A8 B8 E4 A8",
    "I2/2@140 A12:fill B8 A12:build-up B8 C6 B8",
    "I4@170 A16:fill B16:break A16 B16 C8:build-up B16 O8",
)


def boundary_share(of: np.ndarray, among: np.ndarray, within: float) -> float:
    """Share of times ``of`` (n,) that have one ``among`` (m,) them within so many seconds.

    NaN without any.
    """
    if not len(of):
        return float("nan")
    if not len(among):
        return 0.0
    return float(np.mean(np.abs(of[:, None] - among[None, :]).min(axis=1) <= within))


def pair_f(true: Sequence[Section], found: Sequence[Section], seconds: float) -> float:
    """F of the pairs of moments that two labellings put together."""
    at = np.arange(0.25, seconds - 0.25, 0.5)

    def together(sections: Sequence[Section]) -> np.ndarray:
        starts = np.array([s.start for s in sections])
        labels = np.array([s.label.replace("O", "I") for s in sections])
        label = labels[np.searchsorted(starts, at, side="right") - 1]
        return label[:, None] == label[None, :]

    one, two = together(true), together(found)
    return 2.0 * float((one & two).sum()) / float(one.sum() + two.sum())


def named_right(true: Sequence[Section], found: Sequence[Section]) -> float:
    """Share of the named time that has the right name; NaN where no section has one."""
    named = [s for s in true if s.name]
    if not named:
        return float("nan")
    right = sum(
        max(0.0, min(a.end, b.end) - max(a.start, b.start))
        for a in named
        for b in found
        if a.name == b.name
    )
    return right / sum(s.end - s.start for s in named)


def excerpt(song: Composition, start: float, seconds: float) -> Composition:
    """A stretch of a song with what is true of it; an event that reaches in from before is lost."""
    first = round(start * song.sample_rate)
    samples = song.samples[first : first + round(seconds * song.sample_rate)]
    true = song.beats
    inside = (true.times >= start) & (true.times < start + seconds)
    sections = tuple(
        replace(s, start=max(s.start - start, 0.0), end=min(s.end - start, seconds))
        for s in true.sections
        if s.start < start + seconds and s.end > start
    )
    events = tuple(
        replace(e, time=e.time - start) for e in true.events if start <= e.time < start + seconds
    )
    times = true.times[inside] - start
    beats = replace(
        true, times=times, downbeats=true.downbeats[inside], sections=sections, events=events,
        tempo_bpm=60.0 / float(np.median(np.diff(times))),
    )  # fmt: skip
    return replace(song, samples=samples, beats=beats)


def pieces(form: str, seed: int, seconds: float | None) -> list[Composition]:
    """A composed song, or three excerpts of it."""
    song = compose_form(form, seed=seed, sample_rate=SAMPLE_RATE)
    if seconds is None:
        return [song]
    rest = len(song.samples) / song.sample_rate - seconds
    return [excerpt(song, share * rest, seconds) for share in (0.0, 0.45, 1.0)]


def agreement(folder: Path, seconds: float, every: float = 30.0) -> str:
    """How far the boundaries of excerpts are those that the whole song has there."""
    wanted = met = found = true = count = whole_ones = 0
    songs = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    for path in songs:
        audio = load_audio(path)
        whole = np.array([s.start for s in beats_and_form(audio).sections[1:]])
        for start in np.arange(0.0, audio.seconds - seconds, every):
            first = round(start * audio.sample_rate)
            samples = audio.samples[first : first + round(seconds * audio.sample_rate)]
            heard = beats_and_form(replace(audio, samples=samples))
            edge = 1.9 * 60.0 * heard.beats_per_bar / heard.tempo_bpm
            there = whole[(whole > start) & (whole < start + seconds)] - start
            plain = there[(there > edge) & (there < seconds - edge)]
            here = np.array([s.start for s in heard.sections[1:]])
            if len(plain):
                met += round(boundary_share(plain, here, 0.7) * len(plain))
            if len(here):
                true += round(boundary_share(here, there, 0.7) * len(here))
            wanted, found, count = wanted + len(plain), found + len(here), count + 1
            whole_ones += len(here) == 0
    return (
        f"{count} excerpts of {seconds:g} s from {len(songs)} songs: {met} of {wanted} boundaries "
        f"of the whole are found in them, {true} of {found} found are the whole's; "
        f"{whole_ones} are one section"
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure sections and events on composed songs.")
    parser.add_argument("--tracked", action="store_true", help="track the beats, too")
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    parser.add_argument("--excerpt", type=float, metavar="S", help="three excerpts so long")
    parser.add_argument("--songs", type=Path, help="real songs: do their excerpts agree with them?")
    options = parser.parse_args()
    if options.songs is not None:
        print(agreement(options.songs, options.excerpt or 26.0))
        return 0
    rows: list[tuple[float, ...]] = []
    true, found, met, near = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    songs = (
        song
        for form in FORMS
        for seed in options.seeds
        for song in pieces(form, seed, options.excerpt)
    )
    for song in songs:
        audio = Audio(song.samples, SAMPLE_RATE, "composed")
        spec = spectrum(audio)
        beats: Beats = track_beats(audio) if options.tracked else song.beats
        began = time.process_time()
        heard = with_form(beats, spec)
        spent = time.process_time() - began
        one, two = song.beats.sections, heard.sections
        starts = [np.array([s.start for s in sections[1:]]) for sections in (one, two)]
        bar = 60.0 * song.beats.beats_per_bar / song.beats.tempo_bpm
        # An excerpt need not give what lies within two bars of its ends.
        edge = 0.0 if options.excerpt is None else 1.9 * bar
        plain = starts[0][(starts[0] > edge) & (starts[0] < audio.seconds - edge)]
        rows.append(
            (
                boundary_share(plain, starts[1], 0.5),
                boundary_share(starts[1], starts[0], 0.5),
                boundary_share(plain, starts[1], 0.1),
                boundary_share(starts[1], starts[0], 0.1),
                pair_f(one, two, audio.seconds),
                named_right(one, two),
                spent * 180.0 / audio.seconds,
            )
        )
        for events, others, count, hits in (
            (song.beats.events, heard.events, true, met),
            (heard.events, song.beats.events, found, near),
        ):
            for event in events:
                reach = bar + 0.1 if event.kind == "build-up" else 0.1
                count[event.kind] += 1
                hits[event.kind] += any(
                    o.kind == event.kind and abs(o.time - event.time) <= reach for o in others
                )
    means = np.nanmean(rows, axis=0)
    what = "songs" if options.excerpt is None else f"excerpts of {options.excerpt:g} s"
    print(f"{len(rows)} composed {what}, beats {'tracked' if options.tracked else 'known'}\n")
    print("| boundaries | recall | precision |\n|---|---|---|")
    print(f"| within 0.5 s | {means[0]:.2f} | {means[1]:.2f} |")
    print(f"| within 0.1 s | {means[2]:.2f} | {means[3]:.2f} |")
    print(f"\nlabels, pairwise F {means[4]:.2f}; right names {means[5]:.2f} of the time; ", end="")
    print(f"{means[6]:.3f} s for 3 minutes\n")
    print("| event | recall | precision | true |\n|---|---|---|---|")
    for kind in EVENT_KINDS:
        recall, precision = met[kind] / max(true[kind], 1), near[kind] / max(found[kind], 1)
        print(f"| {kind} | {recall:.2f} | {precision:.2f} | {true[kind]} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
