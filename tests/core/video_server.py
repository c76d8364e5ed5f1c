"""A video host on 127.0.0.1 that can misbehave in the ways that real ones do."""

from __future__ import annotations

import http.server
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Host:
    """What is served and how.

    ``moods`` maps a path to a list of troubles, one a request, used up from the
    front: a number is an HTTP status, ("cut", n) closes the connection after n
    bytes, ("slow", s) waits s seconds between pieces, ("page",) sends a page of
    HTML, ("deaf",) ignores Range, ("silent",) announces no length, ("to", url) redirects,
    ("drip", n, s) sends n bytes and then waits s seconds, again and again.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    moods: dict[str, list] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    sent: Counter = field(default_factory=Counter)
    url: str = ""
    slow_s: float = 0.0


@contextmanager
def serve() -> Iterator[Host]:
    """A running host; its address is ``host.url``."""
    host = Host()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            host.requests.append((self.path, self.headers.get("Range", "")))
            waiting = host.moods.get(self.path, [])
            mood = waiting.pop(0) if waiting else ()
            if isinstance(mood, int):
                self.send_response(mood)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if mood and mood[0] == "to":
                self.send_response(302)
                self.send_header("Location", mood[1])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if self.path not in host.files:
                self.send_error(404)
                return
            body, tag = host.files[self.path], host.tags.get(self.path, '"one"')
            if mood == ("page",):
                body = b"<html>please log in</html>"
            start = 0
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            condition = self.headers.get("If-Range")
            if wanted and mood not in (("deaf",), ("page",)) and condition in (None, tag):
                start = int(wanted[1])
            if start >= len(body) > 0 and start:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("ETag", tag)
            if mood == ("silent",):
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            body = body[start:]
            if mood and mood[0] == "cut":
                body = body[: mood[1]]
                self.close_connection = True
            pause = mood[1] if mood and mood[0] == "slow" else host.slow_s
            step = 2048 if pause else len(body) or 1
            if mood and mood[0] == "drip":
                step, pause = mood[1:]
            try:
                for low in range(0, len(body), step):
                    self.wfile.write(body[low : low + step])
                    host.sent[self.path] += len(body[low : low + step])
                    time.sleep(pause)
            except OSError:  # the client went away, as some tests want it to
                self.close_connection = True

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Clients that hang up are what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
