"""The command line on a song of our own: dance per second of work, its stages, its memory."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.audio.demo_song import write_demo_song
from scripts.bench_tools import run_child

SECONDS = 60.0
RUNS = 3


def rows() -> list[tuple[str, str]]:
    """The whole program, several times; the middle run counts."""
    with tempfile.TemporaryDirectory(prefix="audio2pose-bench-") as name:
        folder = Path(name)
        song = folder / "bench.wav"
        write_demo_song(song, seconds=SECONDS)
        words = ["-m", "audio2pose_core.cli", "generate", str(song), "--json", "--quiet"]
        results = [
            run_child([*words, "-o", str(folder / "bench.bvh")], folder) for _ in range(RUNS)
        ]
    middle = sorted(results, key=lambda r: r.seconds)[len(results) // 2]
    report = json.loads(middle.out)
    walls = ", ".join(f"{r.seconds:.2f}" for r in results)
    timings = dict(report["timings"])
    total = timings.pop("total")
    return [
        (
            f"dance per second of work ({SECONDS:.0f} s song to .bvh, process start included; "
            f"all runs: {walls} s)",
            f"{report['seconds'] / middle.seconds:.1f} s",
        ),
        ("- process start and end", f"{middle.seconds - total:.2f} s"),
        *((f"- {stage}", f"{spent:.2f} s") for stage, spent in timings.items()),
        ("peak memory", f"{max(r.peak_mib for r in results):.0f} MiB"),
    ]
