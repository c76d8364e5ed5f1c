"""Goals of the default dancer, beside what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

from .dancers import LSTM, UNPHASED
from .measures import Row

REAL_LIFT, REAL_POWER = 0.41, 0.265
"""Of the AIST++ clips on their own beats."""


@dataclass(frozen=True)
class Goal:
    """A figure, what it has to be, and whether it is."""

    name: str
    measured: float
    wanted: str
    met: bool


def goals(rows: list[Row]) -> list[Goal]:
    """The goals that the rows have figures for, of the first row named "dancer …"."""
    by_name = {row.name: row for row in rows}
    dancers = [row for row in rows if row.name.startswith("dancer")]
    if not dancers:
        return []
    dancer, held, training = dancers[0], by_name["real, held out"], by_name["real, training"]
    alone, graph = by_name.get("network alone"), by_name.get("motion graph")
    out: list[Goal] = []

    def value(row: Row | None, key: str) -> float:
        figure = None if row is None else row.figures.get(key)
        return math.nan if figure is None else figure.mean

    def at_least(name: str, got: float, limit: float) -> None:
        if math.isfinite(got) and math.isfinite(limit):
            out.append(Goal(name, got, f"≥ {limit:.3g}", got >= limit))

    def at_most(name: str, got: float, limit: float) -> None:
        if math.isfinite(got) and math.isfinite(limit):
            out.append(Goal(name, got, f"≤ {limit:.3g}", got <= limit))

    def within(name: str, got: float, real: float, share: float) -> None:
        if math.isfinite(got) and math.isfinite(real):
            low, high = real * (1 - share), real * (1 + share)
            out.append(Goal(name, got, f"{low:.3g} – {high:.3g}", low <= got <= high))

    lift, power = value(dancer, "beat_lock_lift"), value(dancer, "beat_power")
    at_least("beat lock lift, as real dance", lift, REAL_LIFT)
    at_least("beat lock lift, as the motion graph", lift, value(graph, "beat_lock_lift"))
    at_least("beat lock lift of the network alone", value(alone, "beat_lock_lift"), 0.2)
    at_least("beat power, as real dance", power, REAL_POWER)
    at_least("beat power, as the motion graph", power, value(graph, "beat_power"))
    for key, name in (
        ("motion_magnitude_m_s", "motion magnitude"),
        ("jerk_m_s3", "jerk"),
        ("jerk_below_7_hz", "jerk below 7 Hz"),
    ):
        within(f"{name}, within 15 % of held-out", value(dancer, key), value(held, key), 0.15)
        within(f"{name}, within 15 % of training", value(dancer, key), value(training, key), 0.15)
        got, real = styles_alike(dancer, training, key)
        within(f"{name}, within 15 % of training, styles alike", got, real, 0.15)
    at_most("freeze rate, as held-out", value(dancer, "freeze_rate"), value(held, "freeze_rate"))
    for key, name in (("div_k", "Div_k"), ("div_g", "Div_g")):
        at_least(f"{name}, 90 % of held-out", value(dancer, key), 0.9 * value(held, key))
    for key, name in (("fid_k held-out", "FID_k"), ("fid_g held-out", "FID_g")):
        for other in (LSTM, UNPHASED):
            against = value(by_name.get(other), key) / 2
            at_most(f"{name}, half of “{other}”", value(dancer, key), against)
        at_most(f"{name}, as the motion graph", value(dancer, key), value(graph, key))
    at_most("foot slide where planted, cm/s", value(dancer, "planted_slide_cm_s"), 1.0)
    slide = value(training, "foot_slide_cm_s")
    at_most("foot slide by geometry, half of training", value(dancer, "foot_slide_cm_s"), slide / 2)
    at_most("penetration, deepest, cm", value(dancer, "penetration_max_cm"), 1.0)
    at_most("step at seams over 99 % elsewhere", value(dancer, "seam_ratio"), 1.0)
    return out


def styles_alike(row: Row, other: Row, key: str) -> tuple[float, float]:
    """A figure of both with every style counting alike: mean over styles of mean over pieces.

    A dancer is asked for all styles equally often, where data has much of some. Only
    styles of both count; NaN where there is none.
    """
    means = []
    for each in (row, other):
        found: dict[str, list[float]] = {}
        for run in each.measured:
            for style, piece in zip(run.styles, run.pieces, strict=True):
                if style and math.isfinite(piece.get(key, math.nan)):
                    found.setdefault(style, []).append(piece[key])
        means.append({style: fmean(values) for style, values in found.items()})
    common = means[0].keys() & means[1].keys()
    first, second = (fmean(m[style] for style in common) if common else math.nan for m in means)
    return first, second


def goals_table(found: list[Goal]) -> str:
    """Markdown, one goal a line."""
    lines = ["| goal | measured | wanted | |", "| --- | ---: | ---: | --- |"]
    for goal in found:
        verdict = "met" if goal.met else "**not met**"
        lines.append(f"| {goal.name} | {goal.measured:.3g} | {goal.wanted} | {verdict} |")
    return "\n".join(lines)
