"""A night without processes: renders that go a step at each look, on a clock of our own, and all
that may befall them, drawn from a seed.

The stand-in renders as ``audio2pose render --work`` does: it notes what it reads, keeps motion and
frames, and joins them. Its video tells which bytes were danced to and which are heard.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audio2pose_core.batch import inputs, resume_state
from audio2pose_core.batch.inputs import InputChanged
from audio2pose_core.batch.job import Job
from audio2pose_core.batch.report import BatchProgress, report, table
from audio2pose_core.batch.runner import Batch
from audio2pose_core.batch.songs import find_songs
from audio2pose_core.files import frame_path, is_whole_png, write_text

FRAMES = 4
BAD = b"no song"


class Killed(BaseException):
    """kill -9 of the batch: nothing of it runs any more."""


class Clock:
    """Seconds that pass when somebody waits, and jump when the machine sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"0" * 13) + chunk(b"IEND", b"")


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class SimulatedRun:
    """One part of a render; ``code()`` lets it go one step further."""

    def __init__(self, night: SimulatedNight, words: list[str], log: Path) -> None:
        options = dict(zip(words[::2], words[1::2], strict=False))
        self.audio, self.output = Path(options["--audio"]), Path(options["--output"])
        self.work, self.part = Path(options["--work"]), options.get("--part")
        self.log, self.night = log, night
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"{words}\n")
        self._steps: Iterator[None] = self._render()
        self._code: int | None = None

    def code(self) -> int | None:
        if self._code is None:
            self.night.befall()
            try:
                if self.night.chance(0.01):
                    self._code = 137
                elif self.night.chance(0.01):
                    raise OSError(28, "No space left on device")
                else:
                    next(self._steps)
            except StopIteration as end:
                self._code = end.value
            except OSError as error:
                self._say(f"error: cannot write: {error.strerror}")
                self._code = 2
        return self._code

    def _say(self, text: str) -> None:
        with self.log.open("a") as stream:
            stream.write(text + "\n")

    def _render(self) -> Any:
        read = {inputs.AUDIO: _sha(self.audio)}
        motion = self.work / "motion.npz"
        before = inputs.noted(self.work)
        if before is not None and motion.exists():
            if before != read:
                return InputChanged.exit_code
        else:
            inputs.note(self.work, read)
        yield
        if self.audio.read_bytes() == BAD:
            self._say("error: it is no song")
            return 2
        if not motion.exists():
            self.night.danced[self.audio.name] += 1
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as file:
                file.writestr("root.npy", _sha(self.audio))
            motion.write_bytes(data.getvalue())
            yield
        if _sha(self.audio) != read[inputs.AUDIO]:
            motion.unlink()
            return InputChanged.exit_code
        write_text(self.work / "dance.json", json.dumps({"first": 1, "last": FRAMES}))
        frames = self.work / "frames"
        frames.mkdir(exist_ok=True)
        wanted = range(1, FRAMES + 1)
        if self.part not in (None, "motion", "join"):
            first, last = map(int, self.part.split("-"))
            wanted = range(first, min(last, FRAMES) + 1)
        if self.part not in ("motion", "join"):
            for n in wanted:
                if not is_whole_png(frame_path(frames, n)):
                    frame_path(frames, n).write_bytes(_png())
                    self._say(f"frame {n}/{FRAMES}")
                    yield
        if self.part in (None, "join"):
            with zipfile.ZipFile(motion) as file:
                danced = file.read("root.npy").decode()
            heard = _sha(self.audio)
            yield
            self.output.write_text(f"{danced} {heard}")
        yield
        return 0 if _sha(self.audio) == read[inputs.AUDIO] else InputChanged.exit_code

    def stop(self) -> None:
        self._code = 143 if self._code is None else self._code

    def wait(self) -> None:
        pass

    def seconds(self) -> float:
        return 1.0


class SimulatedNight:
    """Songs, an output folder, and nights over them; ``trouble`` is how much goes wrong."""

    def __init__(self, folder: Path, songs: int, bad: int, seed: int) -> None:
        self.songs, self.output = folder / "songs", folder / "out"
        self.draw, self.clock = random.Random(seed), Clock()
        self.danced: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.trouble, self.killing = 0.0, False
        self.started = 0
        self.runs: list[SimulatedRun] = []
        self.songs.mkdir()
        for k in range(songs):
            (self.songs / f"{k:03}.wav").write_bytes(BAD if k < bad else f"song {k}".encode())
        self.good = sorted(self.songs.iterdir())[bad:]
        self.bad = {path.name for path in sorted(self.songs.iterdir())[:bad]}

    # --- executor.Executor ---

    def count(self) -> int:
        return 3

    def start(self, words: list[str], log: Path) -> SimulatedRun:
        self.started += 1
        self.runs.append(SimulatedRun(self, words, log))
        return self.runs[-1]

    # --- what happens ---

    def chance(self, share: float) -> bool:
        return self.draw.random() < share * self.trouble

    def befall(self) -> None:
        """Something may happen at this instant."""
        if self.chance(0.02):
            self.happened["clock"] += 1
            self.clock.now += self.draw.choice((3600.0, 86_400.0, 1e7))
        if self.chance(0.02):
            self.happened["song"] += 1
            # Every other time one that is just being rendered: that is where it hurts.
            busy = [run.audio for run in self.runs[-3:] if run.audio.name not in self.bad]
            song = self.draw.choice(busy or self.good if self.draw.random() < 0.5 else self.good)
            scrap = self.output / ".new"
            scrap.write_bytes(f"song {self.draw.randrange(400)}".encode())
            os.replace(scrap, song)
        if self.chance(0.02):
            self.damage()
        if self.killing and self.chance(0.004):
            self.happened["kill"] += 1
            raise Killed

    def damage(self) -> None:
        """A file of the batch's own goes bad; its time says anything."""
        memory = self.output / resume_state.FOLDER
        found = sorted(path for path in memory.rglob("*") if path.is_file())
        if not found:
            return
        path, self.happened["damage"] = self.draw.choice(found), self.happened["damage"] + 1
        data = path.read_bytes()
        at = self.draw.randrange(len(data) + 1)
        flipped = data[:at] + b"\xff" + data[at + 1 :]
        damages = (data[:at], flipped, b"[" * 10_000, b"", bytes(len(data)))
        path.write_bytes(self.draw.choice(damages))
        os.utime(path, (self.draw.choice((0, 2**33)),) * 2)

    # --- nights ---

    def run(self, *, trouble: float = 0.0, killing: bool = False) -> list[Job]:
        """One night; raises Killed where the batch was killed."""
        self.trouble, self.killing, self.started = trouble, killing, 0
        self.output.mkdir(exist_ok=True)
        jobs = [Job(song, {}) for song in find_songs(self.songs).songs]
        with open(os.devnull, "w") as nowhere:
            progress = BatchProgress(jobs, stream=nowhere)
            batch = Batch(
                jobs, self, self.output, version="1", chunk=self.draw.choice((None, 1, 2)),
                on_change=progress, clock=self.clock, sleep=self.clock.sleep,
            )  # fmt: skip
            if killing:
                # Nothing of a killed process is tidied up.
                batch._stop = lambda: None  # type: ignore[method-assign]
            batch.run()
        assert len(table(jobs).splitlines()) == len(jobs) + 2
        return jobs

    def check_videos(self) -> None:
        """No video has one song's dance and another's sound, or another's record."""
        for video in self.output.glob("*.mp4"):
            danced, heard = video.read_text().split()
            assert danced == heard, video
            record = self.output / resume_state.FOLDER / "records"
            try:
                key = resume_state.key_of(Path(video.stem))
                kept = json.loads((record / f"{key}.json").read_text())
                sources, outputs = kept["sources"]["song"], kept["outputs"]
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue  # damaged: it will be made again
            if outputs == {video.name: inputs.file_sha256(video)}:
                assert sources == heard, video

    def report(self, jobs: list[Job]) -> dict[str, Any]:
        from datetime import UTC, datetime

        return report(jobs, self.output, started=datetime.now(UTC), seconds=1.0, workers=3)
