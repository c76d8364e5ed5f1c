"""Geometric features of a motion: how often each of 32 relations between body parts holds.

After Müller, Röder and Clausen, "Efficient Content-Based Retrieval of Motion
Capture Data", SIGGRAPH 2005, and Müller and Röder, "Motion Templates for
Automatic Classification and Retrieval of Motion Capture Data", SCA 2006, in the
selection of fairmotion and AIST++.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..motion import Motion
from ..skeleton import INDEX, rest_positions

NAMES: tuple[str, ...] = (
    "right hand moves forwards", "left hand moves forwards",
    "right hand above neck", "left hand above neck",
    "right hand moves upwards", "left hand moves upwards",
    "right elbow bent", "left elbow bent",
    "hands far apart sideways", "hands approach each other",
    "right hand moves away from root", "left hand moves away from root",
    "right hand fast", "left hand fast",
    "right foot behind left leg", "left foot behind right leg",
    "right foot raised", "left foot raised",
    "feet far apart sideways",
    "right knee bent", "left knee bent",
    "right foot fast", "left foot fast",
    "right arm raised", "left arm raised",
    "right thigh raised", "left thigh raised",
    "root behind frontal plane", "spine horizontal",
    "right hand lowered", "left hand lowered",
    "root fast",
)  # fmt: skip
STEP_S = 1 / 30
"""Velocities are differences over this time."""
PUBLISHED_FRAME_S = 1 / 120

_SHORT = {
    "root": "pelvis", "belly": "spine1", "chest": "spine3", "neck": "neck",
    **{
        f"{s}{part}": f"{side}_{joint}"
        for s, side in (("l", "left"), ("r", "right"))
        for part, joint in (
            ("hip", "hip"), ("knee", "knee"), ("ankle", "ankle"), ("toes", "foot"),
            ("shoulder", "shoulder"), ("elbow", "elbow"), ("wrist", "wrist"),
        )
    },
}  # fmt: skip


@dataclass(frozen=True)
class _Lengths:
    """The body's measures that thresholds are multiples of, metres."""

    humerus: float
    shoulders: float
    hips: float


def _our_lengths() -> _Lengths:
    rest = rest_positions()

    def between(a: str, b: str) -> float:
        return float(np.linalg.norm(rest[INDEX[a]] - rest[INDEX[b]]))

    return _Lengths(
        between("left_shoulder", "left_elbow"),
        between("left_shoulder", "right_shoulder"),
        between("left_hip", "right_hip"),
    )


_OURS = _our_lengths()
_PUBLISHED = _Lengths(0.256770, 0.390848, 0.119246)
"""Those of the body model that AIST++ is fitted with."""


def geometric_features(motion: Motion, *, compat: bool = False) -> np.ndarray:
    """Share of the frames (32,) in which each relation of ``NAMES`` holds.

    Neither a shift nor a turn about the vertical changes them, a mirrored
    motion exchanges left and right, and the frame time is the motion's own.
    NaN for a motion shorter than two frames.

    ``compat`` gives the published figures, for comparison with papers only: a
    frame of 1/120 s whatever the clip's is, the movement of two joints in
    place of four, a leg's plane through its toes, and normals whose side is that
    of the joints' order, so that left and right ask opposite questions.
    """
    step = 1 if compat else max(1, round(STEP_S * motion.fps))
    if len(motion) <= step:
        return np.full(len(NAMES), np.nan)
    frame = PUBLISHED_FRAME_S if compat else step / motion.fps
    body = _Body(motion.joint_positions(), step, frame, compat)
    return np.stack(body.relations(_PUBLISHED if compat else _OURS)).mean(axis=1)


class _Body:
    """Relations of joints named in short, each (T - step,) bool."""

    def __init__(self, positions: np.ndarray, step: int, frame: float, compat: bool) -> None:
        now, then = positions[step:], positions[:-step]
        self.at = {short: now[:, INDEX[name]] for short, name in _SHORT.items()}
        self.speed = {
            short: (now[:, INDEX[name]] - then[:, INDEX[name]]) / frame
            for short, name in _SHORT.items()
        }
        self.lowest = now[..., 1].min(axis=1)
        self.compat = compat

    def relations(self, size: _Lengths) -> list[np.ndarray]:
        """All 32, in the order of ``NAMES``."""
        arm, shoulders, hips = size.humerus, size.shoulders, size.hips
        sides = (("r", "l"), ("l", "r"))

        def both(relation: Callable[[str, str], np.ndarray]) -> list[np.ndarray]:
            return [relation(own, other) for own, other in sides]

        return [
            *both(lambda s, o: self.moves_forwards(s, o, 1.8 * arm)),
            *both(lambda s, o: self.beyond("chest", "neck", "neck", s + "wrist", 0.2 * arm)),
            *both(lambda s, o: self.moves("belly", "chest", "chest", s + "wrist", 1.8 * arm)),
            *both(lambda s, o: self.angle(s + "elbow", s + "shoulder", s + "elbow", s + "wrist")),
            self.beyond("lshoulder", "rshoulder", "lwrist", "rwrist", 2.5 * shoulders),
            self.moves("lwrist", "rwrist", "rwrist", "lwrist", 1.4 * arm),
            *both(lambda s, o: self.moves_away(s, o, 1.4 * arm)),
            *both(lambda s, o: self.fast(s + "wrist", 2.5 * arm)),
            *both(lambda s, o: self.behind_leg(s, o, 0.38 * arm)),
            *both(lambda s, o: self.height(s + "ankle") > 1.2 * arm),
            self.beyond("lhip", "rhip", "lankle", "rankle", 2.1 * hips),
            *both(lambda s, o: self.angle(s + "knee", s + "hip", s + "knee", s + "ankle")),
            *both(lambda s, o: self.fast(s + "ankle", 2.5 * arm)),
            *both(lambda s, o: self.angle("neck", "root", s + "shoulder", s + "elbow", 25, 180)),
            *both(lambda s, o: self.angle("neck", "root", s + "hip", s + "knee", 50, 180)),
            self.root_behind(0.5 * arm),
            self.spine_horizontal(),
            *both(lambda s, o: self.height(s + "wrist") < 1.2 * arm),
            self.fast("root", 2.3 * arm),
        ]

    def height(self, joint: str) -> np.ndarray:
        """Height above the lowest joint, metres."""
        return self.at[joint][:, 1] - self.lowest

    def fast(self, joint: str, limit: float) -> np.ndarray:
        return np.linalg.norm(self.speed[joint], axis=1) > limit

    def beyond(self, a: str, b: str, origin: str, joint: str, limit: float) -> np.ndarray:
        """Is ``joint`` farther than ``limit`` from ``origin`` along the direction a -> b?"""
        return _along(self.at[joint] - self.at[origin], self.at[b] - self.at[a]) > limit

    def angle(
        self, a: str, b: str, c: str, d: str, low: float = 0.0, high: float = 110.0
    ) -> np.ndarray:
        """Is the angle between a -> b and c -> d within ``low`` to ``high`` degrees?"""
        degrees = _angle(self.at[b] - self.at[a], self.at[d] - self.at[c])
        return (degrees > low) & (degrees < high)

    def moves(self, a: str, b: str, origin: str, joint: str, limit: float) -> np.ndarray:
        """Is ``joint``, seen from ``origin``, faster than ``limit`` along the direction a -> b?"""
        # The published code loses its fourth joint: the third is seen from the first.
        seen, by = (origin, a) if self.compat else (joint, origin)
        return _along(self.speed[seen] - self.speed[by], self.at[b] - self.at[a]) > limit

    def moves_away(self, side: str, other: str, limit: float) -> np.ndarray:
        """Does a hand move away from the root?"""
        if self.compat:
            return self.moves(side + "wrist", "root", other + "wrist", "root", limit)
        return self.moves("root", side + "wrist", "root", side + "wrist", limit)

    def moves_forwards(self, side: str, other: str, limit: float) -> np.ndarray:
        """Does a hand, seen from the neck, move forwards out of the plane of neck and hips?"""
        normal = self.plane("neck", side + "hip", other + "hip")
        if not self.compat and side == "r":
            normal = -normal
        return _along(self.speed[side + "wrist"] - self.speed["neck"], normal) > limit

    def behind_leg(self, side: str, other: str, limit: float) -> np.ndarray:
        """Is a foot behind the plane through root, other hip and other ankle?"""
        # The published plane goes through the toes, so that who stands still has both feet behind.
        end = "toes" if self.compat else "ankle"
        normal = self.plane("root", other + "hip", other + end)
        if not self.compat and other == "l":
            normal = -normal
        return _along(self.at[side + "ankle"] - self.at["root"], normal) > limit

    def root_behind(self, limit: float) -> np.ndarray:
        """Is the root behind the plane of the ankles and the neck?"""
        normal = self.plane("rankle", "neck", "lankle")
        if not self.compat:
            normal = -normal
        return _along(self.at["root"] - self.at["rankle"], normal) > limit

    def spine_horizontal(self) -> np.ndarray:
        degrees = _angle(self.at["neck"] - self.at["root"], np.array([0.0, 1.0, 0.0]))
        return (degrees > 70) & (degrees < 110)

    def plane(self, a: str, b: str, c: str) -> np.ndarray:
        """Normal (T, 3) of the plane through three joints, (c - a) x (b - a)."""
        return np.cross(self.at[c] - self.at[a], self.at[b] - self.at[a])


def _along(vector: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Component (T,) of a vector (T, 3) along a direction (T, 3) of any length; 0 along none."""
    length = np.linalg.norm(direction, axis=-1)
    return (vector * direction).sum(axis=-1) / np.maximum(length, 1e-9)


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle (T,) between two vectors (T, 3), degrees."""
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.degrees(np.arccos(np.clip((a * b).sum(axis=-1) / np.maximum(lengths, 1e-9), -1, 1)))
