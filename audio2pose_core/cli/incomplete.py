"""The end of a command that could do only part of its work: report, table, exit status 1."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..console import out
from ..errors import Audio2PoseError


class Incomplete(Audio2PoseError):
    """Some of many files failed; the others are finished."""

    exit_code = 1


def finish(args: argparse.Namespace, text: str, report: dict[str, Any], problem: str) -> dict:
    """Print ``text`` (``--json``: the report) and raise Incomplete where there is a problem."""
    if not args.json:
        out(text)
    if problem:
        if args.json:
            out(json.dumps(report, indent=2, ensure_ascii=False))
        raise Incomplete(problem)
    return report
