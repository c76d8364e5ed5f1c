"""BVH and npz: what goes out comes back, and what is broken is refused by name."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.data.bvh.retarget import retarget_bvh
from audio2pose_core.errors import MotionError, OptionError, OutputError
from audio2pose_core.formats import load_bvh, load_motion, load_npz, save_bvh, save_motion, save_npz
from audio2pose_core.formats.bvh import parse_bvh
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import NUM_JOINTS

TENTH_OF_MM = 1e-4


@pytest.fixture
def motion() -> Motion:
    """Any rotation at all, poles included, 50 fps."""
    rng = np.random.default_rng(4)
    quats = rot.continuous(rot.normalize(rng.normal(size=(40, NUM_JOINTS, 4))))
    return Motion(50.0, rng.normal(size=(40, 3)), quats, rng.uniform(0, 1, (40, 4)))


def assert_same_dance(a: Motion, b: Motion, tolerance: float = TENTH_OF_MM) -> None:
    assert len(a) == len(b) and a.fps == pytest.approx(b.fps, rel=1e-6)
    assert np.abs(a.joint_positions() - b.joint_positions()).max() < tolerance


def test_bvh_round_trip(motion: Motion, tmp_path: Path) -> None:
    save_bvh(tmp_path / "a.bvh", motion)
    assert_same_dance(load_bvh(tmp_path / "a.bvh"), motion)


@pytest.mark.parametrize("fps", [24.0, 29.97, 30.0, 59.94, 60.0, 100.0, 120.0])
def test_bvh_keeps_the_frame_rate(motion: Motion, tmp_path: Path, fps: float) -> None:
    save_bvh(tmp_path / "a.bvh", Motion(fps, motion.root, motion.rotations))
    assert load_bvh(tmp_path / "a.bvh").fps == pytest.approx(fps, rel=1e-6)


def test_npz_round_trip_keeps_contacts(motion: Motion, tmp_path: Path) -> None:
    save_npz(tmp_path / "a.npz", motion)
    back = load_npz(tmp_path / "a.npz")
    assert_same_dance(back, motion, 1e-5)
    assert np.allclose(back.contacts, motion.contacts, atol=1e-6)
    save_npz(tmp_path / "b.npz", motion.with_contacts(None))
    assert load_npz(tmp_path / "b.npz").contacts is None


def _corpus(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "motion_open").rglob("*.bvh"))


def _round_trip(path: Path, folder: Path) -> None:
    motion = load_bvh(path)
    save_bvh(folder / "again.bvh", motion)
    assert_same_dance(load_bvh(folder / "again.bvh"), motion)


def test_bvh_round_trip_of_real_clips(shared_data: Path, tmp_path: Path) -> None:
    short = [p for p in _corpus(shared_data) if p.stat().st_size < 1_000_000]
    for path in short[:: max(1, len(short) // 12)]:
        _round_trip(path, tmp_path)


@pytest.mark.slow
def test_bvh_round_trip_of_every_second_clip(shared_data: Path, tmp_path: Path) -> None:
    paths = _corpus(shared_data)
    with (shared_data / "motion_open" / "index.csv").open(newline="") as file:
        assert len(paths) == sum(1 for _ in csv.DictReader(file))
    for path in paths[::2]:
        _round_trip(path, tmp_path)


@pytest.fixture
def bvh_text(motion: Motion, tmp_path: Path) -> str:
    save_bvh(tmp_path / "good.bvh", motion.slice(0, 3))
    return (tmp_path / "good.bvh").read_text()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_cut_bvh_is_refused(bvh_text: str, tmp_path: Path, share: float) -> None:
    path = tmp_path / "cut.bvh"
    path.write_text(bvh_text[: int(len(bvh_text) * share)].rstrip().rsplit(" ", 1)[0])
    with pytest.raises(MotionError, match=r"cut\.bvh"):
        load_bvh(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HIERARCHY", "HIERARCHIE"),
        ("JOINT left_knee", "JOINT links_knie"),
        ("Zrotation", "Wrotation"),
        ("Frames: 3", "Frames: three"),
        ("Frames: 3", "Frames: 5"),
        ("Frames: 3", "Frames: 0"),
        ("Frames: 3", "Frames: -3"),
        ("Frame Time: 0.02", "Frame Time: 0.00 "),
        ("OFFSET 0.0000 -40.5000 0.0000", "OFFSET 0.0000 -30.5000 0.0000"),
        ("OFFSET 0.0000 -40.5000 0.0000", "OFFSET 0.0000 high 0.0000"),
        ("\t}\n}\nMOTION", "\t}\nMOTION"),
        ("MOTION\n", "MOTION\nFrames: 3\n"),
    ],
)
def test_damaged_bvh_is_refused(bvh_text: str, tmp_path: Path, old: str, new: str) -> None:
    assert old in bvh_text
    path = tmp_path / "bad.bvh"
    path.write_text(bvh_text.replace(old, new))
    with pytest.raises(MotionError, match=r"bad\.bvh"):
        load_bvh(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Zrotation Xrotation", "zRotation XROTATION"),
        ("Frames: 3", "Frames : 3"),
        ("Frame Time:", "Frame time:"),
        ("HIERARCHY", "Hierarchy"),
        ("ROOT pelvis", "Root pelvis"),
        ("End Site\n", "END SITE\n"),
        ("HIERARCHY", "# made by hand\nHIERARCHY"),
    ],
)
def test_other_spellings_are_read(bvh_text: str, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "other.bvh"
    path.write_text(bvh_text)
    right = load_bvh(path)
    assert old in bvh_text
    path.write_text(bvh_text.replace(old, new))
    assert_same_dance(load_bvh(path), right)
    assert parse_bvh(path).warnings == ()


@pytest.mark.parametrize("rows", [2, 4])
def test_a_row_too_many_or_too_few_is_told(bvh_text: str, tmp_path: Path, rows: int) -> None:
    path = tmp_path / "rows.bvh"
    lines = bvh_text.rstrip().split("\n")
    path.write_text("\n".join(lines[:-1] if rows == 2 else [*lines, lines[-1]]))
    assert len(load_bvh(path)) == rows
    assert f"3 frames and has {rows}" in parse_bvh(path).warnings[0]


@pytest.mark.parametrize("end", ["\0", "\0\0\n", "\x1a", "\n# the end\n", "\n// the end"])
def test_what_comes_after_the_end_is_left_out_and_told(
    bvh_text: str, tmp_path: Path, end: str
) -> None:
    path = tmp_path / "end.bvh"
    path.write_text(bvh_text + end)
    assert len(load_bvh(path)) == 3 and "left out" in parse_bvh(path).warnings[0]


@pytest.mark.parametrize(
    ("encoding", "name", "told"),
    [
        ("utf-16", "H\u00fcfte", ""),
        ("utf-16-le", "\u5de6\u8155", ""),
        ("utf-16-be", "hand", ""),
        ("utf-8-sig", "\u5de6\u8155", ""),
        ("cp932", "\u5de6\u8155", "Shift-JIS"),
        ("cp932", "\u30bb\u30f3\u30bf\u30fc", "Shift-JIS"),
        ("latin-1", "H\u00fcfte", "Latin-1"),
        ("latin-1", "Fu\u00df", "Latin-1"),
        ("utf-8", "MOTION", ""),
        ("utf-8", "ROOT JOINT", ""),
        ("utf-8", "Frames:", ""),
    ],
)
def test_names_of_any_encoding(
    bvh_text: str, tmp_path: Path, encoding: str, name: str, told: str
) -> None:
    path = tmp_path / "names.bvh"
    path.write_bytes(bvh_text.replace("JOINT left_hand", f"JOINT {name}").encode(encoding))
    bvh = parse_bvh(path)
    assert name in [joint.name for joint in bvh.joints] and len(bvh.values) == 3
    assert told in "".join(bvh.warnings) and bool(told) == bool(bvh.warnings)


def test_a_chain_without_end_is_refused_at_once(tmp_path: Path) -> None:
    count = 20_000
    head = "".join(
        f"{'JOINT' if j else 'ROOT'} j{j}\n{{\nOFFSET 0 1 0\nCHANNELS 3 Zrotation Xrotation "
        "Yrotation\n"
        for j in range(count)
    )
    path = tmp_path / "chain.bvh"
    row = " 0" * (3 * count)
    path.write_text(
        f"HIERARCHY\n{head}{'}' * count}\nMOTION\nFrames: 20\nFrame Time: 0.05\n"
        + "\n".join([row] * 20)
    )
    began = time.monotonic()
    with pytest.raises(MotionError, match="joints"):
        retarget_bvh(path)
    assert time.monotonic() - began < 10.0


def test_numbers_that_are_none(bvh_text: str, tmp_path: Path) -> None:
    for word in ("nan", "inf", "x"):
        path = tmp_path / "bad.bvh"
        path.write_text(bvh_text.rstrip().rsplit(" ", 1)[0] + f" {word}\n")
        with pytest.raises(MotionError, match=r"bad\.bvh"):
            load_bvh(path)


@pytest.mark.parametrize("suffix", [".bvh", ".npz"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"\x00\xff" * 500, b"PK\x03\x04broken"])
def test_garbage_is_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"garbage{suffix}"
    path.write_bytes(content)
    with pytest.raises(MotionError, match="garbage"):
        load_motion(path)


def test_missing_and_unknown_files(motion: Motion, tmp_path: Path) -> None:
    for name in ("none.bvh", "none.npz", "none.fbx"):
        with pytest.raises(MotionError, match="none"):
            load_motion(tmp_path / name)
    with pytest.raises(OptionError, match="fbx"):
        save_motion(tmp_path / "a.fbx", motion)


@pytest.mark.parametrize("suffix", [".bvh", ".npz"])
def test_output_is_whole_or_not_at_all(
    motion: Motion, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"dance{suffix}"
    save_motion(path, motion)
    before = path.read_bytes()

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", fail)
    monkeypatch.setattr("numpy.savez_compressed", fail)
    with pytest.raises(OutputError, match="No space left"):
        save_motion(path, motion)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "no partial file is left"


def test_output_into_a_file_as_folder(motion: Motion, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        save_motion(tmp_path / "file" / "dance.bvh", motion)


def test_a_joint_s_long_name_does_not_fill_the_screen(tmp_path):
    path = tmp_path / "a.bvh"
    joint = "OFFSET 0 0 0\nCHANNELS 2 Xposition sideways"
    path.write_text(
        f"HIERARCHY\nROOT {'n' * 9000}\n{{\n{joint}\n}}\nMOTION\nFrames: 1\nFrame Time: 0.1\n"
    )
    with pytest.raises(MotionError, match="unknown channels: Xposition sideways") as raised:
        load_bvh(path)
    assert len(str(raised.value)) < len(str(path)) + 200
