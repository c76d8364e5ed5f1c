"""What the tree of bones says once the limbs are known: spine, neck, carrier, root."""

from __future__ import annotations

from collections.abc import Mapping

from .rig import BoneMap, Rig


def complete(rig: Rig, joints: Mapping[str, int], family: str) -> BoneMap:
    """Joints as a map: what lies between pelvis and chest is the spine, between chest and head
    the neck, and what carries both pelvis and chest moves the body."""
    found = dict(joints)
    bones: dict[str, tuple[str, ...]] = {}
    hips = [found[p] for p in ("left_hip", "right_hip") if p in found]
    if len(hips) == 2:
        both = _carrying(rig, *hips)
        # Hips may hang on a stub beside the named pelvis.
        if both >= 0 and ("pelvis" not in found or found["pelvis"] in rig.above(both)):
            found["pelvis"] = both
    arms = [
        found.get(f"{side}_collar", found.get(f"{side}_shoulder", -1)) for side in ("left", "right")
    ]
    if min(arms) >= 0 and "pelvis" in found:
        chest = _carrying(rig, *arms)
        carrier = _carrying(rig, found["pelvis"], chest) if chest >= 0 else -1
        if carrier >= 0:
            spine = [b for b in rig.way_down(carrier, chest) if b != found["pelvis"]]
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
    for part, bone in found.items():
        bones.setdefault(part, (rig.names[bone],))
    return BoneMap(family, {p: b for p, b in bones.items() if b})


def _carrying(rig: Rig, a: int, b: int) -> int:
    """The lowest bone above (or equal to) both, -1 where there is none."""
    above = {a, *rig.above(a)}
    return next((j for j in (b, *rig.above(b)) if j in above), -1)
