"""Runs one program and stops it when the batch is gone, however the batch ended.

    python supervisor.py GRACE_SECONDS program words...

Its stdin is a pipe that the batch holds: closed on purpose or by the death of the
batch (kill -9 included), it ends the program. So no render goes on that nobody
waits for. Standard library only: it is run as a file, isolated.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

CANNOT_START = 127
SUPERVISED = "AUDIO2POSE_SUPERVISED"
"""In a program's environment: its stdin is a pipe of the supervisor, which ends with it."""
_PR_SET_PDEATHSIG = 1


def main(words: list[str]) -> int:
    """Run the program; returns its exit code, 128 + n where signal n killed it."""
    grace, command = float(words[0]), words[1:]
    try:
        if sys.platform == "linux":
            # No thread is there yet, which would make preexec_fn unsafe.
            program = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, preexec_fn=_dies_with(os.getpid())
            )
        else:
            program = subprocess.Popen(
                command, stdin=subprocess.PIPE, env={**os.environ, SUPERVISED: "1"}
            )
    except OSError as error:
        print(f"error: cannot start {command[0]}: {error.strerror or error}", file=sys.stderr)
        return CANNOT_START

    def stop_when_alone() -> None:
        # Unbuffered: a lock on sys.stdin held here would be in the way at exit.
        while os.read(0, 1024):
            pass
        program.terminate()
        try:
            program.wait(grace)
        except subprocess.TimeoutExpired:
            program.kill()

    threading.Thread(target=stop_when_alone, daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code


def _dies_with(parent: int) -> Callable[[], None]:
    """For ``preexec_fn``: a new program that Linux ends when ``parent`` is gone, however.

    A kill -9 of this process would else leave the render to itself.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it was gone before the kernel was asked
            os._exit(CANNOT_START)

    return ask


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
