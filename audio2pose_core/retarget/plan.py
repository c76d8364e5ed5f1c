"""How one rig follows core's joints: worked out once, from the rest pose alone.

For each bone that plays a part the plan holds which of core's joints turn it,
the bone that it moves with, and the turn from the rig's rest pose to core's
T-pose: an arm that hangs in an A-pose is raised first, then danced with, so
that it points where core's arm points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..errors import RigError
from ..skeleton import INDEX, OFFSETS, REST_ANKLE_HEIGHT
from .floor import floor_of, stands_on
from .labels import PART_LABELS
from .rig import NEEDED, BoneMap, Rig, rest_frame
from .tree import carried
from .turns import arm_end, rest_turns

CORE_LEG = float(sum(np.linalg.norm(OFFSETS[INDEX[n]]) for n in ("left_knee", "left_ankle")))
HIPS = np.array([0.0, OFFSETS[INDEX["left_hip"], 1], 0.0])
"""From core's pelvis to the middle between its hips, metres."""
WIDE = 1.5
"""Hips that stand further apart than this, relative to core's, tilt less."""
AWAY = 0.75
"""A figure whose hips are further from the armature's origin, in leg lengths, stands elsewhere."""


@dataclass(frozen=True)
class Control:
    """One bone that plays a part.

    Attributes
    ----------
    bone : int
        Index into the rig.
    part : str
    low, high, share : int, int, float
        Core's joints that turn it, and the share of the second.
    frame : int
        The control that it moves with, -1 for the armature itself.
    between : (4,)
        Turn, in armature axes, that bones between the two add.
    turn : (4,)
        Turn, in core's axes, from the rig's rest pose to core's.
    hangs : int
        The control that its head is to go with although its bone hangs on another one, as feet
        do that hang on the root for IK: it needs a location. -1 where bones do that alone.
    """

    bone: int
    part: str
    low: int
    high: int
    share: float
    frame: int
    between: np.ndarray
    turn: np.ndarray
    hangs: int = -1


@dataclass(frozen=True)
class Girth:
    """How far a body reaches from its trunk's middle line, and its head, in armature units.

    ``side``, ``front`` and ``back`` are the trunk's radii; ``head`` is the head's, with its
    middle ``skull`` above the joint and ``face`` before it.
    """

    side: float
    front: float
    back: float
    head: float
    skull: float
    face: float = 0.0


@dataclass(frozen=True)
class Plan:
    """A rig, its map, and what follows from the two.

    Attributes
    ----------
    controls : tuple of Control
        A bone comes after the one that it moves with.
    frame : (4,)
        Turns core's axes into the armature's.
    size : float
        Armature units a metre of core's: leg length over core's leg length.
    width : float
        How far the hips stand apart, relative to core's at that size; 1 where hardly further.
    floor, sole : float
        Height of the dance's floor, and of that on which the rest pose stands, in armature
        units, along the rig's up.
    lift : float
        What the rig's hips stand higher than core's, scaled, by its feet's height.
    stands : bool
        Whether the rest pose stands on the world's floor with nothing above the carrier moved.
    origin : (3,)
        The place on the floor, core's axes and armature units, that is the middle of the dance:
        the armature's origin, or where the rest pose stands if that is elsewhere.
    carrier : int
        Bone that moves the body.
    pivot : int
        Control whose head that bone has to bring to its place.
    on : tuple of str
        The sides whose feet stand in the rest pose.
    girth : Girth or None
        The body's, as its mesh has it; None where there is none.
    """

    rig: Rig
    map: BoneMap
    controls: tuple[Control, ...]
    frame: np.ndarray
    size: float
    width: float
    floor: float
    sole: float
    lift: float
    stands: bool
    origin: np.ndarray
    carrier: int
    pivot: int
    on: tuple[str, ...] = ("left", "right")
    girth: Girth | None = None

    def control(self, part: str) -> int | None:
        """Index of the part's last control."""
        found = [i for i, c in enumerate(self.controls) if c.part == part]
        return found[-1] if found else None

    def to_core(self, points: np.ndarray) -> np.ndarray:
        """Positions or directions (..., 3) of the armature in core's axes, not scaled."""
        return rot.rotate(rot.conjugate(self.frame), points)

    def to_rig(self, points: np.ndarray) -> np.ndarray:
        """Positions or directions (..., 3) in core's axes in the armature's, not scaled."""
        return rot.rotate(self.frame, points)

    def place(self, part: str) -> np.ndarray:
        """Rest position (3,) of a part's bone in core's axes and armature units."""
        name = self.map.bone(part)
        assert name is not None
        return self.to_core(self.rig.heads[self.rig.index[name]])

    def wrist(self, side: str) -> np.ndarray:
        """Rest position (3,) of a wrist, of an arm without one of its end, as ``place`` has it."""
        if self.map.bones.get(f"{side}_wrist"):
            return self.place(f"{side}_wrist")
        return self.to_core(arm_end(self.rig, self.map.bones, side))

    def palm(self, side: str) -> np.ndarray:
        """From the wrist to the palm at rest (3,), core's axes and armature units.

        It is where the fingers begin, at most core's length of a palm and a half away.
        """
        rig, wrist = self.rig, self.wrist(side)
        most = 1.5 * self.size * float(np.linalg.norm(OFFSETS[INDEX[f"{side}_hand"]]))
        name = self.map.bone(f"{side}_fingers") or self.map.bone(f"{side}_hand")
        hand = self.map.bone(f"{side}_wrist") or self.map.bone(f"{side}_elbow")
        assert hand is not None
        below = np.flatnonzero(rig.parents == rig.index[hand])
        if name is not None:
            end = rig.heads[rig.index[name]]
        elif len(below) and self.map.bone(f"{side}_wrist"):
            end = rig.heads[below].mean(axis=0)
        else:
            end = rig.tails[rig.index[hand]]
        along = self.to_core(end) - wrist
        length = float(np.linalg.norm(along))
        return np.asarray(along * min(1.0, most / max(length, 1e-9)))


def make_plan(rig: Rig, bone_map: BoneMap) -> Plan:
    """Work out how the rig follows core's joints.

    Raises RigError where a needed bone is missing or the rest pose does not stand.
    """
    bones = bone_map.bones
    missing = [p for p in ("pelvis", *NEEDED) if not bones.get(p)]
    if missing:
        names = ", ".join(PART_LABELS[part] for part in missing)
        raise RigError(f"no bone plays {names}; choose one in the Character panel")
    absent = [b for names in bones.values() for b in names if b not in rig.index]
    if absent:
        raise RigError(
            f"the bone map names {', '.join(absent[:4])}, which the armature lacks; "
            "detect its bones again"
        )
    bone_map = carried(rig, bone_map)
    bones = bone_map.bones
    frame = rest_frame(rig, bones)
    if frame is None:
        raise RigError(
            "its rest pose is no standing body, so directions cannot be told; "
            "put the rest pose into a T or A pose (pose it so, then Pose > Apply > Apply Pose as "
            "Rest Pose)"
        )
    turns = rest_turns(rig, bone_map, frame)
    sources = _sources(rig, bone_map)
    moves = {b: _moves_with(rig, bone_map, b, source, sources) for b, source in sources.items()}
    hangs = {b: _hangs(rig, bone_map, b, source[0]) for b, source in sources.items()}
    order = _in_order({b: (with_bone, hangs[b]) for b, (with_bone, _) in moves.items()})
    index = {b: i for i, b in enumerate(order)}
    controls = []
    for bone in order:
        part, low, high, share = sources[bone]
        at, between = moves[bone]
        frame_of = index[at] if at >= 0 else -1
        on = index[hangs[bone]] if hangs[bone] >= 0 else -1
        turn = turns[part]
        controls.append(Control(bone, part, low, high, share, frame_of, between, turn, on))
    return _measured(rig, bone_map, tuple(controls), frame)


def _measured(
    rig: Rig, bone_map: BoneMap, controls: tuple[Control, ...], frame: np.ndarray
) -> Plan:
    bones = bone_map.bones

    def place(part: str) -> np.ndarray:
        return rot.rotate(rot.conjugate(frame), rig.heads[rig.index[bones[part][-1]]])

    leg = 0.0
    for side in ("left", "right"):
        hip, knee, ankle = (place(f"{side}_{p}") for p in ("hip", "knee", "ankle"))
        leg += float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee)) / 2
    size = leg / CORE_LEG
    if abs(size - 1.0) < 1e-4:
        size = 1.0
    on = stands_on(rig, bones, frame)
    height = float(np.mean([place(f"{side}_ankle")[1] for side in on]))
    carrier = rig.index[(bones.get("carrier") or bones["pelvis"])[-1]]
    floor, sole, stands = floor_of(rig, bone_map, frame, leg, carrier)
    lift = height - sole - size * REST_ANKLE_HEIGHT
    if abs(lift) < 1e-4 * leg:
        lift = 0.0
    # What hangs together cannot be moved by its lower end.
    while rig.connected[carrier] and rig.parents[carrier] >= 0:
        carrier = int(rig.parents[carrier])
    pivot = next(i for i, c in enumerate(controls) if c.part == "pelvis")
    apart = float(np.linalg.norm(place("left_hip") - place("right_hip")))
    width = apart / (2 * size * OFFSETS[INDEX["left_hip"], 0])
    if width < WIDE:
        width = 1.0
    hips = (place("left_hip") + place("right_hip")) / 2 * np.array([1.0, 0.0, 1.0])
    origin = hips if np.linalg.norm(hips) > AWAY * leg else np.zeros(3)
    return Plan(
        rig, bone_map, controls, frame, size, width, floor, sole, lift, stands, origin,
        carrier, pivot, on,
    )  # fmt: skip


Source = tuple[str, int, int, float]
"""Part, core's two joints, share of the second."""


def _sources(rig: Rig, bone_map: BoneMap) -> dict[int, Source]:
    """For each bone of the map what turns it; spines and necks of any number share ours evenly."""
    out: dict[int, Source] = {}
    for part, names in bone_map.bones.items():
        bones = [rig.index[name] for name in names]
        if part in ("root", "carrier") or part.endswith("_fingers"):
            continue
        if part == "spine":
            chain = [INDEX[n] for n in ("pelvis", "spine1", "spine2", "spine3")]
            steps = [3.0 * (i + 1) / len(bones) for i in range(len(bones))]
        elif part == "neck":
            chain = [INDEX[n] for n in ("spine3", "neck", "head")]
            steps = [2.0 * (i + 1) / (len(bones) + 1) for i in range(len(bones))]
        else:
            chain, steps, bones = [INDEX[part]], [0.0], bones[-1:]
        for bone, at in zip(bones, steps, strict=True):
            low = min(int(at + 1e-9), len(chain) - 1)
            high = min(low + 1, len(chain) - 1)
            out[bone] = (part, chain[low], chain[high], max(at - low, 0.0))
    return out


def _moves_with(
    rig: Rig, bone_map: BoneMap, bone: int, source: Source, mapped: dict[int, Source]
) -> tuple[int, np.ndarray]:
    """The mapped bone that ``bone`` moves with (-1: none) and the turn of the bones between."""
    other = bone_map.frames.get(source[0])
    first = bone_map.bones[source[0]][0] == rig.names[bone]
    if other is not None and first:
        name = bone_map.bone(other)
        if name is not None:
            return rig.index[name], rot.IDENTITY
    if not rig.inherits[bone]:
        return -1, rot.IDENTITY
    carrier = (bone_map.bones.get("carrier") or bone_map.bones["pelvis"])[-1]
    # Where these stand is where the dance takes place: a root bone places the figure.
    place = set(rig.above(rig.index[carrier]))
    between = rot.IDENTITY
    for above in rig.above(bone):
        if above in mapped:
            return above, between
        if above in place:
            return -1, between
        if rig.names[above] not in bone_map.still:
            rest = rig.rest[above]
            own = rot.multiply(rot.multiply(rest, rig.basis[above]), rot.conjugate(rest))
            between = rot.multiply(own, between)
        if not rig.inherits[above]:
            return -1, between
    return -1, between


_HANGS = {
    "knee": "hip", "ankle": "knee", "foot": "ankle", "elbow": "shoulder", "wrist": "elbow",
}  # fmt: skip


def _hangs(rig: Rig, bone_map: BoneMap, bone: int, part: str) -> int:
    """The bone that a limb's bone belongs to although it does not hang on it, else -1."""
    side, _, name = part.partition("_")
    if name not in _HANGS or part in bone_map.frames or bone_map.switches:
        return -1
    before = bone_map.bone(f"{side}_{_HANGS[name]}")
    if before is None or rig.index[before] in rig.above(bone) or rig.connected[bone]:
        return -1
    return rig.index[before]


def _in_order(before: Mapping[int, tuple[int, int]]) -> list[int]:
    """Bones with those that they move with before them; RigError for a circle."""
    out: list[int] = []

    def add(bone: int, way: tuple[int, ...]) -> None:
        if bone < 0 or bone in out:
            return
        if bone in way:
            raise RigError("the bone map lets two bones move with each other; detect it again")
        for other in before[bone]:
            add(other, (*way, bone))
        out.append(bone)

    for bone in before:
        add(bone, ())
    return out
