"""Which joint is which, by the shape of the skeleton: for names that no table knows.

A body is a tree with two pairs of equal limbs: legs at the joint nearer to the
root, arms at one further up. Of a limb the two longest bones are thigh and shin,
or upper arm and forearm. Which pair member is the left is told later, by the
way knees bend and toes point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .skeleton_map import SkeletonMap, path_up

LIKENESS = 0.12
"""Largest difference between left and right bone lengths, relative."""


def map_by_shape(parents: Sequence[int], lengths: np.ndarray) -> SkeletonMap | None:
    """The map of a two-armed, two-legged tree, or None.

    Parameters
    ----------
    parents : sequence of int
        Parents before children, -1 for the root.
    lengths : (J,)
        Distance of each joint from its parent.
    """
    count = len(parents)
    children: list[list[int]] = [[] for _ in range(count)]
    for j, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(j)
    reach = np.zeros(count)
    for j in range(count - 1, -1, -1):
        reach[j] = max((lengths[c] + reach[c] for c in children[j]), default=0.0)
    pairs = []
    for j in range(count):
        found = _pair(children[j], children, reach, lengths)
        if found is not None:
            pairs.append((j, *found))
    best: SkeletonMap | None = None
    longest = 0.0
    for at, legs, leg_size in pairs:
        for chest, arms, arm_size in pairs:
            if at != chest and at in path_up(parents, chest) and leg_size + arm_size > longest:
                joints = _joints(at, legs, chest, arms, children, reach)
                longest, best = leg_size + arm_size, SkeletonMap("shape", joints)
    return best


Limb = tuple[int, int, int, int]
"""Root, hinge, end, and what follows the end (-1 for nothing)."""


def _pair(
    candidates: list[int], children: list[list[int]], reach: np.ndarray, lengths: np.ndarray
) -> tuple[tuple[Limb, Limb], float] | None:
    """The two longest limbs with like bones below one joint, and their length."""
    best, size = None, 0.0
    limbs = [(c, _limb(c, children, reach, lengths)) for c in candidates]
    for i, (_, first) in enumerate(limbs):
        for _, second in limbs[i + 1 :]:
            if first is None or second is None:
                continue
            (limb_a, a), (limb_b, b) = first, second
            if np.abs(a - b).max() <= LIKENESS * max(a.max(), b.max()) and a.sum() > size:
                best, size = (limb_a, limb_b), float(a.sum())
    return None if best is None else (best, size)


def _limb(
    start: int, children: list[list[int]], reach: np.ndarray, lengths: np.ndarray
) -> tuple[Limb, np.ndarray] | None:
    """The two longest bones that follow each other along the longest way down from ``start``."""
    way = [start]
    while children[way[-1]]:
        way.append(max(children[way[-1]], key=lambda c: lengths[c] + reach[c]))
    bones = np.array([lengths[j] for j in way[1:]])
    if len(bones) < 2 or not bones.max() > 0:
        return None
    sums = bones[:-1] + bones[1:]
    # The hand's or foot's way out may be as long: of nearly equal ones the upper counts.
    k = int(np.flatnonzero(sums >= 0.97 * sums.max())[0])
    if min(bones[k], bones[k + 1]) < 0.3 * max(bones[k], bones[k + 1]):
        return None
    after = way[k + 3] if k + 3 < len(way) else -1
    return (way[k], way[k + 1], way[k + 2], after), bones[k : k + 2]


def _joints(
    pelvis: int,
    legs: tuple[Limb, Limb],
    chest: int,
    arms: tuple[Limb, Limb],
    children: list[list[int]],
    reach: np.ndarray,
) -> dict[str, int]:
    joints = {"pelvis": pelvis}
    for side, leg, arm in zip(("left", "right"), legs, arms, strict=True):
        for names, limb in (
            (("hip", "knee", "ankle", "foot"), leg),
            (("shoulder", "elbow", "wrist", "hand"), arm),
        ):
            joints |= {f"{side}_{n}": j for n, j in zip(names, limb, strict=True) if j >= 0}
    taken = set(joints.values())

    def below(j: int) -> set[int]:
        return {j}.union(*(below(c) for c in children[j]))

    rest = [c for c in children[chest] if not below(c) & taken]
    if rest:
        neck = max(rest, key=lambda c: reach[c])
        joints["neck"] = neck
        if children[neck]:
            joints["head"] = children[neck][0]
    return joints
