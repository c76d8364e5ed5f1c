"""Ctrl-C and SIGTERM wait for the end of a training step, which is then saved."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """Within it the first signal is noted in ``pending``; a second one acts at once.

    What was pending is raised again on the way out. Outside the main thread, where
    the caller owns the signals, it does nothing.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.pending: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = {n: signal.signal(n, self._keep) for n in self.SIGNALS}
        return self

    def _keep(self, number: int, frame: FrameType | None) -> None:
        self.pending = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()
        if self.pending is not None and kind is None:
            signal.raise_signal(self.pending)
