"""A long render in pieces: each frame a PNG of its own, joined to one MP4 with sound at the end.

A frame lies under its name only when it is whole, so whatever ends a render (Ctrl-C,
kill -9, a loss of power), the next one makes the missing frames and no others. PNG
loses nothing: the joined video has the very pictures of a render in one go. The folder
may be shared by several machines; two that make the same frame make the same file.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..core import errors, files
from . import pictures, video

# Blender grows a strip by copying it: many short ones take time linear in the frames.
_STRIP_FRAMES = 500
# Blender tells nothing of a disk that is full; so often is looked whether all is well.
_SLICE_FRAMES = 50

OnFrame = Callable[[int, int], None]


def render_frames(
    scene: Any,
    folder: Path,
    first: int,
    last: int,
    on_frame: OnFrame | None = None,
    on_stop: Callable[[], None] | None = None,
) -> int:
    """Render the frames of first..last that ``folder`` lacks; returns how many they were.

    ``on_frame(done, total)`` counts those that were there. Raises OutputError where
    Blender cannot write, Cancelled where it was stopped; whole frames stay.
    """
    total = last - first + 1
    with _write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        runs = files.missing_frames(folder, first, last)
        missing = sum(end - begin + 1 for begin, end in runs)
        if not missing:
            return 0
        scrap = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    done = total - missing

    def written(*_: Any) -> None:
        nonlocal done
        frame = scene.frame_current
        if not files.is_whole_png(files.frame_path(scrap, frame)):
            return
        os.replace(files.frame_path(scrap, frame), files.frame_path(folder, frame))
        done += 1
        if on_frame is not None:
            on_frame(done, total)

    def clean_up() -> None:
        shutil.rmtree(scrap, ignore_errors=True)
        if on_stop is not None:
            on_stop()

    compat.set_frames_output(scene, str(scrap / "######"))
    kept = scene.frame_start, scene.frame_end
    try:
        with video.drawing(written, clean_up):
            for number, (begin, end) in enumerate(_slices(runs)):
                before = done
                scene.frame_start, scene.frame_end = begin, end
                with _write_errors(folder):
                    result = bpy.ops.render.render(animation=True, scene=scene.name)
                if "FINISHED" not in result or done - before < end - begin + 1:
                    _check_disk(folder)
                    raise errors.Cancelled(f"{folder}: stopped after {done} of {total} frames")
                if number == 0:
                    size = files.frame_path(folder, begin).stat().st_size
                    _check_room(folder, size * (missing - 1))
    finally:
        scene.frame_start, scene.frame_end = kept
        shutil.rmtree(scrap, ignore_errors=True)
    return missing


def _slices(runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The runs in short pieces; the first frame alone: its size tells what the disk must take."""
    length = 1
    for first, last in runs:
        begin = first
        while begin <= last:
            end = min(begin + length - 1, last)
            yield begin, end
            begin, length = end + 1, _SLICE_FRAMES


def join_frames(
    scene: Any,
    folder: Path,
    output: Path,
    on_frame: OnFrame | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Make the frames of the scene's range one MP4 with the scene's sound.

    The scene is the one that the frames were rendered from: its sound strips are what
    is heard. It is changed and of no use afterwards. Raises OutputError where frames
    are missing.
    """
    first, last = _check_all_there(scene, folder)
    editor = scene.sequence_editor or scene.sequence_editor_create()
    channel = 1 + max((strip.channel for strip in compat.strips(scene)), default=0)
    for begin in range(first, last + 1, _STRIP_FRAMES):
        end = min(begin + _STRIP_FRAMES - 1, last)
        path = files.frame_path(folder, begin)
        strip = editor.strips.new_image(f"Frames {begin}", str(path), channel, begin)
        strip.blend_type = "REPLACE"
        for frame in range(begin + 1, end + 1):
            strip.elements.append(files.frame_path(folder, frame).name)
    # The frames have had all of this already.
    scene.sequencer_colorspace_settings.name = "sRGB"
    view = scene.view_settings
    view.view_transform, view.look, view.exposure, view.gamma = "Standard", "None", 0.0, 1.0
    view.use_curve_mapping = False
    scene.render.dither_intensity = 0.0
    scene.render.use_stamp = scene.render.use_border = False
    video.render_video(scene, output, on_frame, on_stop)


def hand_out(scene: Any, folder: Path, output: Path) -> None:
    """Copy the frames of the scene's range to where a sequence of pictures shall lie.

    Raises OutputError where frames are missing or cannot be written.
    """
    first, last = _check_all_there(scene, folder)
    for frame in range(first, last + 1):
        with files.whole_file(pictures.picture_path(output, frame)) as temporary:
            shutil.copyfile(files.frame_path(folder, frame), temporary)


def _check_all_there(scene: Any, folder: Path) -> tuple[int, int]:
    first, last = scene.frame_start, scene.frame_end
    if runs := files.missing_frames(folder, first, last):
        count = sum(end - begin + 1 for begin, end in runs)
        raise errors.OutputError(
            f"{folder}: {count} of {last - first + 1} frames are missing, the first is "
            f"{runs[0][0]}; render them before they are joined"
        )
    return first, last


@contextmanager
def _write_errors(folder: Path) -> Iterator[None]:
    """What goes wrong with files, as one kind of error that says what to do."""
    try:
        yield
    except OSError as error:
        raise errors.OutputError(
            f"cannot write {error.filename2 or error.filename or folder}: "
            f"{error.strerror or error}; free some space or choose another place"
        ) from error
    except RuntimeError as error:
        # Blender reports every failure of an operator this way.
        _check_disk(folder)
        raise errors.OutputError(f"{folder}: Blender could not render: {error}") from error


def _check_disk(folder: Path) -> None:
    """Raise OutputError where nothing more can be written."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * (1 << 20))
            file.flush()
    except OSError as error:
        raise errors.OutputError(
            f"cannot write in {folder}: {error.strerror or error}; free some space or choose "
            "another place"
        ) from error


def _check_room(folder: Path, needed: int) -> None:
    """Raise OutputError where not even half of what is to come has room: frames differ in size."""
    free = shutil.disk_usage(folder).free
    if free < needed / 2:
        raise errors.OutputError(
            f"{folder}: the frames need about {files.size_text(needed)}, "
            f"{files.size_text(free)} are free; "
            "free some space or choose another place"
        )
