"""The sidebar and the preferences."""

from __future__ import annotations

from ...registration import in_order
from . import (
    character,
    choreography,
    clip,
    crew,
    edit,
    export,
    main,
    moves,
    preferences,
    sections,
    shot,
    takes,
)

register, unregister = in_order(
    preferences,
    main,
    sections,
    choreography,
    character,
    takes,
    edit,
    clip,
    moves,
    crew,
    shot,
    export,
)
