"""From the options to the video.

With a .blend file (``blender -b my.blend --python ...`` or ``--blend my.blend``)
the dance goes onto its armature with our bones and is seen by its camera; what
the file lacks is added. Errors are one line and exit code 2; 130 if stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TextIO

from audio2pose_core.batch import inputs
from audio2pose_core.batch.executor import GRACE_S
from audio2pose_core.batch.render_options import parse_arguments
from audio2pose_core.batch.supervisor import SUPERVISED
from audio2pose_core.console import StatusLine, listen, note
from audio2pose_core.errors import Audio2PoseError, OptionError
from audio2pose_core.files import whole_file, write_text

from .dances import Song, make_cues, make_dances


class Progress:
    """One line on the terminal that grows in place; in a log file, one line per tenth."""

    def __init__(self, stream: TextIO) -> None:
        self.line = StatusLine(stream)
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
        if self.line.live and not last:
            self.line.draw(text)
        elif self.line.live or tenth != self.shown:
            self.line.say(text)
        self.shown = -1 if last else tenth


@contextlib.contextmanager
def scripts_off() -> Iterator[None]:
    """Nothing in a .blend file runs meanwhile, neither its scripts nor its Python drivers.

    Files come from others, and a batch opens many: a user's Auto Run Python Scripts, or
    Blender's -y, must not let them run code. An appended character has no option of its own
    against it, so that the switch for all is used; it is put back after.
    """
    import bpy

    paths = bpy.context.preferences.filepaths
    before = paths.use_scripts_auto_execute
    # Assigned also where it is off already: this alone takes back Blender's -y.
    paths.use_scripts_auto_execute = False
    try:
        yield
    finally:
        if before:
            paths.use_scripts_auto_execute = True


def make_video(options: argparse.Namespace, log: Path | None) -> None:
    """The whole way from options to the video file."""
    try:
        import bpy
    except ModuleNotFoundError as error:
        raise OptionError(
            "this Python has no Blender in it: run 'pip install bpy', or "
            "'blender -b --python scripts/render.py -- ...' (docs/RENDERING.md)"
        ) from error
    from .. import pictures, scene as staging, video

    as_video = pictures.is_video(options.output)
    if as_video:
        video.check_encoder()
    song = Song(options.audio, options.beats)
    with same_inputs(options) as check_inputs:
        dances = make_dances(options, song, Progress(sys.stderr).stage)
    with video.quiet_blender(log) as terminal, scripts_off():
        if options.blend is not None:
            if not options.blend.is_file():
                raise OptionError(f"{options.blend}: there is no such .blend file")
            bpy.ops.wm.open_mainfile(filepath=str(options.blend.resolve()), use_scripts=False)
        scene = bpy.context.scene
        video.check_sounds(scene)
        if not bpy.data.filepath:
            staging.clear_startup(scene)
        scene.render.resolution_x, scene.render.resolution_y = options.resolution
        scene.render.resolution_percentage = 100
        staging.set_frame_rate(scene, options.fps)
        scene.frame_start = 1
        seconds = min(dance.seconds for dance in dances)
        if options.audio is not None:
            staging.add_song(scene, options.audio)
            seconds = min(seconds, staging.song_seconds(options.audio))
        seconds = min(seconds, options.duration or seconds)
        frames = staging.frame_count(seconds, options.fps)
        setting = staging.Setting(
            stage=options.stage,
            camera=options.camera,
            character=options.character,
            cues=make_cues(options, song, dances[0], options.fps, frames),
            title=options.title,
        )
        staging.stage_dance(scene, dances, seconds=seconds, setting=setting)
        staging.set_engine(
            scene,
            options.engine,
            options.samples,
            device=options.device,
            dark=options.stage == "club",
            transparent=options.transparent,
        )
        if options.save_blend is not None:
            save_scene(options.save_blend)
        if options.frames is not None:
            first, last = options.frames
            if last > scene.frame_end:
                raise OptionError(
                    f"--frames {first}-{last}: the dance has {scene.frame_end} frames"
                )
            scene.frame_start, scene.frame_end = first, last
        if options.work is not None:
            render_in_parts(options, scene, terminal, log)
            check_inputs()
            return

        def stopped() -> None:
            # Not through the stream: the signal may have come while it was writing.
            os.write(terminal.fileno(), b"\nstopped; no video was written\n")
            if log is not None:
                shutil.rmtree(log.parent, ignore_errors=True)

        render = video.render_video if as_video else pictures.render_pictures
        render(scene, options.output, Progress(terminal).frame, stopped)


@contextlib.contextmanager
def same_inputs(options: argparse.Namespace) -> Iterator[Callable[[], None]]:
    """With --work: what is read in here, and by earlier runs, are the same files to the end.

    Yields what asks again. Raises InputChanged; a dance that was made of a file which was
    replaced meanwhile is not kept.
    """
    work: Path | None = options.work
    if work is None:
        yield lambda: None
        return
    read = inputs.hashes_of(vars(options))
    before = inputs.noted(work)
    if before is not None and any(work.glob("motion*.npz")):
        inputs.require_same(before, read)
    else:
        inputs.note(work, read)

    def check() -> None:
        inputs.require_same(read, inputs.hashes_of(vars(options)))

    yield check
    try:
        check()
    except inputs.InputChanged:
        for motion in work.glob("motion*.npz"):
            motion.unlink()
        raise


def save_scene(path: Path) -> None:
    """Write the scene as a .blend, whole or not at all."""
    import bpy

    with whole_file(path.resolve()) as temporary:
        # Blender would keep the empty file as a backup, .blend1.
        temporary.unlink()
        bpy.ops.wm.save_as_mainfile(filepath=str(temporary), copy=True)


def render_in_parts(
    options: argparse.Namespace, scene: Any, terminal: TextIO, log: Path | None
) -> None:
    """The frames that --work lacks, then the video of them; or only what --part says."""
    from .. import frames, pictures

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
    if options.part in (None, "join") and not pictures.is_video(options.output):
        frames.hand_out(scene, folder, options.output)
    elif options.part in (None, "join"):
        joining = Progress(terminal)

        def joined(done: int, total: int) -> None:
            joining.stage("join", done / total)

        frames.join_frames(scene, folder, options.output, joined, stopped)


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    options = parse_arguments(arguments)
    if options.verbose:
        listen()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="audio2pose-") as folder:
        log = None if options.debug else Path(folder) / "blender.log"
        try:
            make_video(options, log)
        except Audio2PoseError as error:
            if options.debug:
                raise
            note(f"error: {error}")
            return error.exit_code
        except KeyboardInterrupt:
            note("\nstopped; no video was written")
            return 130
    note(f"{options.output}: done in {time.monotonic() - began:.0f} s")
    return 0


def leave(status: int) -> NoReturn:
    """End the process on the spot, with nothing left behind.

    At the usual end Blender 4.5 as a module now and then waits for ever for its own
    sound thread (``delayed_close_thread_run``): a night's batch would wait with it.
    """
    bpy: Any = sys.modules.get("bpy")
    if bpy is not None:
        from .. import video

        shutil.rmtree(bpy.app.tempdir, ignore_errors=True)
        video.flush_c()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def end_with_supervisor() -> None:
    """In a batch: end this process when its stdin, the supervisor's pipe, is closed.

    On Linux the kernel is quicker; elsewhere this comes between two frames at the latest,
    since Blender lets no other thread in while it draws.
    """
    if os.environ.get(SUPERVISED) != "1":
        return

    def watch() -> None:
        try:
            while os.read(0, 1024):
                pass
        except OSError:
            return  # no stdin is there to watch
        # Time for the signal that a supervisor sends when it stops its program in order.
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def start() -> NoReturn:
    """Run with the words of this process's command line, and end the process."""
    end_with_supervisor()
    # Blender hands over its own arguments too; ours come after the double dash.
    own = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    try:
        code = main(own)
    except Exception:
        traceback.print_exc()
        code = 1
    leave(code)
