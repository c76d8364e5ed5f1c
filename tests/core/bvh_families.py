"""BVH files as other programs write them, made from a dance on our skeleton."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from audio2pose_core import rotations as rot
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import INDEX, JOINTS, OFFSETS, PARENTS

_SIDED = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")


def _names(pattern: str, centre: str, sided: str) -> dict[str, str]:
    """Our names to theirs: ``pattern`` holds {side} (Left), {s} (L), {l} (l) and {part}."""
    ours = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
    out = dict(zip(ours, centre.split(), strict=True))
    for part, theirs in zip(_SIDED, sided.split(), strict=True):
        for side in ("Left", "Right"):
            name = pattern.format(side=side, s=side[0], l=side[0].lower(), part=theirs)
            out[f"{side.lower()}_{part}"] = name
    return out


FAMILIES: dict[str, dict[str, str]] = {
    "smpl": _names(
        "{s}_{part}", "Pelvis Spine1 Spine2 Spine3 Neck Head",
        "Hip Knee Ankle Foot Collar Shoulder Elbow Wrist Hand",
    ),
    "mixamo": _names(
        "mixamorig:{side}{part}",
        "mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck "
        "mixamorig:Head",
        "UpLeg Leg Foot ToeBase Shoulder Arm ForeArm Hand HandMiddle1",
    ),
    "cmu": _names(
        "{l}{part}", "root lowerback upperback thorax lowerneck head",
        "femur tibia foot toes clavicle humerus radius hand fingers",
    ),
    "rokoko": _names(
        "{side}{part}", "Hips Spine1 Spine2 Spine3 Neck Head",
        "Thigh Shin Foot Toe Shoulder Arm ForeArm Hand HandMiddle1",
    ),
    "unreal": _names(
        "{part}_{l}", "pelvis spine_01 spine_02 spine_03 neck_01 head",
        "thigh calf foot ball clavicle upperarm lowerarm hand middle_01",
    ),
    "rigify": _names(
        "DEF-{part}.{s}", "DEF-spine DEF-spine.001 DEF-spine.002 DEF-spine.003 DEF-spine.004 "
        "DEF-spine.006",
        "thigh shin foot toe shoulder upper_arm forearm hand f_middle.01",
    ),
    "shape": {name: f"node{j}" for j, name in enumerate(JOINTS)},
}  # fmt: skip

A_POSE_DEGREES = 45.0


def a_pose() -> np.ndarray:
    """World rotations (24, 4) from our T-pose to an A-pose."""
    out = np.tile(rot.IDENTITY, (len(JOINTS), 1))
    for side, sign in (("left", -1.0), ("right", 1.0)):
        turn = rot.from_axis_angle(np.array([0.0, 0.0, sign * np.deg2rad(A_POSE_DEGREES)]))
        for part in ("shoulder", "elbow", "wrist", "hand"):
            out[INDEX[f"{side}_{part}"]] = turn
    return out


def write_family(
    path: Path,
    motion: Motion,
    names: dict[str, str],
    *,
    scale: float = 100.0,
    rest: np.ndarray | None = None,
    axes: np.ndarray | None = None,
) -> None:
    """Write the dance with other names, unit, rest pose and axes.

    Parameters
    ----------
    rest : (24, 4)
        World rotations of the file's rest pose, from our T-pose.
    axes : (4,)
        Rotation from our world to the file's, of motion and rest pose alike.
    """
    rest = np.tile(rot.IDENTITY, (len(JOINTS), 1)) if rest is None else rest
    axes = rot.IDENTITY if axes is None else axes
    # Offsets turn with the parent's rest rotation; rotations are told relative to the rest.
    parents = np.maximum(np.array(PARENTS), 0)
    offsets = rot.rotate(axes, rot.rotate(rest[parents], OFFSETS)) * scale
    world = rot.multiply(axes, motion.global_rotations())
    world = rot.multiply(world, rot.conjugate(rot.multiply(axes, rest)))
    local = world.copy()
    for j in range(1, len(JOINTS)):
        local[:, j] = rot.multiply(rot.conjugate(world[:, PARENTS[j]]), world[:, j])
    root = rot.rotate(axes, motion.root) * scale
    lines, order = ["HIERARCHY"], []

    def emit(j: int, depth: int) -> None:
        pad = "  " * depth
        order.append(j)
        x, y, z = offsets[j] if j else np.zeros(3)
        places = "" if depth else "Xposition Yposition Zposition "
        lines.extend(
            [
                f"{pad}{'JOINT' if depth else 'ROOT'} {names[JOINTS[j]]}",
                pad + "{",
                f"{pad}  OFFSET {x:.6f} {y:.6f} {z:.6f}",
                f"{pad}  CHANNELS {3 if depth else 6} {places}Zrotation Yrotation Xrotation",
            ]
        )
        below = [k for k, parent in enumerate(PARENTS) if parent == j]
        for child in below:
            emit(child, depth + 1)
        if not below:
            lines.extend([f"{pad}  End Site", pad + "  {", f"{pad}    OFFSET 0 1 0", pad + "  }"])
        lines.append(pad + "}")

    emit(0, 0)
    angles = np.rad2deg(rot.to_euler(local[:, order], "ZYX")).reshape(len(motion), -1)
    table = np.concatenate([root, angles], axis=1)
    lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1 / motion.fps:.6f}"]
    lines += [" ".join(f"{v:.6f}" for v in row) for row in table]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def dance(frames: int = 90, fps: float = 30.0, seed: int = 3) -> Motion:
    """Seconds of a made-up dance: steps, swinging arms, bent knees."""
    t = np.arange(frames) / fps
    rng = np.random.default_rng(seed)
    angles = np.zeros((frames, len(JOINTS), 3))
    for j in range(len(JOINTS)):
        phase, speed = rng.uniform(0, 6, 3), rng.uniform(0.4, 1.2, 3)
        angles[:, j] = 0.12 * np.sin(2 * np.pi * speed * t[:, None] + phase)
    swing = np.sin(2 * np.pi * t)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        angles[:, INDEX[f"{side}_hip"], 0] += -0.4 + 0.4 * sign * swing
        angles[:, INDEX[f"{side}_knee"], 0] += 0.6 - 0.3 * sign * swing
        angles[:, INDEX[f"{side}_shoulder"], 2] -= sign * 0.9
        angles[:, INDEX[f"{side}_elbow"], 1] -= sign * (0.8 + 0.4 * swing)
    quats = rot.from_axis_angle(angles)
    root = np.stack([0.3 * np.sin(t), 0.88 + 0.03 * swing, 0.2 * t], axis=1)
    return Motion(fps, root, rot.continuous(quats))
