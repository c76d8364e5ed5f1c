"""Check a preprocessed data root against its manifest.

Exit status 1 means that something is missing or damaged, which is listed, or that there are
not as many clips as AIST++ has of the genres: 141 of LA-style hip-hop. Where you took fewer on
purpose, --expect says how many.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from . import arguments
from .incomplete import finish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose verify-data``."""
    parser.add_argument("--data-root", required=True, help="what preprocess wrote")
    parser.add_argument(
        "--expect",
        type=arguments.count,
        metavar="N",
        help="complete clips that must be there (default: all of AIST++ of the genres found)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Verify; returns the report."""
    from ..data.aistpp.verify import table, verify
    from ..errors import DataError
    from .incomplete import Incomplete

    try:
        report = verify(args.data_root)
    except DataError as error:  # no manifest: everything is missing
        raise Incomplete(str(error)) from error
    problem = ""
    if report.problems:
        problem = f"{len(report.problems)} problems in {args.data_root}; run preprocess again"
    else:
        wanted = sum(report.expected.values()) if args.expect is None else args.expect
        if report.complete != wanted:
            genres = ", ".join(report.expected)
            whose = f"AIST++ has of {genres}" if args.expect is None else "--expect says"
            problem = (
                f"{report.complete} complete clips in {args.data_root}, not the {wanted} that "
                f"{whose}; preprocess the others, or give --expect {report.complete}"
            )
    text = table(report) if problem or not args.quiet else ""
    return finish(args, text or f"{args.data_root} is complete", asdict(report), problem)
