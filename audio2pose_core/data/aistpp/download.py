"""The videos of AIST++, fetched side by side from the AIST Dance Video Database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import Audio2PoseError, DataError, OptionError
from ..folder_lock import folder_lock
from .http_file import Limits, Stopped, check_url, fetch, fetch_text, open_client
from .mp4 import is_whole_mp4
from .names import (
    BASE_URL,
    LIST_URL,
    TERMS_URL,
    Name,
    is_name,
    parse_cameras,
    parse_genres,
    parse_name,
)

TERMS = f"""\
The videos and the music belong to the AIST Dance Video Database (AIST, Japan). They come under
terms of their own, which do not allow commercial use, and only for those who accept them:

    {TERMS_URL}

Read them there before you go on. Nothing that Audio2Pose downloads may be passed on."""


@dataclass
class Summary:
    """What a run of downloads did: names of files, bytes, and why some failed."""

    fetched: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    odd_lines: int = 0
    received: int = 0
    seconds: float = 0.0
    stopped: bool = False


def read_list(list_url: str, retries: int = 5) -> tuple[list[Name], int]:
    """The names in a video list (an address or a local file), and how many lines were none."""
    path = Path(list_url)
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    else:
        text = fetch_text(check_url(list_url, "--list-url"), retries=retries)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Only the parts of a name go on, so no line can lead to another folder or host.
    names = {parse_name(line) for line in lines if is_name(line)}
    if not names:
        raise DataError(f"{list_url} lists no AIST++ video; look what is at that address")
    return sorted(name for name in names if name.camera != "All"), len(lines) - sum(
        map(is_name, lines)
    )


def choose(names: Iterable[Name], genre: str, camera: str) -> list[Name]:
    """Those of the genres and cameras; OptionError where none is left."""
    genres, cameras = parse_genres(genre), parse_cameras(camera)
    chosen = [name for name in names if name.genre in genres and name.camera in cameras]
    if not chosen:
        raise OptionError(f"the list has no video of --genre {genre} --camera {camera}")
    return chosen


def download(
    folder: str | Path,
    *,
    genre: str = "LH",
    camera: str = "01",
    num_processes: int = 4,
    base_url: str = BASE_URL,
    list_url: str = LIST_URL,
    retries: int = 5,
    limits: Limits | None = None,
    progress: Callable[[Summary, int], None] | None = None,
) -> Summary:
    """Fetch the chosen videos that ``folder`` lacks, ``num_processes`` at a time.

    A video that is there but cut (its mp4 boxes tell) is completed. Ctrl-C
    ends it soon, with ``stopped`` set; the parts stay for the next run, as
    they do after a kill.

    Parameters
    ----------
    limits : Limits
        Size, rate and time of each file.
    progress : callable
        progress(summary so far, files in all), twice a second.

    Raises
    ------
    OptionError, DataError, OutputError
        Nothing can be done at all; a single file's trouble is in the summary.
    """
    if num_processes < 1:
        raise OptionError(f"--num-processes {num_processes}: use 1 or more")
    base = check_url(base_url, "--base-url").rstrip("/") + "/"
    started = time.perf_counter()
    names, odd = read_list(list_url, retries)
    names = choose(names, genre, camera)
    summary = Summary(odd_lines=odd)
    report = progress or (lambda summary, total: None)
    root, stop, guard = Path(folder), threading.Event(), threading.Lock()

    def count(received: int) -> None:
        with guard:
            summary.received += received

    def one(name: Name) -> None:
        target = root / f"{name}.mp4"
        try:
            if stop.is_set():
                return
            if is_whole_mp4(target):
                summary.kept.append(str(name))
                return
            _reuse(target)
            fetch(
                f"{base}{name}.mp4",
                target,
                client=client,
                retries=retries,
                limits=limits,
                stop=stop,
                received=count,
                is_whole=is_whole_mp4,
            )
            summary.fetched.append(str(name))
        except Stopped:
            return
        except Audio2PoseError as error:
            summary.failed.append({"name": str(name), "reason": str(error)})
        except OSError as error:
            reason = f"{error.filename or target}: {error.strerror or error}"
            summary.failed.append({"name": str(name), "reason": reason})

    with (
        folder_lock(root),
        open_client() as client,
        ThreadPoolExecutor(num_processes) as pool,
    ):
        pending = {pool.submit(one, name) for name in names}
        try:
            while pending:
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                report(summary, len(names))
        except KeyboardInterrupt:
            summary.stopped = True
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
    for rows in (summary.fetched, summary.kept):
        rows.sort()
    summary.failed.sort(key=lambda row: row["name"])
    summary.seconds = time.perf_counter() - started
    return summary


def _reuse(target: Path) -> None:
    """Resume from an incomplete file that another program left."""
    part = target.with_name(target.name + ".part")
    if not target.is_file():
        return
    if not part.exists() and target.stat().st_size and _begins_like_mp4(target):
        target.replace(part)
    else:
        target.unlink()


def _begins_like_mp4(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(8)[4:] == b"ftyp"


def table(summary: Summary) -> str:
    """The summary as text."""
    megabytes = summary.received / 1e6
    lines = [
        f"{len(summary.fetched)} fetched, {len(summary.kept)} already there, "
        f"{len(summary.failed)} failed; {megabytes:.1f} MB in {summary.seconds:.0f} s"
    ]
    if summary.odd_lines:
        lines.append(f"{summary.odd_lines} lines of the list are not AIST++ names; skipped")
    if summary.failed:
        lines.append("failed:")
        lines += [f"  {row['name']}: {row['reason']}" for row in summary.failed]
    return "\n".join(lines)
