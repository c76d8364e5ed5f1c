"""Any BVH onto our skeleton.

Where the file's rest pose is a standing body, its rotations carry over as those of any
rig do (``audio2pose_core.retarget``): relative to the rest pose, and the difference
between the rest poses (A or T, straight or knock-kneed) is taken off. Where the rest
pose is no pose at all (bones laid along one axis, say) the body is fitted to the places
of its joints alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ... import rotations as rot
from ...cleanup.contacts import label_contacts
from ...cleanup.floor import level_feet
from ...errors import MotionError, RigError
from ...formats.bvh import parse_bvh
from ...motion import Motion
from ...retarget import Body as RigBody, Plan, make_plan, motion_of
from ...skeleton import JOINTS
from ..fitting.limbs import OUR_LEG
from ..fitting.skeleton import Points, fit_points, on_our_floor
from .body import UNITS, Body, read_body

METHOD = "retarget-3"
"""Changes with the result: clips that an older one made are made again."""
FPS = 30.0
MIN_SECONDS = 0.5
_LIMB_CHILD = {"hip": "knee", "knee": "ankle", "shoulder": "elbow", "elbow": "wrist"}
_SIDES = ("left", "right")


@dataclass(frozen=True)
class Retargeted:
    """A dance on our skeleton and what its file was like."""

    motion: Motion
    family: str
    up: str
    unit: str
    leg_m: float
    method: str
    warnings: tuple[str, ...]


def retarget_bvh(path: str | Path, fps: float = FPS) -> Retargeted:
    """Read any BVH and lay its dance on our skeleton, resampled, its floor at y = 0.

    Raises MotionError, with the file's name, where the file is broken, shows no
    human body, or is shorter than half a second.
    """
    bvh = parse_bvh(path)
    try:
        # Numbers of a damaged file may overflow; what comes of it is refused as not finite.
        with np.errstate(all="ignore"):
            made = retarget_body(read_body(bvh), fps)
    except MotionError as error:
        raise MotionError(f"{path}: {error}") from error
    return replace(made, warnings=(*bvh.warnings, *made.warnings))


def retarget_body(body: Body, fps: float = FPS) -> Retargeted:
    """The dance of a body on our skeleton."""
    if len(body.places) / body.fps < MIN_SECONDS:
        raise MotionError(f"{len(body.places) / body.fps:.2f} s are too short for a dance")
    if not (np.isfinite(body.places).all() and np.isfinite(body.world).all()):
        raise MotionError("its joints are not at finite places")
    plan = _plan(body)
    if plan is not None:
        motion, method = _by_rotations(body, plan), "rotations"
    else:
        motion, method = _by_places(body), "places"
    motion = on_our_floor(motion.resample(fps))
    axis = int(np.abs(body.up).argmax())
    up = ("" if body.up[axis] > 0 else "-") + "XYZ"[axis]
    leg = body.leg * UNITS[body.unit]
    return Retargeted(motion, body.map.family, up, body.unit, leg, method, body.warnings)


def _to_y_up(body: Body) -> np.ndarray:
    """Rotation (4,) from the file's world to ours."""
    return rot.between(body.up, np.array([0.0, 1.0, 0.0]))


def _plan(body: Body) -> Plan | None:
    """How the skeleton follows ours, None where its rest pose is no standing body."""
    try:
        plan = make_plan(body.rig, body.map)
    except RigError:
        return None

    def bone(side: str, part: str) -> np.ndarray:
        along = plan.place(f"{side}_{_LIMB_CHILD[part]}") - plan.place(f"{side}_{part}")
        return np.asarray(rot.normalize(along))

    trunk = sum(plan.place(f"{side}_shoulder") - plan.place(f"{side}_hip") for side in _SIDES)
    if rot.normalize(trunk)[1] < 0.7:
        return None
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if max(bone(side, part)[1] for part in ("hip", "knee")) > -0.7:
            return None
        for part in ("shoulder", "elbow"):
            if sign * bone(side, part)[0] < -0.3 or np.linalg.norm(bone(side, part)) < 0.5:
                return None
        if body.joint(f"{side}_foot") is not None:
            toes = plan.place(f"{side}_foot") - plan.place(f"{side}_ankle")
            if rot.normalize(toes)[2] < 0.3:
                return None
    # Where the floor is is told by the feet in motion, later (``on_our_floor``); a performer's
    # hips, however far apart, tilted as they did.
    return replace(plan, floor=0.0, lift=0.0, width=1.0, origin=np.zeros(3))


def _by_rotations(body: Body, plan: Plan) -> Motion:
    """The dance that the skeleton's turns since its rest pose show."""
    turned = body.world[:, [control.bone for control in plan.controls]]
    hips = plan.to_core((body.at("left_hip") + body.at("right_hip")) / 2)
    motion = motion_of(plan, RigBody(turned, hips), body.fps)
    # The rest pose may stand along another axis than the body in motion.
    turn = rot.multiply(_to_y_up(body), plan.frame)
    quats = motion.rotations.copy()
    quats[:, 0] = rot.multiply(turn, quats[:, 0])
    return Motion(body.fps, rot.rotate(turn, motion.root), rot.continuous(rot.normalize(quats)))


def _by_places(body: Body) -> Motion:
    """A fit to the places of the joints, for skeletons whose rest pose says nothing."""
    to_ours = _to_y_up(body)
    metre = OUR_LEG / body.leg
    at = {}
    for name in JOINTS:
        # Our hand is where the fingers begin.
        for part in (name, name.replace("_hand", "_fingers")):
            if body.joint(part) is not None:
                at[name] = rot.rotate(to_ours, body.at(part)) * metre
                break
    skull = at.get("head")
    if skull is not None and "neck" in at:
        skull = skull + 0.8 * (skull - at["neck"])
    motion = fit_points(Points(body.fps, at, skull=skull)).motion
    return replace(level_feet(motion, label_contacts(motion)), contacts=None)
