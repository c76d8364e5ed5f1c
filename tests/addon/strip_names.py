"""Strips changed as a person does it, by the names that this Blender has (renamed in 5.1)."""

from __future__ import annotations

from typing import Any


def set_trim(strip: Any, frames: int) -> None:
    """Cut frames off the content in front."""
    _set(strip, "content_trim_start", "animation_offset_start", frames)


def set_handles(strip: Any, left: float = 0, right: float = 0) -> None:
    """Move the handles inwards by so many frames."""
    _set(strip, "left_handle_offset", "frame_offset_start", left)
    _set(strip, "right_handle_offset", "frame_offset_end", right)


def move(strip: Any, frames: float) -> None:
    """Move the whole strip along."""
    name = "content_start" if hasattr(strip, "content_start") else "frame_start"
    setattr(strip, name, getattr(strip, name) + frames)


def set_length(strip: Any, frames: int) -> None:
    """Between its handles."""
    _set(strip, "duration", "frame_final_duration", frames)


def _set(strip: Any, new: str, old: str, value: float) -> None:
    setattr(strip, new if hasattr(strip, new) else old, value)
