"""The resume state of a batch: what is finished or begun, in the output folder's ``.batch``.

A video counts as finished only while the song, the options, the files that the
options name and the video itself are still the same, byte for byte. Work in
progress lies in a folder named by a hash of the same inputs, so that frames of one dance
are never mixed with another's. Motions are cached under a hash of what they depend on: another
resolution needs no other dance.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

from ..array_file import is_whole_zip
from ..errors import AudioError, DataError
from ..files import whole_file, write_text
from ..generate.model import DEFAULT_MODEL
from ..json_file import read_json, read_object
from . import inputs
from .inputs import file_sha256
from .options import PICTURE, TALK, Options
from .songs import Song, key_of

_log = logging.getLogger(__name__)

FOLDER = ".batch"
"""Beside the videos: records and, while it runs, what is not finished."""


def sources_of(song: Song, options: Options) -> dict[str, Any]:
    """All that a video depends on; raises AudioError where a file cannot be read."""
    try:
        files = inputs.hashes_of(options)
        seen = {name: value for name, value in options.items() if name not in TALK}
        return {"song": file_sha256(song.path), "options": seen, "files": files}
    except OSError as error:
        raise AudioError(f"cannot read {error.filename}: {error.strerror or error}") from error


def inputs_of(sources: dict[str, Any]) -> inputs.Hashes:
    """The hashes of a video's files, as the render command notes them."""
    return {inputs.AUDIO: sources["song"], **sources["files"]}


def is_finished(folder: Path, song: Song, sources: dict[str, Any], outputs: list[Path]) -> bool:
    """Whether the outputs are there as they were recorded, made from the same sources."""
    try:
        kept = read_json(_place(folder, song))
        if not isinstance(kept, dict) or kept.get("sources") != sources:
            return False
        return kept.get("outputs") == {p.name: file_sha256(p) for p in outputs}
    except (OSError, DataError):
        # No record, a broken one, or an output that is gone: it is made again.
        return False


def is_ours(folder: Path, path: Path) -> bool:
    """Whether a path is the output folder itself, or a finished output of a batch in it."""
    try:
        if path.resolve() == folder.resolve():
            return True
        relative = path.resolve().relative_to(folder.resolve())
        # A stem may hold dots; the suffix of an output never does.
        record = folder / FOLDER / "records" / f"{key_of(relative.with_suffix(''))}.json"
        outputs = read_object(record).get("outputs")
        return isinstance(outputs, dict) and path.name in outputs
    except (OSError, ValueError, RuntimeError, DataError):
        # Elsewhere, without a record, or a link to itself: not ours.
        return False


def save_finished(folder: Path, song: Song, sources: dict[str, Any], outputs: list[Path]) -> None:
    """Note that the outputs in their place are finished; raises OutputError, OSError."""
    kept = {"sources": sources, "outputs": {p.name: file_sha256(p) for p in outputs}}
    write_text(_place(folder, song), json.dumps(kept, indent=1, sort_keys=True))


def put_in_place(made: Path, output: Path) -> None:
    """Move what is finished to its name; a file's bytes are on the disk before its name is."""
    if made.is_dir():
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.is_dir():
            # A folder cannot be replaced in one step; it is gone for an instant.
            shutil.rmtree(output)
        os.replace(made, output)
        return
    with made.open("r+b") as file:
        os.fsync(file.fileno())
    output.parent.mkdir(parents=True, exist_ok=True)
    os.replace(made, output)


# --- what is begun ---


def work_folder(folder: Path, song: Song, sources: dict[str, Any], version: str) -> Path:
    """The work folder of a song, named by a hash of all that its video depends on."""
    return folder / FOLDER / "work" / f"{song.key}-{_key({**sources, 'version': version})}"


def open_work(folder: Path, song: Song, sources: dict[str, Any], version: str) -> Path:
    """Make the work folder of a song; those of other options go."""
    wanted = work_folder(folder, song, sources, version)
    for other in wanted.parent.glob(f"{song.key}-*"):
        if other != wanted:
            shutil.rmtree(other, ignore_errors=True)
    if wanted.is_dir() and any(wanted.iterdir()):
        try:
            # What lies there without a note, or was read while a file was another one, is not
            # of these sources, whatever the folder is called.
            inputs.require_same(inputs.noted(wanted) or {inputs.AUDIO: ""}, inputs_of(sources))
        except inputs.InputChanged as error:
            _log.info("%s: begun anew: %s", song.label, error)
            shutil.rmtree(wanted, ignore_errors=True)
    wanted.mkdir(parents=True, exist_ok=True)
    for motion in wanted.glob("motion*.npz"):
        if not is_whole_zip(motion):
            # A loss of power may leave a name without its bytes; the same dance is made again.
            motion.unlink()
    return wanted


def close_work(work: Path) -> None:
    """Remove a work folder whose video is in its place."""
    # Until all of it is gone it must not look like something to go on from.
    (work / "dance.json").unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)


def remove_empty(folder: Path) -> None:
    """Remove the folder of works if there is none left."""
    begun = folder / FOLDER / "work"
    if begun.is_dir() and not any(begun.iterdir()):
        begun.rmdir()


def count_frames(work: Path) -> int:
    """How many frames lie in a work folder."""
    frames = work / "frames"
    if not frames.is_dir():
        return 0
    return sum(name.endswith(".png") and not name.startswith(".") for name in os.listdir(frames))


# --- motions ---


def motion_key(sources: dict[str, Any], version: str) -> str:
    """Cache key of a motion: hash of song, options, their files, model and program version."""
    options = {k: v for k, v in sources["options"].items() if k not in PICTURE}
    files = {k: v for k, v in sources["files"].items() if k not in PICTURE}
    if "model" not in files:
        files["model"] = file_sha256(DEFAULT_MODEL)
    about = {"song": sources["song"], "options": options, "files": files, "version": version}
    return _key(about)


def fetch_motion(folder: Path, sources: dict[str, Any], version: str, work: Path) -> None:
    """Copy cached motions into a work folder that has none."""
    if not any(work.glob("motion*.npz")):
        # Before what it tells of, like the render's own.
        inputs.note(work, inputs_of(sources))
        _copy_motions(_motions(folder, sources, version), work)


def keep_motion(folder: Path, sources: dict[str, Any], version: str, work: Path) -> None:
    """Copy the motions of a work folder into the cache."""
    _copy_motions(work, _motions(folder, sources, version))


def _motions(folder: Path, sources: dict[str, Any], version: str) -> Path:
    return folder / FOLDER / "motions" / motion_key(sources, version)


def _copy_motions(source: Path, target: Path) -> None:
    # A crew has several: motion.npz, motion-2.npz and so on.
    for path in source.glob("motion*.npz"):
        _log.debug("motion %s -> %s", path, target)
        if not is_whole_zip(target / path.name) and is_whole_zip(path):
            with whole_file(target / path.name) as temporary:
                shutil.copyfile(path, temporary)


def text_of(path: Path) -> str:
    """A path as text that any file takes."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def _key(about: dict[str, Any]) -> str:
    text = json.dumps(about, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _place(folder: Path, song: Song) -> Path:
    return folder / FOLDER / "records" / f"{song.key}.json"
