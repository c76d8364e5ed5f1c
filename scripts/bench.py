"""Measure this machine: ``make bench``, or ``python scripts/bench.py [--markdown] [--only TOPIC]``.

A topic is a scripts/bench_TOPIC.py with ``rows()``; each runs in a process of its own,
so that what one loads, or leaves behind, changes nothing for the next. What is compared
is measured in one run. A topic whose packages are missing is SKIPPED, with the reason.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core import __version__
from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.files import write_text
from scripts.bench_tools import ROOT, BenchError, cpu_name, limit_cores

BENCHMARKS = ROOT / "docs" / "BENCHMARKS.md"
TOPICS = {
    "generate": "A song becomes a dance",
    "network": "The network alone",
    "crew": "A crew of eight",
    "keys": "Keys in Blender",
    "rigify": "A long dance on a Rigify rig",
    "render": "One song rendered",
    "batch": "A folder rendered",
}
"""In the order of the report."""
LIMIT_S = 400
"""For one topic; all of them take less than ten minutes on two cores that are free."""
_MARK = "audio2pose-rows "
_NOTHING = 3

Rows = list[tuple[str, str]]


class Skipped(Exception):
    """A topic that cannot be measured on this machine; not an error."""


def measure(topic: str, limit: float = LIMIT_S) -> Rows:
    """A topic's rows, from a process of its own; raises Skipped or BenchError."""
    if not (ROOT / "scripts" / f"bench_{topic}.py").is_file():
        raise Skipped(f"there is no scripts/bench_{topic}.py")
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--rows", topic],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{topic}: not done after {limit:.0f} s (--limit)") from error
    for line in done.stdout.splitlines():
        if line.startswith(_MARK):
            return [(str(what), str(value)) for what, value in json.loads(line[len(_MARK) :])]
    said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    # The second: of a topic's own children.
    if done.returncode == _NOTHING or "No module named" in said:
        raise Skipped(said)
    raise BenchError(f"{topic}: {said}")


def print_rows(topic: str) -> int:
    """In the process of a topic: measure and print; returns the exit code."""
    try:
        rows = importlib.import_module(f"scripts.bench_{topic}").rows()
    except ImportError as error:
        # An optional package; one of ours that is missing is named just as well.
        print(f"{error}; its extra is not installed", file=sys.stderr)
        return _NOTHING
    except Audio2PoseError as error:
        print(error, file=sys.stderr)
        return _NOTHING if isinstance(error.__cause__, ImportError) else 1
    print(f"\n{_MARK}{json.dumps([list(row) for row in rows])}", flush=True)
    return 0


def as_text(rows: Rows) -> str:
    """The table for a terminal."""
    width = max(len(what) for what, _ in rows)
    return "\n".join(f"{what:<{width}}  {value}" for what, value in rows)


def section(title: str, rows: Rows, note: str) -> str:
    """A part of docs/BENCHMARKS.md."""
    lines = [f"## {title}", "", note, "", "| what | measured |", "|---|---:|"]
    lines += [f"| {what} | {value} |" for what, value in rows]
    return "\n".join(lines) + "\n"


def merge(old: str, new: dict[str, str]) -> str:
    """The file with the sections of ``new`` (by title) in place of the old ones, in our order."""
    kept = {text.partition("\n")[0].strip(): f"## {text}" for text in old.split("\n## ")[1:]}
    kept = {title: text.rstrip("\n") + "\n" for title, text in kept.items()} | new
    known = [kept[title] for title in TOPICS.values() if title in kept]
    head = "# Benchmarks\n\nWritten by `make bench`; do not edit.\n"
    return "\n".join([head, *known])


def machine() -> str:
    """What the figures were measured on, but for the number of cores."""
    return (
        f"{cpu_name()}, {platform.system()} {platform.machine()}, no GPU used, "
        f"Python {platform.python_version()}, Audio2Pose {__version__}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--markdown", nargs="?", type=Path, const=BENCHMARKS, help="also write docs/BENCHMARKS.md")
    add("--only", nargs="+", choices=[*TOPICS], metavar="TOPIC", help=f"of: {', '.join(TOPICS)}")
    add("--cores", type=int, default=2)
    add("--limit", type=float, default=LIMIT_S, help="seconds for one topic (default: %(default)s)")
    add("--rows", choices=[*TOPICS], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.rows:
        return print_rows(options.rows)
    cores = limit_cores(options.cores)
    about = f"{cores} cores of {machine()}"
    print(f"{about}.", file=sys.stderr)
    sections: dict[str, str] = {}
    failed = 0
    for topic in options.only or TOPICS:
        title = TOPICS[topic]
        began = time.monotonic()
        print(f"measuring: {topic}", file=sys.stderr)
        try:
            rows = measure(topic, options.limit)
        except Skipped as reason:
            # Figures of an earlier run stay: they are dated.
            print(f"\n{title}\nSKIPPED: {reason}", flush=True)
            continue
        except BenchError as error:
            failed += 1
            print(f"bench: error: {error}", file=sys.stderr)
            continue
        print(f"\n{title}\n{as_text(rows)}", flush=True)
        print(f"({time.monotonic() - began:.0f} s)", file=sys.stderr)
        sections[title] = section(title, rows, f"{datetime.date.today():%Y-%m-%d}, {about}.")
    if options.markdown and sections:
        old = options.markdown.read_text() if options.markdown.is_file() else ""
        write_text(options.markdown, merge(old, sections))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
