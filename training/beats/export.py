"""Weights -> beats.onnx with its contract beats.json.

python -m training.beats.export --weights runs/beats/weights.pt \\
    --output audio2pose_core/models/beats/beats.onnx
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from audio2pose_core.audio.beat_features import BANDS
from audio2pose_core.audio.beat_network import (
    CONTRACT_FORMAT,
    FEATURES,
    INPUT,
    OUTPUT,
    load_beat_network,
)
from audio2pose_core.errors import ModelError
from audio2pose_core.files import whole_file, write_text
from audio2pose_core.network.checkpoints import load_tensors, restoring

from .credits import CREDITS
from .network import BeatNet, NetworkConfig, Probabilities

MAX_BYTES = 4_000_000
TOLERANCE = 1e-4


def export(weights: Path, output: Path) -> float:
    """Write ``output`` (.onnx) and its contract beside it; the largest difference to torch.

    ``weights`` is what training leaves: the averaged network with its settings.
    Raises ModelError if ONNX Runtime and torch disagree by more than 1e-4 on
    random input, or if the file is larger than 4 MB.
    """
    state = load_tensors(weights)
    with restoring(weights):
        network = BeatNet(NetworkConfig(**state["network"]))
        network.load_state_dict(state["average"])
        model = Probabilities(network, tuple(state["class_weights"])).eval()
        training = {key: state[key] for key in ("steps", "pieces", "seconds", "seed")}
    data = _onnx(model)
    if len(data) > MAX_BYTES:
        raise ModelError(f"{output}: {len(data)} bytes are more than {MAX_BYTES}")
    contract: dict[str, Any] = {
        "format": CONTRACT_FORMAT,
        "name": output.stem,
        "sha256": hashlib.sha256(data).hexdigest(),
        "features": FEATURES,
        "outputs": ["beat", "downbeat"],
        "reach": network.reach,
        "class_weights": list(state["class_weights"]),
        "network": asdict(network.config),
        "training": training,
        "training_data": list(CREDITS),
    }
    text = json.dumps(contract, indent=1) + "\n"
    load_beat_network.cache_clear()
    # Checked in a folder of its own: the files appear only if they are right.
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / output.name
        trial.write_bytes(data)
        trial.with_suffix(".json").write_text(text, encoding="utf-8")
        worst = _compare(model, trial)
    with whole_file(output) as temporary:
        temporary.write_bytes(data)
    write_text(output.with_suffix(".json"), text)
    return worst


def _onnx(model: Probabilities) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated but needs no further package and
        # keeps the length free; its notices are no news to who runs this.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (torch.zeros(1, 500, BANDS),),
            buffer,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {1: "frames"}, OUTPUT: {1: "frames"}},
            opset_version=18,
            dynamo=False,
        )
    return buffer.getvalue()


def _compare(model: Probabilities, output: Path) -> float:
    """Largest difference between ONNX Runtime and torch on two random songs."""
    random = np.random.default_rng(0)
    worst = 0.0
    for frames in (700, 3001):
        features = np.abs(random.standard_normal((frames, BANDS))).astype(np.float32)
        with torch.no_grad():
            ours = model(torch.from_numpy(features)[None])[0].numpy()
        # NaN where either is not finite, which is no agreement.
        worst = float(
            np.maximum(worst, np.abs(load_beat_network(output).run(features) - ours).max())
        )
    if not worst <= TOLERANCE:
        raise ModelError(f"{output}: ONNX Runtime and torch differ by {worst:.2g}; not written")
    return worst


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m training.beats.export", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    worst = export(options.weights, options.output)
    size = options.output.stat().st_size / 1e6
    print(f"{options.output}: {size:.2f} MB, differs from torch by at most {worst:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
