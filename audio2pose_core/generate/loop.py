"""``generate_loop``: some bars of a song become a dance that goes round for ever.

The bars are danced with the bars themselves before and after them, closed by ``seam`` and
cleaned three times over; the middle one is the cycle. All of that happens in frames of which
the cycle has a whole number, near the network's own rate; any other rate is sampled from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import representation as rep, rotations as rot
from ..audio.analyse import analyse
from ..audio.beat_file import check_beats_reach
from ..audio.beats import Beats, load_beats
from ..audio.load import Audio, load_audio
from ..choreography.planner import LITERAL
from ..cleanup import clean, time_warp
from ..cleanup.contacts import label_contacts
from ..cleanup.cycle import repeat, sample_cycle, seal, shifted, way_of, without_way
from ..cleanup.hinges import true_hinges
from ..cleanup.smooth import smooth_motion
from ..cleanup.timing import sample_smooth
from ..errors import OptionError
from ..metrics.facing import heading
from ..metrics.loops import LoopMeasures, measure_loop
from ..motion import Motion
from ..signals import gaussian_smooth
from .dance import MOST_ENERGY, Dance
from .front import face_front
from .hands import looped_hands
from .limbs_apart import keep_limbs_apart
from .loop_bars import LoopBars, choose_bars
from .loop_conditions import TIMES, AskedCycle, asked_cycle
from .model import DanceModel, Style, begin_loading
from .planned import returning
from .sampler import sample_dance, settings_of
from .seam import DRAWS, closings, near_seam, without_turn
from .stages import Stages
from .structure import return_to_moves
from .styles import choose_style

__all__ = ["Loop", "generate_loop"]

CONTEXT_S = 3.0
"""What is danced before and after the bars, at most a cycle."""
MOST_STEP, MOST_SLIDE_CM_S = 0.7, 1.0
"""What a seam may show, see ``metrics.loops.LoopMeasures``."""
GOOD = 0.8
"""Share of that below which no other way over the seam is looked for."""
SMOOTH_EDGE_S = 0.1
GROUND: np.ndarray = np.array([1.0, 0.0, 1.0])
"""What of a place lies on the ground."""


@dataclass(frozen=True)
class Loop(Dance):
    """A dance that goes on with its first frame after its last one.

    ``seconds`` is the period, and so is ``len(motion) / motion.fps``, to the last digit.
    ``beats`` are those of one cycle, seconds from its start. ``offset`` (3,) metres is the way
    of the root each time around: zeros in place. ``bars`` say which bars of the song it dances.
    """

    offset: np.ndarray | None = None
    bars: LoopBars | None = None


def generate_loop(
    song: str | os.PathLike[str] | Audio,
    *,
    bars: int = 8,
    first_bar: int | None = None,
    root_motion: bool = False,
    fps: float | None = None,
    base: Motion | None = None,
    style: str | Mapping[str, float] = "auto",
    energy: float = 0.0,
    seed: int = 0,
    beats: Beats | str | os.PathLike[str] | None = None,
    accents: str = "auto",
    model: str | os.PathLike[str] | DanceModel | None = None,
    device: str = "auto",
    threads: int = 0,
    literal: float = LITERAL,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Loop:
    """Make a seamless cycle of some bars of a song.

    Parameters
    ----------
    song : path or Audio
    bars : int
        How many, 1 to 64.
    first_bar : int, optional
        The first of them, counted from 1; by default the stretch that the song itself
        repeats best.
    root_motion : bool
        Let the root travel by the same way each time around (``Loop.offset``); else it
        comes back to where it was.
    fps : float, optional
        About how many frames a second: the cycle gets the whole number of frames that comes
        nearest, and the rate at which these last exactly as long as the bars. The model's
        own rate by default.
    base : Motion, optional
        A dance to this song, its second 0 the song's: its moves in these bars are closed in
        place of new ones.
    style, energy, seed, beats, accents, model, device, threads, literal, progress, cancelled :
        As in ``generate_dance``.

    Returns
    -------
    Loop

    Raises
    ------
    AudioError, DataError, ModelError, MotionError, OptionError, Cancelled
    """
    if not abs(energy) <= MOST_ENERGY:
        raise OptionError(f"an energy of {energy}; choose from -{MOST_ENERGY:g} to {MOST_ENERGY:g}")
    if fps is not None and not 1.0 <= fps <= 1000.0:
        raise OptionError(f"a loop of {fps:g} frames a second; choose from 1 to 1000")
    stages = Stages(progress, cancelled)
    stages.enter("load")
    audio = song if isinstance(song, Audio) else load_audio(song)
    own = load_beats(beats) if isinstance(beats, (str, Path, os.PathLike)) else beats
    if own is not None:
        check_beats_reach(own, audio.seconds, audio.name)
    stages.enter("model")
    loading = begin_loading(model, threads, device)
    stages.enter("analyse")
    tracked, features = analyse(audio, loading.fps)
    dancer = loading.result()
    used = tracked if own is None else own
    chosen = choose_bars(used, features, audio.seconds, bars, first_bar)
    danced = choose_style(dancer, style, used, audio.seconds, features)
    asked = asked_cycle(dancer, danced, used, features, chosen, energy, seed, accents, literal)
    stages.enter("dance")
    raw = _danced(dancer, asked, chosen, base, seed, stages)
    margin = (len(raw) - asked.frames) // 2
    stages.enter("cleanup")
    new = near_seam(asked.frames, asked.seam_reach)
    best: tuple[float, Motion, np.ndarray, LoopMeasures] | None = None
    for number, closed in enumerate(
        closings(
            dancer,
            raw[margin : margin + asked.frames],
            raw[margin + asked.frames :],
            asked.conditions,
            asked.weights,
            asked.seam_reach,
            seed,
            stages.is_cancelled,
        )
    ):
        stages.report(number / DRAWS)
        cycle, way = _finished(dancer, danced, closed, new, asked, root_motion, base is None)
        if base is not None:
            cycle, way = _where_it_was(cycle, way, base, chosen, root_motion)
        # From the network's time to the song's: the same frames, labelled with their rate.
        cycle = replace(cycle, fps=asked.frames / chosen.period)
        if fps is not None:
            cycle = sample_cycle(cycle, max(2, round(chosen.period * fps)), way)
        measures = measure_loop(cycle, chosen.beats, way)
        if best is None or shown(measures) < best[0]:
            best = (shown(measures), cycle, way, measures)
        if best[0] < GOOD:
            break
    assert best is not None
    _, cycle, way, measured = best
    if base is not None:
        cycle = looped_hands(cycle, base, chosen.start)
    stages.leave()
    report: dict[str, Any] = {
        "song": audio.name,
        "warnings": [*audio.warnings, *used.warnings, *dancer.warnings, *_seen(best[0])],
        "model": dancer.name,
        "model_sha256": dancer.sha256,
        "accents": [round(float(t) * chosen.period / asked.plan.seconds, 4) for t in asked.accents],
        "energy": energy,
        "loop": {
            "first_bar": chosen.first,
            "last_bar": chosen.last,
            "song_start": chosen.start,
            "period": chosen.period,
            "steady": chosen.steady,
            "root_motion": root_motion,
            "offset": [round(float(x), 6) for x in way],
            **{name: round(value, 4) for name, value in vars(measured).items()},
        },
        "timings": stages.timings,
    }
    inner = replace(
        used,
        times=chosen.beats,
        downbeats=chosen.downbeats,
        tempo_bpm=60.0 * len(chosen.beats) / chosen.period,
        sections=(),
        events=(),
    )
    return Loop(cycle, inner, chosen.period, danced.name, seed, report, way, chosen)


def shown(measures: LoopMeasures) -> float:
    """How much of a seam is seen: the worst of its measures over what is allowed, 1 just so."""
    return max(
        measures.seam_step / MOST_STEP,
        measures.seam_move / MOST_STEP,
        measures.slide_cm_s / MOST_SLIDE_CM_S,
    )


def _seen(share: float) -> list[str]:
    """A warning where a seam shows more than it may."""
    if share <= 1.0:
        return []
    return ["the seam of this loop may be seen, or its feet slide there; take another seed or bars"]


def _danced(
    model: DanceModel,
    asked: AskedCycle,
    bars: LoopBars,
    base: Motion | None,
    seed: int,
    stages: Stages,
) -> np.ndarray:
    """Features of the bars with as much danced before as after them, on time and to the front."""
    fps, frames = model.fps, asked.frames
    margin = min(frames, round(CONTEXT_S * fps))
    place = np.arange(-margin, frames + margin)
    if base is not None:
        seconds = bars.start + place / frames * bars.period
        if not (seconds[margin] >= -1e-3 and seconds[margin + frames - 1] <= base.seconds):
            raise OptionError(
                f"the dance lasts {base.seconds:.1f} s and does not reach over bars "
                f"{bars.first} to {bars.last}"
            )
        moved = sample_smooth(base, seconds)
        moved = replace(moved, fps=fps)
        if moved.contacts is None:
            moved = moved.with_contacts(label_contacts(moved))
        return rep.encode(moved)[0]
    conditions, weights = asked.conditions[place % frames], asked.weights[place % frames]
    length = frames / fps
    accents = np.concatenate([asked.accents + k * length for k in (-1, 0, 1)]) + margin / fps
    repeats = [
        replace(r, times=r.times + margin / fps, earlier=r.earlier + margin / fps)
        for r in returning(asked.plan, replace(asked.beats, times=asked.own_beats))
    ]
    passes, fixed, raw = 2 if repeats else 1, None, np.zeros(0)
    for done in range(passes):

        def report(fraction: float, before: int = done) -> None:
            stages.report((before + fraction) / (passes + 1))

        raw = sample_dance(
            model,
            conditions,
            weights,
            seed,
            settings_of(model),
            report,
            stages.is_cancelled,
            fixed,
        )
        on_time = time_warp(rep.decode(raw, fps), accents)
        features = rep.encode(on_time)[0]
        if done == 0 and repeats:
            fixed = return_to_moves(features, fps, repeats)
    return face_front(features, fps, asked.plan.front)[0]


def _finished(
    model: DanceModel,
    style: Style,
    closed: np.ndarray,
    new: np.ndarray,
    asked: AskedCycle,
    root_motion: bool,
    raw: bool,
) -> tuple[Motion, np.ndarray]:
    """The cycle at the network's rate, on its feet, and its way each time around.

    A dance that is not ``raw`` was smoothed and raised before: only its seam is smoothed.
    """
    fps, frames = model.fps, asked.frames
    faced = without_turn(closed, fps)
    front = np.exp(1j * heading(rep.decode(faced, fps))).mean()
    three = rep.decode(np.tile(faced, (TIMES, 1)), fps, rep.Place(heading=-float(np.angle(front))))
    presence = settings_of(model).presence
    if not raw:
        three = _only_where(three, smooth_motion(three, presence=presence), np.tile(new, TIMES))
    length = frames / fps
    made = clean(
        three,
        np.concatenate([asked.accents + k * length for k in range(TIMES)]),
        presence=presence,
        smooth=raw,
        path=None if root_motion else lambda root, _fps: without_way(root, frames),
        timed=np.tile(~new, TIMES),
        height_prior=style.height_prior if raw else None,
        groove=style.bounce_to(asked.beats.times) if raw else None,
    )
    hinged = true_hinges(made)
    made = keep_limbs_apart(hinged if raw else _only_where(made, hinged, np.tile(new, TIMES)))
    way = way_of(made.root, frames) if root_motion else np.zeros(3)
    cycle = seal(made, frames, way)
    if root_motion:
        cycle = shifted(cycle, -cycle.root[0] * GROUND)
    return cycle, way


def _only_where(motion: Motion, changed: Motion, new: np.ndarray) -> Motion:
    """The motion, changed in its ``new`` frames (T,), as it is elsewhere."""
    share = gaussian_smooth(new.astype(np.float64), SMOOTH_EDGE_S * motion.fps)[:, None]
    root = motion.root + share * (changed.root - motion.root)
    return replace(
        motion, root=root, rotations=rot.slerp(motion.rotations, changed.rotations, share)
    )


def _where_it_was(
    cycle: Motion, way: np.ndarray, base: Motion, bars: LoopBars, root_motion: bool
) -> tuple[Motion, np.ndarray]:
    """The cycle and its way, turned and moved to where the dance it was made of has these bars."""
    start, stop = (round(t * base.fps) for t in (bars.start, bars.start + bars.period))
    part = base.slice(max(0, start), max(stop, start + 2))

    def facing(motion: Motion) -> float:
        return float(np.angle(np.exp(1j * heading(motion)).mean()))

    angle = facing(part) - facing(cycle)
    turned, way = cycle.turned(angle), rot.rotate(rot.from_yaw(np.array(angle)), way)
    # In place the middles of both lie over each other; on its way it begins where it began.
    here, there = (m.root[0] if root_motion else m.root.mean(axis=0) for m in (turned, part))
    return shifted(turned, (there - here) * GROUND), way


def danced_often(loop: Loop, times: int) -> Motion:
    """The loop danced ``times`` times, its root going on by its offset."""
    return repeat(loop.motion, times, loop.offset)
