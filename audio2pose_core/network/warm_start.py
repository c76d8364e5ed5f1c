"""Begin a training with the weights of another dancer: what both networks have is taken over.

The other dancer may know fewer conditions and other styles. Conditions are matched by name: the
network begins as the other one, blind to what that was never given. A model file (.onnx) holds the
averaged weights of its training in half precision, so any dancer that was shipped can be trained
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnx.numpy_helper
import torch
from torch import Tensor

from .. import representation as rep
from ..errors import ModelError
from ..generate.model import load_model
from .checkpoints import checkpoint_config, load_checkpoint, scale_of
from .config import Config
from .model import DanceNet


@dataclass(frozen=True)
class DancerWeights:
    """Weights by parameter, the names of conditions and styles, mean and deviation (152,)."""

    tensors: dict[str, Tensor]
    conditions: tuple[str, ...]
    styles: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray


def read_weights(path: Path) -> DancerWeights:
    """Of a model file (.onnx with its .json beside it), a weights.pt or a checkpoint.pt.

    Raises ModelError where it is none of these.
    """
    if path.suffix.lower() == ".onnx":
        return _of_model_file(path)
    state = load_checkpoint(path)
    styles = checkpoint_config(state, str(path)).data.style_names
    tensors = {name: value.float() for name, value in state["average"].items()}
    return DancerWeights(tensors, tuple(state["conditions"]), tuple(styles), *scale_of(state))


def begin_from(model: DanceNet, config: Config, weights: DancerWeights) -> str:
    """Give ``model``, made for ``config``, the weights; returns what is new to them, in words.

    Weights of conditions that are new are 0; a new style has those of no style. Raises ModelError
    where the network has another shape.
    """
    state = model.state_dict()
    tensors = dict(weights.tensors)
    tensors["input.weight"] = _matched_input(
        tensors["input.weight"], weights.conditions, config.conditions, config.model.patch
    )
    names = config.data.style_names
    tensors["style.weight"] = _matched_columns(tensors["style.weight"], weights.styles, names)
    wrong = sorted(
        name
        for name, value in state.items()
        if name not in tensors or tensors[name].shape != value.shape
    )
    if wrong:
        raise ModelError(
            f"these weights are of a network of another shape ({', '.join(wrong[:3])}); give the "
            "config its [model]"
        )
    model.load_state_dict({name: tensors[name] for name in state})
    new = [
        f"{what} {', '.join(fresh)}"
        for what, mine, theirs in (
            ("conditions", config.conditions, weights.conditions),
            ("styles", names, weights.styles),
        )
        if (fresh := [name for name in mine if name not in theirs])
    ]
    return "; ".join(new) or "nothing"


def _matched_input(weight: Tensor, before: Sequence[str], now: Sequence[str], patch: int) -> Tensor:
    """The input layer's weights (width, patch * frame) for other conditions at a frame's end."""
    motion = 2 * rep.WIDTH + rep.GROUPS
    if weight.shape[1] != patch * (motion + len(before)):
        raise ModelError(
            f"these weights read {weight.shape[1]} numbers a token, not {patch} frames of "
            f"{motion + len(before)}; give the config the same [model]"
        )
    frames = weight.unflatten(1, (patch, -1))
    conditions = _matched_columns(frames[..., motion:], before, now)
    return torch.cat([frames[..., :motion], conditions], dim=-1).flatten(1)


def _matched_columns(weight: Tensor, before: Sequence[str], now: Sequence[str]) -> Tensor:
    """Columns (…, len(now)) of ``weight`` (…, len(before)) by name; 0 for new names."""
    out = weight.new_zeros((*weight.shape[:-1], len(now)))
    for i, name in enumerate(now):
        if name in before:
            out[..., i] = weight[..., before.index(name)]
    return out


def _of_model_file(path: Path) -> DancerWeights:
    """Read back what ``export`` wrote: linear layers are matrix products there, without a name.

    Each is followed by the sum with its bias, which has kept its name; the only one without a
    bias is that of the styles.
    """
    dancer = load_model(path)
    graph = onnx.load(path).graph
    values = {
        t.name.removesuffix("_half"): torch.from_numpy(
            onnx.numpy_helper.to_array(t).astype(np.float32)
        )
        for t in graph.initializer
    }
    products = {
        node.output[0]: node.input[1]
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in values
    }
    tensors = {name: value for name, value in values.items() if name not in products.values()}
    unnamed = set(products.values())
    for node in graph.node:
        if node.op_type != "Add":
            continue
        bias = next((name for name in node.input if name.endswith(".bias")), None)
        product = next((products[name] for name in node.input if name in products), None)
        if bias is not None and product is not None:
            tensors[bias.removesuffix(".bias") + ".weight"] = values[product].T.contiguous()
            unnamed.discard(product)
    if len(unnamed) != 1:
        raise ModelError(f"{path}: not a model file that `audio2pose export` made")
    tensors["style.weight"] = values[unnamed.pop()].T.contiguous()
    return DancerWeights(
        tensors,
        dancer.conditions,
        dancer.styles,
        dancer.mean.astype(np.float32),
        dancer.deviation.astype(np.float32),
    )
