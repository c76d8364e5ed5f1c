"""Dances of a network in training, for the eye: stick figures in rows, and the motions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import representation as rep
from ..files import whole_file
from ..formats import save_motion
from ..generate.model import INPUTS, DanceModel
from ..generate.sampler import SamplerSettings, sample_dance
from ..motion import Motion
from ..skeleton import JOINTS, NUM_JOINTS, PARENTS
from .config import Config
from .model import DanceNet

SECONDS, BEAT_S, STRENGTH = 10.0, 0.5, 0.45
STYLES = 4
"""Styles that are drawn; the first of the config."""
EVERY_S = 0.5
"""Between two figures of a row."""
COLOURS = {"left": "tab:red", "right": "tab:blue"}


def draw_samples(
    config: Config,
    weights: dict[str, torch.Tensor],
    mean: np.ndarray,
    deviation: np.ndarray,
    folder: Path,
    step: int,
) -> tuple[Path, str]:
    """Dance to a metronome of 120 bpm in a few styles; write an .npz each and one picture.

    Returns the picture's path, and a note where it could not be drawn. Nothing
    random of the training is touched.
    """
    model = torch_model(config, weights, mean, deviation)
    motions = {}
    for name in config.data.style_names[:STYLES] or ("",):
        motion = dance_of(model, config, name)
        save_motion(folder / f"step{step:06}_{name or 'any'}.npz", motion)
        motions[name] = motion
    picture = folder / f"step{step:06}.png"
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return picture, "; no picture: pip install matplotlib"
    draw_strips(motions, picture, f"step {step}")
    return picture, ""


def torch_model(
    config: Config, weights: dict[str, torch.Tensor], mean: np.ndarray, deviation: np.ndarray
) -> DanceModel:
    """Weights as the model that ``generate`` samples from, without a file in between."""
    network = DanceNet(config.model, len(config.conditions), len(config.data.style_names))
    network.load_state_dict({k: v.float().cpu() for k, v in weights.items()})
    blank = {"seconds": 0, "hit_rate": 2, "hit_strength": STRENGTH}
    blank |= {"energy_mean": 0, "energy_deviation": 0.4}
    contract: dict[str, Any] = {
        "name": "in training",
        "fps": config.data.fps,
        "window": config.model.window,
        "patch": config.model.patch,
        "conditions": config.conditions,
        "mean": mean,
        "deviation": deviation,
        "styles": {name: blank for name in config.data.style_names},
        "sampler": {},
    }
    return DanceModel(_Session(network.eval()), contract, "")


class _Session:
    """A network in the place of an ONNX Runtime session."""

    def __init__(self, network: DanceNet) -> None:
        self.network = network

    def run(self, outputs: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        with torch.no_grad():
            return [self.network(*(torch.as_tensor(feed[name]) for name in INPUTS)).numpy()]


def dance_of(model: DanceModel, config: Config, style: str) -> Motion:
    """Ten seconds to a metronome, without the cleanup."""
    frames = round(SECONDS * config.data.fps)
    hits = np.arange(0.0, SECONDS + BEAT_S, BEAT_S)
    values = rep.accent_conditions(hits, np.full(len(hits), STRENGTH), frames, config.data.fps)
    values |= {"energy": np.zeros(frames), "energy_known": np.ones(frames)}
    conditions = rep.stack_conditions(config.conditions, values, frames)
    weights = np.array([name == style for name in config.data.style_names], dtype=np.float64)
    overlap = min(SamplerSettings.overlap, config.model.window // 4)
    settings = SamplerSettings(overlap=overlap)
    raw = sample_dance(model, conditions, weights, 0, settings)
    return rep.decode(raw, config.data.fps)


def draw_strips(motions: dict[str, Motion], path: Path, title: str) -> None:
    """One row of stick figures a motion, seen from the front, its travel taken out."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(16, 1.7 * len(motions) + 0.3), dpi=80, layout="constrained")
    axes = figure.subplots(len(motions), 1, squeeze=False)[:, 0]
    for axis, (name, motion) in zip(axes, motions.items(), strict=True):
        places = motion.joint_positions()[:: max(1, round(EVERY_S * motion.fps))]
        places = places - places[:, :1] * [1.0, 0.0, 1.0]
        for i, body in enumerate(places):
            for j in range(1, NUM_JOINTS):
                ends = body[[PARENTS[j], j]]
                color = COLOURS.get(JOINTS[j].partition("_")[0], "0.3")
                axis.plot(ends[:, 0] + 0.9 * i, ends[:, 1], color=color, linewidth=1.2)
        axis.set_xlim(-0.9, 0.9 * len(places))
        axis.set_ylim(-0.1, 2.1)
        axis.set_aspect("equal")
        axis.axhline(0.0, color="0.8", linewidth=0.8)
        axis.set_ylabel(name or "any")
        axis.set_xticks([])
        axis.set_yticks([])
    figure.suptitle(f"{title}: a figure every {EVERY_S:g} s")
    with whole_file(path) as temporary:
        figure.savefig(temporary, format="png")
