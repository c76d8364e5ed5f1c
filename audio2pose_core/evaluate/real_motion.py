"""The real values: every clip of an indexed folder of motion capture, measured alone.

``audio2pose real-motion`` writes them as a page; a dancer is measured beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .. import rotations as rot
from ..data.bvh.index_file import read_index
from ..data.training.idle import dancing_frames
from ..data.training.splits import LEFT_OUT, assign_splits
from ..formats import load_bvh
from ..metrics import motion_magnitude
from ..metrics.facing import heading
from ..metrics.phrases import ends
from ..metrics.smoothness import DANCES
from ..motion import Motion
from ..skeleton import JOINTS
from ..source_faults import faults_of
from .kin import choreography_of
from .measures import FPS, Sample
from .watching import Figures, Watched, by_style, mean_of, over_styles, watch_real, with_nearest
from .watching_goals import figures_table

BEATS_PER_BAR = 4
"""Of all clips whose beats are known; they begin on the first beat of a bar."""


@dataclass(frozen=True)
class RealClip:
    """One clip of the folder: what it is, where it was danced on, and whether it is left out."""

    file: str
    source: str
    style: str
    guess: str
    sample: Sample
    whole: Motion
    """Before idle stretches at both ends were trimmed."""
    excluded: bool
    speed: float
    """Mean joint speed, m/s."""

    @property
    def kin(self) -> str:
        """The same for takes of one choreography by one dancer."""
        return choreography_of(self.file)


def read_clips(
    folder: Path, styles: dict[str, str], excluded: tuple[str, ...] = ()
) -> list[RealClip]:
    """Every clip that ``index.csv`` names, in its order.

    ``styles`` maps the start of a ``style_guess`` to a style, the longest one that fits;
    a clip that none fits keeps its guess. DataError where there is no index.
    """
    rows = read_index(folder)
    splits = assign_splits((row.file for row in rows), (), excluded)
    out = []
    for row in rows:
        guess = row.style_guess
        fits = [start for start in styles if guess.startswith(start)]
        style = styles[max(fits, key=len)] if fits else guess
        motion = load_bvh(folder / row.file).resample(FPS)
        beats = row.beats(motion.seconds)
        start, stop = dancing_frames(motion)
        sample = Sample(
            motion.slice(start, stop),
            # Those before the first move are kept: bars are counted from the first of all.
            beats - start / FPS if len(beats) > 1 else None,
            style=style,
            name=row.file,
            source=row.source,
            downbeats=np.arange(len(beats)) % BEATS_PER_BAR == 0 if len(beats) > 1 else None,
        )
        out.append(
            RealClip(
                row.file,
                row.source,
                style,
                guess,
                sample,
                motion,
                splits[row.file] == LEFT_OUT,
                motion_magnitude(sample.motion),
            )
        )
    return out


def watch_clip(clip: RealClip) -> Watched:
    """The figures of a clip; its front is its mean heading, its ends are those of the capture."""
    found = watch_real(clip.sample)
    whole = ends(clip.whole)
    edges = {"opening": whole.opening, "ending": whole.ending}
    edges = {k: v for k, v in edges.items() if k not in faults_of(clip.source).measures}
    return replace(found, figures=found.figures | edges)


@dataclass(frozen=True)
class RealMotion:
    """What was found: of every clip, and how far each joint turns in each source."""

    clips: list[RealClip]
    watched: list[Watched]
    turns: dict[str, np.ndarray]
    """Source -> root mean square turn of each joint about its mean, median of clips, (24,) deg."""
    excluded: tuple[str, ...] = ()
    """The names and patterns by which clips are left out."""

    def styles(self) -> dict[str, Figures]:
        """The real values by style, of the clips that are not left out."""
        return by_style(self._used())

    def _used(self) -> list[Watched]:
        return [w for w, c in zip(self.watched, self.clips, strict=True) if not c.excluded]


def measure_real(
    folder: Path,
    styles: dict[str, str],
    excluded: tuple[str, ...],
    progress: Callable[[float], None],
) -> RealMotion:
    """Measure every clip of an indexed folder."""
    clips = read_clips(folder, styles, excluded)
    watched = []
    for k, clip in enumerate(clips):
        progress(k / len(clips))
        watched.append(watch_clip(clip))
    used = [k for k, clip in enumerate(clips) if not clip.excluded]
    again = with_nearest(
        [watched[k] for k in used], [clips[k].sample for k in used], [clips[k].kin for k in used]
    )
    for k, found in zip(used, again, strict=True):
        watched[k] = found
    turns: dict[str, list[np.ndarray]] = {}
    for clip in clips:
        turns.setdefault(clip.source, []).append(turn_of_joints(clip))
    progress(1.0)
    return RealMotion(clips, watched, {s: np.median(t, axis=0) for s, t in turns.items()}, excluded)


def turn_of_joints(clip: RealClip) -> np.ndarray:
    """Root mean square turn (24,) in degrees of each joint about its mean over the clip."""
    quats = rot.continuous(clip.sample.motion.rotations)
    mean = rot.normalize(quats.mean(axis=0))
    angle = rot.angle(quats, np.broadcast_to(mean, quats.shape))
    return np.rad2deg(np.sqrt((angle**2).mean(axis=0)))


def page(found: RealMotion, command: str, notes: str = "") -> str:
    """The markdown page."""
    styles = found.styles()
    by_source = {
        source: mean_of([w for w in found.watched if w.source == source])
        for source in dict.fromkeys(c.source for c in found.clips)
    }
    free = [w for w in found.watched if not w.limited and w.source != "animated_drawings"]
    parts = [
        "# Real motion: what dancers do",
        f"Made by\n\n```\n{command}\n```",
        _summary(found),
        "## By style\n\n" + _STYLES,
        _seconds_line(found),
        figures_table({"**mean**": over_styles(styles)} | styles),
        "## By source\n\nAll clips, those that are left out of training too. *Free*: all "
        "sources but the robot-limited `g1_moves` and the drawing.",
        figures_table({"free": mean_of(free)} | by_source),
        "## Salsa at its true speed\n\n" + _salsa(found),
        "## Which joints each source turns\n\n" + _turns(found),
        "## Clips that hardly move\n\n" + _calm(found),
    ]
    if notes:
        parts.append(notes.strip())
    parts.append(NOTES)
    return "\n\n".join(parts) + "\n"


_STYLES = (
    "Styles as the config maps them; a genre that it has no style for stands under its own "
    "name. Captures that went through a robot (`g1_moves`) count only where a style has under "
    "30 s of others."
)
NOTES = """## How to read it

* Definitions and thresholds: `audio2pose_core/metrics/` (facing, footwork, limbs, poses, phrases).
* Everything at 30 fps, over equal pieces of at most 12 s, means by length; facing, opening and
  ending over whole clips. The longest time away is the longest of all clips, not a mean.
* The front of a capture is its own mean heading, which no audience knew of.
* Beats, and bars with them, are known of AIST++ only: groove, phrase return and downbeat accent
  come from there. A clip of 16 beats tells one return after two bars.
* A dash: nothing could be measured, or the source is known not to tell it
  (`audio2pose_core/source_faults.py`).
* The nearest phrase of another clip leaves out takes of the same choreography by the same dancer.
"""


def _summary(found: RealMotion) -> str:
    minutes = sum(w.seconds for w in found.watched) / 60
    left_out = sum(c.excluded for c in found.clips)
    lines = [
        f"{len(found.clips)} clips, {minutes:.1f} min of dance, idle stretches at the ends trimmed."
    ]
    if left_out:
        names = ", ".join(f"`{name}`" for name in found.excluded)
        lines.append(
            f"{left_out} of them are left out by the config, and of the table by style: {names}."
        )
    return "\n".join(lines)


def _seconds_line(found: RealMotion) -> str:
    seconds: defaultdict[str, float] = defaultdict(float)
    limited: defaultdict[str, float] = defaultdict(float)
    for w in found._used():
        seconds[w.style] += w.seconds
        limited[w.style] += w.seconds if w.limited else 0.0
    names = [
        f"{style} {seconds[style]:.0f} s"
        + (f" ({limited[style]:.0f} s limited)" if limited[style] else "")
        for style in sorted(seconds)
    ]
    return "Seconds of dance: " + ", ".join(names) + "."


def _salsa(found: RealMotion) -> str:
    couples = [c for c in found.clips if c.source == "cmu_salsa"]
    if not couples:
        return "No `cmu_salsa` here."
    lines = [
        "| | clips | mean joint speed, m/s | pelvis, lowest and highest, m | turns, °/s at most |"
    ]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for subject, who in (("60", "leader"), ("61", "follower")):
        own = [c for c in couples if f"cmu_{subject}_" in c.file]
        speed = np.average([c.speed for c in own], weights=[c.sample.motion.seconds for c in own])
        height = np.concatenate([c.sample.motion.root[:, 1] for c in own])
        spin = max(_fastest_turn(c) for c in own)
        lines.append(
            f"| {who} | {len(own)} | {speed:.2f} | {height.min():.2f} – {height.max():.2f} "
            f"| {spin:.0f} |"
        )
    return "\n".join(lines)


def _fastest_turn(clip: RealClip) -> float:
    """Largest turn of the heading in any second, degrees."""
    angle = np.rad2deg(heading(clip.sample.motion))
    second = round(FPS)
    return float(np.abs(angle[second:] - angle[:-second]).max()) if len(angle) > second else 0.0


def _turns(found: RealMotion) -> str:
    lines = [
        "Root mean square turn about the mean, degrees, median over the clips; in brackets what "
        "`source_faults.py` says is not the dancer's own.",
        "",
        f"| | {' | '.join(found.turns)} |",
        "| --- |" + " ---: |" * len(found.turns),
    ]
    for j, joint in enumerate(JOINTS):
        cells = []
        for source, turns in found.turns.items():
            text = f"{turns[j]:.1f}"
            cells.append(f"({text})" if joint in faults_of(source).rotations else text)
        lines.append(f"| {joint} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _calm(found: RealMotion) -> str:
    calm = [c for c in found.clips if c.speed < DANCES]
    by: dict[tuple[str, str], list[RealClip]] = {}
    for clip in calm:
        by.setdefault((clip.source, clip.guess), []).append(clip)
    lines = [
        f"{len(calm)} clips under {DANCES:g} m/s (mean of all joints), which count less the "
        "slower they are (`metrics.smoothness.dance_weight`):",
        "",
    ]
    lines += ["| source | dance | clips | seconds | m/s |", "| --- | --- | ---: | ---: | ---: |"]
    for (source, guess), clips in by.items():
        seconds = sum(c.sample.motion.seconds for c in clips)
        speeds = [c.speed for c in clips]
        lines.append(
            f"| {source} | {guess} | {len(clips)} | {seconds:.0f} "
            f"| {min(speeds):.2f} – {max(speeds):.2f} |"
        )
    return "\n".join(lines)
