"""Which bones of a rig play which part: by the presets' names, else by its shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ..skeleton import JOINTS, OFFSETS, PARENTS
from .names import canonical, stem
from .presets import SIDED, Preset, map_by_preset, shipped
from .rig import NEEDED, OPTIONAL, BoneMap, Rig
from .shape import map_by_lengths, map_by_shape
from .tree import carrying, complete

BY_SHAPE = 0.6
"""Most that a map is trusted which no name supports."""
OURS = "audio2pose"
ALIKE = 0.05
"""Bones of our dancer differ by less than this from our own lengths, all made one size."""
FEW_MISSING = 6
"""With more needed parts missing a family's name would say more than is known."""
_FROM_TREE = ("spine", "neck", "carrier", "root")
_SHARED = ("neck", "head", "collar", "wrist", "fingers", "foot")
"""Parts that every family's words are tried for where its own find none."""
_MORE_WORDS = {"wrist": ("palm", "fist"), "foot": ("toe", "toes", "toebase", "ball", "toe31")}
_HELPERS = ("ORG-", "MCH-", "VIS_", "WGT-")
"""Rigify's inner workings are nobody's to turn."""


@dataclass(frozen=True)
class Detection:
    """What was found on a rig.

    Attributes
    ----------
    map : BoneMap
        As far as it could be told.
    title : str
        The family, as people call it.
    missing : tuple of str
        Parts without a bone; with one of ``NEEDED`` among them there is no dancing.
    confidence : float
        0..1: share of the parts found, less where names or the rest pose disagree.
    """

    map: BoneMap
    title: str
    missing: tuple[str, ...]
    confidence: float

    @property
    def lacks(self) -> tuple[str, ...]:
        """The missing parts that a dance cannot do without."""
        return tuple(p for p in self.missing if p == "pelvis" or p in NEEDED)


def detect(rig: Rig, own: Iterable[Preset] = (), *, any_rest: bool = False) -> Detection:
    """The best map of the rig; ``own`` presets are asked before the shipped ones.

    ``any_rest``: the rest pose may be no pose at all, as in files of motion capture. Bones
    that neither names nor the pose tell are found by their lengths then, and which side
    is the left is for the motion to say.
    """
    best: Detection | None = None
    most = (False, -1, -1.0, 0)
    # Of a rig with every control by its name nothing more needs to be asked.
    for preset in (*own, *sorted(shipped(), key=lambda p: p.match)):
        if preset.family == OURS and not _has_our_bones(rig):
            # SMPL calls its joints as we do.
            continue
        found = map_of(preset, rig)
        judged = judge(rig, found, preset.title)
        signed = preset.signed((*rig.names, *rig.plain))
        if preset.match == "names" and not judged.lacks and signed:
            # All its controls are there by name: that is no chance.
            return judged
        score = (not judged.lacks, signed, judged.confidence, len(found.bones))
        if best is None or score > most:
            best, most = judged, score
    assert best is not None
    if best.lacks:
        # Names of a stranger: the tree may still be a body.
        found_map = map_by_shape(rig)
        if found_map is None and any_rest:
            found_map = map_by_lengths(rig)
        if found_map is not None:
            completed = _filled(rig, best, found_map)
            return completed or judge(rig, found_map, "Unknown rig, by its shape")
        if len(best.lacks) > FEW_MISSING:
            return replace(best, title="Unknown rig")
    return best


def _has_our_bones(rig: Rig) -> bool:
    """Whether its bones are as long, beside each other, as our dancer's."""
    ratios = []
    for j, name in enumerate(JOINTS):
        parent, ours = PARENTS[j], float(np.linalg.norm(OFFSETS[j]))
        if parent < 0 or name not in rig.index or JOINTS[parent] not in rig.index:
            continue
        way = rig.heads[rig.index[name]] - rig.heads[rig.index[JOINTS[parent]]]
        ratios.append(float(np.linalg.norm(way)) / ours)
    return bool(ratios) and max(ratios) - min(ratios) < ALIKE * max(ratios)


def _filled(rig: Rig, named: Detection, shaped: BoneMap) -> Detection | None:
    """What names left open filled in by the shape, if the two agree where both say something."""
    limbs = [p for p in ("pelvis", *NEEDED) if named.map.bones.get(p)]
    same = [p for p in limbs if named.map.bones[p] == shaped.bones.get(p)]
    if len(limbs) < 8 or len(same) < len(limbs):
        return None
    bones = dict(shaped.bones) | dict(named.map.bones)
    joints = {p: rig.index[n[-1]] for p, n in bones.items() if p not in _FROM_TREE}
    return judge(rig, complete(rig, joints, named.map.family), named.title)


def map_of(preset: Preset, rig: Rig) -> BoneMap:
    """What a rig has of a preset."""
    return (
        map_by_preset(preset, rig.index) if preset.match == "names" else map_by_words(preset, rig)
    )


def judge(rig: Rig, bone_map: BoneMap, title: str) -> Detection:
    """What is missing of a map, and how far it is to be trusted."""
    parts = ("pelvis", *NEEDED, *OPTIONAL)
    missing = tuple(p for p in parts if not bone_map.bones.get(p))
    weight = {p: 2.0 if p == "pelvis" or p in NEEDED else 1.0 for p in parts}
    confidence = 1.0 - sum(weight[p] for p in missing) / sum(weight.values())
    if not any(p == "pelvis" or p in NEEDED for p in missing):
        confidence *= _sense(rig, bone_map)
    if bone_map.family == "shape":
        confidence *= BY_SHAPE
    return Detection(bone_map, title, missing, confidence)


def _sense(rig: Rig, bone_map: BoneMap) -> float:
    """1 where the limbs follow each other at about equal lengths left and right, down to 0.3."""
    at = {p: rig.heads[rig.index[n[-1]]] for p, n in bone_map.bones.items() if n}
    faults = 0
    for a, b in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist")):
        if not all(f"{side}_{b}" in at for side in ("left", "right")):
            continue
        left, right = (
            float(np.linalg.norm(at[f"{side}_{b}"] - at[f"{side}_{a}"]))
            for side in ("left", "right")
        )
        faults += min(left, right) < 0.7 * max(left, right) or min(left, right) <= 0
    return max(0.3, 1.0 - 0.2 * faults)


def map_by_words(preset: Preset, rig: Rig) -> BoneMap:
    """The map of a preset that gives words: the first bone of each spelling counts."""
    index: dict[str, int] = {}
    for i, name in enumerate(rig.plain):
        if not name.startswith(_HELPERS) and not rig.stub(i):
            index.setdefault(canonical(name), i)
    joints: dict[str, int] = {}

    def find(part: str, side: str, words: Iterable[str]) -> None:
        key = f"{side}_{part}" if side else part
        for word in words:
            hit = index.get(f"{side}_{word}" if side else word)
            if hit is not None:
                hit = _first_of_row(rig, hit) if part in _LIMB_BONES else hit
                if hit not in joints.values() and _sits(rig, joints, part, side, hit):
                    joints[key] = hit
            if key in joints or (hit is not None and part not in _SHARED):
                return

    ordered = sorted(preset.parts, key=lambda p: p in _SHARED)
    for part in ordered:
        for side in ("left", "right") if part in SIDED else ("",):
            find(part, side, preset.parts[part])
    for part in _SHARED:
        for side in ("left", "right") if part in SIDED else ("",):
            if (f"{side}_{part}" if side else part) not in joints:
                find(part, side, _shared_words(part))
    return complete(rig, joints, preset.family)


_LIMB_BONES = ("hip", "knee", "shoulder", "elbow")


@cache
def _shared_words(part: str) -> tuple[str, ...]:
    """Every family's words for a part, and some more."""
    words = [
        w for preset in shipped() if preset.match == "words" for w in preset.parts.get(part, ())
    ]
    return tuple(dict.fromkeys((*words, *_MORE_WORDS.get(part, ()))))


def _first_of_row(rig: Rig, bone: int) -> int:
    """The first of the bones in a row whose names differ by a number, by "bend" or "twist"."""
    wanted = stem(canonical(rig.plain[bone]))
    while (above := int(rig.parents[bone])) >= 0:
        name = canonical(rig.plain[above])
        helper = rig.plain[above].startswith(_HELPERS) or rig.stub(above)
        if stem(name) != wanted or helper:
            break
        bone = above
    return bone


def _sits(rig: Rig, joints: dict[str, int], part: str, side: str, bone: int) -> bool:
    """Whether an optional part sits where it has to: toes below the ankle, collars above arms."""
    above = rig.above(bone)

    def at(name: str) -> int:
        return joints.get(f"{side}_{name}", -1)

    if part == "collar":
        shoulders = [joints.get(f"{s}_shoulder", -1) for s in ("left", "right")]
        if min(shoulders) < 0:
            return True
        return bone in rig.above(at("shoulder")) and carrying(rig, *shoulders) in above
    if part == "foot":
        return at("ankle") < 0 or at("ankle") in above
    if part == "fingers":
        arm = max(at("wrist"), at("elbow"))
        return arm < 0 or at("wrist") in above or (at("wrist") < 0 and at("elbow") in above)
    return True
