"""What is known to be wrong with each source of motion capture, in one place.

Metrics leave out the figures that a source cannot tell, and training leaves out of its
losses what a source does not show: a wrist that was never captured is rigid, and a
network that learns from it dances with rigid wrists. The facts are those of the data's
own notes, checked on the data itself (``training/REAL_MOTION.md``: how far each joint
turns in each source).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .skeleton import INDEX, NUM_JOINTS

_FEET = ("left_foot", "right_foot")
_ANKLES = ("left_ankle", "right_ankle")
_WRISTS = ("left_wrist", "right_wrist")
_HANDS = ("left_hand", "right_hand")
_COLLARS = ("left_collar", "right_collar")
_SPINE = ("spine1", "spine2", "spine3")


@dataclass(frozen=True)
class SourceFaults:
    """What not to believe of a source."""

    rotations: tuple[str, ...] = ()
    """Joints whose own turn is not the dancer's: rigid, made up, or shared out among several.

    The hands are in none of these: no source turns them against the wrists."""
    positions: tuple[str, ...] = ()
    """Joints that are in a wrong place of the body because of it."""
    path: bool = True
    """Whether the way over the floor is the dancer's; False where it was rebuilt or joined."""
    flight: bool = True
    """Whether jumps leave the floor."""
    limited: bool = False
    """The whole body was held within a robot's limits: believed where nothing else has a style."""
    measures: tuple[str, ...] = ()
    """Figures of ``metrics.watching`` that it cannot tell."""


_ENDS = ("opening", "ending")
"""Cut out of a longer dance or a take, a clip neither opens nor ends."""

FAULTS: dict[str, SourceFaults] = {
    # Two seconds each, joined: the path is approximate; hands, feet and head are rigid.
    "aistpp": SourceFaults(
        rotations=(*_FEET, *_WRISTS, "head"), positions=_HANDS, path=False, measures=_ENDS
    ),
    # Root path rebuilt by holding the lower ankle, one spine joint shared out among three,
    # knees bent by 5 to 10 degrees too much.
    "aistpp_continuous": SourceFaults(
        rotations=(*_FEET, *_WRISTS, *_SPINE),
        positions=_HANDS,
        path=False,
        flight=False,
        measures=("jumps_per_min", "straight_knees", *_ENDS),
    ),
    # The original annotations, whose ankles and wrists hardly turn.
    "aistpp_official": SourceFaults(
        rotations=(*_ANKLES, *_FEET, *_WRISTS),
        positions=(*_FEET, *_HANDS),
        measures=_ENDS,
    ),
    # Through the 29 joints of a robot: no shoulder girdle, neck and head made up, one waist.
    "g1_moves": SourceFaults(
        rotations=(*_FEET, *_COLLARS, *_SPINE, "neck", "head"),
        positions=("head",),
        limited=True,
    ),
    "cmu_salsa": SourceFaults(rotations=(*_FEET, *_COLLARS), measures=_ENDS),
    "cmu_modern": SourceFaults(rotations=_FEET, measures=_ENDS),
    "cmu_breakdance": SourceFaults(measures=_ENDS),
    "cmu_more": SourceFaults(rotations=_COLLARS, measures=_ENDS),
    # A drawing's skeleton: no hands, no shoulder girdle, a spine of one joint, drifting height.
    "animated_drawings": SourceFaults(
        rotations=(*_WRISTS, *_COLLARS, "spine1", "spine2", "neck"),
        positions=_HANDS,
        path=False,
        flight=False,
        measures=("jumps_per_min", "both_planted", "lifts_per_s", *_ENDS),
    ),
}
"""By the name of the source; one that is not in it has no known faults."""


def faults_of(source: str) -> SourceFaults:
    """The faults of a source, none for one that is not known."""
    return FAULTS.get(source, SourceFaults())


def believed(joints: tuple[str, ...]) -> np.ndarray:
    """(24,) bool, False at the named joints."""
    out = np.ones(NUM_JOINTS, dtype=bool)
    out[[INDEX[name] for name in joints]] = False
    return out
