"""Check a preprocessed data root against its manifest.

Exit status 1 means that something is missing or damaged; it is listed.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from .incomplete import finish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose verify-data``."""
    parser.add_argument("--data-root", required=True, help="what preprocess wrote")


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
    text = table(report) if problem or not args.quiet else ""
    return finish(args, text or f"{args.data_root} is complete", asdict(report), problem)
