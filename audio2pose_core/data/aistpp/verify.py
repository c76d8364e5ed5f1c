"""Is a preprocessed data root whole? Counts, triples, lengths and hashes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...audio.beats import load_beats
from ...errors import Audio2PoseError, DataError
from ...json_file import read_object
from .audio import SAMPLE_RATE, load_wav
from .loader import load_pose
from .manifest import STEPS, file_hash, load_manifest, output_paths
from .names import FPS, SEQUENCES, is_name, parse_name

_FOLDERS = {"pkl": ".pkl", "poses_npy": ".npy", "audio": ".wav", "beats": ".json"}


@dataclass(frozen=True)
class Report:
    """What was looked at and what is wrong.

    Attributes
    ----------
    counts : dict
        Files by folder.
    genres : dict
        Complete clips (pose, sound and beats, all sound) by genre.
    splits : dict
        Complete clips by official split.
    seconds : float
        Length of the complete clips together.
    problems : list of str
        "name: what is wrong"; empty where all is well.
    notes : list of str
        What is odd and allowed.
    expected : dict
        Clips by genre that should be there: all of AIST++ of the genres the manifest names,
        but those it left out on purpose.
    """

    counts: dict[str, int]
    genres: dict[str, int]
    splits: dict[str, int]
    seconds: float
    problems: list[str]
    notes: list[str]
    expected: dict[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> int:
        """How many clips are whole."""
        return sum(self.genres.values())


def verify(data_root: str | Path) -> Report:
    """Compare a data root with its manifest, file by file.

    Raises
    ------
    DataError
        There is no usable manifest.
    """
    root = Path(data_root)
    if not root.is_dir():
        raise DataError(f"data root {root} does not exist; run scripts/preprocess.py first")
    manifest = load_manifest(root)
    counts = {folder: _count(root / folder, end) for folder, end in _FOLDERS.items()}
    problems: list[str] = []
    genres, splits, seconds = Counter[str](), Counter[str](), 0.0
    for row in manifest["clips"]:
        wrong = _check_clip(root, row)
        problems += [f"{row['name']}: {text}" for text in wrong]
        if not wrong:
            name = parse_name(row["name"])
            genres[name.genre] += 1
            splits[name.split] += 1
            seconds += row["frames"] / FPS
    rows = {row["name"] for row in manifest["clips"]}
    if not rows:
        problems.append("the manifest lists no clip; run preprocess")
    for row in manifest["failed"]:
        reason = f"{row.get('step', '?')} failed in preprocessing: {row.get('reason', '?')}"
        problems.append(f"{row['name']}: {reason}")
    notes = [
        f"{genre}: {count} of the {SEQUENCES[genre]} clips of AIST++"
        for genre, count in sorted(genres.items())
        if count < SEQUENCES.get(genre, 0)
    ]
    notes += [f"{row['name']}: left out, {row.get('reason', '?')}" for row in manifest["skipped"]]
    notes += [f"{path}: not in the manifest" for path in _strangers(root, rows)]
    expected = _expected(manifest)
    return Report(counts, dict(genres), dict(splits), round(seconds, 3), problems, notes, expected)


def _expected(manifest: dict[str, Any]) -> dict[str, int]:
    """Clips by genre that a whole root of these genres holds."""
    named = {part: [parse_name(row["name"]) for row in manifest[part]]
             for part in ("clips", "failed", "skipped")}  # fmt: skip
    genres = {name.genre for name in named["clips"] + named["failed"]}
    left_out = Counter(name.genre for name in set(named["skipped"]))
    return {genre: SEQUENCES[genre] - left_out[genre] for genre in sorted(genres)}


def _count(folder: Path, end: str) -> int:
    return sum(1 for path in folder.glob(f"*{end}") if is_name(path.name))


def _strangers(root: Path, rows: set[str]) -> list[str]:
    return [
        str(path.relative_to(root))
        for folder, end in _FOLDERS.items()
        for path in sorted((root / folder).glob(f"*{end}"))
        if not is_name(path.name) or parse_name(path.name).motion not in rows
    ]


def _check_clip(root: Path, row: dict[str, Any]) -> list[str]:
    """What is wrong with the files of one row."""
    paths = output_paths(parse_name(row["name"]))
    wrong = []
    for step in STEPS:
        path = root / paths[step]
        try:
            if step not in row["files"] or not path.is_file():
                raise DataError(f"{step} is missing ({paths[step]})")
            if file_hash(path) != row["files"][step].get("sha256"):
                raise DataError(f"{step} has changed since it was made ({paths[step]})")
            _CHECKS[step](path, row["frames"])
        except Audio2PoseError as error:
            wrong.append(str(error))
        except OSError as error:
            wrong.append(f"{step}: cannot read {path}: {error.strerror or error}")
    return wrong


def _check_pose(path: Path, frames: int) -> None:
    held = len(load_pose(path))
    if held != frames:
        raise DataError(f"pose has {held} frames, the manifest {frames}")


def _check_audio(path: Path, frames: int) -> None:
    samples, rate = load_wav(path)
    if rate != SAMPLE_RATE:
        raise DataError(f"sound has {rate} samples a second, not {SAMPLE_RATE}")
    if abs(len(samples) / rate - frames / FPS) > 0.5 / FPS:
        raise DataError(
            f"sound lasts {len(samples) / rate:.3f} s, the pose {frames / FPS:.3f} s "
            f"({frames} frames at 60 fps)"
        )


def _check_beats(path: Path, frames: int) -> None:
    beats = load_beats(path)  # which also checks that it is json with rising times
    record = read_object(path)
    if record.get("fps") != FPS:
        raise DataError(f"beats are at {record.get('fps')} fps, the pose at 60")
    held = record.get("beat_frames")
    if not isinstance(held, list) or len(held) != len(beats.times):
        raise DataError("beats: beat_frames and beat_times do not match")
    if not all(type(frame) is int and 0 <= frame < frames for frame in held):
        raise DataError(f"beats: a beat lies outside the {frames} frames of the pose")


_CHECKS = {"pose": _check_pose, "audio": _check_audio, "beats": _check_beats}


def table(report: Report) -> str:
    """The report for people to read."""
    lines = [f"{folder:10}{count:6}" for folder, count in report.counts.items()]
    minutes = report.seconds / 60
    lines.append(f"{report.complete} complete clips (pose, sound, beats), {minutes:.1f} min")
    if report.splits:
        lines.append(
            "split: " + ", ".join(f"{split} {n}" for split, n in sorted(report.splits.items()))
        )
    for title, rows in (("notes", report.notes), ("problems", report.problems)):
        if rows:
            lines += [f"{title}: {len(rows)}", *(f"  {row}" for row in rows)]
    return "\n".join(lines)
