"""Which bones of a rig play which part: by the presets' names, else by its shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .names import canonical
from .presets import SIDED, Preset, map_by_preset, shipped
from .rig import NEEDED, OPTIONAL, BoneMap, Rig
from .shape import map_by_lengths, map_by_shape
from .tree import complete

BY_SHAPE = 0.6
"""Most that a map is trusted which no name supports."""
FEW_MISSING = 6
"""With more needed parts missing a family's name would say more than is known."""
_FROM_TREE = ("spine", "neck", "carrier", "root")
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
    most = (-1.0, 0, False)
    # Of a rig with every control by its name nothing more needs to be asked.
    for preset in (*own, *sorted(shipped(), key=lambda p: p.match)):
        found = map_of(preset, rig)
        judged = judge(rig, found, preset.title)
        if preset.match == "names" and not judged.lacks:
            # All its controls are there by name: that is no chance.
            return judged
        signed = bool(preset.sign) and any(preset.sign in name for name in rig.names)
        score = (judged.confidence, len(found.bones), signed)
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
        left, right = (
            float(np.linalg.norm(at[f"{side}_{b}"] - at[f"{side}_{a}"]))
            for side in ("left", "right")
        )
        faults += min(left, right) < 0.7 * max(left, right) or min(left, right) <= 0
    return max(0.3, 1.0 - 0.2 * faults)


def map_by_words(preset: Preset, rig: Rig) -> BoneMap:
    """The map of a preset that gives words: the first bone of each spelling counts."""
    index: dict[str, int] = {}
    for i, name in enumerate(rig.names):
        if not name.startswith(_HELPERS):
            index.setdefault(canonical(name), i)
    joints: dict[str, int] = {}
    for part, words in preset.parts.items():
        for side in ("left", "right") if part in SIDED else ("",):
            spelled = (f"{side}_{w}" if side else w for w in words)
            hit = next((index[w] for w in spelled if w in index), None)
            if hit is not None and hit not in joints.values():
                joints[f"{side}_{part}" if side else part] = hit
    return complete(rig, joints, preset.family)
