"""One file over HTTP: resumed where it broke off, tried again with patience, whole or not there."""

from __future__ import annotations

import errno
import http.client
import json
import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...errors import DataError, OptionError, OutputError

TIMEOUT_S = 30.0
FIRST_WAIT_S = 1.0  # doubled at every further try
LONGEST_WAIT_S = 60.0
BLOCK = 1 << 16
USER_AGENT = "audio2pose"

# Answers that a second try may change; others (not found, forbidden) will stay.
_PASSING = {408, 425, 429, 500, 502, 503, 504}

# Troubles of the disk, where trying again is in vain; all others are the network's.
_DISK = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ENOENT, errno.ENAMETOOLONG,
}  # fmt: skip


class DownloadError(DataError):
    """A file that could not be fetched."""


class Stopped(Exception):
    """The user asked to stop; what was fetched so far stays for the next run."""


class _TryAgain(Exception):
    """A trouble that may pass."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def check_url(url: str, option: str) -> str:
    """The URL if it is http or https; urllib would open local files as well."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise OptionError(f"{option} {url}: use an address that begins with http:// or https://")
    return url


def fetch(
    url: str,
    target: Path,
    *,
    retries: int = 5,
    stop: threading.Event | None = None,
    received: Callable[[int], None] | None = None,
    is_whole: Callable[[Path], bool] | None = None,
) -> int:
    """Download ``url`` to ``target``.

    The bytes collect in ``<target>.part``, whose origin is noted beside it, and
    get their name when all are there. A later call goes on where an earlier
    one stopped, if the server still holds the same file.

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
        It is not there, or every try failed.
    OutputError
        It cannot be written.
    """
    stop = stop or threading.Event()
    part = target.with_name(target.name + ".part")
    failures = 0
    while True:
        before = _size(part)
        try:
            size = _try(url, part, stop, received or (lambda count: None))
            if is_whole is not None and not is_whole(part):
                _discard(part)
                raise _TryAgain(f"what came is damaged or no video ({size} bytes)")
            break
        except _TryAgain as trouble:
            reason, wait_s = str(trouble), trouble.wait_s
        # Connections fail in many ways, and http.client has kinds of its own.
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError) as error:
            reason, wait_s = str(getattr(error, "reason", error)) or type(error).__name__, 0.0
        except TimeoutError:
            reason, wait_s = f"no answer for {TIMEOUT_S:.0f} s", 0.0
        except OSError as error:
            if error.errno in _DISK:
                raise OutputError(
                    f"cannot write {part}: {error.strerror or error}; free some space, or choose "
                    "another --download_folder"
                ) from error
            reason, wait_s = error.strerror or str(error), 0.0  # no route to the host, say
        # A connection that breaks again and again but brings something each time gets through.
        failures = 1 if _size(part) > before else failures + 1
        if failures > retries:
            raise DownloadError(f"{url}: {reason}, after {retries + 1} tries")
        pause = max(wait_s, FIRST_WAIT_S * 2 ** (failures - 1))
        if stop.wait(min(pause, LONGEST_WAIT_S)):
            raise Stopped
    try:
        os.replace(part, target)
        _note_path(part).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    return size


def _try(url: str, part: Path, stop: threading.Event, received: Callable[[int], None]) -> int:
    """One request that brings ``part`` to its end; returns the size."""
    have, note = _size(part), _load_note(part)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if note.get("validator"):
            headers["If-Range"] = note["validator"]
    request = urllib.request.Request(url, headers=headers)
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            return _refused(error, url, part, have)
    with answer:
        start, total = _extent(answer, have)
        if start != have or (have and total is not None and note.get("size", total) != total):
            if start:
                _discard(part)
                raise _TryAgain("the file on the server has changed")
            have = 0
        if have == 0:
            _save_note(part, url, answer, total)
        got = have
        with open(part, "ab" if have else "wb") as out:
            while block := answer.read1(BLOCK):
                out.write(block)
                out.flush()  # a kill must not cost what lies in a buffer of ours
                got += len(block)
                received(len(block))
                if stop.is_set():
                    raise Stopped
            os.fsync(out.fileno())
    if total is not None and got > total:
        _discard(part)
        raise _TryAgain(f"{got} bytes came, {total} were announced")
    if total is not None and got < total:
        raise _TryAgain(f"the connection broke after {got} of {total} bytes")
    return got


def _refused(error: urllib.error.HTTPError, url: str, part: Path, have: int) -> int:
    """An answer that is no file. Returns the size where ``part`` proves to be complete."""
    if error.code == 416 and have:
        total = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range", "").strip())
        if total and int(total[1]) == have:
            return have
        _discard(part)
        raise _TryAgain("the file on the server has changed")
    if error.code in _PASSING:
        raise _TryAgain(f"HTTP {error.code} {error.reason}", _asked_wait(error.headers))
    raise DownloadError(f"{url}: HTTP {error.code} {error.reason}")


def _asked_wait(headers: Any) -> float:
    """Seconds that the server asks to wait (Retry-After), 0 where it does not."""
    text = str(headers.get("Retry-After", "")).strip()
    if text.isascii() and text.isdigit():
        return float(text[:6])
    try:
        when, now = parsedate_to_datetime(text), parsedate_to_datetime(headers["Date"])
        return max(0.0, (when - now).total_seconds())
    except (ValueError, TypeError, KeyError):
        return 0.0


def _extent(answer: Any, have: int) -> tuple[int, int | None]:
    """Where the answer's bytes begin, and the size of the whole file if it is told."""
    length = str(answer.headers.get("Content-Length", ""))
    known = int(length) if length.isascii() and length.isdigit() else None
    if answer.status != 206:
        return 0, known
    spell = re.fullmatch(
        r"bytes (\d+)-(\d+)/(\d+|\*)", str(answer.headers.get("Content-Range", "")).strip()
    )
    if spell is None:
        raise _TryAgain("the server sent a part without saying which")
    if spell[3] != "*":
        return int(spell[1]), int(spell[3])
    return int(spell[1]), int(spell[2]) + 1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _note_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _save_note(part: Path, url: str, answer: Any, total: int | None) -> None:
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
        note = json.loads(_note_path(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(note, dict):
        return {}
    out: dict[str, Any] = {}
    if isinstance(note.get("validator"), str) and note["validator"].isprintable():
        out["validator"] = note["validator"]
    if isinstance(note.get("size"), int):
        out["size"] = note["size"]
    return out


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note_path(part).unlink(missing_ok=True)


def fetch_text(url: str, *, retries: int = 5, most: int = 1 << 24) -> str:
    """The text behind ``url``, up to ``most`` bytes; DownloadError where there is none."""
    waiting = threading.Event()
    for attempt in range(retries + 1):
        request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                data = answer.read(most)
                length = answer.headers.get("Content-Length")
            if length is None or not length.isdigit() or len(data) >= min(int(length), most):
                return data.decode("utf-8", "replace")
            reason = "the connection broke"
        except urllib.error.HTTPError as error:
            with error:
                reason = f"HTTP {error.code} {error.reason}"
                if error.code not in _PASSING:
                    break
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        if attempt < retries:
            waiting.wait(min(FIRST_WAIT_S * 2**attempt, LONGEST_WAIT_S))
    raise DownloadError(f"{url}: {reason}; look whether the address still holds, or use --list_url")
