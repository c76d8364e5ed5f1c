"""Dances made up for the tests of training, and a network small enough for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from audio2pose_core import rotations as rot
from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.motion import Motion
from audio2pose_core.network.config import Config, from_tables


def bouncing(seconds: float, rate: float, fps: float = 30.0) -> Motion:
    """Arms and knees that stop ``rate`` times a second."""
    t = np.arange(int(seconds * fps)) / fps
    swing = np.sin(np.pi * rate * t)
    angles = np.zeros((len(t), 24, 3))
    angles[:, 16, 2], angles[:, 17, 2] = 0.8 * swing, -0.8 * swing
    angles[:, 4, 0] = 0.3 + 0.3 * swing
    root = np.zeros((len(t), 3))
    root[:, 1] = 0.9
    return Motion(fps, root, rot.from_axis_angle(angles))


def save_made_pack(path: Path) -> Path:
    """Three such dances, of different pace."""
    clips = [
        Clip(f"clip{i}", "made", "bounce", "train", bouncing(6.0, rate), np.zeros(0))
        for i, rate in enumerate((1.5, 2.0, 2.5))
    ]
    save_pack(path, clips)
    return path


def tables(pack: Path, steps: int = 6, **train: Any) -> dict[str, Any]:
    """A small configuration, as TOML would hold it."""
    return {
        "data": {"windows": str(pack), "speeds": [1.0], "style_names": ["bounce"]},
        "model": {"width": 32, "depth": 2, "heads": 2, "window": 64, "detail": 16},
        "train": {
            "steps": steps, "batch": 4, "warmup": 2, "log_every": 1, "save_every": 3, **train
        },
        "distill": {
            "times": [0.0, 0.5], "substeps": 2, "steps": 48, "batch": 4, "windows": 16,
            "reuse": 2, "save_every": 1, "check_every": 1, "learning_rate": 2e-3,
        },
    }  # fmt: skip


def tiny(pack: Path, steps: int = 6, **train: Any) -> Config:
    """The same, read."""
    return from_tables(tables(pack, steps, **train), "test")


def write_toml(path: Path, tables: dict[str, Any]) -> Path:
    """Tables of plain values as a TOML file."""
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        for key, value in table.items():
            text = str(value).lower() if isinstance(value, bool) else repr(value)
            lines.append(f"{key} = {text}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
