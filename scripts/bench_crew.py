"""A crew of eight for 60 s of song: their own dances, their places, their keys; make bench.

`python scripts/bench_crew.py [--dancers 8] [--seconds 60]` measures it by itself.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.audio.load import load_audio
from audio2pose_core.cleanup.crew_keys import reduce_dances
from audio2pose_core.cleanup.dance_keys import SceneTime
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.generate.crew import Change, generate_dances, own_dances
from audio2pose_core.metrics.feet import planted_slide

DANCERS, SECONDS, STYLE = 8, 60.0, "house"


def rows(dancers: int = DANCERS, seconds: float = SECONDS) -> list[tuple[str, str]]:
    """The measured rows: what, figure."""
    with TemporaryDirectory() as folder:
        song = Path(folder) / "song.wav"
        write_demo_song(song, seconds=seconds)
        audio = load_audio(song)
    model = load_model()
    generate_dance(audio, style=STYLE, seed=dancers, duration=10.0, model=model)  # warms up
    began, worked = time.perf_counter(), time.process_time()
    dances = generate_dances(audio, [(STYLE, seed) for seed in range(dancers)], model)
    together, work = time.perf_counter() - began, time.process_time() - worked
    began = time.perf_counter()
    for seed in range(dancers):
        generate_dance(audio, style=STYLE, seed=seed, model=model)
    alone = time.perf_counter() - began
    beats = dances[0].beats
    half = float(beats.times[beats.downbeats][len(beats.bars) // 2])
    began = time.perf_counter()
    crew = own_dances([d.motion for d in dances], beats, changes=[Change(half, "circle")])
    placed = time.perf_counter() - began
    began = time.perf_counter()
    reduce_dances(crew.dances, SceneTime(1.0, 24.0), 0.01, beats.times)
    keys = time.perf_counter() - began
    slide = max(planted_slide(motion).speed_cm_s for motion in crew.dances)
    title = f"{dancers} dances of {seconds:g} s in shared network passes"
    return [
        (title, f"{together:.1f} s"),
        ("- processor time of all cores", f"{work:.1f} s"),
        ("- one after the other", f"{alone:.1f} s"),
        ("placed in a V, then a circle", f"{placed:.1f} s"),
        ("- foot slide where planted, the worst dancer", f"{slide:.2f} cm/s"),
        ("- spacing asked, and taken", f"{crew.asked:g} m, {crew.spacing:.2f} m"),
        ("their keys reduced", f"{keys:.1f} s"),
        ("all together", f"{together + placed + keys:.1f} s"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--dancers", type=int, default=DANCERS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of the song")
    asked = parser.parse_args()
    for what, figure in rows(asked.dancers, asked.seconds):
        print(f"{what:45s} {figure}", flush=True)
