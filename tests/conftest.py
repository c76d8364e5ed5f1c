"""Shared fixtures: the optional data folder beside the checkout, the trained dancer."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
DEFAULT_MODEL = ROOT / "audio2pose_core" / "models" / "default" / "default.onnx"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """../shared/data; a test that needs it skips where it is not there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data, which is not part of the repository")
    return SHARED_DATA


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The dancer that is shipped."""
    assert DEFAULT_MODEL.is_file(), "the shipped dancer is missing from the checkout"
    return DEFAULT_MODEL


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of our own song, a wav at 120 bpm; do not change it."""
    from audio2pose_core.audio.demo_song import write_demo_song

    path = tmp_path_factory.mktemp("song") / "song.wav"
    write_demo_song(path, seconds=5.0, bpm=120.0)
    return path


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: exit status, stdout, stderr."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The text of the one error line; anything else on stderr fails the test."""
        prefix = "audio2pose: error: "
        errors = [line for line in self.err.splitlines() if "error" in line.lower()]
        assert len(errors) == 1 and errors[0].startswith(prefix), self.err
        assert "Traceback" not in self.err
        assert self.err.rstrip("\n").splitlines()[-1] == errors[0]
        return errors[0].removeprefix(prefix)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]):
    """Run ``audio2pose`` in this process: cli("beats", song, "-o", path) -> Outcome."""
    from audio2pose_core.cli import main

    def run(*words: object) -> Outcome:
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as stop:  # argparse
            status = int(stop.code or 0)
        said = capsys.readouterr()
        return Outcome(status, said.out, said.err)

    return run


_status = 0


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how it went, for the end."""
    global _status
    _status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End a process that holds Blender at once: bpy 4.5 may wait for ever for its sound thread."""
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status)
