"""A song in, a video of a dance out.

    blender -b --python scripts/render.py -- --audio song.wav --output dance.mp4
    python scripts/render.py --audio song.wav --output dance.mp4      (needs: pip install bpy)

With a .blend file (``blender -b my.blend --python ...`` or ``--blend my.blend``)
the dance goes onto its armature with our bones and is seen by its camera; what
the file lacks is added. Errors are one line and exit code 2; 130 if stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.errors import Audio2PoseError, OptionError  # noqa: E402
from audio2pose_core.files import write_text  # noqa: E402
from audio2pose_core.formats import load_motion, save_motion  # noqa: E402

if TYPE_CHECKING:
    from audio2pose_core.audio.load import Audio
    from audio2pose_core.motion import Motion


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The options; argparse itself exits with code 2 and a line on what is wrong."""
    parser = argparse.ArgumentParser(
        prog="render.py", description="Render a dance to a song as an MP4."
    )
    add = parser.add_argument
    add("--audio", type=Path, help="the song: wav, flac, ogg or mp3")
    add("--output", type=Path, required=True, help="the video, .mp4")
    add("--motion", type=Path, help="dance this .bvh or .npz instead of generating")
    add("--beats", type=Path, help="beats.json to dance to, e.g. edited by hand")
    add("--style", default="auto", help="a style of the model (default: auto)")
    add("--seed", type=int, default=0, help="another seed, another dance (default: 0)")
    add("--duration", type=float, help="seconds to dance (default: the whole song)")
    add("--model", type=Path, help="another dancer, .onnx (default: the shipped one)")
    add("--blend", type=Path, help="open this .blend first (only without Blender's own -b FILE)")
    add("--engine", choices=("workbench", "eevee", "cycles"), default="workbench")
    add("--resolution", type=_resolution, default=(640, 360), metavar="WxH")
    add("--fps", type=float, default=30.0)
    add("--frames", type=_frame_range, metavar="A-B", help="only these frames, from 1 on")
    add("--samples", type=int, help="anti-aliasing samples of the engine")
    add("--work", type=Path, metavar="DIR", help="keep each frame here, go on from what is there")
    add("--part", type=_part, metavar="PART", help="with --work, only this: motion, A-B or join")
    add("--save-blend", type=Path, metavar="FILE", help="keep the scene, with editable keys")
    add("--debug", action="store_true", help="tracebacks, and everything that Blender prints")
    options = parser.parse_args(arguments)
    if options.audio is None and options.motion is None:
        parser.error("give a song (--audio), a dance (--motion) or both")
    if options.part is not None and options.work is None:
        parser.error("--part needs --work")
    if options.work is not None:
        options.work = options.work.resolve()
    for value, name in ((options.fps, "--fps"), (options.duration, "--duration")):
        if value is not None and not (math.isfinite(value) and value > 0):
            parser.error(f"{name} must be more than 0")
    return options


def _resolution(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r}: write it as 640x360")
    # H.264 stores colour at half the resolution: both sides must be even.
    if any(side % 2 or not 16 <= side <= 8192 for side in (int(width), int(height))):
        raise argparse.ArgumentTypeError(f"{text!r}: use even numbers from 16 to 8192")
    return int(width), int(height)


def _frame_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    last = last or first
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{text!r}: write it as 1-120")
    return int(first), int(last)


def _part(text: str) -> str | tuple[int, int]:
    return text if text in ("motion", "join") else _frame_range(text)


class Progress:
    """One line on the terminal that grows in place; in a log file, one line per tenth."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.shown = -1
        self.first = 0
        self.first_at = 0.0

    def stage(self, name: str, fraction: float) -> None:
        """A stage of the generation, 0..1."""
        self._show(f"{name}: {100 * fraction:.0f}%", int(10 * fraction), fraction >= 1)

    def frame(self, done: int, total: int) -> None:
        """A rendered frame; the first, which compiles shaders, tells nothing of the pace."""
        now = time.monotonic()
        left = ""
        if not self.first:
            # Of a render that goes on, the first is not frame 1.
            self.first, self.first_at = done, now
        elif done > self.first:
            seconds = (now - self.first_at) / (done - self.first) * (total - done)
            left = f", {seconds:.0f} s left"
        self._show(f"frame {done}/{total}{left}", 10 * done // total, done == total)

    def _show(self, text: str, tenth: int, last: bool) -> None:
        if self.live:
            self.stream.write(f"\r\033[K{text}" + ("\n" if last else ""))
        elif tenth != self.shown:
            self.stream.write(text + "\n")
        self.shown = -1 if last else tenth
        self.stream.flush()


def make_motion(options: argparse.Namespace, progress: Progress) -> Motion:
    """Load the dance, or generate it to the song; with --work it is made once."""
    if options.motion is not None:
        return load_motion(options.motion)
    kept = None if options.work is None else options.work / "motion.npz"
    if kept is not None and kept.is_file():
        return load_motion(kept)
    # Imported here: with --motion nothing of it is needed.
    from audio2pose_core.generate import generate_dance

    dance = generate_dance(
        load_song(options.audio),
        style=options.style,
        seed=options.seed,
        duration=options.duration,
        beats=options.beats,
        model=options.model,
        progress=progress.stage,
    )
    if kept is None:
        return dance.motion
    save_motion(kept, dance.motion)
    # As the next run will read it, to the last bit.
    return load_motion(kept)


def load_song(path: Path) -> Path | Audio:
    """The song as ``generate_dance`` takes it.

    Blender's own Python has no soundfile: there Blender decodes.
    """
    if importlib.util.find_spec("soundfile") is not None:
        return path
    from audio2pose_core.audio.load import audio_from_samples
    from blender_addon import sound

    samples, rate = sound.read_file(path)
    return audio_from_samples(samples, rate, path.name)


def make_video(options: argparse.Namespace, log: Path | None) -> None:
    """The whole way from options to the video file."""
    try:
        import bpy
    except ModuleNotFoundError as error:
        raise OptionError(
            "this Python has no Blender in it: run 'pip install bpy', or "
            "'blender -b --python scripts/render.py -- ...'"
        ) from error
    from blender_addon import scene as staging
    from blender_addon import video

    video.check_video_path(options.output)
    motion = make_motion(options, Progress(sys.stderr))
    with video.quiet_blender(log) as terminal:
        if options.blend is not None:
            if not options.blend.is_file():
                raise OptionError(f"{options.blend}: there is no such .blend file")
            bpy.ops.wm.open_mainfile(filepath=str(options.blend.resolve()))
        scene = bpy.context.scene
        if not bpy.data.filepath:
            staging.clear_startup(scene)
        scene.render.resolution_x, scene.render.resolution_y = options.resolution
        scene.render.resolution_percentage = 100
        staging.set_frame_rate(scene, options.fps)
        scene.frame_start = 1
        seconds = motion.seconds
        if options.audio is not None:
            staging.add_song(scene, options.audio)
            seconds = min(seconds, staging.song_seconds(options.audio))
        seconds = min(seconds, options.duration or seconds)
        staging.stage_dance(scene, motion, seconds=seconds)
        staging.set_engine(scene, options.engine, options.samples)
        if options.save_blend is not None:
            from blender_addon.core import files

            with files.whole_file(options.save_blend.resolve()) as temporary:
                # Blender would keep the empty file as a backup, .blend1.
                temporary.unlink()
                bpy.ops.wm.save_as_mainfile(filepath=str(temporary), copy=True)
        if options.frames is not None:
            first, last = options.frames
            if last > scene.frame_end:
                raise OptionError(
                    f"--frames {first}-{last}: the dance has {scene.frame_end} frames"
                )
            scene.frame_start, scene.frame_end = first, last
        if options.work is not None:
            render_in_parts(options, scene, terminal, log)
            return

        def stopped() -> None:
            # Not through the stream: the signal may have come while it was writing.
            os.write(terminal.fileno(), b"\nstopped; no video was written\n")
            if log is not None:
                shutil.rmtree(log.parent, ignore_errors=True)

        video.render_video(scene, options.output, Progress(terminal).frame, stopped)


def render_in_parts(
    options: argparse.Namespace, scene: Any, terminal: TextIO, log: Path | None
) -> None:
    """The frames that --work lacks, then the video of them; or only what --part says."""
    from blender_addon import frames

    folder = options.work / "frames"
    first, last = scene.frame_start, scene.frame_end
    facts = {"first": first, "last": last, "fps": options.fps}
    write_text(options.work / "dance.json", json.dumps(facts) + "\n")

    def stopped() -> None:
        os.write(terminal.fileno(), b"\nstopped; the frames that are done are kept\n")
        if log is not None:
            shutil.rmtree(log.parent, ignore_errors=True)

    part = options.part or (first, last)
    if isinstance(part, tuple):
        begin, end = max(part[0], first), min(part[1], last)
        if begin <= end:
            show = Progress(terminal).frame
            made = frames.render_frames(scene, folder, begin, end, show, stopped)
            terminal.write(f"made {made} of the frames {begin}-{end}\n")
    if options.part in (None, "join"):
        joining = Progress(terminal)

        def joined(done: int, total: int) -> None:
            joining.stage("join", done / total)

        frames.join_frames(scene, folder, options.output, joined, stopped)


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    options = parse_arguments(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="audio2pose-") as folder:
        log = None if options.debug else Path(folder) / "blender.log"
        try:
            make_video(options, log)
        except Audio2PoseError as error:
            if options.debug:
                raise
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code
        except KeyboardInterrupt:
            print("\nstopped; no video was written", file=sys.stderr)
            return 130
    print(f"{options.output}: done in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    # Blender hands over its own arguments too; ours come after the double dash.
    own = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    sys.exit(main(own))
