"""The command line: ``audio2pose generate | beats | preprocess | …``, one module a command.

A command module has ``add_arguments(parser)`` and ``run(args) -> dict | None``
(the report that ``--json`` prints), and its docstring is the help text. One with
``PASSES_ON = True`` gets the words that are not its own as ``args.rest``, with
``OWN_HELP = False`` even --help. A mistake of the user ends in one line on stderr
and a non-zero exit; the traceback of anything is shown with ``--debug``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from .. import __version__
from ..console import listen, note, out
from ..errors import Audio2PoseError
from . import (
    beats,
    build_windows,
    calibrate,
    choreograph,
    distill,
    download_aist,
    evaluate,
    export,
    generate,
    inspect_pkl,
    preprocess,
    real_motion,
    render,
    render_batch,
    styles,
    train,
    verify_data,
)
from .stopping import EXIT_INTERRUPTED, EXIT_TERMINATED, Terminated, ends_when_told

COMMANDS: dict[str, ModuleType] = {
    "generate": generate,
    "beats": beats,
    "choreograph": choreograph,
    "styles": styles,
    "download-aist": download_aist,
    "windows": build_windows,
    "inspect-pkl": inspect_pkl,
    "preprocess": preprocess,
    "verify-data": verify_data,
    "train": train,
    "distill": distill,
    "export": export,
    "evaluate": evaluate,
    "calibrate": calibrate,
    "real-motion": real_motion,
    "render": render,
    "render-batch": render_batch,
}

EXIT_BUG = 1
EXIT_USAGE = 2


class _Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"audio2pose: error: {message} (try: {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="print a report as JSON on stdout")
    common.add_argument("--quiet", action="store_true", help="no progress on stderr")
    common.add_argument("--verbose", action="store_true", help="show what is done, on stderr")
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser = _Parser(
        prog="audio2pose", description="A song goes in, an editable, beat-true 3D dance comes out."
    )
    parser.add_argument("--version", action="version", version=f"audio2pose {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, module in COMMANDS.items():
        text = (module.__doc__ or "").strip()
        child = commands.add_parser(
            name,
            help=text.partition("\n")[0],
            description=text,
            parents=[common],
            add_help=getattr(module, "OWN_HELP", True),
        )
        module.add_arguments(child)
        # Else --engine could be taken for an option of the command's own.
        child.allow_abbrev = not getattr(module, "PASSES_ON", False)
    return parser


def _with_hyphens(words: Sequence[str]) -> list[str]:
    """The words with hyphens in commands and options: ``--download_folder`` is accepted as well."""
    out: list[str] = []
    for i, word in enumerate(words):
        if word == "--":
            return [*out, *words[i:]]
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            word = name.replace("_", "-") + equals + value
        elif all(other.startswith("-") for other in out) and word.replace("_", "-") in COMMANDS:
            word = word.replace("_", "-")
        out.append(word)
    return out


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    args, rest = parser.parse_known_args(_with_hyphens(sys.argv[1:] if argv is None else argv))
    if rest and not getattr(COMMANDS[args.command], "PASSES_ON", False):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    args.rest = rest
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (argparse itself may raise SystemExit)."""
    args = _parse(argv)
    if args.verbose:
        listen()
    try:
        with ends_when_told():
            report = COMMANDS[args.command].run(args)
            if args.json:
                out(json.dumps(report, indent=2, ensure_ascii=False))
            sys.stdout.flush()
        return 0
    except KeyboardInterrupt:
        return _fail(args, "stopped", EXIT_INTERRUPTED)
    except Terminated:
        return _fail(args, "terminated", EXIT_TERMINATED)
    except BrokenPipeError:
        _mute_stdout()
        return EXIT_BUG
    except Audio2PoseError as error:
        return _fail(args, str(error), error.exit_code)
    except OSError as error:
        _mute_stdout()
        place = f"{error.filename}: " if error.filename else ""
        return _fail(args, f"{place}{error.strerror or error}", EXIT_USAGE)
    except MemoryError:
        return _fail(args, "not enough memory; try a shorter --duration", EXIT_USAGE)
    except Exception as error:
        what = f"{type(error).__name__}: {error}".replace("\n", " ")
        return _fail(args, f"a bug in Audio2Pose: {what} (--debug shows where)", EXIT_BUG)


def _fail(args: argparse.Namespace, message: str, status: int) -> int:
    if args.debug:
        traceback.print_exc()
    note(f"audio2pose: error: {message}")
    return status


def _mute_stdout() -> None:
    """Keep Python from complaining at exit that stdout cannot be flushed."""
    # A stdout that was replaced by an object has no descriptor to turn away.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
