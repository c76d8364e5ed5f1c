"""Every kind of file that is read, mutated: it is read, or refused in one line; nothing else.

Some hundred mutations of each kind, the same ones every time; ``make fuzz`` draws thousands anew
(AUDIO2POSE_FUZZ is how many of each kind). A failure is shrunk: what is printed is as few changes
as still fail.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import resource
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from mutations import JSON, Change, apply, changes
from samples import KINDS, Kind

from audio2pose_core.errors import Audio2PoseError

FUZZ = int(os.environ.get("AUDIO2POSE_FUZZ", "0"))
USUAL = 150
LONGEST_S = 10.0
NEVER_REFUSED = ("finished", "inputs", "part")
"""Records that count as not there when they are damaged."""
MEMORY = 3 * 2**30
"""Bytes that reading may take beyond what is there."""


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Little memory more than now, and few seconds of work."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if os.name == "posix" else 0
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, before[1]))
    began = time.process_time()
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert time.process_time() - began < LONGEST_S


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads its size in /proc")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_mutated_file_is_read_or_refused_in_one_line(kind: Kind, tmp_path: Path) -> None:
    if importlib.util.find_spec(kind.needs) is None:
        pytest.skip(f"needs {kind.needs}")
    path = kind.make(tmp_path)
    good = path.read_bytes()
    kind.read(path)
    heard = {"read": 0, "refused": 0}

    @settings(
        max_examples=FUZZ or max(1, round(USUAL * kind.share)),
        deadline=None,
        derandomize=not FUZZ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(changes(3 if kind.how == JSON else 5))
    def check(wanted: list[Change]) -> None:
        path.write_bytes(apply(good, kind.how, wanted))
        with bounded(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                kind.read(path)
                heard["read"] += 1
            except Audio2PoseError as error:
                heard["refused"] += 1
                said = str(error)
                assert said.strip() and "\n" not in said and len(said) < 2000, said[:3000]

    check()
    # Where nothing is ever refused, or nothing read, the mutations reach nothing.
    assert heard["refused"] or kind.name in NEVER_REFUSED


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_file_cut_anywhere_or_of_another_kind(kind: Kind, tmp_path: Path) -> None:
    if importlib.util.find_spec(kind.needs) is None:
        pytest.skip(f"needs {kind.needs}")
    path = kind.make(tmp_path)
    good = path.read_bytes()
    others = [
        b"",
        b"\0",
        b"\0" * 5000,
        b"{}",
        b"[]",
        b"null",
        b"\x80\x04N.",
        b"PK\x05\x06" + b"\0" * 18,
    ]
    for data in [good[: round(len(good) * k / 12)] for k in range(12)] + others:
        path.write_bytes(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                kind.read(path)
        except Audio2PoseError as error:
            assert "\n" not in str(error)
