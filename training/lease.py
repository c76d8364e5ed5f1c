"""Train in slices on a GPU that is lent for minutes and gives back a few small files.

    # at home: what travels there, besides the code, the config and the data
    python training/lease.py pack --run runs/mine --output lease
    # there: one command trains for so many seconds and leaves the next state in --output
    python training/lease.py slice --config my.toml --parts lease --output "$OUT" --seconds 480
    # at home: the state back into the run's folder, which may go on anywhere
    python training/lease.py unpack --parts back --run runs/mine

A slice writes its parts whenever training saves, and at its end, so that a machine that is taken
away in the middle costs the steps since then. Without parts a slice begins a new run.
docs/TRAINING.md says more.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from audio2pose_core.errors import Audio2PoseError, OptionError
from audio2pose_core.files import size_text, whole_file
from audio2pose_core.network.checkpoints import CHECKPOINT, load_checkpoint
from audio2pose_core.network.config import Config, changed, load_config
from audio2pose_core.network.parts import MIB, NAME, Room, join, packed, split, total_size
from audio2pose_core.network.trainer import train
from audio2pose_core.network.training_log import LOG

LOOK_S = 1.0
_LINE = re.compile(r"^step (\d+) .* ([\d.]+) steps/s .* ([\d.]+)% waiting for data")


def pack(run: Path, output: Path, room: Room, exact: bool) -> str:
    """The state of a run as parts in ``output``; returns a line about it."""
    state = load_checkpoint(run / CHECKPOINT)
    if "optimiser" not in state:
        raise OptionError(f"{run / CHECKPOINT}: holds weights only, nothing to go on from")
    data, squeezed = packed(state, room.state_bytes, exact=exact)
    paths = split(data, output, room)
    how = f"; {', '.join(squeezed)}" if squeezed else ", exact"
    return (
        f"step {state['step']}: {len(paths)} parts, {size_text(total_size(paths))} in {output}{how}"
    )


def unpack(parts: Path, run: Path) -> str:
    """The parts as the checkpoint of a run; returns a line about it."""
    data = join(parts)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / CHECKPOINT
        made.write_bytes(data)
        step = load_checkpoint(made)["step"]
    before = run / CHECKPOINT
    if before.is_file() and (there := load_checkpoint(before)["step"]) > step:
        raise OptionError(
            f"{before} is at step {there}, the parts are of step {step}: name another --run"
        )
    with whole_file(before) as temporary:
        temporary.write_bytes(data)
    return f"step {step}: {before}"


def slice_of(
    config: Config,
    parts: Path | None,
    output: Path,
    *,
    seconds: float,
    room: Room,
    device: str = "auto",
    exact: bool = False,
    steps: int | None = None,
    work: Path | None = None,
) -> str:
    """Train for so many seconds, from the parts where there are any; returns what came of it.

    ``work`` is the run's folder there, a temporary one by default. How often parts are written
    is the config's ``save_every``.
    """
    with contextlib.ExitStack() as stack:
        run = work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        run.mkdir(parents=True, exist_ok=True)
        began = 0
        if parts is not None and any(parts.glob(f"{NAME}.*")):
            unpack(parts, run)
            began = int(load_checkpoint(run / CHECKPOINT)["step"])
        start = time.monotonic()
        output.mkdir(parents=True, exist_ok=True)
        with _kept(run, output, room, exact):
            train(config, run, device=device, steps=steps, max_seconds=seconds)
        told = pack(run, output, room, exact)
        spent = time.monotonic() - start
        step = int(load_checkpoint(run / CHECKPOINT)["step"])
        shutil.copy(run / LOG, output / LOG)
        rate, waiting = pace(run / LOG, began)
    made = step - began
    return (
        f"{made} steps of {config.train.batch} windows in {spent:.0f} s: {rate:.2f} steps/s, "
        f"{rate * config.train.batch:.0f} windows/s, {waiting:.1%} of the time waiting for data, "
        f"{max(0.0, 1 - made / max(rate, 1e-9) / spent):.0%} starting and saving\n{told}"
    )


def pace(log: Path, since: int) -> tuple[float, float]:
    """Steps a second and share of waiting over the lines of a log after step ``since``."""
    rows = [m.groups() for line in log.read_text().splitlines() if (m := _LINE.match(line))]
    last, seconds, waited, done = since, 0.0, 0.0, 0
    for step, rate, share in ((int(s), float(r), float(w) / 100) for s, r, w in rows):
        if step <= since or rate <= 0:
            continue
        took = (step - last) / rate
        seconds, waited, done = seconds + took, waited + share * took, done + step - last
        last = step
    return (done / seconds, waited / seconds) if seconds else (0.0, 0.0)


@contextlib.contextmanager
def _kept(run: Path, output: Path, room: Room, exact: bool) -> Iterator[None]:
    """While training runs: parts of each checkpoint that it saves, in a thread of their own."""
    done = threading.Event()

    def watch() -> None:
        seen = _stamp(run / CHECKPOINT)
        while not done.wait(LOOK_S):
            if (now := _stamp(run / CHECKPOINT)) != seen:
                seen = now
                try:
                    pack(run, output, room, exact)
                except Audio2PoseError as error:
                    # The end of the slice packs again, and ends with the error.
                    print(f"lease: {error}", file=sys.stderr)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("pack", "a run's state as small files"),
        ("slice", "train there, and leave the next state"),
        ("unpack", "small files as a run's state"),
    ):
        add = commands.add_parser(name, help=about).add_argument
        if name != "slice":
            add("--run", type=Path, required=True, help="folder of the run")
        if name != "pack":
            add("--parts", type=Path, required=name == "unpack", help="folder of the parts")
        if name == "unpack":
            continue
        add("--output", type=Path, required=True, help="folder for the parts")
        add("--part-mb", type=int, default=16, help="MiB of a file (default: 16)")
        add("--files", type=int, default=8, help="files at most (default: 8)")
        add("--total-mb", type=int, default=64, help="MiB of all files (default: 64)")
        add("--exact", action="store_true", help="squeeze nothing; end where it does not fit")
        if name == "slice":
            add("--config", type=Path, required=True)
            add("--seconds", type=float, required=True, help="of training; saving comes on top")
            add("--steps", type=int, help="stop at this step of the run, if it comes first")
            add("--device", default="auto")
            add("--work", type=Path, help="the run's folder there (default: a temporary one)")
            add("--batch", type=int, help="windows a step, in place of the config's")
            add("--learning-rate", type=float, help="for that batch")
            add("--no-compile", action="store_true", help="do not compile the step")
    return parser


def _config(args: argparse.Namespace) -> Config:
    config = load_config(args.config)
    own = {"batch": args.batch, "learning_rate": args.learning_rate}
    own = {name: value for name, value in own.items() if value is not None}
    own |= {"compile": not args.no_compile, "tensorboard": False}
    return replace(config, train=changed(config.train, "the options", **own))


def main(words: list[str] | None = None) -> int:
    args = _parser().parse_args(words)
    try:
        if args.command == "unpack":
            print(unpack(args.parts, args.run))
            return 0
        # One file is the log's.
        files = args.files - (args.command == "slice")
        if min(files, args.part_mb, args.total_mb) < 1:
            raise OptionError("--files, --part-mb and --total-mb: use more")
        room = Room(args.part_mb * MIB, files, args.total_mb * MIB)
        if args.command == "pack":
            print(pack(args.run, args.output, room, args.exact))
            return 0
        print(slice_of(
            _config(args), args.parts, args.output, seconds=args.seconds, room=room,
            device=args.device, exact=args.exact, steps=args.steps, work=args.work,
        ))  # fmt: skip
    except Audio2PoseError as error:
        print(f"lease: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
