"""What a dance worth watching is asked to reach, beside real clips of its style."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .goals import Goal
from .watching import Figures, over_styles

LINES: tuple[tuple[str, str, int], ...] = (
    ("facing", "facing the front, share", 2),
    ("longest_away_s", "longest with the back to it, s", 1),
    ("both_planted", "both feet planted, share", 2),
    ("lifts_per_s", "toe lifts a second", 2),
    ("weight_on_one_leg", "weight on one leg, share", 2),
    ("legs_m_s", "legs, m/s", 2),
    ("arms_m_s", "arms, m/s", 2),
    ("groove", "groove", 2),
    ("phrase_return", "phrase return", 2),
    ("asymmetry_cm", "asymmetry, cm", 1),
    ("wrist_correlation", "correlation of the wrists", 2),
    ("straight_knees", "straight knees, share", 2),
    ("held_s", "held poses, s", 2),
    ("jumps_per_min", "jumps a minute", 1),
    ("pose_variety_cm", "pose variety, cm", 1),
    ("nearest_phrase_cm", "nearest phrase of another, cm", 1),
    ("limbs_inside", "limbs over 5 cm inside each other, share", 3),
    ("limbs_inside_cm", "deepest overlap of limbs, mean, cm", 2),
    ("downbeat_accent", "downbeat accent", 2),
    ("section_novelty", "novelty at sections", 2),
    ("opening", "opening", 2),
    ("ending", "ending", 2),
    ("music_swap", "music swap", 2),
)
"""Figure, what a reader calls it, decimals."""


@dataclass(frozen=True)
class Wanted:
    """From ``low`` to ``high``, both included."""

    low: float = -math.inf
    high: float = math.inf

    def met(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.low == -math.inf:
            return f"≤ {self.high:.3g}"
        if self.high == math.inf:
            return f"≥ {self.low:.3g}"
        return f"{self.low:.3g} – {self.high:.3g}"


def _within(share: float) -> Callable[[float], Wanted]:
    """Within a share of the real figure's size."""
    return lambda real: Wanted(real - share * abs(real), real + share * abs(real))


def _of_real(share: float) -> Callable[[float], Wanted]:
    return lambda real: Wanted(low=share * real)


RULES: dict[str, Callable[[float], Wanted]] = {
    # A style whose own clips turn more may turn as they do.
    "facing": lambda real: Wanted(low=min(0.85, real)),
    "longest_away_s": lambda real: Wanted(high=max(6.0, real)),
    "both_planted": lambda real: Wanted(real - 0.10, real + 0.10),
    "lifts_per_s": _of_real(0.7),
    "weight_on_one_leg": _within(0.25),
    "legs_m_s": _within(0.10),
    "arms_m_s": _within(0.10),
    "groove": lambda real: Wanted(low=min(0.45, real)),
    "asymmetry_cm": _within(0.10),
    "wrist_correlation": _within(0.10),
    "straight_knees": _of_real(0.5),
    "jumps_per_min": _of_real(0.5),
    "pose_variety_cm": _of_real(0.9),
    "nearest_phrase_cm": _of_real(0.9),
    "limbs_inside": lambda real: Wanted(high=max(real, 0.005)),
    "limbs_inside_cm": lambda real: Wanted(high=max(real, 0.1)),
}
"""Goals that are measured by real clips of the style."""
FIXED: dict[str, Wanted] = {
    "phrase_return": Wanted(low=0.25),
    "held_s": Wanted(low=0.10),
    "downbeat_accent": Wanted(low=1.05),
    "section_novelty": Wanted(low=0.8),
    "opening": Wanted(high=0.4),
    "ending": Wanted(high=0.4),
    "music_swap": Wanted(low=1.5),
}
"""Goals that are the same for every style."""


def wanted(key: str, real: float) -> Wanted | None:
    """The goal of a figure beside ``real``'s, None where there is none to compare with."""
    if key in FIXED:
        return FIXED[key]
    return RULES[key](real) if key in RULES and math.isfinite(real) else None


def judge(ours: Figures, real: Figures) -> dict[str, Goal]:
    """Figure -> goal, of those that both can tell."""
    out = {}
    for key, name, _ in LINES:
        value = ours.get(key, math.nan)
        goal = wanted(key, real.get(key, math.nan))
        if goal is not None and math.isfinite(value):
            out[key] = Goal(name, value, str(goal), goal.met(value))
    return out


def number(value: float | None, decimals: int) -> str:
    """A dash for what could not be measured."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{decimals}f}"


def mean_table(ours: dict[str, Figures], real: dict[str, Figures]) -> str:
    """Markdown: the mean over the styles that both have, one figure a line, with the goals."""
    common = [style for style in ours if style in real]
    mine, theirs = over_styles(ours, common), over_styles(real, common)
    goals = judge(mine, theirs)
    lines = [
        f"Mean over {len(common)} styles ({', '.join(common)}).",
        "",
        "| | real | dancer | wanted | | styles that meet it |",
        "| --- | ---: | ---: | ---: | --- | ---: |",
    ]
    each = {style: judge(ours[style], real[style]) for style in common}
    for key, name, decimals in LINES:
        goal = goals.get(key)
        judged = [found[key] for found in each.values() if key in found]
        met = f"{sum(g.met for g in judged)} of {len(judged)}" if judged else "–"
        verdict = "" if goal is None else "met" if goal.met else "**not met**"
        cells = [number(theirs.get(key), decimals), number(mine.get(key), decimals)]
        lines.append(
            f"| {name} | {' | '.join(cells)} | {goal.wanted if goal else '–'} | {verdict} | {met} |"
        )
    return "\n".join(lines)


def style_table(ours: dict[str, Figures], real: dict[str, Figures]) -> str:
    """Markdown: dancer / real of every style, one style a column; what misses its goal is bold."""
    styles = [style for style in ours if style in real]
    lines = [f"| dancer / real | {' | '.join(styles)} |", "| --- |" + " ---: |" * len(styles)]
    each = {style: judge(ours[style], real[style]) for style in styles}
    for key, name, decimals in LINES:
        cells = []
        for style in styles:
            mine = number(ours[style].get(key), decimals)
            goal = each[style].get(key)
            bold = f"**{mine}**" if goal is not None and not goal.met else mine
            cells.append(f"{bold} / {number(real[style].get(key), decimals)}")
        if any(cell != "– / –" for cell in cells):
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def figures_table(columns: dict[str, Figures]) -> str:
    """Markdown: one column a name, as they are."""
    lines = [f"| | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for key, name, decimals in LINES:
        cells = [number(figures.get(key), decimals) for figures in columns.values()]
        if any(cell != "–" for cell in cells):
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
