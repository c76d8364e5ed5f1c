"""SIGTERM and Ctrl-C end a command within seconds, also while it waits in native code.

Python runs its signal handlers between two of its own instructions. While a library such as
onnxruntime builds a session of thousands of threads, or BLAS multiplies, there is none for
minutes. A thread that is woken by the signal itself waits for the handler, and ends the process
where it does not come.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from types import FrameType

from ..console import note
from ..files import remove_unfinished

GRACE_S = 3.0
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143
STATUSES = {signal.SIGINT: EXIT_INTERRUPTED, signal.SIGTERM: EXIT_TERMINATED}
TEXTS = {signal.SIGINT: "stopped", signal.SIGTERM: "terminated"}


# A forked worker must not write its own signals into its parent's pipe. Windows forks nothing.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))


class Terminated(BaseException):
    """SIGTERM, so that half-written files are removed on the way out."""


@contextlib.contextmanager
def ends_when_told() -> Iterator[None]:
    """Meanwhile SIGTERM raises Terminated, Ctrl-C KeyboardInterrupt, or else the process ends.

    Outside the main thread nothing is done: there the caller owns the signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        heard.set()
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    # Who has switched Ctrl-C off, as a shell for what runs in its background, keeps it so.
    mine = [n for n in STATUSES if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in mine}
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    former = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    watch = threading.Thread(target=_watch, args=(reader, heard, stop), daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        for number, handler in before.items():
            # A handler that was not set by Python cannot be put back by it.
            if handler is not None:
                signal.signal(number, handler)
        writer.close()
        watch.join()
        reader.close()


def _watch(reader: socket.socket, heard: threading.Event, stop: object) -> None:
    """End the process where a signal came whose handler does not run; return at the stream's end.

    A command that handles a signal itself, as the batch does, has its own say.
    """
    while data := reader.recv(64):
        for number in filter(STATUSES.__contains__, data):
            if signal.getsignal(number) is stop and not heard.wait(GRACE_S):
                remove_unfinished()
                note(f"audio2pose: error: {TEXTS[signal.Signals(number)]}")
                os._exit(STATUSES[signal.Signals(number)])
