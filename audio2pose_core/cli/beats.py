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
    add = parser.add_argument
    add("-o", "--output", required=True, help="the beats, sections and events, .json")
    add("--plot", metavar="PNG", help="also draw waveform, beats, bars, sections and events")
    add("--click", metavar="WAV", help="also write the song with a click on every beat")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Track and write the beats; returns the report."""
    started = time.perf_counter()
    # The ending also keeps a slip of the hand from overwriting a song.
    if Path(args.output).suffix.lower() != ".json":
        raise OptionError(f"{args.output}: name the output with .json at the end")
    outputs = [args.output]
    for path, option, endings in (
        (args.plot, "--plot", (".png", ".pdf", ".svg")),
        (args.click, "--click", (".wav",)),
    ):
        if path is None:
            continue
        if Path(path).suffix.lower() not in endings:
            raise OptionError(f"{option} {path}: name it with {' or '.join(endings)} at the end")
        outputs.append(path)
    for path in outputs:
        arguments.check_output(path, args.song)
    from ..audio.analyse import beats_and_form
    from ..audio.beats import save_beats
    from ..audio.click import CLICK_RATE, write_clicks
    from ..audio.form import form_record
    from ..audio.load import load_audio

    if args.plot is not None:
        from ..audio.picture import check_matplotlib, draw_song

        check_matplotlib()

    timings = {"import": time.perf_counter() - started}
    with Progress(args.quiet) as progress:
        progress("load", 0.0)
        audio = load_audio(args.song)
        progress("beats", 0.5)
        beats = beats_and_form(audio)
        progress("write", 0.9)
        save_beats(args.output, beats, audio)
        if args.plot is not None:
            progress("plot", 0.9)
            draw_song(args.plot, audio, beats)
        if args.click is not None:
            progress("click", 0.95)
            write_clicks(args.click, load_audio(args.song, CLICK_RATE), beats)
    timings.update(progress.timings)
    timings["total"] = time.perf_counter() - started
    warnings = warnings_of(audio.name, audio.warnings, beats)
    warn(warnings)
    if not args.quiet:
        note(
            f"audio2pose: {len(beats.times)} beats at {beats.tempo_bpm:.1f} bpm, "
            f"{beats.beats_per_bar} to a bar, confidence {beats.confidence:.2f}, "
            f"{len(beats.sections)} sections, {len(beats.events)} events -> {args.output}",
        )
    return {
        "song": str(args.song),
        "output": str(args.output),
        "seconds": audio.seconds,
        "tempo_bpm": beats.tempo_bpm,
        "tempo_alternatives": [round(t, 3) for t in beats.tempo_alternatives],
        "beats_per_bar": beats.beats_per_bar,
        "beats_per_bar_by_bar": list(beats.bars),
        "beats": [round(float(t), 4) for t in beats.times],
        "downbeats": [round(float(t), 4) for t in beats.times[beats.downbeats]],
        "confidence": beats.confidence,
        "tracker": beats.tracker,
        **form_record(beats.sections, beats.events),
        "plot": args.plot,
        "click": args.click,
        "warnings": warnings,
        "timings": {stage: round(seconds, 4) for stage, seconds in timings.items()},
    }
