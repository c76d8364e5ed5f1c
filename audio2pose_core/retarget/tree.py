"""What the tree of bones says once the limbs are known: spine, neck, carrier, root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import RigError
from .rig import BoneMap, Rig

SIDES = ("left", "right")


def complete(rig: Rig, joints: Mapping[str, int], family: str) -> BoneMap:
    """Joints as a map: what lies between pelvis and chest is the spine, between chest and head
    the neck, and what carries pelvis, chest and both hips moves the body."""
    found = dict(joints)
    bones: dict[str, tuple[str, ...]] = {}
    hips = [found[p] for p in ("left_hip", "right_hip") if p in found]
    both = carrying(rig, *hips) if len(hips) == 2 else -1
    chest = _chest(rig, found)
    stiff: set[int] = set()
    if both >= 0:
        named = found.get("pelvis", both)
        if named in rig.above(both) and both in (chest, *rig.above(chest)):
            # Legs that hang on the first bone of the spine, as 3ds Max's Biped has them: it
            # stays at rest, so that they go with the pelvis.
            stiff = set(rig.way_down(named, both))
        else:
            # Hips may hang on a stub below the named pelvis, or not on it at all.
            found["pelvis"] = both
    if chest >= 0 and "pelvis" in found:
        carrier = carrying(rig, found["pelvis"], chest, *hips)
        if carrier >= 0:
            spine = rig.way_down(carrier, chest)
            spine = [b for b in spine if b != found["pelvis"] and b not in stiff]
            bones["spine"] = tuple(rig.names[b] for b in spine)
            bones["carrier"] = (rig.names[carrier],)
            top = [carrier, *rig.above(carrier)][-1]
            if top != carrier:
                bones["root"] = (rig.names[top],)
        head = found.get("head", found.get("neck", -1))
        if head >= 0 and chest in rig.above(head):
            way = rig.way_down(chest, head)
            neck = way if "head" not in found else way[:-1]
            bones["neck"] = tuple(rig.names[b] for b in neck)
        for side in SIDES:
            # What lies between chest and upper arm is a collar bone, whatever its name.
            if f"{side}_collar" not in found:
                between = rig.way_down(chest, found[f"{side}_shoulder"])[:-1]
                if between:
                    found[f"{side}_collar"] = between[0]
    for part, bone in found.items():
        bones.setdefault(part, (rig.names[bone],))
    return BoneMap(family, {p: b for p, b in bones.items() if b})


def _chest(rig: Rig, found: Mapping[str, int]) -> int:
    """The bone that both arms hang on, -1 where there is none."""
    arms = [found.get(f"{side}_collar", found.get(f"{side}_shoulder", -1)) for side in SIDES]
    return carrying(rig, *arms) if min(arms) >= 0 else -1


def carrying(rig: Rig, *bones: int) -> int:
    """The lowest bone above (or equal to) all of them, -1 where there is none."""
    out, *others = bones
    for other in others:
        above = {out, *rig.above(out)} if out >= 0 else set()
        out = next((j for j in (other, *rig.above(other)) if j in above), -1)
    return out


def carried(rig: Rig, bone_map: BoneMap) -> BoneMap:
    """The map with a pelvis that carries both hips, and a carrier that carries them and the trunk.

    A map that a person made may name others, and the dance would tear the figure in two. Of a
    control rig the frames and switches say what moves what. RigError where no bone does it.
    """
    if bone_map.frames or bone_map.switches:
        return bone_map
    bones = dict(bone_map.bones)
    at = {part: rig.index[names[0]] for part, names in bones.items() if names}
    hips = at["left_hip"], at["right_hip"]
    arms = [at.get(f"{side}_collar", at[f"{side}_shoulder"]) for side in SIDES]
    both, trunk = carrying(rig, *hips), carrying(rig, *arms)
    pelvis = at["pelvis"]
    whole = carrying(rig, pelvis, *hips, *arms)
    if min(both, trunk, whole) < 0:
        raise RigError(
            "no bone carries both its legs and its arms, so that they would be torn apart; give "
            "them one parent, or choose other bones"
        )
    if not all(pelvis in (hip, *rig.above(hip)) for hip in hips):
        bones["pelvis"] = (rig.names[both],)
        spine = bones.get("spine", ())
        if rig.names[pelvis] not in spine and pelvis in (trunk, *rig.above(trunk)):
            bones["spine"] = (rig.names[pelvis], *spine)
        pelvis = both
    bones["spine"] = tuple(n for n in bones.get("spine", ()) if n != rig.names[pelvis])
    carrier = rig.index[bones["carrier"][-1]] if bones.get("carrier") else pelvis
    needs = (pelvis, *hips, trunk)
    if not all(carrier in (bone, *rig.above(bone)) for bone in needs):
        bones["carrier"] = (rig.names[carrying(rig, *needs)],)
    return replace(bone_map, bones={part: names for part, names in bones.items() if names})
