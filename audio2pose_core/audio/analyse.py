"""Beats and features of a song from one pass over its spectra."""

from __future__ import annotations

from .beats import Beats, beats_from_spectrum
from .features import AudioFeatures, features_from_spectrum
from .load import Audio
from .spectrum import spectrum


def analyse(audio: Audio, fps: float = 30.0) -> tuple[Beats, AudioFeatures]:
    """``track_beats`` and ``extract_features`` at once, for half the work."""
    spec = spectrum(audio)
    return beats_from_spectrum(spec), features_from_spectrum(spec, fps)
