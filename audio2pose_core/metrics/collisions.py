"""Limbs inside the body: hands in the head, forearms in the trunk, legs through each other.

Each part is a capsule, a thick line, between joints. Depth is how far two capsules
overlap along the shortest way between their middle lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..motion import Motion
from ..skeleton import INDEX

DEEP = 0.05
"""Parts that overlap by more than this, m, are inside each other; clothes and flesh give less."""
TRUNK, HEAD, FOREARM, HAND, THIGH, SHIN = 0.105, 0.095, 0.035, 0.030, 0.070, 0.045
"""Radii in metres of a slim dancer of 1.7 m."""
SKULL = 0.08
"""The middle of the head lies so far above its joint, m."""


@dataclass(frozen=True)
class Capsule:
    """A thick line from ``low`` (T, 3) to ``high`` (T, 3), ``radius`` metres thick."""

    low: np.ndarray
    high: np.ndarray
    radius: float


def body_parts(at: np.ndarray, tips: Mapping[int, np.ndarray]) -> dict[str, Capsule]:
    """The parts of a body by name, of joints (T, 24, 3) and tips (T, 3) by joint, metres."""

    def joint(name: str) -> np.ndarray:
        return np.asarray(at[:, INDEX[name]])

    up = tips[INDEX["head"]] - joint("head")
    skull = joint("head") + SKULL * up / np.linalg.norm(up, axis=1, keepdims=True)
    parts = {
        "trunk": Capsule(joint("pelvis"), joint("neck"), TRUNK),
        "head": Capsule(skull, skull, HEAD),
    }
    for side in ("left", "right"):
        hip, knee, ankle = (joint(f"{side}_{n}") for n in ("hip", "knee", "ankle"))
        elbow, wrist, hand = (joint(f"{side}_{n}") for n in ("elbow", "wrist", "hand"))
        parts |= {
            f"{side} forearm": Capsule(elbow, wrist, FOREARM),
            f"{side} hand": Capsule(wrist, hand, HAND),
            # Thighs meet at the hips in everybody: the half towards the knee counts.
            f"{side} thigh": Capsule((hip + knee) / 2, knee, THIGH),
            f"{side} shin": Capsule(knee, ankle, SHIN),
        }
    return parts


def _pairs() -> list[tuple[str, str]]:
    pairs = [("left thigh", "right thigh"), ("left shin", "right shin")]
    pairs += [("left forearm", "right forearm"), ("left hand", "right hand")]
    for side, other in (("left", "right"), ("right", "left")):
        pairs += [(f"{side} shin", f"{other} thigh"), (f"{side} thigh", "trunk")]
        pairs.append((f"{side} hand", f"{other} forearm"))
        for part in (f"{side} forearm", f"{side} hand"):
            pairs += [(part, "trunk"), (part, "head")]
            pairs += [(part, f"{leg} thigh") for leg in ("left", "right")]
    return pairs


PAIRS = tuple(_pairs())
"""Parts that should not be inside each other."""


def overlaps(motion: Motion) -> np.ndarray:
    """How deep each of ``PAIRS`` overlaps, (T, n) metres; 0 where they are apart."""
    parts = body_parts(motion.joint_positions(), motion.tip_positions())
    depth = [
        parts[a].radius + parts[b].radius - segment_distance(parts[a], parts[b]) for a, b in PAIRS
    ]
    return np.maximum(np.stack(depth, axis=1), 0.0)


def segment_distance(a: Capsule, b: Capsule) -> np.ndarray:
    """Shortest distance (T,) between the middle lines of two capsules."""
    return np.asarray(np.linalg.norm(closest(a, b)[1], axis=-1))


def closest(a: Capsule, b: Capsule) -> tuple[np.ndarray, np.ndarray]:
    """Where two middle lines are nearest to each other.

    The shares (2, T) of the way from ``low`` to ``high`` on each, and the vector (T, 3) from
    the place on ``b`` to that on ``a``. C. Ericson, "Real-Time Collision Detection", 2005,
    section 5.1.9.
    """
    along_a, along_b, gap = a.high - a.low, b.high - b.low, a.low - b.low

    def dot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.asarray((x * y).sum(axis=-1))

    aa, bb, ab = dot(along_a, along_a), dot(along_b, along_b), dot(along_a, along_b)
    ag, bg = dot(along_a, gap), dot(along_b, gap)
    # Of parallel lines and of points any place will do: the other line's clamp finds the rest.
    wide = aa * bb - ab * ab
    s = np.clip(np.where(wide > 1e-9, (ab * bg - ag * bb) / np.maximum(wide, 1e-9), 0.0), 0, 1)
    t = np.clip((ab * s + bg) / np.maximum(bb, 1e-12), 0, 1)
    s = np.clip((ab * t - ag) / np.maximum(aa, 1e-12), 0, 1)
    return np.stack([s, t]), gap + s[:, None] * along_a - t[:, None] * along_b


@dataclass(frozen=True)
class Collisions:
    """Limbs inside the body over a dance."""

    share: float
    """Share of the time with any two parts more than 5 cm inside each other."""
    depth_cm: float
    """Mean over time of the deepest overlap, cm."""


def collisions(motion: Motion) -> Collisions:
    """How often, and how deep, the parts of a dancer's body are inside each other."""
    deepest = overlaps(motion).max(axis=1)
    return Collisions(float((deepest > DEEP).mean()), float(100 * deepest.mean()))


def worst_pairs(motion: Motion, most: int = 3) -> list[tuple[str, str, float]]:
    """The pairs that are most often more than 5 cm inside each other: (part, part, share)."""
    share = (overlaps(motion) > DEEP).mean(axis=0)
    order = np.argsort(-share)[:most]
    return [(*PAIRS[k], float(share[k])) for k in order if share[k] > 0]
