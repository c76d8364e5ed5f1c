"""Rows of figures as a markdown table: one line a figure, one column a system."""

from __future__ import annotations

import math

from .measures import FEATURE_PIECE_S, PIECE_S, Figure, Row

LINES: tuple[tuple[str, str, int], ...] = (
    ("fid_k held-out", "FID_k to held-out motion", 1),
    ("fid_g held-out", "FID_g to held-out motion", 1),
    ("fid_k training", "FID_k to training motion", 1),
    ("fid_g training", "FID_g to training motion", 1),
    ("div_k", "Div_k", 2),
    ("div_g", "Div_g", 2),
    ("beat_lock", "**beat lock**", 3),
    ("beat_lock_lift", "**beat lock lift**", 3),
    ("beat_power", "beat power", 3),
    ("beat_power_lift", "beat power lift", 3),
    ("beat_alignment", "BAS (50 ms)", 3),
    ("motion_magnitude_m_s", "motion magnitude, m/s", 3),
    ("motion_beats_per_s", "motion beats a second", 2),
    ("freeze_rate", "freeze rate", 3),
    ("jerk_m_s3", "jerk, m/s³", 0),
    ("jerk_below_7_hz", "jerk below 7 Hz, m/s³", 0),
    ("pfc", "PFC", 2),
    ("foot_slide_cm_s", "foot slide by geometry, cm/s", 1),
    ("foot_slide_visible", "share of it over 1 cm a frame", 3),
    ("planted_slide_cm_s", "foot slide where planted, cm/s", 2),
    ("planted_share", "share planted", 3),
    ("penetration_max_cm", "penetration, deepest, cm", 2),
    ("penetration_mean_cm", "penetration, mean, cm", 2),
    ("seam_jump_m_s", "step at seams, m/s", 2),
    ("seam_ratio", "step at seams / 99 % elsewhere", 2),
)
"""Figure, what a reader calls it, decimals."""


def cell(figure: Figure | None, decimals: int) -> str:
    """Mean ± half width; a dash where nothing could be measured."""
    if figure is None or not math.isfinite(figure.mean):
        return "–"
    mean = f"{figure.mean:.{decimals}f}"
    return f"{mean} ± {figure.half:.{decimals}f}" if math.isfinite(figure.half) else mean


def table(rows: list[Row]) -> str:
    """The table, with the numbers of runs and pieces on top."""
    lines = [
        ["", *(row.name for row in rows)],
        ["---", *("---:" for _ in rows)],
        ["runs", *(str(row.runs) for row in rows)],
        ["pieces a run", *(str(row.pieces) for row in rows)],
    ]
    for key, name, decimals in LINES:
        lines.append([name, *(cell(row.figures.get(key), decimals) for row in rows)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


NOTES = f"""\
* Mean ± 95 % interval: over the seeds where there are several runs, over the pieces otherwise.
* Everything is measured at 30 fps. Figures of one dance are means over pieces of
  {PIECE_S:g} s and somewhat more, features come from pieces of {FEATURE_PIECE_S:g} s.
* FID and Div: features in deviations of all real motion here, covariances shrunk by Ledoit and
  Wolf. An FID depends on the number of pieces and on the mix of styles; a set against itself is 0.
* Beat figures need beats. Real motion has them in its AIST++ clips only, and *known beats* is all
  of those, most of which the dancer was trained on. Lift: less the mean on grids 7–19 % off.
* A frozen pose has the best PFC, slide and jerk: read them beside motion magnitude and freeze
  rate.
* Jerk below 7 Hz: after the low-pass of `cleanup.smooth`, for all alike. About half of the jerk of
  real motion lies above, which is noise of the capture; our dances have nothing there.
* Slide where planted: a dancer's own labels; in real motion those of `cleanup.contacts`.
* *Is it worth watching?* Pieces of at most 12 s; front, opening, ending and sections over whole
  dances. Definitions in `metrics/watching.py`, goals in `evaluate/watching_goals.py`. Real
  values are those of the pack's clips; `training/REAL_MOTION.md` has all clips with their ends.
  Music swap: one style and seed, danced on the same beats to another song and to white noise.
* Seams: where the dancer's windows meet; for real motion the same times, as a control.
* *Motion graph* is a baseline: pieces of the training motion, cut at motion beats and fitted to the
  same beats that the dancer tracks; without cleanup. Its seams are its changes of clip.
* *LSTM VAE* is a baseline: a conditional VAE of LSTMs from onsets, loudness and style to joint
  positions, trained on the same clips (`python training/train_lstm_vae.py`, minutes on one core).
  Most of them came without music, so it is trained on onset curves made of the clips' known beats
  or motion beats; the skeleton is fitted afterwards, which corrects most of its bone lengths.
* *No accents, no timing* is a baseline: the first dancer's own network with its accent conditions
  dropped as in training, and without the timing pass; cleaned otherwise.
* *Network alone* is without stage, smoothing, timing pass, floor and foot lock.
* Copying: a dancer's pieces of 2 s, one after the other, each beside the training window nearest to
  it (root mean square distance of the joints, seen from the body's place and heading at the start).
  A transition is new where the nearest windows of two pieces in a row do not follow each other in
  any clip (0.5 s of tolerance); loops in the data make some look new, see held-out motion."""
