"""Checks for optional packages."""

from __future__ import annotations

import importlib.util

from ..errors import OptionError


def need(command: str, packages: tuple[str, ...], extra: str) -> None:
    """Raise OptionError where one of ``packages`` is not installed, before anything is begun."""
    for name in packages:
        if importlib.util.find_spec(name) is None:
            raise OptionError(
                f"audio2pose {command} needs {name}; install it with: "
                f"pip install 'audio2pose[{extra}]'"
            )


def torch_is_there(command: str) -> None:
    """``need`` for the commands that train."""
    need(command, ("torch", "onnx"), "train")
