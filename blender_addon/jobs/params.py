"""The settings that a dance was asked with: one type from the panel to the take. No bpy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core import errors

REDUCED, POSES, EVERY_FRAME = "REDUCED", "POSES", "EVERY_FRAME"
WHOLE_SONG, SCENE_RANGE, PREVIEW_RANGE = "STRIP", "SCENE", "PREVIEW"

_FOR_THE_LIBRARY = ("style", "seed", "energy", "quality", "accents", "structure", "difference")

_ADDED_SINCE: dict[str, Any] = {
    "direction": None,
    "difference": 0.5,
    "lead_in": False,
    "dials": None,
    "moves": None,
    "marks": None,
}
"""Settings that takes of version 0.2 do not have, and what they were then."""


@dataclass(frozen=True)
class GenerationParams:
    """What a dance depends on besides the song's sound and its beats.

    Attributes
    ----------
    style, seed, energy, quality, accents, structure : as in ``generate_dance``
    model : str or None
        The model's file; "" is the shipped one, None is not known (takes of version 0.1).
    source, strip, file : str
        Where the song comes from, as in the scene's settings.
    range : str
        Which part of the song, as in the scene's settings; "" is not known.
    range_frames : (int, int) or None
        The first and the last frame of a range that is not the whole song.
    keys : "REDUCED", "POSES" (reduced, the whole body on the same frames) or "EVERY_FRAME"
    key_error : float
        Centimetres that hands and feet may stray where keys are reduced.
    difference : float
        How different a regenerated region is from what was there, as in ``generate_dance``.
    direction : mapping or None
        What a person directs, as ``choreography.direction.Direction.record``; times are seconds
        from where the dance begins. None leaves all to the song.
    lead_in : bool
        Whether the dance begins with a standing pose.
    moves : str or None
        The tag of the file's own moves that phrases may return to, "" for all of them; None does
        without them.
    dials : mapping or None
        How dials, front and path were set in the scene, for ``generate.dial_record``; None is
        not known.
    marks : mapping or None
        The song's beats, sections and events as they were marked, for ``song.mark_record``; None
        where they were not, or is not known.
    """

    style: str = "auto"
    seed: int = 0
    energy: float = 0.0
    quality: int = 1
    accents: str = "auto"
    structure: bool = True
    model: str | None = ""
    source: str = "STRIP"
    strip: str = ""
    file: str = ""
    range: str = WHOLE_SONG
    range_frames: tuple[int, int] | None = None
    keys: str = REDUCED
    key_error: float = 1.0
    direction: Mapping[str, Any] | None = None
    difference: float = 0.5
    lead_in: bool = False
    dials: Mapping[str, Any] | None = None
    moves: str | None = None
    marks: Mapping[str, Any] | None = None

    @property
    def reduces_keys(self) -> bool:
        """Whether the dance is written with few keys."""
        return self.keys != EVERY_FRAME

    @property
    def keys_poses(self) -> bool:
        """Whether all of the body is keyed on the same frames."""
        return self.keys == POSES

    @property
    def key_error_metres(self) -> float:
        """``key_error`` in metres."""
        return self.key_error / 100.0

    def options(self) -> dict[str, Any]:
        """The keywords of ``generate_dance`` among them; the direction as JSON."""
        asked = {name: getattr(self, name) for name in _FOR_THE_LIBRARY}
        return asked if self.direction is None else asked | {"direction": self.direction}

    def to_json(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> GenerationParams:
        """What ``to_json`` gave; DataError for anything else."""
        values = _ADDED_SINCE | dict(values)
        known = {f.name for f in dataclasses.fields(cls)}
        if set(values) != known:
            wrong = ", ".join(sorted(known ^ set(values)))
            raise errors.DataError(f"settings of a dance that are missing or not known: {wrong}")
        frames = values["range_frames"]
        try:
            return cls(
                style=str(values["style"]),
                seed=int(values["seed"]),
                energy=float(values["energy"]),
                quality=int(values["quality"]),
                accents=str(values["accents"]),
                structure=bool(values["structure"]),
                model=None if values["model"] is None else str(values["model"]),
                source=str(values["source"]),
                strip=str(values["strip"]),
                file=str(values["file"]),
                range=str(values["range"]),
                range_frames=None if frames is None else (int(frames[0]), int(frames[1])),
                keys=str(values["keys"]),
                key_error=float(values["key_error"]),
                difference=float(values["difference"]),
                lead_in=bool(values["lead_in"]),
                direction=None if values["direction"] is None else dict(values["direction"]),
                moves=None if values["moves"] is None else str(values["moves"]),
                dials=None if values["dials"] is None else dict(values["dials"]),
                marks=None if values["marks"] is None else dict(values["marks"]),
            )
        except (ValueError, TypeError, IndexError) as error:
            raise errors.DataError(f"settings of a dance that cannot be read: {error}") from error
