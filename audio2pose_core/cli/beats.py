"""Track the beats of a song; correct the file and pass it to audio2pose generate --beats."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from ..console import note
from ..errors import OptionError
from . import arguments
from .terminal import Progress, warn, warnings_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose beats``."""
    parser.add_argument("song", help=arguments.SONG)
    parser.add_argument("-o", "--output", required=True, help="the beats, .json")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Track and write the beats; returns the report."""
    started = time.perf_counter()
    # The ending also keeps a slip of the hand from overwriting a song.
    if Path(args.output).suffix.lower() != ".json":
        raise OptionError(f"{args.output}: name the output with .json at the end")
    arguments.check_output(args.output, args.song)
    from ..audio.beats import save_beats, track_beats
    from ..audio.load import load_audio

    timings = {"import": time.perf_counter() - started}
    with Progress(args.quiet) as progress:
        progress("load", 0.0)
        audio = load_audio(args.song)
        progress("beats", 0.5)
        beats = track_beats(audio)
        progress("write", 0.9)
        save_beats(args.output, beats, audio)
    timings.update(progress.timings)
    timings["total"] = time.perf_counter() - started
    warnings = warnings_of(audio.name, audio.warnings, beats)
    warn(warnings)
    if not args.quiet:
        note(
            f"audio2pose: {len(beats.times)} beats at {beats.tempo_bpm:.1f} bpm, "
            f"{beats.beats_per_bar} to a bar, confidence {beats.confidence:.2f} -> {args.output}",
        )
    return {
        "song": str(args.song),
        "output": str(args.output),
        "seconds": audio.seconds,
        "tempo_bpm": beats.tempo_bpm,
        "beats_per_bar": beats.beats_per_bar,
        "beats": [round(float(t), 4) for t in beats.times],
        "downbeats": [round(float(t), 4) for t in beats.times[beats.downbeats]],
        "confidence": beats.confidence,
        "tracker": beats.tracker,
        "warnings": warnings,
        "timings": {stage: round(seconds, 4) for stage, seconds in timings.items()},
    }
