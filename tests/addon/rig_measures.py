"""How well a rig dances: its limbs, feet, soles and hands beside the dance's, in Blender.

A rig here is a JSON file of bones only: names, parents, rest matrices, and what an earlier
action left on the pose. ``joints`` says which bone's head is which of core's joints; it is
known beside the file, never from what is measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector
from mathutils.bvhtree import BVHTree

from audio2pose_core import rotations as rot
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import INDEX
from blender_addon.keys import writer as key_writer
from blender_addon.rig import own_armature, retarget as rig_retarget

SIDES = ("left", "right")
LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))


def build(case: Mapping[str, Any]) -> Any:
    """An armature object of a case: bones, rest pose, object transform, left-over pose."""
    data = bpy.data.armatures.new(case["name"])
    armature = bpy.data.objects.new(case["name"], data)
    bpy.context.scene.collection.objects.link(armature)
    with own_armature.context_restored() as layer:
        layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        for entry in case["bones"]:
            bone = data.edit_bones.new(entry["name"])
            bone.head, bone.tail = (0, 0, 0), (0, entry["length"], 0)
            bone.matrix = Matrix(entry["matrix"])
            bone.use_inherit_rotation = entry.get("inherit_rotation", True)
            bone.use_local_location = entry.get("local_location", True)
            if entry["parent"]:
                bone.parent = data.edit_bones[entry["parent"]]
                bone.use_connect = entry.get("connect", False)
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.matrix_world = Matrix(case.get("matrix_world", np.eye(4).tolist()))
    for entry in case["bones"]:
        pose_bone = armature.pose.bones[entry["name"]]
        pose_bone.rotation_mode = entry.get("rotation_mode", "QUATERNION")
        if "left_over" in entry:
            pose_bone.matrix_basis = Matrix(entry["left_over"])
    bpy.context.view_layer.update()
    return armature


def load(path: Path) -> Any:
    """The armature of a JSON file."""
    return build(json.loads(path.read_text(encoding="utf-8")))


def dance_on(armature: Any, motion: Motion, fps: float = 30.0, how: Any = None) -> np.ndarray:
    """Write a dance from frame 1 on; its frames."""
    frames = np.arange(1, len(motion) + 1)
    channels = rig_retarget.channels(armature, motion, frames, 1.0, fps, how)
    key_writer.write_channels(armature, frames, channels, "Dance")
    return frames


def folded_arms(motion: Motion) -> Motion:
    """A dance whose upper arms hang while the forearms go to the belly and back."""
    quats = motion.rotations.copy()
    t = np.linspace(0, 1, len(motion))
    sweep, nothing = np.sin(3 * np.pi * t) ** 2, 0 * t
    for side, sign in (("left", 1.0), ("right", -1.0)):
        down = np.stack([nothing, nothing, nothing - sign * 1.3], axis=1)
        fold = np.stack([nothing, -sign * 0.6 * sweep, -sign * 1.0 * sweep], axis=1)
        quats[:, INDEX[f"{side}_shoulder"]] = rot.from_axis_angle(down)
        quats[:, INDEX[f"{side}_elbow"]] = rot.from_axis_angle(fold)
    return Motion(motion.fps, motion.root, quats, motion.contacts)


def heads(armature: Any, frames: np.ndarray, joints: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Where the joints are in the world at frames (n,), (n, 3) each; "name>" is a bone's tail."""
    out = {joint: np.empty((len(frames), 3)) for joint in joints}
    for i, evaluated in _played(armature, frames):
        for joint, name in joints.items():
            bone = evaluated.pose.bones[name.removesuffix(">")]
            out[joint][i] = evaluated.matrix_world @ (bone.tail if name[-1] == ">" else bone.head)
    return out


def _played(armature: Any, frames: np.ndarray) -> Iterator[tuple[int, Any]]:
    """The armature as Blender evaluates it at each of the frames."""
    for i, frame in enumerate(frames):
        bpy.context.scene.frame_set(int(frame))
        yield i, armature.evaluated_get(bpy.context.evaluated_depsgraph_get())


def pointing(armature: Any, frames: np.ndarray, bone: str, rest: np.ndarray) -> np.ndarray:
    """Where (n, 3) a direction (3,) of the world goes with a bone, since the rest pose."""
    out = np.empty((len(frames), 3))
    local = armature.data.bones[bone].matrix_local
    start = (armature.matrix_world @ local).to_3x3().inverted() @ Vector(rest)
    for i, evaluated in _played(armature, frames):
        now = (evaluated.matrix_world @ evaluated.pose.bones[bone].matrix).to_3x3()
        out[i] = now @ start
    return out


@dataclass(frozen=True)
class Measures:
    """Degrees by limb: {"hip": (95 %, most), ...} and "foot"; lengths in cm of a human.

    ``sole`` is the lowest that a planted foot comes below its height at rest, ``high`` the
    highest above; ``slide`` and ``core_slide`` are cm/s of planted feet, the rig's and the dance's.
    """

    degrees: dict[str, tuple[float, float]]
    sole: float
    high: float
    slide: float
    core_slide: float


def measure(
    armature: Any,
    motion: Motion,
    frames: np.ndarray,
    joints: Mapping[str, str],
    floor: float = 0.0,
    rest_floor: float = 0.0,
    fronts: Mapping[str, tuple[float, float, float]] | None = None,
) -> Measures:
    """Compare what the armature shows at ``frames`` (n,) with the dance, written from 1 on.

    ``floor`` is the height of the world's floor, ``rest_floor`` that on which the rest pose
    stands in the world; ``fronts`` says where a foot that does not stand at rest points there.
    """
    at = heads(armature, frames, joints)
    rest = _rest(armature, joints)
    ours = own_armature.to_blender(motion.joint_positions())[np.asarray(frames) - 1]

    def core(joint: str) -> np.ndarray:
        return np.asarray(ours[:, INDEX[joint]])

    degrees = {}
    for a, b in LIMBS:
        found = []
        for side in SIDES:
            one, two = f"{side}_{a}", f"{side}_{b}"
            if one in at and two in at:
                found.append(_angle(at[two] - at[one], core(two) - core(one)))
        if found:
            degrees[a] = _summary(found)
    degrees["foot"] = _summary(
        [
            _foot(armature, motion, frames, joints, rest, side, (fronts or {}).get(side))
            for side in SIDES
        ]
    )
    leg = sum(float(np.linalg.norm(rest[f"left_{b}"] - rest[f"left_{a}"])) for a, b in LIMBS[:2])
    human = 100 * 0.82 / leg
    low, slides, core_slides = [], [], []
    lowest = min(rest[j][2] for j in rest if j.endswith(("ankle", "foot")))
    _, sole = min((rest[j][2], j) for j in rest if j.endswith(("ankle", "foot")))
    contacts = motion.contacts[np.asarray(frames) - 1] > 0.5
    for k, part in enumerate(("left_ankle", "left_foot", "right_ankle", "right_foot")):
        if part not in at:
            continue
        on = contacts[:, k]
        if part.split("_")[1] == sole.split("_")[1]:
            low.append((at[part][on, 2] - floor - (lowest - rest_floor)) * human)
        both = on[1:] & on[:-1]
        slides.append(_speed(at[part], frames)[both] * human)
        core_slides.append(_speed(core(part), frames)[both] * 100)
    gap = np.concatenate(low)
    return Measures(
        degrees, float(gap.min()), float(gap.max()),
        float(np.concatenate(slides).mean()), float(np.concatenate(core_slides).mean()),
    )  # fmt: skip


def _foot(
    armature: Any,
    motion: Motion,
    frames: np.ndarray,
    joints: Mapping[str, str],
    rest: Mapping[str, np.ndarray],
    side: str,
    known: tuple[float, float, float] | None = None,
) -> np.ndarray:
    """Degrees (n,) between the level front of a foot and the dance's, both turned since rest."""
    front = np.array([0.0, -1.0, 0.0])
    if known is not None:
        front = np.asarray(known)
    elif f"{side}_foot" in rest:
        front = rest[f"{side}_foot"] - rest[f"{side}_ankle"]
        front = rot.normalize(front * np.array([1.0, 1.0, 0.0]))
    theirs = pointing(armature, frames, joints[f"{side}_ankle"], front)
    turns = motion.global_rotations()[np.asarray(frames) - 1, INDEX[f"{side}_ankle"]]
    ours = rot.rotate(turns, np.broadcast_to(np.array([0.0, 0.0, 1.0]), theirs.shape))
    return _angle(theirs, own_armature.to_blender(ours))


def _rest(armature: Any, joints: Mapping[str, str]) -> dict[str, np.ndarray]:
    bones = armature.data.bones
    out = {}
    for joint, name in joints.items():
        bone = bones[name.removesuffix(">")]
        end = bone.tail_local if name[-1] == ">" else bone.head_local
        out[joint] = np.array(armature.matrix_world @ end)
    return out


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cosine = np.sum(rot.normalize(a) * rot.normalize(b), axis=1)
    return np.asarray(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _summary(found: list[np.ndarray]) -> tuple[float, float]:
    every = np.concatenate(found)
    return float(np.percentile(every, 95)), float(every.max())


def _speed(points: np.ndarray, frames: np.ndarray, fps: float = 30.0) -> np.ndarray:
    step = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    return np.asarray(step / np.diff(frames) * fps)


def clothe(armature: Any, bones: Sequence[str], side: float, deep: float, head: str) -> Any:
    """A mesh bound to an armature that is Z up: a trunk around ``bones``, and a ball for a head.

    ``side`` and ``deep`` are the trunk's radii in armature units; each ring of it goes with the
    nearest of the bones.
    """
    data = armature.data.bones
    lowest = min(data[b].head_local.z for b in bones)
    highest = max(data[b].tail_local.z for b in bones)
    radius = max(data[head].length / 2, 0.5 * deep)
    points: list[tuple[float, float, float]] = []
    groups: dict[str, list[int]] = {}
    for ring in range(12):
        z = lowest + ring / 11 * (highest - lowest)
        bone = min(bones, key=lambda b: abs((data[b].head_local.z + data[b].tail_local.z) / 2 - z))
        for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
            groups.setdefault(bone, []).append(len(points))
            points.append((side * np.cos(angle), deep * np.sin(angle), z))
    middle = data[head].head_local.z + radius
    for up in np.linspace(-0.9, 0.9, 8):
        for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            groups.setdefault(head, []).append(len(points))
            wide = radius * np.sqrt(1 - up**2)
            points.append((wide * np.cos(angle), wide * np.sin(angle), middle + radius * up))
    faces = [
        (r * 24 + i, r * 24 + (i + 1) % 24, (r + 1) * 24 + (i + 1) % 24, (r + 1) * 24 + i)
        for r in range(11)
        for i in range(24)
    ]
    start = 12 * 24
    faces += [
        (start + r * 12 + i, start + r * 12 + (i + 1) % 12, start + (r + 1) * 12 + (i + 1) % 12,
         start + (r + 1) * 12 + i)
        for r in range(7)
        for i in range(12)
    ]  # fmt: skip
    mesh = bpy.data.meshes.new("Clothes")
    mesh.from_pydata(points, [], faces)
    thing = bpy.data.objects.new("Clothes", mesh)
    bpy.context.scene.collection.objects.link(thing)
    thing.parent = armature
    for name, indices in groups.items():
        thing.vertex_groups.new(name=name).add(indices, 1.0, "REPLACE")
    thing.modifiers.new("Armature", "ARMATURE").object = armature
    bpy.context.view_layer.update()
    return thing


def inside(armature: Any, thing: Any, frames: np.ndarray, bones: Sequence[str]) -> float:
    """Share of the frames at which the head of one of the bones is inside a mesh's trunk or head.

    A point is inside where rays to both sides, to the front and to the back all meet the mesh.
    """
    found = 0
    for _, evaluated in _played(armature, frames):
        depsgraph = bpy.context.evaluated_depsgraph_get()
        tree = BVHTree.FromObject(thing.evaluated_get(depsgraph), depsgraph)
        to_thing = thing.matrix_world.inverted() @ evaluated.matrix_world
        rays = [Vector(way) for way in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))]
        hit = False
        for name in bones:
            at = to_thing @ evaluated.pose.bones[name].head
            hit = hit or all(tree.ray_cast(at, ray)[0] is not None for ray in rays)
        found += hit
    return found / len(frames)
