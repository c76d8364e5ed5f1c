"""How high a dancer stands: quantiles matched, feet where they were."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.cleanup import PelvisHeightPrior, clean
from audio2pose_core.cleanup.pelvis_height import MOST_RISE, QUANTILES, mix_height_priors
from audio2pose_core.errors import ModelError
from audio2pose_core.generate.model import DEFAULT_MODEL, DanceModel, load_model
from audio2pose_core.generate.sampler import (
    CROUCH_MARGIN,
    DRAWS,
    LIVELIER,
    lowest_height,
    sample_dance,
    settings_of,
)
from audio2pose_core.metrics import planted_slide
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import CONTACT_JOINTS, REST_ANKLE_HEIGHT

FPS = 30.0
REAL = np.linspace(0.86, 0.94, 200)


def squats(seconds: float = 6.0, bend: float = 0.9, swing: float = 0.25) -> Motion:
    """Knees that bend by ``bend`` +- ``swing`` radians once a second, feet flat in place."""
    t = np.arange(round(seconds * FPS)) / FPS
    knee = bend + swing * np.sin(2 * np.pi * t)
    angles = np.zeros((len(t), 24, 3))
    for hip, knee_joint, ankle in ((1, 4, 7), (2, 5, 8)):
        angles[:, hip, 0], angles[:, knee_joint, 0] = -knee / 2, knee
        angles[:, ankle, 0] = -knee / 2
    root = np.zeros((len(t), 3))
    floating = Motion(FPS, root, rot.from_axis_angle(angles))
    root[:, 1] = REST_ANKLE_HEIGHT - floating.joint_positions()[:, 7, 1]
    return clean(floating.with_contacts(np.ones((len(t), 4))), smooth=False)


def test_a_crouch_becomes_a_stance_over_the_same_feet() -> None:
    low = squats()
    stance = PelvisHeightPrior.of(low.root[:, 1], REAL)
    up = clean(low, smooth=False, height_prior=stance)
    assert low.root[:, 1].mean() < 0.86
    assert up.root[:, 1].mean() > low.root[:, 1].mean() + 0.03
    assert up.root[:, 1].max() <= REAL.max() + 0.01
    feet = [m.joint_positions()[:, list(CONTACT_JOINTS)] for m in (low, up)]
    assert np.abs(feet[0] - feet[1]).max() < 0.02
    assert planted_slide(up).speed_cm_s < 0.5
    # The bounce is smaller, and on the same beats.
    bounce = [m.root[:, 1] - m.root[:, 1].mean() for m in (low, up)]
    assert np.corrcoef(*bounce)[0, 1] > 0.9


def test_nothing_is_pushed_down_stretched_or_lifted_off_the_floor() -> None:
    stance = PelvisHeightPrior.of(np.linspace(0.4, 0.9, 50), np.linspace(0.7, 0.95, 50))
    heights = np.linspace(0.2, 1.1, 91)
    rise = stance.rise(heights)
    assert np.all(rise >= 0) and np.all(rise <= MOST_RISE)
    assert np.all(rise[heights < 0.45] == 0.0)
    assert np.all(np.diff(heights + rise) > 0)  # what was higher stays higher
    lower = PelvisHeightPrior.of(REAL, REAL - 0.1)
    assert np.all(lower.rise(REAL) == 0.0)
    # Straight legs have no room: the pelvis stays.
    straight = squats(bend=0.12, swing=0.05)
    up = clean(
        straight, smooth=False, height_prior=PelvisHeightPrior.of(straight.root[:, 1], REAL + 0.2)
    )
    assert np.abs(up.root[:, 1] - straight.root[:, 1]).max() < 0.03


def test_a_mix_stands_in_between() -> None:
    a, b = PelvisHeightPrior.of(REAL - 0.1, REAL), PelvisHeightPrior.of(REAL - 0.2, REAL)
    mixed = mix_height_priors([a, b], np.array([0.5, 0.5]))
    assert mixed is not None
    np.testing.assert_allclose(mixed.made, np.add(a.made, b.made) / 2)
    assert mix_height_priors([a, None], np.array([0.5, 0.5])) is None


def test_a_window_that_crouches_is_drawn_again() -> None:
    model = load_model()
    name = "salsa"
    settings = replace(settings_of(model), steps=2, times=None, guidance=1.0)
    style = np.array([float(n == name) for n in model.styles])
    conditions = np.zeros((model.window, len(model.conditions)))
    conditions[:, model.conditions.index("energy_known")] = 1.0
    energy, energies = model.conditions.index("energy"), list[float]()

    def dance_with(stance: PelvisHeightPrior | None) -> tuple[int, np.ndarray]:
        model.style_table[name] = replace(model.style_table[name], height_prior=stance)
        calls, run = [], DanceModel.run.__get__(model)
        energies.clear()

        def counted(**inputs: np.ndarray) -> np.ndarray:
            calls.append(1)
            energies.append(float(inputs["conditions"][0, :, energy].mean()))
            return run(**inputs)

        model.run = counted  # type: ignore[method-assign]
        made = sample_dance(model, conditions, style, 0, settings)
        return len(calls), made

    once, free = dance_with(None)
    again, low = dance_with(PelvisHeightPrior.of(REAL, REAL))
    assert (once, again) == (2, 2) and np.array_equal(free, low)
    # Where nothing is high enough, it gives up, and the least crouched one stays.
    most, best = dance_with(PelvisHeightPrior.of(REAL + 1, REAL + 1))
    assert most == 2 * DRAWS
    # Each draw is asked for more energy: dips are calm.
    assert energies[::2] == pytest.approx([LIVELIER * k for k in range(DRAWS)])
    limit = lowest_height(model, style)
    assert (best[:, 0] < limit).mean() <= (free[:, 0] < limit).mean()
    assert lowest_height(model, style) == pytest.approx(REAL[4] + 1 - CROUCH_MARGIN, abs=0.01)


def test_a_contract_holds_it_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    for path in (DEFAULT_MODEL, DEFAULT_MODEL.with_suffix(".json")):
        shutil.copy(path, tmp_path / path.name)
    path = tmp_path / "default.json"
    contract = json.loads(path.read_text())
    name = next(iter(contract["styles"]))
    wanted = PelvisHeightPrior.of(REAL - 0.05, REAL)
    contract["styles"][name]["stance"] = wanted.numbers()
    path.write_text(json.dumps(contract))
    stance = load_model(tmp_path / "default.onnx").style_table[name].height_prior
    assert stance is not None and stance.made == pytest.approx(wanted.made, abs=1e-4)
    heights = [0.8] * len(QUANTILES)
    for wrong in ({"made": heights}, {"made": [0.8], "real": [0.9]},
                  {"made": heights, "real": heights[:-1] + [0.1]}):  # fmt: skip
        contract["styles"][name]["stance"] = wrong
        path.write_text(json.dumps(contract))
        with pytest.raises(ModelError, match="contract"):
            load_model(tmp_path / "default.onnx")
