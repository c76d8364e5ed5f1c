"""Which joint of a stranger's skeleton is which of ours: by name, one table a family.

Names are brought to one spelling first (``canonical``): "mixamorig:LeftUpLeg",
"LeftUpLeg" and "left_up_leg" are the same. A family is a table from such words
to our joints; the one that finds the most joints is taken. Skeletons that no
table knows are read by their shape (``skeleton_map_shape``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

NEEDED_PARTS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
NEEDED = tuple(f"{side}_{part}" for part in NEEDED_PARTS for side in ("left", "right"))

# Our part of a limb -> how a family calls it. Where a table gives several
# spellings the first that the skeleton has counts.
_LIMBS = ("collar", "shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle", "foot")
_CENTRE = ("pelvis", "neck", "head")


def _table(**parts: str) -> dict[str, tuple[str, ...]]:
    return {part: tuple(words.split()) for part, words in parts.items()}


FAMILIES: dict[str, dict[str, tuple[str, ...]]] = {
    "smpl": _table(
        pelvis="pelvis hips root", neck="neck", head="head", collar="collar", shoulder="shoulder",
        elbow="elbow", wrist="wrist", hand="hand middle1 fingers", hip="hip", knee="knee",
        ankle="ankle", foot="foot toe toebase",
    ),
    "mixamo": _table(
        pelvis="hips pelvis", neck="neck", head="head", collar="shoulder", shoulder="arm",
        elbow="forearm", wrist="hand", hand="handmiddle1 handindex1", hip="upleg", knee="leg",
        ankle="foot", foot="toebase toe",
    ),
    "cmu": _table(
        pelvis="hips root", neck="neck lowerneck", head="head", collar="shoulder clavicle",
        shoulder="arm humerus", elbow="forearm radius", wrist="hand", hand="fingerbase fingers",
        hip="upleg femur", knee="leg tibia", ankle="foot", foot="toebase toes",
    ),
    "rokoko": _table(
        pelvis="hips", neck="neck", head="head", collar="shoulder", shoulder="arm",
        elbow="forearm", wrist="hand", hand="digit31 middleproximal handmiddle1",
        hip="thigh upleg", knee="shin leg", ankle="foot", foot="toe toebase",
    ),
    "unreal": _table(
        pelvis="pelvis", neck="neck1 neck", head="head", collar="clavicle", shoulder="upperarm",
        elbow="lowerarm forearm", wrist="hand", hand="middle1 finger2", hip="thigh", knee="calf",
        ankle="foot", foot="ball toe0",
    ),
    "rigify": _table(
        pelvis="spine hips torso", neck="spine4 neck", head="spine6 head", collar="shoulder",
        shoulder="upperarm", elbow="forearm", wrist="hand", hand="fmiddle1 palm2", hip="thigh",
        knee="shin", ankle="foot", foot="toe",
    ),
    "biovision": _table(
        pelvis="hips hip", neck="neck", head="head", collar="collar", shoulder="shoulder shldr",
        elbow="elbow forearm", wrist="wrist hand", hand="fingers mid1", hip="hip thigh",
        knee="knee shin", ankle="ankle foot", foot="toe",
    ),
}  # fmt: skip

_SIDES = {
    "left": "left", "l": "left", "lft": "left", "right": "right", "r": "right", "rgt": "right",
}  # fmt: skip
_NOISE = {
    "mixamorig", "bip", "def", "org", "mch", "cc", "base", "character", "ctrl", "jnt", "joint",
    "bone", "b", "j", "skeleton", "armature", "m", "avg", "f",
}  # fmt: skip
# Names that run side and part together in small letters, as CMU's .asf does.
_RUN_TOGETHER = re.compile(
    r"([lr])(femur|tibia|foot|toes|clavicle|humerus|radius|wrist|hand|fingers|thumb|hipjoint|"
    r"thigh|shin|shldr|collar|forearm|hip|knee|ankle|shoulder|elbow|upperarm|lowerarm|calf)"
)


def canonical(name: str) -> str:
    """One spelling of a joint's name: "left_upleg", "spine1", "right_thumb2".

    Namespaces, exporters' prefixes, separators, capitals and leading zeros go;
    the side comes to the front.

    Examples
    --------
    >>> canonical("mixamorig:LeftUpLeg"), canonical("DEF-upper_arm.L"), canonical("spine_01")
    ('left_upleg', 'left_upperarm', 'spine1')
    """
    text = re.split(r"[:|]", name)[-1].strip()
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    words = re.findall(r"[A-Za-z]+|\d+", text)
    side, kept = "", []
    for word in (w.lower() for w in words):
        run = _RUN_TOGETHER.fullmatch(word)
        if word in _SIDES and not side:
            side = _SIDES[word]
        elif run and not side:
            side = _SIDES[run[1]]
            kept.append(run[2])
        elif word.startswith(("left", "right")) and not side:
            side = "left" if word.startswith("left") else "right"
            kept.append(word[len(side) :])
        else:
            kept.append(str(int(word)) if word.isdigit() else word)
    # "hip joint" and "Bip01 L Thigh" lose their noise unless nothing else is left.
    told = [w for i, w in enumerate(kept) if not _is_noise(kept, i)] or kept
    part = "".join(told)
    return f"{side}_{part}" if side else part


def _is_noise(words: Sequence[str], i: int) -> bool:
    before = words[i - 1] if i else ""
    if words[i] == "base":
        return before != "toe" and before != "finger"
    if words[i].isdigit():
        return i == 0 or before in ("bip", "character", "mixamorig")
    # "LHipJoint" is a stub above the hip, so that "hip" must not be left of it.
    return words[i] in _NOISE and not (words[i] == "joint" and before == "hip")


@dataclass(frozen=True)
class SkeletonMap:
    """Our joints' names -> indices of the source's joints, and how they were found.

    ``joints`` holds those of ``NEEDED``, pelvis, and of neck, head, collars,
    hands and feet what there is.
    """

    family: str
    joints: dict[str, int]


def map_by_names(names: Sequence[str]) -> SkeletonMap | None:
    """The best family's map, or None where no table finds all limbs."""
    index: dict[str, int] = {}
    for i, name in enumerate(names):
        index.setdefault(canonical(name), i)
    best: SkeletonMap | None = None
    for family, table in FAMILIES.items():
        joints: dict[str, int] = {}
        for part in _CENTRE:
            hit = next((index[w] for w in table.get(part, ()) if w in index), None)
            if hit is not None:
                joints[part] = hit
        for part in _LIMBS:
            for side in ("left", "right"):
                words = (f"{side}_{w}" for w in table.get(part, ()))
                hit = next((index[w] for w in words if w in index), None)
                if hit is not None and hit not in joints.values():
                    joints[f"{side}_{part}"] = hit
        whole = all(name in joints for name in NEEDED)
        if whole and (best is None or len(joints) > len(best.joints)):
            best = SkeletonMap(family, joints)
    return best


def path_up(parents: Sequence[int], joint: int) -> list[int]:
    """The joint and its ancestors up to the root."""
    out = []
    while joint >= 0:
        out.append(joint)
        joint = parents[joint]
    return out


def common_ancestor(parents: Sequence[int], a: int, b: int) -> int:
    """The lowest joint above (or equal to) both, -1 where the trees are apart."""
    above = set(path_up(parents, a))
    return next((j for j in path_up(parents, b) if j in above), -1)


def in_order(joints: dict[str, int], parents: Sequence[int]) -> bool:
    """Whether hips, knees, ankles (shoulders, elbows, wrists) follow each other down the tree."""
    for side in ("left", "right"):
        for chain in (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")):
            a, b, c = (joints[f"{side}_{part}"] for part in chain)
            if a == b or b == c or a not in path_up(parents, b) or b not in path_up(parents, c):
                return False
    return True
