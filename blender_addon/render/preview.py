"""A short video of some bars with their sound; the scene itself stays as it is.

What is rendered is a copy of the scene that shares its objects: it has its own frame range,
engine and output, and is taken away afterwards, whatever happened.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..core import errors
from . import engines, video

NAME = "Dance Preview"
HALF = 50


@dataclass(frozen=True)
class Preview:
    """A preview that is ready to be rendered: a scene of its own, and the video it makes."""

    scene_name: str
    output: Path

    @property
    def scene(self) -> Any:
        """The copy; None once it is gone."""
        return bpy.data.scenes.get(self.scene_name)

    def finish(self) -> None:
        """Take the copy away."""
        if self.scene is not None:
            bpy.data.scenes.remove(self.scene)


def prepare(scene: Any, first: int, last: int, output: Path | None, fast: bool) -> Preview:
    """A copy of ``scene`` that renders frames ``first`` to ``last`` as an .mp4 with sound.

    ``output`` None is a file in Blender's temporary folder; ``fast`` draws with Workbench at half
    the size. Raises OptionError, OutputError, with no copy left.
    """
    video.check_encoder()
    if scene.camera is None:
        raise errors.OptionError("the scene has no camera; press Add Dance Camera first")
    if last < first:
        raise errors.OptionError(f"nothing to render from frame {first} to {last}")
    if output is None:
        output = Path(bpy.app.tempdir or tempfile.gettempdir()) / "dance_preview.mp4"
    video.check_video_path(output)
    video.check_sounds(scene)
    copy = scene.copy()
    copy.name = NAME
    preview = Preview(copy.name, output)
    try:
        copy.frame_start, copy.frame_end = first, last
        copy.use_preview_range = False
        if fast:
            engines.set_engine(copy, "workbench", dark=_is_dark(scene))
            copy.render.resolution_percentage = HALF
        _even(copy)
        compat.set_video_output(copy, str(output))
    except Exception:
        preview.finish()
        raise
    return preview


def render_now(preview: Preview) -> None:
    """Render and wait, as in the background; OutputError where Blender wrote nothing."""
    try:
        bpy.ops.render.render(animation=True, scene=preview.scene_name)
    except RuntimeError as error:
        raise errors.OutputError(f"{preview.output}: Blender could not render: {error}") from error
    finally:
        preview.finish()
    if not preview.output.is_file() or preview.output.stat().st_size == 0:
        raise errors.OutputError(f"{preview.output}: Blender wrote no video")


def _is_dark(scene: Any) -> bool:
    """Whether the scene brings its own shine, as the club does."""
    world = scene.world
    return world is not None and max(world.color) < 0.03


def _even(scene: Any) -> None:
    """H.264 wants even numbers of pixels."""
    render = scene.render
    share = render.resolution_percentage / 100
    for name in ("resolution_x", "resolution_y"):
        pixels = int(getattr(render, name) * share)
        setattr(render, name, max(2, pixels - pixels % 2))
    render.resolution_percentage = 100
