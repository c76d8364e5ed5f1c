"""Pickles from strangers: good ones are read as they are, others run nothing."""

from __future__ import annotations

import builtins
import copyreg
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.data.safe_pickle.load import load_pickle, loads
from audio2pose_core.errors import Audio2PoseError, DataError

CLIP = {
    "keypoints3d": np.arange(5 * 17 * 3, dtype=np.float32).reshape(5, 17, 3),
    "keypoints3d_optim": np.asfortranarray(np.ones((5, 17, 3))),
    "fps": 60,
    "names": ["a", ("b", None, True, 2.5, 2**70), {"c": b"raw"}],
}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("module", ["numpy.core", "numpy._core"])
def test_arrays_and_plain_containers_come_back(protocol, module):
    data = pickle.dumps(CLIP, protocol)
    ours = b"numpy.core" if b"numpy.core" in data else b"numpy._core"
    if protocol < 4:  # text up to a newline; later ones carry a length, set below
        data = data.replace(ours, module.encode())
    else:
        for tail in (b".multiarray", b".numeric"):
            old, new = ours + tail, module.encode() + tail
            data = data.replace(bytes([len(old)]) + old, bytes([len(new)]) + new)
        if len(module.encode()) != len(ours):
            data = unframed(data)
    read = loads(data, "clip")
    np.testing.assert_array_equal(read["keypoints3d"], CLIP["keypoints3d"])
    np.testing.assert_array_equal(read["keypoints3d_optim"], CLIP["keypoints3d_optim"])
    assert read["keypoints3d"].dtype == np.float32 and read["keypoints3d"].flags.writeable
    assert read["fps"] == 60 and read["names"] == CLIP["names"]


def unframed(data: bytes) -> bytes:
    """The pickle without its frame, whose length no longer fits."""
    assert data[2] == 0x95
    return data[:2] + data[11:]


def test_a_pickle_of_python_2_is_read():
    # What Python 2's cPickle wrote: byte strings for text and for an array's raw values.
    raw = np.array([1.5, -2.0], "<f4").tobytes()
    data = (
        b"\x80\x02}U\x0bkeypoints3dcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        b"K\x00\x85U\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U"
        + bytes([len(raw)])
        + raw
        + b"tbs."
    )
    np.testing.assert_array_equal(loads(data, "old")["keypoints3d"], [1.5, -2.0])


def test_other_byte_orders_become_the_machines_own():
    read = loads(pickle.dumps(np.array([1.0, 2.0], ">f8")), "x")
    assert read.dtype == np.dtype("=f8") and list(read) == [1.0, 2.0]


class Calls:
    """Pickles as a call of ``function``."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def chain(target: str) -> bytes:
    """getattr(__import__("os"), "system")(...): nothing in it names os.system."""
    return (
        b"\x80\x02cbuiltins\ngetattr\ncbuiltins\n__import__\nX\x02\x00\x00\x00os\x85R"
        b"X\x06\x00\x00\x00system\x86RX"
        + len(target).to_bytes(4, "little")
        + target.encode()
        + b"\x85R."
    )


def payloads(marker: Path) -> dict[str, bytes]:
    """Ways in which a pickle makes Python touch ``marker``."""
    touch = f"touch {marker}"
    code = f"open({str(marker)!r}, 'w').close()"
    object_array = np.empty(1, object)
    object_array[0] = Calls(os.system, touch)
    ways = {
        "os.system": Calls(os.system, touch),
        "eval": Calls(builtins.eval, code),
        "exec": Calls(builtins.exec, code),
        "subprocess": Calls(subprocess.call, ["touch", str(marker)]),
        "open": Calls(builtins.open, str(marker), "w"),
        "object array": object_array,
        "inside a good dict": {"keypoints3d": CLIP["keypoints3d"], "x": Calls(os.system, touch)},
        "copyreg": Calls(copyreg._reconstructor, Calls, object, None),
        "numpy load": Calls(np.load, str(marker)),
        "numpy fromfile": Calls(np.fromfile, str(marker)),
        "map": Calls(list, Calls(map, os.system, [touch])),
        "bytearray bomb": Calls(bytearray, 1 << 40),
    }
    out = {
        f"{name}, protocol {p}": pickle.dumps(value, p)
        for name, value in ways.items()
        for p in (2, 3, 4, 5)
    }
    line = touch.encode()
    out |= {
        "getattr chain": chain(touch),
        "protocol 0": b"cos\nsystem\n(S'" + line + b"'\ntR.",
        "protocol 0 behind 2": b"\x80\x02cos\nsystem\n(S'" + line + b"'\ntR.",
        "INST": b"\x80\x02(S'" + line + b"'\nios\nsystem\n.",
        "OBJ": b"\x80\x02(cos\nsystem\nX" + len(line).to_bytes(4, "little") + line + b"o.",
        "NEWOBJ": b"\x80\x02cposixpath\nos\n)\x81.",
        "persistent id": b"\x80\x02X\x01\x00\x00\x00aQ.",
        "extension": b"\x80\x02\x82\x01.",
        "dotted name": b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__init__\x93.",
        "state on a known name": b"\x80\x02cnumpy\nndarray\n}X\x01\x00\x00\x00aK\x01sb.",
        "codec": b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.",
        "class of array": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nmemmap\n"
        b"K\x00\x85C\x01b\x87R.",
        "records": pickle.dumps(np.zeros(2, [("a", "f4")])),
        "a known name as data": b"\x80\x02cnumpy\nndarray\n.",
    }
    return out


def test_a_malicious_pickle_runs_nothing_and_says_so(tmp_path):
    marker = tmp_path / "touched"
    for name, data in payloads(marker).items():
        with pytest.raises(DataError) as raised:
            loads(data, "evil.pkl")
        assert not marker.exists(), name
        assert "evil.pkl" in str(raised.value) and "\n" not in str(raised.value), name
    assert pickle.loads(payloads(marker)["os.system, protocol 4"]) == 0 and marker.exists(), (
        "the payloads do bite where Python's own unpickler is used"
    )


def test_reading_imports_nothing():
    before = set(sys.modules)
    with pytest.raises(DataError, match=r"turtledemo\.clock"):
        loads(b"\x80\x02cturtledemo\nclock\n.", "x")
    assert set(sys.modules) == before


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02]" + b"]q\x00" * 3 + b"h\x00ah\x00a.",  # more than one thing at the end
        b"\x80\x02]q\x00h\x00a.",  # a list in itself
        b"\x80\x02" + b"(" * 100_000 + b"l" * 100_000 + b".",
        b"\x80\x02" + b"]" * 60 + b"a" * 59 + b".",
        b"\x80\x02]r\xff\xff\xff\xff.",  # a memo of four billion places, in Python's own
        b"\x80\x02K\x01" + b"\x86q\x000h\x00h\x00" * 64 + b".",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fab.",
        b"\x80\x02}" + b")\x85\x85K\x01s.",  # a tuple as a key
        b"",
        b"\x80",
        b"<!DOCTYPE html><html>not found</html>",
    ],
)
def test_bombs_and_nonsense_are_errors_or_small(data):
    try:
        loads(data, "odd.pkl")
    except DataError as error:
        assert "odd.pkl" in str(error)


def test_a_small_pickle_that_would_fill_the_memory_is_refused():
    raw = bytes(1 << 20)
    data = b"\x80\x03(B" + len(raw).to_bytes(4, "little") + raw + b"q\x00"
    frombuffer = b"cnumpy.core.numeric\n_frombuffer\n(h\x00cnumpy\ndtype\nX\x02\x00\x00\x00f8"
    frombuffer += b"\x85RJ\x00\x00\x02\x00\x85X\x01\x00\x00\x00CtR"
    with pytest.raises(DataError, match="take more than"):
        loads(data + frombuffer * 300 + b"l.", "bomb.pkl")


def test_two_thousand_mutated_pickles_end_in_success_or_a_clear_error(tmp_path):
    rng = random.Random(3)
    seeds = [pickle.dumps(CLIP, protocol) for protocol in (2, 3, 4, 5)]
    ends = {"read": 0, "error": 0}
    for round_ in range(2000):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((1, 1, 2, 5))):
            way = rng.randrange(4)
            at = rng.randrange(min(len(data), 700))  # where the structure is, mostly
            if way == 0:
                data[at] = rng.randrange(256)
            elif way == 1:
                del data[at : at + rng.randrange(1, 9)]
            elif way == 2:
                data[at:at] = rng.randbytes(rng.randrange(1, 9))
            else:
                del data[rng.randrange(len(data)) :]
            if not data:
                break
        try:
            loads(bytes(data), f"mutant {round_}")
            ends["read"] += 1
        except Audio2PoseError as error:
            assert f"mutant {round_}" in str(error)
            ends["error"] += 1
    assert ends["read"] > 50 and ends["error"] > 500, ends


def test_unreadable_files_are_named(tmp_path):
    (tmp_path / "folder.pkl").mkdir()
    for path, words in (("folder.pkl", "is a folder"), ("missing.pkl", "not found")):
        with pytest.raises(DataError, match=words):
            load_pickle(tmp_path / path)


def test_the_sample_reads_as_pickle_reads_it(shared_data):
    for file in sorted((shared_data / "aistpp_sample").glob("*/*.pkl"))[::7]:
        expected = pickle.loads(file.read_bytes())
        read = load_pickle(file)
        assert read.keys() == expected.keys()
        for key, value in expected.items():
            np.testing.assert_array_equal(read[key], value)
            assert read[key].dtype == value.dtype
