"""Which joint of a stranger's skeleton is which of ours: by name, one table a family.

Names are brought to one spelling first (``canonical``): "mixamorig:LeftUpLeg",
"LeftUpLeg" and "left_up_leg" are the same. A family is a table from such words
to our joints; the one that finds the most joints is taken. Skeletons that no
table knows are read by their shape (``skeleton_map_shape``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..retarget.names import canonical
from ..retarget.presets import shipped

NEEDED_PARTS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
NEEDED = tuple(f"{side}_{part}" for part in NEEDED_PARTS for side in ("left", "right"))

# Our part of a limb -> how a family calls it. Where a table gives several
# spellings the first that the skeleton has counts.
_LIMBS = ("collar", "shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle", "foot")
_CENTRE = ("pelvis", "neck", "head")


def _families() -> dict[str, dict[str, tuple[str, ...]]]:
    """The presets of retargeting that go by words; here a hand is where its fingers begin."""
    return {
        preset.family: {
            "hand" if part == "fingers" else part: words for part, words in preset.parts.items()
        }
        for preset in shipped()
        if preset.match == "words"
    }


FAMILIES: dict[str, dict[str, tuple[str, ...]]] = _families()


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
