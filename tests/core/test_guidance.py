"""Classifier-free guidance in the sampler: what is pushed, by how much, and in which passes."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from audio2pose_core import representation as rep
from audio2pose_core.generate.model import DanceModel
from audio2pose_core.generate.sampler import SamplerSettings, sample_window

FRAMES, UNCONDITIONED = 12, 0.5


class Told:
    """A network that predicts 0.5 everywhere, and more by what it is told."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, x, t, known, mask, conditions, style):  # type: ignore[no-untyped-def]
        self.batches.append(len(x))
        told = conditions.mean(axis=(1, 2)) + style.sum(axis=1)
        return np.zeros_like(x) + UNCONDITIONED + told[:, None, None]


def window(guidance: float | tuple[float, ...], steps: int = 1) -> tuple[np.ndarray, list[int]]:
    """A window that is told 2 by its conditions and 1 by its style, and the batches it took."""
    model = Told()
    shape = (FRAMES, rep.WIDTH)
    motion = sample_window(
        cast(DanceModel, model),
        np.zeros(shape),
        np.zeros((FRAMES, rep.GROUPS)),
        np.full((FRAMES, 7), 2.0),
        np.array([0.25, 0.75]),
        np.random.default_rng(0),
        SamplerSettings(steps=steps, guidance=guidance),
    )
    return motion, model.batches


@pytest.mark.parametrize("guidance", [0.0, 1.0, 1.5, 4.0])
def test_guidance_multiplies_what_conditions_and_style_add(guidance: float) -> None:
    """Ho and Salimans 2022: without + guidance (with - without)."""
    motion, batches = window(guidance)
    np.testing.assert_allclose(motion, UNCONDITIONED + guidance * 3.0)
    # A guidance of 1 is the prediction as it is, which one row of a batch tells.
    assert batches == [1 if guidance == 1.0 else 2]


def test_each_pass_has_its_own_guidance() -> None:
    motion, batches = window((4.0, 1.0, 2.0), steps=3)
    assert batches == [2, 1, 2]
    np.testing.assert_allclose(motion, UNCONDITIONED + 2.0 * 3.0)
