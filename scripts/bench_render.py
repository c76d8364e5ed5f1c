"""One song rendered: seconds a frame by engine, what is spent outside Blender, memory."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.formats import save_motion
from blender_addon.render.command.run import leave
from scripts.bench_keys import a_minute_of_dance
from scripts.bench_tools import run_child

SIZE = "640x360"
# Frames of the slow engines; Workbench is measured on the whole song. The first does not
# count: it compiles shaders.
FRAMES = {"eevee": 3, "cycles": 4}
SONG_SECONDS = 30.0
LONG_FRAMES, SMALL = 800, "160x90"


def rows() -> list[tuple[str, str]]:
    """A whole song of 30 s with all defaults, frames of each engine, a long render's memory."""
    if importlib.util.find_spec("bpy") is None:
        raise ImportError("No module named 'bpy'")
    with tempfile.TemporaryDirectory(prefix="audio2pose-bench-") as name:
        folder = Path(name)
        song, dance = folder / "song.wav", folder / "dance.npz"
        write_demo_song(song, seconds=SONG_SECONDS)
        save_motion(dance, a_minute_of_dance())
        size = ["--resolution", SIZE]
        run = run_child([__file__, "--audio", str(song), "--output", f"{song}.mp4", *size], folder)
        told = json.loads(run.out)
        outside = 1 - told["rendering"] / run.seconds
        found = [
            (f"a song of {SONG_SECONDS:.0f} s with all defaults, to .mp4", f"{run.seconds:.0f} s"),
            ("- outside Blender's own rendering", f"{100 * outside:.1f} %"),
            ("- while it renders, in our callbacks", f"{100 * told['ours']:.2f} %"),
            (f"a frame in Workbench, {SIZE}, studio", f"{told['frame']:.2f} s"),
        ]
        for engine, frames in FRAMES.items():
            words = ["--motion", str(dance), "--engine", engine, "--frames", f"1-{frames}", *size]
            run = run_child([__file__, *words, "--output", str(folder / "few.mp4")], folder)
            each = json.loads(run.out)["frame"]
            found.append((f"a frame in {engine}, {SIZE}, studio", f"{each:.2f} s"))
        words = ["--motion", str(dance), "--frames", f"1-{LONG_FRAMES}", "--resolution", SMALL]
        words += ["--stage", "club", "--camera", "cuts", "--output", str(folder / "long.mp4")]
        memory = json.loads(run_child([__file__, *words], folder).out)["memory_mib"]
        what = f"memory in a render of {LONG_FRAMES} frames of the club, a fifth in -> end"
        found.append((what, f"{memory[len(memory) // 5]:.0f} -> {memory[-1]:.0f} MiB"))
    return found


def watched(words: list[str]) -> dict[str, Any]:
    """Run the render command in this process and watch it from Blender's own handlers.

    ``rendering`` is the seconds that Blender's render takes, ``ours`` the share of
    them in our callback, ``frame`` the middle seconds of a frame but the first;
    ``memory_mib`` is taken every 25 frames.
    """
    from blender_addon.render import video
    from blender_addon.render.command import run as render

    done: list[float] = []
    memory: list[float] = []
    rendering = ours = 0.0
    plain = video.render_video

    def timed(scene: Any, output: Any, on_frame: Any, on_stop: Any) -> None:
        nonlocal rendering

        def frame_done(number: int, total: int) -> None:
            nonlocal ours
            at = time.perf_counter()
            done.append(at)
            on_frame(number, total)
            ours += time.perf_counter() - at
            if number % 25 == 0:
                memory.append(resident_mib())

        began = time.perf_counter()
        plain(scene, output, frame_done, on_stop)
        rendering += time.perf_counter() - began

    video.render_video = timed  # type: ignore[assignment]
    if status := render.main(words):
        leave(status)
    each = sorted(b - a for a, b in pairwise(done))
    frame = each[len(each) // 2]
    return {
        "rendering": rendering,
        "ours": ours / rendering,
        "frame": frame,
        "memory_mib": memory,
    }


def resident_mib() -> float:
    """Memory of this process now; Linux tells it in pages."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


if __name__ == "__main__":
    print(json.dumps(watched(sys.argv[1:])))
    leave(0)
