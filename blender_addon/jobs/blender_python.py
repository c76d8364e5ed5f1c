"""Blender's own Python, which the worker runs in."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import bpy

from ..core import errors
from .job import Python


def worker_python() -> Python:
    """Blender's own Python, and the folders where it finds numpy and onnxruntime.

    Raises ModelError where one of the two is not installed.
    """
    folders = []
    for package in ("numpy", "onnxruntime"):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise errors.ModelError(
                f"Blender's Python has no {package}; install the Audio2Pose extension from its "
                "zip for this platform, which brings it"
            )
        folder = str(Path(spec.origin).parent.parent)
        if folder not in folders:
            folders.append(folder)
    return Python(_executable(), tuple(bpy.app.python_args), tuple(folders))


def _executable() -> str:
    if Path(sys.executable).name.lower().startswith("python"):
        return sys.executable
    # A Blender that is linked to the system's Python may name itself here.
    name = "python.exe" if os.name == "nt" else f"bin/python3.{sys.version_info.minor}"
    return str(Path(sys.base_exec_prefix) / name)
