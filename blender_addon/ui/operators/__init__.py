"""What the buttons do."""

from __future__ import annotations

from typing import Any

import bpy

from ...registration import in_order
from . import (
    beats,
    character,
    choreography,
    clip,
    crew,
    edit,
    export,
    fingers,
    generate,
    moves,
    running,
    sections,
    shot,
    takes,
)

register, unregister = in_order(
    running,
    generate,
    beats,
    sections,
    choreography,
    export,
    character,
    fingers,
    takes,
    edit,
    clip,
    moves,
    crew,
    shot,
)


def classes() -> list[Any]:
    """The operators of this package that are registered, in the order in which they were made."""
    found: list[Any] = []
    below: list[Any] = [bpy.types.Operator]
    while below:
        more = below.pop(0).__subclasses__()
        below += more
        found += [
            cls
            for cls in more
            if cls.__module__.startswith(f"{__name__}.") and getattr(cls, "is_registered", False)
        ]
    return found
