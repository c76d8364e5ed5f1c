"""How well sections and events are found: composed songs, whose form is known to the sample.

    python scripts/measure_form.py                  # with their true beats
    python scripts/measure_form.py --tracked        # with the beats that are tracked

Prints a table in Markdown. Sections: share of true boundaries found and of found
ones that are true (within 0.5 s and 0.1 s), F of the pairs of moments that share a
label (Levy and Sandler, 2008), share of the time with the right name. Events: recall
and precision within 0.1 s (a build-up's beginning within a bar).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.audio.analyse import with_form
from audio2pose_core.audio.beats import Beats, track_beats
from audio2pose_core.audio.composer import compose_form
from audio2pose_core.audio.form import EVENT_KINDS, Section
from audio2pose_core.audio.load import SAMPLE_RATE, Audio
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
    """Share of times ``of`` (n,) that have one ``among`` (m,) them within so many seconds."""
    if not len(of) or not len(among):
        return float(len(of) == 0)
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
    """Share of the named time that has the right name."""
    named = [s for s in true if s.name]
    right = sum(
        max(0.0, min(a.end, b.end) - max(a.start, b.start))
        for a in named
        for b in found
        if a.name == b.name
    )
    return right / sum(s.end - s.start for s in named)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure sections and events on composed songs.")
    parser.add_argument("--tracked", action="store_true", help="track the beats, too")
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    options = parser.parse_args()
    rows: list[tuple[float, ...]] = []
    true, found, met, near = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for form in FORMS:
        for seed in options.seeds:
            song = compose_form(form, seed=seed, sample_rate=SAMPLE_RATE)
            audio = Audio(song.samples, SAMPLE_RATE, form)
            spec = spectrum(audio)
            beats: Beats = track_beats(audio) if options.tracked else song.beats
            began = time.perf_counter()
            heard = with_form(beats, spec)
            spent = time.perf_counter() - began
            one, two = song.beats.sections, heard.sections
            starts = [np.array([s.start for s in sections[1:]]) for sections in (one, two)]
            rows.append(
                (
                    boundary_share(starts[0], starts[1], 0.5),
                    boundary_share(starts[1], starts[0], 0.5),
                    boundary_share(starts[0], starts[1], 0.1),
                    boundary_share(starts[1], starts[0], 0.1),
                    pair_f(one, two, audio.seconds),
                    named_right(one, two),
                    spent * 180.0 / audio.seconds,
                )
            )
            bar = 60.0 * song.beats.beats_per_bar / song.beats.tempo_bpm
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
    means = np.mean(rows, axis=0)
    print(f"{len(rows)} composed songs, beats {'tracked' if options.tracked else 'known'}\n")
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
