"""Runs one program and stops it when the batch is gone, however the batch ended.

    python supervisor.py GRACE_SECONDS program words...

Its stdin is a pipe that the batch holds: closed on purpose or by the death of the
batch (kill -9 included), it ends the program. So no render goes on that nobody
waits for. Standard library only: it is run as a file, isolated.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

CANNOT_START = 127


def main(words: list[str]) -> int:
    """Run the program; returns its exit code, 128 + n where signal n killed it."""
    grace, command = float(words[0]), words[1:]
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
