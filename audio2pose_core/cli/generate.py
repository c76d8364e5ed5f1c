"""Make a dance for a song: a motion file that Blender and every 3D program read."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..console import note
from ..errors import OptionError
from . import arguments
from .terminal import Progress, warn, warnings_of

if TYPE_CHECKING:
    from ..generate import Dance, DanceBase


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose generate``."""
    parser.add_argument("song", help=arguments.SONG)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        help="the dance; its ending chooses the format: .bvh, .npz, .vrma (VRM Animation), "
        ".vmd (MikuMikuDance), .glb (glTF), .pkl (AIST++, SMPL poses)",
    )
    parser.add_argument(
        "--names",
        default="audio2pose",
        metavar="FAMILY",
        help="names and rest pose of a .bvh: audio2pose, mixamo, unreal, unity, cmu "
        "(default: audio2pose)",
    )
    parser.add_argument(
        "--style",
        default="auto",
        help="see: audio2pose styles; or a mix, as salsa:0.7,house:0.3 (default: auto)",
    )
    parser.add_argument(
        "--energy",
        type=arguments.energy,
        default=0.0,
        help="from -2 (calm) to 2 (wild); 0 moves as the song asks (default: 0)",
    )
    parser.add_argument(
        "--seed", type=arguments.seed, default=0, help="another number, another dance (default: 0)"
    )
    parser.add_argument(
        "--duration", type=arguments.duration, metavar="SECONDS", help="default: the whole song"
    )
    parser.add_argument("--beats", metavar="JSON", help="beats to dance to, from: audio2pose beats")
    arguments.add_renamed(
        parser,
        "--accents",
        "--hits",
        choices=("auto", "beat", "second", "half"),
        default="auto",
        help="accents on every beat, every second one, or the half beats too (default: by style)",
    )
    parser.add_argument(
        "--plan",
        default="auto",
        metavar="JSON",
        help="a plan from: audio2pose choreograph; or none, for a dance without one "
        "(default: auto, a plan is made)",
    )
    parser.add_argument(
        "--literal",
        type=arguments.share,
        default=0.8,
        metavar="SHARE",
        help="how literally phrases of a plan that is made return, 0 (not at all) to 1 "
        "(default: 0.8)",
    )
    # Since plans are made, phrases return by themselves; accepted as version 0.1 had it.
    parser.add_argument("--structure", action="store_true", default=True, help=argparse.SUPPRESS)
    parser.add_argument(
        "--quality",
        type=int,
        default=1,
        metavar="N",
        help="make N dances and keep the best, up to 16 (default: 1)",
    )
    arguments.add_renamed(
        parser,
        "--base",
        "--keep",
        metavar="MOTION",
        help="an earlier dance to this song, or any clip: .bvh of any skeleton, .npz, AIST++'s "
        ".pkl; only what --regenerate and --parts name is danced again, and what its end leaves",
    )
    arguments.add_renamed(
        parser,
        "--regenerate",
        "--again",
        type=arguments.span,
        action="append",
        default=[],
        metavar="START:STOP",
        help="seconds of --base to dance again, 8: from there to the end of the song; may be given "
        "several times (default: all)",
    )
    arguments.add_renamed(
        parser,
        "--parts",
        "--only",
        metavar="PARTS",
        help="parts of the body to dance again: arms, legs, left-arm, right-arm, left-leg, "
        "right-leg, trunk, head, with commas (default: all)",
    )
    parser.add_argument(
        "--retime",
        action="store_true",
        help="lay the pulse of --base, a clip to other music or to none, on the song's beats",
    )
    parser.add_argument(
        "--vary",
        type=arguments.count,
        default=0,
        metavar="N",
        help="keep the poses of --base on every Nth beat and dance anew between them",
    )
    parser.add_argument(
        "--loop-bars",
        type=arguments.count,
        metavar="N",
        help="make a seamless cycle of N bars: those that the song repeats best, or --bars",
    )
    parser.add_argument(
        "--bars",
        type=arguments.bars,
        metavar="FIRST:LAST",
        help="the bars of the song that are looped, as 9:16; with --base its moves in them",
    )
    parser.add_argument(
        "--root-motion",
        action="store_true",
        help="let a loop travel, by the same way each time around (default: in place)",
    )
    parser.add_argument(
        "--fps",
        type=arguments.frame_rate,
        metavar="RATE",
        help="frames a second of the file (default: the model's, 30); a loop has the whole number "
        "of frames nearest to it, at the rate at which they last exactly as long as its bars",
    )
    parser.add_argument("--model", metavar="ONNX", help="another dancer, with its .json beside it")
    parser.add_argument(
        "--device",
        choices=("auto", "cuda", "directml", "coreml", "cpu"),
        default="auto",
        help="where the network runs (default: an accelerator if there is one)",
    )
    parser.add_argument(
        "--threads",
        type=arguments.threads,
        default=0,
        metavar="N",
        help="CPU threads of the network (default: as many as suit the machine)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Generate and write the dance; returns the report."""
    started = time.perf_counter()
    from ..formats import check_motion_path, save_motion

    check_motion_path(args.output)
    options = _format_options(args)
    arguments.check_output(args.output, args.song, args.beats, args.model, args.base)
    loops = args.loop_bars is not None or args.bars is not None
    _check(args, loops)
    from ..generate import generate_dance, generate_loop

    base, of_base = _base(args)
    way: np.ndarray | None = None
    timings = {"import": time.perf_counter() - started}
    with Progress(args.quiet) as progress:
        shared: dict[str, Any] = {
            "style": args.style,
            "energy": args.energy,
            "seed": args.seed,
            "beats": args.beats,
            "accents": args.accents,
            "model": args.model,
            "device": args.device,
            "threads": args.threads,
            "literal": args.literal,
            "progress": progress,
        }
        if loops:
            bars = args.loop_bars or args.bars[1] - args.bars[0] + 1
            dance: Dance = generate_loop(
                args.song,
                bars=bars,
                first_bar=None if args.bars is None else args.bars[0],
                root_motion=args.root_motion,
                fps=args.fps,
                base=None if base is None else base.motion,
                **shared,
            )
            motion = dance.motion
            way = np.array(dance.report["loop"]["offset"], dtype=np.float64)
        else:
            dance = generate_dance(
                args.song,
                duration=args.duration,
                quality=args.quality,
                structure=args.structure,
                plan=None if args.plan == "none" else args.plan,
                base=base,
                **shared,
            )
            motion = dance.motion if args.fps is None else dance.motion.resample(args.fps)
        timings.update(dance.report["timings"])
        progress("write", 0.0)
        written = save_motion(args.output, motion, loop=way, **options)
    timings["write"] = progress.timings["write"]
    timings["total"] = time.perf_counter() - started
    told = [*dance.report["warnings"], *of_base]
    warnings = warnings_of(Path(args.song).name, told, dance.beats)
    warn(warnings)
    if not args.quiet:
        note(
            f"audio2pose: {dance.seconds:.1f} s of {dance.style} at "
            f"{dance.beats.tempo_bpm:.1f} bpm in {timings['total']:.1f} s -> {args.output} "
            f"({written.line()})",
        )
        if loops:
            note(_of_loop(dance.report["loop"], len(motion), motion.fps))
    return {
        **dance.report,
        "song": str(args.song),
        "output": str(args.output),
        "export": written.fields(),
        "seconds": dance.seconds,
        "fps": motion.fps,
        "frames": len(motion),
        "style": dance.style,
        "seed": dance.seed,
        "tempo_bpm": dance.beats.tempo_bpm,
        "beats": [round(float(t), 4) for t in dance.beats.times],
        "warnings": warnings,
        "timings": {stage: round(seconds, 4) for stage, seconds in timings.items()},
    }


def _base(args: argparse.Namespace) -> tuple[DanceBase | None, list[str]]:
    """The clip that the dance begins with, and what had to be guessed in its file."""
    if args.base is None:
        return None, []
    from ..data.clips import load_clip
    from ..generate import DanceBase

    motion, warnings = load_clip(args.base)
    parts = [part.strip() for part in args.parts.replace("-", "_").split(",")] if args.parts else []
    base = DanceBase(motion, tuple(args.regenerate), tuple(parts), args.retime, args.vary)
    return base, [f"{Path(args.base).name}: {warning}" for warning in warnings]


def _format_options(args: argparse.Namespace) -> dict[str, Any]:
    """What only some formats can be asked for."""
    from ..formats.name_presets import preset_named

    if args.names == "audio2pose":
        return {}
    preset_named(args.names)
    if Path(args.output).suffix.lower() != ".bvh":
        raise OptionError(f"--names is for .bvh, not {args.output}; leave it out")
    return {"names": args.names}


def _check(args: argparse.Namespace, loops: bool) -> None:
    """OptionError for options that do not go together."""
    if not loops:
        if args.root_motion:
            raise OptionError("--root-motion is for loops; name --loop-bars or --bars as well")
        asked = args.regenerate or args.parts or args.retime or args.vary
        if bool(asked) != (args.base is not None):
            raise OptionError(
                "--base names a dance, --regenerate and --parts what of it is danced again, "
                "--retime and --vary what becomes of it; give both"
            )
        return
    unfit = {
        "--regenerate": bool(args.regenerate),
        "--parts": bool(args.parts),
        "--retime": args.retime,
        "--vary": bool(args.vary),
        "--duration": args.duration is not None,
        "--plan": args.plan != "auto",
        "--quality": args.quality != 1,
    }
    if wrong := [name for name, given in unfit.items() if given]:
        raise OptionError(f"a loop takes no {' and no '.join(wrong)}; leave that out")
    if args.bars is None:
        if args.base is not None:
            raise OptionError("--base for a loop needs --bars FIRST:LAST, which of its bars")
    elif args.loop_bars not in (None, args.bars[1] - args.bars[0] + 1):
        first, last = args.bars
        raise OptionError(
            f"--bars {first}:{last} are {last - first + 1} bars and --loop-bars says "
            f"{args.loop_bars}; leave one out"
        )


def _of_loop(loop: dict[str, Any], frames: int, fps: float) -> str:
    """What a person wants to know of a loop, in one line."""
    x, _, z = loop["offset"]
    way = f"it travels {x:.3f} m left and {z:.3f} m ahead each time" if x or z else "in place"
    return (
        f"audio2pose: a loop of bars {loop['first_bar']} to {loop['last_bar']}: {frames} frames at "
        f"{fps:.4f} a second last {loop['period']:.4f} s; {way}; its seam's step is "
        f"{loop['seam_step']:.2f} of the largest elsewhere"
    )
