"""The dancer: a small transformer that cleans a noisy window of motion.

Flow matching (Lipman et al., "Flow Matching for Generative Modeling", ICLR
2023) on the straight path x_t = (1 - t) noise + t motion. The network predicts
the motion itself rather than the velocity of the path, so that losses in metres
can be laid on its output (as EDGE, Tseng et al., CVPR 2023, does for diffusion).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .. import representation as rep
from .config import ModelConfig


class DanceNet(nn.Module):
    """(noisy window, time, fixed parts, conditions, style) -> motion window.

    All motion is normalised (mean 0, deviation 1), (B, T, 152).
    """

    group: Tensor
    rotary: Tensor

    def __init__(self, config: ModelConfig, conditions: int, styles: int) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.register_buffer("group", torch.as_tensor(rep.GROUP_OF_FEATURE), persistent=False)
        tokens = config.window // config.patch
        self.register_buffer(
            "rotary", rotary_table(tokens, width // config.heads), persistent=False
        )
        frame = 2 * rep.WIDTH + rep.GROUPS + conditions
        self.input = nn.Linear(config.patch * frame, width)
        self.time = nn.Sequential(nn.Linear(64, width), nn.SiLU(), nn.Linear(width, width))
        self.style = nn.Linear(styles, width, bias=False)
        # One modulation network serves all blocks, each adds its own table
        # ("adaLN-single", Chen et al., PixArt-alpha, 2023): a quarter of the
        # parameters of one network a block.
        self.modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        # Tokens are spread to frames, and a convolution over frames joins them: a
        # plain linear layer would leave a step in the motion between tokens.
        self.spread = nn.Linear(width, config.patch * config.detail)
        self.output = nn.Conv1d(config.detail, rep.WIDTH, 5, padding=2)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        known: Tensor,
        mask: Tensor,
        conditions: Tensor,
        style: Tensor,
        valid: Tensor | None = None,
    ) -> Tensor:
        """Predict the clean window.

        Parameters
        ----------
        x : (B, T, 152)
            Noisy motion at time ``t``.
        t : (B,)
            0 is noise, 1 is motion.
        known, mask : (B, T, 152), (B, T, 28)
            Motion to keep and 1 where a part of a frame is fixed to it.
        conditions : (B, T, C)
        style : (B, styles)
            Weights that sum to 1, or zeros for any style.
        valid : (B, T) bool, optional
            False where a short clip was padded (training only).
        """
        fixed = mask[..., self.group]
        # In full precision, so that the residual stream stays exact under bf16 autocast.
        with torch.autocast(x.device.type, enabled=False):
            frames = torch.cat([x, known * fixed, mask, conditions], dim=-1)
            h = self.input(frames.reshape(x.shape[0], -1, self.config.patch * frames.shape[-1]))
        g = self.time(time_features(t)) + self.style(style)
        modulation = self.modulation(g).unflatten(-1, (6, self.config.width))
        rotary = self.rotary[: h.shape[1]]
        attend = None if valid is None else valid[:, None, None, :: self.config.patch]
        for block in self.blocks:
            h = block(h, modulation, rotary, attend)
        with torch.autocast(x.device.type, enabled=False):
            detail = self.spread(self.norm(h.float())).unflatten(2, (self.config.patch, -1))
            return self.output(F.silu(detail.flatten(1, 2)).transpose(1, 2)).transpose(1, 2)


class Block(nn.Module):
    """Depthwise convolution over time, attention with rotary positions, feed-forward."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, self.heads = config.width, config.heads
        self.convolution = nn.Conv1d(
            width, width, config.kernel, padding=config.kernel // 2, groups=width
        )
        self.norm_a = nn.LayerNorm(width, elementwise_affine=False)
        self.qkv = nn.Linear(width, 3 * width)
        self.query_norm = RootMeanSquare(width // config.heads)
        self.key_norm = RootMeanSquare(width // config.heads)
        self.join = nn.Linear(width, width)
        self.norm_b = nn.LayerNorm(width, elementwise_affine=False)
        self.feed = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )
        self.table = nn.Parameter(torch.randn(6, width) / width**0.5)

    def forward(
        self, h: Tensor, modulation: Tensor, rotary: Tensor, attend: Tensor | None
    ) -> Tensor:
        shift_a, scale_a, gate_a, shift_b, scale_b, gate_b = (
            (modulation + self.table)[:, i, None] for i in range(6)
        )
        h = h + self.convolution(h.transpose(1, 2)).transpose(1, 2)
        a = self.norm_a(h) * (1 + scale_a) + shift_a
        q, k, v = self.qkv(a).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, k = rotate(self.query_norm(q), rotary), rotate(self.key_norm(k), rotary)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=attend)
        h = h + gate_a * self.join(a.transpose(1, 2).flatten(2))
        b = self.norm_b(h) * (1 + scale_b) + shift_b
        return h + gate_b * self.feed(b)


class RootMeanSquare(nn.Module):
    """Scale the last axis to a root mean square of ``weight`` (Zhang and Sennrich, 2019).

    As torch's RMSNorm, in operations that ONNX has.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-7) * self.weight


def time_features(t: Tensor) -> Tensor:
    """Sines and cosines of the flow time (B,) at 32 frequencies, (B, 64)."""
    frequencies = torch.exp(torch.linspace(0.0, 6.0, 32, device=t.device))
    phase = t[:, None] * frequencies
    return torch.cat([torch.sin(phase), torch.cos(phase)], dim=-1)


def rotary_table(frames: int, head_width: int) -> Tensor:
    """Cosines and sines (frames, 2, head_width / 2) of rotary positions (Su et al., 2021)."""
    frequencies = 1000.0 ** (-torch.arange(0, head_width, 2) / head_width)
    phase = torch.arange(frames)[:, None] * frequencies
    return torch.stack([torch.cos(phase), torch.sin(phase)], dim=1)


def rotate(x: Tensor, rotary: Tensor) -> Tensor:
    """Turn the halves of (B, H, T, D) by the angles of their frame."""
    cos, sin = rotary[:, 0].to(x.dtype), rotary[:, 1].to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
