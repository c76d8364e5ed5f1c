"""A folder of songs: what render-batch costs beside render.py, and how workers help."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.formats import save_motion
from scripts.bench_keys import a_minute_of_dance
from scripts.bench_tools import run_child

SONGS, SECONDS, FRAMES = 2, 3.0, 90
SIZE = "640x360"


def rows() -> list[tuple[str, str]]:
    """The same songs by render.py one after another, in a batch, and in one of two workers."""
    if importlib.util.find_spec("bpy") is None:
        raise ImportError("No module named 'bpy'")
    with tempfile.TemporaryDirectory(prefix="audio2pose-bench-") as name:
        folder = Path(name)
        songs = folder / "songs"
        songs.mkdir()
        dance = folder / "dance.npz"
        save_motion(dance, a_minute_of_dance().slice(0, FRAMES))
        for number in range(SONGS):
            write_demo_song(songs / f"{number}.wav", seconds=SECONDS)
        look = ["--motion", str(dance), "--resolution", SIZE]
        alone = 0.0
        for song in sorted(songs.glob("*.wav")):
            words = ["scripts/render.py", "--audio", str(song), "--output", f"{song}.mp4"]
            alone += run_child([*words, *look], folder).seconds
        took = {}
        for workers in (1, 2):
            words = ["scripts/render_batch.py", "--songs", str(songs), "--quiet"]
            words += ["--output", str(folder / f"out{workers}"), "--workers", str(workers)]
            took[workers] = run_child([*words, *look], folder).seconds
    what = f"{SONGS} songs of {FRAMES} frames, {SIZE}, Workbench"
    return [
        (f"render.py, one after another ({what})", f"{alone:.1f} s"),
        ("render-batch, 1 worker: each frame kept, joined", f"{took[1]:.1f} s"),
        ("- more than render.py by", f"{100 * (took[1] / alone - 1):+.0f} %"),
        ("render-batch, 2 workers", f"{took[2]:.1f} s"),
        ("- faster than 1 by", f"{took[1] / took[2]:.2f} x"),
    ]
