"""How long each button holds Blender's main thread: a table.

`python scripts/bench_ticks.py [--seconds 180]`. What is measured, and how, is told in
tests/addon/tick_measures.py. The exit code is 1 where something takes more than 30 ms, which a
person feels.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 0.030

# A child of its own: some versions of bpy wait for ever when Python ends.
CHILD = f"""
import os, sys, tempfile
from pathlib import Path
import bpy
import blender_addon, tick_measures
from audio2pose_core.audio.demo_song import write_demo_song
with tempfile.TemporaryDirectory() as folder:
    song = Path(folder) / "song.wav"
    write_demo_song(song, seconds=float(sys.argv[1]), bpm=120.0)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blender_addon.register()
    found = tick_measures.rows(bpy.context.scene, song)
for name, part, took, ticks in found:
    mark = "  <-- more than 30" if took > {MOST} else ""
    print(f"{{name:20s}} {{part:12s}} {{1000 * took:7.1f}} ms in {{ticks:4d}} ticks{{mark}}")
sys.stdout.flush()
os._exit(int(any(took > {MOST} for _, _, took, _ in found)))
"""


def main() -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=180.0, help="length of the song")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "addon")])
    command = [sys.executable, "-c", CHILD, str(parser.parse_args().seconds)]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main())
