"""Warnings about a clip that is used all the same: lengths, units, tempo."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...audio.beats import Beats
from .audio import Sound
from .keypoints import Gaps, guess_units
from .names import FPS, Name

LENGTH_TOLERANCE_S = 0.25  # official clips are within 0.1 s of their beats; videos run a bit over
TEMPO_TOLERANCE = 0.03


def pose_warnings(name: Name, points: np.ndarray, gaps: Gaps) -> list[str]:
    """Warnings about the keypoints (T, 17, 3) of a clip."""
    out = []
    seconds = len(points) / FPS
    if gaps.filled:
        out.append(
            f"{gaps.filled} missing joints were filled in ({100 * gaps.share:.2f}%, the longest "
            f"for {gaps.longest_s:.2f} s)"
        )
    unit, size = guess_units(points)
    if unit != "cm":
        out.append(f"the figure spans {size:.3g} units, so they seem to be {unit} and not cm")
    if name.seconds is not None and abs(seconds - name.seconds) > LENGTH_TOLERANCE_S:
        out.append(
            f"{len(points)} frames are {seconds:.2f} s at 60 fps, but the song's name promises "
            f"{name.seconds:.2f} s"
        )
    return out


def sound_warnings(sound: Sound, frames: int) -> list[str]:
    """Warnings about a video's sound, compared with a motion of ``frames`` frames."""
    out = []
    seconds = frames / FPS
    motion = f"the motion: {seconds:.2f} s ({frames} frames at 60 fps)"
    announced = {"picture": sound.video_s, "sound": sound.sound_s}
    unlike = {
        what: length
        for what, length in announced.items()
        if length is not None and abs(length - seconds) > LENGTH_TOLERANCE_S
    }
    if unlike:
        lengths = " and ".join(f"{what} {length:.2f} s" for what, length in unlike.items())
        out.append(f"in the video: {lengths}; {motion}")
    if sound.heard_s < seconds - LENGTH_TOLERANCE_S:
        out.append(
            f"the sound that could be read: {sound.heard_s:.2f} s; {motion}; silence follows"
        )
    if sound.video_fps is not None and abs(sound.video_fps - FPS) > 0.1:
        out.append(f"the video has {sound.video_fps:.2f} fps, the motion 60")
    if sound.damaged:
        out.append(f"{sound.damaged} damaged pieces of the sound were replaced by silence")
    return out


def check_tempo(name: Name, beats: Beats) -> tuple[dict[str, Any] | None, list[str]]:
    """The tempo that a song's name promises beside the one that was found.

    ``octave`` is 0.5, 1 or 2 where beats at half or double the promised tempo
    were found; ``deviation_percent`` is what remains then.
    """
    promised = name.tempo_bpm
    if promised is None:
        return None, [f"the music {name.music} has no known tempo"]
    ratio = beats.tempo_bpm / promised
    octave = min((0.5, 1.0, 2.0), key=lambda o: abs(np.log(ratio / o)))
    deviation = ratio / octave - 1.0
    tempo = {
        "bpm": promised,
        "octave": octave,
        "deviation_percent": round(100.0 * deviation, 3),
    }
    warnings = []
    if beats.confidence <= 0:
        warnings.append("no beat was heard; the beats are an even grid at 120 bpm")
    elif abs(deviation) > TEMPO_TOLERANCE:
        warnings.append(
            f"the beats found run at {beats.tempo_bpm:.1f} bpm, the song's name promises "
            f"{promised:.0f}"
        )
    return tempo, warnings
