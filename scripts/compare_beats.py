#!/usr/bin/env python3
"""Beat trackers side by side, on songs whose beats are known (docs/BEATS.md).

    python scripts/compare_beats.py [--set dev|open ...] [--trackers ours onsets librosa ...]
                                    [--by-song] [--markdown] [--json FILE] [--plot FILE]

``dev`` are real songs with confirmed beats (../shared/data/beats_dev): our settings
were chosen on them. ``open`` are generated songs and the open songs with exact
beats. mir_eval is the judge (pip install mir_eval). Trackers of other projects get
environments of their own at first use; what cannot be installed is left out with
a line that says so.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.beats import CHECK_BELOW  # noqa: E402
from audio2pose_core.audio.load import audio_from_samples  # noqa: E402
from audio2pose_core.files import write_text  # noqa: E402
from scripts.beat_scores import Scores, fault, median_tempo, score  # noqa: E402
from scripts.beat_songs import Case, annotated, composed, generated, recorded  # noqa: E402
from scripts.beat_trackers import NAMES, Elsewhere, Missing, tracker  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
SETS = ("dev", "open")
HEADINGS = ("F", "CMLt", "AMLt", "downbeat F", "Acc1", "Acc2", "F > .9")


@dataclass(frozen=True)
class Row:
    """One song by one tracker."""

    tracker: str
    set: str
    group: str
    song: str
    true_bpm: float
    bpm: float
    scores: Scores
    fault: str
    confidence: float | None
    seconds: float
    """CPU seconds."""
    song_seconds: float


def songs(name: str, folder: Path, quick: bool) -> list[Case]:
    """The songs of a set; may be empty where the data is not here."""
    if name == "dev":
        return list(annotated(folder / "beats_dev"))
    if quick:
        return list(generated(20.0))
    return [*generated(40.0), *composed(), *recorded(folder / "songs")]


def measure(name: str, cases: list[tuple[str, Case]]) -> list[Row]:
    """All songs by one tracker; Missing where it cannot be had."""
    run = tracker(name)
    noise = np.random.default_rng(0).standard_normal(22050 * 4).astype(np.float32)
    run(audio_from_samples(0.1 * noise, 22050, "warm-up"))  # loads and compiles; not to be timed
    rows = []
    for group, case in cases:
        audio = case.load()
        started = time.process_time()
        beats, downbeats, confidence = run(audio)
        spent = run.seconds if isinstance(run, Elsewhere) else time.process_time() - started
        rows.append(
            Row(
                name,
                group,
                case.group,
                case.name,
                median_tempo(case.beats),
                median_tempo(beats),
                score(beats, downbeats, case.beats, case.downbeats),
                fault(beats, case.beats),
                confidence,
                spent,
                audio.seconds,
            )
        )
        if sys.stderr.isatty():
            print(f"\r{name}: {len(rows)} of {len(cases)}", end="", file=sys.stderr, flush=True)
    print(f"\r{name}: {len(rows)} songs", file=sys.stderr)
    return rows


# --- tables ---


def _cells(scores: Scores) -> list[str]:
    values = [getattr(scores, f.name) for f in fields(scores)]
    return ["–" if np.isnan(v) else f"{v:.3f}" for v in values]


def summary(rows: list[Row]) -> list[list[str]]:
    """One line a tracker and group, and one for each whole set."""
    table = [["tracker", "songs", "n", *HEADINGS, "faults", "s per 3 min"]]
    for name in dict.fromkeys(row.tracker for row in rows):
        for chosen in SETS:
            inside = [r for r in rows if r.tracker == name and r.set == chosen]
            groups = sorted({r.group for r in inside})
            parts = [(g, [r for r in inside if r.group == g]) for g in groups]
            if len(parts) > 1:
                parts.append((f"all of {chosen}", inside))
            for label, part in parts:
                faults = [r.fault for r in part if r.fault]
                counted = ", ".join(f"{faults.count(f)} {f}" for f in sorted(set(faults)))
                pace = 180 * sum(r.seconds for r in part) / sum(r.song_seconds for r in part)
                mean = Scores.mean([r.scores for r in part])
                table.append(
                    [name, label, str(len(part)), *_cells(mean), counted or "–", f"{pace:.2f}"]
                )
    return table


def by_song(rows: list[Row]) -> list[list[str]]:
    """One line a song and tracker."""
    table = [["tracker", "song", "true bpm", "bpm", *HEADINGS, "fault", "confidence"]]
    for r in rows:
        sure = "–" if r.confidence is None else f"{r.confidence:.2f}"
        line = [r.tracker, r.song[:44], f"{r.true_bpm:.1f}", f"{r.bpm:.1f}"]
        table.append([*line, *_cells(r.scores), r.fault or "–", sure])
    return table


def calibration(rows: list[Row]) -> list[list[str]]:
    """How many of our songs are right (F over .9), by what we said of them."""
    table = [["confidence", "songs", "mean confidence", "right", "mean F"]]
    edges = (0.0, CHECK_BELOW, 0.7, 0.8, 0.9, 1.01)
    for low, high in pairwise(edges):
        inside = [
            r
            for r in rows
            if r.tracker == "ours" and r.confidence is not None and low <= r.confidence < high
        ]
        if inside:
            sure = np.mean([r.confidence for r in inside if r.confidence is not None])
            right = np.mean([r.scores.right for r in inside])
            f = np.mean([r.scores.f for r in inside])
            label = f"{low:.2f} to {min(high, 1.0):.2f}"
            table.append([label, str(len(inside)), f"{sure:.2f}", f"{right:.2f}", f"{f:.2f}"])
    return table


def show(table: list[list[str]], markdown: bool) -> None:
    """Print a table."""
    if markdown:
        print("| " + " | ".join(table[0]) + " |\n" + "|" + "---|" * len(table[0]))
        for row in table[1:]:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(len(row[c]) for row in table) for c in range(len(table[0]))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


def plot(rows: list[Row], path: Path) -> None:
    """Draw F over confidence, a point a song of the dev set, and the share of right songs."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    mine = [r for r in rows if r.tracker == "ours" and r.confidence is not None]
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for group in sorted({r.group for r in mine}):
        points = [(r.confidence, r.scores.f) for r in mine if r.group == group]
        axes.plot(*zip(*points, strict=True), "o", label=group, alpha=0.7)
    order = sorted(mine, key=lambda r: r.confidence or 0.0)
    width = max(3, len(order) // 5)
    starts = range(0, len(order) - width + 1)
    windows = [order[k : k + width] for k in starts]
    axes.plot(
        [np.mean([r.confidence or 0.0 for r in w]) for w in windows],
        [np.mean([r.scores.right for r in w]) for w in windows],
        color="black",
        label=f"share of right songs, {width} at a time",
    )
    axes.plot([0, 1], [0, 1], ":", color="grey")
    axes.axvline(CHECK_BELOW, color="grey", linewidth=0.8)
    axes.set(xlabel="confidence", ylabel="F", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(fontsize=7)
    figure.savefig(path, dpi=130)


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--set", action="append", choices=SETS, help="default: both; may be given twice")
    add("--trackers", nargs="+", choices=NAMES, default=["onsets", "ours", "librosa"])
    add("--data", type=Path, default=DATA, help="folder with beats_dev and songs (%(default)s)")
    add("--quick", action="store_true", help="open: generated songs of 20 s only")
    add("--by-song", action="store_true", help="a line for every song as well")
    add("--markdown", action="store_true", help="print Markdown tables")
    add("--json", type=Path, help="write all figures there")
    add("--plot", type=Path, help="draw the confidence against the measures there (.png)")
    options = parser.parse_args()

    cases = []
    for name in options.set or SETS:
        found = songs(name, options.data, options.quick)
        if not found:
            print(f"{name}: no songs in {options.data}; left out", file=sys.stderr)
        cases += [(name, case) for case in found]
    if not cases:
        return 2
    rows: list[Row] = []
    for name in options.trackers:
        try:
            rows += measure(name, cases)
        except Missing as error:
            print(f"{error}; left out", file=sys.stderr)
    show(summary(rows), options.markdown)
    if options.by_song:
        print()
        show(by_song(rows), options.markdown)
    if any(r.confidence is not None and r.tracker == "ours" for r in rows):
        print("\nours, by confidence:")
        show(calibration(rows), options.markdown)
    if options.json:
        write_text(options.json, json.dumps([asdict(r) for r in rows], indent=1) + "\n")
    if options.plot:
        plot(rows, options.plot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
