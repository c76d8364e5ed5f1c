"""One file over HTTP: resumed where it broke off, retried, within limits, whole or not there.

The client is httpx, the retries are tenacity's.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import tenacity

from ...errors import DataError, OptionError, OutputError
from ...json_file import read_object

_log = logging.getLogger(__name__)

TIMEOUT_S = 30.0
FIRST_WAIT_S = 1.0  # doubled at every further try
LONGEST_WAIT_S = 60.0
MAX_REDIRECTS = 5
USER_AGENT = "audio2pose"
T = TypeVar("T")

# Answers that a second try may change; others (not found, forbidden) will stay.
_PASSING = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Limits:
    """Limits on one download.

    Attributes
    ----------
    max_bytes : int
        Size of a file; the longest video of AIST++ has some 60 MB, so four times that.
    min_rate : float
        Bytes a second, over each ``rate_window_s``; a slower connection is dropped and
        tried again.
    rate_window_s : float
    deadline_s : float
        For one file with all its tries. What has come by then is kept for the next run.
    """

    max_bytes: int = 1 << 28
    min_rate: float = 1024.0
    rate_window_s: float = 60.0
    deadline_s: float = 2 * 3600.0


LIST_LIMITS = Limits(max_bytes=1 << 24, min_rate=256.0, rate_window_s=10.0, deadline_s=300.0)
"""Of a list, which has some hundred kilobytes."""


class DownloadError(DataError):
    """A file that could not be fetched."""


class Stopped(Exception):
    """The user asked to stop; what was fetched so far stays for the next run."""


class _TryAgain(Exception):
    """A failure that may be temporary."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def check_url(url: str, option: str) -> str:
    """The URL if it is http or https."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise OptionError(f"{option} {url}: use an address that begins with http:// or https://")
    return url


def open_client() -> httpx.Client:
    """A client for many files; threads may share it."""
    # Redirects are followed by hand (_open), since httpx would change the scheme as well.
    return httpx.Client(
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        timeout=TIMEOUT_S,
        follow_redirects=False,
    )


def fetch(
    url: str,
    target: Path,
    *,
    client: httpx.Client,
    retries: int = 5,
    limits: Limits | None = None,
    stop: threading.Event | None = None,
    received: Callable[[int], None] | None = None,
    is_whole: Callable[[Path], bool] | None = None,
) -> int:
    """Download ``url`` to ``target``.

    The bytes collect in ``<target>.part``, whose origin is noted beside it, and
    get their name when all are there. A later call goes on where an earlier
    one stopped, if it is the same URL and the server still holds the same file.

    Parameters
    ----------
    retries : int
        Further tries after a failure without any progress.
    stop : Event
        When set, Stopped is raised soon.
    received : callable
        received(bytes) as they come.
    is_whole : callable
        is_whole(path) before the file gets its name; False means that the
        server sent something else.

    Returns
    -------
    int
        Bytes of the file.

    Raises
    ------
    DownloadError
        It is not there, it is beyond the limits, or every try failed.
    OutputError
        It cannot be written.
    """
    stop = stop or threading.Event()
    limits = limits or Limits()
    part = target.with_name(target.name + ".part")
    transfer = _Transfer(
        client, url, part, limits, stop, received or (lambda count: None), is_whole
    )
    try:
        size = _patiently(
            transfer.attempt, url, retries, limits.deadline_s, stop, lambda: _size(part)
        )
        os.replace(part, target)
        _note_path(part).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot write {part}: {error.strerror or error}; free some space, or choose "
            "another --download-folder"
        ) from error
    return size


def fetch_text(url: str, *, retries: int = 5, limits: Limits = LIST_LIMITS) -> str:
    """The text behind ``url``; DownloadError where there is none, or none within the limits."""

    def attempt(deadline: float) -> str:
        data = bytearray()
        pace = _Pace(limits)
        with _open(client, url, {}) as answer:
            for block in answer.iter_raw():
                data += block
                if len(data) > limits.max_bytes:
                    raise DownloadError(
                        f"{url}: sends more than {limits.max_bytes} bytes; is it the list?"
                    )
                if pace.add(len(block)) > deadline:
                    raise DownloadError(f"{url}: not whole after {limits.deadline_s:.0f} s")
        return data.decode("utf-8", "replace")

    try:
        with open_client() as client:
            return _patiently(attempt, url, retries, limits.deadline_s, threading.Event())
    except DownloadError as error:
        raise DownloadError(
            f"{error}; look whether the address still holds, or use --list-url"
        ) from error


# --- tries ---


def _patiently(
    attempt: Callable[[float], T],
    url: str,
    retries: int,
    deadline_s: float,
    stop: threading.Event,
    progress: Callable[[], int] = lambda: 0,
) -> T:
    """The result of ``attempt(deadline)``, tried again after temporary failures.

    Only failures in a row that brought nothing count: a connection that breaks again
    and again but brings something each time gets through.
    """
    deadline = time.monotonic() + deadline_s
    failures = 0

    def once() -> T:
        nonlocal failures
        if stop.is_set():
            raise Stopped
        before = progress()
        try:
            return attempt(deadline)
        except (_TryAgain, httpx.TransportError) as error:
            failures = 1 if progress() > before else failures + 1
            if isinstance(error, _TryAgain):
                raise
            if isinstance(error, httpx.TimeoutException):
                raise _TryAgain(f"no answer for {TIMEOUT_S:.0f} s") from error
            raise _TryAgain(str(error) or type(error).__name__) from error

    def wait_s(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, _TryAgain) else 0.0
        return min(max(asked, FIRST_WAIT_S * 2.0 ** (failures - 1)), LONGEST_WAIT_S)

    def is_enough(state: tenacity.RetryCallState) -> bool:
        return failures > retries or time.monotonic() > deadline

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_TryAgain),
        wait=wait_s,
        stop=is_enough,
        sleep=tenacity.sleep_using_event(stop),
        before_sleep=tenacity.before_sleep_log(_log, logging.INFO),
        reraise=True,
    )
    try:
        return retrying(once)
    except _TryAgain as error:
        after = f"{retries + 1} tries" if failures > retries else f"{deadline_s:.0f} s"
        raise DownloadError(f"{url}: {error}, after {after}") from error


@contextmanager
def _open(client: httpx.Client, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """The answer to a GET, or to those that it redirects to with the same scheme."""
    request = client.build_request("GET", url, headers=headers)
    for _ in range(MAX_REDIRECTS + 1):
        answer = client.send(request, stream=True)
        try:
            following = answer.next_request
            if following is None:
                if answer.status_code in _PASSING:
                    raise _TryAgain(_status(answer), _asked_wait(answer.headers))
                if (answer.is_error and answer.status_code != 416) or answer.is_redirect:
                    raise DownloadError(f"{url}: {_status(answer)}")
                yield answer
                return
        finally:
            answer.close()
        if following.url.scheme != request.url.scheme:
            raise DownloadError(
                f"{url}: leads to another scheme, {following.url}; if you trust that address, "
                "give it yourself"
            )
        request = following
    raise DownloadError(f"{url}: redirects more than {MAX_REDIRECTS} times")


def _status(answer: httpx.Response) -> str:
    return f"HTTP {answer.status_code} {answer.reason_phrase}"


class _Pace:
    """Whether bytes come as quickly as they must."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._window, self._since = 0, time.monotonic()

    def add(self, count: int) -> float:
        """So many bytes have come; returns the time. Raises _TryAgain where they are too few."""
        now = time.monotonic()
        self._window += count
        if now - self._since > self._limits.rate_window_s:
            if self._window < self._limits.min_rate * (now - self._since):
                raise _TryAgain(f"slower than {self._limits.min_rate:.0f} bytes a second")
            self._window, self._since = 0, now
        return now


class _Transfer:
    """The requests that fill one part file."""

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        part: Path,
        limits: Limits,
        stop: threading.Event,
        received: Callable[[int], None],
        is_whole: Callable[[Path], bool] | None,
    ) -> None:
        self.client, self.url, self.part, self.limits = client, url, part, limits
        self.stop, self.received, self.is_whole = stop, received, is_whole

    def attempt(self, deadline: float) -> int:
        """One request that brings the part to its end; returns the size."""
        size = self._complete(deadline)
        if self.is_whole is not None and not self.is_whole(self.part):
            _discard(self.part)
            raise _TryAgain(f"what came is damaged or not a video ({size} bytes)")
        return size

    def _complete(self, deadline: float) -> int:
        part = self.part
        note = _load_note(part)
        if note.get("url", self.url) != self.url:
            _discard(part)
            note = {}
        have = _size(part)
        headers = {}
        if have:
            headers["Range"] = f"bytes={have}-"
            if note.get("validator"):
                headers["If-Range"] = note["validator"]
        _log.info("%s from byte %d", self.url, have)
        with _open(self.client, self.url, headers) as answer:
            if answer.status_code == 416:
                return _is_complete(answer, part, have)
            start, total = _extent(answer)
            if start != have or (have and total is not None and note.get("size", total) != total):
                if start:
                    _discard(part)
                    raise _TryAgain("the file on the server has changed")
                have = 0
            self._check_size(total or 0)
            if have == 0:
                _save_note(part, self.url, answer, total)
            got = self._receive(answer, have, deadline)
        if total is not None and got > total:
            _discard(part)
            raise _TryAgain(f"{got} bytes came, {total} were announced")
        if total is not None and got < total:
            raise _TryAgain(f"the connection broke after {got} of {total} bytes")
        return got

    def _receive(self, answer: httpx.Response, have: int, deadline: float) -> int:
        """Append the answer's bytes to the part; returns its size."""
        got = have
        pace = _Pace(self.limits)
        with open(self.part, "ab" if have else "wb") as out:
            for block in answer.iter_raw():
                out.write(block)
                out.flush()  # a kill must not cost what lies in a buffer of ours
                got += len(block)
                self.received(len(block))
                self._check_size(got)
                if self.stop.is_set():
                    raise Stopped
                if pace.add(len(block)) > deadline:
                    raise DownloadError(
                        f"{self.url}: not whole after {self.limits.deadline_s:.0f} s "
                        f"({got} bytes are kept); run it again to go on"
                    )
            os.fsync(out.fileno())
        return got

    def _check_size(self, size: int) -> None:
        if size > self.limits.max_bytes:
            _discard(self.part)
            raise DownloadError(
                f"{self.url}: has more than {self.limits.max_bytes} bytes, which no file of this "
                "kind has"
            )


# --- what an answer says ---


def _is_complete(answer: httpx.Response, part: Path, have: int) -> int:
    """An answer "no such range" (416): the size where ``part`` proves to be complete."""
    total = re.fullmatch(r"bytes \*/(\d+)", answer.headers.get("Content-Range", "").strip())
    if total and int(total[1]) == have:
        return have
    _discard(part)
    raise _TryAgain("the file on the server has changed")


def _asked_wait(headers: httpx.Headers) -> float:
    """Seconds that the server asks to wait (Retry-After), 0 where it does not."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:6])
    try:
        when, now = parsedate_to_datetime(text), parsedate_to_datetime(headers["Date"])
        return max(0.0, (when - now).total_seconds())
    except (ValueError, TypeError, KeyError):
        return 0.0


def _extent(answer: httpx.Response) -> tuple[int, int | None]:
    """Where the answer's bytes begin, and the size of the whole file if it is told."""
    length = answer.headers.get("Content-Length", "")
    known = int(length) if length.isascii() and length.isdigit() else None
    if answer.status_code != 206:
        return 0, known
    spell = re.fullmatch(
        r"bytes (\d+)-(\d+)/(\d+|\*)", answer.headers.get("Content-Range", "").strip()
    )
    if spell is None:
        raise _TryAgain("the server sent a part without saying which")
    if spell[3] != "*":
        return int(spell[1]), int(spell[3])
    return int(spell[1]), int(spell[2]) + 1


# --- the part on the disk ---


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _note_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _save_note(part: Path, url: str, answer: httpx.Response, total: int | None) -> None:
    """Remember which file the part is of, so that a changed one is not glued to it."""
    tag = answer.headers.get("ETag", "")
    # A weak tag promises the same meaning, not the same bytes.
    validator = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified")
    note = {"url": url, "validator": validator, "size": total}
    part.parent.mkdir(parents=True, exist_ok=True)
    # An older part must never stand beside a newer note.
    part.unlink(missing_ok=True)
    _note_path(part).write_text(json.dumps(note), encoding="utf-8")


def _load_note(part: Path) -> dict[str, Any]:
    try:
        note = read_object(_note_path(part))
    except DataError:
        return {}
    out: dict[str, Any] = {}
    if isinstance(note.get("url"), str):
        out["url"] = note["url"]
    if isinstance(note.get("validator"), str) and note["validator"].isprintable():
        out["validator"] = note["validator"]
    if isinstance(note.get("size"), int):
        out["size"] = note["size"]
    return out


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note_path(part).unlink(missing_ok=True)
