"""Render a folder of songs, a video each; goes on where it was stopped.

Options that are not listed here go to every song's scripts/render.py: --style,
--seed, --engine, --resolution and so on (see: audio2pose render --help).
--save-blend keeps each scene beside its video. Songs whose video is there, made
from the same song with the same options, are skipped.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import OptionError
from .incomplete import finish

PASSES_ON = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose render-batch``."""
    add = parser.add_argument
    add("--songs", type=Path, required=True, metavar="DIR", help="wav, flac, ogg, mp3")
    add("--output", type=Path, required=True, metavar="DIR", help="videos, logs, report.json")
    add("--recursive", action="store_true", help="look into subfolders too")
    add("--workers", type=int, default=1, help="songs at the same time (default: 1)")
    add("--jobs", type=Path, metavar="TOML", help="options for single songs: docs/RENDERING.md")
    add("--again", action="store_true", help="render finished songs too")
    add("--blender", metavar="PROGRAM", help="render with this Blender, not this Python's bpy")
    add("--script", type=Path, metavar="FILE", help="another render.py")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Render what is not finished; returns the report, raises Incomplete where songs failed."""
    from ..batch import job_file, report, runner
    from ..batch.options import RenderOptions, render_command
    from ..batch.songs import find_songs
    from ..data.lock import folder_lock
    from ..files import write_text

    if args.workers < 1:
        raise OptionError(f"--workers {args.workers}: use 1 or more")
    songs = find_songs(args.songs, args.recursive)
    command = render_command(args.script, args.blender)
    known = RenderOptions.ask(command)
    words = [*args.rest, *(["--debug"] if args.debug else [])]
    common = known.from_words(words)
    special = job_file.JobFile()
    if args.jobs is not None:
        special = job_file.load_job_file(args.jobs, known, (song.label for song in songs))
    jobs = [runner.Job(song, special.options(song.label, common)) for song in songs]

    started, began = datetime.now().astimezone(), time.monotonic()
    with folder_lock(args.output):
        progress = report.BatchProgress(jobs, args.quiet)

        def told() -> dict[str, Any]:
            progress.close()
            seconds = time.monotonic() - began
            facts = report.report(
                jobs, args.output, started=started, seconds=seconds, workers=args.workers
            )
            text = json.dumps(facts, indent=2, ensure_ascii=False)
            write_text(args.output / "report.json", text + "\n")
            return facts

        try:
            runner.run_batch(
                jobs,
                command,
                args.output,
                workers=args.workers,
                again=args.again,
                on_change=progress,
            )
        except BaseException:
            # Stopped by Ctrl-C or SIGTERM: what is done is told all the same.
            if not args.json:
                print(report.table(jobs), flush=True)
            told()
            raise
        text = report.table(jobs)
        facts = told()
    failed = facts["counts"][runner.FAILED]
    problem = f"{failed} of {len(jobs)} songs failed; see {args.output / 'logs'}" if failed else ""
    return finish(args, text, facts, problem)
