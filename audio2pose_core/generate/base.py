"""A clip from elsewhere as the base of a dance: motion capture, another dancer's take.

It stays where it is not danced again. Where it ends before the song does the dance goes on, out of
its last pose. Its own pulse can be laid on the song's beats, and it can be varied: poses on
some beats stay, and the ways between them are danced anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..audio.beats import Beats
from ..cleanup.constraints import MotionConstraint
from ..cleanup.timing import sample_smooth
from ..errors import MotionError, OptionError
from ..metrics.pulse import pulse_of_motion
from ..motion import Motion
from .constraints import constrain_all_but

MOST_BEATS = 16
"""Of so many beats at most one keeps its pose in a variation."""
PACES = (0.5, 1.0, 2.0)
"""Beats of the song that one of the clip's may take: a half, one, or two."""


@dataclass(frozen=True)
class DanceBase:
    """A clip that a dance begins with.

    Attributes
    ----------
    motion : Motion
        At any frame rate; its second 0 is the song's second 0.
    spans : sequence of (start, stop)
        Seconds of the song that are danced again; ``stop`` may be infinite.
    parts : sequence of str
        Parts of the body that are danced again there, of ``constraints.PARTS``; all where none is
        named.
    retime : bool
        Whether its beats are laid on the song's.
    vary : int
        Poses stay on every so manieth beat, and all between them is danced again; 0 keeps
        everything.
    """

    motion: Motion
    spans: tuple[tuple[float, float], ...] = ()
    parts: tuple[str, ...] = ()
    retime: bool = False
    vary: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.vary <= MOST_BEATS:
            raise OptionError(
                f"a variation keeps poses on every {self.vary}th beat; choose 1 to {MOST_BEATS}, "
                "or 0 for none"
            )

    def constraint(self, beats: Beats) -> MotionConstraint:
        """What stays of the clip in a dance to ``beats``.

        Raises MotionError where it is to be retimed and keeps no pulse, OptionError for spans
        and parts that are not there.
        """
        motion = retimed(self.motion, beats) if self.retime else self.motion
        if self.spans or self.parts:
            mask = constrain_all_but(motion, self.spans, self.parts).mask
        else:
            mask = np.ones((len(motion), 25), dtype=bool)
        if self.vary:
            times = np.asarray(beats.times, dtype=np.float64)[:: self.vary]
            frames = np.round(times * motion.fps).astype(int)
            kept = np.zeros(len(motion), dtype=bool)
            kept[frames[(frames >= 0) & (frames < len(motion))]] = True
            mask &= kept[:, None]
        return MotionConstraint(motion, mask)


def retimed(motion: Motion, beats: Beats) -> Motion:
    """The clip at another pace: its pulse on the song's beats, from its first ones on.

    One beat of the clip takes a half, one or two of the song's, whichever changes its pace least.
    What the clip does before the beat that meets the song's first one is left out as far as the
    song has no time for it. Raises MotionError where the clip keeps no pulse.
    """
    pulse = pulse_of_motion(motion)
    if pulse.confidence <= 0.0:
        raise MotionError(
            "the clip keeps no pulse that could be laid on the song's beats; "
            "dance it at its own pace"
        )
    song = np.asarray(beats.times, dtype=np.float64)
    theirs = 60.0 / pulse.tempo_bpm
    ours = float(np.median(np.diff(song)))
    taken = min(PACES, key=lambda pace: abs(np.log(pace * ours / theirs)))
    # Song seconds to beats of the clip: whole on the song's beats (or each second, or between).
    place = np.arange(len(song)) / taken
    first = float(pulse.times[0])
    # As much of the clip in front of its first beat as there is song in front of its own.
    lead = song[0] / (ours * taken)
    start = np.ceil(max(0.0, lead - first / theirs) - 1e-9)
    count = round(motion.seconds / theirs * ours * taken * motion.fps)
    times = np.arange(max(1, count)) / motion.fps
    steps = np.interp(times, song, place)
    before, after = times < song[0], times > song[-1]
    steps[before] = (times[before] - song[0]) / (ours * taken)
    steps[after] = place[-1] + (times[after] - song[-1]) / (ours * taken)
    shown = first + theirs * (start + steps)
    inside = shown <= (len(motion) - 1) / motion.fps + 1e-9
    if inside.sum() < 2:
        raise MotionError("the clip is too short for the song's beats; dance it at its own pace")
    moved = sample_smooth(motion, shown[inside])
    return Motion(motion.fps, moved.root, moved.rotations, moved.contacts)
