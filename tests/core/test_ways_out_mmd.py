"""VMD read as MMD reads it, on its standard skeleton: feet where the dance has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import marching, wandering
from vmd_reader import Vmd

from audio2pose_core import rotations as rot
from audio2pose_core.formats import save_motion
from audio2pose_core.formats.mmd import UNITS
from audio2pose_core.motion import HAND_SHAPES, Motion
from audio2pose_core.skeleton import INDEX

TALL = 20.0


def stepping() -> Motion:
    """Bent and straight knees, a turning pelvis, a way over the floor."""
    motion = marching(3.0, 0.5)
    other = wandering(3.0, seed=8)
    quats = motion.rotations.copy()
    arms = [j for name, j in INDEX.items() if "shoulder" in name or "spine" in name]
    quats[:, arms] = other.rotations[:, arms]
    t = np.arange(len(motion)) / motion.fps
    quats[:, 0] = rot.from_yaw(np.sin(t))
    root = motion.root + np.stack([0.3 * t, 0 * t, 0.1 * np.sin(3 * t)], axis=1)
    return Motion(motion.fps, root, quats)


@pytest.fixture(scope="module", params=[30.0, 60.0])
def written(request, tmp_path_factory) -> tuple[Motion, Vmd]:
    path = tmp_path_factory.mktemp("vmd") / "dance.vmd"
    dance = stepping()
    report = save_motion(path, dance.resample(request.param))
    assert (report.fps, report.front, report.frames) == (30.0, "-Z", 90)
    return dance, Vmd.read(path)


def mirrored(points: np.ndarray) -> np.ndarray:
    return points * UNITS * (1, 1, -1)


def test_every_joint_is_where_the_dance_has_it(written):
    dance, file = written
    played, ours = file.play(), mirrored(dance.joint_positions())
    for mark, side in (("左", "left"), ("右", "right")):
        for name, part in (("足", "hip"), ("ひざ", "knee"), ("足首", "ankle"), ("つま先", "foot")):
            off = np.linalg.norm(played[mark + name] - ours[:, INDEX[f"{side}_{part}"]], axis=1)
            # A thigh of a straight leg points the knee forward, which moves it a little.
            assert off.max() < (2e-2 if part == "knee" else 1e-4) * TALL, mark + name
        arm = played[mark + "手首"] - played[mark + "腕"]
        wrist, shoulder = (ours[:, INDEX[f"{side}_{part}"]] for part in ("wrist", "shoulder"))
        assert np.abs(arm - (wrist - shoulder)).max() < 1e-4 * TALL


def test_feet_are_equal_with_ik_and_without(written):
    _, file = written
    played = file.play()
    for mark in "左右":
        assert np.abs(played[f"{mark}足ＩＫ"] - played[f"{mark}足首"]).max() < 1e-4 * TALL
        assert np.abs(played[f"{mark}つま先ＩＫ"] - played[f"{mark}つま先"]).max() < 1e-4 * TALL
    on = {f"{mark}{name}": True for name in ("足ＩＫ", "つま先ＩＫ") for mark in "左右"}
    assert file.ik == {0: on}


def test_knees_turn_about_their_own_axis_and_backwards_only(written):
    _, file = written
    for mark in "左右":
        quats = np.array([file.bones[f"{mark}ひざ"][f][1] for f in range(90)])
        assert np.abs(quats[:, 1:3]).max() < 1e-6
        assert (quats[:, 0] * quats[:, 3] <= 1e-6).all() and np.abs(quats[:, 0]).max() > 0.3


def test_only_the_centre_and_the_legs_ik_are_moved(written):
    _, file = written
    moved = {n for n, keys in file.bones.items() if any(np.abs(k[0]).max() for k in keys.values())}
    assert moved == {"センター", "左足ＩＫ", "右足ＩＫ"}
    assert file.model == "Audio2Pose"
    # Lines between keys: both control points of each curve lie on the diagonal.
    curves = file.bones["頭"][3][2]
    assert {(curves[i], curves[8 + i]) for i in range(4)} == {(20, 107)}
    assert {(curves[4 + i], curves[12 + i]) for i in range(4)} == {(20, 107)}


def test_fingers_by_their_standard_names(tmp_path: Path):
    dance = stepping()
    hands = np.zeros((len(dance), 2, 4))
    hands[:, 0, HAND_SHAPES.index("fist")] = 1.0
    hands[:, 1, HAND_SHAPES.index("open")] = 1.0
    save_motion(tmp_path / "dance.vmd", dance.with_hands(hands))
    file = Vmd.read(tmp_path / "dance.vmd")
    fingers = [name for name in file.bones if "指" in name]
    assert len(fingers) == 30 and {"左親指０", "右親指２", "左人指１", "右小指３"} <= set(fingers)
    played = file.play()
    for mark, low, high in (("左", 60.0, 120.0), ("右", 0.0, 15.0)):
        for finger in ("人指", "中指", "薬指", "小指"):
            one, two, three = (played[f"{mark}{finger}{digit}"] for digit in "１２３")
            a, b = rot.normalize(two - one), rot.normalize(three - two)
            degrees = np.rad2deg(np.arccos(np.clip(np.sum(a * b, axis=1), -1, 1)))
            assert low < degrees.min() and degrees.max() < high, mark + finger
    save_motion(tmp_path / "none.vmd", dance, fingers=0.0)
    assert not any("指" in name for name in Vmd.read(tmp_path / "none.vmd").bones)


def test_a_cycle_comes_round(tmp_path: Path):
    dance = marching(2.0, 0.5, fps=24.0)
    report = save_motion(tmp_path / "a.vmd", dance, loop=np.zeros(3))
    file = Vmd.read(tmp_path / "a.vmd")
    assert report.frames == 61 and report.seconds == pytest.approx(2.0)
    for name, keys in file.bones.items():
        assert np.allclose(keys[0][0], keys[60][0]) and np.allclose(keys[0][1], keys[60][1]), name
