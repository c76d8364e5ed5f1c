"""Make the pictures of docs/RENDERING.md: every camera, stage and engine, and how they frame.

    python scripts/stills.py [--output docs/stills] [--motion dance.npz] [--only crew ...]

The song is our own demo song, the dance is generated to it. Needs bpy and
matplotlib; takes some minutes, EEVEE without a GPU most of them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.demo_song import write_demo_song  # noqa: E402
from audio2pose_core.batch.render_options import parse_arguments  # noqa: E402
from audio2pose_core.files import whole_file  # noqa: E402
from audio2pose_core.formats import load_motion  # noqa: E402
from audio2pose_core.motion import Motion  # noqa: E402
from blender_addon.render.command.dances import Song, make_cues, make_dances  # noqa: E402

SECONDS, FPS, STYLE, SEED = 24.0, 30.0, "salsa", 3
MOST_BYTES = 100_000


@dataclass(frozen=True)
class Still:
    """A picture: options of ``audio2pose render``, and the frames that are put side by side."""

    name: str
    options: Sequence[str]
    frames: Sequence[int]
    columns: int = 1
    size: tuple[int, int] = field(default=(640, 360))


SMALL = (426, 240)
STILLS = (
    Still("studio", ("--title", "Demo Song"), (66,)),
    Still("studio-cycles", ("--engine", "cycles"), (135,)),
    Still("club", ("--stage", "club"), (151,)),
    Still("club-eevee", ("--stage", "club", "--engine", "eevee"), (151,)),
    Still("club-cycles", ("--stage", "club", "--engine", "cycles"), (196,)),
    Still("crew", ("--stage", "club", "--crew", "5", "--camera", "front"), (335,)),
    Still("crew-canon", ("--crew", "5", "--canon", "2", "--formation", "line"), (400,)),
    Still("cuts", ("--stage", "club", "--camera", "cuts"), (61, 181, 301, 421, 541, 661), 3, SMALL),
    Still("orbit", ("--stage", "club", "--camera", "orbit"), (1, 240, 480), 3, SMALL),
    Still("music", ("--stage", "club",), (241, 246, 251, 256, 261, 266), 3, SMALL),
)  # fmt: skip


def shoot(still: Still, song: Path, motion: Path, folder: Path) -> list[Path]:
    """Render a still's frames; their PNG files."""
    from blender_addon.render import pictures, scene as staging

    width, height = still.size
    words = ["--audio", str(song), "--motion", str(motion), "--output", str(folder / still.name)]
    options = parse_arguments([*words, "--resolution", f"{width}x{height}", *still.options])
    heard = Song(song, None)
    dances = make_dances(options, heard, lambda *_: None)
    scene = staging.empty_scene()
    scene.render.resolution_x, scene.render.resolution_y = still.size
    staging.set_frame_rate(scene, FPS)
    count = staging.frame_count(dances[0].seconds, FPS)
    setting = staging.Setting(
        stage=options.stage,
        camera=options.camera,
        cues=make_cues(options, heard, dances[0], FPS, count),
        title=options.title,
    )
    staging.stage_dance(scene, dances, seconds=dances[0].seconds, setting=setting)
    staging.set_engine(scene, options.engine, options.samples, dark=options.stage == "club")
    for frame in still.frames:
        scene.frame_start = scene.frame_end = frame
        pictures.render_pictures(scene, options.output)
    return [pictures.picture_path(options.output, frame) for frame in still.frames]


def put_together(files: Sequence[Path], columns: int, output: Path) -> None:
    """One JPEG of the pictures, in rows, as good as fits into 100 kB."""
    # Comes with matplotlib; it has no types that mypy finds everywhere.
    image: Any = importlib.import_module("PIL.Image")
    pictures = [image.open(file).convert("RGB") for file in files]
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    sheet = image.new("RGB", (columns * width, rows * height))
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i % columns * width, i // columns * height))
    for quality in (90, 85, 80, 70, 60):
        with whole_file(output) as temporary:
            sheet.save(temporary, "JPEG", quality=quality, optimize=True, progressive=True)
        if output.stat().st_size < MOST_BYTES:
            return


def draw_framing(motion: Motion, downbeats: np.ndarray, output: Path) -> None:
    """How near to the edge the outermost joint or tip comes, for each camera and frame."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from blender_addon.stage import camera, cuts

    size = (640, 360)
    played = motion.resample(FPS)
    points = camera.body_points(played)
    figure, axes = pyplot.subplots(figsize=(8, 3))
    for kind in cuts.CAMERAS:
        shots = cuts.plan_camera(
            kind, points, points[:, 0], camera.facing(played), FPS, size, camera.BODY, downbeats
        )
        edge = np.concatenate(
            [
                np.abs(camera.seen(points[s.first : s.first + len(s)], s, size)[..., :2]).max(
                    (1, 2)
                )
                for s in shots
            ]
        )
        axes.plot(np.arange(len(edge)) / FPS, edge, label=f"{kind}: at most {edge.max():.2f}")
    axes.axhline(1.0, color="black", linewidth=1)
    axes.set(xlabel="seconds", ylabel="outermost point", ylim=(0, 1.08), xlim=(0, played.seconds))
    axes.set_title("1 is the edge of the picture: all joints, head, hands and feet", fontsize=10)
    axes.legend(fontsize=8, ncols=4, loc="lower center", frameon=False)
    figure.tight_layout()
    with whole_file(output) as temporary:
        figure.savefig(temporary, dpi=90, format="jpg")
    pyplot.close(figure)


def main() -> int:
    """Make them all, or those of --only."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "stills")
    parser.add_argument("--motion", type=Path, help="a dance to the demo song, made before")
    names = [*(s.name for s in STILLS), "framing"]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="audio2pose-stills-") as name:
        folder = Path(name)
        song, motion = folder / "song.wav", options.motion or folder / "dance.npz"
        write_demo_song(song, seconds=SECONDS)
        if options.motion is None:
            from audio2pose_core.formats import save_motion
            from audio2pose_core.generate import generate_dance

            save_motion(motion, generate_dance(song, style=STYLE, seed=SEED).motion)
        for still in STILLS:
            if still.name in options.only:
                files = shoot(still, song, motion, folder)
                put_together(files, still.columns, options.output / f"{still.name}.jpg")
                print(options.output / f"{still.name}.jpg", flush=True)
        if "framing" in options.only:
            beats = Song(song, None).beats()
            downbeats = beats.times[beats.downbeats]
            draw_framing(load_motion(motion), downbeats, options.output / "framing.jpg")
            print(options.output / "framing.jpg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
