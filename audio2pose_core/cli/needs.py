"""Packages that only some commands need."""

from __future__ import annotations

import importlib.util

from ..errors import OptionError


def statistics_are_there(command: str) -> None:
    """Raise OptionError where scipy or scikit-learn is not installed."""
    for name, package in (("scipy", "scipy"), ("sklearn", "scikit-learn")):
        if importlib.util.find_spec(name) is None:
            raise OptionError(
                f"audio2pose {command} needs {package}; install the tools of the evaluation: "
                "pip install 'audio2pose[evaluate]'"
            )


def torch_is_there(command: str) -> None:
    """Raise OptionError where a training tool is not installed, before anything is begun."""
    for name in ("torch", "onnx", "pydantic", "tqdm"):
        if importlib.util.find_spec(name) is None:
            raise OptionError(
                f"audio2pose {command} needs {name}; install the training tools: "
                "pip install 'audio2pose[train]'"
            )
