"""What is drawn in every 3D view; in the background there is nothing to draw on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy


class ViewDrawing:
    """A function that Blender calls after the scene of a 3D view is drawn."""

    def __init__(self, draw: Callable[[], None]) -> None:
        self._draw = draw
        self._handles: list[Any] = []

    def begin(self) -> None:
        """Draw from now on, where there is a window."""
        if not bpy.app.background:
            space: Any = bpy.types.SpaceView3D
            self._handles.append(space.draw_handler_add(self._draw, (), "WINDOW", "POST_VIEW"))

    def end(self) -> None:
        """No longer."""
        space: Any = bpy.types.SpaceView3D
        while self._handles:
            space.draw_handler_remove(self._handles.pop(), "WINDOW")
