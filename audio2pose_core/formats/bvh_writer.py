"""Writing BVH, by our own joints' names or another family's. ``bvh`` reads it."""

from __future__ import annotations

import os

import numpy as np

from .. import rotations as rot
from ..files import write_text
from ..motion import Motion
from ..skeleton import END_SITES, JOINTS, OFFSETS, PARENTS
from .name_presets import preset_named
from .report import ExportReport


def save_bvh(
    path: str | os.PathLike[str],
    motion: Motion,
    *,
    loop: np.ndarray | None = None,
    names: str = "audio2pose",
) -> ExportReport:
    """Write the motion in centimetres with ZXY Euler channels, whole or not at all.

    ``names`` is a key of ``name_presets.PRESETS``: names, hierarchy and rest pose of another
    family, on our bone lengths. A family's root bone stands still on the floor.
    """
    preset = preset_named(names)
    children: dict[int, list[int]] = {j: [] for j in range(len(JOINTS))}
    for j, parent in enumerate(PARENTS):
        if parent >= 0:
            children[parent].append(j)
    lines = ["HIERARCHY"]
    columns: list[int | None] = []
    """Joint of each written joint; None stands still."""

    def offset(depth: int, vector: np.ndarray) -> str:
        x, y, z = vector * 100
        return "\t" * depth + f"OFFSET {x:.4f} {y:.4f} {z:.4f}"

    def opened(name: str, depth: int, vector: np.ndarray, joint: int | None) -> None:
        pad = "\t" * depth
        columns.append(joint)
        moves = joint == 0 or depth == 0
        positions = "Xposition Yposition Zposition " if moves else ""
        lines.extend(
            [
                f"{pad}{'JOINT' if depth else 'ROOT'} {name}",
                pad + "{",
                offset(depth + 1, vector),
                f"{pad}\tCHANNELS {6 if moves else 3} {positions}Zrotation Xrotation Yrotation",
            ]
        )

    def closed(depth: int) -> None:
        lines.append("\t" * depth + "}")

    def emit(j: int, depth: int) -> None:
        name, rest = JOINTS[j], OFFSETS[j]
        at = preset.offset(PARENTS[j], rest) if j else rest
        between = preset.inserted.get(name)
        if between is not None:
            opened(between, depth, np.zeros(3), None)
            depth += 1
        opened(preset.names[name], depth, at, j)
        for child in children[j]:
            emit(child, depth + 1)
        if j in END_SITES:
            lines.extend(["\t" * (depth + 1) + "End Site", "\t" * (depth + 1) + "{"])
            lines.append(offset(depth + 2, preset.offset(j, END_SITES[j])))
            closed(depth + 1)
        closed(depth)
        if between is not None:
            closed(depth - 1)

    if preset.root:
        opened(preset.root, 0, np.zeros(3), None)
    emit(0, 1 if preset.root else 0)
    if preset.root:
        closed(0)
    local = preset.local(motion.global_rotations()) if preset.arms else motion.rotations
    euler = np.rad2deg(_continuous_euler(local))
    still = np.zeros((len(motion), 3))
    table = [still] if preset.root else []
    for joint in columns:
        if joint == 0:
            table.append(motion.root * 100)
        table.append(still if joint is None else euler[:, joint])
    lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1.0 / motion.fps:.8f}"]
    lines += [" ".join(f"{v:.5f}" for v in row) for row in np.concatenate(table, axis=1)]
    write_text(path, "\n".join(lines) + "\n")
    title = "BVH" if names == "audio2pose" else f"BVH, names of {preset.title}"
    return ExportReport(
        title, len(motion), motion.fps, motion.seconds, unit="cm", loop=loop is not None
    )


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
