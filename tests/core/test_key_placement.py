"""Where keys go: few, on what is preferred, and as few as a dance of this quickness allows."""

from __future__ import annotations

import numpy as np
from test_dance_keys import FILM, swaying

from audio2pose_core.cleanup.dance_keys import reduce_dance
from audio2pose_core.cleanup.key_placement import Placement
from audio2pose_core.cleanup.key_rates import in_words, key_rates, limb_of
from audio2pose_core.skeleton import INDEX


def test_a_cubic_needs_its_ends_and_a_corner_a_key() -> None:
    t = np.arange(101.0)
    ends, none = np.isin(t, [0, 100]), np.zeros(101, dtype=bool)
    near = np.full(101, 0.01)
    cubic = (t / 50 - 1) ** 3
    assert Placement([(cubic[:, None], near)], ends, none).keys(np.ones(101)).tolist() == [0, 100]
    corner = np.abs(t - 40.0)[:, None]
    assert 40 in Placement([(corner, near)], ends, none).keys(np.ones(101))


def test_fixed_frames_are_keys_and_preferred_ones_where_they_can_be() -> None:
    t = np.arange(200.0)
    wave = np.sin(t / 9)[:, None]
    fixed = np.isin(t, [0, 77, 199])
    beats = np.isin(t, np.arange(7, 200, 12))
    near = np.full(200, 0.02)
    keys = Placement([(wave, near)], fixed, beats).keys(np.ones(200))
    assert {0, 77, 199} <= set(keys.tolist())
    without = Placement([(wave, near)], fixed, np.zeros(200, dtype=bool)).keys(np.ones(200))
    assert beats[keys].sum() > beats[without].sum()


def test_a_limb_is_keyed_on_the_same_few_frames() -> None:
    """The bones of an arm had their own keys each, and needed 9 frames a second where 5 do."""
    motion = swaying(6.0)
    keys = reduce_dance(motion, FILM, 0.01)
    arm = [1 + INDEX[f"left_{part}"] for part in ("collar", "shoulder", "elbow", "wrist")]
    assert all(np.array_equal(keys[arm[0]].index, keys[track].index) for track in arm)
    shown = [((max(1, track),), key.index) for track, key in enumerate(keys)]
    rates = key_rates(shown, motion.seconds)
    assert max(rates.values()) < 6.5, rates
    assert in_words(rates).startswith("body ")


def test_what_never_moves_has_no_key_but_the_ends() -> None:
    motion = swaying(6.0)
    motion.rotations[:, INDEX["left_hand"]] = (1.0, 0.0, 0.0, 0.0)
    keys = reduce_dance(motion, FILM, 0.01)
    assert len(keys[1 + INDEX["left_hand"]].index) == 2
    assert limb_of([1 + INDEX["left_hand"]]) == "left arm"


def test_poses_are_on_the_same_frames() -> None:
    keys = reduce_dance(swaying(6.0), FILM, 0.05, together=True)
    assert all(np.array_equal(keys[0].index, key.index) for key in keys)
