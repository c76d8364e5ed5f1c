"""What the benchmarks share: rows, children whose time and memory are measured, the machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.errors import Audio2PoseError  # noqa: E402


class BenchError(Audio2PoseError):
    """A part that could not be measured here."""


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


def timed(work: Callable[[], Any]) -> float:
    """Wall seconds of a call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


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
