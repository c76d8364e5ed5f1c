"""Several dances to one song at once: their windows go through the network together.

Each dance is made by a thread of its own, exactly as ``generate_dance`` makes it alone. Where
all of them wait for the network, their windows are stacked to one pass: on a CPU a pass over
eight windows takes about a fifth less than eight passes, and the song is analysed once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ...audio.analyse import analyse
from ...audio.load import Audio
from ...errors import Cancelled, OptionError
from ..dance import Dance, generate_dance
from ..model import DanceModel
from .formations import MOST

Part = tuple[str, int]
"""Style and seed of one dancer."""


def generate_dances(
    audio: Audio,
    parts: Sequence[Part],
    model: DanceModel,
    *,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    **options: Any,
) -> list[Dance]:
    """A dance for each of ``parts`` to one song.

    ``options`` are those of ``generate_dance``, the same for all. A dance made here and one made
    alone differ by the last bits of single precision. Raises what ``generate_dance`` raises.
    """
    if not 1 <= len(parts) <= MOST:
        raise OptionError(f"a crew has 1 to {MOST} dancers, not {len(parts)}")
    if progress is not None:
        progress("analyse", 0.0)
    analysis = analyse(audio, model.fps)
    shared = _SharedPasses(model, len(parts))
    done = [0.0] * len(parts)
    stopped = threading.Event()

    def told(number: int) -> Callable[[str, float], None]:
        def report(stage: str, fraction: float) -> None:
            if stage == "dance":
                done[number] = fraction
            if progress is not None and stage == "dance":
                progress("dance", sum(done) / len(done))

        return report

    def stop() -> bool:
        return stopped.is_set() or (cancelled is not None and cancelled())

    def make(number: int) -> Dance:
        style, seed = parts[number]
        try:
            return generate_dance(
                audio,
                style=style,
                seed=seed,
                model=_Seat(shared),
                analysis=analysis,
                progress=told(number),
                cancelled=stop,
                **options,
            )
        except BaseException:
            # The others would dance to the end for nothing.
            stopped.set()
            raise
        finally:
            shared.leave()

    with ThreadPoolExecutor(len(parts), thread_name_prefix="crew") as pool:
        futures = [pool.submit(make, number) for number in range(len(parts))]
    failed = [error for f in futures if (error := f.exception()) is not None]
    if failed:
        # What stopped the others comes before that they were stopped.
        raise next((e for e in failed if not isinstance(e, Cancelled)), failed[0])
    return [f.result() for f in futures]


class _SharedPasses:
    """One network for several dances: a pass is made when all that go on wait for one."""

    def __init__(self, model: DanceModel, dances: int) -> None:
        self.model = model
        self._left = dances
        self._waiting: list[_Call] = []
        self._changed = threading.Condition()

    def run(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Wait for the others, and for the pass; this one's part of it."""
        call = _Call(inputs)
        with self._changed:
            self._waiting.append(call)
            self._pass_if_all_wait()
            self._changed.wait_for(lambda: call.done)
        if call.error is not None:
            raise call.error
        assert call.motion is not None
        return call.motion

    def leave(self) -> None:
        """One dance is made, or failed; the others wait for it no longer."""
        with self._changed:
            self._left -= 1
            self._pass_if_all_wait()

    def _pass_if_all_wait(self) -> None:
        if not self._waiting or len(self._waiting) < self._left:
            return
        calls, self._waiting = self._waiting, []
        for frames in sorted({call.frames for call in calls}):
            alike = [call for call in calls if call.frames == frames]
            names = alike[0].inputs
            stacked = {n: np.concatenate([call.inputs[n] for call in alike]) for n in names}
            try:
                motion = self.model.run(**stacked)
            # Whatever goes wrong is raised by the threads that asked for it.
            except Exception as error:
                for call in alike:
                    call.error, call.done = error, True
                continue
            ends = np.cumsum([len(call.inputs["x"]) for call in alike])[:-1]
            for call, part in zip(alike, np.split(motion, ends), strict=True):
                call.motion, call.done = part, True
        self._changed.notify_all()


class _Call:
    """What one dance asks the network for."""

    def __init__(self, inputs: dict[str, np.ndarray]) -> None:
        self.inputs, self.frames = inputs, inputs["x"].shape[1]
        self.motion: np.ndarray | None = None
        self.error: Exception | None = None
        self.done = False


class _Seat(DanceModel):
    """The model as one of the dances sees it: its passes are shared."""

    def __init__(self, shared: _SharedPasses) -> None:
        self.__dict__.update(shared.model.__dict__)
        self._shared = shared

    def run(self, **inputs: np.ndarray) -> np.ndarray:
        """As ``DanceModel.run``, together with the others."""
        return self._shared.run(inputs)
