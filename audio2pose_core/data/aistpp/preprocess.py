"""The AIST++ dataset, from downloads in any state to clips ready for training."""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import DataError, OptionError, OutputError
from ...files import remove_partial_files
from ..folder_lock import folder_lock
from . import manifest
from .archives import Entry, find_entries
from .clip import Job, Outcome, process_clip
from .keypoints import POSE_KEYS
from .names import SEQUENCES, load_ignore_list, parse_genres

_log = logging.getLogger(__name__)

VIDEO_ENDINGS = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4a", ".wav")


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    counts : dict
        For each of "pose", "audio", "beats": how many were made, kept, failed.
    found : dict
        Clips by genre, of those that were wanted.
    skipped, failed : list of dict
        "name", "reason", and "step" for those that failed.
    warnings : list of str
        "name: text", of all clips that are in the data root.
    """

    counts: dict[str, dict[str, int]]
    found: dict[str, int]
    skipped: list[dict[str, str]]
    failed: list[dict[str, str]]
    warnings: list[str]


def preprocess_aistpp(
    pkl_dir: str | Path,
    video_dir: str | Path | None,
    output_dir: str | Path,
    *,
    genre: str = "LH",
    steps: tuple[str, ...] = manifest.STEPS,
    pose_key: str = POSE_KEYS[0],
    ignore_list: str | Path | None = None,
    overwrite: bool = False,
    workers: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> Summary:
    """Make pose, sound and beats of every wanted clip; redo only what is missing or changed.

    Parameters
    ----------
    pkl_dir, video_dir : path
        Folders or archives; the latter may be None without the step "audio".
    output_dir : path
        The data root. It holds pkl/, poses_npy/, audio/, beats/ and manifest.json afterwards.
    genre : str
        As ``aistpp.parse_genres`` takes it.
    steps : tuple of str
        Of "pose", "audio", "beats".
    pose_key : str
        "keypoints3d_optim" (smoothed by the dataset's authors) or "keypoints3d".
    ignore_list : path, "none" or None
        See ``aistpp.load_ignore_list``.
    progress : callable
        progress(stage, fraction).

    Raises
    ------
    OptionError, DataError, OutputError
        Nothing can be done at all; a single clip's trouble is in the summary.
    """
    if workers < 1:
        raise OptionError(f"--workers {workers}: use 1 or more")
    if "audio" in steps and video_dir is None:
        raise OptionError("name the folder of the videos with --video-dir, or use --skip-audio")
    genres, ignored = parse_genres(genre), load_ignore_list(ignore_list)
    report = progress or (lambda stage, fraction: None)
    report("look", 0.0)
    pickles = _keypoint_pickles(pkl_dir)
    videos: dict[str, list[Entry]] = {}
    if "audio" in steps and video_dir is not None:
        for entry in find_entries(video_dir, VIDEO_ENDINGS, "--video-dir"):
            videos.setdefault(entry.name.motion, []).append(entry)
    root = Path(output_dir)
    jobs, skipped = [], []
    for name, entry in pickles.items():
        if entry.name.genre not in genres:
            continue
        if name in ignored:
            skipped.append({"name": name, "reason": "on the ignore list: badly reconstructed"})
            continue
        cameras = tuple(videos.get(name, ()))
        jobs.append(
            Job(entry.name.with_camera("All"), entry, cameras, root, pose_key, steps, overwrite)
        )
    if not jobs:
        raise DataError(
            f"--pkl-dir {pkl_dir} holds no keypoints of the genres {', '.join(genres)}; it is the "
            "folder keypoints3d of the AIST++ annotations (see README, 'Train on AIST++')"
        )
    with folder_lock(root):
        for folder in ("", ".clips", "pkl", "poses_npy", "audio", "beats"):
            remove_partial_files(root / folder)
        outcomes = []
        for outcome in _run(jobs, workers):
            outcomes.append(outcome)
            _log.info("%s: %s", outcome.name, outcome.steps)
            report("clips", len(outcomes) / len(jobs))
        report("manifest", 0.0)
        outcomes.sort(key=lambda outcome: outcome.name)
        failed = [failure for outcome in outcomes for failure in outcome.failures]
        rows: list[dict[str, Any]] = []
        try:
            rows = manifest.save_manifest(root, skipped, failed)["clips"]
        except OutputError as error:  # a full disk must not swallow the list of what failed
            failed.append({"name": manifest.MANIFEST, "step": "write", "reason": str(error)})
    counts = {
        step: {
            end: sum(outcome.steps.get(step) == end for outcome in outcomes)
            for end in ("made", "kept", "failed")
        }
        for step in manifest.STEPS
    }
    found = Counter(job.name.genre for job in jobs)
    for row in skipped:
        found[row["name"][1:3]] += 1
    warnings = [f"{row['name']}: {text}" for row in rows for text in row["warnings"]]
    return Summary(counts, dict(found), skipped, failed, warnings)


def _keypoint_pickles(pkl_dir: str | Path) -> dict[str, Entry]:
    """One keypoints pickle a clip, by its cAll name, sorted.

    The whole annotations hold motions/ and keypoints2d/ under the same names;
    a file from a folder called keypoints3d goes before any other.
    """
    chosen: dict[str, Entry] = {}
    for entry in find_entries(pkl_dir, (".pkl",), "--pkl-dir"):
        held = chosen.get(entry.name.motion)
        if held is None or _likeness(entry) > _likeness(held):
            chosen[entry.name.motion] = entry
    return dict(sorted(chosen.items()))


def _likeness(entry: Entry) -> int:
    folders = (entry.member or str(entry.path)).replace("\\", "/").split("/")[:-1]
    parent = folders[-1] if folders else ""
    return {"keypoints3d": 2, "motions": 0, "keypoints2d": 0}.get(parent, 1)


def _run(jobs: list[Job], workers: int) -> Iterator[Outcome]:
    """Outcomes in any order, by ``workers`` processes (1: this one)."""
    if workers == 1:
        yield from map(process_clip, jobs)
        return
    left = {job.name.motion: job for job in jobs}
    try:
        for outcome in _in_pool(jobs, min(workers, len(jobs))):
            del left[outcome.name]
            yield outcome
    except BrokenProcessPool:
        # A process died: a file crashes the decoder, or the memory ran out. Which one did it
        # shows when the rest goes one by one.
        for job in left.values():
            try:
                yield from _in_pool([job], 1)
            except BrokenProcessPool:
                reason = "the process that worked on it died; its video may be damaged"
                failure = {"name": job.name.motion, "step": "audio", "reason": reason}
                steps = dict.fromkeys(job.steps, "failed")
                yield Outcome(job.name.motion, steps, [failure])


def _in_pool(jobs: list[Job], workers: int) -> Iterator[Outcome]:
    # Not forked: the decoder and numpy keep threads, which a fork would tear.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker) as pool:
        try:
            pending = {pool.submit(process_clip, job) for job in jobs}
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _begin_worker() -> None:
    """A worker leaves Ctrl-C to its parent and ends when that is gone, even by a kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def table(summary: Summary) -> str:
    """The end of a run for people to read: how many of each, what was left out and why."""
    lines = [f"{'':8}{'made':>7}{'kept':>7}{'failed':>8}{'total':>7}"]
    for step, count in summary.counts.items():
        total = count["made"] + count["kept"]
        lines.append(f"{step:8}{count['made']:7}{count['kept']:7}{count['failed']:8}{total:7}")
    for genre, found in sorted(summary.found.items()):
        lines.append(f"{genre}: {found} of the {SEQUENCES.get(genre, found)} clips of AIST++")
    _listed(lines, "skipped", [f"{row['name']}: {row['reason']}" for row in summary.skipped])
    lines += _by_kind(summary.warnings)
    _listed(
        lines,
        "failed",
        [f"{row['name']} ({row['step']}): {row['reason']}" for row in summary.failed],
    )
    return "\n".join(lines)


def _by_kind(warnings: list[str]) -> list[str]:
    """Warnings that differ in their figures only, as one line with an example."""
    kinds: dict[str, list[str]] = {}
    for text in warnings:
        kinds.setdefault(re.sub(r"[\d.]+", "#", text.partition(": ")[2]), []).append(text)
    if not kinds:
        return []
    head = f"warnings: {len(warnings)}, all in {manifest.MANIFEST}; of each kind the first:"
    return [head, *(f"  {len(texts):5} x  {texts[0]}" for texts in kinds.values())]


def _listed(lines: list[str], title: str, rows: list[Any], most: int = 40) -> None:
    if rows:
        lines += [f"{title}: {len(rows)}", *(f"  {row}" for row in rows[:most])]
        if len(rows) > most:
            lines.append(f"  and {len(rows) - most} more; all are in {manifest.MANIFEST}")
