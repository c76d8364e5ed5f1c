"""What a command says on stderr while it works."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..audio.beats import Beats

_WIDTH = 24


class Progress:
    """Callable as ``progress(stage, fraction)``: a bar on a terminal, a line a stage elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._stage_started = 0.0
        self._drawn = -1
        self.timings: dict[str, float] = {}
        """Seconds spent between the first report of each stage and that of the next."""

    def __call__(self, stage: str, fraction: float) -> None:
        if stage != self._stage:
            self._finish_stage()
            self._stage, self._stage_started, self._drawn = stage, time.perf_counter(), -1
            if not self._quiet and not self._terminal:
                print(f"audio2pose: {stage}", file=sys.stderr)
        percent = round(100 * min(max(fraction, 0.0), 1.0))
        if self._terminal and not self._quiet and percent != self._drawn:
            filled = "#" * (percent * _WIDTH // 100)
            sys.stderr.write(f"\r\x1b[K{filled:.<{_WIDTH}} {percent:3d}% {stage}")
            sys.stderr.flush()
            self._drawn = percent

    def _finish_stage(self) -> None:
        if self._stage:
            spent = time.perf_counter() - self._stage_started
            self.timings[self._stage] = self.timings.get(self._stage, 0.0) + spent

    def close(self) -> None:
        """Take the bar off the terminal; the timings are complete then."""
        self._finish_stage()
        self._stage = ""
        if self._drawn >= 0:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = -1

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def warnings_of(name: str, warnings: Iterable[str], beats: Beats) -> list[str]:
    """What a user should know about a song before trusting the result."""
    out = list(warnings)
    if beats.confidence <= 0:
        out.append(f"no beat was heard in {name}; it is taken to run at {beats.tempo_bpm:.0f} bpm")
    return out


def warn(warnings: Iterable[str]) -> None:
    """One line each on stderr; they concern the result, so --quiet does not hide them."""
    for text in warnings:
        print(f"audio2pose: warning: {text}", file=sys.stderr)
