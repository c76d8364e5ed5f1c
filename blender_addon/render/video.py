"""Rendering a scene to one MP4, whole or not at all, with quiet Blender and progress."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import bpy

from .. import compat
from ..core import errors, files


@contextmanager
def quiet_blender(log: Path | None) -> Iterator[TextIO]:
    """Send whatever Blender prints to ``log``; yield a stream that still reaches the terminal.

    Blender writes from C, past sys.stdout, so the file descriptors are turned
    round. With log=None nothing is redirected.
    """
    if log is None:
        yield sys.stderr
        return
    sys.stdout.flush()
    sys.stderr.flush()
    flush_c()
    kept = [os.dup(1), os.dup(2)]
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    terminal = os.fdopen(os.dup(kept[1]), "w", buffering=1, encoding="utf-8", errors="replace")
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    try:
        yield terminal
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # What C still holds back would otherwise come out on the terminal later.
        flush_c()
        terminal.close()
        for number, copy in enumerate(kept, start=1):
            os.dup2(copy, number)
            os.close(copy)


def flush_c() -> None:
    """Write out what C still holds back of what Blender printed."""
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)


@contextmanager
def stoppable(clean_up: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the program in the middle of a render.

    Python gets to see a signal only between frames, inside Blender's callback;
    an exception would be printed there and the render go on. So the program
    ends on the spot, and ``clean_up`` does what unwinding would have done.
    """

    def stop(number: int, _: Any) -> None:
        try:
            clean_up()
        finally:
            os._exit(errors.Cancelled.exit_code)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            # None is a handler of Blender's own, written in C, which Python cannot put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextmanager
def drawing(written: Callable[..., None], clean_up: Callable[[], None]) -> Iterator[None]:
    """Renders in here tell ``written`` of each frame; a signal cleans up and ends the program."""
    handlers: Any = bpy.app.handlers.render_write
    handlers.append(written)
    try:
        with stoppable(clean_up):
            yield
    finally:
        handlers.remove(written)


def draw_range(
    scene: Any, output: Path, written: Callable[..., None], clean_up: Callable[[], None]
) -> bool:
    """Render the scene's frame range; False where Blender was stopped.

    ``output`` is named where Blender cannot, as OutputError.
    """
    try:
        with drawing(written, clean_up):
            result = bpy.ops.render.render(animation=True, scene=scene.name)
    except RuntimeError as error:
        # Blender reports every failure of an operator this way.
        raise errors.OutputError(f"{output}: Blender could not render: {error}") from error
    return "FINISHED" in result


def render_video(
    scene: Any,
    output: str | Path,
    on_frame: Callable[[int, int], None] | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Render the scene's frame range to ``output`` (.mp4), with its sound.

    ``on_frame(done, total)`` is called after each frame; ``on_stop()`` just
    before a signal ends the program. Raises OutputError where Blender cannot
    write, Cancelled where Blender itself was stopped; the output then does not
    exist, or is the old one. For the main thread of a program of its own.
    """
    output = Path(output)
    check_video_path(output)
    total = scene.frame_end - scene.frame_start + 1
    done = 0

    def written(*_: Any) -> None:
        nonlocal done
        done += 1
        if on_frame is not None:
            on_frame(done, total)

    with files.whole_file(output.resolve()) as temporary:

        def clean_up() -> None:
            temporary.unlink(missing_ok=True)
            if on_stop is not None:
                on_stop()

        compat.set_video_output(scene, str(temporary))
        if not draw_range(scene, output, written, clean_up) or done < total:
            raise errors.Cancelled(f"{output}: stopped after {done} of {total} frames")
        if temporary.stat().st_size == 0:
            raise errors.OutputError(
                f"{output}: Blender wrote no video; is this a build without FFmpeg?"
            )


def check_video_path(path: Path) -> None:
    """Raise OptionError unless the path ends in .mp4."""
    if path.suffix.lower() != ".mp4":
        raise errors.OptionError(f"{path}: name the video with .mp4 at the end")


def check_encoder() -> None:
    """Raise OutputError where this Blender cannot write videos at all."""
    built: Any = bpy.app.build_options
    if not built.codec_ffmpeg:
        raise errors.OutputError(
            "this Blender was built without FFmpeg and writes no .mp4; take one from blender.org, "
            "or name a folder for PNGs as --output"
        )


def check_sounds(scene: Any) -> None:
    """Raise AudioError where a sound that would be heard is missing: Blender plays silence."""
    for strip in compat.strips(scene):
        if strip.type != "SOUND" or strip.mute or strip.sound is None:
            continue
        path = Path(bpy.path.abspath(strip.sound.filepath))
        if strip.sound.packed_file is None and not path.is_file():
            raise errors.AudioError(
                f"{bpy.data.filepath}: the sound of its strip {strip.name!r} is missing: {path}; "
                "put it back, or mute or remove the strip"
            )
