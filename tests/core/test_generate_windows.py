"""How windows are laid into one another: the bell, and which of several draws stays."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import representation as rep
from audio2pose_core.generate import sampler
from audio2pose_core.generate.model import load_model
from audio2pose_core.generate.sampler import CROUCHED, sample_dance, settings_of


def test_a_window_comes_and_goes_as_a_bell():
    """No step, no corner: value, speed and acceleration of the weight are continuous."""
    bell = sampler._bell(240, 60)
    assert bell[0] < 1e-3 and bell[-1] < 1e-3 and (bell[60:180] == 1.0).all()
    assert np.abs(np.diff(bell)).max() < 2.2 / 60
    assert np.abs(np.diff(bell, 2)).max() < 0.003
    np.testing.assert_allclose(bell, bell[::-1])
    np.testing.assert_allclose(bell[:60] + bell[:60][::-1], 1.0, atol=1e-12)


def test_neighbouring_windows_flow_into_one_another():
    """The step at the seams of two windows is no larger than the steps within them."""
    model = load_model(threads=1)
    style = np.array([float(name == "salsa") for name in model.styles])
    conditions = np.zeros((3 * model.window, len(model.conditions)))
    conditions[:, model.conditions.index("energy_known")] = 1.0
    settings = settings_of(model)
    raw = sample_dance(model, conditions, style, 3, settings)
    change = np.abs(np.diff(raw[:, rep.HEIGHT][:, 0], 2))
    plan = sampler.plan_free(np.ones(len(conditions), bool), model.window, settings.overlap)
    edges = {first + step for first, length, between, _ in plan if between for step in (0, length)}
    seams = [change[max(0, edge - 3) : edge + 2].max() for edge in edges if 3 < edge < len(change)]
    assert seams and max(seams) < 1.5 * np.quantile(change, 0.99)


def windows(*shares: float) -> list[np.ndarray]:
    """Windows of 100 frames of which a share stands lower than .5 m."""
    out = []
    for share in shares:
        window = np.zeros((100, rep.WIDTH))
        window[:, rep.HEIGHT] = 0.9
        window[: round(100 * share), rep.HEIGHT] = 0.3
        out.append(window)
    return out


def test_the_least_crouched_draw_stays():
    free = np.zeros((100, rep.GROUPS))
    draws = windows(0.8, 0.4, 0.6)
    assert sampler._least_crouched(iter(draws), free, 0.5) is draws[1]


def test_the_first_draw_that_stands_high_enough_ends_the_drawing():
    free = np.zeros((100, rep.GROUPS))
    draws = windows(0.8, CROUCHED / 2, 0.0)
    rest = iter(draws)
    assert sampler._least_crouched(rest, free, 0.5) is draws[1]
    assert next(rest) is draws[2], "the third was never drawn"


def test_frames_whose_height_is_given_do_not_count_as_crouched():
    mask = np.zeros((100, rep.GROUPS))
    mask[:80, np.unique(rep.GROUP_OF_FEATURE[rep.HEIGHT])] = 1.0
    draws = windows(0.8, 0.0)
    assert sampler._least_crouched(iter(draws), mask, 0.5) is draws[0]


@pytest.mark.parametrize("seed", [0, 7])
def test_draws_of_a_window_differ_and_come_back_with_the_seed(seed):
    first = [r.normal() for r in sampler._random_draws(seed, 240)]
    assert len(set(first)) == len(first) == sampler.DRAWS
    assert first == [r.normal() for r in sampler._random_draws(seed, 240)]
