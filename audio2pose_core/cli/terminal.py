"""What a command says on stderr while it works."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..console import StatusLine, bar, note

if TYPE_CHECKING:
    from ..audio.beats import Beats


class Progress:
    """Callable as ``progress(stage, fraction)``: a bar on a terminal, a line a stage elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._line = StatusLine(quiet=quiet)
        self._stage = ""
        self._stage_started = 0.0
        self.timings: dict[str, float] = {}
        """Seconds spent between the first report of each stage and that of the next."""

    def __call__(self, stage: str, fraction: float) -> None:
        if stage != self._stage:
            self._finish_stage()
            self._stage, self._stage_started = stage, time.perf_counter()
            if not self._line.live:
                self._line.say(f"audio2pose: {stage}")
        self._line.draw(f"{bar(fraction)} {stage}")

    def _finish_stage(self) -> None:
        if self._stage:
            spent = time.perf_counter() - self._stage_started
            self.timings[self._stage] = self.timings.get(self._stage, 0.0) + spent

    def close(self) -> None:
        """Take the bar off the terminal; the timings are complete then."""
        self._finish_stage()
        self._stage = ""
        self._line.close()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def warnings_of(name: str, warnings: Iterable[str], beats: Beats) -> list[str]:
    """Warnings about a song and its beats."""
    out = list(warnings)
    out += [text for text in beats.warnings if text not in out]
    if beats.confidence <= 0:
        out.append(f"no beat was heard in {name}; it is taken to run at {beats.tempo_bpm:.0f} bpm")
    return out


def warn(warnings: Iterable[str]) -> None:
    """One line each on stderr; they concern the result, so --quiet does not hide them."""
    for text in warnings:
        note(f"audio2pose: warning: {text}")
