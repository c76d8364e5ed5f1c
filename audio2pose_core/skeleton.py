"""The one skeleton of Audio2Pose: 24 joints, SMPL names and order.

The bone lengths are our own round numbers for a figure of about 170 cm; they
belong to no body model. Metres, Y up, the rest pose is a T-pose that faces +Z
with the figure's left at +X, and all rest rotations are the identity.
"""

from __future__ import annotations

import numpy as np

# name, parent, offset from the parent in centimetres
_TABLE: tuple[tuple[str, str | None, tuple[float, float, float]], ...] = (
    ("pelvis", None, (0.0, 0.0, 0.0)),
    ("left_hip", "pelvis", (9.0, -6.0, 0.0)),
    ("right_hip", "pelvis", (-9.0, -6.0, 0.0)),
    ("spine1", "pelvis", (0.0, 9.0, 0.0)),
    ("left_knee", "left_hip", (0.0, -40.5, 0.0)),
    ("right_knee", "right_hip", (0.0, -40.5, 0.0)),
    ("spine2", "spine1", (0.0, 11.0, 0.0)),
    ("left_ankle", "left_knee", (0.0, -39.5, 0.0)),
    ("right_ankle", "right_knee", (0.0, -39.5, 0.0)),
    ("spine3", "spine2", (0.0, 11.0, 0.0)),
    ("left_foot", "left_ankle", (0.0, -5.0, 12.5)),
    ("right_foot", "right_ankle", (0.0, -5.0, 12.5)),
    ("neck", "spine3", (0.0, 19.0, 0.0)),
    ("left_collar", "spine3", (4.0, 13.0, 0.0)),
    ("right_collar", "spine3", (-4.0, 13.0, 0.0)),
    ("head", "neck", (0.0, 9.0, 0.0)),
    ("left_shoulder", "left_collar", (13.5, 1.0, 0.0)),
    ("right_shoulder", "right_collar", (-13.5, 1.0, 0.0)),
    ("left_elbow", "left_shoulder", (27.0, 0.0, 0.0)),
    ("right_elbow", "right_shoulder", (-27.0, 0.0, 0.0)),
    ("left_wrist", "left_elbow", (25.0, 0.0, 0.0)),
    ("right_wrist", "right_elbow", (-25.0, 0.0, 0.0)),
    ("left_hand", "left_wrist", (8.0, 0.0, 0.0)),
    ("right_hand", "right_wrist", (-8.0, 0.0, 0.0)),
)

_END_SITES_CM: dict[str, tuple[float, float, float]] = {
    "left_foot": (0.0, -2.0, 6.5),
    "right_foot": (0.0, -2.0, 6.5),
    "head": (0.0, 18.0, 0.0),
    "left_hand": (9.0, 0.0, 0.0),
    "right_hand": (-9.0, 0.0, 0.0),
}

JOINTS: tuple[str, ...] = tuple(name for name, _, _ in _TABLE)
INDEX: dict[str, int] = {name: i for i, name in enumerate(JOINTS)}
PARENTS: tuple[int, ...] = tuple(-1 if p is None else INDEX[p] for _, p, _ in _TABLE)
OFFSETS: np.ndarray = np.array([o for _, _, o in _TABLE], dtype=np.float64) / 100.0
"""Rest offset of each joint from its parent, (24, 3) metres."""
END_SITES: dict[int, np.ndarray] = {
    INDEX[n]: np.array(o, dtype=np.float64) / 100.0 for n, o in _END_SITES_CM.items()
}
"""Tip of each leaf bone (toes, top of head, finger tips) relative to its joint, metres."""

NUM_JOINTS = len(JOINTS)
STANDING_PELVIS_HEIGHT = 0.93
"""Height of the pelvis above the floor in the rest pose, metres."""
REST_ANKLE_HEIGHT = 0.07
"""Height of the ankle above the floor when the foot is flat, metres."""
REST_TOE_HEIGHT = 0.02
"""Height of the foot joint (ball of the foot) above the floor when the foot is flat, metres."""

MIRROR: tuple[int, ...] = tuple(
    INDEX[n.replace("left_", "right_") if n.startswith("left_") else n.replace("right_", "left_")]
    for n in JOINTS
)
"""For each joint the index of its mirror image."""

LEFT_LEG = tuple(INDEX[n] for n in ("left_hip", "left_knee", "left_ankle", "left_foot"))
RIGHT_LEG = tuple(INDEX[n] for n in ("right_hip", "right_knee", "right_ankle", "right_foot"))
CONTACT_JOINTS = tuple(INDEX[n] for n in ("left_ankle", "left_foot", "right_ankle", "right_foot"))
"""The joints whose floor contact is labelled, in the order of ``Motion.contacts``."""
CONTACT_REST_HEIGHTS: np.ndarray = np.array(
    [REST_ANKLE_HEIGHT, REST_TOE_HEIGHT, REST_ANKLE_HEIGHT, REST_TOE_HEIGHT]
)
"""Height of each contact joint above the floor when its foot stands flat, (4,) metres."""

COCO_17: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)


def rest_positions() -> np.ndarray:
    """Joint positions of the rest pose standing on the floor, (24, 3) metres."""
    out = np.zeros((NUM_JOINTS, 3))
    out[0] = (0.0, STANDING_PELVIS_HEIGHT, 0.0)
    for j in range(1, NUM_JOINTS):
        out[j] = out[PARENTS[j]] + OFFSETS[j]
    return out
