"""The beats and bars of a song: a network hears them, a decoder finds the path.

``beat_network`` gives the likelihood of a beat and of a downbeat fifty times a
second, ``beat_decoder`` the beats and bars that explain them. Without ONNX Runtime
the onsets alone must do (``onset_beats``); ``Beats.tracker`` says which it was.
"""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import replace
from functools import partial

import numpy as np

from .beat_decoder import Decoded, Sound, decode
from .beat_file import CHECK_BELOW, Beats, even_grid, load_beats, save_beats
from .beat_network import DEFAULT_MODEL, activations
from .downbeats import bar_salience, onset_level
from .features import ONSET_LAG
from .load import Audio
from .onset_beats import beats_from_onsets, nothing_happens
from .spectrum import Spectrum, spectrum

__all__ = [
    "CHECK_BELOW",
    "TRACKER",
    "Beats",
    "even_grid",
    "load_beats",
    "network_missing",
    "save_beats",
    "track_beats",
]

TRACKER = "audio2pose-net-1"
FREE_BELOW = 0.5  # share of beats on even grids below which a song's tempo is called free

log = logging.getLogger(__name__)


def track_beats(audio: Audio, spec: Spectrum | None = None) -> Beats:
    """Find the beats of a song; they cover it from start to end.

    Where no pulse is heard (a drone, noise) the result is an even grid at
    120 bpm from 0 s with confidence 0: a defined answer that a caller can see
    and a user can replace. ``spec`` is the song's spectrum where it is there already.

    Raises
    ------
    ModelError
        The beat network is there, but damaged.
    """
    spec = spectrum(audio) if spec is None else spec
    if missing := network_missing():
        why = f"{missing}: the beats of {audio.name} are found by onsets alone, which errs more"
        log.warning(why)
        return replace(beats_from_onsets(spec), warnings=(why,))
    if nothing_happens(spec):
        return even_grid(audio.seconds)
    sound = Sound(
        partial(bar_salience, spec, lag=ONSET_LAG), partial(onset_level, spec, lag=ONSET_LAG)
    )
    heard = decode(activations(audio), audio.seconds, sound)
    return even_grid(audio.seconds) if heard is None else _beats(heard, audio.name)


def network_missing() -> str:
    """Why the beat network cannot be used; empty where it can."""
    if importlib.util.find_spec("onnxruntime") is None:
        return "onnxruntime is not installed"
    if not DEFAULT_MODEL.is_file():
        return f"{DEFAULT_MODEL} is missing"
    return ""


def _beats(heard: Decoded, name: str) -> Beats:
    lengths = np.diff(np.flatnonzero(heard.downbeats))
    usual = int(np.bincount(lengths).argmax()) if len(lengths) else 4
    warnings: tuple[str, ...] = ()
    if heard.confidence < CHECK_BELOW:
        why = "its tempo is free" if heard.steady < FREE_BELOW else "its pulse is not clear"
        warnings = (
            f"the beats of {name} are unsure (confidence {heard.confidence:.2f}): {why}; "
            "check the beats",
        )
    return Beats(
        heard.times,
        heard.downbeats,
        heard.tempo_bpm,
        usual,
        heard.confidence,
        TRACKER,
        tempo_alternatives=heard.alternatives,
        warnings=warnings,
    )
