"""What is rendered: the dances of one song, and the cues for its lights and cuts."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from audio2pose_core.console import note
from audio2pose_core.errors import MotionError, OptionError
from audio2pose_core.formats import load_motion, save_motion
from audio2pose_core.generate.crew import Crew, make_crew, own_dances, parse_changes

if TYPE_CHECKING:
    from audio2pose_core.audio.beats import Beats
    from audio2pose_core.audio.features import AudioFeatures
    from audio2pose_core.audio.load import Audio
    from audio2pose_core.motion import Motion

    from ...stage.cues import Cues


class Song:
    """The song of the options, decoded and analysed when first asked for."""

    def __init__(self, path: Path | None, beats: Path | None) -> None:
        self.path, self.beats_file = path, beats
        self._audio: Audio | None = None

    @property
    def audio(self) -> Audio:
        """The samples; Blender decodes where there are no decoders, as in its own Python."""
        if self._audio is None:
            from audio2pose_core.audio.load import audio_from_samples, load_audio

            assert self.path is not None
            if all(importlib.util.find_spec(name) for name in ("soundfile", "av")):
                self._audio = load_audio(self.path)
            else:
                from ...song import strips as song_strips

                samples, rate = song_strips.read_file(self.path)
                self._audio = audio_from_samples(samples, rate, self.path.name)
        return self._audio

    def analysed(self, fps: float) -> tuple[Beats, AudioFeatures]:
        """Beats, those of --beats where given, and features at ``fps``."""
        from audio2pose_core.audio.analyse import analyse
        from audio2pose_core.audio.beats import load_beats

        found, features = analyse(self.audio, fps)
        return (load_beats(self.beats_file) if self.beats_file else found), features

    def beats(self) -> Beats:
        """The beats alone. Raises OptionError where there are none to be had."""
        from audio2pose_core.audio.beats import load_beats, track_beats

        if self.beats_file is not None:
            return load_beats(self.beats_file)
        if self.path is None:
            raise OptionError("a canon counts beats: give the song (--audio) or its --beats")
        return track_beats(self.audio)


def make_dances(
    options: argparse.Namespace, song: Song, progress: Callable[[str, float], None]
) -> list[Motion]:
    """One dance a dancer, loaded or generated; with --work each is generated once."""
    if options.own and options.crew > 1:
        styles = options.style.split("/")
        own = [
            _dance(options, song, styles[i % len(styles)], options.seed + i, progress, i)
            for i in range(options.crew)
        ]
        crew = own_dances(
            own,
            song.beats() if options.change else _any_beats(),
            formation=options.formation,
            changes=parse_changes(options.change),
        )
        return _told(crew)
    first = _dance(options, song, options.style, options.seed, progress, 0)
    if options.crew == 1:
        return [first]
    crew = make_crew(
        first,
        song.beats() if options.canon or options.answer or options.change else _any_beats(),
        options.crew,
        canon_beats=options.canon,
        answer=options.answer,
        mirror=not options.no_mirror,
        formation=options.formation,
        changes=parse_changes(options.change),
    )
    return _told(crew)


def _told(crew: Crew) -> list[Motion]:
    """The dances of a crew, after a word where it stands wider than it should."""
    if crew.widened:
        note(
            f"the crew stands {crew.spacing:.2f} m apart instead of {crew.asked:g} m, so that "
            "nobody touches anybody"
        )
    return crew.dances


def _any_beats() -> Beats:
    """Where no beat is counted the beats are not looked at."""
    from audio2pose_core.audio.beats import even_grid

    return even_grid(1.0)


def _dance(
    options: argparse.Namespace,
    song: Song,
    style: str,
    seed: int,
    progress: Callable[[str, float], None],
    number: int,
) -> Motion:
    if options.motion is not None:
        return load_motion(options.motion)
    name = f"motion-{number + 1}.npz" if number else "motion.npz"
    kept = None if options.work is None else options.work / name
    if kept is not None and kept.is_file():
        try:
            return load_motion(kept)
        except MotionError as error:
            # The same seed dances the same again: frames that are there go on fitting.
            note(f"made again: {error}")
    # Imported here: with --motion nothing of it is needed.
    from audio2pose_core.generate import generate_dance
    from audio2pose_core.generate.styles import parse_style

    if importlib.util.find_spec("onnxruntime") is None:
        raise OptionError(
            "this Blender's Python has no onnxruntime, which makes the dance: install the "
            "Audio2Pose extension in it, or start it with --python-use-system-env and onnxruntime "
            "on PYTHONPATH, or dance a --motion made by 'audio2pose generate'"
        )
    dance = generate_dance(
        song.audio,
        style=parse_style(style),
        energy=options.energy,
        seed=seed,
        duration=options.duration,
        beats=options.beats,
        model=options.model,
        quality=options.quality,
        structure=options.structure,
        progress=progress,
    )
    if kept is None:
        return dance.motion
    save_motion(kept, dance.motion)
    # As the next run will read it, to the last bit.
    return load_motion(kept)


def make_cues(
    options: argparse.Namespace, song: Song, dance: Motion, fps: float, frames: int
) -> Cues | None:
    """What the lights and cuts answer to, or None where nothing asks for it.

    Without a song it is the dance's own beats.
    """
    from ...stage import cues

    if options.stage != "club" and options.camera != "cuts":
        return None
    if options.audio is not None:
        beats, features = song.analysed(fps)
        return cues.song_cues(
            beats.times, beats.downbeats, features.mel, features.loudness, fps, frames
        )
    if options.beats is not None:
        beats = song.beats()
        made = cues.dance_cues(beats.times, fps, frames)
        return cues.Cues(fps, made.beats, beats.times[beats.downbeats], made.bands, made.loudness)
    from audio2pose_core.metrics.motion_beats import motion_beats

    times, prominence = motion_beats(dance)
    return cues.dance_cues(times[prominence > np.median(prominence)], fps, frames)
