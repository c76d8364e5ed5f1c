"""Download the videos of AIST++, whose sound is the dances' music.

Run it again at any time: only what is missing or incomplete is fetched. Exit status 1
means that some files failed; they are listed.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from ..console import StatusLine, note, out
from ..errors import Cancelled, OptionError
from .incomplete import finish

if TYPE_CHECKING:
    from ..data.aistpp.download import Summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose download-aist``."""
    from ..data.aistpp.names import BASE_URL, LIST_URL

    parser.add_argument("--download-folder", required=True, help="where the videos go")
    parser.add_argument(
        "--num-processes", type=int, default=4, metavar="N", help="downloads at a time (default: 4)"
    )
    parser.add_argument("--genre", default="LH", help="as in LH, LH,BR or all (default: LH)")
    parser.add_argument(
        "--camera", default="c01", help="as in c01, c01,c02 or all (default: c01, for its sound)"
    )
    parser.add_argument(
        "--accept-terms",
        action="store_true",
        help="I have read and accept the terms of use of the AIST Dance Video Database",
    )
    parser.add_argument("--base-url", default=BASE_URL, help=f"a mirror (default: {BASE_URL})")
    parser.add_argument(
        "--list-url", default=LIST_URL, help=f"the list, also a local file (default: {LIST_URL})"
    )
    parser.add_argument(
        "--retries", type=int, default=5, metavar="N", help="further tries a file (default: 5)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Ask for agreement, download; returns the report."""
    from .needs import need

    need("download-aist", ("httpx", "tenacity"), "data")
    from ..data.aistpp.download import download, table

    if args.retries < 0:
        raise OptionError(f"--retries {args.retries}: use 0 or more")
    _agree(args.accept_terms)
    show = _Show(args.quiet)
    summary = download(
        args.download_folder,
        genre=args.genre,
        camera=args.camera,
        num_processes=args.num_processes,
        base_url=args.base_url,
        list_url=args.list_url,
        retries=args.retries,
        progress=show,
    )
    show.close()
    report = {
        "download_folder": args.download_folder,
        "fetched": summary.fetched,
        "kept": summary.kept,
        "failed": summary.failed,
        "bytes": summary.received,
        "seconds": round(summary.seconds, 2),
        "stopped": summary.stopped,
    }
    if summary.stopped:
        if not args.json:
            out(table(summary))
        raise Cancelled("stopped; run it again to go on where it was")
    problem = ""
    if summary.failed:
        total = len(summary.fetched) + len(summary.kept) + len(summary.failed)
        problem = f"{len(summary.failed)} of {total} files failed; run it again to try those again"
    return finish(args, f"{table(summary)} -> {args.download_folder}", report, problem)


def _agree(accepted: bool) -> None:
    """Require that the terms of use are accepted."""
    from ..data.aistpp.download import TERMS
    from ..data.aistpp.names import TERMS_URL

    if accepted:
        return
    if not sys.stdin.isatty():
        raise OptionError(
            f"the videos have terms of use: read {TERMS_URL} and, if you accept them, add "
            "--accept-terms"
        )
    note(TERMS)
    note("Do you accept them? Type yes:")
    if sys.stdin.readline().strip().lower() != "yes":
        raise Cancelled("the terms were not accepted; nothing was downloaded")


class _Show:
    """Progress: a status line on a terminal, elsewhere a line every ten seconds."""

    def __init__(self, quiet: bool) -> None:
        self._line = StatusLine(quiet=quiet)
        self._started = self._last = time.monotonic()

    def __call__(self, summary: Summary, total: int) -> None:
        now = time.monotonic()
        if now - self._last < (0.2 if self._line.live else 10.0):
            return
        self._last = now
        done = len(summary.fetched) + len(summary.kept) + len(summary.failed)
        rate = summary.received / max(now - self._started, 1e-3)
        text = f"{done}/{total} files, {summary.received / 1e6:.0f} MB, {rate / 1e6:.2f} MB/s"
        if summary.fetched:
            left = (total - done) * (now - self._started) / len(summary.fetched)
            text += f", about {max(1, round(left / 60))} min left"
        if summary.failed:
            text += f", {len(summary.failed)} failed"
        if self._line.live:
            self._line.draw(text)
        else:
            self._line.say(f"audio2pose: {text}")

    def close(self) -> None:
        """Take the line off the terminal."""
        self._line.close()
