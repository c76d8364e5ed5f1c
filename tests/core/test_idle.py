"""Training clips without the waiting before and after the dance."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.data.bvh.indexed import read_indexed_folder
from audio2pose_core.data.training.clip import Clip
from audio2pose_core.data.training.idle import MARGIN_S, trim_idle
from audio2pose_core.errors import DataError
from audio2pose_core.formats import save_bvh
from audio2pose_core.motion import Motion

FPS = 60.0


def dance(*parts: tuple[float, bool]) -> Motion:
    """Seconds of swinging arms (True) and of standing (False), one after another."""
    moving = np.concatenate([np.full(round(s * FPS), m) for s, m in parts])
    angle = np.cumsum(moving) / FPS * 2.0
    quats = np.zeros((len(moving), 24, 4))
    quats[..., 0] = 1.0
    for joint in (16, 17):
        quats[:, joint] = np.stack(
            [np.cos(angle / 2), 0 * angle, 0 * angle, np.sin(angle / 2)], axis=1
        )
    root = np.tile([0.0, 0.9, 0.0], (len(moving), 1))
    return Motion(FPS, root, quats)


def clip(motion: Motion, beats: tuple[float, ...] = ()) -> Clip:
    return Clip("a.bvh", "here", "salsa", "train", motion, np.array(beats))


def test_a_clip_begins_and_ends_with_its_dance() -> None:
    waiting = clip(dance((2, False), (3, True), (1.5, False), (3, True), (4, False)))
    cut = trim_idle(waiting)
    # The pause in the middle is part of the dance.
    assert cut.motion.seconds == pytest.approx(7.5 + 2 * MARGIN_S, abs=0.5)
    assert replace(cut, motion=waiting.motion, beats=waiting.beats) == waiting
    danced = waiting.motion.rotations[round(2.5 * FPS)]
    assert np.abs(cut.motion.rotations - danced).max(axis=(1, 2)).min() == 0


def test_beats_move_along() -> None:
    waiting = clip(dance((2, False), (4, True), (2, False)), (0.5, 2.5, 3.5, 4.5, 7.8))
    cut = trim_idle(waiting)
    start = 2.5 - cut.beats[0]
    assert np.allclose(cut.beats, np.array([2.5, 3.5, 4.5]) - start)
    # Where a beat fell on a pose, it still does.
    pose = waiting.motion.rotations[round(3.5 * FPS)]
    assert np.array_equal(cut.motion.rotations[round(cut.beats[1] * FPS)], pose)


def test_who_never_moves_and_who_never_waits_stay_whole() -> None:
    for motion in (dance((3, False)), dance((3, True))):
        assert len(trim_idle(clip(motion)).motion) == len(motion)


def test_an_indexed_folder_is_read_without_waiting(tmp_path: Path) -> None:
    save_bvh(tmp_path / "a.bvh", dance((2, False), (3, True), (2, False)))
    row = {"file": "a.bvh", "source": "here", "style_guess": "salsa: fast", "known_bpm": "120"}
    with open(tmp_path / "index.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*row, "first_beat_s"])
        writer.writeheader()
        writer.writerow(row | {"first_beat_s": "0.25"})
    (found,) = read_indexed_folder(tmp_path, {"salsa": "salsa", "s": "other"}, ["a.bvh"], [])
    assert (found.style, found.split) == ("salsa", "held_out")
    assert found.motion.seconds == pytest.approx(3 + 2 * MARGIN_S, abs=0.5)
    assert np.allclose(np.diff(found.beats), 0.5) and 0 <= found.beats[0] < 0.5
    # The dance begins 2 s in, 0.3 s of stillness stay: beats 0 to 3 lie before the cut.
    assert found.first_count in (3, 4)
    counts = found.counts()
    assert counts is not None and len(counts.phrases) == 1
    bar = np.flatnonzero(found.downbeats())[0]
    assert (found.first_count + bar) % 4 == 0 and counts.bars[0] == found.beats[bar]
    assert read_indexed_folder(tmp_path, {}, [], ["a.bvh"]) == []
    with pytest.raises(DataError, match=r"b\.bvh"):
        read_indexed_folder(tmp_path, {}, ["b.bvh"], [])
