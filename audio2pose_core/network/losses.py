"""Losses in real units: metres, metres a second, on joints reached by forward kinematics."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .. import representation as rep
from ..skeleton import CONTACT_JOINTS, NUM_JOINTS, OFFSETS, PARENTS
from ..source_faults import believed, faults_of
from .config import LossConfig


def _levels() -> list[list[int]]:
    depth = [0] * NUM_JOINTS
    for j in range(1, NUM_JOINTS):
        depth[j] = depth[PARENTS[j]] + 1
    return [[j for j in range(NUM_JOINTS) if depth[j] == d] for d in range(1, max(depth) + 1)]


class RealUnits(nn.Module):
    """Joint positions and velocities of a window of features."""

    mean: Tensor
    deviation: Tensor
    offsets: Tensor

    def __init__(self, mean: Tensor, deviation: Tensor, fps: float) -> None:
        super().__init__()
        self.fps = fps
        self.register_buffer("mean", mean.float())
        self.register_buffer("deviation", deviation.float())
        self.register_buffer("offsets", torch.as_tensor(OFFSETS).float())

    def features(self, x: Tensor) -> Tensor:
        """Undo the normalisation."""
        return x.float() * self.deviation + self.mean

    def positions(self, features: Tensor) -> Tensor:
        """Joint positions (B, T, 24, 3) in metres; the pelvis is above the origin, heading 0."""
        rotations = matrix_from_6d(features[..., rep.POSE].unflatten(-1, (NUM_JOINTS, 6)))
        height = features[..., rep.HEIGHT]
        root = torch.cat([torch.zeros_like(height), height, torch.zeros_like(height)], -1)
        world: dict[int, Tensor] = {0: rotations[..., 0, :, :]}
        places: dict[int, Tensor] = {0: root}
        for level in _levels():
            # All joints of one depth at once: 8 matrix products rather than 23.
            parents = [PARENTS[j] for j in level]
            above = torch.stack([world[p] for p in parents], dim=-3)
            turned = above @ rotations[..., level, :, :]
            moved = (above @ self.offsets[level].unsqueeze(-1)).squeeze(-1)
            for i, j in enumerate(level):
                world[j] = turned[..., i, :, :]
                places[j] = places[parents[i]] + moved[..., i, :]
        return torch.stack([places[j] for j in range(NUM_JOINTS)], dim=-2)

    def velocities(self, features: Tensor, positions: Tensor) -> Tensor:
        """Velocities over the ground (B, T - 1, 24, 3) m/s, in the frame of the heading."""
        angle = features[:, :-1, rep.TURN] / self.fps
        cos, sin = torch.cos(angle)[..., None], torch.sin(angle)[..., None]
        after = positions[:, 1:]
        x, y, z = after[..., 0:1], after[..., 1:2], after[..., 2:3]
        after = torch.cat([cos * x + sin * z, y, -sin * x + cos * z], dim=-1)
        step = features[:, :-1, rep.VELOCITY]
        drift = torch.stack([step[..., 0], torch.zeros_like(step[..., 0]), step[..., 1]], -1)
        return (after - positions[:, :-1]) * self.fps + drift[..., None, :]


def matrix_from_6d(d: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) from 6D (..., 6), as ``rotations.matrix_from_6d``."""
    x = nn.functional.normalize(d[..., :3], dim=-1, eps=1e-6)
    y = d[..., 3:] - (x * d[..., 3:]).sum(-1, keepdim=True) * x
    y = nn.functional.normalize(y, dim=-1, eps=1e-6)
    return torch.stack([x, y, torch.linalg.cross(x, y)], dim=-1)


def flow_weight(config: LossConfig, t: Tensor) -> Tensor:
    """Weight (B,) that turns the error of the motion at time ``t`` (B,) into that of the flow."""
    return (1.0 / (1.0 - t).clamp(min=1e-3) ** 2).clamp(max=config.max_weight)


def shifted(t: Tensor, shift: float) -> Tensor:
    """Flow times (B,) in 0..1 moved towards the noise: t / (t + shift (1 - t)).

    A window has so many numbers that one tenth of it in nine tenths of noise determines
    which dance it is; what is decided is decided before, and needs most of the flow times drawn
    (Esser et al., "Scaling Rectified Flow Transformers", ICML 2024, section 5.3.2).
    """
    return t / (t + shift * (1.0 - t))


@dataclass(frozen=True)
class Belief:
    """How far windows are believed by their sources, 0..1: features (B, 152), joints (B, 24)."""

    features: Tensor
    joints: Tensor

    @staticmethod
    def of(sources: Sequence[str], device: torch.device) -> Belief:
        """Of one window a source; ``source_faults`` says what is wrong with each."""
        features = np.stack([rep.believed_features(source) for source in sources])
        joints = np.stack([believed(faults_of(source).positions) for source in sources])
        return Belief(
            torch.as_tensor(features, dtype=torch.float32, device=device),
            torch.as_tensor(joints, dtype=torch.float32, device=device),
        )


def flow_losses(
    units: RealUnits,
    config: LossConfig,
    predicted: Tensor,
    target: Tensor,
    weight: Tensor,
    valid: Tensor,
    t: Tensor | None = None,
    lively: Tensor | None = None,
    belief: Belief | None = None,
) -> dict[str, Tensor]:
    """Terms of the loss; "total", their weighted sum, is what is minimised.

    ``predicted`` and ``target`` are normalised (B, T, 152), ``weight`` (B,) is
    the windows' (of mean 1 over the whole batch), ``valid`` (B, T) bool. With the flow
    times ``t`` (B,) the terms in real units fade as the config says. ``lively``
    (B, 48) is the liveliness to reach, that of ``target`` by default. ``belief`` says how
    much each window's source is to be believed.
    """
    real = weight
    if t is not None and config.fade > 0:
        real = weight * (t / config.fade).clamp(max=1.0)

    joints = None if belief is None else belief.joints[:, None]
    features = None if belief is None else belief.features[:, None]

    def mean(
        error: Tensor, frames: Tensor, share: Tensor = real, belief: Tensor | None = joints
    ) -> Tensor:
        """Mean over joints (or features) as they are believed, over valid frames, over windows."""
        error = error.flatten(3).mean(-1) if error.ndim > 3 else error
        if belief is not None:
            error = error * belief / belief.mean(-1, keepdim=True)
        per_frame = error.mean(-1)
        per_window = (per_frame * frames).sum(1) / frames.sum(1).clamp(min=1)
        return (per_window * share).mean()

    frames = valid.float()
    pairs, triples = frames[:, 1:] * frames[:, :-1], frames[:, 2:] * frames[:, :-2]
    a, b = units.features(predicted), units.features(target)
    place_a, place_b = units.positions(a), units.positions(b)
    speed_a, speed_b = units.velocities(a, place_a), units.velocities(b, place_b)
    planted = b[:, :-1, rep.CONTACTS].clamp(0, 1)
    feet = speed_a[:, :, list(CONTACT_JOINTS)]
    change_a, change_b = speed_a.diff(dim=1) * units.fps, speed_b.diff(dim=1) * units.fps
    terms = {
        "feature": mean((predicted.float() - target.float()) ** 2, frames, weight, features),
        "position": mean(((place_a - place_b) / 0.1) ** 2, frames),
        "velocity": mean(((speed_a - speed_b) / 0.5) ** 2, pairs),
        "acceleration": mean(((change_a - change_b) / 10.0) ** 2, triples),
        "contact": mean((feet / 0.2) ** 2 * planted[..., None], pairs, belief=None),
    }
    if config.liveliness:
        reached = _liveliness(speed_a, change_a, frames)
        wanted = _liveliness(speed_b, change_b, frames) if lively is None else lively
        missed = (reached - wanted).square()
        if belief is None:
            per_window = 2.0 * missed.mean(-1)
        else:
            both = belief.joints.repeat(1, 2)
            per_window = 2.0 * (missed * both).sum(-1) / both.sum(-1)
        terms["liveliness"] = (per_window * real).mean()
    shares = dataclasses.asdict(config)
    terms["total"] = terms["feature"] + sum(
        shares[name] * term for name, term in terms.items() if name != "feature"
    )
    return terms


def liveliness_of(units: RealUnits, motion: Tensor, valid: Tensor) -> Tensor:
    """How much each joint of normalised motion (B, T, 152) moves, (B, 48): see ``LossConfig``.

    24 logarithms of the velocity's root mean square, 24 of the acceleration's.
    """
    features = units.features(motion)
    speed = units.velocities(features, units.positions(features))
    return _liveliness(speed, speed.diff(dim=1) * units.fps, valid.float())


def _liveliness(speed: Tensor, change: Tensor, frames: Tensor) -> Tensor:
    pairs, triples = frames[:, 1:] * frames[:, :-1], frames[:, 2:] * frames[:, :-2]
    return torch.cat([_amount(speed, pairs, 0.05), _amount(change, triples, 0.5)], dim=-1)


def _amount(values: Tensor, frames: Tensor, floor: float) -> Tensor:
    """Logarithm (B, 24) of the root mean square of vectors (B, T, 24, 3) over the frames (B, T)."""
    square = (values.square().sum(-1) * frames[..., None]).sum(1)
    return (square / frames.sum(1).clamp(min=1)[:, None] + floor**2).log() / 2
