"""Which windows make a dance, and in which order."""

from __future__ import annotations

import numpy as np

from ..signals import runs


def plan_windows(frames: int, window: int, overlap: int) -> list[tuple[int, int, bool]]:
    """Windows (first frame, length, between) in the order in which they are made.

    Every other window is made from nothing, and the one between two of these
    joins them, given ``overlap`` frames of each. A chain in which each window
    continues the one before would carry its small errors along: over minutes it
    sinks to the floor or stiffens. This way nothing is more than one window
    away from a fresh start, and an hour is as good as its first seconds.
    """
    if frames <= window:
        return [(0, max(frames, window // 2), False)]
    period = 2 * (window - overlap)
    count = -(-(frames - window) // period) + 1
    plan = [(0, window, False)]
    for k in range(1, count):
        plan.append((k * period, window, False))
        plan.append((k * period - window + overlap, window, True))
    return plan


def free_ranges(free: np.ndarray, context: int) -> list[tuple[int, int]]:
    """Ranges (start, stop) of the free frames (T,) with ``context`` frames either side.

    Ranges that touch are one.
    """
    starts, stops = runs(free)
    ranges: list[tuple[int, int]] = []
    for start, stop in zip(starts - context, stops + context, strict=True):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], int(stop))
        else:
            ranges.append((int(start), int(stop)))
    return [(max(0, start), min(len(free), stop)) for start, stop in ranges]


def plan_free(
    free: np.ndarray, window: int, overlap: int
) -> list[tuple[int, int, bool, tuple[int, int]]]:
    """Windows (first, length, between, range) that hold something free, of frames (T,) bool.

    Only frames in ``range`` (start, stop) are to be taken from a window; beyond
    it all is given. A range has ``overlap`` frames of what is given at either
    end, windows made from nothing lie evenly over it, and between any two of
    them lies one that joins them. A dance that is free throughout is made as
    ``plan_windows`` has it.
    """
    frames = len(free)
    plan: list[tuple[int, int, bool, tuple[int, int]]] = []
    for start, stop in free_ranges(free, overlap):
        span, whole = stop - start, (start, stop)
        if span == frames:
            plan += [(*entry, whole) for entry in plan_windows(frames, window, overlap)]
        elif span <= window:
            first = min(max((start + stop - window) // 2, 0), max(frames - window, 0))
            length = window if frames >= window else max(frames, window // 2)
            plan.append((first, length, False, whole))
        else:
            count = -(-(span - window) // (2 * (window - overlap))) + 1
            places = np.round(np.linspace(start, stop - window, count)).astype(int)
            for k, place in enumerate(places):
                plan.append((int(place), window, False, whole))
                if k:
                    middle = (int(places[k - 1]) + window + int(place)) // 2
                    plan.append((middle - window // 2, window, True, whole))
    return [entry for entry in plan if free[entry[0] : entry[0] + entry[1]].any()]
