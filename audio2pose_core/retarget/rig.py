"""A rig at rest, as numbers: what retargeting needs to know of somebody's armature.

Everything is in the armature's own space, whatever its axes and unit: the map
from core's axes is read off the rest pose (``frame``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .. import rotations as rot
from .names import plain

SNAP = np.cos(np.deg2rad(25.0))
"""A direction nearer than this to an axis is taken to run along it."""

STANDING = 0.3
"""A leg goes down by at least this share of its length from hip to ankle."""


@dataclass(frozen=True)
class Rig:
    """The bones of an armature at rest, parents before children.

    Attributes
    ----------
    names : tuple of str
    parents : (B,) int
        -1 for a bone without a parent.
    rest : (B, 4)
        Rest rotation of each bone in armature space: turns armature axes into the bone's.
    heads, tails : (B, 3)
        Rest positions in armature space.
    basis : (B, 4)
        Rotation that each bone has now, on top of its rest pose, in its own axes.
    inherits : (B,) bool
        False where a bone keeps its rest direction whatever its parent does.
    connected : (B,) bool
        A connected bone cannot be moved, only turned.
    local_location : (B,) bool
        False where a bone's location is told in the armature's axes.
    location, scale : (B, 3) or None
        What each bone has of them now, in its own axes; None is nothing and 1.
    world : (4, 4) or None
        From armature space to a world that is Z up, with its floor at 0; None where there is none.
    has_mesh : bool
        Whether the armature bends a mesh.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    rest: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    basis: np.ndarray
    inherits: np.ndarray
    connected: np.ndarray
    local_location: np.ndarray
    location: np.ndarray | None = None
    scale: np.ndarray | None = None
    world: np.ndarray | None = None
    has_mesh: bool = False

    @cached_property
    def index(self) -> dict[str, int]:
        """Bone name -> index."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The names without what a program put on all of them."""
        return plain(self.names)

    def stub(self, bone: int) -> bool:
        """Whether a bone only leads from its parent to where another one begins: "__UpLeg_L" to
        "UpLeg_L"."""
        name = self.names[bone]
        return name.startswith("_") and name.lstrip("_") in self.index

    def above(self, bone: int) -> list[int]:
        """The bone's ancestors, nearest first."""
        out = []
        bone = int(self.parents[bone])
        while bone >= 0:
            out.append(bone)
            bone = int(self.parents[bone])
        return out

    def below(self, bone: int) -> list[int]:
        """The bone and all that hang on it, parents before children."""
        out = [bone]
        for b in range(bone + 1, len(self.names)):
            if int(self.parents[b]) in out:
                out.append(b)
        return out

    def way_down(self, top: int, bottom: int) -> list[int]:
        """Bones from below ``top`` down to ``bottom``; empty if it is not an ancestor."""
        way = [bottom, *self.above(bottom)]
        return way[: way.index(top)][::-1] if top in way else []


@dataclass(frozen=True)
class Switch:
    """A custom property of a bone that has to have a value, e.g. an IK/FK switch."""

    bone: str
    name: str
    value: float


@dataclass(frozen=True)
class BoneMap:
    """Which bones of a rig play which part.

    Attributes
    ----------
    family : str
        How it was found: a preset's name, "shape", or "edited".
    bones : mapping of str to tuple of str
        Parts to bone names. The parts are core's joints, except that "spine"
        (above the pelvis, up to the chest) and "neck" may be several bones;
        "carrier" moves the whole body and "root" travels over the floor.
    frames : mapping of str to str
        Parts whose bone moves with another part's, although it is not its
        child: on control rigs, where constraints connect the two.
    still : tuple of str
        Bones that have to stay at rest for this to hold.
    switches : tuple of Switch
    ik : mapping of str to str
        On rigs that have them, IK controls of the legs: "left_ankle" the foot's,
        "left_pole" what the knee points at, "left_foot" the toes', and right ones.
    ik_switches : tuple of Switch
        What stands instead of the switches of the same names for legs on IK.
    """

    family: str
    bones: Mapping[str, tuple[str, ...]]
    frames: Mapping[str, str] = field(default_factory=dict)
    still: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    ik: Mapping[str, str] = field(default_factory=dict)
    ik_switches: tuple[Switch, ...] = ()

    @property
    def has_ik(self) -> bool:
        """Whether both legs can be put on IK controls."""
        parts = [f"{side}_{part}" for side in ("left", "right") for part in ("ankle", "pole")]
        return all(self.ik.get(part) for part in parts)

    def set_switches(self, ik: bool) -> tuple[Switch, ...]:
        """All switches with their values, for legs on FK or on IK."""
        values = {(s.bone, s.name): s for s in self.switches}
        if ik:
            values |= {(s.bone, s.name): s for s in self.ik_switches}
        return tuple(values.values())

    def bone(self, part: str) -> str | None:
        """The part's last bone, None where there is none."""
        bones = self.bones.get(part, ())
        return bones[-1] if bones else None


NEEDED = tuple(
    f"{side}_{part}"
    for part in ("hip", "knee", "ankle", "shoulder", "elbow")
    for side in ("left", "right")
)
"""Without these and "pelvis" there is no dancing."""
OPTIONAL = (
    "spine", "neck", "head", "left_collar", "right_collar", "left_wrist", "right_wrist",
    "left_foot", "right_foot",
)  # fmt: skip
"""What is missing of these is folded into its neighbours."""
PARTS = (
    *("root", "carrier", "pelvis", "spine", "neck", "head"),
    *(
        f"{side}_{part}"
        for limb in (("collar", "shoulder", "elbow", "wrist"), ("hip", "knee", "ankle", "foot"))
        for side in ("left", "right")
        for part in limb
    ),
    *(f"{side}_{part}" for side in ("left", "right") for part in ("hand", "fingers")),
)
"""All parts that a map may name, as a person would list them."""


def rest_frame(rig: Rig, bones: Mapping[str, Sequence[str]]) -> np.ndarray | None:
    """Rotation (4,) from core's axes to the armature's, None where the rest pose stands not.

    Up runs from ankles to shoulders, left from the right hip to the left one;
    either is taken to be an axis if it nearly is. Files of motion capture may have bones laid
    along an axis instead of a pose: a body's two legs go down from its hips.
    """

    def place(part: str) -> np.ndarray:
        return np.asarray(rig.heads[rig.index[bones[part][-1]]])

    shoulders = (place("left_shoulder") + place("right_shoulder")) / 2
    ankles = (place("left_ankle") + place("right_ankle")) / 2
    up = rot.normalize(shoulders - ankles)
    across = place("left_hip") - place("right_hip")
    if np.linalg.norm(across) < 1e-6 * np.linalg.norm(shoulders - ankles):
        across = place("left_shoulder") - place("right_shoulder")
    if np.linalg.norm(up) < 0.5 or np.linalg.norm(across) < 1e-9:
        return None
    for side in ("left", "right"):
        leg = place(f"{side}_hip") - place(f"{side}_ankle")
        if leg @ up < STANDING * np.linalg.norm(leg):
            return None
    up = _snapped(up)
    across = across - np.dot(across, up) * up
    left = _snapped(rot.normalize(across))
    left = rot.normalize(left - np.dot(left, up) * up)
    if np.linalg.norm(left) < 0.5:
        return None
    return rot.from_matrix(np.stack([left, up, np.cross(left, up)], axis=-1))


def _snapped(direction: np.ndarray) -> np.ndarray:
    axis = int(np.abs(direction).argmax())
    if abs(direction[axis]) < SNAP:
        return direction
    return np.asarray(np.sign(direction[axis]) * np.eye(3)[axis])
