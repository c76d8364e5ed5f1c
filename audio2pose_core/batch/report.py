"""Progress line, final table and report.json of a batch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from ..console import StatusLine
from .job import DONE, FAILED, SKIPPED, STOPPED, WAITING, Job
from .resume_state import text_of

_LABEL_WIDTH = 48
_ENDED = (DONE, SKIPPED, FAILED)


class BatchProgress:
    """On a terminal one line that is drawn over; elsewhere a line for each song that ends."""

    def __init__(
        self, jobs: Sequence[Job], quiet: bool = False, stream: TextIO | None = None
    ) -> None:
        self._jobs = jobs
        self._line = StatusLine(stream, quiet)
        self._began = time.monotonic()
        self._told: set[int] = set()

    def __call__(self, job: Job) -> None:
        """A job has changed."""
        if job.state in _ENDED and id(job) not in self._told:
            self._told.add(id(job))
            why = f": {job.reason}" if job.reason else ""
            self._line.say(f"{job.state:8}{job.song.label}{why}")
            if not self._line.live:
                self._line.say(self.line())
        if self._line.live:
            self._line.draw(self.line())

    def line(self) -> str:
        """Songs, failures, per cent and time left of the whole batch."""
        states = Counter(job.state for job in self._jobs)
        ended = sum(states[state] for state in _ENDED)
        failed = f", {states[FAILED]} failed" if states[FAILED] else ""
        done, total = self._frames()
        share = done / total if total else 0.0
        left = self.seconds_left()
        more = f", {duration(left)} left" if left is not None and ended < len(self._jobs) else ""
        return f"{ended}/{len(self._jobs)} songs{failed}, {100 * share:.0f}%{more}"

    def seconds_left(self) -> float | None:
        """From the frames rendered so far; None before any."""
        # Frames that were there, and songs that were skipped or failed, tell nothing of the pace.
        made = sum(job.frames[0] - job.kept for job in self._jobs if job.state != FAILED)
        if made <= 0:
            return None
        done, total = self._frames()
        return (time.monotonic() - self._began) / made * (total - done)

    def _frames(self) -> tuple[float, float]:
        """Frames done and all; a song of unknown length counts as the mean of the others."""
        work = [job for job in self._jobs if job.state not in (SKIPPED, FAILED)]
        known = [n for job in work if (n := job.frames[1] or job.expected)]
        usual = sum(known) / len(known) if known else 1.0
        total = sum(job.frames[1] or job.expected or usual for job in work)
        done = sum((job.frames[1] or usual) if job.state == DONE else job.frames[0] for job in work)
        return (done, total) if work else (1.0, 1.0)

    def close(self) -> None:
        """Take the line off the terminal."""
        self._line.close()


def duration(seconds: float) -> str:
    """12 s, 3:05 or 1:02:03."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def table(jobs: Sequence[Job]) -> str:
    """A row for each song, and a last one that counts."""
    width = min(_LABEL_WIDTH, max(len(job.song.label) for job in jobs))
    rows = [f"{'song':{width}}  {'state':8}  {'frames':>11}  {'time':>8}"]
    for job in jobs:
        label = job.song.label
        if len(label) > width:
            # The end tells songs apart more often than their folders do.
            label = "…" + label[-(width - 1) :]
        frames = f"{job.frames[0]}/{job.frames[1]}" if job.frames[1] else ""
        spent = duration(job.seconds) if job.seconds else ""
        row = f"{label:{width}}  {job.state:8}  {frames:>11}  {spent:>8}  {job.reason}"
        rows.append(row.rstrip())
    states = Counter(job.state for job in jobs)
    order = (DONE, SKIPPED, FAILED, STOPPED, WAITING)
    rows.append(", ".join(f"{states[state]} {state}" for state in order if states[state]))
    return "\n".join(rows)


def report(
    jobs: Sequence[Job],
    output: Path,
    *,
    started: datetime,
    seconds: float,
    workers: int | None,
    scheduler: str | None = None,
) -> dict[str, Any]:
    """What report.json holds; paths of songs and outputs are relative to their folders."""
    states = Counter(job.state for job in jobs)
    return {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "workers": workers,
        "scheduler": scheduler,
        "counts": {s: states[s] for s in (DONE, SKIPPED, FAILED, STOPPED, WAITING)},
        "jobs": [
            {
                "song": job.song.label,
                "state": job.state,
                "reason": job.reason,
                "seconds": round(job.seconds, 2),
                "frames": job.frames[0],
                "frames_kept": job.kept,
                "parts": job.parts,
                "song_sha256": job.sources.get("song"),
                "options": job.options,
                "outputs": [text_of(job.song.output(Path(), s)) for s in job.suffixes()],
                "log": text_of(log) if (output / log).is_file() else None,
            }
            for job in jobs
            for log in [job.song.output(Path("logs"), ".log")]
        ],
    }
