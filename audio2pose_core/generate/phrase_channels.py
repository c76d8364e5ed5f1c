"""What a plan asks of the body, phrase by phrase, as control channels for the network.

Each phrase takes a row of the model's bank (``choreography.bank``): how dancers of its style
dance eight counts of such an energy. A phrase that returns has the row of the one it returns to.
Steps are laid on the beats: the weight goes from foot to foot as often as the row's dancers lift
their feet. Jumps are the plan's. What the row does not tell, and what a style does in its own
way, stays open.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..audio.beat_file import Beats
from ..choreography.bank import Bank
from ..choreography.dials import CHANNEL_OF, RANGES, Dials
from ..choreography.plan import Choreography, Jump
from ..cleanup.leaps import TAKEN_S, flight_s
from ..control import ASKED_BY_PHRASE, FAR_OVER, ControlChannels, Counts, asked_channels
from ..metrics.beat_lock import beat_positions
from ..signals import gaussian_smooth
from .dialled import style_of, wanted_of

FACES = 0.8
"""A row whose mean cosine of the heading is above this keeps to the front; others turn freely."""
EASE_S = 0.3
CHOICES = 5
"""Rows of about the wanted energy, of which the seed takes one."""
LEANS = (0.0, 0.9, -0.9)
"""What the sections of a song lean to, in turn: neither, legs, arms. A new section is heard in
the music, and seen in what the dance works with."""
SWAYS = (2, 4, 8)
"""Beats in which the weight may go from one foot to the other and back."""
TURN_STEPS = {"step_rate": 2.0, "sway": 0.5}
"""How a turn is stepped, in lifts a second."""
CUBED_COSINE = math.sqrt(5.0 / 16.0)
"""Root mean square of a cubed cosine. Dancers stand between their feet for longer than a plain
cosine does, and as far over them at its ends."""
LEAST_STEPS = 0.25
"""Lifts a second below which a dancer stands, and the weight is left to the network."""


def counts_of_song(beats: Beats) -> Counts | None:
    """Beats, bars and phrases of a song whose beats were heard; None where none were."""
    if beats.confidence <= 0 or np.count_nonzero(beats.downbeats) < 2:
        return None
    return Counts.of(beats.times, beats.downbeats)


def phrase_channels(
    plan: Choreography, bank: Bank, beats: Beats, frames: int, fps: float, energy: float = 0.0
) -> ControlChannels:
    """Channels of ``frames`` frames for a plan; ``energy`` is added to that of each phrase.

    Phrases of a style that the bank does not have ask for nothing but the counts.
    """
    rows = phrase_rows(plan, bank, energy)
    names = (*ASKED_BY_PHRASE, "weight", "air")
    values = {name: np.full(frames, np.nan) for name in names}
    faces = np.zeros(frames, dtype=bool)
    random = np.random.Generator(np.random.PCG64([plan.seed, 0x57E9]))
    for phrase, row in zip(plan.phrases, rows, strict=True):
        first, last = round(phrase.start * fps), min(round(phrase.end * fps), frames)
        for name in ASKED_BY_PHRASE:
            if name in row:
                values[name][first:last] = row[name]
        faces[first:last] = row.get("facing", -1.0) > FACES
        # Drawn for every phrase, so that an edit of one leaves the others.
        side = 1 if random.random() < 0.5 else -1
        if phrase.mirrored:
            side = -side
        at = np.arange(first, last) / fps
        values["weight"][first:last] = _weight(row, beats, at, side)
        values["air"][first:last] = _air(row, plan.jumps or (), at)
    for turn in plan.turns or ():
        # Who turns round steps.
        now = slice(round((turn.time - turn.seconds) * fps), round(turn.time * fps))
        values["step_rate"][now] = np.fmax(values["step_rate"][now], TURN_STEPS["step_rate"])
        values["weight"][now] = _weight(TURN_STEPS, beats, np.arange(frames)[now] / fps, 1)
    asked: dict[str, float | np.ndarray] = {
        name: _eased(curve, EASE_S * fps) if name in ASKED_BY_PHRASE else curve
        for name, curve in values.items()
    }
    at, dials = np.arange(frames) / fps, plan.dials or Dials()
    for dial, channel in CHANNEL_OF.items():
        curve = dials.curve(dial, at)
        asked[channel] = np.where(np.isfinite(curve), curve, asked[channel])
    front = np.where(faces, 1.0, np.nan)
    asked |= {"heading_sin": 0.0 * front, "heading_cos": front}
    return asked_channels(frames, fps, asked, counts_of_song(beats))


def _weight(row: dict[str, float], beats: Beats, at: np.ndarray, side: int) -> np.ndarray:
    """The weight between the feet at times ``at`` (n,) s: a sway on the beats; NaN for none."""
    rate, sway = row.get("step_rate", 0.0), row.get("sway", 0.0)
    if rate < LEAST_STEPS or len(beats.times) < 2:
        return np.full(len(at), np.nan)
    # Both feet lift once in a cycle.
    wanted = 2.0 / rate / float(np.median(np.diff(beats.times)))
    cycle = min(SWAYS, key=lambda n: abs(math.log(n / wanted)))
    place = beat_positions(at, beats.times) / cycle
    most = min(sway / CUBED_COSINE, FAR_OVER)
    return np.asarray(side * most * np.cos(2 * np.pi * place) ** 3)


def _air(row: dict[str, float], jumps: Sequence[Jump], at: np.ndarray) -> np.ndarray:
    """Share of flight at times ``at`` (n,) s: the plan's jumps; NaN where nothing is known."""
    air = np.full(len(at), 0.0 if "air" in row else np.nan)
    for jump in jumps:
        flight = flight_s(jump.height)
        from_top = at - (jump.time - TAKEN_S - flight / 2)
        near = np.abs(from_top) < flight
        bump = np.exp(-((from_top / (flight / 2)) ** 2))
        air[near] = np.fmax(air[near], bump[near])
    return air


def phrase_rows(plan: Choreography, bank: Bank, energy: float = 0.0) -> list[dict[str, float]]:
    """The row of the bank that each phrase of a plan has, empty where it has none.

    Where dials ask something of a phrase it is the row that comes nearest to that, so that
    what they leave open, the steps for one, goes with it.
    """
    dials = plan.dials or Dials()
    random = np.random.Generator(np.random.PCG64([plan.seed, 0xBA27]))
    letters = list(dict.fromkeys(phrase.section for phrase in plan.phrases))
    turn = int(random.integers(len(LEANS)))
    rows: list[dict[str, float]] = []
    for phrase in plan.phrases:
        # Drawn for every phrase, so that an edit of one leaves the choice of the others.
        draw = int(random.integers(CHOICES))
        style, wanted = style_of(phrase, plan), wanted_of(phrase, dials)
        more = energy + float(np.nan_to_num(dials.mean("energy", phrase.start, phrase.end)))
        if phrase.returns_to is not None and phrase.returns_to < len(rows):
            rows.append(rows[phrase.returns_to])
        elif style in bank.rows and wanted:
            rows.append(bank.nearest(style, wanted))
        elif style in bank.rows:
            lean = LEANS[(turn + letters.index(phrase.section)) % len(LEANS)]
            # One section is no contrast: it dances with all of the body.
            lean = lean if len(letters) > 1 else 0.0
            row = bank.pick(style, more, draw, CHOICES, lean)
            rows.append(bank.livelier(style, row, phrase.energy))
        else:
            rows.append({})
    return rows


def dials_of(plan: Choreography, bank: Bank, beats: Beats) -> Dials:
    """What a plan asks of legs, arms, level and returns by itself, as dials to be edited.

    Two values a phrase: at its start, and a beat before its end, from where it gives way to the
    next. What its row of the bank does not tell stays open.
    """
    beat = 60.0 / max(beats.tempo_bpm, 1.0)
    times: list[float] = []
    columns: dict[str, list[float | None]] = {name: [] for name in (*CHANNEL_OF, "literal")}
    for phrase, row in zip(plan.phrases, phrase_rows(plan, bank), strict=True):
        end = max(phrase.end - beat, (phrase.start + phrase.end) / 2)
        for time in (phrase.start, end):
            times.append(round(time, 4))
            for name, channel in CHANNEL_OF.items():
                low, high = RANGES[name]
                known = channel in row
                columns[name].append(min(max(row[channel], low), high) if known else None)
            columns["literal"].append(phrase.literal)
    return Dials(tuple(times), **{name: tuple(own) for name, own in columns.items()})


def _eased(values: np.ndarray, sigma: float) -> np.ndarray:
    """Smooth steps (T,), leaving NaN where nothing is asked."""
    known = np.isfinite(values)
    if not known.any():
        return values
    weight = gaussian_smooth(known.astype(np.float64), sigma)
    smooth = gaussian_smooth(np.where(known, values, 0.0), sigma)
    return np.where(known, smooth / np.maximum(weight, 1e-9), np.nan)
