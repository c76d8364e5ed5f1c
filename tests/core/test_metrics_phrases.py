"""Phrases: does the form of the music show in the dance?"""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, about, moved, posed, wandering

from audio2pose_core.metrics.phrases import (
    accents,
    downbeat_accent,
    ends,
    groove,
    novelty,
    phrase_return,
    section_novelty,
)
from audio2pose_core.metrics.watching import OF_DANCES, OF_PIECES, measure_piece, measure_whole
from audio2pose_core.motion import Motion, rest_motion

SECOND = round(FPS)
PERIOD = 0.5
BEATS = np.arange(0, 12, PERIOD)


def bobbing(cycle_s: float, seconds: int = 12) -> Motion:
    frames = seconds * SECOND
    up = np.zeros((frames, 3))
    up[:, 1] = 0.05 * np.sin(2 * np.pi * np.arange(frames) / FPS / cycle_s)
    return moved(rest_motion(frames, FPS), up)


def test_groove_is_a_bob_that_keeps_the_beat():
    # 30 frames a cycle of two beats in 12 bins: the means leave a little of a sine.
    for cycle_s in (PERIOD, 2 * PERIOD):
        assert groove(bobbing(cycle_s), BEATS) > 0.9
        assert groove(bobbing(cycle_s), BEATS + 0.2) > 0.9, "any constant phase"
    for cycle_s in (3 * PERIOD, 0.87 * PERIOD, 1.13 * 2 * PERIOD):
        assert groove(bobbing(cycle_s), BEATS) < 0.1


def test_a_pelvis_without_groove():
    random = np.random.default_rng(0)
    found = []
    for _ in range(20):
        up = np.zeros((360, 3))
        up[:, 1] = 0.01 * random.standard_normal(360)
        found.append(groove(moved(rest_motion(360, FPS), up), BEATS))
    assert np.mean(found) == pytest.approx(0.0, abs=0.03), "adjusted: chance is 0"
    assert np.isnan(groove(rest_motion(360, FPS), BEATS))
    assert np.isnan(groove(bobbing(1.0), np.zeros(1)))


def repeating(phrase_s: float, seconds: float, seed: int = 0) -> Motion:
    """Smooth random turns that come back every ``phrase_s``."""
    phrase = wandering(phrase_s, seed)
    frames = round(seconds * FPS)
    # Its end is joined to its beginning by a turn there and back.
    index = np.arange(frames) % len(phrase)
    fade = np.clip(np.minimum(index, len(phrase) - index) / 8, 0, 1)[:, None, None]
    quats = phrase.rotations[index]
    rest = rest_motion(frames, FPS)
    mixed = rest.rotations * (1 - fade) + quats * fade
    mixed /= np.linalg.norm(mixed, axis=-1, keepdims=True)
    return Motion(FPS, rest.root, mixed)


def test_a_phrase_that_returns_after_two_bars():
    two_bars = 8 * PERIOD
    returning = phrase_return(repeating(two_bars, 12), BEATS)
    assert returning > 0.5
    assert phrase_return(repeating(two_bars / 2, 12), BEATS) > 0.5, "one bar returns after two"
    assert abs(phrase_return(repeating(two_bars * 1.21, 12, seed=1), BEATS)) < 0.2
    strangers = [phrase_return(wandering(12, seed), BEATS) for seed in range(8)]
    assert abs(np.mean(strangers)) < 0.05


def test_a_dance_that_only_changes_slowly_returns_to_nothing():
    slow = 0.8 * np.sin(2 * np.pi * np.arange(360) / FPS / 40)
    dance = posed({"left_shoulder": about("Z", slow), "spine1": about("X", slow)}, 360)
    assert abs(phrase_return(dance, BEATS)) < 0.1


def test_phrases_follow_a_tempo_that_wanders():
    dance = repeating(4.0, 12)
    warp = np.linspace(0, 1, 400) ** 1.2
    grid = np.interp(BEATS, 12 * warp, np.linspace(0, 12, 400))
    warped = dance.sample(np.interp(np.arange(360) / FPS, np.linspace(0, 12, 400), 12 * warp), FPS)
    assert phrase_return(warped, grid) == pytest.approx(phrase_return(dance, BEATS), abs=0.12)
    assert phrase_return(warped, BEATS) < 0.3


def test_too_short_for_two_bars():
    assert np.isnan(phrase_return(wandering(4, 0), BEATS))
    assert np.isnan(phrase_return(rest_motion(360, FPS), BEATS))


def stopping(sizes: list[float]) -> Motion:
    """Swings both arms by ``sizes[k]`` radians between beat k and k + 1, stopping on each beat."""
    frames = round(PERIOD * FPS)
    angle, start = [], 0.0
    for k, size in enumerate(sizes):
        step = size * (-1) ** k
        angle.append(start + step * (1 - np.cos(np.pi * np.arange(frames) / frames)) / 2)
        start += step
    turn = np.concatenate([*angle, [start]])
    arms = {f"{s}_shoulder": about("Y", k * turn) for s, k in (("left", -1), ("right", 1))}
    return posed(arms, len(turn))


def test_accents_on_the_downbeat():
    even = stopping([0.6] * 24)
    down = np.arange(len(BEATS)) % 4 == 0
    times, sizes = accents(even)
    assert times == pytest.approx(np.arange(1, len(times) + 1) * PERIOD, abs=0.04)
    assert sizes.std() < 0.05 * sizes.mean()
    assert downbeat_accent(even, BEATS, down) == pytest.approx(1.0, abs=0.05)
    # Moves into and out of every fourth beat that are twice as large.
    strong = stopping([1.2 if k % 4 in (0, 3) else 0.6 for k in range(24)])
    # Twice the fall; the smoothing lifts the stops beside the large moves, which adds to it.
    assert 1.9 < downbeat_accent(strong, BEATS, down) < 2.6
    shifted = np.roll(down, 2)
    assert downbeat_accent(strong, BEATS, shifted) < 1.0
    assert np.isnan(downbeat_accent(even, BEATS, np.zeros(len(BEATS), dtype=bool)))
    assert np.isnan(downbeat_accent(rest_motion(360, FPS), BEATS, down))


def sections(kinds: list[int]) -> Motion:
    """8 s of each kind: small moves about another pose and at another speed."""
    parts = []
    for k, kind in enumerate(kinds):
        part = wandering(8, seed=10 + k, smooth_s=(0.2, 0.4)[kind])
        quats = part.rotations.copy()
        parts.append(Motion(FPS, part.root - [0, 0.25 * kind, 0], quats))
    return Motion(
        FPS,
        np.concatenate([p.root for p in parts]),
        np.concatenate([p.rotations for p in parts]),
    )


def test_a_dance_that_changes_with_the_sections():
    dance = sections([0, 1, 0, 1])
    edges = np.array([8.0, 16.0, 24.0])
    assert section_novelty(dance, edges) > 1.5
    assert section_novelty(dance, edges + 0.8) > 1.5, "a second early or late still counts"
    assert section_novelty(dance, edges + 4) < 0
    curve = novelty(dance)
    assert np.isnan(curve[:19]).all() and np.isnan(curve[-19:]).all()
    assert np.abs(np.nanargmax(curve) / 5 - edges).min() < 1
    same = [section_novelty(wandering(32, seed), edges) for seed in range(6)]
    assert abs(np.mean(same)) < 0.8
    assert np.isnan(section_novelty(wandering(6, 0), np.array([3.0])))


def test_opening_and_ending_poses():
    move = wandering(8, seed=20)
    index = np.concatenate([np.zeros(30), np.arange(240), np.full(15, 239)]).astype(int)
    dance = Motion(FPS, move.root[index], move.rotations[index])
    found = ends(dance)
    assert found.opening == pytest.approx(0, abs=1e-9)
    assert 0 < found.ending < 0.6
    assert ends(move).opening > 0.5
    assert np.isnan(ends(rest_motion(60, FPS)).opening)


def test_everything_is_measured_and_nothing_is_made_up():
    dance = moved(wandering(11, seed=30), bobbing(0.8, 11).root * [0, 1, 0])
    down = np.arange(len(BEATS)) % 4 == 0
    piece = measure_piece(dance, BEATS, down)
    assert tuple(piece) == OF_PIECES and np.isfinite(list(piece.values())).all()
    whole = measure_whole(wandering(20, seed=31), None, np.array([10.0]))
    assert tuple(whole) == OF_DANCES and np.isfinite(list(whole.values())).all()
    deaf = measure_piece(dance)
    unknown = {name for name, value in deaf.items() if np.isnan(value)}
    assert unknown == {"groove", "phrase_return", "accent_down_m_s", "accent_rest_m_s"}
    assert np.isnan(measure_whole(dance)["section_novelty"])


@pytest.mark.parametrize("frames", [1, 2, 3, 10])
def test_very_short_motions(frames: int):
    measure_piece(rest_motion(frames, FPS), np.array([0.0, 0.5]), np.array([True, False]))
    measure_whole(rest_motion(frames, FPS), None, np.array([0.1]))
