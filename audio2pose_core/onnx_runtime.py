"""The door to ONNX Runtime, which the dancer and the beat network both pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import ModelError

LEAST_SEVERITY = 3
"""Errors alone are logged."""


def load() -> Any:
    """The package; ModelError that says what to install where it is missing."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "onnxruntime is not installed; `pip install onnxruntime`, or in Blender install the "
            "Audio2Pose extension, which brings it"
        ) from error
    return onnxruntime


def session_options() -> Any:
    """Options of a session that keeps its notices to itself."""
    options = load().SessionOptions()
    options.log_severity_level = LEAST_SEVERITY
    return options


def cannot_load(path: Path, error: Exception) -> ModelError:
    """What to raise where a session for the model at ``path`` does not begin."""
    return ModelError(f"{path}: ONNX Runtime cannot load it: {str(error)[:200]}")
