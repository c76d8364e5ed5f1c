"""What the worker is asked for to make a crew. Plain data and files, no bpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..core import beat_file, dance_keys, motion as core_motion, npz, skeleton
from .messages import BEATS_FILE, DanceRequest, TrackKeys, read_keys

LEAD_FILE = "lead.npz"
CURVE_FILE = "curve.npy"


class CrewAnswer(NamedTuple):
    """The worker's answer.

    ``motions`` are all dances, the first dancer's first; ``keys`` those of every dancer whose
    keys are new, where they were asked for: of all but the first, or of all in call and answer.
    """

    motions: list[core_motion.Motion]
    keys: list[list[TrackKeys]] | None


@dataclass(frozen=True)
class CrewRequest:
    """A crew for a dance that is there.

    Attributes
    ----------
    name : str
        The song, for messages.
    lead : Motion
        The first dancer's dance.
    beats : Beats
        Seconds from its first frame.
    count, spacing, formation, changes, canon_beats, answer, mirror, curve
        As ``core.crew.make_crew`` takes them; ``changes`` as (second, formation).
    own : DanceRequest or None
        The song that the others dance their own dances to; None is one dance for all.
    parts : sequence of (str, int)
        Style and seed of each of the others, where they have dances of their own.
    late : float
        Seconds from the song's first sample to the first frame of the lead.
    reduce_at : SceneTime or None
        Where the dances lie in the scene, for keys of our own dancers.
    key_error, together : float, bool
        Metres; whether the whole body is keyed on the same frames.
    """

    name: str
    lead: core_motion.Motion
    beats: beat_file.Beats
    count: int
    spacing: float
    formation: str
    changes: Sequence[tuple[float, str]] = ()
    canon_beats: float = 0.0
    answer: bool = False
    mirror: bool = True
    curve: np.ndarray | None = None
    own: DanceRequest | None = None
    parts: Sequence[tuple[str, int]] = ()
    late: float = 0.0
    reduce_at: dance_keys.SceneTime | None = None
    key_error: float = 0.01
    together: bool = False

    def write(self, folder: Path) -> dict[str, Any]:
        """Dance, beats and song into ``folder``; the message."""
        npz.save_npz(folder / LEAD_FILE, self.lead)
        message: dict[str, Any] = {} if self.own is None else self.own.write(folder)
        # The song's own beats, which the request of the dances wrote, are told by the message.
        own_beats = message.get("beats")
        if own_beats is not None:
            (folder / BEATS_FILE).rename(folder / f"song-{BEATS_FILE}")
        beat_file.save_beats(folder / BEATS_FILE, self.beats)
        if self.curve is not None:
            np.save(folder / CURVE_FILE, self.curve)
        time = self.reduce_at
        return message | {
            "task": "crew",
            "lead": LEAD_FILE,
            "beats": BEATS_FILE,
            "song_beats": None if own_beats is None else f"song-{BEATS_FILE}",
            "parts": [[style, int(seed)] for style, seed in self.parts],
            "late": float(self.late),
            "curve": None if self.curve is None else CURVE_FILE,
            "crew": {
                "count": int(self.count),
                "spacing": float(self.spacing),
                "formation": self.formation,
                "changes": [[float(second), name] for second, name in self.changes],
                "canon_beats": float(self.canon_beats),
                "answer": self.answer,
                "mirror": self.mirror,
            },
            "reduction": None
            if time is None
            else {
                "start": float(time.start),
                "fps": float(time.fps),
                "error": self.key_error,
                "together": self.together,
            },
        }

    def read(self, message: Mapping[str, Any]) -> CrewAnswer:
        """The dances that a "done" message names; MotionError if they cannot be read."""
        motions = [npz.load_npz(path) for path in message["motions"]]
        if self.reduce_at is None:
            return CrewAnswer(motions, None)
        tracks = 1 + skeleton.NUM_JOINTS
        return CrewAnswer(motions, [read_keys(path, tracks) for path in message["keys"]])
