"""Beat trackers by name: ours, librosa, and those of other projects in environments of their own.

essentia, madmom and BeatNet need other versions of numpy than we do, so each gets
a virtual environment under ~/.cache/audio2pose/trackers and is asked through
``beat_tracker_process.py``. madmom and BeatNet may not be used commercially;
they serve as yardsticks here and nothing of them goes into Audio2Pose.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.beats import track_beats  # noqa: E402
from audio2pose_core.audio.load import Audio  # noqa: E402
from audio2pose_core.audio.onset_beats import beats_from_onsets  # noqa: E402
from audio2pose_core.audio.spectrum import spectrum  # noqa: E402

Found = tuple[np.ndarray, np.ndarray | None, float | None]
"""Beats (n,) s, downbeats (m,) s or None, confidence or None."""

CACHE = Path.home() / ".cache" / "audio2pose" / "trackers"
BUILD = ("setuptools<70", "wheel", "cython<3", "numpy<1.24", "scipy<1.12")
PACKAGES: dict[str, tuple[str, ...]] = {
    "essentia": ("essentia",),
    "madmom": (*BUILD, "mido"),
    "beatnet": (*BUILD, "mido", "librosa<0.11", "torch", "matplotlib"),
}


class Missing(Exception):
    """A tracker cannot be had here; the text says why, in one line."""


def ours(audio: Audio) -> Found:
    """The network and its decoder."""
    found = track_beats(audio)
    return found.times, found.times[found.downbeats], found.confidence


def onsets(audio: Audio) -> Found:
    """What Audio2Pose had before: onsets and dynamic programming in numpy."""
    found = beats_from_onsets(spectrum(audio))
    return found.times, found.times[found.downbeats], found.confidence


def librosa_beats(audio: Audio) -> Found:
    """librosa's tracker with its defaults; it has no downbeats."""
    try:
        import librosa
    except ImportError as error:
        raise Missing(f"librosa is not installed ({error}); pip install librosa") from error
    _, times = librosa.beat.beat_track(y=audio.samples, sr=audio.sample_rate, units="time")
    return times, None, None


def tracker(name: str) -> Callable[[Audio], Found]:
    """A tracker ready to run, or Missing."""
    here = {"ours": ours, "onsets": onsets, "librosa": librosa_beats}
    return here[name] if name in here else Elsewhere(name)


NAMES = ("onsets", "ours", "librosa", *PACKAGES)


class Elsewhere:
    """A tracker in another Python, which stays alive from song to song."""

    def __init__(self, name: str) -> None:
        self.name = name
        python = _environment(name)
        script = ROOT / "scripts" / "beat_tracker_process.py"
        self._process = subprocess.Popen(
            [str(python), str(script), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        first = self._answer()
        if "error" in first:
            raise Missing(f"{name} does not start: {first['error']}")
        self.seconds = 0.0
        """CPU seconds that the last song took there."""

    def __call__(self, audio: Audio) -> Found:
        with tempfile.TemporaryDirectory() as folder:
            song = Path(folder) / "song.wav"
            with wave.open(str(song), "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(audio.sample_rate)
                samples = np.clip(audio.samples, -1, 1)
                out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
            assert self._process.stdin is not None
            print(song, file=self._process.stdin, flush=True)
            answer = self._answer()
        if "error" in answer:
            raise RuntimeError(f"{self.name} fails on {audio.name}: {answer['error']}")
        self.seconds = float(answer["seconds"])
        down = answer["downbeats"]
        return np.array(answer["beats"]), None if down is None else np.array(down), None

    def _answer(self) -> dict:
        assert self._process.stdout is not None
        for line in self._process.stdout:  # the packages print as well
            if line.startswith('{"tracker"'):
                return json.loads(line)
        return {"error": "it ended without an answer"}


def _environment(name: str) -> Path:
    """Its Python, installed at first use."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    if (folder / "complete").is_file():
        return python
    print(f"installing {name} into {folder} ...", file=sys.stderr)
    started = time.monotonic()
    _do(name, [sys.executable, "-m", "venv", "--clear", str(folder)])
    _do(name, [str(python), "-m", "pip", "install", "--quiet", *PACKAGES[name]])
    if name in ("madmom", "beatnet"):
        _install_madmom(name, python)
    if name == "beatnet":
        # Its other requirements are for the microphone.
        _do(name, [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "BeatNet"])
    (folder / "complete").write_text("")
    print(f"installed {name} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return python


def _install_madmom(name: str, python: Path) -> None:
    """madmom 0.16.1 holds C files that only fit Python up to 3.9; Cython makes them anew."""
    pip = [str(python), "-m", "pip"]
    with tempfile.TemporaryDirectory() as folder:
        _do(name, [
            *pip, "download", "--quiet", "--no-deps", "--no-binary", ":all:",
            "--no-build-isolation", "--dest", folder, "madmom==0.16.1",
        ])  # fmt: skip
        (archive,) = Path(folder).glob("madmom-*.tar.gz")
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as content:
            content.extractall(folder, filter="data")
        source = Path(folder) / "madmom-0.16.1"
        for made in source.rglob("*.c"):
            made.unlink()
        _do(name, [
            *pip, "install", "--quiet", "--no-deps", "--no-build-isolation", str(source)
        ])  # fmt: skip


def _do(name: str, command: list[str]) -> None:
    out = subprocess.run(command, capture_output=True, text=True)
    if out.returncode != 0:
        lines = [line for line in (out.stderr or out.stdout).splitlines() if "rror" in line]
        raise Missing(f"{name} cannot be installed: {(lines or ['pip said nothing'])[-1].strip()}")
