#!/usr/bin/env python3
"""Our beat tracker beside librosa's, on songs whose beats are known exactly.

    python scripts/compare_beats.py [--markdown] [--quick] [--songs FOLDER]

F-measure: an estimate is right within 70 ms of a beat, each beat counts once,
the first 5 s are left out (as mir_eval does). Downbeats likewise; librosa has
none.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.beats import Beats, track_beats  # noqa: E402
from audio2pose_core.audio.demo_song import compose  # noqa: E402
from audio2pose_core.audio.load import Audio, audio_from_samples, load_audio  # noqa: E402

TRIM_S = 5.0
WINDOW_S = 0.07


def f_measure(
    estimate: np.ndarray, truth: np.ndarray, window: float = WINDOW_S, trim: float = TRIM_S
) -> float:
    """F-measure of beat times (m,) against true ones (n,), matched one to one.

    Both rise, so taking the earliest partner in reach from the left finds the
    largest matching.
    """
    estimate, truth = estimate[estimate >= trim], truth[truth >= trim]
    if len(estimate) == 0 or len(truth) == 0:
        return 0.0
    hits = i = j = 0
    while i < len(estimate) and j < len(truth):
        gap = estimate[i] - truth[j]
        if abs(gap) <= window:
            hits, i, j = hits + 1, i + 1, j + 1
        elif gap < 0:
            i += 1
        else:
            j += 1
    return 2.0 * hits / (len(estimate) + len(truth))


@dataclass
class Case:
    """A song and its exact beats; ``downbeats`` is None where only beats are known."""

    name: str
    audio: Audio
    beats: np.ndarray
    downbeats: np.ndarray | None


def generated(seconds: float = 40.0) -> Iterator[Case]:
    """Demo songs at 70 to 180 bpm, with swing, in three-four time, with tempo changes."""
    settings: list[tuple[str, dict[str, object]]] = [
        (f"demo {bpm} bpm", {"bpm": bpm, "seed": bpm}) for bpm in range(70, 181, 10)
    ]
    settings += [
        ("demo 100 swing 0.6", {"bpm": 100, "swing": 0.6, "seed": 1}),
        ("demo 130 swing 1.0", {"bpm": 130, "swing": 1.0, "seed": 2}),
        ("demo 90 three-four", {"bpm": 90, "beats_per_bar": 3, "seed": 3}),
        ("demo 150 three-four", {"bpm": 150, "beats_per_bar": 3, "seed": 4}),
        ("demo 110 then 128", {"bpm": 110, "tempo_changes": ((20.0, 128.0),), "seed": 5}),
        ("demo 140 then 95", {"bpm": 140, "tempo_changes": ((18.0, 95.0),), "seed": 6}),
    ]
    for name, options in settings:
        samples, truth = compose(seconds, **options)  # type: ignore[arg-type]
        audio = audio_from_samples(samples, 44100, name)
        yield Case(name, audio, truth.times, truth.times[truth.downbeats])


def recorded(folder: Path) -> Iterator[Case]:
    """Songs with a beats.json of constant tempi beside them."""
    for index in sorted(folder.glob("*/beats.json")):
        for name, facts in json.loads(index.read_text(encoding="utf-8")).items():
            audio = load_audio(index.parent / name)
            first = facts["beat0_s_from_midi"] + facts["measured_onset_lag_s"]
            beats = np.arange(first, audio.seconds, 60.0 / facts["bpm"])
            yield Case(name, audio, beats, None)


def librosa_beats(audio: Audio) -> np.ndarray:
    """Beat times by librosa's tracker with its defaults."""
    import librosa

    _, times = librosa.beat.beat_track(y=audio.samples, sr=audio.sample_rate, units="time")
    return times


def _median_tempo(times: np.ndarray) -> float:
    return 60.0 / float(np.median(np.diff(times))) if len(times) > 1 else float("nan")


HEADER = (
    "song", "tempo", "our tempo", "librosa's", "our F", "librosa's", "our downbeat F",
    "mean error ms", "our CPU s", "librosa's",
)  # fmt: skip


def compare(case: Case) -> tuple[str, ...]:
    """One row of the table."""
    start = time.process_time()
    ours: Beats = track_beats(case.audio)
    middle = time.process_time()
    theirs = librosa_beats(case.audio)
    end = time.process_time()
    gaps = ours.times[:, None] - case.beats[None, :]
    nearest = gaps[np.arange(len(gaps)), np.abs(gaps).argmin(axis=1)]
    close = nearest[np.abs(nearest) <= WINDOW_S]
    down = "-"
    if case.downbeats is not None:
        down = f"{f_measure(ours.times[ours.downbeats], case.downbeats):.3f}"
    return (
        case.name,
        f"{_median_tempo(case.beats):.1f}",
        f"{ours.tempo_bpm:.1f}",
        f"{_median_tempo(theirs):.1f}",
        f"{f_measure(ours.times, case.beats):.3f}",
        f"{f_measure(theirs, case.beats):.3f}",
        down,
        f"{1000 * close.mean():+.1f}" if len(close) else "-",
        f"{middle - start:.2f}",
        f"{end - middle:.2f}",
    )


def main() -> int:
    """Print the table; exit status 1 where librosa is better on any song."""
    parser = argparse.ArgumentParser(description="Our beat tracker beside librosa's.")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--quick", action="store_true", help="generated songs of 20 s only")
    parser.add_argument("--songs", type=Path, default=ROOT.parent / "shared" / "data" / "songs")
    options = parser.parse_args()

    noise = np.random.default_rng(0).standard_normal(44100).astype(np.float32)
    librosa_beats(audio_from_samples(noise, 22050, "warm-up"))  # compiles; not to be timed
    rows: list[tuple[str, ...]] = []
    for case in generated(20.0 if options.quick else 40.0):
        rows.append(compare(case))
    if options.songs.is_dir() and not options.quick:
        rows.extend(compare(case) for case in recorded(options.songs))

    widths = [max(len(row[c]) for row in (HEADER, *rows)) for c in range(len(HEADER))]
    if options.markdown:
        print("| " + " | ".join(HEADER) + " |")
        print("|" + "---|" * len(HEADER))
    else:
        print("  ".join(cell.ljust(width) for cell, width in zip(HEADER, widths, strict=True)))
    for row in rows:
        if options.markdown:
            print("| " + " | ".join(row) + " |")
        else:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    worse = [row[0] for row in rows if float(row[4]) < float(row[5])]
    ours, theirs = (float(np.mean([float(row[c]) for row in rows])) for c in (4, 5))
    print(f"\nmean F: ours {ours:.3f}, librosa's {theirs:.3f}; {len(rows)} songs")
    if worse:
        print("librosa is better on: " + ", ".join(worse))
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
