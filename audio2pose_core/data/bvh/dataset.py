"""A folder of motion files of any skeleton as a dataset: motions, beats and a manifest.

OUT/motions/<name>.npz    the dance on our skeleton, 30 fps, floor at y = 0
OUT/beats/<name>.json     beats of the music, or tracked from the motion
OUT/manifest.json         one row a clip; what failed and why
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...audio.beats import TRACKER, Beats, save_beats, track_beats
from ...audio.load import SUFFIXES, load_audio
from ...cleanup.contacts import label_contacts
from ...errors import DataError
from ...files import write_text
from ...formats import save_motion
from ...json_file import read_json
from ...metrics.pulse import pulse_of_motion
from ...motion import Motion
from ..ballroom import is_ballroom, read_ballroom
from ..training.cluster import Failure, WorkerPool
from .beats import fit_to
from .index_file import INDEX, STYLE_COLUMNS, read_index
from .retarget import FPS, METHOD, retarget_bvh

_log = logging.getLogger(__name__)

FORMAT = "audio2pose-motions-1"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 2**28


@dataclass(frozen=True)
class Source:
    """One clip to be: a BVH file or a folder of paired ballroom data.

    ``name`` is its path below the dataset with "__" for "/"; ``source`` the
    folder that it lies in; ``style`` what an ``index.csv`` says, if anything.
    """

    path: Path
    name: str
    source: str
    style: str = ""
    audio: Path | None = None


def preprocess_folder(
    bvh_dir: Path,
    output_dir: Path,
    pool: WorkerPool[Source, dict[str, Any]],
    *,
    audio_dir: Path | None = None,
    fps: float = FPS,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:
    """Make all clips of a folder and the manifest, which is returned.

    A clip that cannot be read is listed under "failed" and the rest goes on;
    raises DataError where there is nothing to do or nothing succeeded.
    """
    sources = discover(bvh_dir, audio_dir)
    clips: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    work = functools.partial(make_clip, output_dir=output_dir, fps=fps)
    for done, (source, result) in enumerate(pool.run(work, sources), 1):
        if isinstance(result, Failure):
            failed.append({"name": source.name, "reason": result.reason})
        else:
            clips.append(result)
            _log.info("%s: %s", source.name, result["skeleton"])
        if progress is not None:
            progress("clips", done / len(sources))
    if not clips:
        raise DataError(
            f"{bvh_dir}: none of {len(sources)} clips could be used: {failed[0]['reason']}"
        )
    manifest = {"format": FORMAT, "fps": fps, "clips": clips, "failed": failed}
    write_text(output_dir / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return manifest


def discover(bvh_dir: Path, audio_dir: Path | None = None) -> list[Source]:
    """All clips below a folder, in order of their names, with their music where names match."""
    if not bvh_dir.is_dir():
        raise DataError(f"{bvh_dir}: no such folder")
    if audio_dir is not None and not audio_dir.is_dir():
        raise DataError(f"{audio_dir}: no such folder")
    songs: dict[str, Path] = {}
    for file in sorted(audio_dir.rglob("*")) if audio_dir is not None else []:
        if file.suffix.lower() in SUFFIXES:
            songs.setdefault(_song_key(file.stem), file)
    styles = _styles(bvh_dir)
    out = []
    for path in sorted(bvh_dir.rglob("*")):
        if path.suffix.lower() == ".bvh" and path.is_file():
            relative = path.relative_to(bvh_dir)
            name = "__".join(relative.with_suffix("").parts)
            audio = songs.get(_song_key(path.stem))
        elif path.is_dir() and is_ballroom(path):
            relative = path.relative_to(bvh_dir)
            name, audio = "__".join(relative.parts), path / "music.ogg"
        else:
            continue
        folder = relative.parts[0] if len(relative.parts) > 1 else bvh_dir.resolve().name
        out.append(Source(path, name, folder, styles.get(relative.as_posix(), ""), audio))
    if not out:
        raise DataError(f"{bvh_dir}: holds no .bvh files")
    return out


def _song_key(stem: str) -> str:
    """What motion and sound of the same dance have in common: AIST++ sound bears a camera."""
    return re.sub(r"_c(all|\d\d)_", "_", stem.casefold())


def _styles(folder: Path) -> dict[str, str]:
    """Styles by file from an ``index.csv`` with columns "file" and "style_guess", if there."""
    if not (folder / INDEX).exists():
        return {}
    return {row.file: row.style_guess for row in read_index(folder, STYLE_COLUMNS)}


def make_clip(source: Source, output_dir: Path, fps: float) -> dict[str, Any]:
    """Write one clip's files and return its row of the manifest.

    A clip whose files are whole and were made from the same inputs is kept, so
    a killed run goes on where it was.
    """
    state = output_dir / ".clips" / f"{source.name}.json"
    inputs = _inputs(source, fps)
    known = _load_state(state)
    row = known.get("row")
    if known.get("inputs") == inputs and isinstance(row, dict):
        hashes = {key: _hash(output_dir / str(row.get(key))) for key in ("motion", "beats")}
        if known.get("hashes") == hashes:
            return row
    row = _make(source, output_dir, fps)
    hashes = {key: _hash(output_dir / row[key]) for key in ("motion", "beats")}
    write_text(state, json.dumps({"inputs": inputs, "hashes": hashes, "row": row}) + "\n")
    return row


def _inputs(source: Source, fps: float) -> dict[str, Any]:
    """What a clip is made from: hashes of its files, and what else would change it."""
    files = [source.path]
    if source.path.is_dir():
        files = [source.path / "motion.npz", source.path / "alignment.json"]
    if source.audio is not None:
        files.append(source.audio)
    texts = [FORMAT, METHOD, TRACKER, source.source, source.style, str(source.audio)]
    return {"files": [_hash(file) for file in files], "fps": fps, "texts": texts}


def _hash(path: Path) -> str | None:
    """SHA-256 of a file in hex, None where there is none to read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _load_state(state: Path) -> dict[str, Any]:
    """What an earlier run knew of the clip; a missing or damaged record counts as nothing."""
    try:
        known = read_json(state)
    except DataError:
        return {}
    return known if isinstance(known, dict) else {}


def _make(source: Source, output_dir: Path, fps: float) -> dict[str, Any]:
    start, style, warnings = 0.0, source.style, []
    if source.path.is_dir():
        paired = read_ballroom(source.path, fps)
        motion, beats, start = paired.motion, paired.beats, paired.music_start_s
        style = style or paired.genre
        skeleton: dict[str, Any] = {"family": "ballroom markers", "method": "places"}
    else:
        made = retarget_bvh(source.path, fps)
        motion, warnings = made.motion, list(made.warnings)
        beats = _beats(source, motion, warnings)
        skeleton = {"family": made.family, "method": made.method, "up": made.up, "unit": made.unit}
        skeleton["leg_m"] = round(made.leg_m, 4)
    motion = motion.with_contacts(label_contacts(motion))
    if beats.confidence <= 0:
        warnings.append("no pulse was found; the beats are an even grid at 120 bpm")
    motion_path, beats_path = f"motions/{source.name}.npz", f"beats/{source.name}.json"
    save_motion(output_dir / motion_path, motion)
    save_beats(output_dir / beats_path, beats)
    song = source.audio.stem if source.audio is not None else None
    if source.path.is_dir():
        song = source.path.name
    return {
        "name": source.name,
        "source": source.source,
        "style": style,
        "song": song,
        "audio": str(source.audio) if source.audio is not None else None,
        "audio_start_s": round(start, 6),
        "frames": len(motion),
        "fps": fps,
        "seconds": round(motion.seconds, 6),
        "motion": motion_path,
        "beats": beats_path,
        "tempo_bpm": round(beats.tempo_bpm, 3),
        "confidence": round(beats.confidence, 4),
        "tracker": beats.tracker,
        "skeleton": skeleton,
        "warnings": warnings,
    }


def _beats(source: Source, motion: Motion, warnings: list[str]) -> Beats:
    """From the music where there is some, else from the motion itself."""
    if source.audio is None:
        return pulse_of_motion(motion)
    audio = load_audio(source.audio)
    if audio.seconds < motion.seconds - 0.25:
        warnings.append(f"the music is {audio.seconds:.2f} s, the motion {motion.seconds:.2f} s")
    return fit_to(track_beats(audio), motion.seconds)
