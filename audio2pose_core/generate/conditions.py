"""What the network is asked for, frame by frame: accents, energy, music, and the style."""

from __future__ import annotations

import numpy as np

from .. import representation as rep
from ..audio.beats import Beats
from ..audio.features import AudioFeatures
from ..control import asked_channels
from .accents import DOWNBEAT_STRENGTH, choose_accents, song_energy
from .model import DanceModel, Style
from .phrase_channels import counts_of_song
from .sampler import settings_of
from .styles import style_weights


def dance_conditions(
    model: DanceModel,
    style: Style,
    beats: Beats,
    features: AudioFeatures,
    seconds: float,
    energy: float | np.ndarray = 0.0,
    which: str = "auto",
    downbeat: float = DOWNBEAT_STRENGTH,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network is asked for: accents (n,) s, conditions (T, C), style weights (styles,).

    The conditions know of accents beyond both ends of the song; those returned lie within it.
    ``energy`` and ``which`` are ``generate_dance``'s energy and accents.
    """
    frames = len(features)
    accents, strength = choose_accents(beats, style, seconds, which, downbeat)
    values = rep.accent_conditions(accents, strength, frames, model.fps)
    values |= {
        "energy": song_energy(
            features.loudness,
            model.fps,
            style,
            settings_of(model).liveliness,
            energy,
            model.most_energy,
        ),
        "energy_known": np.ones(frames),
    }
    at = np.arange(frames) / model.fps
    values |= rep.music_conditions(beats.times, beats.downbeats, features, at)
    # Of the control channels a song alone tells the counts; a plan asks for more.
    values |= asked_channels(frames, model.fps, {}, counts_of_song(beats)).conditions()
    conditions = rep.stack_conditions(model.conditions, values, frames)
    inner = accents[(accents >= 0) & (accents <= seconds)]
    return inner, conditions, style_weights(model, style)
