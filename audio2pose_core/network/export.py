"""Checkpoint -> ``name.onnx`` + ``name.json``, checked against torch."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper
import torch

from .. import representation as rep
from ..errors import ModelError
from ..files import whole_file, write_text
from ..generate.contract import CONTRACT_FORMAT
from ..generate.model import INPUTS, load_model
from ..json_file import parse_json
from ..skeleton import JOINTS
from .checkpoints import checkpoint_config, load_checkpoint, restoring
from .model import DanceNet

TOLERANCE = 1e-3
SMALL_TENSOR = 1024
"""Tensors with fewer numbers stay float32."""


SAMPLER = {"steps": 8, "guidance": 4.0, "overlap": 60, "liveliness": 0.7}
"""How a model is sampled where neither its training nor the caller says otherwise."""


def export(
    checkpoint: Path,
    output: Path,
    *,
    styles: dict[str, Any],
    sampler: dict[str, Any] | None = None,
    name: str | None = None,
) -> float:
    """Write ``output`` (.onnx) and its contract beside it; returns the largest difference to torch.

    ``checkpoint`` is a checkpoint.pt or weights.pt, ``styles`` what
    ``styles.describe_styles`` says of its data. ``sampler`` goes before what a
    distilled model asks for, and that before ``SAMPLER``. Raises ModelError, and writes
    nothing, if ONNX Runtime and torch disagree by more than 1e-3 on random input.
    """
    state = load_checkpoint(checkpoint)
    config = checkpoint_config(state, str(checkpoint))
    own = state.get("sampler", "{}")
    distilled = parse_json(own if isinstance(own, str) else "", f"{checkpoint}: its sampler")
    if not isinstance(distilled, dict):
        raise ModelError(f"{checkpoint}: its sampler is no table")
    model = DanceNet(config.model, len(state["conditions"]), len(config.data.style_names))
    with restoring(checkpoint):
        # Rounded to half precision here, so that the file can hold halves and still be exact.
        model.load_state_dict({k: v.half().float() for k, v in state["average"].items()})
    model.eval()
    example = _example(config.model.window, len(state["conditions"]), len(config.data.style_names))
    axes = {n: {0: "batch", 1: "frames"} for n in ("x", "known", "mask", "conditions", "motion")}
    axes |= {"t": {0: "batch"}, "style": {0: "batch"}}
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated but needs no further package and
        # keeps both axes dynamic; its notices are no news to who runs this.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            tuple(example.values()),
            # A buffer is taken too, which torch's annotation does not say.
            buffer,  # type: ignore[arg-type]
            input_names=list(INPUTS),
            output_names=["motion"],
            dynamic_axes=axes,
            opset_version=18,
            dynamo=False,
        )
    data = _halve(buffer.getvalue())
    contract = {
        "format": CONTRACT_FORMAT,
        "name": name or output.stem,
        "sha256": hashlib.sha256(data).hexdigest(),
        "fps": config.data.fps,
        "window": config.model.window,
        "patch": config.model.patch,
        "width": rep.WIDTH,
        "groups": rep.GROUPS,
        "conditions": list(state["conditions"]),
        "skeleton": list(JOINTS),
        "mean": [round(float(v), 6) for v in state["mean"]],
        "deviation": [round(float(v), 6) for v in state["deviation"]],
        "styles": styles,
        "sampler": SAMPLER | distilled | (sampler or {}),
        "training": {
            "steps": int(state["step"]),
            "batch": config.train.batch,
            "source_weights": config.data.source_weights,
        },
        "credits": list(config.data.credits),
    }
    text = json.dumps(contract, indent=1) + "\n"
    # Checked in a folder of its own: the files appear only if they are right.
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / output.name
        trial.write_bytes(data)
        trial.with_suffix(".json").write_text(text, encoding="utf-8")
        worst = check(model, trial, example)
    if not worst < TOLERANCE:
        raise ModelError(
            f"{checkpoint}: its model file differs from torch by {worst:.2g}; {output} was not "
            "written"
        )
    with whole_file(output) as temporary:
        temporary.write_bytes(data)
    write_text(output.with_suffix(".json"), text)
    return worst


def _halve(data: bytes) -> bytes:
    """Store large weights as float16 with a cast behind them: half the file, the same sums.

    ONNX Runtime folds the casts when it loads the graph, so a pass costs the same.
    """
    graph_file = onnx.load_from_string(data)
    graph = graph_file.graph
    casts = []
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALL_TENSOR:
            continue
        name, half = tensor.name, f"{tensor.name}_half"
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(
            onnx.helper.make_node(
                "Cast", [half], [name], name=f"{half}_cast", to=onnx.TensorProto.FLOAT
            )
        )
    for node in reversed(casts):
        graph.node.insert(0, node)
    onnx.checker.check_model(graph_file)
    return graph_file.SerializeToString()


def check(model: DanceNet, output: Path, example: dict[str, torch.Tensor]) -> float:
    """Largest difference between torch and ONNX Runtime, over two lengths and batch sizes."""
    dance_model = load_model(output)
    worst = 0.0
    for frames, batch in ((dance_model.window, 1), (dance_model.window // 2, 2)):
        feed = {
            k: (v[:, :frames] if v.ndim == 3 else v).repeat(batch, *[1] * (v.ndim - 1))
            for k, v in example.items()
        }
        with torch.no_grad():
            expected = model(*feed.values()).numpy()
        got = dance_model.run(**{k: v.numpy() for k, v in feed.items()})
        # NaN where either is not finite, which is no agreement.
        worst = float(np.maximum(worst, np.abs(expected - got).max()))
    return worst


def _example(frames: int, conditions: int, styles: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    return {
        "x": normal(1, frames, rep.WIDTH),
        "t": torch.rand(1, generator=generator),
        "known": normal(1, frames, rep.WIDTH),
        "mask": (normal(1, frames, rep.GROUPS) > 0).float(),
        "conditions": normal(1, frames, conditions),
        "style": torch.nn.functional.one_hot(torch.tensor([0]), styles).float(),
    }
