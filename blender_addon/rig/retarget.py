"""Any armature as a dancer: which of its bones play which part, and their channels.

``detect`` says what was found, ``check`` refuses what cannot dance, ``channels``
gives every number that has to be keyed, ``read_motion`` reads them back as a
dance. All maths is core's (``retarget``); here armatures are read and named.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import errors, motion as core_motion, retarget, rotations as rot, skeleton
from ..steps import Steps, aside, at_once
from . import (
    digits,
    girth as rig_girth,
    humanoid,
    left_over,
    own_armature,
    reader as rig_reader,
    settings as rig_settings,
)
from .channel import Channel


@dataclass(frozen=True)
class Character:
    """An armature and what its bones mean.

    Attributes
    ----------
    name : str
        Of the armature object.
    rig : retarget.Rig
    found : retarget.Detection
        ``found.title`` is the family, ``found.missing`` what has no bone,
        ``found.confidence`` 0..1.
    """

    name: str
    rig: retarget.Rig
    found: retarget.Detection

    @property
    def map(self) -> retarget.BoneMap:
        """Parts and their bones."""
        return self.found.map

    @property
    def problem(self) -> str | None:
        """Why it cannot dance, None where it can."""
        try:
            self.plan()
        except errors.RigError as error:
            return str(error)
        return None

    def plan(self) -> retarget.Plan:
        """How the rig follows a dance; RigError, with the armature's name, where it cannot."""
        if not self.rig.names:
            raise errors.RigError(f"armature {self.name!r} has no bones; choose another")
        lacks = self.found.lacks
        if lacks:
            shown = ", ".join(lacks[:6]) + (" ..." if len(lacks) > 6 else "")
            raise errors.RigError(
                f"armature {self.name!r} shows no bone for {shown}; name them in the Character "
                "panel, choose another armature, or add the Audio2Pose dancer"
            )
        try:
            return retarget.make_plan(self.rig, self.map)
        except errors.RigError as error:
            raise errors.RigError(f"armature {self.name!r}: {error}") from error


def detect(armature: Any) -> Character:
    """Read an armature object and find which of its bones play which part.

    Raises RigError where it is no armature; what it lacks is in ``found``.
    """
    if armature is None or armature.type != "ARMATURE":
        raise errors.RigError("select an armature, or add the Audio2Pose dancer")
    rig = rig_reader.read_rig(armature)
    edited = rig_settings.edited_map(armature)
    if edited is not None:
        return Character(armature.name, rig, retarget.judge(rig, *edited))
    own = rig_settings.read_own()
    found = retarget.detect(rig, own)
    if found.map.family not in {preset.family for preset in own}:
        # What the VRM add-on notes is nobody's guess.
        found = humanoid.vrm_detection(armature, rig) or found
    return Character(armature.name, rig, found)


def check(armature: Any) -> None:
    """Raise RigError where a dance cannot be written on ``armature`` as it is."""
    detect(armature).plan()


def is_our_dancer(armature: Any) -> bool:
    """Whether core's own rotations are its keys, so that Blender need not be asked for them."""
    return (
        own_armature.is_own(armature)
        and left_over.is_clean(armature, skeleton.JOINTS[0])
        and rig_settings.edited_map(armature) is None
        and rig_settings.follow_of(armature).root_motion == retarget.HIPS
    )


def channels_steps(
    armature: Any,
    motion: core_motion.Motion,
    frames: np.ndarray,
    frame_start: float,
    scene_fps: float,
    how: retarget.Follow | None = None,
) -> Steps[list[Channel]]:
    """Everything that is keyed for ``armature`` to dance, at ``frames`` (n,).

    ``frame_start`` is the scene frame, possibly fractional, of the motion's
    second 0. ``how`` defaults to what the armature's own settings say. Nothing is
    written. In small steps; what needs numbers alone is reckoned aside. Raises RigError where
    bones are missing.
    """
    how = how or rig_settings.follow_of(armature)
    plan = _rested(armature)
    if how.spare_body:
        plan = dataclasses.replace(plan, girth=rig_girth.girth(armature, plan))
    yield

    def posed() -> tuple[core_motion.Motion, retarget.Body, retarget.Pose]:
        sampled = motion.sample((np.asarray(frames) - frame_start) / scene_fps, scene_fps)
        body = retarget.placed(plan, sampled, how)
        return sampled, body, retarget.posed(plan, body, how)

    try:
        sampled, body, pose = yield from aside(posed)
    except errors.RigError as error:
        raise errors.RigError(f"armature {armature.name!r}: {error}") from error
    out: list[Channel] = []
    moved = armature.pose.bones[plan.rig.names[plan.carrier]]
    out += _column_channels(moved, "location", pose.location, (0,))
    out += _travel_channels(armature, plan, pose.travel, how)
    ik = how.ik_legs and plan.map.has_ik
    by_ik = _joints_by_ik(plan) if ik else set()
    for i, control in enumerate(plan.controls):
        yield
        if control.low in by_ik:
            continue
        pose_bone = armature.pose.bones[plan.rig.names[control.bone]]
        mode = pose_bone.rotation_mode
        values = retarget.modes.to_values(pose.rotations[:, i], mode)
        out += _column_channels(pose_bone, retarget.modes.channel(mode), values, columns(plan, i))
        if i in pose.places:
            out += _column_channels(pose_bone, "location", pose.places[i], columns(plan, i))
    if ik:
        out += _ik_channels(armature, plan, body)
    yield
    still = np.ones((len(sampled), 1))
    for name in plan.map.still:
        pose_bone = armature.pose.bones[name]
        mode = pose_bone.rotation_mode
        rest = retarget.modes.to_values(np.tile(rot.IDENTITY, (1, 1)), mode)
        out += _column_channels(pose_bone, "location", still * np.zeros(3), ())
        out += _column_channels(pose_bone, retarget.modes.channel(mode), still * rest, ())
    if not plan.map.switches:
        out += [
            Channel(f"{constraint.path_from_id()}.influence", 0, pose_bone.name, still[:, 0] * 0.0)
            for pose_bone, constraint in _in_the_way(armature, plan)
        ]
    for switch in plan.map.set_switches(ik):
        pose_bone = armature.pose.bones[switch.bone]
        # Rigs of other versions have fewer of them.
        if pose_bone.get(switch.name) is None:
            continue
        path = f'{pose_bone.path_from_id()}["{bpy.utils.escape_identifier(switch.name)}"]'
        out.append(Channel(path, 0, switch.bone, still[:, 0] * switch.value))
    yield
    out += digits.toe_channels(armature, plan, body)
    if how.fingers > 0:
        dancer = retarget.dancer_of(sampled)
        out += digits.finger_channels(armature, plan, dancer, how.fingers)
    return out + left_over.channels(armature, plan, len(sampled), {c.data_path for c in out})


channels = at_once(channels_steps)


def _rested(armature: Any) -> retarget.Plan:
    """The armature's plan with the bones between those that dance at rest, as the keys put them."""
    character = detect(armature)
    plan = character.plan()
    resting = [] if plan.map.switches else sorted(left_over.between(plan))
    basis = character.rig.basis.copy()
    basis[resting] = rot.IDENTITY
    rig = dataclasses.replace(character.rig, basis=basis)
    return dataclasses.replace(character, rig=rig).plan()


def _in_the_way(armature: Any, plan: retarget.Plan) -> list[tuple[Any, Any]]:
    """Constraints, with their bones, that would turn bones of the map otherwise than their keys.

    MMD models come with IK on their shins, for example. Of a control rig the
    switches say what is to rest.
    """
    mapped = {plan.rig.names[control.bone] for control in plan.controls}
    out = []
    for pose_bone in armature.pose.bones:
        for constraint in pose_bone.constraints:
            moved = {pose_bone.name}
            if constraint.type == "IK":
                # A count of 0 is the whole chain up.
                chain = constraint.chain_count or len(plan.rig.names)
                moved |= {bone.name for bone in pose_bone.parent_recursive[: chain - 1]}
            if moved & mapped:
                out.append((pose_bone, constraint))
    return out


def _joints_by_ik(plan: retarget.Plan) -> set[int]:
    """Joints whose FK controls rest while the IK controls pose the legs: they need no keys."""
    out: set[int] = set()
    for side, leg in (("left", skeleton.LEFT_LEG), ("right", skeleton.RIGHT_LEG)):
        has_toes = plan.map.ik.get(f"{side}_foot") in plan.rig.index
        out |= set(leg if has_toes else leg[:3])
    return out


def _ik_channels(armature: Any, plan: retarget.Plan, body: retarget.Body) -> list[Channel]:
    """The IK controls of the legs. A foot's shows the whole leg, and so the body's place."""
    out: list[Channel] = []
    for name, (location, rotations) in retarget.ik_values(plan, body).items():
        pose_bone = armature.pose.bones[name]
        shown = _leg_columns(plan, name)
        if location is not None:
            out += _column_channels(pose_bone, "location", location, shown)
        if rotations is not None:
            mode = pose_bone.rotation_mode
            values = retarget.modes.to_values(rotations, mode)
            out += _column_channels(pose_bone, retarget.modes.channel(mode), values, shown)
    return out


def _leg_columns(plan: retarget.Plan, name: str) -> tuple[int, ...]:
    part = next(part for part, bone in plan.map.ik.items() if bone == name)
    leg = skeleton.LEFT_LEG if part.startswith("left") else skeleton.RIGHT_LEG
    # The pole turns thigh and shin, and moves no foot.
    joints = leg[3:] if part.endswith("_foot") else leg[:2] if part.endswith("_pole") else leg[:3]
    return tuple(1 + joint for joint in joints)


def _travel_channels(
    armature: Any, plan: retarget.Plan, travel: np.ndarray, how: retarget.Follow
) -> list[Channel]:
    """The way over the floor (T, 3), in armature space, on the root bone or on the object."""
    if how.root_motion == retarget.ROOT:
        bone, axes = _root_bone(armature, plan)
        return _column_channels(bone, "location", rot.rotate(rot.conjugate(axes), travel), (0,))
    if how.root_motion != retarget.OBJECT:
        return []
    turn, offset = _object_frame(armature)
    place = travel @ turn.T + offset
    return [Channel("location", i, "Object Transforms", place[:, i], (0,)) for i in range(3)]


def _root_bone(armature: Any, plan: retarget.Plan) -> tuple[Any, np.ndarray]:
    """The root bone, and the rotation (4,) from its location's axes to the armature's."""
    name = plan.map.bone("root")
    assert name is not None
    bone = plan.rig.index[name]
    axes = plan.rig.rest[bone] if plan.rig.local_location[bone] else rot.IDENTITY
    return armature.pose.bones[name], axes


def _object_frame(armature: Any) -> tuple[np.ndarray, np.ndarray]:
    """Matrix (3, 3) from armature space to the object's location channels, and where it stood.

    It stood where it was when it was told to travel: a dance written again
    starts at the same place.
    """
    matrix = np.array(armature.matrix_basis, dtype=np.float64)[:3, :3]
    settings = rig_settings.settings_of(armature)
    if settings is not None and settings.has_origin:
        return matrix, np.array(settings.origin, dtype=np.float64)
    place = np.array(armature.location, dtype=np.float64)
    return matrix, place


def columns(plan: retarget.Plan, i: int) -> tuple[int, ...]:
    """Columns of ``MotionConstraint.mask`` that control ``i`` shows: the joints up to it.

    A shoulder without a collar bone shows the collar too.
    """
    control = plan.controls[i]
    last = control.high if control.share > 1e-6 else control.low
    stop: set[int] = set()
    if control.frame >= 0:
        above = plan.controls[control.frame]
        # A bone between two joints shows both, so the upper one belongs to it as well.
        stop = {above.low if above.share <= 1e-6 else above.high}
    out = []
    joint = last
    while joint >= 0 and joint not in stop:
        out.append(1 + joint)
        joint = skeleton.PARENTS[joint]
    return tuple(sorted(out))


def _column_channels(
    pose_bone: Any, name: str, values: np.ndarray, shown: tuple[int, ...]
) -> list[Channel]:
    path = pose_bone.path_from_id(name)
    group = pose_bone.name
    return [Channel(path, i, group, values[:, i], shown) for i in range(values.shape[1])]


def read_motion_steps(
    armature: Any,
    frames: Sequence[float] | np.ndarray,
    scene_fps: float,
    curves: Iterable[Any] | None = None,
    how: retarget.Follow | None = None,
) -> Steps[core_motion.Motion]:
    """What the keys of ``armature`` show at ``frames`` (n,), in core's terms, in small steps.

    ``curves`` are F-curves, by default those of the action that it plays; a
    number without a curve is what it is now. ``how`` defaults to the armature's
    own settings. Contacts are not told, and hands and feet are where the rig's
    are: planting and sparing are not undone.
    """
    plan = detect(armature).plan()
    if curves is None:
        curves = compat.fcurves_of(armature)
    known = {(curve.data_path, curve.array_index): curve for curve in curves}
    frames = np.asarray(frames, dtype=np.float64)

    def values(owner: Any, name: str) -> Steps[np.ndarray]:
        path, now = owner.path_from_id(name), getattr(owner, name)
        out = np.empty((len(frames), len(now)))
        for i, value in enumerate(now):
            yield
            curve = known.get((path, i))
            out[:, i] = value if curve is None else _evaluated(curve, frames)
        return out

    rotations = np.empty((len(frames), len(plan.controls), 4))
    for i, control in enumerate(plan.controls):
        pose_bone = armature.pose.bones[plan.rig.names[control.bone]]
        mode = pose_bone.rotation_mode
        turns = yield from values(pose_bone, retarget.modes.channel(mode))
        rotations[:, i] = retarget.modes.from_values(turns, mode)
    moved = armature.pose.bones[plan.rig.names[plan.carrier]]
    location = yield from values(moved, "location")
    travel = np.zeros_like(location)
    how = how or rig_settings.follow_of(armature)
    if how.root_motion == retarget.ROOT:
        bone, axes = _root_bone(armature, plan)
        travel = rot.rotate(axes, (yield from values(bone, "location")))
    elif how.root_motion == retarget.OBJECT:
        turn, offset = _object_frame(armature)
        place = yield from values(armature, "location")
        travel = (place - offset) @ np.linalg.inv(turn).T
    pose = retarget.Pose(rotations, location, travel)
    body = yield from aside(lambda: retarget.body_of(plan, pose))
    if how.ik_legs and plan.map.has_ik:
        shown: dict[str, tuple[np.ndarray | None, np.ndarray | None]] = {}
        for bone_name in plan.map.ik.values():
            pose_bone = armature.pose.bones[bone_name]
            mode = pose_bone.rotation_mode
            turns = yield from values(pose_bone, retarget.modes.channel(mode))
            place = yield from values(pose_bone, "location")
            shown[bone_name] = (place, retarget.modes.from_values(turns, mode))
        by_fk = body
        body = yield from aside(lambda: retarget.with_ik(plan, by_fk, shown))
    whole = body
    return (yield from aside(lambda: retarget.motion_of(plan, whole, scene_fps)))


read_motion = at_once(read_motion_steps)


def _evaluated(curve: Any, frames: np.ndarray) -> np.ndarray | list[float]:
    """An F-curve, or sampled values that pass for one, at frames (n,)."""
    at_once = getattr(curve, "evaluated", None)
    return at_once(frames) if at_once else [curve.evaluate(frame) for frame in frames]
