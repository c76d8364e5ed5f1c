"""Between the music and the network: a plan of the dance that a person can read and edit.

``choreograph`` makes one from what the ears heard; ``generate_dance(..., plan=...)`` obeys it.
"""

from .hands import HandSpan
from .plan import Choreography, Front, Held, Path, Phrase, load_plan, save_plan
from .planner import choreograph

__all__ = [
    "Choreography",
    "Front",
    "HandSpan",
    "Held",
    "Path",
    "Phrase",
    "choreograph",
    "load_plan",
    "save_plan",
]
