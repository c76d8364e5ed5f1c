"""The log of a training run: log.txt, lines and a progress bar on the terminal, TensorBoard."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from ..files import write_text

LOG = "log.txt"


class TrainingLog:
    """A run's log. Every line goes to ``log.txt`` and to stderr; a terminal also gets a bar.

    ``silent`` ones, of all processes but the first, write nothing anywhere.
    """

    def __init__(self, folder: Path, *, quiet: bool = False, silent: bool = False) -> None:
        self.folder, self.quiet, self.silent = folder, quiet, silent
        self._terminal = sys.stderr.isatty() and not quiet and not silent
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""
        self._board: Any = None
        if not silent:
            folder.mkdir(parents=True, exist_ok=True)

    def line(self, text: str) -> None:
        """Show a line and keep it."""
        if self.silent:
            return
        if not self.quiet:
            tqdm.write(text, file=sys.stderr)
            sys.stderr.flush()
        with open(self.folder / LOG, "a", encoding="utf-8") as file:
            file.write(text + "\n")

    def resume(self, step: int) -> None:
        """Go on at ``step``: lines of later steps, which will be made again, are taken back.

        0 is a run that was killed before its first checkpoint, or a new one.
        """
        path = self.folder / LOG
        if self.silent or not path.exists():
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.split("\n")
        # A killed process may have left the last line unfinished.
        lines, torn = lines[:-1], lines[-1]
        kept = [line for line in lines if not _step_of(line) > step]
        gone = len(lines) - len(kept) + bool(torn)
        if step == 0 and not gone:
            return
        write_text(path, "".join(line + "\n" for line in kept))
        again = f"; {gone} lines of later steps taken back, they are made again" if gone else ""
        self.line(f"resumed at step {step}{again}")

    def open_board(self, step: int) -> None:
        """Write TensorBoard scalars from now on; a line says so where it is not installed."""
        if self.silent:
            return
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self.line("no TensorBoard scalars: pip install tensorboard")
            return
        self._board = SummaryWriter(str(self.folder / "tensorboard"), purge_step=step)

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Curves for TensorBoard."""
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def picture(self, step: int, path: Path) -> None:
        """A picture for TensorBoard."""
        if self._board is not None and path.exists():
            from matplotlib.image import imread

            self._board.add_image("dances", imread(path), step, dataformats="HWC")

    def bar(self, done: int, last: int, text: str) -> None:
        """The bar at the bottom of a terminal; nothing elsewhere."""
        self._draw("", done, last, text)

    def progress(self, stage: str, share: float) -> None:
        """The bar of what comes before the first step, ``share`` in 0..1."""
        self._draw(stage, round(100 * share), 100, "")

    def _draw(self, stage: str, done: int, last: int, text: str) -> None:
        if not self._terminal:
            return
        if self._bar is None or self._stage != stage:
            self.clear()
            self._stage = stage
            self._bar = tqdm(total=last, desc=stage or None, file=sys.stderr, leave=False)
            self._bar.bar_format = "{desc}{bar}| {n_fmt}/{total_fmt}{postfix}"
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.n = done
        self._bar.refresh()

    def clear(self) -> None:
        """Take the bar off the terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def close(self) -> None:
        """Leave nothing open."""
        self.clear()
        if self._board is not None:
            self._board.close()
            self._board = None


class Pace:
    """Speed of a run between two reports, and the share of the time spent waiting for data."""

    def __init__(self, step: int, last: int) -> None:
        self.last, self.waited = last, 0.0
        self._stamp, self._step = time.monotonic(), step
        self._drawn = 0.0

    def due(self, every: float = 0.5) -> bool:
        """Whether the bar is old enough to be drawn again."""
        now = time.monotonic()
        if now - self._drawn < every:
            return False
        self._drawn = now
        return True

    def read(self, step: int) -> tuple[float, float, float]:
        """Steps a second, share of the time waited, seconds left."""
        spent = max(time.monotonic() - self._stamp, 1e-9)
        rate = (step - self._step) / spent
        left = (self.last - step) / rate if rate > 0 else 0.0
        return rate, self.waited / spent, left

    def waive(self, seconds: float) -> None:
        """Leave out time that was not spent on training."""
        self._stamp += seconds

    def reset(self, step: int) -> None:
        """Begin the next stretch."""
        self._stamp, self._step, self.waited = time.monotonic(), step, 0.0


def clock(seconds: float) -> str:
    """ "1:02:03" or "2:03"."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _step_of(line: str) -> int:
    """The step that a line reports, 0 for other lines."""
    words = line.split(" ", 2)
    if len(words) > 1 and words[0] == "step" and words[1].isdigit():
        return int(words[1])
    return 0
