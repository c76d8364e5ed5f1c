"""A training that begins with another dancer's weights begins as that dancer."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from audio2pose_core.errors import ModelError
from audio2pose_core.generate.model import DEFAULT_MODEL, load_model
from audio2pose_core.network.config import Config, DataConfig, ModelConfig
from audio2pose_core.network.model import DanceNet
from audio2pose_core.network.warm_start import begin_from, read_weights


def _config(styles: tuple[str, ...], **model: int) -> Config:
    conditions = ("energy", "legs", "hits")
    data = DataConfig(windows="nowhere", conditions=conditions, style_names=styles)
    return Config(data=data, model=ModelConfig(**{"window": 240, **model}))


def _network(config: Config) -> DanceNet:
    return DanceNet(config.model, len(config.conditions), len(config.data.style_names)).eval()


def test_the_network_begins_as_the_shipped_dancer():
    """Other conditions in another order and a new style change nothing until they are learnt."""
    dancer = load_model()
    config = _config((*reversed(dancer.styles), "lambada"))
    network = _network(config)
    weights = read_weights(DEFAULT_MODEL)
    new = begin_from(network, config, weights)
    missing = [c for c in config.conditions if c not in dancer.conditions]
    assert all(name in new for name in (*missing, "lambada"))

    random = np.random.default_rng(0)
    frames = dancer.window
    named = {c: random.normal(size=(1, frames)) for c in {*config.conditions, *dancer.conditions}}
    for name in set(dancer.conditions) - set(config.conditions):
        named[name][:] = 0.0
    inputs = {
        "x": random.normal(size=(1, frames, 152)),
        "t": np.array([0.3]),
        "known": random.normal(size=(1, frames, 152)),
        "mask": (random.random((1, frames, 28)) < 0.2).astype(float),
    }
    style = "salsa"
    theirs = dancer.run(
        **inputs,
        conditions=np.stack([named[c] for c in dancer.conditions], -1),
        style=np.eye(len(dancer.styles))[[dancer.styles.index(style)]],
    )
    ours = network(
        *(torch.as_tensor(v, dtype=torch.float32) for v in inputs.values()),
        torch.as_tensor(np.stack([named[c] for c in config.conditions], -1), dtype=torch.float32),
        torch.eye(len(config.data.style_names))[[config.data.style_names.index(style)]],
    ).detach()
    assert np.abs(theirs - ours.numpy()).max() < 1e-3
    assert np.allclose(weights.mean, dancer.mean, atol=1e-6)


def test_a_network_of_another_shape_is_refused():
    weights = read_weights(DEFAULT_MODEL)
    for other in ({"width": 64}, {"patch": 8}, {"depth": 9}):
        config = _config(("salsa",), **other)
        with pytest.raises(ModelError, match="model"):
            begin_from(_network(config), config, weights)


def test_what_is_no_dancer_is_refused(tmp_path):
    beats = DEFAULT_MODEL.parents[1] / "beats" / "beats.onnx"
    with pytest.raises(ModelError):
        read_weights(beats)
    (tmp_path / "w.pt").write_bytes(b"nothing")
    with pytest.raises(ModelError):
        read_weights(tmp_path / "w.pt")
