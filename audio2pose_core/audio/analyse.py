"""Beats, form and features of a song, from one spectrum as far as they need it."""

from __future__ import annotations

from dataclasses import replace

from .beat_descriptors import describe_beats
from .beats import Beats, track_beats
from .events import find_events
from .features import AudioFeatures, features_from_spectrum
from .load import Audio
from .sections import find_sections
from .spectrum import Spectrum, spectrum


def analyse(audio: Audio, fps: float = 30.0) -> tuple[Beats, AudioFeatures]:
    """``track_beats`` with sections and events, and ``extract_features``, for half the work."""
    spec = spectrum(audio)
    return with_form(track_beats(audio, spec), spec), features_from_spectrum(spec, fps)


def beats_and_form(audio: Audio) -> Beats:
    """The beats, sections and events of a song, without the features."""
    spec = spectrum(audio)
    return with_form(track_beats(audio, spec), spec)


def with_form(beats: Beats, spec: Spectrum) -> Beats:
    """The same beats with the sections and events that are heard between them."""
    descriptors = describe_beats(spec, beats.times)
    sections = find_sections(spec, beats, descriptors)
    events = find_events(spec, beats, sections, descriptors)
    return replace(beats, sections=sections, events=events)
