"""Presets: how a family of rigs names its bones, one JSON file a family.

    {"family": "mixamo", "title": "Mixamo", "match": "words",
     "parts": {"pelvis": ["hips", "pelvis"], "collar": ["shoulder"], ...}}

``match`` is "words" (``names.canonical`` spellings, of which the first that the
rig has counts; spine and neck are what lies between) or "names" (bones as they
are called, of a control rig or of one rig alone; spine and neck are listed).
Parts without a side stand for left and right: "{side}" in a name is left or
right, "{s}" is what ``sides`` says. "fingers" only say which way a hand points.
Of families that fit the one whose ``sign``, regular expressions, is in the bones' names
is taken: each has to be found in one of them. ``frames``, ``still`` and ``switches`` are
those of ``BoneMap``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import DataError, RigError
from ..json_file import read_json
from .rig import PARTS, BoneMap, Switch

FOLDER = Path(__file__).parent / "presets"
SIDED = (
    "collar", "shoulder", "elbow", "wrist", "hand", "fingers", "hip", "knee", "ankle", "foot",
)  # fmt: skip
_KEYS = {
    "family",
    "title",
    "match",
    "sign",
    "sides",
    "parts",
    "frames",
    "still",
    "switches",
    "ik",
    "ik_switches",
}


@dataclass(frozen=True)
class Preset:
    """A family of rigs, as in its file."""

    family: str
    title: str
    match: str
    sign: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    sides: tuple[str, str] = ("left", "right")
    frames: Mapping[str, str] | None = None
    still: tuple[str, ...] = ()
    switches: tuple[tuple[str, str, float], ...] = ()
    ik: Mapping[str, str] | None = None
    ik_switches: tuple[tuple[str, str, float], ...] = ()

    def signed(self, names: Iterable[str]) -> int:
        """2 where the names show the preset's sign, 1 where it has none, 0 where they do not."""
        names = tuple(names)
        if not self.sign:
            return 1
        return 2 if all(any(re.search(s, name) for name in names) for s in self.sign) else 0

    def sided(self, text: str, side: str) -> str:
        """A name of the preset for one side."""
        letter = self.sides[0] if side == "left" else self.sides[1]
        return text.replace("{side}", side).replace("{s}", letter)

    def spread(self, text: str) -> list[str]:
        """A name for both sides, or the name."""
        both = [self.sided(text, side) for side in ("left", "right")]
        return both if both[0] != both[1] else both[:1]


@cache
def shipped() -> tuple[Preset, ...]:
    """All presets that come with Audio2Pose."""
    return tuple(read_preset(path) for path in sorted(FOLDER.glob("*.json")))


def read_preset(path: Path) -> Preset:
    """Read and check a preset file; RigError, with its name, where it is none."""
    try:
        raw = read_json(path)
    except DataError as error:
        raise RigError(f"no bone preset: {error}") from error
    return parse_preset(raw, str(path))


def parse_preset(raw: Any, source: str) -> Preset:
    """Check what a preset file holds; ``source`` names it in errors."""

    def refuse(why: str) -> RigError:
        return RigError(f"{source} is no bone preset: {why}")

    if not isinstance(raw, dict) or not isinstance(raw.get("parts"), dict):
        raise refuse("it has no table of parts")
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise refuse(f"it has an unknown entry {unknown[0]!r}")
    if raw.get("match") not in ("words", "names"):
        raise refuse('"match" is neither "words" nor "names"')
    family, title = raw.get("family"), raw.get("title")
    if not (isinstance(family, str) and family and isinstance(title, str) and title):
        raise refuse('"family" and "title" have to be texts')
    sign = raw.get("sign", [])
    sign = _texts([sign] if isinstance(sign, str) and sign else sign or [], refuse, "sign")
    try:
        for pattern in sign:
            re.compile(pattern)
    except re.error as error:
        raise refuse(f'"sign" is no regular expression: {error}') from error
    parts = {}
    for part, words in raw["parts"].items():
        if part not in PARTS and part not in SIDED:
            raise refuse(f"there is no part {part!r}")
        parts[part] = _texts(words, refuse, part)
    sides = _texts(raw.get("sides", ["left", "right"]), refuse, "sides")
    if len(sides) != 2:
        raise refuse('"sides" are two texts')
    frames = raw.get("frames", {})
    if not isinstance(frames, dict) or not all(isinstance(v, str) for v in frames.values()):
        raise refuse('"frames" is no table of parts')
    ik = raw.get("ik", {})
    if not isinstance(ik, dict) or not all(isinstance(v, str) for v in ik.values()):
        raise refuse('"ik" is no table of controls')
    switches, ik_switches = (_switches(raw.get(k, []), refuse) for k in ("switches", "ik_switches"))
    still = _texts(raw.get("still", []), refuse, "still")
    return Preset(
        family,
        title,
        raw["match"],
        sign,
        parts,
        (sides[0], sides[1]),
        frames,
        still,
        switches,
        ik,
        ik_switches,
    )


def _switches(entries: Any, refuse: Any) -> tuple[tuple[str, str, float], ...]:
    out = []
    for entry in entries if isinstance(entries, list) else [None]:
        if not (
            isinstance(entry, list)
            and len(entry) == 3
            and isinstance(entry[0], str)
            and isinstance(entry[1], str)
            and isinstance(entry[2], int | float)
        ):
            raise refuse("a switch is a bone, a property and a number")
        out.append((entry[0], entry[1], float(entry[2])))
    return tuple(out)


def _texts(value: Any, refuse: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise refuse(f"{what!r} is no list of names")
    return tuple(value)


def preset_of(bone_map: BoneMap, family: str, title: str) -> dict[str, Any]:
    """What a file says of one rig's map: its bones by name, for ``parse_preset``."""
    return {
        "family": family,
        "title": title,
        "match": "names",
        "parts": {part: list(names) for part, names in bone_map.bones.items() if names},
        "frames": dict(bone_map.frames),
        "still": list(bone_map.still),
        "switches": [[s.bone, s.name, s.value] for s in bone_map.switches],
        "ik": dict(bone_map.ik),
        "ik_switches": [[s.bone, s.name, s.value] for s in bone_map.ik_switches],
    }


def map_by_preset(preset: Preset, names: Mapping[str, int]) -> BoneMap:
    """The map of a preset that lists names: what the rig has of them."""
    bones: dict[str, tuple[str, ...]] = {}
    frames: dict[str, str] = {}
    for part, words in preset.parts.items():
        for side in ("left", "right") if part in SIDED else ("",):
            key = f"{side}_{part}" if side else part
            found = [w for w in (preset.sided(word, side) for word in words) if w in names]
            if found:
                bones[key] = tuple(found) if part in ("spine", "neck") else (found[0],)
    for part, other in (preset.frames or {}).items():
        for side in ("left", "right") if part in SIDED else ("",):
            far = f"{side}_{other}" if side and other in SIDED else other
            frames[f"{side}_{part}" if side else part] = far
    still = tuple(n for word in preset.still for n in preset.spread(word) if n in names)
    ik: dict[str, str] = {}
    for part, text in (preset.ik or {}).items():
        sides = ("left", "right") if part in ("ankle", "pole", "foot") else ("",)
        for side in sides:
            name = preset.sided(text, side or "left")
            if name in names:
                ik[f"{side}_{part}" if side else part] = name

    def set_on(entries: tuple[tuple[str, str, float], ...]) -> tuple[Switch, ...]:
        return tuple(
            Switch(bone, name, value)
            for text, name, value in entries
            for bone in preset.spread(text)
            if bone in names
        )

    on_fk, on_ik = set_on(preset.switches), set_on(preset.ik_switches)
    return BoneMap(preset.family, bones, frames, still, on_fk, ik, on_ik)
