"""A dance as pictures: one PNG a frame, with alpha where the film is transparent."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import compat
from ..core import errors
from .video import draw_range


def render_pictures(
    scene: Any,
    output: str | Path,
    on_frame: Callable[[int, int], None] | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Render the scene's frame range as PNG files, one a frame, named by ``picture_path``.

    Each file appears when it is whole; what is there already is replaced.
    Where the scene's film is transparent, so are they. Arguments and errors are
    those of ``render_video``.
    """
    output = Path(output)
    first = picture_path(output, scene.frame_start)
    try:
        first.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.OutputError(f"{first.parent}: cannot be made: {error.strerror}") from error
    total = scene.frame_end - scene.frame_start + 1
    done, failed = 0, ""
    with _folder_beside(first) as folder:

        def written(*_: Any) -> None:
            nonlocal done, failed
            frame = scene.frame_current
            try:
                os.replace(folder / f"{frame:06d}.png", picture_path(output, frame))
            except OSError as error:
                # Here an exception would only be printed; the frame is missed below.
                failed = f": {error.strerror}"
                return
            done += 1
            if on_frame is not None:
                on_frame(done, total)

        def clean_up() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            if on_stop is not None:
                on_stop()

        compat.set_frames_output(scene, str(folder / "######"))
        finished = draw_range(scene, output, written, clean_up)
    if failed:
        raise errors.OutputError(f"{output}: {total - done} of {total} frames not written{failed}")
    if not finished or done < total:
        raise errors.Cancelled(f"{output}: stopped after {done} of {total} frames")


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder on the same disk, where files become whole before they are moved to their place."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".audio2pose-", dir=path.parent))
    except OSError as error:
        raise errors.OutputError(
            f"{path.parent}: cannot be written to: {error.strerror}"
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_video(path: Path) -> bool:
    """Whether the output is one .mp4 and not a sequence of pictures.

    Raises OptionError for names that are neither: a sequence is a folder, or a
    name with # for the digits and .png at the end.
    """
    if path.suffix.lower() == ".mp4":
        return True
    if path.suffix == "" or path.is_dir() or ("#" in path.name and path.suffix == ".png"):
        return False
    raise errors.OptionError(
        f"{path}: name a video with .mp4 at the end, pictures as a folder or like dance_####.png"
    )


def picture_path(output: Path, frame: int) -> Path:
    """The file of a frame: in the folder ``output``, or by its name with # for the digits."""
    if "#" not in output.name:
        return output / f"frame_{frame:06d}.png"
    digits = output.name.count("#")
    head, tail = output.name.split("#" * digits) if "#" * digits in output.name else ("", "")
    if not head and not tail:
        raise errors.OptionError(f"{output}: write the # of the frame number together")
    return output.with_name(f"{head}{frame:0{digits}d}{tail}")
