"""Folders of strangers' BVH files become clips on our skeleton."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import soundfile
from bvh_families import FAMILIES, a_pose, dance, write_family

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import load_beats
from audio2pose_core.cli import main
from audio2pose_core.data.ballroom import read_ballroom
from audio2pose_core.data.bvh import dataset
from audio2pose_core.data.bvh.retarget import retarget_bvh
from audio2pose_core.errors import Audio2PoseError, MotionError
from audio2pose_core.formats import load_motion
from audio2pose_core.metrics.pulse import pulse_of_motion
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX, JOINTS

SHARED = Path(__file__).resolve().parents[3] / "shared/data"
Z_UP = rot.from_axis_angle(np.array([np.pi / 2, 0.0, 0.0]))
WAYS = {"plain": {}, "a_pose": {"rest": a_pose()}, "z_up": {"axes": Z_UP, "scale": 1.0}}


def shape_error(a: Motion, b: Motion) -> float:
    """Largest distance of joints in metres, places in the world aside."""
    between = a.joint_positions() - b.joint_positions()
    return float(np.linalg.norm(between - between.mean(axis=(0, 1)), axis=-1).max())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_comes_back(tmp_path, family, way):
    motion = dance(45)
    write_family(tmp_path / "a.bvh", motion, FAMILIES[family], **WAYS[way])
    made = retarget_bvh(tmp_path / "a.bvh")
    assert made.family == family
    assert (made.up, made.unit) == (("Z", "m") if way == "z_up" else ("Y", "cm"))
    assert shape_error(made.motion, motion) < 1e-3


def feet_out() -> np.ndarray:
    """An A-pose whose feet point outwards, as most characters stand."""
    rest = a_pose()
    for side, sign in (("left", 1.0), ("right", -1.0)):
        turn = rot.from_axis_angle(np.array([0.0, sign * np.deg2rad(20.0), 0.0]))
        rest[[INDEX[f"{side}_ankle"], INDEX[f"{side}_foot"]]] = turn
    return rest


@pytest.mark.parametrize("family", ["mixamo", "shape"])
def test_feet_that_point_outwards_at_rest_point_as_they_are_danced(tmp_path, family):
    """In version 0.1 the toes were 4 cm off."""
    motion = dance(45)
    write_family(tmp_path / "a.bvh", motion, FAMILIES[family], rest=feet_out())
    made = retarget_bvh(tmp_path / "a.bvh")
    assert made.method == "rotations" and shape_error(made.motion, motion) < 1e-3


def test_unknown_names_and_a_rest_pose_that_is_none(tmp_path):
    """Only bone lengths and the motion itself tell which joint is which."""
    motion = dance(45)
    rest = np.tile(rot.IDENTITY, (len(JOINTS), 1))
    for side in ("left", "right"):
        for part in ("hip", "knee", "ankle"):
            rest[INDEX[f"{side}_{part}"]] = rot.from_axis_angle(np.array([np.pi, 0.0, 0.0]))
    write_family(tmp_path / "a.bvh", motion, FAMILIES["shape"], rest=rest)
    made = retarget_bvh(tmp_path / "a.bvh")
    assert (made.family, made.method) == ("shape", "places")
    assert shape_error(made.motion, motion) < 0.05


def test_two_joints_of_one_name_are_two(tmp_path):
    names = {**FAMILIES["mixamo"], "left_hand": "End", "right_hand": "End"}
    motion = dance(45)
    write_family(tmp_path / "a.bvh", motion, names)
    assert shape_error(retarget_bvh(tmp_path / "a.bvh").motion, motion) < 1e-3


def test_exchanged_sides_are_seen(tmp_path):
    swapped = {
        n: FAMILIES["mixamo"][
            n.replace("left", "right") if "left" in n else n.replace("right", "left")
        ]
        for n in JOINTS
    }
    motion = dance(45)
    write_family(tmp_path / "a.bvh", motion, swapped)
    made = retarget_bvh(tmp_path / "a.bvh")
    assert any("wrong way round" in text for text in made.warnings)
    assert shape_error(made.motion, motion) < 1e-3


def test_a_rest_pose_that_is_none_is_not_believed(tmp_path):
    # Every bone's rest laid along the same axis, as some exporters write it.
    motion = dance(45)
    rest = np.tile(rot.from_axis_angle(np.array([0.0, 0.0, 0.0])), (len(JOINTS), 1))
    for side in ("left", "right"):
        for part in ("hip", "knee", "ankle"):
            rest[INDEX[f"{side}_{part}"]] = rot.from_axis_angle(np.array([np.pi, 0.0, 0.0]))
    write_family(tmp_path / "a.bvh", motion, FAMILIES["unreal"], rest=rest)
    made = retarget_bvh(tmp_path / "a.bvh")
    assert made.method == "places"
    between = made.motion.joint_positions() - motion.joint_positions()
    assert np.linalg.norm(between - between.mean(axis=(0, 1)), axis=-1).mean() < 0.06


def test_floor_is_found(tmp_path):
    motion = dance(45)
    lifted = Motion(motion.fps, motion.root + [0.0, 3.0, 0.0], motion.rotations)
    write_family(tmp_path / "a.bvh", lifted, FAMILIES["smpl"])
    assert abs(retarget_bvh(tmp_path / "a.bvh").motion.joint_positions()[..., 1].min()) < 0.06


def test_a_beating_dance_has_its_pulse():
    t = np.arange(600) / 30.0
    quats = rest_motion(600, 30.0).rotations.copy()
    # Speed falls to zero every half second.
    swing = np.cumsum(np.sin(2 * np.pi * t) ** 2 * np.sign(np.sin(np.pi * t))) / 12
    quats[:, INDEX["left_shoulder"]] = rot.from_axis_angle(swing[:, None] * np.array([0, 0, 1.0]))
    beats = pulse_of_motion(Motion(30.0, np.zeros((600, 3)), quats))
    assert beats.tempo_bpm == pytest.approx(120.0, rel=0.03) and beats.confidence > 0.5
    off = np.abs((beats.times + 0.25) % 0.5 - 0.25)
    assert np.median(off) < 0.06
    assert pulse_of_motion(rest_motion(90, 30.0)).confidence == 0.0


def test_a_folder_with_music_and_a_broken_file(tmp_path, capsys, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in ("one", "two"):
        write_family(tmp_path / f"in/{name}.bvh", dance(75), FAMILIES["mixamo"])
    (tmp_path / "in/broken.bvh").write_text("HIERARCHY ROOT x {", encoding="utf-8")
    (tmp_path / "songs").mkdir()
    clicks = np.zeros(22050 * 4)
    clicks[::11025] = 1.0
    soundfile.write(tmp_path / "songs/One.wav", clicks, 22050)
    arguments = ["preprocess", "bvh", "--bvh_dir", str(tmp_path / "in"), "--quiet"]
    arguments += ["--audio_dir", str(tmp_path / "songs"), "--output_dir", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert "broken left out" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    rows = {row["name"]: row for row in manifest["clips"]}
    assert set(rows) == {"one", "two"} and len(manifest["failed"]) == 1
    assert rows["one"]["song"] == "One" and rows["two"]["song"] is None
    assert rows["two"]["tracker"] in ("motion-rayleigh-1", "even-grid")
    assert len(load_motion(tmp_path / "out/motions/one.npz")) == 75
    # A second run keeps what is whole and makes again what is not.
    kept, lost = tmp_path / "out/motions/one.npz", tmp_path / "out/motions/two.npz"
    stamp, content = kept.stat().st_mtime_ns, lost.read_bytes()
    lost.write_bytes(content[:-9])
    assert main(arguments) == 0
    assert kept.stat().st_mtime_ns == stamp and lost.read_bytes() == content
    assert json.loads((tmp_path / "out/manifest.json").read_text()) == manifest
    assert load_beats(tmp_path / "out/beats/one.json").times[-1] < 2.5
    # Another way of retargeting makes every clip again.
    monkeypatch.setattr(dataset, "METHOD", "another")
    assert main(arguments) == 0
    assert kept.stat().st_mtime_ns != stamp


def mutated(text: str, rng: random.Random) -> str:
    """A BVH with a few things cut, doubled, or put in the place of others."""
    strange = [
        "nan",
        "inf",
        "-1",
        "1e308",
        "0",
        "{",
        "}",
        "JOINT",
        "MOTION",
        "ROOT",
        "Frames:",
        "é",
    ]
    for _ in range(rng.randint(1, 4)):
        kind, words = rng.randrange(5), text.split(" ")
        if kind == 0:
            text = text[: rng.randrange(len(text) + 1)]
        elif kind == 1:
            words[rng.randrange(len(words))] = rng.choice(strange)
            text = " ".join(words)
        elif kind == 2:
            at = rng.randrange(len(words))
            text = " ".join(words[:at] + words[at + rng.randint(1, 9) :])
        elif kind == 3:
            lines = text.split("\n")
            a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[a], lines[b] = lines[b], lines[a]
            text = "\n".join(lines)
        else:
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice("0123456789.-eE {}\x00") + text[at:]
    return text


def test_a_thousand_damaged_files_end_well(tmp_path):
    rng, texts = random.Random(7), []
    for family in ("mixamo", "unreal", "shape"):
        write_family(tmp_path / "a.bvh", dance(16), FAMILIES[family])
        texts.append((tmp_path / "a.bvh").read_text())
    done = 0
    for i in range(1000):
        file = tmp_path / "m.bvh"
        file.write_text(mutated(texts[i % 3], rng), encoding="utf-8")
        try:
            made = retarget_bvh(file)
        except Audio2PoseError as error:
            assert "m.bvh" in str(error)
        else:
            done += 1
            assert np.isfinite(made.motion.joint_positions()).all()
    assert 10 < done < 990


def test_short_and_strange_files_are_named(tmp_path):
    write_family(tmp_path / "a.bvh", dance(5), FAMILIES["smpl"])
    with pytest.raises(MotionError, match=r"a\.bvh.*short"):
        retarget_bvh(tmp_path / "a.bvh")
    write_family(tmp_path / "b.bvh", dance(30), {n: f"door{i}" for i, n in enumerate(JOINTS)})
    assert retarget_bvh(tmp_path / "b.bvh").family == "shape"


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
def test_a_paired_dance_lands_on_its_music():
    folder = SHARED / "ballroom_paired/DANCE_C_8"
    paired = read_ballroom(folder)
    record = json.loads((folder / "alignment.json").read_text())
    first = record["index_of_tracked_beat_nearest_frame0"]
    heard = record["tracked_beats_in_music_ogg_s"][first]
    assert paired.music_start_s == heard and paired.genre == "cha-cha"
    assert paired.motion.seconds == pytest.approx(paired.beats.times[-1], abs=0.05)
