"""Locks: stretches of bones that stay when a take is made anew. Kept on its action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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


def runs(bone: str, frames: np.ndarray) -> list[Lock]:
    """Locks for single frames (n,): those that follow one another become one."""
    rising = np.unique(np.asarray(frames, dtype=np.float64))
    if len(rising) == 0:
        return []
    parts = np.split(rising, np.flatnonzero(np.diff(rising) > 1.0 + 1e-6) + 1)
    return [Lock(bone, float(part[0]), float(part[-1])) for part in parts]


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


def hold(locks: Iterable[Lock], bone: str, frames: np.ndarray) -> np.ndarray:
    """Which of ``frames`` (n,) of a bone are locked, (n,) bool."""
    held = np.zeros(len(frames), dtype=bool)
    for lock in locks:
        if lock.bone in (EVERY_BONE, bone):
            held |= (frames >= lock.first - 1e-3) & (frames <= lock.last + 1e-3)
    return held
