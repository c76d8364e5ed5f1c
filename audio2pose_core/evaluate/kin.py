"""Which clips are the same dance: takes of one choreography, and both dancers of a couple."""

from __future__ import annotations

import re
from pathlib import Path

from ..data.aistpp.names import parse_name
from ..errors import DataError


def choreography_of(file: str) -> str:
    """What is danced in a file: of AIST++ the choreography, else the take.

    Basic choreographies are the same whoever dances them; advanced ones are the dancer's own.
    """
    stem = Path(file).stem
    try:
        name = parse_name(stem)
    except DataError:
        # Both dancers of a couple's take dance the same figures.
        return re.sub(r"^cmu_6[01]_", "cmu_60/61_", stem)
    whose = f"_d{name.dancer}" if name.situation == "FM" else ""
    return f"g{name.genre}_s{name.situation}{whose}_ch{name.choreography}"
