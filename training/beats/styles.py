"""Styles of composed songs: tempo, metre, grooves and parts, as data.

A groove is a dict of drum name -> pattern over one bar (or two). One character
is one step: ``x`` a hit, ``X`` an accent, ``o`` a soft one, ``-`` nothing. A beat
has ``grid`` steps: 4 (sixteenths) or 3 (triplets, or the eighths of a compound beat).
"""

from __future__ import annotations

from dataclasses import dataclass

KEYS = {
    "K": (36, 35), "S": (38, 40), "R": (37,), "C": (39,), "H": (42,), "P": (44,), "O": (46,),
    "D": (51, 59), "B": (53,), "T": (45, 47), "F": (41, 43), "A": (54,), "W": (56,),
    "G": (62, 63), "L": (75,), "M": (70, 82), "E": (67, 68),
}  # fmt: skip
"""Kick, Snare, Rim, Clap, Hat, Pedal hat, Open hat, riDe, Bell, Tom, Floor tom, tAmbourine,
coWbell, conGa, cLaves, Maracas, agogo (E) as General MIDI keys."""


@dataclass(frozen=True)
class Style:
    """See the module's text. ``bass``, ``chords``, ``lead`` name kinds of parts (parts.py)."""

    name: str
    bpm: tuple[float, float]
    grooves: tuple[dict[str, str], ...]
    bass: tuple[str, ...] = ("root", "beats", "eighths")
    chords: tuple[str, ...] = ("pad", "strum", "arpeggio")
    metre: int = 4
    grid: int = 4
    swing: tuple[float, float] = (0.0, 0.0)
    """How late the second of two steps comes, 0 even, 1 triplets."""
    rubato: float = 0.0
    sound: str = "band"
    """band, electronic, chip, acoustic, classical: which instruments."""
    weight: float = 1.0
    pumped: float = 0.0
    """Chance of side-chain pumping."""


def _g(text: str) -> dict[str, str]:
    """'K x---x--- S ----x---' -> {'K': 'x---x---', ...}."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_ROCK = tuple(map(_g, (
    "K X-------X------- S ----X-------X--- H x-x-x-x-x-x-x-x-",
    "K X-------X-x----- S ----X-------X--- H x-x-x-x-x-x-x-x-",
    "K X-----x-X------- S ----X-------X--- H X-x-X-x-X-x-X-x-",
    "K X-x-----x-x----- S ----X-------X--- D x---x---x---x---",
    "K X------x--x----- S ----X--o-o--X--- H x-x-x-x-x-x-x-o-",
    "K X-x---x-X-x---x- S ----X-------X--- O x---x---x---x---",
    "K X---x---X---x--- S ----X-------X--- A x-x-x-x-x-x-x-x-",
    "F X-x-x-x-X-x-x-x- S ----X-------X--- K X-------X-------",
)))  # fmt: skip
_FLOOR = tuple(map(_g, (
    "K X---X---X---X--- C ----X-------X--- O --x---x---x---x-",
    "K X---X---X---X--- S ----x-------x--- H x-xxx-xxx-xxx-xx O --x---x---x---x-",
    "K X---X---X---X--- H --x---x---x---x-",
    "K X---X---X---X-x- C ----X-------X--- H oxoxoxoxoxoxoxox",
    "K X---X---X---X--- R ---x--x----x--x- M xxxxxxxxxxxxxxxx",
    "K X---X---X---X---",
)))  # fmt: skip
_BREAK = tuple(map(_g, (
    "K X---------X----- S ----X-------X--- H x-x-x-x-x-x-x-x-",
    "K X-x-------x----- S ----X--o-o--X--o H x-x-x-x-x-x-x-x-",
    "K X---------xx---- S ----X--o-o--X--- D x-x-x-x-x-x-x-x-",
    "K X-x-------X-----X-x-------x----- S ----X--o-o--X-------X--o-o---X-- H x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-",
)))  # fmt: skip
_HALF = tuple(map(_g, (
    "K X-----x---x----- S --------X------- H x-x-x-x-x-x-x-x-",
    "K X------x--x---x- C --------X------- H x-x-x-xxx-x-xxxx",
    "K X--x------x----- S --------X------- H xxx-x-x-xxxxx-x-",
    "K X-----------x--- S --------X------- O x---x---x---x---",
)))  # fmt: skip

STYLES: tuple[Style, ...] = (
    Style("rock", (85, 175), _ROCK, ("eighths", "kick", "root"), ("strum", "power", "pad"), weight=3),
    Style("slow rock ballad", (55, 85), _ROCK[:5], ("kick", "root"), ("arpeggio", "pad", "strum"), weight=1.5),
    Style("fast rock and punk", (155, 220), tuple(map(_g, (
        "K X-------X------- S ----X-------X--- H X---X---X---X---",
        "K X-----x-x------- S ----X-------X--- O X---X---X---X---",
        "K X---x---X---x--- S --X---X---X---X- H x-x-x-x-x-x-x-x-",
        "K X--x--x-X--x--x- S ----X-------X--- D x---x---x---x---",
    ))), ("eighths", "beats"), ("power", "strum"), weight=2.5),
    Style("metal", (140, 220), tuple(map(_g, (
        "K xxxxxxxxxxxxxxxx S ----X-------X--- D X---X---X---X---",
        "K x-x-x-x-x-x-x-x- S --x---x---x---x- D x-x-x-x-x-x-x-x-",
        "K X-xxX-xxX-xxX-xx S ----X-------X--- O X---X---X---X---",
        "K X--x--x---x--x-- S --------X------- O X---X---X---X---",
    ))), ("eighths", "kick", "gallop"), ("power", "gallop"), weight=2),
    Style("pop", (90, 135), (*_ROCK, *_FLOOR[:2]), ("kick", "eighths", "root"), ("strum", "pad", "comp", "arpeggio"), weight=2.5),
    Style("disco and house", (108, 132), _FLOOR, ("octaves", "offbeat", "kick"), ("stabs", "pad", "skank"), sound="electronic", weight=2.5, pumped=0.6),
    Style("techno and trance", (126, 155), _FLOOR, ("offbeat", "sixteenths", "octaves"), ("sixteenths", "pad", "stabs"), sound="electronic", weight=2, pumped=0.7),
    Style("hardcore", (155, 200), _FLOOR, ("offbeat", "beats"), ("stabs", "sixteenths", "pad"), sound="electronic", weight=1.5, pumped=0.5),
    Style("drum and bass", (158, 182), _BREAK, ("sub", "root", "kick"), ("pad", "stabs", "arpeggio"), sound="electronic", weight=2),
    Style("breakbeat", (115, 145), _BREAK, ("kick", "syncopated"), ("stabs", "pad"), sound="electronic", weight=1.5),
    Style("trap", (125, 160), _HALF, ("sub", "kick"), ("arpeggio", "pad", "stabs"), sound="electronic", weight=1.5),
    Style("dubstep", (136, 146), _HALF, ("sub", "syncopated", "sixteenths"), ("pad", "stabs"), sound="electronic", weight=1, pumped=0.3),
    Style("half-time rock", (120, 180), _HALF, ("kick", "root"), ("power", "pad"), weight=0.8),
    Style("hip-hop", (76, 106), tuple(map(_g, (
        "K X--x---x--X----- S ----X-------X--- H x-x-x-x-x-x-x-x-",
        "K X-----xx--x----- S ----X-------X--o H x-x-x-xxx-x-x-x-",
        "K X---------X----- S ----X-------X--- H x-x-x-x-x-x-x-x-",
        "K X-x----x-xX----- C ----X-------X--- H xxxxxxxxxxxxxxxx",
    ))), ("kick", "sub", "syncopated"), ("comp", "arpeggio", "pad"), swing=(0.0, 0.6), sound="electronic", weight=2.5),
    Style("funk", (88, 122), tuple(map(_g, (
        "K X-x---x---x--x-- S ----X--o-o--X--o H xxxxxxxxxxxxxxxx",
        "K X--x--x---x----- S ----X--o-o-oX--- H x-x-x-x-x-x-x-x- O ------x---------",
        "K X-x-----x--x---- S ----X--x----X-x- H xxxxxxxxxxxxxxxx",
    ))), ("syncopated", "octaves"), ("stabs", "sixteenths", "comp"), swing=(0.0, 0.4), weight=1.5),
    Style("reggae", (64, 95), tuple(map(_g, (
        "K ----X-------X--- R ----X-------X--- H x-x-x-x-x-x-x-x-",
        "K X---X---X---X--- R ----x-------x--- H x-x-x-x-x-x-x-x-",
        "K X-------X------- S ----X-------X--- H --x---x---x---x-",
    ))), ("syncopated", "dotted"), ("skank",), swing=(0.0, 0.6), weight=1.2),
    Style("ska and polka", (140, 210), tuple(map(_g, (
        "K X-------X------- S ----X-------X--- H --x---x---x---x-",
        "K X---X---X---X--- S --x---x---x---x-",
    ))), ("fifths", "walking"), ("skank",), weight=1),
    Style("dancehall and reggaeton", (84, 108), tuple(map(_g, (
        "K X---X---X---X--- S ---x--x----x--x- H x-x-x-x-x-x-x-x-",
        "K X-----x-X-----x- S ---x--x----x--x-",
    ))), ("dotted", "root"), ("stabs", "skank", "pad"), sound="electronic", weight=1.2),
    Style("bossa and samba", (100, 160), tuple(map(_g, (
        "K X-----x-X-----x- R x--x--x---x--x-- H x-x-x-x-x-x-x-x-",
        "K X--xX--xX--xX--x M xoxxxoxxxoxxxoxx E x-x--x-x-xx-x-x-",
    ))), ("dotted", "fifths"), ("syncopated", "comp"), sound="acoustic", weight=1),
    Style("salsa", (150, 210), tuple(map(_g, (
        "L --x-x---x--x--x- G --x---xx--x---xx W x---x---x---x---",
        "L x--x--x---x-x--- G --x---xx--x---xx E x-x-xxx-x-x-xxx-",
    ))), ("tumbao",), ("montuno",), sound="acoustic", weight=1),
    Style("cha-cha and latin pop", (100, 132), tuple(map(_g, (
        "W x---x---x---x--- G ----x-xx----x-xx K X-------X-------",
        "K X-----x-X-----x- G --x---xx--x---xx M x-x-x-x-x-x-x-x-",
    ))), ("tumbao", "dotted"), ("montuno", "stabs"), sound="acoustic", weight=1),
    Style("afrobeat", (95, 130), tuple(map(_g, (
        "K X---x-x---x-x--- R ---x--x-----x-x- M x-xxx-xxx-xxx-xx",
        "K X--x--x-X--x--x- S ------x---x---x- E x--x--x-x--x--x-",
    ))), ("syncopated", "dotted"), ("skank", "arpeggio"), weight=0.8),
    Style("country and march", (90, 150), tuple(map(_g, (
        "K X-------X------- S ----X-------X---",
        "K X-------X------- S --o-X-oo--o-X-oo",
        "K X-------X------- S x-xxX-xxx-xxX-xx",
    ))), ("fifths",), ("skank", "strum"), weight=1.2),
    Style("march in two", (95, 135), tuple(map(_g, (
        "K X------- S ----X---", "K X---x--- S --x-X-xx", "K X------- S x-xxX-xx",
    ))), ("fifths", "beats"), ("skank", "blocks"), metre=2, sound="classical", weight=1),
    Style("swing", (100, 220), tuple(map(_g, (
        "D x--x-xx--x-x P ---x-----x--", "D x--x-xx--x-x P ---x-----x-- K X--x--x--x--",
        "H x--x-xx--x-x S -----o--o--- K o-----o-----",
    ))), ("walking",), ("comp", "charleston"), grid=3, sound="acoustic", weight=2),
    Style("shuffle and blues", (72, 145), tuple(map(_g, (
        "K X-----X----- S ---X-----X-- H x-xx-xx-xx-x", "K X-----X-x--- S ---X-----X-- D x-xx-xx-xx-x",
        "K X--X--X--X-- S ---X-----X-- H x-xx-xx-xx-x",
    ))), ("walking", "shuffle"), ("shuffle", "comp", "pad"), grid=3, weight=1.5),
    Style("twelve-eight ballad", (44, 80), tuple(map(_g, (
        "K X-----X----- S ---X-----X-- H xxxxxxxxxxxx", "K X----xX----- S ---X-----X-- D xxxxxxxxxxxx",
    ))), ("root", "shuffle"), ("arpeggio", "pad"), grid=3, weight=1.2),
    Style("six-eight", (44, 100), tuple(map(_g, (
        "K X----- S ---X-- H xxxxxx", "K X----x S ---X-- H x-xx-x", "K X--x-- S ---X-x A x-xx-x",
        "G x-xx-x M xxxxxx",
    ))), ("root", "beats"), ("arpeggio", "strum", "pad"), metre=2, grid=3, sound="acoustic", weight=2),
    Style("jig", (100, 145), tuple(map(_g, (
        "K X--x-- A x-xx-x", "F X-xx-x", "K X----- S ---X-x",
    ))), ("beats", "fifths"), ("strum", "skank"), metre=2, grid=3, sound="acoustic", weight=0.8),
    Style("waltz", (78, 200), tuple(map(_g, (
        "K X----------- S ----x---x---", "K X----------- S ----X---X--- H x-x-x-x-x-x-",
        "K X----------- H ----x---x---",
    ))), ("root", "oom"), ("oompah", "pad", "arpeggio"), metre=3, sound="acoustic", weight=2.5),
    Style("three-four pop", (80, 175), tuple(map(_g, (
        "K X-----x----- S --------X--- H x-x-x-x-x-x-", "K X-------x--- S ----X------- H x-x-x-x-x-x-",
        "K X----------- S ----x---X--- D x---x---x---",
    ))), ("root", "eighths"), ("strum", "arpeggio", "pad"), metre=3, weight=1.8),
    Style("jazz waltz", (110, 200), tuple(map(_g, (
        "D x--x-xx-- P ---x-----", "D x--x-xx-x K X-------- P ---x-----",
    ))), ("root", "walking"), ("comp",), metre=3, grid=3, sound="acoustic", weight=0.8),
    Style("five", (90, 200), tuple(map(_g, (
        "K X-----x-----x------- S ------------X------- H x-x-x-x-x-x-x-x-x-x-",
        "K X-------x---x------- S ----X-----------X--- H x-x-x-x-x-x-x-x-x-x-",
        "K X-----------X------- S ----x---x-------X--- D x---x-x-x---x-x-x---",
    ))), ("root", "beats", "kick"), ("strum", "pad", "blocks"), metre=5, weight=1.2),
    Style("seven", (100, 220), tuple(map(_g, (
        "K X-------x-------x----------- S ----X-------X-----------X--- H x-x-x-x-x-x-x-x-x-x-x-x-x-x-",
        "K X-----------x-------x------- S --------X-------X----------- H x---x---x---x---x---x---x---",
    ))), ("root", "beats", "kick"), ("strum", "pad", "blocks"), metre=7, weight=1.2),
    Style("six", (90, 180), tuple(map(_g, (
        "K X-------x---x----------- S ----X---------------X--- H x-x-x-x-x-x-x-x-x-x-x-x-",
        "K X-----------x------x---- S --------X-----------X--- H x-x-x-x-x-x-x-x-x-x-x-x-",
    ))), ("root", "eighths", "kick"), ("strum", "pad", "arpeggio"), metre=6, weight=0.7),
    Style("chip", (100, 200), (*_ROCK[:4], *_BREAK[:2], *_FLOOR[:3]), ("eighths", "octaves", "sixteenths", "beats"), ("sixteenths", "stabs", "arpeggio"), sound="chip", weight=3),
    Style("chip waltz", (110, 190), tuple(map(_g, ("K X----------- S ----x---x---", "K X----------- H x-x-x-x-x-x-"))), ("root", "oom"), ("oompah", "arpeggio"), metre=3, sound="chip", weight=0.6),
    Style("orchestral", (70, 160), tuple(map(_g, ("K X-------x-------", "F X-----x-X-x-x-x-", "S x-xxx-xxx-xxx-xx K X---------------"))), ("beats", "eighths", "root"), ("blocks", "pad", "eighth chords"), sound="classical", weight=1.5),
    Style("orchestral waltz", (90, 190), ({},), ("root", "oom"), ("oompah", "pad"), metre=3, sound="classical", rubato=0.03, weight=1),
    Style("piano ballad", (52, 110), ({},), ("root", "beats"), ("arpeggio", "blocks", "alberti"), sound="piano", rubato=0.05, weight=1.5),
    Style("piano, free", (50, 150), ({},), ("root", "beats"), ("arpeggio", "alberti", "blocks", "oompah"), sound="piano", rubato=0.11, weight=1.5),
    Style("piano in three", (70, 190), ({},), ("root", "oom"), ("oompah", "arpeggio"), metre=3, sound="piano", rubato=0.06, weight=1),
    Style("piano in compound two", (50, 100), ({},), ("root", "beats"), ("arpeggio",), metre=2, grid=3, sound="piano", rubato=0.06, weight=0.8),
    Style("ragtime and stride", (80, 125), ({},), ("oom",), ("skank", "syncopated"), metre=2, sound="piano", weight=0.8),
    Style("guitar", (65, 150), ({},), ("root", "fifths"), ("picking", "strum", "arpeggio"), sound="acoustic", rubato=0.02, weight=1.5),
    Style("strings and choir", (55, 120), ({},), ("root", "beats"), ("pad", "blocks", "eighth chords"), sound="classical", rubato=0.05, weight=1),
    Style("ambient electronic", (70, 140), ({}, _FLOOR[5], _HALF[3]), ("sub", "root", "eighths"), ("pad", "sixteenths", "arpeggio"), sound="electronic", weight=1.2, pumped=0.3),
)  # fmt: skip
