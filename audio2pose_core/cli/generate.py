"""Make a dance for a song: a motion file that Blender and every 3D program read."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..console import note
from ..errors import OptionError
from . import arguments
from .terminal import Progress, warn, warnings_of

if TYPE_CHECKING:
    from ..generate import DanceBase


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
        type=arguments.seed,
        default=0,
        metavar="N",
        help="keep the poses of --base on every Nth beat and dance anew between them",
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
    asked = args.regenerate or args.parts or args.retime or args.vary
    if bool(asked) != (args.base is not None):
        raise OptionError(
            "--base names a dance, --regenerate and --parts what of it is danced again, --retime "
            "and --vary what becomes of it; give both"
        )
    from ..generate import generate_dance

    base, of_base = _base(args)
    timings = {"import": time.perf_counter() - started}
    with Progress(args.quiet) as progress:
        dance = generate_dance(
            args.song,
            style=args.style,
            energy=args.energy,
            seed=args.seed,
            duration=args.duration,
            beats=args.beats,
            accents=args.accents,
            model=args.model,
            device=args.device,
            threads=args.threads,
            quality=args.quality,
            structure=args.structure,
            plan=None if args.plan == "none" else args.plan,
            literal=args.literal,
            base=base,
            progress=progress,
        )
        timings.update(dance.report["timings"])
        progress("write", 0.0)
        written = save_motion(args.output, dance.motion, **options)
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
    return {
        **dance.report,
        "song": str(args.song),
        "output": str(args.output),
        "export": written.fields(),
        "seconds": dance.seconds,
        "fps": dance.motion.fps,
        "frames": len(dance.motion),
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
