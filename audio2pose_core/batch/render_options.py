"""The options of ``audio2pose render``: the one list of them.

The command (``blender_addon.render.command``) parses its words with it; a batch checks
its own by it, before any song is rendered.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

STAGES = ("studio", "club", "none")
CAMERAS = ("follow", "orbit", "front", "cuts")
FORMATIONS = ("v", "line", "circle", "rows", "scattered")


def define(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Add every option to ``parser``; returns them in the order of its help."""
    actions: list[argparse.Action] = []

    def adding_to(group: argparse.ArgumentParser | argparse._ArgumentGroup) -> Any:
        return lambda *names, **about: actions.append(group.add_argument(*names, **about))

    add = adding_to(parser)
    add("--audio", type=Path, help="the song: wav, flac, ogg, mp3, m4a ... or a video")
    add("--output", type=Path, required=True,
        help="the video, .mp4; or PNGs: a folder, or a name such as dance_####.png")  # fmt: skip
    group = parser.add_argument_group("the dance")
    add = adding_to(group)
    add("--motion", type=Path, help="dance this .bvh or .npz instead of generating")
    add("--beats", type=Path, help="beats.json to dance to, e.g. edited by hand")
    add("--style", default="auto",
        help="a style of the model, or a mix as salsa:0.7,house:0.3; with --own one for each "
        "dancer, as salsa/house (default: auto)")  # fmt: skip
    add("--seed", type=int, default=0, help="another seed, another dance (default: 0)")
    add("--energy", type=float, default=0.0, help="-2 to 2: less or more than the song asks for")
    add("--quality", type=int, default=1, metavar="N", help="make N dances and keep the best")
    # Since plans are made, moves return by themselves; accepted as version 0.1 had it.
    add("--structure", action="store_true", default=True, help=argparse.SUPPRESS)
    add("--duration", type=float, help="seconds to dance (default: the whole song)")
    add("--model", type=Path, help="another dancer, .onnx (default: the shipped one)")
    add("--crew", type=int, default=1, metavar="N", help="so many dancers (default: 1)")
    add("--canon", type=float, default=0.0, metavar="BEATS",
        help="each of the crew is so many beats behind the one before")  # fmt: skip
    add("--answer", action="store_true",
        help="call and answer: half waits while the others dance eight counts")  # fmt: skip
    add("--no-mirror", action="store_true", help="no mirror images on the crew's right")
    add("--own", action="store_true", help="each of the crew has a dance of its own")
    add("--formation", choices=FORMATIONS, default="v", help="how the crew stands (default: v)")
    add("--change", default="", metavar="LIST",
        help="other formations later on, as 16:line,32.5:circle (when they stand)")  # fmt: skip
    group = parser.add_argument_group("the scene")
    add = adding_to(group)
    add("--blend", type=Path, help="open this .blend first (only without Blender's own -b FILE)")
    add("--character", metavar="WHO",
        help="mannequin, or FILE.blend[:OBJECT]: an armature with its meshes")  # fmt: skip
    add("--stage", metavar="WHERE",
        help="studio, club, none or FILE.blend (default: the open scene's, or studio)")  # fmt: skip
    add("--camera", choices=CAMERAS, help="default: the open scene's own, or follow")
    add("--title", default="", metavar="TEXT", help="a title over the first seconds")
    group = parser.add_argument_group("the pictures")
    add = adding_to(group)
    add("--engine", choices=("workbench", "eevee", "cycles"), default="workbench")
    add("--samples", type=int, help="anti-aliasing samples of the engine")
    add("--resolution", type=_resolution, default=(640, 360), metavar="WxH")
    add("--fps", type=float, default=30.0)
    add("--frames", type=frame_range, metavar="A-B", help="only these frames, from 1 on")
    add("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where Cycles works")
    add("--transparent", action="store_true", help="no background; for pictures, not for .mp4")
    add("--work", type=Path, metavar="DIR", help="keep each frame here, go on from what is there")
    add("--part", type=_part, metavar="PART", help="with --work, only this: motion, A-B or join")
    add("--save-blend", type=Path, metavar="FILE", help="keep the scene, with editable keys")
    add("--verbose", action="store_true", help="show the log of what is done, on stderr")
    add("--debug", action="store_true", help="tracebacks, and everything that Blender prints")
    return actions


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The options; argparse itself exits with code 2 and a line on what is wrong."""
    parser = argparse.ArgumentParser(
        prog="audio2pose render", description="Render a dance to a song as an MP4, or as pictures."
    )
    define(parser)
    options = parser.parse_args(arguments)
    _check(parser, options)
    return options


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """What no single option can tell; sets character, stage and work as they are used."""
    if options.audio is None and options.motion is None:
        parser.error("give a song (--audio), a dance (--motion) or both")
    for name, value in vars(options).items():
        if isinstance(value, Path | str) and not _is_utf8(str(value)):
            parser.error(
                f"--{name.replace('_', '-')}: the name {str(value)!a} is not UTF-8, which "
                "Blender needs; rename the file or folder"
            )
    if options.part is not None and options.work is None:
        parser.error("--part needs --work")
    if options.work is not None:
        options.work = options.work.resolve()
    for value, name in ((options.fps, "--fps"), (options.duration, "--duration")):
        if value is not None and not (math.isfinite(value) and value > 0):
            parser.error(f"{name} must be more than 0")
    if not (math.isfinite(options.energy) and abs(options.energy) <= 4):
        parser.error("--energy: use a number from -2 to 2")
    if options.quality < 1 or options.crew < 1:
        parser.error("--quality and --crew count from 1")
    if not (math.isfinite(options.canon) and options.canon >= 0):
        parser.error("--canon must be 0 or more beats")
    if options.own and options.motion is not None:
        parser.error("--own needs dances of its own; leave --motion out")
    if options.own and options.canon:
        parser.error("--canon is for one dance; leave --own out")
    if options.answer and (options.own or options.canon):
        parser.error("--answer is for one dance without a canon; leave --own and --canon out")
    if options.stage not in (None, *STAGES) and Path(options.stage).suffix != ".blend":
        parser.error(f"--stage {options.stage}: choose {', '.join(STAGES)} or a .blend file")
    if options.character == "mannequin":
        options.character = None
    elif options.character is not None and ".blend" not in options.character:
        parser.error(f"--character {options.character}: choose mannequin or FILE.blend[:OBJECT]")
    if options.transparent and options.output.suffix.lower() == ".mp4":
        parser.error("--transparent: an .mp4 has no alpha; name a folder for PNGs as --output")


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _resolution(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r}: write it as 640x360")
    # H.264 stores colour at half the resolution: both sides must be even.
    if any(side % 2 or not 16 <= side <= 8192 for side in (int(width), int(height))):
        raise argparse.ArgumentTypeError(f"{text!r}: use even numbers from 16 to 8192")
    return int(width), int(height)


def frame_range(text: str) -> tuple[int, int]:
    """ "1-120" or "7" as first and last frame."""
    first, _, last = text.partition("-")
    last = last or first
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{text!r}: write it as 1-120")
    return int(first), int(last)


def _part(text: str) -> str | tuple[int, int]:
    return text if text in ("motion", "join") else frame_range(text)
