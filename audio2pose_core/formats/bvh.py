"""BVH (Biovision hierarchy): the motion file that every 3D program reads.

``parse_bvh`` reads any BVH into names, offsets and channels; ``load_bvh`` takes
those whose joints carry the names and the rest pose of ``skeleton.py``. Files
are in centimetres, angles in degrees, Y up; the root's channels are absolute.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .. import rotations as rot
from ..errors import MotionError
from ..files import other_than_a_file
from ..motion import Motion
from ..skeleton import JOINTS, OFFSETS, PARENTS
from .bvh_writer import save_bvh

__all__ = ["BvhFile", "BvhJoint", "load_bvh", "parse_bvh", "save_bvh"]

_POSITIONS = ("Xposition", "Yposition", "Zposition")
_ROTATIONS = ("Xrotation", "Yrotation", "Zrotation")
_CHANNELS = {name.casefold(): name for name in _POSITIONS + _ROTATIONS}
_MAX_OFFSET_ERROR_CM = 0.1
MAX_JOINTS = 1000
"""Bodies with every finger and twist bone have some 300; more takes no bounded time."""
_MOTION = re.compile(
    r"(?:^|\s)MOTION\s+Frames\s*:\s*(\S+)\s+Frame\s*Time\s*:\s*(\S+)", re.IGNORECASE
)
_COMMENT_LINE = re.compile(r"^[ \t]*(?:#|//).*$", re.MULTILINE)
_COMMENT = re.compile(r"(?:#|//).*$", re.MULTILINE)
# Japanese words are runs of kana and kanji; accented letters of Latin-1 stand alone.
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]{2}")

_log = logging.getLogger(__name__)


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
    warnings: tuple[str, ...] = ()
    """What was mended in reading."""

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
    """Read any BVH file; raises MotionError that names the file and what is wrong.

    What other programs write a little differently is read, keywords in any case or files of
    UTF-16 for instance. What had to be guessed is told in ``warnings`` and logged.
    """
    warnings: list[str] = []
    if kind := other_than_a_file(path):
        raise MotionError(f"{path} is {kind}; name a BVH file")
    try:
        text = _text(Path(path).read_bytes(), warnings)
    except OSError as error:
        raise MotionError(f"{path}: cannot be read as BVH: {error.strerror}") from error
    mark = _MOTION.search(text)
    if mark is None:
        if not re.search(r"(?:^|\s)MOTION\s", text, re.IGNORECASE):
            raise MotionError(f"{path}: not a whole BVH file: it has no MOTION part")
        raise MotionError(f"{path}: the MOTION part lacks 'Frames:' or 'Frame Time:'")
    head = _COMMENT_LINE.sub("", text[: mark.start()])
    for brace in "{}":
        head = head.replace(brace, f" {brace} ")
    joints = _parse_hierarchy(path, head.split())
    bvh = _parse_motion(path, joints, mark, text[mark.end() :], warnings)
    for warning in bvh.warnings:
        _log.warning("%s: %s", path, warning)
    return bvh


def _text(data: bytes, warnings: list[str]) -> str:
    """The text of a file, whose encoding its bytes tell; no bytes are refused here."""
    start = data[:200]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    elif start[1::2].count(0) > 0.8 * len(start[1::2]) > 0:
        text = data.decode("utf-16-le", "replace")
    elif start[::2].count(0) > 0.8 * len(start[::2]) > 0:
        text = data.decode("utf-16-be", "replace")
    else:
        text = _text_of_bytes(data, warnings)
    whole = text.rstrip("\0\x1a \t\r\n")
    if "\0" in text[len(whole) :] or "\x1a" in text[len(whole) :]:
        warnings.append("zeros after the end of the text were left out")
    return whole


def _text_of_bytes(data: bytes, warnings: list[str]) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        text = ""
    encoding = "Shift-JIS" if _JAPANESE.search(text) else "Latin-1"
    warnings.append(f"the names are not UTF-8; they were read as {encoding}")
    return text if encoding == "Shift-JIS" else data.decode("latin-1")


def _parse_hierarchy(path: str | os.PathLike[str], tokens: list[str]) -> list[BvhJoint]:
    joints: list[BvhJoint] = []
    stack: list[int] = []
    at = 0
    in_end_site = False

    def numbers(start: int) -> tuple[float, float, float]:
        x, y, z = (float(t) for t in tokens[start : start + 3])
        return x, y, z

    try:
        if not tokens or tokens[0].upper() != "HIERARCHY":
            raise MotionError(f"{path}: not a BVH file: it does not begin with HIERARCHY")
        at = 1
        pending = -1
        while at < len(tokens):
            word = tokens[at].upper()
            if word in ("ROOT", "JOINT"):
                # A name may hold spaces: it goes on until the brace.
                end = tokens.index("{", at)
                joints.append(BvhJoint(" ".join(tokens[at + 1 : end]), stack[-1] if stack else -1))
                if len(joints) > MAX_JOINTS:
                    raise MotionError(f"{path}: more than {MAX_JOINTS} joints are no body")
                pending, in_end_site, at = len(joints) - 1, False, end
            elif word == "END":
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
                words = tokens[at + 2 : at + 2 + count]
                names = [_CHANNELS.get(n.casefold(), n) for n in words]
                if (
                    count < 0
                    or len(names) != count
                    or any(n not in _POSITIONS + _ROTATIONS for n in names)
                ):
                    raise MotionError(
                        f"{path}: joint {joints[stack[-1]].name[:40]!r} has unknown channels: "
                        f"{' '.join(names[:6])[:80]}"
                    )
                joints[stack[-1]].channels = names
                at += 2 + count
            else:
                word = tokens[at][:40]
                raise MotionError(f"{path}: unexpected word {word!r} in the BVH hierarchy")
    except (IndexError, ValueError) as error:
        raise MotionError(f"{path}: the BVH hierarchy is broken or cut near word {at}") from error
    if stack or not joints:
        raise MotionError(f"{path}: the BVH hierarchy is cut: a brace is not closed")
    return joints


def _parse_motion(
    path: str | os.PathLike[str],
    joints: list[BvhJoint],
    mark: re.Match[str],
    tail: str,
    warnings: list[str],
) -> BvhFile:
    try:
        frames, frame_time = int(mark[1]), float(mark[2])
    except ValueError as error:
        raise MotionError(f"{path}: the MOTION part lacks 'Frames:' or 'Frame Time:'") from error
    if frames < 1 or not np.isfinite(frame_time) or frame_time <= 0:
        raise MotionError(f"{path}: {frames} frames of {frame_time} s make no motion")
    if "#" in tail or "//" in tail:
        tail = _COMMENT.sub("", tail)
        warnings.append("comments among the numbers were left out")
    try:
        values = np.array(tail.split(), dtype=np.float64)
    except ValueError as error:
        raise MotionError(f"{path}: the MOTION part holds something that is no number") from error
    channels = sum(len(j.channels) for j in joints)
    rows = values.size // channels if channels and values.size % channels == 0 else 0
    if rows and abs(rows - frames) == 1:
        # Programs differ in whether the last frame counts.
        warnings.append(f"the file says {frames} frames and has {rows}, which are used")
        frames = rows
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
    return BvhFile(joints, fps, values.reshape(frames, channels), tuple(warnings))


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
