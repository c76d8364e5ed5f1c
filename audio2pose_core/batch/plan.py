"""Dry run of a batch: what would be rendered and in which parts.

It is also the input for a render farm: scripts/flamenco/submit.py sends each song as a job.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import Audio2PoseError
from . import resume_state
from .job import FAILED, SKIPPED, WAITING, Job
from .options import as_words
from .parts import JOIN, MOTION, cut, expected_frames

FORMAT = 1


def make_plan(
    jobs: Iterable[Job], output: Path, chunk: int, *, version: str, again: bool = False
) -> dict[str, Any]:
    """Songs with their frames, chunks, options and paths; raises nothing for a single song.

    ``frames`` is a bound by the song's length: a chunk beyond the dance's end renders nothing.
    """
    return {
        "format": FORMAT,
        "chunk": chunk,
        "songs": [_song(job, output, chunk, version, again) for job in jobs],
    }


def _song(job: Job, output: Path, chunk: int, version: str, again: bool) -> dict[str, Any]:
    outputs = [job.song.output(output, suffix) for suffix in job.suffixes()]
    facts: dict[str, Any] = {"song": job.song.label, "state": WAITING, "reason": ""}
    try:
        sources = resume_state.sources_of(job.song, job.options)
    except Audio2PoseError as error:
        return {**facts, "state": FAILED, "reason": str(error)}
    if not again and resume_state.is_finished(output, job.song, sources, outputs):
        return {**facts, "state": SKIPPED}
    frames = expected_frames(job.song, job.options)
    if frames is None:
        return {**facts, "state": FAILED, "reason": "its length cannot be read; is it a song?"}
    words = as_words(job.options)
    if job.options.get("save-blend"):
        words.append(f"--save-blend={outputs[0].resolve()}")
    return {
        **facts,
        "frames": frames,
        "parts": [part.name for part in (MOTION, *cut([(1, frames)], chunk), JOIN)],
        "audio": resume_state.text_of(job.song.path.resolve()),
        "output": resume_state.text_of(outputs[-1].resolve()),
        "work": resume_state.text_of(
            resume_state.work_folder(output, job.song, sources, version).resolve()
        ),
        "options": shlex.join(words),
    }


def as_table(plan: dict[str, Any]) -> str:
    """A row for each song, and the total."""
    songs = plan["songs"]
    width = max(len(song["song"]) for song in songs)
    rows = [f"{'song':{width}}  {'state':8}  {'frames':>8}  {'chunks':>6}"]
    for song in songs:
        count = song.get("frames", "")
        chunks = len(song["parts"]) - 2 if count else ""
        row = (
            f"{song['song']:{width}}  {song['state']:8}  {count:>8}  {chunks:>6}  {song['reason']}"
        )
        rows.append(row.rstrip())
    rows.append(f"{sum(song.get('frames', 0) for song in songs)} frames")
    return "\n".join(rows)
