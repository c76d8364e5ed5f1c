"""JSON, arrays and index.csv of others: what is wrong is one line, found before memory is asked."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.array_file import is_whole_zip, read_npy, read_npz
from audio2pose_core.data.bvh.index_file import read_index
from audio2pose_core.data.training.clip import Clip, load_pack, save_pack
from audio2pose_core.errors import DataError, MotionError
from audio2pose_core.formats import load_motion, save_motion
from audio2pose_core.json_file import DEEPEST, read_json
from audio2pose_core.motion import rest_motion

# --- JSON ---


def test_json_of_any_depth_ends_in_one_line(tmp_path):
    path = tmp_path / "record.json"
    path.write_text("[" * DEEPEST + "]" * DEEPEST)
    read_json(path)
    for depth in (DEEPEST + 1, 900, 10_000, 200_000):
        path.write_text('{"a":' * depth + "1" + "}" * depth)
        with pytest.raises(DataError, match="nested too deep"):
            read_json(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b'{"a": ' + b"1" * 9000 + b"}", "no JSON"),
        (b'"' + b"x" * 2000 + b'"', "larger than"),
    ],
)
def test_what_is_no_json_is_one_line(tmp_path, data, said):
    path = tmp_path / "record.json"
    path.write_bytes(data)
    with pytest.raises(DataError, match=said) as caught:
        read_json(path, largest=1000 if said == "larger than" else 10**6)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_pipes_and_devices_are_refused_unopened(tmp_path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        for read in (read_json, read_npy, lambda p: read_npz(p, ["a"])):
            with pytest.raises(DataError):
                read(path)
        assert not is_whole_zip(path)


# --- arrays ---


def member(header: str, body: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode("latin-1")
    text += b" " * (-(10 + len(text) + 1) % 64) + b"\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + body


def header(shape: str, kind: str = "<f4") -> str:
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    "data",
    [
        member(header("(1000000000, 100)")),
        member(header("()", "<U900000000")),
        member(header("(10,)"), bytes(39)),
        member(header("(10,)"), bytes(41)),
        member(header("(-1,)"), bytes(4)),
        member(header("(1,)", "|O"), bytes(8)),
        member(header("(1,)", "<M8[s]"), bytes(8)),
        member("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", bytes(4)),
        member("(" * 3000),
        member("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", bytes(4)),
        member('\\\n"""'),
        member(header("(1,)"), bytes(4), b"\x03\x00"),
        b"\x93NUMPY",
        b"",
    ],
)
def test_arrays_are_judged_by_their_header(tmp_path, data):
    packed, bare = tmp_path / "a.npz", tmp_path / "a.npy"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.npy", data)
    bare.write_bytes(data)
    tracemalloc.start()
    for read in (lambda: read_npz(packed, ["a"]), lambda: read_npy(bare)):
        with pytest.raises(DataError) as caught:
            read()
        assert "\n" not in str(caught.value)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2e6


def test_a_bomb_is_refused_and_other_members_are_not_looked_at(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.zeros(10_000_000), b=np.arange(3.0))
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match="more than"):
        read_npz(path, ["a"], most=10**6)
    assert read_npz(path, ["b"], most=10**6).numbers("b", 1).tolist() == [0, 1, 2]


def test_every_flipped_byte_of_a_motion_is_found_or_harmless(tmp_path):
    path = tmp_path / "a.npz"
    save_motion(path, rest_motion(5, 30.0))
    whole = path.read_bytes()
    real = load_motion(path)
    for k in range(0, len(whole), 7):
        path.write_bytes(whole[:k] + bytes([whole[k] ^ 0x55]) + whole[k + 1 :])
        try:
            read = load_motion(path)
        except MotionError:
            continue
        # Dates, attributes and the like of the zip; contacts need not be there.
        assert np.array_equal(read.rotations, real.rotations), k


def saved(path: Path, **change: object) -> Path:
    save_motion(path, rest_motion(4, 30.0))
    with np.load(path) as data:
        arrays = {name: data[name] for name in data.files}
    np.savez_compressed(path, **(arrays | change))
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rotations": np.zeros((4, 24, 4))}, "length 0"),
        ({"rotations": np.full((4, 24, 4), 3.0)}, "length 6"),
        ({"rotations": np.full((4, 24, 4), np.nan)}, "not finite"),
        ({"rotations": np.ones((4, 24, 4), complex)}, "neither numbers"),
        ({"root": np.full((4, 3), 1e9)}, "metres"),
        ({"root": np.zeros((3, 3))}, "root"),
        ({"fps": np.array(0.0)}, "fps"),
        ({"fps": np.array([30.0, 30.0])}, "fps"),
        ({"format": np.array("1")}, "format"),
        ({"joints": np.arange(24)}, "joints"),
        ({"contacts": np.zeros((4, 5))}, "contacts"),
    ],
)
def test_a_motion_that_is_none_is_told(tmp_path, change, said):
    path = saved(tmp_path / "a.npz", **change)
    with pytest.raises(MotionError, match=said) as caught:
        load_motion(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"frames": np.array([4, 7])},
        {"frames": np.array([-4, 12])},
        {"frames": np.array([2**62, 2**62])},
        {"frames": np.array([4.0, 4.0])},
        {"names": np.array(["a"])},
        {"styles": np.array([1, 2])},
        {"beats": np.array([1.0, 0.5, 0.2, 0.1])},
        {"beat_counts": np.array([9, 9])},
        {"rotations": np.zeros((8, 24, 4), np.float16)},
        {"fps": np.array([0.0, -1.0])},
    ],
)
def test_a_pack_that_is_none_is_told(tmp_path, change):
    path = tmp_path / "pack.npz"
    clips = [
        Clip(name, "s", "salsa", "train", rest_motion(4, 30.0), np.array([0.0, 0.1]))
        for name in "ab"
    ]
    save_pack(path, clips)
    assert len(load_pack(path)) == 2
    with np.load(path) as data:
        arrays = {name: data[name] for name in data.files}
    np.savez_compressed(path, **(arrays | change))
    with pytest.raises(DataError) as caught:
        load_pack(path)
    assert str(path) in str(caught.value)


# --- index.csv ---

HEAD = "file,source,style_guess,known_bpm,first_beat_s\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a.bvh,s,x,1e12,0", "known_bpm 1e12"),
        ("a.bvh,s,x,nan,0", "known_bpm nan"),
        ("a.bvh,s,x,fast,0", "'fast' is no number"),
        ("a.bvh,s,x,-120,0", "known_bpm -120"),
        ("a.bvh,s,x,120,-1e300", "first_beat_s"),
        ("a.bvh,s,x,120", "first_beat_s"),
        ("../a.bvh,s,x,,", "below the folder"),
        ("b/../../a.bvh,s,x,,", "below the folder"),
        ("/dev/zero,s,x,,", "below the folder"),
        ("C:\\a.bvh,s,x,,", "below the folder"),
        ("C:/a.bvh,s,x,,", "below the folder"),
        (",s,x,,", "below the folder"),
        ("index.csv,s,x,,", "no .bvh"),
        ("good.bvh,s,x,,", "already"),
        ("a.bvh,s,x,,,,,", "more fields"),
        ("a\0.bvh,s,x,,", "a\\.bvh|readable|NUL|not a table"),
        (f"{'a' * 600}.bvh,s,x,,", "readable"),
    ],
)
def test_a_row_that_cannot_be_is_told_by_its_number(tmp_path, row, said):
    index = tmp_path / "index.csv"
    index.write_text(f"{HEAD}good.bvh,s,x,120,0\n{row}\n")
    with pytest.raises(DataError, match=said) as caught:
        read_index(tmp_path)
    assert "row 3" in str(caught.value) or "not a table" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no column"), ("file,source\n", "no column"), (HEAD + '"a.bvh,s', "not a table")],
)
def test_an_index_that_is_none_is_told(tmp_path, text, said):
    (tmp_path / "index.csv").write_text(text)
    with pytest.raises(DataError, match=said):
        read_index(tmp_path)


def test_an_index_with_a_mark_of_utf8_and_more_columns_is_read(tmp_path):
    head = f"notes,{HEAD}"
    (tmp_path / "index.csv").write_text(f"\ufeff{head}hi,one/a.bvh,s,x,90.5,0.25\n", "utf-8")
    (row,) = read_index(tmp_path)
    assert (row.file, row.known_bpm, row.first_beat_s) == ("one/a.bvh", 90.5, 0.25)
    assert np.allclose(row.beats(1.0), [0.25, 0.25 + 60 / 90.5])
