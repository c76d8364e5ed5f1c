"""From a song to the dials that it asks for by itself, for a person to begin with."""

from __future__ import annotations

import os

from ..audio.analyse import analyse
from ..audio.beat_file import Beats, check_beats_reach, load_beats
from ..audio.load import Audio
from ..choreography.dials import Dials
from ..choreography.direction import Direction, directed
from ..choreography.planner import choreograph
from ..errors import ModelError
from .model import DanceModel
from .phrase_channels import dials_of
from .styles import choose_style, parse_style


def dials_of_song(
    audio: Audio,
    model: DanceModel,
    *,
    beats: Beats | str | os.PathLike[str] | None = None,
    style: str = "auto",
    seed: int = 0,
    direction: Direction | None = None,
) -> Dials:
    """What ``generate_dance`` with these settings would ask of legs, arms, level and returns.

    Energy is left out: it is added to what the dials ask for. Of a ``direction`` its sections
    count. ModelError for a model without a bank of eight counts.
    """
    if model.bank is None:
        raise ModelError(
            f"{model.name} has no bank.json beside it, so it cannot tell what a song asks for"
        )
    tracked, features = analyse(audio, model.fps)
    own = load_beats(beats) if isinstance(beats, str | os.PathLike) else beats
    if own is not None:
        check_beats_reach(own, audio.seconds, audio.name)
    used = tracked if own is None else own
    chosen = choose_style(model, style, used, audio.seconds, features)
    given = None if direction is None else direction.sections
    plan = choreograph(
        used,
        features,
        audio.seconds,
        parse_style(chosen.name),
        seed,
        sections=given if given is not None else used.sections or tracked.sections,
    )
    if given is not None:
        plan = directed(plan, Direction(given))
    return dials_of(plan, model.bank, used)
