"""The beat network: 81 bands in, beat and downbeat out, at 50 frames a second.

A convolutional front end takes the frequency axis down, then dilated
convolutions look along the time: a temporal convolutional network for beats
after M. Davies and S. Böck (EUSIPCO 2019), with the rise of each band beside
its level as input, as in S. Böck's spectral flux features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from audio2pose_core.audio.beat_features import BANDS


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes."""

    front: tuple[int, int, int] = (16, 24, 64)
    """Channels of the three front-end convolutions."""
    layers: int = 10
    """Residual blocks; block k has dilation 2**k."""
    kernel: int = 5
    dropout: float = 0.1
    """Whole channels at a time: random numbers for every value took a quarter of a step."""


class BeatNet(nn.Module):
    """Features (B, T, 81) -> logits of beat and downbeat (B, T, 2)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c = config.front
        # Level and rise, standardised band by band by the first normalisation.
        self.level = nn.BatchNorm1d(BANDS)
        self.rise = nn.BatchNorm1d(BANDS)
        # 81 bands -> 27 -> 9 -> 1; each looks a little over its share.
        self.conv1 = nn.Conv2d(2, a, (3, 5), stride=(1, 3), padding=(1, 1))
        self.conv2 = nn.Conv2d(a, b, (3, 5), stride=(1, 3), padding=(1, 1))
        self.conv3 = nn.Conv2d(b, c, (1, 9))
        self.drop2 = nn.Dropout2d(config.dropout)
        self.drop1 = nn.Dropout1d(config.dropout)
        self.blocks = nn.ModuleList(
            Block(c, config.kernel, 2**k, config.dropout) for k in range(config.layers)
        )
        self.out = nn.Conv1d(c, 2, 1)

    @property
    def reach(self) -> int:
        """Frames to either side that an output depends on."""
        # One for the rise (to the past), one each for conv1 and conv2.
        return 3 + sum(block.reach for block in self.blocks)

    def forward(self, features: Tensor) -> Tensor:
        level = features.transpose(1, 2)  # (B, 81, T)
        # Before the first frame there was nothing, not a rise from nothing.
        rise = F.relu(level - torch.cat([level[..., :1], level[..., :-1]], dim=-1))
        # (B, 2, T, 81)
        x = torch.stack([self.level(level), self.rise(rise)], dim=1).transpose(2, 3)
        x = self.drop2(F.elu(self.conv1(x)))
        x = self.drop2(F.elu(self.conv2(x)))
        x = self.drop1(F.elu(self.conv3(x)[..., 0]))  # (B, C, T)
        skips = torch.zeros_like(x)
        for block in self.blocks:
            x, skip = block(x)
            skips = skips + skip
        return self.out(F.elu(skips + x)).transpose(1, 2)


class Block(nn.Module):
    """A dilated convolution beside its input."""

    def __init__(self, channels: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.reach = dilation * (kernel // 2)
        self.conv = nn.Conv1d(channels, channels, kernel, padding=self.reach, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.drop = nn.Dropout1d(dropout)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.mix(self.drop(F.elu(self.conv(x))))
        return x + y, y


class Probabilities(nn.Module):
    """What is exported: probabilities, corrected for the weights of the classes.

    Weighting a class w times in cross-entropy trains odds that are w times too
    high: log w comes off the logits.
    """

    def __init__(self, network: BeatNet, weights: tuple[float, float]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("offset", torch.log(torch.tensor(weights)))

    def forward(self, features: Tensor) -> Tensor:
        return torch.sigmoid(self.network(features) - self.offset)
