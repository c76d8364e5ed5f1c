"""The keys of several dances at once, on all cores: what a crew needs.

Key reduction is Python around small arrays, which threads do not speed up; so other processes
of the same Python take part. They run this file by its place, since the library that lies in
an extension of Blender's is on nobody's path.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from ..motion import Motion
    from .dance_keys import SceneTime
    from .reduce import Keys

_CORE = "audio2pose_core"
_MOST = 4
"""Processes: each takes some 100 MB."""
_WAIT_S = 0.1


def reduce_dances(
    motions: Sequence[Motion],
    time: SceneTime,
    error: float,
    beats: Sequence[float] | np.ndarray = (),
    *,
    together: bool = False,
    processes: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[list[Keys]]:
    """The keys of every dance, as ``dance_keys.reduce_dance`` finds them.

    ``processes`` is how many there may be, this one counted: all cores, but four at most, if
    None. Raises OSError where another cannot be started, RuntimeError where one fails; what it
    printed is on stderr.
    """
    from .dance_keys import reduce_dance

    count = len(motions)
    many = min(count, processes or min(_MOST, _cores()))
    found: list[list[Keys] | None] = [None] * count
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place in range(count):
        waiting.put(place)
    asked = {"time": time, "error": error, "beats": beats, "together": together}
    helpers = [_Helper(waiting, motions, asked, found) for _ in range(many - 1)]

    def told(fraction: float) -> None:
        if progress is not None:
            progress(min(0.99, (sum(keys is not None for keys in found) + fraction) / count))

    try:
        while (mine := _next(waiting)) is not None:
            found[mine] = reduce_dance(
                motions[mine], time, error, beats, together=together, progress=told
            )
        for helper in helpers:
            while not helper.is_done(_WAIT_S):
                told(0.0)
    finally:
        for helper in helpers:
            helper.close()
    missing = [number for number, keys in enumerate(found) if keys is None]
    if missing:
        raise RuntimeError(f"a process failed at the keys of dances {missing}")
    return [keys for keys in found if keys is not None]


class _Helper:
    """Another process, and the thread that hands it one dance after the other."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[int],
        motions: Sequence[Motion],
        asked: dict[str, Any],
        found: list[list[Keys] | None],
    ) -> None:
        self._waiting, self._motions, self._asked, self._found = waiting, motions, asked, found
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One thread each: the cores are shared out already.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def is_done(self, wait_s: float) -> bool:
        """Whether nothing is left for it; waits some seconds at most."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _serve(self) -> None:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        try:
            pickle.dump({"paths": sys.path, "core": str(Path(__file__).parents[1])}, into)
            while (number := _next(self._waiting)) is not None:
                pickle.dump(self._asked | {"motion": self._motions[number]}, into)
                into.flush()
                self._found[number] = pickle.load(out)
        except (EOFError, OSError, ValueError):
            # It ended: the dance that it was at is missed where all are gathered.
            return


def _next(waiting: queue.SimpleQueue[int]) -> int | None:
    try:
        return waiting.get_nowait()
    except queue.Empty:
        return None


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _main() -> None:
    """The other process: dances come in by stdin, their keys go out by stdout."""
    into, out = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not come between.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    head = pickle.load(into)
    sys.path[:] = head["paths"]
    folder = Path(head["core"])
    spec = importlib.util.spec_from_file_location(
        _CORE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    sys.modules[_CORE] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dance_keys = importlib.import_module(f"{_CORE}.cleanup.dance_keys")
    while True:
        try:
            asked = pickle.load(into)
        except EOFError:
            return
        motion, error = asked.pop("motion"), asked.pop("error")
        keys = dance_keys.reduce_dance(motion, asked.pop("time"), error, **asked)
        pickle.dump(keys, out)
        out.flush()


if __name__ == "__main__":
    _main()
