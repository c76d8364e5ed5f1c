"""Describe or draw the content of an AIST++ pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ...files import whole_file
from ..safe_pickle.load import load_pickle
from .keypoints import BONES, POSE_KEYS, guess_units, keypoints_of
from .names import FPS, GENRES, SITUATIONS, Name, is_name, near_names, parse_name

NEEDED = {"keypoints": POSE_KEYS, "motions": ("smpl_poses", "smpl_scaling", "smpl_trans")}


def inspect_pickle(path: str | Path) -> dict[str, Any]:
    """Describe a pickle: its kind, its arrays, its length, its name.

    Returns
    -------
    dict
        "file", "kind" ("keypoints", "motions" or "unknown"), "arrays" (key,
        shape, dtype, nan, low, high), "others" (keys that hold no array),
        "frames", "seconds" (at 60 fps), "units", "name" (its parts, or None)
        and "warnings".

    Raises
    ------
    DataError
        The file cannot be read; see ``pickles``.
    """
    content = load_pickle(path)
    if isinstance(content, np.ndarray):
        content = {"(the file itself)": content}
    if not isinstance(content, dict):
        raise DataError(f"{path} holds a {type(content).__name__} and no arrays by name")
    kind = next((kind for kind, keys in NEEDED.items() if any(k in content for k in keys)), "")
    arrays = [_describe(str(k), v) for k, v in content.items() if isinstance(v, np.ndarray)]
    others = {
        str(k): f"{type(v).__name__}: {v!r}"[:100]
        for k, v in content.items()
        if not isinstance(v, np.ndarray)
    }
    out: dict[str, Any] = {
        "file": str(path),
        "kind": kind or "unknown",
        "arrays": arrays,
        "others": others,
        "frames": None,
        "seconds": None,
        "units": None,
        "name": None,
        "warnings": [],
    }
    lengths = {a["shape"][0] for a in arrays if len(a["shape"]) > 1}
    if len(lengths) == 1:
        out["frames"] = lengths.pop()
        out["seconds"] = round(out["frames"] / FPS, 4)
    elif lengths:
        out["warnings"].append(f"the arrays differ in length: {sorted(lengths)} frames")
    if kind:
        missing = [key for key in NEEDED[kind] if key not in content]
        out["warnings"] += [f"{key!r} is missing" for key in missing]
    out["units"] = _units(kind, content, str(path))
    if is_name(str(path)):
        name = parse_name(str(path))
        out["name"] = _parts(name)
        if out["seconds"] and name.seconds and abs(out["seconds"] - name.seconds) > 0.25:
            out["warnings"].append(
                f"{out['frames']} frames are {out['seconds']:.2f} s at 60 fps, but the song's "
                f"name promises {name.seconds:.2f} s"
            )
    else:
        out["warnings"].append(f"{Path(path).stem!r} is not an AIST++ name")
    return out


def _describe(key: str, values: np.ndarray) -> dict[str, Any]:
    row: dict[str, Any] = {"key": key, "shape": list(values.shape), "dtype": str(values.dtype)}
    if values.dtype.kind in "fiub" and values.size:
        numbers = values.astype(np.float64)
        finite = numbers[np.isfinite(numbers)]
        row["nan"] = int(numbers.size - finite.size)
        row["low"] = float(finite.min()) if finite.size else None
        row["high"] = float(finite.max()) if finite.size else None
    return row


def _units(kind: str, content: dict[Any, Any], label: str) -> str | None:
    """A guess in words."""
    if kind == "keypoints":
        try:
            unit, size = guess_units(_points(content, label))
        except DataError:
            return None
        return f"{unit} (the figure spans {size:.3g})"
    if kind == "motions":
        scaling = content.get("smpl_scaling")
        if isinstance(scaling, np.ndarray) and scaling.size == 1 and scaling.dtype.kind == "f":
            return f"radians; smpl_trans / smpl_scaling ({float(scaling.flat[0]):.4g}) is metres"
        return "radians; smpl_trans cannot be turned to metres without smpl_scaling"
    return None


def _points(content: dict[Any, Any], label: str) -> np.ndarray:
    key = next(key for key in POSE_KEYS if key in content)
    return keypoints_of(content, key, label)


def _parts(name: Name) -> dict[str, Any]:
    situation = SITUATIONS.get(name.situation)
    return {
        "genre": f"{name.genre} ({GENRES.get(name.genre, 'unknown')})",
        "situation": f"{name.situation} ({situation[0]}, {situation[1]} beats)"
        if situation
        else name.situation,
        "camera": "all" if name.camera == "All" else f"c{name.camera}",
        "dancer": f"d{name.dancer}",
        "music": f"m{name.music}",
        "choreography": f"ch{name.choreography}",
        "tempo_bpm": name.tempo_bpm,
        "split": name.split,
        "ignored": name.ignored,
    }


def table(report: dict[str, Any]) -> str:
    """The description for people to read."""
    lines = [f"{report['file']}: {report['kind']}"]
    for row in report["arrays"]:
        shape = "x".join(map(str, row["shape"])) or "single"
        line = f"  {row['key']:20} {shape:14} {row['dtype']:8}"
        if "nan" in row:
            span = "no numbers" if row["low"] is None else f"{row['low']:.4g} .. {row['high']:.4g}"
            line += f" {row['nan']} NaN, {span}"
        lines.append(line)
    lines += [f"  {key:20} {text}" for key, text in report["others"].items()]
    if report["frames"] is not None:
        lines.append(f"frames  {report['frames']} = {report['seconds']:.2f} s at 60 fps")
    if report["units"]:
        lines.append(f"units   {report['units']}")
    if report["name"]:
        lines.append("name    " + ", ".join(f"{k} {v}" for k, v in report["name"].items()))
    lines += [f"warning: {text}" for text in report["warnings"]]
    return "\n".join(lines)


def plot_pickle(path: str | Path, output: str | Path, columns: int = 8, rows: int = 3) -> None:
    """A contact sheet of a keypoints pickle as png, or of a motions pickle on our own skeleton.

    Figures are spread evenly over the clip and seen from the front, left limbs
    red and right limbs blue. Gaps (NaN) are left out.
    """
    content = load_pickle(path)
    points, bones, sides = _figure(content, str(path))
    try:
        import matplotlib
    except ImportError as error:
        raise DataError("a plot needs matplotlib; pip install 'audio2pose[data]'") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    with np.errstate(all="ignore"):
        low, high = np.nanmin(points, axis=(0, 1)), np.nanmax(points, axis=(0, 1))
    if not np.isfinite([low, high]).all() or float((high - low).max()) > 1e6:
        raise DataError(f"{path}: its points cannot be drawn")
    height = max(float(high[1] - low[1]), 1e-6)
    figure, axes = pyplot.subplots(rows, columns, figsize=(columns * 1.3, rows * 1.9))
    try:
        shown = np.linspace(0, len(points) - 1, columns * rows).round().astype(int)
        for axis, frame in zip(np.ravel(axes), shown, strict=True):
            place = points[frame]
            middle = float(np.nanmean(place[:, 0])) if np.isfinite(place[:, 0]).any() else 0.0
            for (a, b), colour in zip(bones, sides, strict=True):
                axis.plot(place[[a, b], 0] - middle, place[[a, b], 1], color=colour, linewidth=1.6)
            axis.axhline(low[1], color="0.7", linewidth=0.6)
            axis.set(xlim=(-0.6 * height, 0.6 * height), aspect="equal")
            axis.set_ylim(low[1] - 0.05 * height, high[1] + 0.05 * height)
            axis.set_title(f"{frame / FPS:.2f} s", fontsize=6, pad=1)
            axis.set_axis_off()
        figure.suptitle(Path(path).stem, fontsize=8)
        figure.tight_layout(pad=0.2)
        with whole_file(output) as temporary:
            figure.savefig(temporary, dpi=90, format="png")
    finally:
        pyplot.close(figure)


def _figure(content: Any, label: str) -> tuple[np.ndarray, list[tuple[int, int]], list[str]]:
    """Places (T, J, 3) to draw, the bones between them, a colour for each."""
    if isinstance(content, dict) and "smpl_poses" in content:
        return _smpl_figure(content["smpl_poses"], label)
    if not isinstance(content, dict) or not any(key in content for key in POSE_KEYS):
        held = ", ".join(map(str, content)) if isinstance(content, dict) else "no names"
        near = near_names("keypoints3d", map(str, content)) if isinstance(content, dict) else []
        raise DataError(f"{label} holds nothing to draw, but {(near or [held])[0][:80]}")
    # COCO: odd joints are left, even ones right; a bone across has neither colour.
    colours = {(1, 1): "tab:red", (0, 0): "tab:blue"}
    sides = [colours.get((a % 2, b % 2), "black") if a else "black" for a, b in BONES]
    return _points(content, label), list(BONES), sides


def _smpl_figure(poses: Any, label: str) -> tuple[np.ndarray, list[tuple[int, int]], list[str]]:
    from ... import rotations
    from ...motion import forward_kinematics
    from ...skeleton import JOINTS, PARENTS

    if (
        not isinstance(poses, np.ndarray)
        or poses.dtype.kind != "f"
        or len(poses.shape) < 2
        or not len(poses)
        or poses[0].size != 72
        or not np.isfinite(poses).all()
    ):
        raise DataError(f"{label}: smpl_poses is not a (frames, 72) array of numbers")
    turns = rotations.from_axis_angle(poses.reshape(len(poses), 24, 3).astype(np.float64))
    places = forward_kinematics(np.zeros((len(turns), 3)), turns)
    bones = [(parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0]
    colours = {"left": "tab:red", "right": "tab:blue"}
    sides = [colours.get(JOINTS[joint].split("_")[0], "black") for _, joint in bones]
    return places, bones, sides
