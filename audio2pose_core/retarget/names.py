"""One spelling for the names of joints and bones, whoever wrote them.

"mixamorig:LeftUpLeg", "LeftUpLeg" and "left_up_leg" are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_SIDES = {
    "left": "left", "l": "left", "lft": "left", "左": "left",
    "right": "right", "r": "right", "rgt": "right", "右": "right",
}  # fmt: skip
_NOISE = {
    "mixamorig", "bip", "def", "org", "mch", "cc", "base", "character", "ctrl", "jnt", "joint",
    "bone", "b", "c", "j", "skeleton", "armature", "m", "avg", "f", "valve", "biped",
}  # fmt: skip
# Names that run side and part together in small letters, as CMU's .asf does.
_RUN_TOGETHER = re.compile(
    r"([lr])(femur|tibia|foot|toes|clavicle|humerus|radius|wrist|hand|fingers|thumb|hipjoint|"
    r"thigh|shin|shldr|collar|forearm|hip|knee|ankle|shoulder|elbow|upperarm|lowerarm|calf)"
)

MOST = 0.9
"""What so many of a rig's names share says nothing of its bones."""
PREFIX = 3
"""Letters of the shortest prefix."""
_NODE_NUMBER = re.compile(r"[._]\d{2,}$")


@lru_cache(maxsize=4096)
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
    # "LUArm" and "RFArm" are Motive's.
    text = re.sub(r"\b([LR])UArm\b", r"\1 UpperArm", text)
    text = re.sub(r"\b([LR])FArm\b", r"\1 ForeArm", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    # Any script's letters: 左足 and 足.L are MMD's.
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"^([左右])", r"\1 ", text))
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


def plain(names: Sequence[str]) -> tuple[str, ...]:
    """A rig's names without what a program put on all of them.

    FBX files write a dot as "FBXASC046"; glTF files of whole scenes number their nodes
    ("Hips_01", "LeftUpLeg_055"); and some rigs put a character's name before each bone.

    Examples
    --------
    >>> plain(["RobHips_01", "RobSpine_02", "RobHead_03", "RobLeftLeg_04"])
    ('Hips', 'Spine', 'Head', 'LeftLeg')
    """
    out = [re.sub(r"FBXASC(\d{3})", lambda found: chr(int(found[1])), name) for name in names]
    ends = [_NODE_NUMBER.search(name) for name in out]
    numbers = [end[0] for end in ends if end is not None]
    if len(numbers) >= MOST * len(out) and len(set(numbers)) in (1, len(numbers)):
        out = [name[: end.start()] if end else name for name, end in zip(out, ends, strict=True)]
    prefix = _shared_prefix(out)
    return tuple(name.removeprefix(prefix) or name for name in out)


def _shared_prefix(names: Sequence[str]) -> str:
    """What nearly all names begin with, up to where a word ends; empty where that is nothing."""
    longest = ""
    for start in {name[:PREFIX] for name in names if len(name) > PREFIX}:
        these = [name for name in names if name.startswith(start)]
        if len(these) < MOST * len(names):
            continue
        longest = these[0]
        while not all(name.startswith(longest) for name in these):
            longest = longest[:-1]
        while longest and not all(_new_word(longest, name) for name in these):
            longest = longest[:-1]
    return longest if len(longest) >= PREFIX else ""


def _new_word(prefix: str, name: str) -> bool:
    rest = name[len(prefix) :]
    if not rest or not prefix[-1].isalnum():
        return True
    return prefix[-1].islower() and not rest[0].islower() and not rest[0].isdigit()


def stem(name: str) -> str:
    """A canonical name without what tells the bones of one row: "left_thightwist" is "left_thigh".

    Examples
    --------
    >>> stem("left_upperarm2"), stem("left_shldrbend"), stem("left_leg")
    ('left_upperarm', 'left_shldr', 'left_leg')
    """
    return re.sub(r"(twist|bend|roll|stretch|segment|\d)+$", "", name)


def _is_noise(words: Sequence[str], i: int) -> bool:
    before = words[i - 1] if i else ""
    if words[i] == "base":
        return before != "toe" and before != "finger"
    if words[i].isdigit():
        return i == 0 or before in ("bip", "character", "mixamorig")
    # "LHipJoint" is a stub above the hip, so that "hip" must not be left of it.
    return words[i] in _NOISE and not (words[i] == "joint" and before == "hip")
