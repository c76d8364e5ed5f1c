"""How building a windows file grows with the dataset: clips a second, memory, file size.

    python scripts/bench_windows.py [--clips 141 1408] [--workers 1] [--speeds 1.0]

It writes synthetic clips of AIST++ length (12 s) as preprocessed data, builds
their windows in a process of its own, and prints a row for each size. Memory is
the peak resident size of the building process and of its largest worker.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import even_grid, save_beats
from audio2pose_core.data.bvh.dataset import FORMAT
from audio2pose_core.formats import save_motion
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import NUM_JOINTS

SECONDS, FPS = 12.0, 30.0
SONGS = 60


def synthetic(seed: int) -> Motion:
    """A swaying figure; every seed another."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(SECONDS * FPS)) / FPS
    speed, phase = rng.uniform(0.3, 2.0, (2, NUM_JOINTS, 3))
    angles = 0.3 * np.sin(2 * np.pi * speed * t[:, None, None] + 6 * phase)
    root = np.stack([0.3 * np.sin(t), 0.9 + 0.02 * np.cos(5 * t), 0.2 * np.cos(t)], axis=1)
    return Motion(FPS, root, rot.continuous(rot.from_axis_angle(angles)))


def write_data(folder: Path, clips: int) -> None:
    """Preprocessed data of so many clips, of which each file is real."""
    rows = []
    for i in range(clips):
        name = f"synthetic_{i:05d}"
        save_motion(folder / "motions" / f"{name}.npz", synthetic(i))
        save_beats(folder / "beats" / f"{name}.json", even_grid(SECONDS))
        row = {"name": name, "source": "synthetic", "style": "", "song": f"song{i % SONGS}"}
        row |= {"motion": f"motions/{name}.npz", "beats": f"beats/{name}.json"}
        rows.append(row | {"seconds": SECONDS})
    (folder / "manifest.json").write_text(
        json.dumps({"format": FORMAT, "clips": rows, "failed": []}), encoding="utf-8"
    )


def build(folder: Path, output: Path, workers: int, speeds: list[float]) -> None:
    """Build in this process and print figures as json."""
    from audio2pose_core.data.training.cluster import worker_pool
    from audio2pose_core.data.training.sources import sources_of
    from audio2pose_core.data.training.windows_writer import WindowOptions, build_windows

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    sources = sources_of([folder])
    with worker_pool(workers) as pool:
        contract = build_windows(sources, output, WindowOptions(speeds=tuple(speeds)), pool)
    spent = time.perf_counter() - began
    figures = {
        "seconds": spent,
        "clips_s": len(sources) / spent,
        "start_mb": before,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "file_mb": sum(part["bytes"] for part in contract["splits"].values()) / 1e6,
        "contract_mb": (output / "windows.json").stat().st_size / 1e6,
    }
    print(json.dumps(figures))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, nargs="+", default=[141, 1408])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--speeds", type=float, nargs="+", default=[1.0])
    parser.add_argument("--build", nargs=2, metavar=("DATA", "OUTPUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        build(Path(options.build[0]), Path(options.build[1]), options.workers, options.speeds)
        return 0
    rows = []
    print("  clips  clips/s  seconds  peak MB  of it data  worker MB  file MB  json MB")
    for clips in options.clips:
        with tempfile.TemporaryDirectory() as folder:
            data, output = Path(folder) / "data", Path(folder) / "windows"
            write_data(data, clips)
            command = [sys.executable, __file__, "--build", str(data), str(output)]
            command += ["--workers", str(options.workers), "--speeds", *map(str, options.speeds)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            row = json.loads(done.stdout.splitlines()[-1])
        rows.append(row)
        print(
            f"{clips:7} {row['clips_s']:8.1f} {row['seconds']:8.1f} {row['peak_mb']:8.0f} "
            f"{row['peak_mb'] - row['start_mb']:11.0f} {row['worker_mb']:10.0f} "
            f"{row['file_mb']:8.1f} {row['contract_mb']:8.2f}"
        )
    if len(rows) > 1:
        more = options.clips[-1] - options.clips[0]
        memory = rows[-1]["peak_mb"] - rows[0]["peak_mb"]
        print(
            f"{options.clips[-1] / options.clips[0]:.1f} times the clips: "
            f"{rows[-1]['seconds'] / rows[0]['seconds']:.1f} times the time, "
            f"{1024 * memory / more:+.1f} kB of memory a clip"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
