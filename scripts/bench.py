"""Measure this machine: ``make bench``, or ``python scripts/bench.py [--markdown]``.

Every figure is measured in the one run that prints it: dance made per second of
work by the command line (process start included), peak memory, writing keys in
bulk against ``keyframe_insert``, and rendering with each engine.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core import __version__  # noqa: E402
from audio2pose_core.audio.demo_song import write_demo_song  # noqa: E402
from audio2pose_core.errors import Audio2PoseError  # noqa: E402
from audio2pose_core.files import write_text  # noqa: E402
from audio2pose_core.formats import save_motion  # noqa: E402
from audio2pose_core.motion import Motion, rest_motion  # noqa: E402

BENCHMARKS = ROOT / "docs" / "BENCHMARKS.md"
SIZE = "640x360"
# Engine and the two frame counts whose difference is the price of a frame,
# so that neither process start nor shader compilation counts.
ENGINES = {"workbench": (5, 45), "eevee": (2, 6), "cycles": (2, 8)}


class BenchError(Audio2PoseError):
    """A part that could not be measured here."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Run:
    """One finished child process: wall seconds, peak resident memory in MiB, stdout."""

    seconds: float
    peak_mib: float
    out: str


def run_child(words: Sequence[str | os.PathLike[str]], folder: Path) -> Run:
    """Run a Python child to its end; raises BenchError with its last line if it fails."""
    out, err = folder / "stdout", folder / "stderr"
    started = time.perf_counter()
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        child = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        # wait4 tells the peak of this child alone, RUSAGE_CHILDREN that of all so far.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if child.returncode:
        said = err.read_text(errors="replace").strip().splitlines() or ["no message"]
        raise BenchError(f"{Path(words[0]).name}: {said[-1]}")
    scale = 1024 if sys.platform == "darwin" else 1  # bytes there, kilobytes elsewhere
    return Run(seconds, usage.ru_maxrss / scale / 1024, out.read_text())


def measure_generate(folder: Path, seconds: float, runs: int) -> Iterator[Row]:
    """The command line on a song of our own: the whole program, several times."""
    song = folder / "bench.wav"
    write_demo_song(song, seconds=seconds)
    words = ["-m", "audio2pose_core.cli", "generate", str(song), "--json", "--quiet"]
    results = [run_child([*words, "-o", str(folder / "bench.bvh")], folder) for _ in range(runs)]
    middle = sorted(results, key=lambda r: r.seconds)[len(results) // 2]
    report = json.loads(middle.out)
    walls = ", ".join(f"{r.seconds:.2f}" for r in results)
    yield Row(
        "dance per second of work",
        f"{report['seconds'] / middle.seconds:.1f} s",
        f"{report['seconds']:.0f} s song to .bvh, process start included; all runs: {walls} s",
    )
    timings = dict(report["timings"])
    total = timings.pop("total")
    yield Row("- process start and end", f"{middle.seconds - total:.2f} s")
    for stage, spent in timings.items():
        yield Row(f"- {stage}", f"{spent:.2f} s")
    yield Row("peak memory", f"{max(r.peak_mib for r in results):.0f} MiB", "audio2pose generate")


def a_minute_of_dance() -> Motion:
    """Every bone and the root in motion for 60 s at 30 fps."""
    import numpy as np

    from audio2pose_core import rotations as rot

    motion = rest_motion(1800, 30.0)
    t = np.arange(1800)[:, None] / 30.0
    angles = 0.5 * np.sin(2 * np.pi * t + np.arange(24))
    quats = rot.from_axis_angle(angles[..., None] * np.array([0.6, 0.0, 0.8]))
    root = motion.root + 0.1 * np.sin(t * np.array([1.0, 2.0, 3.0]))
    return Motion(30.0, root, quats)


def measure_keys(folder: Path, runs: int) -> Iterator[Row]:
    """Keys of a minute of dance, in bulk and one by one."""
    try:
        from blender_addon import keyframes, rigs
    except ImportError as error:
        raise BenchError(f"keys: {error}; install the blender extra") from error
    from audio2pose_core.skeleton import JOINTS

    motion = a_minute_of_dance()
    armature = rigs.create_armature("Bench")

    def bulk() -> None:
        keyframes.write_motion(
            armature, motion, frame_start=1, scene_fps=30.0, action_name="Bulk"
        )

    bulk_times = [_timed(bulk) for _ in range(runs)]
    other: Any = rigs.create_armature("One by one")
    bones = [other.pose.bones[name] for name in JOINTS]
    for bone in bones:
        bone.rotation_mode = "QUATERNION"

    def one_by_one() -> None:
        for frame in range(len(motion)):
            bones[0].location = motion.root[frame]
            bones[0].keyframe_insert("location", frame=frame + 1)
            for bone, quat in zip(bones, motion.rotations[frame], strict=True):
                bone.rotation_quaternion = quat
                bone.keyframe_insert("rotation_quaternion", frame=frame + 1)

    slow, fast = _timed(one_by_one), statistics.median(bulk_times)
    keys = len(motion) * (24 * 4 + 3)
    yield Row("keys, written in bulk", f"{fast:.3f} s", f"{keys} keys: 60 s of dance, 24 bones")
    yield Row("keys, keyframe_insert", f"{slow:.2f} s", "the same keys")
    yield Row("bulk is faster by", f"{slow / fast:.0f} x")


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_render(folder: Path, engine: str) -> Iterator[Row]:
    """Seconds a frame: the difference of two runs over the difference of their frames."""
    song, dance = folder / "render.wav", folder / "render.npz"
    write_demo_song(song, seconds=8.0)
    save_motion(dance, a_minute_of_dance().slice(0, 240))
    few, many = ENGINES[engine]
    seconds = {}
    for frames in (few, many):
        video = folder / f"{engine}.mp4"
        words = ["scripts/render.py", "--audio", str(song), "--motion", str(dance)]
        words += ["--output", str(video), "--engine", engine, "--resolution", SIZE]
        words += ["--frames", f"1-{frames}"]
        seconds[frames] = run_child(words, folder).seconds
    price = (seconds[many] - seconds[few]) / (many - few)
    start = seconds[few] - few * price
    yield Row(
        f"render, {engine}",
        f"{price:.2f} s a frame",
        f"{SIZE}, no GPU; {start:.0f} s more once for Blender, the stage and the shaders",
    )


def cpu_name() -> str:
    """The processor in its maker's words."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    except OSError:
        pass
    return platform.processor() or platform.machine()


def limit_cores(cores: int) -> int:
    """Hold this process and its children to so many cores; returns how many there are."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    mine = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, mine)
    return len(mine)


def as_text(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    widths = [max(len(getattr(row, c)) for row in rows) for c in ("what", "value")]
    return "\n".join(
        f"{row.what:<{widths[0]}}  {row.value:>{widths[1]}}  {row.note}".rstrip() for row in rows
    )


def as_markdown(rows: Sequence[Row], machine: str) -> str:
    """The table for docs/BENCHMARKS.md."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.date.today():%Y-%m-%d}; do not edit. {machine}",
        "",
        "| what | measured | how |",
        "|---|---:|---|",
    ]
    lines += [f"| {row.what} | {row.value} | {row.note} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--markdown", nargs="?", type=Path, const=BENCHMARKS, help="also write docs/BENCHMARKS.md"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the song")
    parser.add_argument("--runs", type=int, default=3, help="the middle one counts")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument(
        "--parts", nargs="+", default=["generate", "keys", *ENGINES],
        choices=["generate", "keys", *ENGINES],
    )  # fmt: skip
    options = parser.parse_args()
    cores = limit_cores(options.cores)
    machine = (
        f"{cores} cores of {cpu_name()}, {platform.system()} {platform.machine()}, no GPU used, "
        f"Python {platform.python_version()}, Audio2Pose {__version__}."
    )
    print(machine, file=sys.stderr)
    rows: list[Row] = []
    failed = 0
    with tempfile.TemporaryDirectory(prefix="audio2pose-bench-") as name:
        folder = Path(name)
        for part in options.parts:
            print(f"measuring: {part}", file=sys.stderr)
            try:
                if part == "generate":
                    rows += measure_generate(folder, options.seconds, options.runs)
                elif part == "keys":
                    rows += measure_keys(folder, options.runs)
                else:
                    rows += measure_render(folder, part)
            except Audio2PoseError as error:
                failed += 1
                print(f"bench: error: {error}", file=sys.stderr)
    if not rows:
        return 1
    print(as_text(rows))
    if options.markdown and not failed:
        write_text(options.markdown, as_markdown(rows, machine))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
