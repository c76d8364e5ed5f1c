"""Packages that only some commands need."""

from __future__ import annotations

import importlib.util

from ..errors import OptionError


def torch_is_there(command: str) -> None:
    """Raise OptionError where torch or onnx is not installed, before anything is begun."""
    for name in ("torch", "onnx"):
        if importlib.util.find_spec(name) is None:
            raise OptionError(
                f"audio2pose {command} needs {name}; install the training tools: "
                "pip install 'audio2pose[train]'"
            )
