"""``generate_dance``: from a song to a dance, the whole line in one call."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..audio.analyse import analyse
from ..audio.beat_file import check_beats_reach
from ..audio.beats import Beats, load_beats
from ..audio.features import AudioFeatures
from ..audio.load import Audio, load_audio
from ..choreography.direction import Direction, directed
from ..choreography.plan import Choreography, as_record, load_plan
from ..choreography.planner import LITERAL, choreograph
from ..cleanup.constraints import MotionConstraint
from ..errors import OptionError
from ..motion import Motion
from .anchors import around
from .base import DanceBase
from .catalogue import CatalogueMove, moves_in
from .conditions import dance_conditions
from .dial_report import dial_report, floor_report
from .dialled import resolved
from .hands import planned_hands
from .model import DanceModel, begin_loading
from .planned import planned_conditions, returning
from .quality import Score, quality_table, seeds_of
from .response import song_response
from .rough import RoughDance
from .stages import Stages
from .structure import find_repeats
from .styles import AUTO, choose_style, parse_style
from .take import TakeSpec, make_take, make_takes
from .turns import with_jumps_and_turns

__all__ = ["Dance", "choose_style", "dance_conditions", "generate_dance"]

MOST_ENERGY = 3.0
"""Deviations either way that the energy dial goes."""


@dataclass(frozen=True)
class Dance:
    """A dance and how it came about.

    ``report`` holds the model's name and hash, the song's warnings and the
    seconds that each stage took.
    """

    motion: Motion
    beats: Beats
    seconds: float
    style: str
    seed: int
    report: dict[str, Any] = field(default_factory=dict)


def generate_dance(
    song: str | os.PathLike[str] | Audio,
    *,
    style: str | Mapping[str, float] = "auto",
    energy: float = 0.0,
    seed: int = 0,
    duration: float | None = None,
    beats: Beats | str | os.PathLike[str] | None = None,
    accents: str = "auto",
    model: str | os.PathLike[str] | DanceModel | None = None,
    device: str = "auto",
    threads: int = 0,
    quality: int = 1,
    structure: bool = True,
    plan: Choreography | str | os.PathLike[str] | None = AUTO,
    literal: float = LITERAL,
    direction: Direction | None = None,
    constraint: MotionConstraint | None = None,
    base: DanceBase | None = None,
    analysis: tuple[Beats, AudioFeatures] | None = None,
    anchors: MotionConstraint | None = None,
    difference: float = 0.5,
    moves: Sequence[CatalogueMove] = (),
    rough: RoughDance | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    hits: str | None = None,
    keep: MotionConstraint | None = None,
) -> Dance:
    """Make a dance for a song.

    Parameters
    ----------
    song : path or Audio
        Any that ``load_audio`` reads, of 1 s to 3 h.
    style : str or mapping
        One of the model's styles, a mix as weights by name or as text
        ("salsa:0.7,house:0.3"), or "auto": what suits the song by ear, see
        ``style_by_ear``.
    energy : float
        Deviations of the style's energy on top of what the song asks for,
        about -2 (calm) to 2 (wild).
    seed : int
        The same seed, song and model give the same dance on the same machine.
    duration : float, optional
        Seconds from the start of the song to dance to; all of it by default.
    beats : Beats or path, optional
        Beats to dance to in place of the tracked ones.
    accents : str
        Which instants the body answers: "beat", "second" (every second beat),
        "half" (the half beats too), or "auto", what suits the style.
    model : path or DanceModel, optional
        The shipped dancer by default.
    device, threads : str, int
        Where a model that is not loaded yet runs, see ``load_model``.
    quality : int
        Make so many dances and take the best, see ``quality.Score``.
    structure : bool
        Whether moves return at all: phrases in a plan that is made here, without a plan
        those of repeated sections of the song.
    plan : "auto", Choreography, path or None
        What shall be danced: "auto" lets ``choreography.choreograph`` decide, None leaves
        it to the network: no phrases, no front, no opening and no ending.
    literal : float
        How literally phrases return in a plan that is made here, 0 (not at all) to 1.
    direction : Direction, optional
        What a person wants otherwise than the plan that is made here has it: sections, dials,
        front, path, holds. A plan that is given has all that in itself.
    constraint : MotionConstraint, optional
        The dance so far, and where it must stay; only the rest is danced.
    base : DanceBase, optional
        A clip that the dance begins with, in place of ``constraint``.
    analysis : (Beats, AudioFeatures), optional
        What ``audio.analyse`` gave for the whole of ``song`` at the model's rate, where several
        dances are made to one song.
    anchors : MotionConstraint, optional
        Poses that the dance goes through; all of it is danced, these are met.
    difference : float
        How different what is free comes out from the dance so far, 0 (nearly the same) to 1;
        without a constraint there is none.
    moves : sequence of CatalogueMove
        Moves of the phrases' styles that phrases of the plan return to, see ``catalogue``; a
        region that is danced again by itself does without them.
    rough : RoughDance, optional
        Shows the first pass, where the finished dance takes long.
    progress : callable(stage, fraction), optional
    cancelled : callable() -> bool, optional
        Asked between windows; when it says yes, ``Cancelled`` is raised.
    hits, keep : optional
        The names of ``accents`` and ``constraint`` in version 0.1, still accepted.

    Raises
    ------
    AudioError, DataError, ModelError, MotionError, OptionError, Cancelled
    """
    if not abs(energy) <= MOST_ENERGY:
        raise OptionError(f"an energy of {energy}; choose from -{MOST_ENERGY:g} to {MOST_ENERGY:g}")
    if direction is not None and plan != AUTO:
        raise OptionError("a direction is for a plan that is made here; put it into your plan")
    if not 0.0 <= difference <= 1.0:
        raise OptionError(f"a difference of {difference}; choose from 0 to 1")
    accents = accents if hits is None else hits
    constraint = constraint if keep is None else keep
    if base is not None and constraint is not None:
        raise OptionError("a dance has one base or one constraint, not both; leave one out")
    if anchors is not None and (constraint is not None or base is not None):
        raise OptionError("anchors are for a whole dance; of a region they are its constraint")
    seeds = seeds_of(seed, quality)
    stages = Stages(progress, cancelled)
    stages.enter("load")
    audio = song if isinstance(song, Audio) else load_audio(song)
    if duration is not None:
        if not duration > 0:
            raise OptionError(f"a duration of {duration} s makes no dance")
        # First the shorter of both: of 1e308 s no number of samples can be told.
        count = round(min(duration, audio.seconds) * audio.sample_rate)
        audio = replace(audio, samples=audio.samples[: max(1, count)])
    own_beats = load_beats(beats) if isinstance(beats, (str, Path, os.PathLike)) else beats
    if own_beats is not None:
        check_beats_reach(own_beats, audio.seconds, audio.name)
    stages.enter("model")
    loading = begin_loading(model, threads, device)
    stages.enter("analyse")
    tracked, features = analyse(audio, loading.fps) if analysis is None else analysis
    dancer = loading.result()
    used = tracked if own_beats is None else own_beats
    if base is not None:
        constraint = base.constraint(used)
    chosen = choose_style(dancer, style, used, audio.seconds, features)
    heard = direction or Direction()
    given = plan if plan in (None, AUTO) or isinstance(plan, Choreography) else load_plan(plan)
    alone = constraint is None or not constraint.mask.any()

    response = song_response(features)

    def spec_of(own_seed: int) -> TakeSpec:
        """The dance of a seed, which has a plan of its own where one is made here."""
        planned: Choreography | None = None
        notes: list[str] = []
        if given == AUTO:
            made = choreograph(
                used,
                features,
                audio.seconds,
                parse_style(chosen.name),
                own_seed,
                # A song's form is heard, also where its beats come from elsewhere.
                sections=_first(heard.sections, used.sections, tracked.sections),
                events=_first(heard.events, used.events, tracked.events),
                literal=literal if structure else 0.0,
                song=audio.name,
            )
            planned, notes = resolved(directed(made, heard))
        elif isinstance(given, Choreography):
            planned, notes = resolved(given)
        if planned is not None:
            planned = with_jumps_and_turns(planned, dancer, chosen, used, heard.jumps, heard.turns)
        if planned is None:
            asked = dance_conditions(dancer, chosen, used, features, audio.seconds, energy, accents)
            repeats = find_repeats(used, features) if structure else []
        else:
            asked = planned_conditions(
                planned, dancer, chosen, used, features, audio.seconds, energy, accents
            )
            # A region that is danced again by itself is asked for with its phrases' styles and
            # energy; moves come back to it only where a person planned that.
            repeats = returning(planned, used) if alone or plan != AUTO else []
            if moves and alone:
                laid, words = moves_in(planned, used, moves, dancer.fps, own_seed)
                repeats = sorted([*laid, *repeats], key=lambda repeat: float(repeat.times[0]))
                notes = [*notes, *words]
        return TakeSpec(
            dancer,
            chosen,
            used,
            energy,
            *asked,
            repeats,
            constraint,
            planned,
            difference,
            response,
            tuple(notes),
        )

    scores: list[Score] = []
    if quality == 1:
        take = make_take(spec_of(seed), seed, stages, rough)
    else:
        # Only a plan that is made here differs from seed to seed.
        same = None if given == AUTO else spec_of(seed)
        take, scores = make_takes(lambda own: same or spec_of(own), seeds, stages, rough)
    spec = take.spec
    if anchors is not None and anchors.mask.any():
        held = around(take.motion, anchors)
        take = make_take(replace(spec, constraint=held, repeats=[]), take.seed, stages)
    stages.leave()
    outcome = {
        "song": audio.name,
        "warnings": [*audio.warnings, *used.warnings, *dancer.warnings],
        "model": dancer.name,
        "model_sha256": dancer.sha256,
        "accents": [round(float(t), 4) for t in spec.accents],
        "energy": energy,
        "repeats": [r.summary() for r in spec.repeats],
        "timings": stages.timings,
    }
    if spec.plan is not None:
        outcome["plan"] = as_record(spec.plan)
        on_floor = floor_report(spec.plan, take.motion) if alone else []
        outcome["dials"] = [*dial_report(spec.plan, take.motion, dancer), *on_floor]
        outcome["notes"] = list(spec.notes)
    if scores:
        outcome["quality"] = {"won": take.seed, "dances": quality_table(seeds, scores)}
    motion = planned_hands(take.motion, spec)
    return Dance(motion, used, audio.seconds, chosen.name, seed, outcome)


def _first(given: Sequence[Any] | None, own: Sequence[Any], heard: Sequence[Any]) -> Sequence[Any]:
    """What a person gave, be it nothing; else that of the beats, else what was heard."""
    return given if given is not None else own or heard
