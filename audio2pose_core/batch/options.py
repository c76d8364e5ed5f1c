"""The options of ``scripts/render.py``, as render.py itself lists them, and the program to run.

Core cannot import render.py, and a second list would fall behind it: so render.py
is asked for its help once, and mistakes are told before any song is rendered.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import OptionError

Options = dict[str, str | bool]
"""Option names without their dashes; a switch is True."""

# The batch itself gives these, to each song its own.
OWN = {"audio", "output", "work", "part", "help"}
# What changes the picture and not the dance. A name that is missing here costs a dance made anew,
# one too many would show an old dance: so a new option of render.py belongs here last.
PICTURE = frozenset(
    {
        *("blend", "camera", "canon", "character", "debug", "device", "engine", "formation"),
        *("fps", "frames", "no-mirror", "resolution", "samples", "save-blend", "stage", "title"),
        "transparent",
    }
)
_HELP_S = 120
_HELP_LINE = re.compile(r"^  (?:-\w(?: \S+)?, )?--([\w-]+)(?:[ =](\S.*?))?(?: {2,}|$)", re.M)


def render_command(script: Path | None = None, blender: str | None = None) -> list[str]:
    """The words that start render.py; its options follow.

    Blender is ``blender`` if given, else this Python if it has bpy, else the
    one on the PATH. Raises OptionError where something is missing.
    """
    known = script is None
    if script is None:
        script = Path(__file__).resolve().parents[2] / "scripts" / "render.py"
    if not script.is_file():
        more = "it is part of the source checkout only; name yours with --script"
        raise OptionError(f"{script}: there is no render.py{f'; {more}' if known else ''}")
    program = blender
    if blender is None and known and importlib.util.find_spec("bpy") is None:
        program = shutil.which("blender")
        if program is None:
            raise OptionError(
                "this Python has no Blender in it: run 'pip install bpy', or name Blender's "
                "program with --blender"
            )
    if program is None:
        return [sys.executable, str(script.resolve())]
    if shutil.which(program) is None:
        raise OptionError(f"--blender {program}: there is no such program")
    return [program, "-b", "--python-exit-code", "3", "--python", str(script.resolve()), "--"]


class RenderOptions:
    """What render.py understands: names, which of them take a value, and fixed choices."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self.values = values
        """Name -> what its value is called, None for a switch."""

    @classmethod
    def ask(cls, command: list[str]) -> RenderOptions:
        """Run render.py --help and read it."""
        environment = {**os.environ, "COLUMNS": "400", "NO_COLOR": "1"}
        try:
            done = subprocess.run(
                [*command, "--help"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=environment,
                timeout=_HELP_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OptionError(f"{command[0]} cannot be started: {error}") from error
        said = done.stdout.decode("utf-8", "replace")
        found = {name: value or None for name, value in _HELP_LINE.findall(said)}
        if done.returncode == 0 and "output" in found and "work" not in found:
            raise OptionError(f"{' '.join(command)}: it has no --work, so it cannot be resumed")
        if done.returncode or "output" not in found:
            told = (done.stderr.decode("utf-8", "replace") + said).strip().splitlines()
            raise OptionError(f"{' '.join(command)} --help failed: {told[-1] if told else ''}")
        return cls(found)

    def from_words(self, words: Iterable[str]) -> Options:
        """Options out of a command line's words, e.g. ["--style", "pop", "--debug"]."""
        found: Options = {}
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if not word.startswith("--"):
                raise OptionError(f"{word!r} is no option; options of render.py begin with --")
            name, equals, value = word[2:].partition("=")
            if name == "save-blend" and not equals:
                found[name] = True
                continue
            if self._takes_value(name, f"--{name}") and not equals:
                if not rest:
                    raise OptionError(f"--{name} needs a value")
                value = rest.pop(0)
                equals = "="
            found[name] = self.check(name, value if equals else True, f"--{name}")
        return found

    def check(self, name: str, value: Any, where: str) -> str | bool:
        """A value as render.py takes it; ``where`` begins the OptionError if it does not."""
        takes = self._takes_value(name, where)
        if name == "save-blend":
            # render.py wants a file; here each song has its own, beside its video.
            takes = False
        if not takes:
            if not isinstance(value, bool):
                raise OptionError(f"{where}: it is a switch and takes no value but true or false")
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise OptionError(f"{where}: needs a text or a number, not {value!r}")
        text = str(value)
        choices = self.values[name] or ""
        if choices.startswith("{") and text not in choices.strip("{}").split(","):
            raise OptionError(f"{where}: {text!r} is none of {choices.strip('{}')}")
        return text

    def _takes_value(self, name: str, where: str) -> bool:
        if name in OWN:
            raise OptionError(f"{where}: the batch gives each song its own")
        if name not in self.values:
            raise OptionError(f"{where}: render.py has no option {name!r}")
        return self.values[name] is not None


def as_words(options: Options) -> list[str]:
    """The options as words of a command line, save-blend left out: its file is the batch's."""
    words = []
    for name, value in sorted(options.items()):
        if name == "save-blend" or value is False:
            continue
        # One word, so that a value may begin with a dash.
        words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words
