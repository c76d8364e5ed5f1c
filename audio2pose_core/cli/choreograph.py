"""Plan a dance: phrases, returns, held poses and front, to edit and for: generate --plan."""

from __future__ import annotations

import argparse
from typing import Any

from ..console import note
from . import arguments
from .terminal import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose choreograph``."""
    parser.add_argument("song", help="any song file that audio2pose generate takes")
    parser.add_argument("-o", "--output", required=True, help="the plan, .json")
    parser.add_argument(
        "--style",
        default="auto",
        help="see: audio2pose styles; or a mix, as salsa:0.7,house:0.3 (default: auto)",
    )
    parser.add_argument(
        "--seed", type=arguments.seed, default=0, help="another number, another plan (default: 0)"
    )
    parser.add_argument("--beats", metavar="JSON", help="beats to plan on, from: audio2pose beats")
    parser.add_argument(
        "--literal",
        type=arguments.share,
        default=0.8,
        metavar="SHARE",
        help="how literally phrases return, 0 (not at all) to 1 (default: 0.8)",
    )
    parser.add_argument("--plot", metavar="PNG", help="a picture of the plan")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Plan and write; returns the plan."""
    from ..audio.analyse import analyse
    from ..audio.beat_file import check_beats_reach
    from ..audio.beats import load_beats
    from ..audio.load import load_audio
    from ..choreography import choreograph, save_plan
    from ..choreography.plan import as_record
    from ..generate.model import load_model
    from ..generate.styles import choose_style, parse_style
    from ..generate.turns import with_jumps_and_turns

    arguments.check_output(args.output, args.song, args.beats)
    with Progress(args.quiet) as progress:
        progress("load", 0.0)
        audio = load_audio(args.song)
        progress("analyse", 0.0)
        model = load_model()
        tracked, features = analyse(audio, model.fps)
        beats = tracked if args.beats is None else load_beats(args.beats)
        check_beats_reach(beats, audio.seconds, audio.name)
        style = choose_style(model, args.style, beats, audio.seconds, features)
        plan = choreograph(
            beats,
            features,
            audio.seconds,
            parse_style(style.name),
            args.seed,
            sections=beats.sections or tracked.sections,
            events=beats.events or tracked.events,
            literal=args.literal,
            song=audio.name,
        )
        plan = with_jumps_and_turns(plan, model, style, beats)
        progress("write", 0.0)
        save_plan(plan, args.output)
        if args.plot:
            from ..choreography.plot import plot_plan

            plot_plan(plan, audio, beats, args.plot)
    if not args.quiet:
        returns = sum(p.returns_to is not None for p in plan.phrases)
        note(
            f"audio2pose: {len(plan.phrases)} phrases of {plan.style}, {returns} of them return, "
            f"{len(plan.holds)} held poses, {len(plan.jumps or ())} jumps, "
            f"{len(plan.turns or ())} turns -> {args.output}",
        )
    return as_record(plan)
