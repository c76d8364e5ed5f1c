"""BVH (Biovision hierarchy): the motion file that every 3D program reads.

``parse_bvh`` reads any BVH into names, offsets and channels; ``load_bvh`` takes
those whose joints carry the names and the rest pose of ``skeleton.py``. Files
are in centimetres, angles in degrees, Y up; the root's channels are absolute.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .. import rotations as rot
from ..errors import MotionError
from ..files import write_text
from ..motion import Motion
from ..skeleton import END_SITES, JOINTS, OFFSETS, PARENTS

_POSITIONS = ("Xposition", "Yposition", "Zposition")
_ROTATIONS = ("Xrotation", "Yrotation", "Zrotation")
_MAX_OFFSET_ERROR_CM = 0.1


@dataclass
class BvhJoint:
    """One joint as the file declares it; offsets in the file's own unit."""

    name: str
    parent: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    channels: list[str] = field(default_factory=list)
    end_site: tuple[float, float, float] | None = None


@dataclass
class BvhFile:
    """A parsed file: joints in file order and values (T, channels)."""

    joints: list[BvhJoint]
    fps: float
    values: np.ndarray

    def channel_starts(self) -> list[int]:
        """Index of each joint's first column in ``values``."""
        starts, total = [], 0
        for joint in self.joints:
            starts.append(total)
            total += len(joint.channels)
        return starts

    def local(self) -> tuple[np.ndarray, np.ndarray]:
        """Translations (T, J, 3) in file units and quaternions (T, J, 4) of every joint.

        A joint without position channels stays at its offset.
        """
        frames = len(self.values)
        translations = np.empty((frames, len(self.joints), 3))
        quats = np.empty((frames, len(self.joints), 4))
        for j, (joint, start) in enumerate(zip(self.joints, self.channel_starts(), strict=True)):
            translations[:, j] = joint.offset
            order, columns = "", []
            for c, channel in enumerate(joint.channels):
                if channel in _POSITIONS:
                    translations[:, j, _POSITIONS.index(channel)] = self.values[:, start + c]
                else:
                    order += channel[0]
                    columns.append(start + c)
            quats[:, j] = (
                rot.from_euler(np.deg2rad(self.values[:, columns]), order)
                if order
                else rot.IDENTITY
            )
        return translations, quats


def parse_bvh(path: str | os.PathLike[str]) -> BvhFile:
    """Read any BVH file; raises MotionError that names the file and what is wrong."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise MotionError(f"{path}: cannot be read as BVH: {reason}") from error
    head, mark, tail = text.partition("MOTION")
    if not mark:
        raise MotionError(f"{path}: not a whole BVH file: it has no MOTION part")
    joints = _parse_hierarchy(path, head.split())
    return _parse_motion(path, joints, tail)


def _parse_hierarchy(path: str | os.PathLike[str], tokens: list[str]) -> list[BvhJoint]:
    joints: list[BvhJoint] = []
    stack: list[int] = []
    at = 0
    in_end_site = False

    def numbers(start: int) -> tuple[float, float, float]:
        x, y, z = (float(t) for t in tokens[start : start + 3])
        return x, y, z

    try:
        if tokens[:1] != ["HIERARCHY"]:
            raise MotionError(f"{path}: not a BVH file: it does not begin with HIERARCHY")
        at = 1
        pending = -1
        while at < len(tokens):
            word = tokens[at]
            if word in ("ROOT", "JOINT"):
                # A name may hold spaces: it goes on until the brace.
                end = tokens.index("{", at)
                joints.append(BvhJoint(" ".join(tokens[at + 1 : end]), stack[-1] if stack else -1))
                pending, in_end_site, at = len(joints) - 1, False, end
            elif word == "End":
                pending, in_end_site, at = stack[-1], True, at + 2
            elif word == "{":
                stack.append(pending)
                at += 1
            elif word == "}":
                stack.pop()
                in_end_site = False
                at += 1
            elif word == "OFFSET":
                if in_end_site:
                    joints[stack[-1]].end_site = numbers(at + 1)
                else:
                    joints[stack[-1]].offset = numbers(at + 1)
                at += 4
            elif word == "CHANNELS":
                count = int(tokens[at + 1])
                names = tokens[at + 2 : at + 2 + count]
                if (
                    count < 0
                    or len(names) != count
                    or any(n not in _POSITIONS + _ROTATIONS for n in names)
                ):
                    raise MotionError(
                        f"{path}: joint {joints[stack[-1]].name!r} has unknown channels {names}"
                    )
                joints[stack[-1]].channels = names
                at += 2 + count
            else:
                raise MotionError(f"{path}: unexpected word {word[:40]!r} in the BVH hierarchy")
    except (IndexError, ValueError) as error:
        raise MotionError(f"{path}: the BVH hierarchy is broken or cut near word {at}") from error
    if stack or not joints:
        raise MotionError(f"{path}: the BVH hierarchy is cut: a brace is not closed")
    return joints


def _parse_motion(path: str | os.PathLike[str], joints: list[BvhJoint], tail: str) -> BvhFile:
    words = tail.split(maxsplit=5)
    try:
        if words[0] != "Frames:" or words[2:4] != ["Frame", "Time:"]:
            raise ValueError
        frames, frame_time = int(words[1]), float(words[4])
    except (IndexError, ValueError) as error:
        raise MotionError(f"{path}: the MOTION part lacks 'Frames:' or 'Frame Time:'") from error
    if frames < 1 or not np.isfinite(frame_time) or frame_time <= 0:
        raise MotionError(f"{path}: {frames} frames of {frame_time} s make no motion")
    try:
        values = np.array((words[5] if len(words) > 5 else "").split(), dtype=np.float64)
    except ValueError as error:
        raise MotionError(f"{path}: the MOTION part holds something that is no number") from error
    channels = sum(len(j.channels) for j in joints)
    if values.size != frames * channels:
        raise MotionError(
            f"{path}: {frames} frames of {channels} channels need {frames * channels} numbers, "
            f"the file has {values.size}: it is cut or damaged"
        )
    if not np.isfinite(values).all():
        raise MotionError(f"{path}: the MOTION part holds a number that is not finite")
    fps = 1.0 / frame_time
    # Frame times are written with few digits: 0.033333 means 30, 0.016667 means 60.
    if abs(fps - round(fps)) < 2e-3 * fps / 30 + 1e-3:
        fps = float(round(fps))
    return BvhFile(joints, fps, values.reshape(frames, channels))


def load_bvh(path: str | os.PathLike[str]) -> Motion:
    """Read a BVH of the 24-joint skeleton (joint names and offsets of ``skeleton.py``).

    Raises MotionError if joints are missing or bones have other lengths; such
    files go through ``audio2pose preprocess bvh``, which retargets them.
    """
    bvh = parse_bvh(path)
    names = [j.name for j in bvh.joints]
    missing = [n for n in JOINTS if n not in names]
    if missing:
        raise MotionError(
            f"{path}: not on the Audio2Pose skeleton; missing joints: {', '.join(missing[:6])}"
        )
    order = [names.index(n) for n in JOINTS]
    for j, at in enumerate(order):
        joint = bvh.joints[at]
        parent = names[joint.parent] if joint.parent >= 0 else None
        expected = JOINTS[PARENTS[j]] if PARENTS[j] >= 0 else None
        error = np.abs(np.array(joint.offset) - OFFSETS[j] * 100).max() if j else 0.0
        if parent != expected or error > _MAX_OFFSET_ERROR_CM:
            raise MotionError(
                f"{path}: joint {JOINTS[j]!r} has another parent or bone length than the "
                "Audio2Pose skeleton"
            )
    translations, quats = bvh.local()
    return Motion(bvh.fps, translations[:, order[0]] / 100.0, rot.continuous(quats[:, order]))


def save_bvh(path: str | os.PathLike[str], motion: Motion) -> None:
    """Write the motion in centimetres with ZXY Euler channels, whole or not at all."""
    children: dict[int, list[int]] = {j: [] for j in range(len(JOINTS))}
    for j, parent in enumerate(PARENTS):
        if parent >= 0:
            children[parent].append(j)
    lines = ["HIERARCHY"]
    written: list[int] = []

    def emit(j: int, depth: int) -> None:
        pad = "\t" * depth
        written.append(j)
        lines.append(f"{pad}{'JOINT' if depth else 'ROOT'} {JOINTS[j]}")
        lines.append(pad + "{")
        x, y, z = OFFSETS[j] * 100
        lines.append(f"{pad}\tOFFSET {x:.4f} {y:.4f} {z:.4f}")
        positions = "" if depth else "Xposition Yposition Zposition "
        lines.append(
            f"{pad}\tCHANNELS {3 if depth else 6} {positions}Zrotation Xrotation Yrotation"
        )
        for child in children[j]:
            emit(child, depth + 1)
        if j in END_SITES:
            x, y, z = END_SITES[j] * 100
            lines.extend([f"{pad}\tEnd Site", pad + "\t{"])
            lines.append(f"{pad}\t\tOFFSET {x:.4f} {y:.4f} {z:.4f}")
            lines.append(pad + "\t}")
        lines.append(pad + "}")

    emit(0, 0)
    euler = np.rad2deg(_continuous_euler(motion.rotations[:, written]))
    table = np.concatenate([motion.root * 100, euler.reshape(len(motion), -1)], axis=1)
    lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1.0 / motion.fps:.8f}"]
    lines += [" ".join(f"{v:.5f}" for v in row) for row in table]
    write_text(path, "\n".join(lines) + "\n")


def _continuous_euler(quats: np.ndarray) -> np.ndarray:
    """ZXY angles (T, J, 3) in radians without jumps of a full turn between frames.

    Every rotation has two Euler spellings per turn, (a, b, c) and
    (a + pi, pi - b, c + pi); per frame the one nearer to the frame before is
    taken, so that an animator's curves do not jump at the poles.
    """
    first = rot.to_euler(quats, "ZXY")
    second = np.stack([first[..., 0] + np.pi, np.pi - first[..., 1], first[..., 2] + np.pi], -1)
    out = first.copy()
    turn = 2 * np.pi
    for t in range(1, len(out)):
        before = out[t - 1]
        a = first[t] - turn * np.round((first[t] - before) / turn)
        b = second[t] - turn * np.round((second[t] - before) / turn)
        nearer = np.abs(a - before).sum(-1) <= np.abs(b - before).sum(-1)
        out[t] = np.where(nearer[:, None], a, b)
    return out
