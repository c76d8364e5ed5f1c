"""The pictures beside the table: beat lock, phases, smoothness by style, distance and diversity."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from ..files import whole_file
from .measures import Figure, Row

INK, REAL, PALE, OURS = "#333333", "#2a7f62", "#b9c0c6", "#d1495b"
"""Text, real motion, controls and baselines, dancers."""
DOTS_AN_INCH = 110


def write_plots(rows: list[Row], folder: Path, stem: str) -> list[tuple[str, str]]:
    """Write the pictures; returns (file name, caption) of each.

    Raises DataError where matplotlib is not installed.
    """
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError as error:
        raise DataError(
            f"plots need matplotlib ({error}); pip install matplotlib, or give --no_plots"
        ) from error
    made = []
    style: dict[str, Any] = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    style |= {"text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": PALE}
    for name, draw, caption in (
        ("lock", _lock, "Beat lock: own beats (bar, 95 % interval) and grids 7–19 % off (dot)"),
        ("phase", _phase, "Where motion beats lie between the beats of the music"),
        ("smoothness", _smoothness, "Motion magnitude and jerk, one dot a piece of 8 s"),
        ("distance", _distance, "Distance to held-out motion, and diversity beside real motion's"),
    ):
        with matplotlib.rc_context(style):
            figure = draw(pyplot, rows)
            figure.tight_layout()
            file = f"{stem}_{name}.png"
            with whole_file(folder / file) as temporary:
                figure.savefig(temporary, dpi=DOTS_AN_INCH, format="png", metadata={"Software": ""})
            pyplot.close(figure)
        made.append((file, caption))
    return made


def colour(name: str) -> str:
    """One for each kind of system."""
    if name.startswith("real"):
        return REAL
    return OURS if name.startswith(("dancer", "network")) else PALE


def _bars(axes: Any, rows: list[Row], figures: list[Figure]) -> None:
    """One horizontal bar a system, first on top."""
    places = np.arange(len(rows))[::-1]
    means = [f.mean for f in figures]
    halves = [f.half if math.isfinite(f.half) else 0.0 for f in figures]
    axes.barh(places, means, color=[colour(r.name) for r in rows], height=0.7)
    axes.errorbar(means, places, xerr=halves, fmt="none", ecolor=INK, elinewidth=1, capsize=2)
    axes.set_yticks(places, [r.name.replace("`", "") for r in rows])
    axes.tick_params(axis="y", length=0)


def _with(rows: list[Row], *keys: str) -> list[Row]:
    """Rows that have a number for every key."""
    nothing = Figure(float("nan"))
    return [r for r in rows if all(math.isfinite(r.figures.get(k, nothing).mean) for k in keys)]


def _lock(pyplot: Any, rows: list[Row]) -> Any:
    shown = _with(rows, "beat_lock", "beat_lock_lift")
    figure, axes = pyplot.subplots(figsize=(7.2, 0.7 + 0.32 * len(shown)))
    _bars(axes, shown, [r.figures["beat_lock"] for r in shown])
    wrong = [r.figures["beat_lock"].mean - r.figures["beat_lock_lift"].mean for r in shown]
    axes.plot(wrong, np.arange(len(shown))[::-1], "o", color=INK, markersize=4)
    axes.axvline(0.0, color=PALE, linewidth=0.8)
    axes.set_xlabel("beat lock: 0 is chance, 1 a machine")
    return figure


def _phase(pyplot: Any, rows: list[Row]) -> Any:
    wanted = (
        "real, known", "same, wrong", "motion graph", "no accents", "LSTM", "network", "dancer",
    )  # fmt: skip
    shown = [r for r in rows if r.name.startswith(wanted) and _offsets(r).size]
    figure, grid = pyplot.subplots(
        1, max(1, len(shown)), figsize=(1.45 * max(1, len(shown)) + 0.6, 2.3), sharey=True,
        squeeze=False,
    )  # fmt: skip
    edges = np.linspace(-0.5, 0.5, 17)
    for axes, row in zip(grid[0], shown, strict=False):
        offsets = _offsets(row)
        weights = np.full(len(offsets), 100.0 / len(offsets))
        axes.hist(offsets, edges, weights=weights, color=colour(row.name))
        axes.axhline(100.0 / (len(edges) - 1), color=INK, linewidth=0.8, linestyle=":")
        axes.set_title(row.name.replace("`", "").replace(", ", ",\n"), fontsize=8)
        axes.set_xticks([-0.5, 0, 0.5])
    grid[0, 0].set_ylabel("% of motion beats")
    figure.supxlabel("beats from the nearest beat of the music", fontsize=9)
    return figure


def _offsets(row: Row) -> np.ndarray:
    return np.concatenate([run.offsets for run in row.measured]) if row.measured else np.zeros(0)


def _smoothness(pyplot: Any, rows: list[Row]) -> Any:
    """Real motion in one panel, the first dancer in the other, styles in colours."""
    real = [r for r in rows if r.name in ("real, held out", "real, training")]
    dancers = [r for r in rows if r.name.startswith("dancer") and "wrong" not in r.name]
    panels = [("real motion", real), *((r.name.replace("`", ""), [r]) for r in dancers[:2])]
    styles = sorted(
        {s for _, part in panels for r in part for run in r.measured for s in run.styles}
    )
    colours = {s: pyplot.get_cmap("tab20")(i % 20) for i, s in enumerate(styles)}
    colours[""] = PALE
    figure, places = pyplot.subplots(
        1,
        len(panels) + 1,
        figsize=(3.2 * len(panels) + 1.3, 3.1),
        width_ratios=[*(3.2 for _ in panels), 0.9],
    )
    shown, names = places[:-1], places[-1]
    for axes, (title, part) in zip(shown, panels, strict=True):
        for style in styles:
            points = [
                (piece["motion_magnitude_m_s"], piece["jerk_m_s3"])
                for r in part
                for run in r.measured
                for piece, label in zip(run.pieces, run.styles, strict=True)
                if label == style
            ]
            if points:
                x, y = zip(*points, strict=True)
                axes.plot(x, y, "o", markersize=3, alpha=0.8, color=colours[style])
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("motion magnitude, m/s")
        axes.sharex(shown[0])
        axes.sharey(shown[0])
    shown[0].set_xscale("log")
    shown[0].set_yscale("log")
    shown[0].set_ylabel("jerk, m/s³")
    handles = [
        pyplot.Line2D([], [], marker="o", linestyle="", color=colours[s], label=s or "unlabelled")
        for s in styles
    ]
    names.axis("off")
    names.legend(handles=handles, loc="center", fontsize=7, frameon=False)
    return figure


def _distance(pyplot: Any, rows: list[Row]) -> Any:
    figure, grid = pyplot.subplots(1, 4, figsize=(9.2, 0.8 + 0.28 * len(rows)), sharey=True)
    for axes, key, title in zip(
        grid,
        ("fid_k held-out", "fid_g held-out", "div_k", "div_g"),
        ("FID_k", "FID_g", "Div_k", "Div_g"),
        strict=True,
    ):
        _bars(axes, rows, [r.figures[key] for r in rows])
        axes.set_title(title, fontsize=9)
        if key.startswith("div"):
            axes.axvline(rows[0].figures[key].mean, color=REAL, linewidth=0.8, linestyle=":")
    return figure
