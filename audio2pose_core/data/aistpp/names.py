"""AIST++ by its names: what a clip is called, how long it is, which split it belongs to.

    gLH_sBM_cAll_d16_mLH0_ch01
     |   |    |   |    |    `- choreography
     |   |    |   |    `- music: genre and number, which gives the tempo
     |   |    |   `- dancer
     |   |    `- camera; cAll stands for all nine, as motion has no camera
     |   `- situation: BM basic (16 beats), FM advanced (64 beats)
     `- genre

Source: the dataset's site, https://google.github.io/aistplusplus_dataset.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import DataError, OptionError
from .lists import IGNORED

LIST_URL = "https://storage.googleapis.com/aist_plusplus_public/20121228/video_list.txt"
BASE_URL = "https://aistdancedb.ongaaccel.jp/v1.0.0/video/10M/"
TERMS_URL = "https://aistdancedb.ongaaccel.jp/terms_of_use/"

FPS = 60.0
"""Frames per second of every AIST++ motion: 720 frames are 12 s, not 24."""

GENRES = {
    "BR": "break",
    "PO": "pop",
    "LO": "lock",
    "MH": "middle hip-hop",
    "LH": "LA hip-hop",
    "HO": "house",
    "WA": "waack",
    "KR": "krump",
    "JS": "street jazz",
    "JB": "ballet jazz",
}
SEQUENCES = {genre: 140 if genre in ("PO", "WA") else 141 for genre in GENRES}
"""How many clips of each genre the whole of AIST++ holds: 1,408 together."""
SITUATIONS = {"BM": ("basic", 16), "FM": ("advanced", 64)}  # word, beats

# Music of the official validation and test clips: cross-modal splits share neither music nor
# basic choreography with training. With it the split is a rule, and needs no list.
_HELD_OUT_MUSIC = {"BR0", "HO5", "JB5", "JS3", "KR2", "LH4", "LO2", "MH3", "PO1", "WA0"}

_NAME = re.compile(r"g([A-Z]{2})_s([A-Z]{2})_c(All|0[1-9])_d(\d\d)_m([A-Z]{2})(\d)_ch(\d\d)")


@dataclass(frozen=True, order=True)
class Name:
    """The parts of an AIST++ name; ``str`` spells it."""

    genre: str
    situation: str
    camera: str  # "All" or "01" to "09"
    dancer: str
    music: str  # genre and number, "LH0"
    choreography: str

    def __str__(self) -> str:
        return (
            f"g{self.genre}_s{self.situation}_c{self.camera}_d{self.dancer}"
            f"_m{self.music}_ch{self.choreography}"
        )

    def with_camera(self, camera: str) -> Name:
        """The same dance from camera "01" to "09", or from "All"."""
        return replace(self, camera=camera)

    @property
    def motion(self) -> str:
        """The name that motion files bear (cAll)."""
        return str(self.with_camera("All"))

    @property
    def sound(self) -> str:
        """The name that our audio and beat files bear (c01)."""
        return str(self.with_camera("01"))

    @property
    def tempo_bpm(self) -> float | None:
        """The song's tempo: 80 to 130 bpm by its number, house 110 to 135; None if unknown."""
        number = int(self.music[2])
        if number > 5:
            return None
        return 110.0 + 5 * number if self.music[:2] == "HO" else 80.0 + 10 * number

    @property
    def seconds(self) -> float | None:
        """How long such a clip is by its beats and tempo; official clips keep to it in 0.1 s."""
        if self.tempo_bpm is None or self.situation not in SITUATIONS:
            return None
        return SITUATIONS[self.situation][1] * 60.0 / self.tempo_bpm

    @property
    def split(self) -> str:
        """The official cross-modal split: "train" (980), "val" (20), "test" (20) or "unused".

        Training has neither the held-out music nor the basic choreographies
        ch01 and ch02; validation is ch01 and test ch02 of the held-out music.
        The unused rest shares music or choreography with both sides.
        """
        held_out = self.music in _HELD_OUT_MUSIC
        first = self.situation == "BM" and self.choreography in ("01", "02")
        if not held_out and not first:
            return "train"
        if held_out and first:
            return "val" if self.choreography == "01" else "test"
        return "unused"

    @property
    def ignored(self) -> bool:
        """Whether it is among the 45 that the dataset's authors call badly reconstructed."""
        return self.motion in IGNORED


def parse_name(text: str) -> Name:
    """The parts of a name, with or without a folder and an ending.

    Raises
    ------
    DataError
        It is not an AIST++ name.
    """
    stem = re.split(r"[/\\]", str(text))[-1].partition(".")[0]
    match = _NAME.fullmatch(stem)
    if match is None:
        raise DataError(
            f"{stem!r} is not an AIST++ name; they look like gLH_sBM_cAll_d16_mLH0_ch01 "
            "(c01 to c09 in a video's name)"
        )
    genre, situation, camera, dancer, music, number, choreography = match.groups()
    return Name(genre, situation, camera, dancer, music + number, choreography)


def is_name(text: str) -> bool:
    """Whether ``parse_name`` takes it."""
    try:
        parse_name(text)
    except DataError:
        return False
    return True


def near_names(name: str, known: Iterable[str], count: int = 5) -> list[str]:
    """The known names that are most like this one, nearest first."""
    return difflib.get_close_matches(name, sorted(known), n=count, cutoff=0.6)


def parse_genres(text: str) -> tuple[str, ...]:
    """Genres from "LH", "gLH", "LH,BR" or "all"."""
    if text.strip().lower() == "all":
        return tuple(GENRES)
    wanted = [part.strip().removeprefix("g").upper() for part in text.split(",")]
    for genre in wanted:
        if genre not in GENRES:
            listed = ", ".join(f"{key} ({word})" for key, word in GENRES.items())
            raise OptionError(f"--genre {text}: {genre!r} is none; use all, or of: {listed}")
    return tuple(dict.fromkeys(wanted))


def parse_cameras(text: str) -> tuple[str, ...]:
    """Cameras ("01", ...) from "c01", "1", "c01,c02" or "all"."""
    if text.strip().lower() == "all":
        return tuple(f"{number:02d}" for number in range(1, 10))
    cameras = []
    for part in text.split(","):
        digits = part.strip().lower().removeprefix("c")
        if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= 9):
            raise OptionError(f"--camera {text}: use all, or of c01 to c09, as in c01,c02")
        cameras.append(f"{int(digits):02d}")
    return tuple(dict.fromkeys(cameras))


def load_ignore_list(path: str | Path | None) -> frozenset[str]:
    """cAll names to leave out: a file with a name a line, "none", or None for the official 45."""
    if path is None:
        return IGNORED
    if str(path) == "none":
        return frozenset()
    try:
        lines = Path(path).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the ignore list {path}: {error}") from error
    return frozenset(parse_name(line).motion for line in lines if not line.startswith("#"))
