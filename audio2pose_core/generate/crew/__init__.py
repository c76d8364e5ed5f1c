"""Crews: formations, changes between them, canon, mirror images, call and answer, crowds.

``company.make_crew`` is the way in; ``formations`` says where they stand, ``moves`` how they get
from one formation to the next, ``timing`` who dances when, ``room`` that nobody touches anybody,
``travel`` that nobody's feet slide. ``batch`` makes several dances in shared network passes.
"""

from __future__ import annotations

from .batch import generate_dances
from .company import Crew, make_crew, own_dances
from .formations import FORMATIONS, MOST, MOST_IN_CROWD, crowd_places, place_names, places
from .moves import Change, parse_changes
from .room import CLEARANCE, least_distance, main_heading

__all__ = [
    "CLEARANCE",
    "FORMATIONS",
    "MOST",
    "MOST_IN_CROWD",
    "Change",
    "Crew",
    "crowd_places",
    "generate_dances",
    "least_distance",
    "main_heading",
    "make_crew",
    "own_dances",
    "parse_changes",
    "place_names",
    "places",
]
