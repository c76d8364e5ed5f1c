"""Draw our dances of a style above real clips of it, to be looked at.

    python scripts/dance_beside_real.py salsa krump --songs a.ogg b.ogg --seed 1 -o sheets

For each style two pictures: STYLE.png, rows of frames half a beat apart over eight counts, ours
above and motion capture below a line; STYLE_whole.png, each song from its first beat to its last,
a figure every two beats, with its path and headings seen from above. Without --songs it dances to
the composed demo song. --sheet FILE puts eight counts of ours of every style on one picture
instead, as docs/styles.jpg. Needs the training pack (`make data`) and matplotlib (extra "plot").
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.analyse import analyse  # noqa: E402
from audio2pose_core.audio.demo_song import compose  # noqa: E402
from audio2pose_core.audio.load import Audio, load_audio  # noqa: E402
from audio2pose_core.data.training.clip import load_pack  # noqa: E402
from audio2pose_core.errors import Audio2PoseError, OptionError  # noqa: E402
from audio2pose_core.files import whole_file  # noqa: E402
from audio2pose_core.generate import generate_dance, load_model  # noqa: E402
from audio2pose_core.metrics.facing import heading, mean_heading  # noqa: E402
from audio2pose_core.motion import Motion  # noqa: E402
from scripts.figure_picture import HEIGHT, WIDTH, draw_strip  # noqa: E402

FIGURES = 16
"""Of a row: eight counts, half a beat apart."""
UNKNOWN_BEAT_S = 0.5
"""Stands for a beat of clips whose tempo is not known."""
SMALL: dict[str, Any] = {"dpi": 72, "pil_kwargs": {"quality": 58, "optimize": True}}
"""How a .jpg is written: for documents."""
ROW_FIGURES, BEATS_APART = 24, 2
"""Of a row of a whole song."""


@dataclass(frozen=True)
class Row:
    """A dance, its beats (n,) in seconds, and what stands beside it."""

    title: str
    motion: Motion
    beats: np.ndarray

    def halves(self, first: int, count: int) -> np.ndarray:
        """Times (n,) of half beats from a beat on; fewer where the dance ends."""
        at = first + 0.5 * np.arange(count)
        at = at[at <= len(self.beats) - 1]
        return np.interp(at, np.arange(len(self.beats)), self.beats)


def strip(motion: Motion, times: np.ndarray, columns: int) -> np.ndarray:
    """Figures at the times side by side."""
    frames = np.rint(times * motion.fps).astype(int)
    return draw_strip(motion, frames[frames < len(motion)].tolist(), columns)


def real_rows(pack: Path, style: str, count: int, start: int) -> list[Row]:
    """Clips of the style from all over the pack, each from its own front; beats may be made up."""
    clips = [clip for clip in load_pack(pack) if clip.style == style]
    if not clips:
        raise OptionError(f"{pack} has no clip of {style}")
    chosen = [clips[k] for k in np.unique(np.linspace(0, len(clips) - 1, count).astype(int))]
    rows = []
    for clip in chosen:
        motion = clip.motion.turned(-mean_heading(clip.motion))
        known = len(clip.beats) > 1
        beats = clip.beats if known else np.arange(0.0, motion.seconds, UNKNOWN_BEAT_S)
        note = "" if known else f", beats unknown: {UNKNOWN_BEAT_S} s"
        rows.append(Row(f"real: {clip.name}{note}", motion, beats[start:]))
    return rows


def draw_counts(rows: Sequence[Row], ours: int, first: int, output: Path) -> None:
    """Eight counts of each row; a line stands below the first so many, which are ours."""
    height = len(rows) * (HEIGHT + 12)
    figure, axes = _axes(len(rows), FIGURES * WIDTH, height)
    for k, (row, axis) in enumerate(zip(rows, axes, strict=True)):
        # Of a clip that is short the beginning.
        begin = first if first + FIGURES / 2 <= len(row.beats) else 0
        axis.imshow(strip(row.motion, row.halves(begin, FIGURES), FIGURES), aspect="auto")
        seconds = row.beats[begin] if len(row.beats) else 0.0
        axis.set_title(f"{row.title}, from {seconds:.1f} s", fontsize=7, loc="left", pad=1)
        if k == ours:
            axis.axhline(-0.5, color="black", linewidth=3)
    _save(figure, output)


def draw_whole(row: Row, axes: Sequence[Any], path: Any) -> None:
    """All of a song, a figure every two beats, and its way over the floor."""
    times = row.beats[::BEATS_APART]
    for k, axis in enumerate(axes):
        own = times[k * ROW_FIGURES : (k + 1) * ROW_FIGURES]
        axis.imshow(strip(row.motion, own, ROW_FIGURES), aspect="auto")
    axes[0].set_title(f"{row.title}, {BEATS_APART} beats apart", fontsize=7, loc="left", pad=1)
    x, z = row.motion.root[:, 0], row.motion.root[:, 2]
    path.plot(x, z, color="0.6", linewidth=0.7)
    frames = np.rint(times * row.motion.fps).astype(int)
    frames = frames[frames < len(row.motion)]
    angle = heading(row.motion)[frames]
    path.quiver(
        x[frames], z[frames], np.sin(angle), np.cos(angle), np.arange(len(frames)),
        cmap="viridis", scale=14, width=0.008, angles="xy",
    )  # fmt: skip
    wide = max(1.0, np.abs([x - x.mean(), z - z.mean()]).max() + 0.3)
    path.set(
        xlim=(x.mean() - wide, x.mean() + wide),
        # The audience sits below.
        ylim=(z.mean() + wide, z.mean() - wide),
        aspect="equal",
    )
    path.set_title(f"{2 * wide:.1f} m across, audience below", fontsize=7, pad=1)
    path.set(xticks=[], yticks=[])


def draw_songs(rows: Sequence[Row], output: Path) -> None:
    """The whole of each row."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    lines = [-(-len(row.beats[::BEATS_APART]) // ROW_FIGURES) for row in rows]
    across = ROW_FIGURES * WIDTH * 0.66
    height = sum(lines) * (HEIGHT * 0.66 + 12)
    figure = pyplot.figure(figsize=((across + 200) / 100, height / 100), dpi=100)
    grid = figure.add_gridspec(
        sum(lines), 2, width_ratios=(across, 200), left=0, right=1, bottom=0, top=1 - 14 / height,
        hspace=0.14, wspace=0.0,
    )  # fmt: skip
    at = 0
    for row, count in zip(rows, lines, strict=True):
        axes = [figure.add_subplot(grid[at + k, 0]) for k in range(count)]
        for axis in axes:
            axis.set_axis_off()
        draw_whole(row, axes, figure.add_subplot(grid[at : at + max(1, min(count, 2)), 1]))
        at += count
    _save(figure, output)


def _axes(rows: int, width: float, height: float) -> tuple[Any, list[Any]]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        rows, 1, figsize=(width / 100, height / 100), dpi=100, squeeze=False
    )
    figure.subplots_adjust(0, 0, 1, 1 - 12 / height, 0, 0.09)
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    return figure, list(axes.ravel())


def _save(figure: Any, output: Path) -> None:
    from matplotlib import pyplot

    with whole_file(output) as temporary:
        small = SMALL if output.suffix == ".jpg" else {}
        figure.savefig(temporary, format=output.suffix.lstrip("."), **small)
    pyplot.close(figure)
    print(output)


def our_rows(style: str, songs: Sequence[Audio], seeds: Sequence[int]) -> list[Row]:
    """A dance of the style for each song and seed."""
    model = load_model()
    rows = []
    for song in songs:
        analysis = analyse(song, model.fps)
        for seed in seeds:
            dance = generate_dance(song, style=style, seed=seed, model=model, analysis=analysis)
            title = f"ours: {style}, {song.name}, seed {seed}, {analysis[0].tempo_bpm:.0f} bpm"
            rows.append(Row(title, dance.motion, dance.beats.times))
    return rows


def _composed(seconds: float) -> Audio:
    samples, beats = compose(seconds)
    return Audio(samples, 44100, f"composed at {beats.tempo_bpm:.0f} bpm")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("styles", nargs="+", help="styles, or all")
    parser.add_argument("--songs", type=Path, nargs="+", default=[], help="songs to dance to")
    parser.add_argument("--seconds", type=float, default=40.0, help="of each song (default: 40)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--beat", type=int, default=16, help="the first count drawn (default: 16)")
    parser.add_argument("--clips", type=int, default=3, help="real clips (default: 3)")
    parser.add_argument("--pack", type=Path, default=ROOT / "data" / "motion_open.npz")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, help="folder of the pictures")
    where.add_argument("--sheet", type=Path, help="one picture of all styles, ours alone")
    options = parser.parse_args()
    try:
        songs = [load_audio(path) for path in options.songs] or [_composed(options.seconds)]
        songs = [
            replace(song, samples=song.samples[: round(options.seconds * song.sample_rate)])
            for song in songs
        ]
        known = load_model().styles
        styles = known if options.styles == ["all"] else options.styles
        if options.sheet is not None:
            rows = [our_rows(style, songs[:1], options.seeds[:1])[0] for style in styles]
            draw_counts(rows, len(rows), options.beat, options.sheet)
            return 0
        options.output.mkdir(parents=True, exist_ok=True)
        for style in styles:
            ours = our_rows(style, songs, options.seeds)
            real = real_rows(options.pack, style, options.clips, 0)
            first = options.beat
            draw_counts([*ours, *real], len(ours), first, options.output / f"{style}.png")
            draw_songs(ours, options.output / f"{style}_whole.png")
    except Audio2PoseError as error:
        print(f"dance_beside_real: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
