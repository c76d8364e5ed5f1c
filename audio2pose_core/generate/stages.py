"""The stages of making a dance: timed, reported, and left on request between two steps."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..errors import Cancelled


class Stages:
    """Times the stages and passes them on; asks between stages whether to go on."""

    def __init__(
        self,
        progress: Callable[[str, float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.progress, self.cancelled = progress, cancelled
        self.timings: dict[str, float] = {}
        self.name, self.began = "", 0.0

    def is_cancelled(self) -> bool:
        """Whether the user asked to stop."""
        return self.cancelled is not None and self.cancelled()

    def report(self, fraction: float) -> None:
        """Pass on how much of the stage is done, 0..1."""
        if self.progress is not None:
            self.progress(self.name, fraction)

    def enter(self, name: str) -> None:
        """End the stage before and begin the next; raises Cancelled if asked to stop."""
        self.leave()
        if self.is_cancelled():
            raise Cancelled("cancelled; nothing was written")
        self.name, self.began = name, time.perf_counter()
        self.report(0.0)

    def leave(self) -> None:
        """End the stage."""
        if self.name:
            self.report(1.0)
            self.timings[self.name] = round(time.perf_counter() - self.began, 4)
            self.name = ""
