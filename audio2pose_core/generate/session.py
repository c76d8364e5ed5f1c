"""An ONNX Runtime session on the best device that is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import onnx_runtime
from ..errors import ModelError, OptionError

CPU = "CPUExecutionProvider"
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": CPU,
}
DEVICES = ("auto", *PROVIDERS)


def choose_provider(device: str, available: Sequence[str]) -> str:
    """The provider of a device, of those that ONNX Runtime has; "auto" prefers an accelerator.

    OptionError for a device that is unknown or not there.
    """
    if device not in DEVICES:
        raise OptionError(f"no device {device!r}; choose from {', '.join(DEVICES)}")
    present = [name for name, provider in PROVIDERS.items() if provider in available]
    if device == "auto":
        return PROVIDERS[present[0]] if present else CPU
    if device not in present:
        raise OptionError(
            f"this onnxruntime has no {device}, only {', '.join(present)}; "
            "choose auto, or install the onnxruntime package made for it (onnxruntime-gpu, "
            "onnxruntime-directml)"
        )
    return PROVIDERS[device]


def open_session(
    path: Path, data: bytes, threads: int, device: str = "auto"
) -> tuple[Any, tuple[str, ...]]:
    """A session for a model's bytes, and warnings.

    An accelerator that "auto" found but that does not work is given up for the
    CPU, with a warning; one that was asked for by name is a ModelError.
    """
    cores = os.cpu_count() or 1
    if not 0 <= threads <= cores:
        raise OptionError(
            f"{threads} threads; give 0 (as many as suit) to {cores}, the cores of this machine"
        )
    onnxruntime, options = onnx_runtime.load(), onnx_runtime.session_options()
    options.intra_op_num_threads = threads
    provider = choose_provider(device, onnxruntime.get_available_providers())

    def start(wanted: str) -> Any:
        # DirectML works with neither of these (ONNX Runtime's documentation).
        if wanted == PROVIDERS["directml"]:
            options.enable_mem_pattern = False
            options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # Operations that an accelerator lacks run on the CPU.
        names = [wanted] if wanted == CPU else [wanted, CPU]
        return onnxruntime.InferenceSession(data, options, providers=names)

    why = "ONNX Runtime went on without it"
    if provider != CPU:
        try:
            session = start(provider)
        # onnxruntime raises classes of its own C extension, without a common root.
        except Exception as error:
            why = " ".join(str(error).split())[:160]
        else:
            if provider in session.get_providers():
                return session, ()
        if device != "auto":
            raise ModelError(f"{device} does not work here: {why}; choose --device cpu")
    try:
        session = start(CPU)
    except Exception as error:
        raise onnx_runtime.cannot_load(path, error) from error
    if provider == CPU:
        return session, ()
    return session, (f"{provider} does not work here, the dance is made on the CPU: {why}",)
