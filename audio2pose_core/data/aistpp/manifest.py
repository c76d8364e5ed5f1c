"""The manifest and the resume state of preprocessing, both JSON.

``.clips/<name>.json`` is the resume state of one clip: from which input each of its
files was made, and their hashes. It is written after the files that it names, so a
killed run knows what is whole. ``manifest.json`` is put together from these and
is what others read. Neither holds a time of day: the same inputs give the same
bytes.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...files import write_text
from ...json_file import read_json
from .names import FPS, Name, is_name, parse_name

FORMAT = "audio2pose-aistpp-1"
MANIFEST = "manifest.json"
LARGEST = 2**28
STEPS = ("pose", "audio", "beats")


def output_paths(name: Name) -> dict[str, str]:
    """Where a clip's files lie below the data root."""
    return {
        "pkl": f"pkl/{name.motion}.pkl",
        "pose": f"poses_npy/{name.motion}.npy",
        "audio": f"audio/{name.sound}.wav",
        "beats": f"beats/{name.sound}.json",
    }


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_record(root: Path, relative: str) -> dict[str, Any]:
    """Path, size and hash of a finished file."""
    path = root / relative
    return {"path": relative, "bytes": path.stat().st_size, "sha256": file_hash(path)}


def is_whole(root: Path, record: Any, relative: str) -> bool:
    """Whether the file that a record describes is there, unchanged."""
    if not isinstance(record, dict) or record.get("path") != relative:
        return False
    path = root / relative
    try:
        return path.stat().st_size == record.get("bytes") and file_hash(path) == record.get(
            "sha256"
        )
    except OSError:
        return False


def _state_path(root: Path, name: Name) -> Path:
    return root / ".clips" / f"{name.motion}.json"


def load_state(root: Path, name: Name) -> dict[str, Any]:
    """What is known of a clip, {} where nothing is; a damaged record counts as none."""
    try:
        state = read_json(_state_path(root, name))
    except DataError:
        return {}
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        return {}
    return {step: state[step] for step in STEPS if _is_record(state.get(step), step)}


def _is_record(record: Any, step: str) -> bool:
    kinds = {"inputs": dict, "file": dict, "frames": int, "warnings": list}
    if step == "pose":
        kinds |= {"pkl": dict, "gaps": dict}
    return isinstance(record, dict) and all(isinstance(record.get(k), t) for k, t in kinds.items())


def save_state(root: Path, name: Name, state: dict[str, Any]) -> None:
    """Remember a clip; call it after its files are in place."""
    write_text(_state_path(root, name), json.dumps({"format": FORMAT, **state}, indent=1) + "\n")


def manifest_row(name: Name, state: dict[str, Any]) -> dict[str, Any]:
    """One clip's row of the manifest."""
    pose = state.get("pose", {})
    files = {step: state[step]["file"] for step in STEPS if step in state}
    if "pose" in state and "pkl" in pose:
        files = {"pkl": pose["pkl"], **files}
    frames = next((state[step]["frames"] for step in STEPS if step in state), 0)
    return {
        "name": name.motion,
        "genre": name.genre,
        "situation": name.situation,
        "dancer": name.dancer,
        "music": name.music,
        "choreography": name.choreography,
        "split": name.split,
        "frames": frames,
        "fps": FPS,
        "seconds": round(frames / FPS, 6),
        "files": files,
        "gaps": pose.get("gaps"),
        "tempo": state.get("beats", {}).get("tempo"),
        "warnings": [text for step in STEPS for text in state.get(step, {}).get("warnings", [])],
    }


def save_manifest(
    root: Path, skipped: list[dict[str, str]], failed: list[dict[str, str]]
) -> dict[str, Any]:
    """Put the manifest together from all clips in ``root``, also those of earlier runs."""
    rows = []
    for path in sorted((root / ".clips").glob("*.json")):
        if is_name(path.name):
            name = parse_name(path.name)
            if state := load_state(root, name):
                rows.append(manifest_row(name, state))
    manifest = {
        "format": FORMAT,
        "fps": FPS,
        "pose": "float32 (frames, 17, 3), centimetres, Y up, COCO-17 order",
        "audio": "16-bit mono, 16000 Hz, as long as the motion",
        "clips": rows,
        "skipped": skipped,
        "failed": failed,
    }
    write_text(root / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return manifest


def load_manifest(root: Path) -> dict[str, Any]:
    """The manifest of a data root; its rows have names and files of the right kinds.

    Raises
    ------
    DataError
        It is missing, damaged, or names files outside the data root.
    """
    path = root / MANIFEST
    manifest = read_json(
        path, largest=LARGEST, missing="not found; run scripts/preprocess.py first"
    )
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DataError(f"{path} is not a manifest of {FORMAT}; run preprocess again")
    for key in ("clips", "skipped", "failed"):
        if not isinstance(manifest.get(key), list) or not all(
            isinstance(row, dict) and isinstance(row.get("name"), str) for row in manifest[key]
        ):
            raise DataError(f'{path}: "{key}" is not a list of clips; run preprocess again')
    for row in manifest["clips"]:
        paths = output_paths(parse_name(row["name"]))
        files, frames = row.get("files"), row.get("frames")
        # Paths follow from the name, so that a strange manifest cannot point elsewhere.
        if (
            not isinstance(files, dict)
            or not all(
                isinstance(f, dict) and f.get("path") == paths.get(k) for k, f in files.items()
            )
            or type(frames) is not int
            or frames < 1
        ):
            raise DataError(f"{path}: the row of {row['name']} is damaged; run preprocess again")
    return manifest
