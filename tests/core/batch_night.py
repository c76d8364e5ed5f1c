"""A batch over a stand-in for render.py that draws at once, waits, fails or dies as told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The song's text (or that of a .told beside it) says what happens; the video tells the options.
STAND_IN = """
import argparse, hashlib, io, json, os, signal, struct, sys, time, zipfile, zlib
from pathlib import Path
p = argparse.ArgumentParser()
p.add_argument("--audio", type=Path)
p.add_argument("--output", type=Path, required=True)
p.add_argument("--work", type=Path, metavar="DIR")
p.add_argument("--part", metavar="PART")
p.add_argument("--save-blend", type=Path, metavar="FILE")
p.add_argument("--style", default="auto", help="a style")
p.add_argument("--seed", type=int)
p.add_argument("--duration", type=float)
p.add_argument("--engine", choices=("workbench", "cycles"))
p.add_argument("--beats", type=Path, help="beats.json")
p.add_argument("--structure", action="store_true")
o = p.parse_args()

def note(kind, text):
    with open(__file__ + kind, "a", errors="backslashreplace") as trace:
        trace.write(text + "\\n")

def chunk(kind, data):
    crc = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + crc

def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    scrap = path.with_name(f".partial-{os.getpid()}")
    scrap.write_bytes(data)
    os.replace(scrap, path)

note(".trace", f"{o.audio.name} {o.part} {os.getpid()}")
told = Path(f"{o.audio}.told")
text = told.read_text() if told.exists() else o.audio.read_text()
count = int(text.split()[1]) if text.startswith("frames") else 10
if text == "corrupt":
    sys.exit("error: it is no song")
if text == "crash":
    raise ValueError("a bug")
if text == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
def read():
    return {"audio": hashlib.sha256(o.audio.read_bytes()).hexdigest()}

inputs, used = o.work / "inputs.json", read()
if (o.work / "motion.npz").exists() and inputs.exists():
    if json.loads(inputs.read_text()) != used:
        sys.exit(75)
else:
    put(inputs, json.dumps(used).encode())
if not (o.work / "motion.npz").exists():
    note(".danced", o.audio.name)
    motion = io.BytesIO()
    with zipfile.ZipFile(motion, "w") as file:
        file.writestr("root.npy", f"{o.style} {o.seed}")
    put(o.work / "motion.npz", motion.getvalue())
put(o.work / "dance.json", json.dumps({"first": 1, "last": count}).encode())
if o.save_blend:
    o.save_blend.write_text("scene")
place = lambda n: o.work / "frames" / f"{n:06}.png"
if o.part not in ("motion", "join"):
    first, last = map(int, o.part.split("-")) if o.part else (1, count)
    last = min(last, count)
    made = 0
    for n in range(first, last + 1):
        if not place(n).exists():
            if "slow" in text and n > (first + last) // 2:
                while not Path(__file__ + ".go").exists():
                    time.sleep(0.02)
            png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", b"0" * 13) + chunk(b"IEND", b"")
            put(place(n), png)
            note(".frames", f"{o.audio.name} {n}")
            made += 1
        print(f"frame {n - first + 1}/{last - first + 1}", flush=True)
    print(f"made {made} of the frames {first}-{last}")
    if "broken" in text and o.part == "5-8":
        sys.exit("error: it cannot be drawn")
if o.part in (None, "join") and "nothing" not in text:
    if [n for n in range(1, count + 1) if not place(n).exists()]:
        sys.exit("error: frames are missing")
    if "wait" in text:
        note(".joining", o.audio.name)
        while not Path(__file__ + ".go").exists():
            time.sleep(0.02)
    if read() != used:
        sys.exit(75)
    o.output.write_text(f"{text} {o.style} {o.seed} {o.structure} {o.beats}")
"""


class Night:
    """Songs, the stand-in, and the batch over them."""

    def __init__(self, folder: Path, cli) -> None:
        self.songs, self.output = folder / "songs", folder / "out"
        self.script = folder / "render.py"
        self.trace, self.go = folder / "render.py.trace", folder / "render.py.go"
        self.danced, self.drawn = folder / "render.py.danced", folder / "render.py.frames"
        self.script.write_text(STAND_IN)
        self._cli = cli

    def add(self, **texts: str) -> None:
        """Songs by name, a.wav: what the stand-in shall do."""
        for name, text in texts.items():
            self.write(f"{name}.wav", text)

    def write(self, name: str, text: str) -> None:
        path = self.songs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def add_long(self, name: str, frames: int, how: str = "") -> None:
        """A silent song that is so many frames long, at 30 a second."""
        path = self.songs / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(3000)
            file.writeframes(bytes(2 * 100 * frames))
        Path(f"{path}.told").write_text(f"frames {frames} {how}".strip())

    def words(self, *words: object) -> list[str]:
        fixed = ("--songs", self.songs, "--output", self.output, "--script", self.script)
        return [str(word) for word in ("render-batch", *fixed, *words)]

    def run(self, *words: object):
        return self._cli(*self.words(*words))

    def start(self, *words: object) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "audio2pose_core.cli", *self.words(*words)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            # A background job of a script has Ctrl-C switched off, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def report(self) -> dict:
        return json.loads((self.output / "report.json").read_text(encoding="utf-8"))

    def states(self) -> dict[str, str]:
        return {job["song"]: job["state"] for job in self.report()["jobs"]}

    def rendered(self) -> list[str]:
        """Songs that a render was started for, in order; forgotten then."""
        names = [line.split(" ")[0] for line in self.started()]
        self.trace.unlink(missing_ok=True)
        return names

    def started(self) -> list[str]:
        return self.trace.read_text().splitlines() if self.trace.exists() else []

    def frames(self) -> list[str]:
        """Each frame that was drawn, e.g. "a.wav 3", in order; forgotten then."""
        lines = self.drawn.read_text().splitlines() if self.drawn.exists() else []
        self.drawn.unlink(missing_ok=True)
        return lines

    def videos(self) -> set[str]:
        return {p.relative_to(self.output).as_posix() for p in self.output.rglob("*.mp4")}


def wait_for(condition, seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody waits for has ended too.
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
