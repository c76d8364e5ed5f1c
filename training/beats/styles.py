"""Styles of composed songs: tempo, metre, grooves and parts, from styles.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio2pose_core.errors import DataError

KEYS = {
    "K": (36, 35), "S": (38, 40), "R": (37,), "C": (39,), "H": (42,), "P": (44,), "O": (46,),
    "D": (51, 59), "B": (53,), "T": (45, 47), "F": (41, 43), "A": (54,), "W": (56,),
    "G": (62, 63), "L": (75,), "M": (70, 82), "E": (67, 68),
}  # fmt: skip
"""Kick, Snare, Rim, Clap, Hat, Pedal hat, Open hat, riDe, Bell, Tom, Floor tom, tAmbourine,
coWbell, conGa, cLaves, Maracas, agogo (E) as General MIDI keys."""


@dataclass(frozen=True)
class Style:
    """A kind of song; ``bass`` and ``chords`` name kinds of parts (parts.py)."""

    name: str
    bpm: tuple[float, float]
    """The slowest and fastest tempo."""
    grooves: tuple[dict[str, str], ...]
    """Drum -> pattern, see styles.toml."""
    bass: tuple[str, ...]
    chords: tuple[str, ...]
    metre: int = 4
    """Beats a bar."""
    grid: int = 4
    """Steps a beat."""
    swing: tuple[float, float] = (0.0, 0.0)
    """How late the second of two steps comes, 0 even, 1 triplets."""
    rubato: float = 0.0
    """Deviation of a beat's log length."""
    sound: str = "band"
    """Which instruments play: band, electronic, chip, acoustic, classical, piano."""
    weight: float = 1.0
    pumped: float = 0.0
    """Chance of side-chain pumping."""


def load_styles(path: Path) -> tuple[Style, ...]:
    """Read styles; DataError for a pattern that is not one bar or two."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["style"]
    return tuple(_style(table) for table in tables)


def _style(table: dict[str, Any]) -> Style:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    values["grooves"] = tuple(_groove(text) for text in table["grooves"])
    style = Style(**values)
    bar = style.metre * style.grid
    for groove in style.grooves:
        for drum, pattern in groove.items():
            if drum not in KEYS or len(pattern) not in (bar, 2 * bar) or set(pattern) - set("xXo-"):
                raise DataError(f"style {style.name}: drum {drum} has the pattern {pattern!r}")
    return style


def _groove(text: str) -> dict[str, str]:
    """'K x---x--- S ----x---' -> {'K': 'x---x---', 'S': '----x---'}."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


STYLES = load_styles(Path(__file__).with_name("styles.toml"))
