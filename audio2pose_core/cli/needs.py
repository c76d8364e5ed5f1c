"""What a command needs beyond the library's own packages, asked before anything is begun."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence

from ..errors import OptionError

TRAINING = {"torch": "torch", "onnx": "onnx", "pydantic": "pydantic", "tqdm": "tqdm"}
STATISTICS = {"scipy": "scipy", "sklearn": "scikit-learn", "pydantic": "pydantic"}
"""Module -> the package that it is of."""


def need(command: str, packages: Sequence[str] | Mapping[str, str], extra: str) -> None:
    """Raise OptionError where one of ``packages`` is not installed, before anything is begun.

    A mapping names the package of each module; a sequence has packages named as their modules.
    """
    named = packages if isinstance(packages, Mapping) else {name: name for name in packages}
    for module, package in named.items():
        if importlib.util.find_spec(module) is None:
            raise OptionError(
                f"audio2pose {command} needs {package}; install it with: "
                f"pip install 'audio2pose[{extra}]'"
            )


def torch_is_there(command: str) -> None:
    """``need`` for the commands that train."""
    need(command, TRAINING, "train")


def statistics_are_there(command: str) -> None:
    """``need`` for what the evaluation computes with."""
    need(command, STATISTICS, "evaluate")
