"""A baseline: an LSTM conditional VAE from audio features to joint positions.

What most small projects do: a recurrent encoder squeezes a few seconds of dance
into a latent vector, a recurrent decoder makes joint positions of it and of the
music's onset curve and loudness (Kingma and Welling, "Auto-Encoding Variational
Bayes", ICLR 2014; Sohn, Lee and Yan, "Learning Structured Output Representation
using Deep Conditional Generative Models", NeurIPS 2015). It knows no skeleton, no
beats and no in-painting. It is here to be compared with and is never shipped.

Most motion capture here came without music. What it is trained on in place of
music is an onset curve with an attack on every known beat of the clip, or on every
motion beat where none is known, and a loudness that follows how lively the clip is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ... import representation as rep, rotations as rot
from ...audio.features import AudioFeatures
from ...data.fitting.skeleton import NEEDED, Points, fit_points
from ...data.training.clip import Clip
from ...data.training.statistics import MIN_DEVIATION
from ...data.training.tracks import training_accents
from ...errors import DataError, ModelError
from ...motion import Motion
from ...skeleton import INDEX, NUM_JOINTS
from ..checkpoints import load_tensors, require_finite, save_tensors

FPS = 30.0
SECONDS = 4.0
"""Length of what one latent vector stands for."""
FRAMES = round(SECONDS * FPS)
SPEEDS = (0.87, 1.0, 1.15)
AUDIO = 2
WIDTH = 3 + 3 * NUM_JOINTS
"""Velocity over the ground (2) and turn (1), seen by the body, and the joints above its place."""
LATENT, HIDDEN = 32, 192
KL_WEIGHT = 0.003
"""Against a mean squared error of one number in deviations; more leaves the latent unused."""
VELOCITY_WEIGHT = 0.3
ATTACK_DECAY_S = 0.1


class LstmVae(nn.Module):
    """Encoder and decoder; both are two plain LSTMs."""

    def __init__(self, styles: int) -> None:
        super().__init__()
        given = AUDIO + styles
        self.encoder = nn.LSTM(WIDTH + given, HIDDEN, batch_first=True)
        self.latent = nn.Linear(HIDDEN, 2 * LATENT)
        self.decoder = nn.LSTM(given + LATENT, HIDDEN, num_layers=2, batch_first=True)
        self.output = nn.Linear(HIDDEN, WIDTH)

    def encode(self, dance: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance, (B, LATENT) each, of normalised dance (B, T, WIDTH)."""
        hidden, _ = self.encoder(torch.cat([dance, given], dim=-1))
        mean, spread = self.latent(hidden.mean(dim=1)).chunk(2, dim=-1)
        return mean, spread.clamp(-8.0, 8.0)

    def decode(self, latent: Tensor, given: Tensor) -> Tensor:
        """Normalised dance (B, T, WIDTH) of latents (B, T, LATENT)."""
        hidden, _ = self.decoder(torch.cat([given, latent], dim=-1))
        return self.output(hidden)


@dataclass(frozen=True)
class Trained:
    """A trained network with what its numbers mean."""

    network: LstmVae
    styles: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray
    steps: int
    seconds: float


def body_positions(motion: Motion) -> np.ndarray:
    """A motion at ``FPS`` as (T, WIDTH): what the network learns to make."""
    world = motion.joint_positions()
    theta = rep.heading(motion)
    back = rot.from_yaw(-theta)
    ground = motion.root * np.array([1.0, 0.0, 1.0])
    joints = rot.rotate(back[:, None], world - ground[:, None])
    velocity = rot.rotate(back, np.gradient(motion.root, axis=0) * FPS)[:, [0, 2]]
    turn = np.gradient(theta)[:, None] * FPS
    return np.concatenate([velocity, turn, joints.reshape(len(world), -1)], axis=1)


def to_motion(values: np.ndarray) -> Motion:
    """The skeleton fitted to what the network made, (T, WIDTH)."""
    theta = np.cumsum(values[:, 2]) / FPS
    ahead = rot.from_yaw(theta)
    velocity = np.zeros((len(values), 3))
    velocity[:, [0, 2]] = values[:, :2]
    place = np.cumsum(rot.rotate(ahead, velocity), axis=0) / FPS
    joints = rot.rotate(ahead[:, None], values[:, 3:].reshape(len(values), NUM_JOINTS, 3))
    joints = joints + place[:, None]
    feet = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("foot", "hand"))
    at = {name: joints[:, INDEX[name]] for name in NEEDED + feet}
    return fit_points(Points(FPS, at)).motion


def attacks(times: np.ndarray, strength: np.ndarray, frames: int) -> np.ndarray:
    """An onset curve (T,) in 0..1 with an attack of a strength at each time (n,) in seconds."""
    after = np.arange(frames)[:, None] / FPS - np.asarray(times)[None]
    # Half a frame of tolerance, so that an attack between two frames is in the later one.
    curve = np.where(after >= -0.5 / FPS, np.exp(-np.maximum(after, 0.0) / ATTACK_DECAY_S), 0.0)
    return (curve * strength).max(axis=1, initial=0.0)


def swings(loudness: np.ndarray) -> np.ndarray:
    """Loudness (T,) in deviations of its own, held within 1.5; an even song stays near 0."""
    relative = (loudness - loudness.mean()) / max(float(loudness.std()), 0.08)
    return np.clip(relative, -1.5, 1.5)


def audio_of_song(features: AudioFeatures) -> np.ndarray:
    """Onsets and loudness (T, AUDIO) of a song."""
    return np.stack([features.onset, swings(features.loudness)], axis=1)


def audio_of_clip(motion: Motion, beats: np.ndarray) -> np.ndarray:
    """The same made up for a clip that has no sound; see the module's text."""
    times, strength = training_accents(motion)
    if len(beats) > 1:
        times, strength = beats, np.ones(len(beats))
    return np.stack([attacks(times, strength, len(motion)), swings(rep.energy(motion))], axis=1)


def sequences(clips: list[Clip], styles: tuple[str, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Dance (T, WIDTH) and what is given (T, AUDIO + styles), of every version of every clip."""
    out = []
    for clip in clips:
        for speed in SPEEDS:
            frames = int(clip.motion.seconds / speed * FPS)
            if frames < FRAMES // 2:
                continue
            motion = clip.motion.sample(np.arange(frames) / FPS * speed, FPS)
            audio = audio_of_clip(motion, clip.beats / speed)
            label = np.array([clip.style == name for name in styles], dtype=np.float64)
            given = np.concatenate([audio, np.repeat(label[None], frames, axis=0)], axis=1)
            for version in (motion, motion.mirrored()):
                out.append((body_positions(version).astype(np.float32), given.astype(np.float32)))
    return out


def train(
    clips: list[Clip],
    *,
    seconds: float = math.inf,
    steps: int | None = None,
    seed: int = 0,
    batch: int = 16,
    rate: float = 2e-3,
    progress: Callable[[int, float, float], None] | None = None,
) -> Trained:
    """Train for so many seconds of CPU time, or for so many steps: one of the two.

    ``progress`` is told the step, its error and the share of the time that is spent.
    """
    styles = tuple(sorted({c.style for c in clips if c.style}))
    data = sequences(clips, styles)
    if not data:
        raise DataError(f"no clip lasts {SECONDS / 2:g} s; give an LSTM longer ones")
    whole = np.concatenate([dance for dance, _ in data])
    mean, deviation = whole.mean(axis=0), whole.std(axis=0)
    # Joints share one deviation, so that a wrist's swing counts more than a hip's.
    deviation[3:] = np.sqrt((deviation[3:] ** 2).mean())
    deviation = np.maximum(deviation, MIN_DEVIATION)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    weights = np.array([len(d) for d, _ in data], dtype=np.float64)
    network = LstmVae(len(styles))
    optimiser = torch.optim.Adam(network.parameters(), rate)
    # Time of this process alone: the same training on a busy machine and on a quiet one.
    began, step = time.process_time(), 0
    while True:
        spent = time.process_time() - began
        done = spent / seconds if steps is None else step / steps
        if done >= 1.0 and step > 0:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate * max(0.02, 0.5 * (1 + np.cos(np.pi * min(1.0, done))))
        dances, given = _batch(data, weights / weights.sum(), batch, random)
        target = (dances - torch.as_tensor(mean)) / torch.as_tensor(deviation)
        centre, spread = network.encode(target, given)
        latent = centre + torch.randn_like(centre) * (0.5 * spread).exp()
        made = network.decode(latent[:, None].expand(-1, target.shape[1], -1), given)
        error = (made - target).square().mean()
        moves = (made.diff(dim=1) - target.diff(dim=1)).square().mean() * FPS
        kl = 0.5 * (centre.square() + spread.exp() - 1 - spread).sum(dim=1).mean()
        loss = error + VELOCITY_WEIGHT * moves + KL_WEIGHT * kl
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        if progress is not None:
            progress(step, float(error.detach()), min(1.0, done))
    return Trained(network.eval(), styles, mean, deviation, step, time.process_time() - began)


def _batch(
    data: list[tuple[np.ndarray, np.ndarray]],
    weights: np.ndarray,
    size: int,
    random: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Random windows of ``FRAMES`` frames; a shorter sequence holds its last frame."""
    dances, given = [], []
    for i in random.choice(len(data), size, p=weights):
        dance, audio = data[i]
        start = int(random.integers(max(1, len(dance) - FRAMES + 1)))
        at = np.minimum(np.arange(start, start + FRAMES), len(dance) - 1)
        dances.append(dance[at])
        given.append(audio[at])
    return torch.as_tensor(np.stack(dances)), torch.as_tensor(np.stack(given))


def make_dance(trained: Trained, features: AudioFeatures, style: str, seed: int) -> Motion:
    """A dance to a song's features at ``FPS``; an unknown style is none at all."""
    frames = len(features)
    label = np.array([style == name for name in trained.styles], dtype=np.float32)
    audio = audio_of_song(features).astype(np.float32)
    given = np.concatenate([audio, np.repeat(label[None], frames, axis=0)], axis=1)
    random = np.random.default_rng(seed)
    latent = np.repeat(random.standard_normal((-(-frames // FRAMES), LATENT)), FRAMES, axis=0)
    with torch.no_grad():
        made = trained.network.decode(
            torch.as_tensor(latent[None, :frames], dtype=torch.float32),
            torch.as_tensor(given[None]),
        )
    values = made[0].double().numpy() * trained.deviation + trained.mean
    return to_motion(values)


def save(path: Path, trained: Trained) -> None:
    """Write weights and what they need, whole or not at all; ModelError if they diverged."""
    state = {
        "lstm_vae": trained.network.state_dict(),
        "styles": list(trained.styles),
        "mean": torch.as_tensor(trained.mean),
        "deviation": torch.as_tensor(trained.deviation),
        "steps": trained.steps,
        "seconds": trained.seconds,
    }
    require_finite(trained.steps, path, state)
    save_tensors(state, path)


def load(path: Path) -> Trained:
    """Read what ``save`` wrote; raises ModelError for anything else."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file; training/train_lstm_vae.py makes one")
    try:
        state = load_tensors(path)
    except ModelError as error:
        raise ModelError(f"{error}: no LSTM baseline") from error
    try:
        network = LstmVae(len(state["styles"]))
        network.load_state_dict(state["lstm_vae"])
        return Trained(
            network.eval(),
            tuple(state["styles"]),
            state["mean"].double().numpy(),
            state["deviation"].double().numpy(),
            int(state["steps"]),
            float(state["seconds"]),
        )
    except (RuntimeError, KeyError, TypeError, ValueError, AttributeError) as error:
        said = (str(error).splitlines() or ["empty"])[0]
        raise ModelError(f"{path}: no LSTM baseline of Audio2Pose ({said})") from error
