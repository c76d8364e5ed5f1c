"""What a plan asks of the hands: shapes by time, on accents, in held poses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from ..json_fields import Fields
from ..motion import HAND_SHAPES
from ..signals import gaussian_smooth

SIDES = ("left", "right", "both")
WHEN = ("always", "accents", "holds")
MOST_SPANS = 10_000
LEAD_S, HIT_S = 0.06, 0.3
"""A hand that answers an accent begins so long before it and keeps its shape so long after it."""
EASE_S = 0.08


@dataclass(frozen=True)
class HandSpan:
    """A shape of the hands from ``start`` to ``end``.

    Attributes
    ----------
    start, end : float
        Seconds.
    shape : str
        One of ``motion.HAND_SHAPES``.
    side : str
        "left", "right" or "both".
    when : str
        "always": all the time; "accents": for a moment on each accent that is danced; "holds":
        while a pose is held.
    """

    start: float
    end: float
    shape: str
    side: str = "both"
    when: str = "always"


def parse_hands(top: Fields, seconds: float) -> list[HandSpan]:
    """The "hands" of a JSON object, none where it has none; DataError for a wrong one."""
    entries = top.list("hands", MOST_SPANS) if "hands" in top.values else []
    return [_span(Fields(entry, f"hands {k}"), seconds) for k, entry in enumerate(entries)]


def _span(one: Fields, seconds: float) -> HandSpan:
    start, end = one.number("start", 0.0, seconds), one.number("end", 0.0, seconds + 1.0)
    if end <= start:
        raise DataError(f"{one.where} ends before it begins")

    def choice(name: str, known: Sequence[str], default: str | None = None) -> str:
        value = one.text(name, default)
        if value not in known:
            raise DataError(f"{one.where}: {name} {value[:40]!r}; choose from {', '.join(known)}")
        return value

    return HandSpan(
        start,
        end,
        choice("shape", HAND_SHAPES),
        choice("side", SIDES, "both"),
        choice("when", WHEN, "always"),
    )


def hand_weights(
    spans: Sequence[HandSpan],
    fps: float,
    frames: int,
    accents: Sequence[float] | np.ndarray = (),
    holds: Sequence[tuple[float, float]] = (),
) -> np.ndarray | None:
    """What ``Motion.hands`` is for a plan's spans, (T, 2, 4); None where there are none.

    Of spans that overlap the later in the list counts. ``accents`` are seconds, ``holds``
    pairs of the second at which a pose is reached and how many seconds it is held.
    """
    if not spans:
        return None
    times = np.arange(frames) / fps
    hits = [(float(t) - LEAD_S, float(t) + HIT_S) for t in accents]
    moments = {"accents": hits, "holds": [(t, t + long) for t, long in holds]}
    out = np.zeros((frames, 2, len(HAND_SHAPES)))
    for span in spans:
        on = (times >= span.start) & (times < span.end)
        if span.when != "always":
            near = np.zeros(frames, dtype=bool)
            for a, b in moments[span.when]:
                near |= (times >= a) & (times < b)
            on &= near
        for k in (0, 1) if span.side == "both" else (SIDES.index(span.side),):
            out[on, k] = np.eye(len(HAND_SHAPES))[HAND_SHAPES.index(span.shape)]
    flat = gaussian_smooth(out.reshape(frames, -1), EASE_S * fps)
    return np.clip(flat, 0.0, 1.0).reshape(out.shape)
