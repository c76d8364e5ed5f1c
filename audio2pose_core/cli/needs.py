"""Packages that only some commands need."""

from __future__ import annotations

import importlib.util

from ..errors import OptionError

TRAINING = {"torch": "torch", "onnx": "onnx", "pydantic": "pydantic", "tqdm": "tqdm"}
STATISTICS = {"scipy": "scipy", "sklearn": "scikit-learn", "pydantic": "pydantic"}
"""Module -> the package that it is of."""


def torch_is_there(command: str) -> None:
    """Raise OptionError where a training tool is not installed, before anything is begun."""
    _require(command, TRAINING, "the training tools", "train")


def statistics_are_there(command: str) -> None:
    """Raise OptionError where what the evaluation computes with is not installed."""
    _require(command, STATISTICS, "the tools of the evaluation", "evaluate")


def _require(command: str, modules: dict[str, str], what: str, extra: str) -> None:
    for module, package in modules.items():
        if importlib.util.find_spec(module) is None:
            raise OptionError(
                f"audio2pose {command} needs {package}; install {what}: "
                f"pip install 'audio2pose[{extra}]'"
            )
