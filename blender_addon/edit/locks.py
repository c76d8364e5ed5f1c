"""Locks: frames of bones that Regenerate leaves as they are. Stored on the take's action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import region as regions

EVERY_BONE = ""


@dataclass(frozen=True, order=True)
class Lock:
    """Frames ``first`` to ``last``, both included, of a bone; "" is all bones."""

    bone: str
    first: float
    last: float


def read(action: Any) -> list[Lock]:
    """The locks of a take's action."""
    return [Lock(lock.bone, lock.first, lock.last) for lock in action.audio2pose.locks]


def write(action: Any, locks: Iterable[Lock]) -> None:
    """Put these locks in the place of those that are there."""
    store = action.audio2pose.locks
    store.clear()
    for lock in sorted(locks):
        item = store.add()
        item.bone, item.first, item.last = lock.bone, lock.first, lock.last
    action.audio2pose.lock_index = min(action.audio2pose.lock_index, max(0, len(store) - 1))


def of_frames(bone: str, frames: np.ndarray) -> list[Lock]:
    """Locks for single frames (n,): those that follow one another become one."""
    return [Lock(bone, first, last) for first, last in regions.runs(frames)]


def added(locks: Sequence[Lock], more: Sequence[Lock]) -> list[Lock]:
    """All of them, those of one bone that overlap or touch as one."""
    out: list[Lock] = []
    for lock in sorted([*locks, *more]):
        last = out[-1] if out else None
        if last is not None and last.bone == lock.bone and lock.first <= last.last + 1.0:
            out[-1] = Lock(lock.bone, last.first, max(last.last, lock.last))
        else:
            out.append(lock)
    return out


def removed(locks: Sequence[Lock], less: Sequence[Lock], bones: Sequence[str]) -> list[Lock]:
    """What is left of ``locks`` without ``less``.

    To free one bone of a lock on all, that becomes a lock on each other one of ``bones``.
    """
    left = list(locks)
    for gone in less:
        rest: list[Lock] = []
        for lock in left:
            if lock.last < gone.first or lock.first > gone.last:
                rest.append(lock)
            elif lock.bone == gone.bone or gone.bone == EVERY_BONE:
                rest += _outside(lock, gone)
            elif lock.bone == EVERY_BONE:
                others = [Lock(b, lock.first, lock.last) for b in bones if b != gone.bone]
                rest += others + _outside(Lock(gone.bone, lock.first, lock.last), gone)
            else:
                rest.append(lock)
        left = rest
    return added(left, [])


def _outside(lock: Lock, gone: Lock) -> list[Lock]:
    """The parts of a lock in front of and behind another: whole frames away from it."""
    parts = []
    if lock.first < gone.first:
        parts.append(Lock(lock.bone, lock.first, gone.first - 1.0))
    if lock.last > gone.last:
        parts.append(Lock(lock.bone, gone.last + 1.0, lock.last))
    return [part for part in parts if part.first <= part.last]


def locked_frames(locks: Iterable[Lock], bone: str, first: float, last: float) -> np.ndarray:
    """The locked frames (n,) of a bone from ``first`` to ``last``, rising.

    These are the whole frames of each lock and its two ends, which may lie between two
    frames, as a key's does.
    """
    found = [np.zeros(0)]
    for lock in locks:
        low, high = max(lock.first, first), min(lock.last, last)
        if lock.bone in (EVERY_BONE, bone) and low <= high:
            found += [np.arange(np.ceil(low), np.floor(high) + 1), np.array([low, high])]
    return regions.on_whole_frames(np.concatenate(found))
