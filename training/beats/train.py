"""Train the beat network, or go on where a run stopped.

python -m training.beats.train --config training/configs/beats.toml --output runs/beats

Leaves checkpoint.pt (the exact state), weights.pt (averaged weights, to export)
and log.csv. A step depends on the seed and its number alone, so a run that was
stopped gives the same weights as one that was not. ``steps`` may be changed on
the way: the learning rate follows the new length. So may batch and dropout.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from audio2pose_core.audio.beat_features import FPS
from audio2pose_core.errors import Audio2PoseError, DataError, ModelError
from audio2pose_core.network.checkpoints import (
    load_tensors,
    require_finite,
    restoring,
    save_tensors,
)

from .batches import count_pieces, load_piece, make_batch, targets
from .config import Config, load_config
from .measure import f_measure, peaks
from .network import BeatNet

CHECKPOINT, WEIGHTS, LOG = "checkpoint.pt", "weights.pt", "log.csv"


class Trainer:
    """A run; ``run`` does steps until the configured number is done."""

    def __init__(self, config: Config, output: Path) -> None:
        self.config, self.output = config, output
        output.mkdir(parents=True, exist_ok=True)
        self.folder = Path(config.material.folder)
        torch.manual_seed(config.train.seed)
        self.network = BeatNet(config.network)
        self.average = {k: v.clone() for k, v in self.network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=config.train.learning_rate,
            weight_decay=config.train.weight_decay,
        )
        self.step, self.pieces, self.seconds = 0, 0, 0.0
        if (output / CHECKPOINT).is_file():
            self._load()

    def run(self, until: int | None = None) -> None:
        """Train up to step ``until`` (the configured end if none is given)."""
        train = self.config.train
        end = train.steps if until is None else min(until, train.steps)
        losses: list[float] = []
        while self.step < end:
            began = time.monotonic()
            losses.append(self._one_step())
            self.step += 1
            self.seconds += time.monotonic() - began
            if self.step % 50 == 0 or self.step == end:
                self._log(losses)
                losses = []
            if self.step % train.save_every == 0 or self.step == end:
                self.save()

    def _one_step(self) -> float:
        train = self.config.train
        held_out = self.config.material.held_out
        if self.step % train.refresh == 0:
            self.pieces = count_pieces(self.folder, self.pieces)
            if self.pieces < max(held_out + 1, self.config.material.wait_for):
                raise DataError(
                    f"{self.folder} holds {self.pieces} pieces; render at least "
                    f"{max(held_out + 1, self.config.material.wait_for)} "
                    "(python -m training.beats.render)"
                )
        random = np.random.default_rng([train.seed, self.step])
        torch.manual_seed(train.seed * 1_000_003 + self.step)  # dropout
        numbers = random.integers(held_out, self.pieces, train.batch)
        features, wanted = make_batch(
            self.folder, numbers, train.frames, self.config.augment, random
        )
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.step, self.config)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=train.bfloat16):
            logits = self.network(torch.from_numpy(features))
        loss = weighted_loss(
            logits.float(), torch.from_numpy(wanted), (train.beat_weight, train.downbeat_weight)
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self._average()
        return float(loss.detach())

    def _average(self) -> None:
        """Exponential average, shorter at the start."""
        decay = min(self.config.train.average, (1 + self.step) / (10 + self.step))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - decay)
            else:  # the normalisation's count
                self.average[name].copy_(value)

    def validate(self) -> dict[str, float]:
        """Loss, and F of the peaks of the averaged network on the pieces held out."""
        network = BeatNet(self.config.network)
        network.load_state_dict(self.average)
        network.eval()
        train = self.config.train
        weights = (train.beat_weight, train.downbeat_weight)
        loss, scores = [], []
        for number in range(min(self.config.material.held_out, self.pieces)):
            piece = load_piece(self.folder, number)
            wanted = targets(piece.beats * FPS, piece.places, len(piece.features))
            with torch.no_grad():
                logits = network(torch.from_numpy(piece.features)[None])
            loss.append(float(weighted_loss(logits, torch.from_numpy(wanted)[None], weights)))
            found = torch.sigmoid(logits - torch.log(torch.tensor(weights)))[0].numpy()
            scores.append([
                f_measure(peaks(found[:, 0]), piece.beats),
                f_measure(peaks(found[:, 1]), piece.beats[piece.places == 0]),
            ])  # fmt: skip
        if not scores:
            return {}
        beat, downbeat = np.mean(scores, axis=0)
        return {"loss": float(np.mean(loss)), "beat_f": float(beat), "downbeat_f": float(downbeat)}

    def _log(self, losses: list[float]) -> None:
        checked = self.validate() if self.step % self.config.train.save_every == 0 else {}
        row = {
            "step": self.step,
            "loss": round(float(np.mean(losses)), 4),
            "seconds": round(self.seconds, 1),
            "pieces": self.pieces,
            **{f"held_out_{k}": round(v, 4) for k, v in checked.items()},
        }
        left = (self.config.train.steps - self.step) * self.seconds / self.step
        print(" ".join(f"{k} {v}" for k, v in row.items()), f"left {left / 60:.0f} min", flush=True)
        with open(self.output / LOG, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")

    def save(self) -> None:
        """Write checkpoint.pt and weights.pt; each appears whole or not at all.

        ModelError where the run has diverged; then both stay the last good ones.
        """
        train = self.config.train
        shared: dict[str, Any] = {
            "network": asdict(self.config.network),
            "class_weights": (train.beat_weight, train.downbeat_weight),
            "steps": self.step,
            "pieces": self.pieces,
            "seconds": round(self.seconds, 1),
            "seed": train.seed,
            "average": self.average,
        }
        state = {"model": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
        path = self.output / CHECKPOINT
        require_finite(self.step, path, [state, self.average])
        save_tensors(shared | state, path)
        save_tensors(shared, self.output / WEIGHTS)

    def _load(self) -> None:
        path = self.output / CHECKPOINT
        state = load_tensors(path)
        with restoring(path):
            if _shape(state["network"]) != _shape(asdict(self.config.network)):
                raise ModelError(f"{path}: the run has another network; choose another --output")
            self.network.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.average = state["average"]
            self.step, self.pieces = state["steps"], state["pieces"]
            self.seconds = state["seconds"]


def _shape(network: dict[str, Any]) -> dict[str, Any]:
    """What two networks must share for the weights of one to fit the other."""
    return {k: v for k, v in network.items() if k != "dropout"}


def learning_rate(step: int, config: Config) -> float:
    """A short rise, then one cosine down to a hundredth."""
    train = config.train
    if step < train.warmup:
        return train.learning_rate * (step + 1) / train.warmup
    done = (step - train.warmup) / max(1, train.steps - train.warmup)
    return train.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def weighted_loss(logits: Tensor, wanted: Tensor, weights: tuple[float, float]) -> Tensor:
    """Cross-entropy of soft targets in which a beat weighs ``weights`` times a frame without."""
    positive = torch.tensor(weights)
    each = -(positive * wanted * F.logsigmoid(logits) + (1 - wanted) * F.logsigmoid(-logits))
    return each.mean()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m training.beats.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        Trainer(load_config(options.config), options.output).run()
    except Audio2PoseError as error:
        print(f"audio2pose: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
