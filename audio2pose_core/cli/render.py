"""Render one song as a video, with this Python's Blender or the one on the PATH."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from ..console import note

PASSES_ON = True
OWN_HELP = False
STOP_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All options are the render's own (``batch.render_options``), the help too."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the render in a subprocess; it prints its own errors, and its exit code is passed on."""
    from ..batch.options import render_command

    flags = [f"--{name}" for name in ("debug", "verbose") if getattr(args, name)]
    command = [*render_command(), *args.rest, *flags]
    # On stdout stands nothing but the report.
    process = subprocess.Popen(
        command,
        stdout=sys.stderr if args.json else None,
        stderr=subprocess.PIPE if args.quiet else None,
    )
    try:
        said = process.communicate()[1]
    except BaseException:
        # Ctrl-C has reached it as well; SIGTERM has not.
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        raise
    if process.returncode:
        if said:
            # Quiet is about progress, not about what went wrong.
            note(said.decode("utf-8", "replace").strip().splitlines()[-1])
        sys.exit(process.returncode)
    return {"command": command}
