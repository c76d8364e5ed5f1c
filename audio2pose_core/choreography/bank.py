"""The bank: how dancers of each style dance eight counts, as rows of figures.

Each row is one stretch of a real clip, eight counts where the beats are known and as many
seconds as those usually last elsewhere, told by the means of its control channels. A planner takes
from it what a phrase of a style may be like; its means and deviations say what is usual.
The rows are facts about openly licensed motion, a few numbers each, and hold no motion.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..control import ControlChannels
from ..errors import DataError
from ..files import write_text
from ..json_file import read_json

FORMAT = 1
COLUMNS = (
    "leg_speed",
    "arm_speed",
    "level",
    "lowest",
    "air",
    "facing",
    "travel",
    "step_rate",
    "sway",
    "held",
)
"""Mean speed of the legs and of the arms (m/s both), mean and lowest level over
the rest pose's standing height (m), share of the time in the air, mean cosine of the heading off
the front, mean speed over the floor (m/s), lifts of a foot a second, root mean square of the weight
between the feet (1 is over one foot), and share of the time that the arms hold still."""


def row_of(channels: ControlChannels) -> np.ndarray:
    """The row (10,) of a stretch of dance; NaN where it cannot be told."""

    def mean(name: str, of: np.ndarray | None = None) -> float:
        known = channels.is_known(name)
        values = channels[name] if of is None else of
        return float(values[known].mean()) if known.any() else math.nan

    level = channels.is_known("level")
    travel = np.hypot(channels["travel_x"], channels["travel_z"])
    return np.array(
        [
            mean("leg_speed"),
            mean("arm_speed"),
            mean("level"),
            float(channels["level"][level].min()) if level.any() else math.nan,
            mean("air"),
            mean("heading_cos"),
            mean("travel_x", travel),
            mean("step_rate"),
            math.sqrt(mean("weight", channels["weight"] ** 2)),
            mean("held"),
        ]
    )


@dataclass(frozen=True)
class Bank:
    """Rows (n, 10) of each style in the order of ``COLUMNS``; NaN is not known."""

    rows: Mapping[str, np.ndarray]

    @property
    def styles(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.rows)

    def usual(self, style: str) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation (10,) of a style's rows; NaN where none of them can tell."""
        rows = self._of(style)
        known = np.isfinite(rows)
        count = known.sum(axis=0)
        filled = np.where(known, rows, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = filled.sum(axis=0) / count
            square = np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0) / count
        return mean, np.sqrt(square)

    def nearest(self, style: str, wanted: Mapping[str, float]) -> dict[str, float]:
        """The row of a style that comes nearest to some figures, without what it cannot tell.

        ``wanted`` holds values by the names of columns; they are compared in the style's own
        deviations, and what a row does not tell counts as one deviation off.
        """
        rows = self._of(style)
        _, deviation = self.usual(style)
        off = np.zeros(len(rows))
        for name, value in wanted.items():
            k = COLUMNS.index(name)
            scale = deviation[k] if deviation[k] > 1e-6 else 1.0
            gap = np.abs(rows[:, k] - value) / scale
            off += np.where(np.isfinite(gap), gap, 1.0) ** 2
        row = rows[int(np.argmin(off))]
        return {n: float(v) for n, v in zip(COLUMNS, row, strict=True) if math.isfinite(v)}

    def pick(
        self, style: str, energy: float, draw: int, choices: int, lean: float = 0.0
    ) -> dict[str, float]:
        """A row of a style of about an energy, in deviations of how fast legs and arms are.

        ``lean`` asks the legs for so many deviations more and the arms for as many less;
        ``draw`` says which of the ``choices`` nearest ones.
        """
        rows = self._of(style)
        mean, deviation = self.usual(style)
        # Legs and arms by their own deviations: neither pays for the other.
        speeds = (rows[:, :2] - mean[:2]) / np.maximum(deviation[:2], 1e-6)
        gap = ((speeds - energy - np.array([lean, -lean])) ** 2).sum(axis=1)
        order = np.argsort(gap, kind="stable")
        row = rows[order[draw % min(choices, len(order))]]
        return {n: float(v) for n, v in zip(COLUMNS, row, strict=True) if math.isfinite(v)}

    def livelier(self, style: str, row: Mapping[str, float], energy: float) -> dict[str, float]:
        """A row with legs and arms so many of the style's deviations faster, within its rows."""
        rows = self._of(style)[:, :2]
        _, deviation = self.usual(style)
        out = dict(row)
        for k, name in enumerate(COLUMNS[:2]):
            if name in out and deviation[k] > 0:
                low, high = float(np.nanmin(rows[:, k])), float(np.nanmax(rows[:, k]))
                out[name] = min(max(out[name] + energy * float(deviation[k]), low), high)
        return out

    def _of(self, style: str) -> np.ndarray:
        if style not in self.rows:
            raise DataError(f"the bank has no style {style!r}; it has {', '.join(self.rows)}")
        return self.rows[style]

    def record(self) -> dict[str, Any]:
        """As a JSON object, three digits a figure; what is not known is null."""
        return {
            "format": FORMAT,
            "columns": list(COLUMNS),
            "rows": {
                style: [[None if not math.isfinite(v) else round(float(v), 3) for v in row]
                        for row in rows]
                for style, rows in self.rows.items()
            },
        }  # fmt: skip


def bank_of(record: Any) -> Bank:
    """A bank out of its JSON object; DataError where it is none."""
    try:
        if record["format"] != FORMAT or tuple(record["columns"]) != COLUMNS:
            raise DataError("the bank was made for other columns; make it again")
        rows = {
            str(style): np.array(
                [[math.nan if v is None else float(v) for v in row] for row in own]
            ).reshape(-1, len(COLUMNS))
            for style, own in record["rows"].items()
        }
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise DataError(f"no bank of rows: {error!r}") from error
    if not rows or any(not len(own) or np.isinf(own).any() for own in rows.values()):
        raise DataError("no bank of rows: a style without rows, or a row with no number")
    return Bank(rows)


def save_bank(bank: Bank, path: str | os.PathLike[str]) -> None:
    """Write a bank as JSON, whole or not at all."""
    write_text(Path(path), json.dumps(bank.record()) + "\n")


def load_bank(path: str | os.PathLike[str]) -> Bank:
    """Read a bank; DataError that names the file."""
    try:
        return bank_of(read_json(path))
    except DataError as error:
        named = str(error).startswith(str(path))
        raise error if named else DataError(f"{path}: {error}") from error


def join_rows(rows: Mapping[str, Sequence[np.ndarray]]) -> Bank:
    """A bank of lists of rows by style; styles without any are left out."""
    return Bank({style: np.stack(own) for style, own in rows.items() if len(own)})
