"""Render a folder of songs, a video each; goes on where it was stopped.

Options that are not listed here are those of audio2pose render, for every song: --style,
--seed, --engine, --resolution and so on (see: audio2pose render --help).
--save-blend keeps each scene beside its video. Songs whose video is there, made
from the same song with the same options, are skipped; of one that was stopped, the
frames that are done are kept.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..console import note, out
from ..errors import OptionError
from .incomplete import finish

if TYPE_CHECKING:
    from ..batch.executor import Executor
    from ..batch.job import Job

PASSES_ON = True
CHUNK = 600
"""Frames: a start of Blender and a stage, some seconds, are little beside them."""
LEFT_OUT_LINES = 20
"""Files that are told one by one on the terminal; the report has them all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose render-batch``."""
    add = parser.add_argument
    add("--songs", type=Path, required=True, metavar="DIR", help="songs and videos")
    add("--output", type=Path, required=True, metavar="DIR", help="videos, logs, report.json")
    add("--recursive", action="store_true", help="look into subfolders too")
    add("--workers", type=int, help="renders at the same time (default: 1)")
    add("--scheduler", metavar="ADDRESS", help="render on this Dask cluster, e.g. tcp://host:8786")
    add(
        "--chunk",
        type=int,
        metavar="FRAMES",
        help="cut longer songs into chunks for several workers (default: 600; with one worker: no)",
    )
    add("--jobs", type=Path, metavar="TOML", help="options for single songs: docs/RENDERING.md")
    add("--again", action="store_true", help="render finished songs too")
    add("--plan", type=Path, metavar="JSON", help="render nothing; write what would be rendered")
    add("--blender", metavar="PROGRAM", help="render with this Blender, not this Python's bpy")
    add("--script", type=Path, metavar="FILE", help="render with this script instead")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Render what is not finished; returns the report, raises Incomplete where songs failed."""
    from ..batch import job_file, plan, resume_state
    from ..batch.job import Job
    from ..batch.options import RenderOptions, render_command
    from ..batch.songs import find_songs
    from ..files import write_text

    for name in ("workers", "chunk"):
        if (value := getattr(args, name)) is not None and value < 1:
            raise OptionError(f"--{name} {value}: use 1 or more")
    if args.scheduler is not None and args.workers is not None:
        raise OptionError("--workers is for this machine; a cluster has its own, so leave it out")
    folder = find_songs(
        args.songs, args.recursive, lambda path: resume_state.is_ours(args.output, path)
    )
    songs = folder.songs
    if not args.quiet:
        print_left_out(folder.left_out)
    command = render_command(args.script, args.blender)
    known = RenderOptions()
    flags = [f"--{name}" for name in ("debug", "verbose") if getattr(args, name)]
    words = [*args.rest, *flags]
    common = known.from_words(words)
    special = job_file.JobFile()
    if args.jobs is not None:
        special = job_file.load_job_file(args.jobs, known, (song.label for song in songs))
    jobs = [Job(song, special.options(song.label, common)) for song in songs]
    if args.plan is not None:
        planned = plan.make_plan(
            jobs, args.output, args.chunk or CHUNK, version=__version__, again=args.again
        )
        planned["left_out"] = folder.left_out
        write_text(args.plan, json.dumps(planned, indent=2, ensure_ascii=False) + "\n")
        return finish(args, plan.as_table(planned), planned, "")
    return _render(args, jobs, command, folder.left_out)


def print_left_out(left_out: dict[str, str]) -> None:
    """A line on stderr for each file that is no song, or the first of many."""
    for label, reason in list(left_out.items())[:LEFT_OUT_LINES]:
        note(f"audio2pose: {label} is left out: {reason}")
    if (more := len(left_out) - LEFT_OUT_LINES) > 0:
        note(f"audio2pose: {more} more files are left out")


def _render(
    args: argparse.Namespace, jobs: list[Job], command: list[str], left_out: dict[str, str]
) -> dict[str, Any]:
    from ..batch import report
    from ..batch.job import FAILED
    from ..batch.runner import Batch
    from ..data.folder_lock import folder_lock
    from ..files import write_text

    started, began = datetime.now().astimezone(), time.monotonic()
    with folder_lock(args.output), _executor(args, command) as executor:
        progress = report.BatchProgress(jobs, args.quiet)

        def save_report() -> dict[str, Any]:
            progress.close()
            seconds = time.monotonic() - began
            facts = report.report(
                jobs,
                args.output,
                started=started,
                seconds=seconds,
                workers=None if args.scheduler else args.workers or 1,
                scheduler=args.scheduler,
            )
            facts["left_out"] = left_out
            text = json.dumps(facts, indent=2, ensure_ascii=False)
            write_text(args.output / "report.json", text + "\n")
            return facts

        many = args.scheduler is not None or (args.workers or 1) > 1
        chunk = args.chunk or (CHUNK if many else None)
        batch = Batch(
            jobs,
            executor,
            args.output,
            version=__version__,
            chunk=chunk,
            again=args.again,
            on_change=progress,
        )
        try:
            batch.run()
        except BaseException:
            # Stopped by Ctrl-C or SIGTERM: what is done is reported all the same.
            if not args.json:
                out(report.table(jobs))
            save_report()
            raise
        text = report.table(jobs)
        facts = save_report()
    failed = facts["counts"][FAILED]
    problem = f"{failed} of {len(jobs)} songs failed; see {args.output / 'logs'}" if failed else ""
    return finish(args, text, facts, problem)


@contextmanager
def _executor(args: argparse.Namespace, command: list[str]) -> Iterator[Executor]:
    from ..batch.cluster import ClusterExecutor
    from ..batch.executor import LocalExecutor
    from ..data.training.cluster import connect

    if args.scheduler is None:
        yield LocalExecutor(command, args.workers or 1)
        return
    executor = ClusterExecutor(
        connect(args.scheduler),
        args.script,
        args.blender,
        args.output / ".batch",
        connect=functools.partial(connect, args.scheduler),
    )
    try:
        yield executor
    finally:
        executor.close()
