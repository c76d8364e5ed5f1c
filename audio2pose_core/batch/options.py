"""The options of a batch's renders, and the program that renders.

Both the command ``audio2pose render`` and the batch go by ``render_options``, so that a
mistake is told before any song is rendered.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import OptionError
from .render_options import define

Options = dict[str, str | bool]
"""Option names without their dashes; a switch is True."""

# The batch itself gives these, to each song its own.
OWN = {"audio", "output", "work", "part", "help"}
# What changes neither picture nor dance.
TALK = frozenset({"debug", "verbose"})
# What changes the picture and not the dance. A name that is missing here costs a dance generated
# again, one too many would show an old dance: so a new option belongs here last.
PICTURE = frozenset(
    {
        *("answer", "blend", "camera", "canon", "change", "character", "device", "engine"),
        *("formation",),
        *("fps", "frames", "no-mirror", "resolution", "samples", "save-blend", "stage", "title"),
        *("transparent", *TALK),
    }
)
RENDER = Path(__file__).resolve().parents[2] / "blender_addon/render/command/__main__.py"
"""The command ``render``, which a checkout and the wheel carry beside this package."""


def render_command(script: Path | None = None, blender: str | None = None) -> list[str]:
    """The words that start the render command, or ``script`` in its place; its options follow.

    Blender is ``blender`` if given, else this Python if it has bpy, else the
    one on the PATH. Raises OptionError where something is missing.
    """
    known = script is None
    script = script or RENDER
    if not script.is_file():
        more = "; install Audio2Pose again" if known else ""
        raise OptionError(f"{script}: there is no such render script{more}")
    program = blender
    if blender is None and known and importlib.util.find_spec("bpy") is None:
        program = shutil.which("blender")
        if program is None:
            raise OptionError(
                "this Python has no Blender in it: run pip install 'audio2pose[blender]', put "
                "Blender on the PATH, or name it with render-batch --blender"
            )
    if program is None:
        return [sys.executable, str(script.resolve())]
    if shutil.which(program) is None:
        raise OptionError(f"--blender {program}: there is no such program")
    return [program, "-b", "--python-exit-code", "3", "--python", str(script.resolve()), "--"]


class RenderOptions:
    """The options of ``audio2pose render`` by name, without their dashes."""

    def __init__(self) -> None:
        parser = argparse.ArgumentParser(add_help=False)
        self.actions = {
            action.option_strings[-1].removeprefix("--"): action for action in define(parser)
        }

    def from_words(self, words: Iterable[str]) -> Options:
        """Options out of a command line's words, e.g. ["--style", "pop", "--debug"]."""
        found: Options = {}
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if not word.startswith("--"):
                raise OptionError(f"{word!r} is not an option: options begin with --")
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
        """A value as a word of a command line; ``where`` begins the OptionError if it is wrong."""
        # A render wants a file to save in; here each song has its own, beside its video.
        if not self._takes_value(name, where) or name == "save-blend":
            if not isinstance(value, bool):
                raise OptionError(f"{where}: it is a switch and takes no value but true or false")
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise OptionError(f"{where}: needs a text or a number, not {value!r}")
        text = str(value)
        action = self.actions[name]
        if action.choices is not None and text not in action.choices:
            raise OptionError(f"{where}: {text!r} is not one of {', '.join(action.choices)}")
        if callable(action.type):
            try:
                action.type(text)
            except argparse.ArgumentTypeError as error:
                raise OptionError(f"{where}: {error}") from error
            except ValueError as error:
                kind = getattr(action.type, "__name__", "value")
                raise OptionError(f"{where}: {text!r} is not a valid {kind}") from error
        return text

    def _takes_value(self, name: str, where: str) -> bool:
        if name in OWN:
            raise OptionError(f"{where}: the batch gives each song its own")
        if name not in self.actions:
            raise OptionError(f"{where}: audio2pose render has no option {name!r}")
        return self.actions[name].nargs != 0


def as_words(options: Options) -> list[str]:
    """The options as words of a command line, save-blend left out: its file is the batch's."""
    words = []
    for name, value in sorted(options.items()):
        if name == "save-blend" or value is False:
            continue
        # One word, so that a value may begin with a dash.
        words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words
