"""Which bone is which by the rest pose alone: for rigs whose names no preset knows.

A standing body is a tree with two pairs of mirrored limbs: legs, which go down
almost to the floor, and arms at a joint above. Of a limb the two longest
neighbouring bones are thigh and shin, or upper arm and forearm; where these are of several
bones in a row, as rigs with twist bones have them, the row counts as one. What goes up
from between the arms is neck and head. Each axis of the armature is tried as up;
the toes tell front from back, and so left from right.

Files of motion capture may have a rest pose that is no pose, with bones laid along one
axis, say. Then the lengths of the bones are all that is known (``map_by_lengths``).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .. import rotations as rot
from .rig import BoneMap, Rig
from .tree import complete

LIKENESS = 0.05
"""How far a limb may lie from its mirror image, in the body's height."""
APART = 0.02
"""How far apart its two hips or shoulders are at least, in the same."""
ALIKE = 0.35
"""The shorter of a limb's two bones is at least this share of the longer."""


STRAIGHT = float(np.cos(np.deg2rad(25.0)))
"""Bones that bend less than this from one to the next may be a row."""
ROW = 0.5
"""The next bone of a row is at least this share of the shorter bone of the limb before it."""
FINGERS = 3
"""So many bones side by side, none much shorter than the others, are a hand's, not a limb's."""

EVEN, LONG_TIP = 0.6, 1.5
"""The two bones of a limb are about that even, or its last bone's end is looked at; and no longer
than this, for the bone before, that bone is."""
NEAR = 0.1
"""How far from a limb's end a foot or hand that hangs elsewhere begins, in its lower bone."""
SAME_LENGTH = 0.12
"""Without a pose: the largest difference of bones left and right, relative to the longest."""


@dataclass(frozen=True)
class Limb:
    """The bones of root, hinge and end, the one after (-1: none), the one before, the length.

    The end is -1 where the lower bone is the last of all, an arm without a hand; ``tip`` (3,)
    is where the limb ends.
    """

    joints: tuple[int, int, int]
    after: int
    before: int
    length: float
    tip: np.ndarray


class _Tree:
    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.children: list[list[int]] = [[] for _ in rig.names]
        for bone, parent in enumerate(rig.parents):
            if parent >= 0:
                self.children[int(parent)].append(bone)
        own = np.linalg.norm(rig.tails - rig.heads, axis=1)
        self.reach = np.zeros(len(rig.names))
        # Children come after their parents.
        for bone in range(len(rig.names) - 1, -1, -1):
            self.reach[bone] = max(
                (self.step(bone, c) + self.reach[c] for c in self.children[bone]),
                default=float(own[bone]),
            )

    def step(self, bone: int, child: int) -> float:
        return float(np.linalg.norm(self.rig.heads[child] - self.rig.heads[bone]))

    def limb(self, start: int) -> Limb | None:
        """The limb that begins with a bone, along its longest way down."""
        way = [start]
        while self.children[way[-1]]:
            here = way[-1]
            way.append(max(self.children[here], key=lambda c: self.step(here, c) + self.reach[c]))
        bones = np.array([self.step(a, b) for a, b in pairwise(way)])
        k = _longest(bones)
        if k < 0 or min(bones[k : k + 2]) < EVEN * max(bones[k : k + 2]):
            # Where the last bone ends the limb may end: an arm without a hand. How long that
            # bone is a file may have made up, so that it is asked only then.
            last = way[-1]
            own = float(np.linalg.norm(self.rig.tails[last] - self.rig.heads[last]))
            if len(bones) and own < LONG_TIP * bones[-1]:
                bones = np.array([*bones, own])
                k = _longest(bones)
        if k < 0:
            return None
        root, hinge, end = self.rows(way, bones, k)
        upper, lower = float(bones[root:hinge].sum()), float(bones[hinge:end].sum())
        if min(upper, lower) < ALIKE * max(upper, lower):
            return None
        after = way[end + 1] if end + 1 < len(way) else -1
        before = way[root - 1] if root else -1
        joint, tip = self.end(way, end, lower)
        return Limb((way[root], way[hinge], joint), after, before, upper + lower, tip)

    def end(self, way: list[int], end: int, lower: float) -> tuple[int, np.ndarray]:
        """The bone at the end of a limb, and where that is.

        A foot may hang on the root, for IK: it is the bone outside the limb that begins where
        the limb's last bone ends.
        """
        rig = self.rig
        if end < len(way):
            return way[end], rig.heads[way[end]]
        tip = rig.tails[way[-1]]
        limb = {*way, *rig.above(way[0])}
        near = np.linalg.norm(rig.heads - tip, axis=1)
        near[[*limb]] = np.inf
        found = int(near.argmin())
        return (found, rig.heads[found]) if near[found] < NEAR * lower else (-1, tip)

    def rows(self, way: list[int], bones: np.ndarray, k: int) -> tuple[int, int, int]:
        """Places on ``way`` of root, hinge and end of the limb whose longest bones are k, k + 1.

        Straight on from its end, long bones that do not end in the tip of a hand belong to
        it. Of the ways to cut the row in two that is taken which gives the longest limb of
        the most even halves: a collar bone in line with the arm makes it less even.
        """
        heads = np.concatenate([self.rig.heads[way], self.rig.tails[way[-1:]]])
        along = [rot.normalize(step) for step in np.diff(heads, axis=0)]
        straight = [float(a @ b) >= STRAIGHT for a, b in pairwise(along)]
        end, least = k + 2, ROW * float(bones[k : k + 2].min())
        while (
            end < len(way) - 2
            and straight[end - 1]
            and bones[end] >= least
            and not self.splits(way[end])
        ):
            end += 1
        first = k
        while first > 0 and straight[first - 1] and bones[first - 1] > 0:
            first -= 1
        best, cut = -1.0, (k, k + 1, k + 2)
        for root in range(first, end - 1):
            for hinge in range(root + 1, end):
                if not all(straight[root : hinge - 1] + straight[hinge : end - 1]):
                    continue
                upper, lower = float(bones[root:hinge].sum()), float(bones[hinge:end].sum())
                longest = max(upper, lower)
                score = (upper + lower) * (min(upper, lower) / longest) ** 2 if longest else 0.0
                if score > best * (1 + 1e-6):
                    best, cut = score, (root, hinge, end)
        return cut

    def splits(self, bone: int) -> bool:
        """Whether a hand's fingers begin at the end of a bone."""
        reach = [self.step(bone, c) + self.reach[c] for c in self.children[bone]]
        return len(reach) >= FINGERS and sorted(reach)[-FINGERS] > 0.4 * max(reach)


def _longest(bones: np.ndarray) -> int:
    """The first of the two longest neighbouring bones, -1 where there are none."""
    if len(bones) < 2:
        return -1
    sums = bones[:-1] + bones[1:]
    return int(np.flatnonzero(sums >= 0.97 * sums.max())[0])


def map_by_lengths(rig: Rig) -> BoneMap | None:
    """The map of a tree with two legs and two arms of like bones, None where it is none.

    The rest pose may be anything. So which side is which is a guess: the first is called left.
    """
    if len(rig.names) < 9:
        return None
    tree = _Tree(rig)
    limbs = [tree.limb(bone) for bone in range(len(rig.names))]
    limbs = [limb if limb is not None and limb.joints[2] >= 0 else None for limb in limbs]
    pairs = [pair for joint in range(len(rig.names)) for pair in _alike(tree, limbs, joint)]
    best: tuple[float, Pair, Pair] | None = None
    for legs in pairs:
        for arms in pairs:
            size = legs[1].length + arms[1].length
            if legs[0] in rig.above(arms[0]) and (best is None or size > best[0]):
                best = (size, legs, arms)
    if best is None:
        return None
    _, (at, *legs_of), (chest, *arms_of) = best
    found = {"pelvis": at}
    for side, leg, arm in zip(("left", "right"), legs_of, arms_of, strict=True):
        for limb, names in ((leg, ("hip", "knee", "ankle")), (arm, ("shoulder", "elbow", "wrist"))):
            found |= {f"{side}_{n}": j for n, j in zip(names, limb.joints, strict=True)}
        if leg.after >= 0:
            found[f"{side}_foot"] = leg.after
        if arm.before >= 0 and arm.before != chest:
            found[f"{side}_collar"] = arm.before
        if arm.after >= 0:
            found[f"{side}_fingers"] = arm.after
    taken = set(found.values())
    rest = [c for c in tree.children[chest] if not taken & {*_below(tree, c)}]
    if rest:
        neck = max(rest, key=lambda c: tree.reach[c])
        found["neck" if tree.children[neck] else "head"] = neck
        if tree.children[neck]:
            found["head"] = max(tree.children[neck], key=lambda c: tree.reach[c])
    return complete(rig, found, "shape")


def _alike(tree: _Tree, limbs: list[Limb | None], joint: int) -> list[Pair]:
    """The two longest limbs with like bones below one joint, or nothing."""
    below = [limb for c in tree.children[joint] if (limb := limbs[c]) is not None]
    best: list[Pair] = []
    for i, one in enumerate(below):
        for two in below[i + 1 :]:
            a, b = (np.array([tree.step(*p) for p in pairwise(x.joints)]) for x in (one, two))
            like = np.abs(a - b).max() <= SAME_LENGTH * max(a.max(), b.max())
            if like and (not best or one.length > best[0][1].length):
                best = [(joint, one, two)]
    return best


Pair = tuple[int, Limb, Limb]
"""The bone that both hang on, and the two."""


def map_by_shape(rig: Rig) -> BoneMap | None:
    """The map of a rig that stands like a body, None where it does not."""
    if len(rig.names) < 9:
        return None
    tree = _Tree(rig)
    limbs = [tree.limb(bone) for bone in range(len(rig.names))]
    best: tuple[float, dict[str, int]] | None = None
    for across in range(3):
        pairs = list(_pairs(tree, limbs, across))
        for axis in {0, 1, 2} - {across}:
            for sign in (1.0, -1.0):
                found = _body(tree, pairs, axis, sign)
                if found is not None and (best is None or found[0] > best[0]):
                    best = found
    return None if best is None else complete(rig, best[1], "shape")


def _pairs(tree: _Tree, limbs: list[Limb | None], across: int) -> list[Pair]:
    """Mirrored limbs: of two that hang on one bone each is the other's image across an axis."""
    heads = tree.rig.heads
    height = float(np.ptp(heads, axis=0).max())
    out: list[Pair] = []
    for joint, below in enumerate(tree.children):
        for i, a in enumerate(below):
            for b in below[i + 1 :]:
                one, two = limbs[a], limbs[b]
                if one is None or two is None:
                    continue
                here, there = (
                    np.stack([*heads[list(limb.joints[:2])], limb.tip]) for limb in (one, two)
                )
                middle = (here[0, across] + there[0, across]) / 2
                there[:, across] = 2 * middle - there[:, across]
                apart = abs(here[:, across] - middle).max()
                if np.abs(here - there).max() < LIKENESS * height and apart > APART * height:
                    out.append((joint, one, two))
    return out


def _body(
    tree: _Tree, pairs: list[Pair], axis: int, sign: float
) -> tuple[float, dict[str, int]] | None:
    """How large a body the pairs make with this way up, and its joints."""
    rig = tree.rig
    up = sign * rig.heads[:, axis]
    best = None
    for at, *legs in pairs:
        hip, _, ankle = legs[0].joints
        if min(leg.joints[2] for leg in legs) < 0:
            continue
        if up[hip] - up[ankle] < 0.8 * legs[0].length:
            continue
        for chest, *arms in pairs:
            shoulder = arms[0].joints[0]
            above = chest == at or at in rig.above(chest) or rig.parents[at] in rig.above(chest)
            if arms == legs or not above or up[shoulder] - up[hip] < 0.2 * legs[0].length:
                continue
            size = legs[0].length + arms[0].length
            if best is None or size > best[0]:
                best = (size, at, chest, legs, arms)
    if best is None:
        return None
    size, at, chest, legs, arms = best
    found = {"pelvis": at, **_head(tree, chest, arms, up)}
    forward = _forward(rig, legs, axis, sign)
    left = np.cross(sign * np.eye(3)[axis], forward)
    for limbs, names in ((legs, ("hip", "knee", "ankle")), (arms, ("shoulder", "elbow", "wrist"))):
        ends = sorted(limbs, key=lambda limb: -float(rig.heads[limb.joints[1]] @ left))
        for side, limb in zip(("left", "right"), ends, strict=True):
            joints = zip(names, limb.joints, strict=True)
            found |= {f"{side}_{n}": joint for n, joint in joints if joint >= 0}
            if limbs is legs and limb.after >= 0:
                found[f"{side}_foot"] = limb.after
            if limbs is arms and limb.before >= 0 and limb.before != chest:
                found[f"{side}_collar"] = limb.before
    return size, found


def _head(tree: _Tree, chest: int, arms: list[Limb], up: np.ndarray) -> dict[str, int]:
    """Neck and head: the longest way up from the chest that is no arm."""
    taken = {j for limb in arms for j in (*limb.joints, limb.before)}
    ways = [c for c in tree.children[chest] if c not in taken]
    ways = [c for c in ways if not taken & {*_below(tree, c)}]
    if not ways:
        return {}
    first = max(ways, key=lambda c: float(max(up[b] for b in _below(tree, c))))
    if up[first] < up[chest]:
        return {}
    after = [c for c in tree.children[first] if up[c] > up[first]]
    if not after:
        return {"head": first}
    return {"neck": first, "head": max(after, key=lambda c: tree.reach[c])}


def _below(tree: _Tree, bone: int) -> list[int]:
    out = [bone]
    for b in out:
        out += tree.children[b]
    return out


def _forward(rig: Rig, legs: list[Limb], axis: int, sign: float) -> np.ndarray:
    """The way (3,) that the toes point; that of Blender's or other programs' figures if none."""
    level = np.ones(3)
    level[axis] = 0.0
    way = np.zeros(3)
    for limb in legs:
        ankle = limb.joints[2]
        end = rig.heads[limb.after] if limb.after >= 0 else rig.tails[ankle]
        way += level * (end - rig.heads[ankle])
    if np.linalg.norm(way) > 0.1 * legs[0].length:
        return np.asarray(rot.normalize(way))
    return np.array([0.0, -sign, 0.0]) if axis == 2 else np.array([0.0, 0.0, 1.0])
