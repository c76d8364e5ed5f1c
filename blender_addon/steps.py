"""Work in small steps, so that Blender can draw and listen between two of them. No bpy.

A generator does a little, yields, and returns its outcome at the end. In the window an operator
takes steps until a few milliseconds are used, and goes on at its next tick; in the background
``run`` takes all of them at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
Steps = Generator[None, None, T]
_WAIT = 0.002
"""Seconds of a step that waits for what is done aside."""

BUDGET = 0.012
"""Seconds of one tick; a step that has begun is not broken off."""


def run(steps: Steps[T]) -> T:
    """All steps at once; their outcome."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            outcome: T = end.value
            return outcome


def at_once(steps_of: Callable[P, Steps[T]]) -> Callable[P, T]:
    """The function that does at once what another does in small steps, with its parameters.

    Its name is the other's without ``_steps``.
    """

    @wraps(steps_of)
    def all_of_them(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(steps_of(*args, **kwargs))

    all_of_them.__name__ = all_of_them.__qualname__ = steps_of.__name__.removesuffix("_steps")
    return all_of_them


def aside(work: Callable[[], T]) -> Steps[T]:
    """Work in a thread of its own, for as long as it takes; its outcome, or what it raises.

    For numbers alone: no other thread may touch Blender's data. It has ended when these steps
    have, also where they are given up.
    """
    outcome: list[T] = []
    trouble: list[BaseException] = []

    def run_it() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # goes on in the thread that waits
            trouble.append(error)

    thread = threading.Thread(target=run_it, name="audio2pose-aside", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            yield
            thread.join(_WAIT)
    finally:
        thread.join()
    if trouble:
        raise trouble[0]
    return outcome[0]


class Ticks:
    """Takes steps tick by tick."""

    def __init__(self, steps: Steps[Any], clock: Callable[[], float] = time.perf_counter) -> None:
        self._steps, self._clock = steps, clock
        self.outcome: Any = None

    def tick(self) -> bool:
        """Work for a moment; whether there is more to do. What the steps raise comes through."""
        end = self._clock() + BUDGET
        try:
            while self._clock() < end:
                next(self._steps)
        except StopIteration as stop:
            self.outcome = stop.value
            return False
        return True

    def close(self) -> None:
        """Give up: the steps clean up after themselves."""
        self._steps.close()
