"""The decoder on activations of songs whose beats and bars are known."""

from __future__ import annotations

import time

import numpy as np
import pytest

from audio2pose_core.audio.bar_path import bar_path, regrouped
from audio2pose_core.audio.beat_decoder import Decoded, Sound, decode
from audio2pose_core.audio.beat_file import CHECK_BELOW
from audio2pose_core.audio.beat_grid import even_out
from audio2pose_core.audio.beat_path import best_path, periods
from audio2pose_core.audio.song_grid import on_song_grid
from scripts.beat_scores import f_measure
from tests.core.beat_activations import RATE, Score, heard, written


def sound_of(score: Score) -> Sound:
    """Accents that favour the bars' first beats, but not clearly."""
    random = np.random.default_rng(0)

    def accents(times: np.ndarray) -> np.ndarray:
        first = np.abs(times[:, None] - score.downbeats).min(axis=1) < 0.05
        noisy = 1.5 * first + random.standard_normal(len(times))
        return (noisy - noisy.mean()) / noisy.std()

    return Sound(accents, lambda times: np.ones(len(times)))


def decoded(score: Score, activations: np.ndarray) -> Decoded:
    found = decode(activations, score.seconds, sound_of(score))
    assert found is not None
    assert (np.diff(found.times) > 0).all() and len(found.downbeats) == len(found.times)
    assert found.times[0] >= 0 and found.times[-1] < score.seconds
    return found


def measured(score: Score, found: Decoded) -> tuple[float, float]:
    """F of the beats and of the downbeats."""
    downbeats = found.times[found.downbeats]
    return f_measure(found.times, score.beats), f_measure(downbeats, score.downbeats)


@pytest.mark.parametrize("metre", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("bpm", [48, 63, 84, 101, 118, 133, 152, 168, 185, 207, 232])
def test_every_metre_at_every_tempo(metre: int, bpm: int) -> None:
    score = written([(0, bpm)], [(0, metre)], first=0.2 + 0.01 * metre)
    found = decoded(score, heard(score, seed=bpm + metre))
    f, downbeat_f = measured(score, found)
    assert f > 0.98 and downbeat_f > 0.95
    assert found.tempo_bpm == pytest.approx(bpm, rel=0.002)
    assert set(np.diff(np.flatnonzero(found.downbeats))[1:-1]) == {metre}
    assert found.steady > 0.95
    # On a grid the jitter of single beats is gone.
    nearest = np.abs(found.times[:, None] - score.beats).min(axis=1)
    assert np.median(nearest) < 0.006


@pytest.mark.parametrize(
    ("before", "after"), [(140, 95), (95, 140), (120, 168), (100, 128), (174, 125), (90, 92)]
)
def test_a_change_of_tempo(before: float, after: float) -> None:
    score = written([(0, before), (30, after)], [(0, 4)])
    f, downbeat_f = measured(score, decoded(score, heard(score, seed=3)))
    assert f > 0.98 and downbeat_f > 0.95


@pytest.mark.parametrize(
    "metres",
    [
        [(0, 4), (8, 3)],
        [(0, 3), (10, 4)],
        [(0, 4), (8, 7)],
        [(0, 4), (8, 5)],
        [(0, 6), (10, 4)],
        [(0, 4), (8, 2), (9, 4)],
        [(0, 4), (8, 5), (9, 4)],
    ],
)
def test_a_change_of_metre(metres: list[tuple[int, int]]) -> None:
    score = written([(0, 120)], metres)
    found = [measured(score, decoded(score, heard(score, seed=seed))) for seed in range(4)]
    f, downbeat_f = np.mean(found, axis=0)
    assert f > 0.98 and downbeat_f > 0.95


def accented(times: np.ndarray) -> Sound:
    """Chords that change at these times, and nothing else to tell the beats apart."""

    def accents(beats: np.ndarray) -> np.ndarray:
        near = (np.abs(beats[:, None] - times).min(axis=1) < 0.05).astype(float)
        return (near - near.mean()) / near.std()

    return Sound(accents, lambda beats: np.ones(len(beats)))


def lengths_of_bars(found: Decoded) -> set[int]:
    return set(np.diff(np.flatnonzero(found.downbeats))[2:-2])


@pytest.mark.parametrize("bpm", [92, 126, 168])
@pytest.mark.parametrize("metre", [4, 6])
def test_the_strong_middle_of_a_bar_begins_none_unless_the_chord_changes(
    metre: int, bpm: int
) -> None:
    """The network takes bars of 6 for two of 3; chords know better, either way."""
    half = written([(0, bpm)], [(0, metre // 2)])
    activations = heard(half, seed=bpm)
    whole = half.downbeats[::2]
    # In the middle of a bar it is not quite as sure of a bar line.
    for line in half.downbeats[1::2]:
        frames = slice(int(RATE * line) - 4, int(RATE * line) + 5)
        activations[frames, 1] *= 0.8
    of_half = decode(activations, half.seconds, accented(half.downbeats))
    of_whole = decode(activations, half.seconds, accented(whole))
    assert of_half is not None and of_whole is not None
    assert lengths_of_bars(of_half) == {metre // 2}
    assert lengths_of_bars(of_whole) == {metre}
    assert f_measure(of_whole.times[of_whole.downbeats], whole) > 0.95


def test_bars_of_four_are_halved_only_where_the_song_has_bars_of_two() -> None:
    place = np.arange(160)
    strong = place % 2 == 0
    accents, evidence = strong * 1.0, np.where(strong, 3.0, -4.0)
    fours = place % 4 == 0
    assert np.array_equal(regrouped(fours, evidence, accents), fours)
    mixed = np.where(place < 64, strong, fours)
    assert np.array_equal(regrouped(mixed, evidence, accents)[:156], strong[:156])
    evidence[2::4], accents[2::4] = -2.0, 0.2  # the middle is weak: they are fours
    assert np.array_equal(regrouped(mixed, evidence, accents)[64:], fours[64:])


@pytest.mark.parametrize("metre", [2, 3])
def test_bars_that_accents_do_not_tell_apart_stay(metre: int) -> None:
    downbeats = np.arange(120) % metre == 0
    evidence = np.where(downbeats, 4.0, -4.0)
    flat = 0.01 * np.random.default_rng(0).standard_normal(120)
    assert np.array_equal(regrouped(downbeats, evidence, flat), downbeats)
    few = np.flatnonzero(downbeats)[:4]
    short = downbeats[: few[-1] + 1]
    accents = np.where(np.arange(len(short)) % (2 * metre) == 0, 3.0, 0.0)
    assert np.array_equal(regrouped(short, evidence[: len(short)], accents), short)


@pytest.mark.parametrize(("metre", "pickup"), [(4, 1), (4, 2), (4, 3), (3, 1), (3, 2), (7, 3)])
def test_a_pick_up_belongs_to_no_bar(metre: int, pickup: int) -> None:
    score = written([(0, 112)], [(0, metre)], pickup=pickup)
    found = decoded(score, heard(score, seed=5))
    assert measured(score, found)[1] > 0.95
    first = found.times[found.downbeats][0]
    assert first == pytest.approx(score.downbeats[0], abs=0.04)


@pytest.mark.parametrize("silence", [(20, 28), (15, 35), (0, 10), (50, 60)])
@pytest.mark.parametrize("bpm", [90, 128, 171])
def test_silence_keeps_the_phase_and_the_bar(silence: tuple[int, int], bpm: int) -> None:
    score = written([(0, bpm)], [(0, 4)])
    found = decoded(score, heard(score, seed=6, silent=[silence]))
    f, downbeat_f = measured(score, found)
    assert f > 0.98 and downbeat_f > 0.95


def test_a_pause_that_is_no_whole_beat() -> None:
    score = written([(0, 120)], [(0, 4)])
    moved = score.beats + 0.31 * (score.beats > 30)
    later = Score(moved, moved[np.isin(score.beats, score.downbeats)], score.seconds + 0.5)
    assert measured(later, decoded(later, heard(later, seed=7)))[0] > 0.96


@pytest.mark.parametrize("rubato", [0.01, 0.02, 0.03])
@pytest.mark.parametrize("bpm", [66, 100, 140])
def test_rubato_is_followed(rubato: float, bpm: int) -> None:
    score = written([(0, bpm)], [(0, 3)], rubato=rubato, seed=bpm)
    assert measured(score, decoded(score, heard(score, seed=8)))[0] > 0.95


def test_a_half_time_part_keeps_the_pulse() -> None:
    pulse = written([(0, 172)], [(0, 4)])
    half = written([(0, 86)], [(0, 4)])
    activations = heard(pulse, seed=10)
    slow = heard(half, seed=11)
    activations[20 * RATE : 40 * RATE] = slow[20 * RATE : 40 * RATE]
    assert measured(pulse, decoded(pulse, activations))[0] > 0.98


def test_beat_or_off_beat_the_louder_counts_if_both_fit() -> None:
    score = written([(0, 120)], [(0, 4)])
    activations = heard(score, sure=0.7, off_beats=0.8, off_share=1.0)
    between = score.beats[:-1] + 0.25

    def sound(loud: np.ndarray) -> Sound:
        def onset(times: np.ndarray) -> np.ndarray:
            return 1.0 + (np.abs(times[:, None] - loud).min(axis=1) < 0.05)

        return Sound(lambda times: np.zeros(len(times)), onset)

    on = decode(activations, score.seconds, sound(score.beats))
    off = decode(activations, score.seconds, sound(between))
    assert on is not None and off is not None
    assert f_measure(on.times, score.beats) > 0.98 and f_measure(off.times, between) > 0.98


def test_a_growing_tempo() -> None:
    score = written([(k, 100 + k) for k in range(60)], [(0, 4)])
    f, downbeat_f = measured(score, decoded(score, heard(score, seed=9)))
    assert f > 0.98 and downbeat_f > 0.95


def test_clear_songs_are_surer_than_unclear_ones() -> None:
    score = written([(0, 120)], [(0, 4)])
    clear = decoded(score, heard(score, sure=0.95, missed=0.0, off_share=0.0))
    unclear = decoded(score, heard(score, sure=0.3, missed=0.3, off_share=0.9, jitter=0.03))
    assert clear.confidence > 0.9 and clear.confidence > unclear.confidence + 0.1


def test_peaks_at_random_are_no_sure_beats() -> None:
    random = np.random.default_rng(1)
    times = np.sort(random.uniform(0, 60, 110))
    nonsense = Score(times, times[::4], 60.0)
    found = decode(heard(nonsense, sure=0.5), 60.0)
    assert found is not None and found.confidence < CHECK_BELOW


@pytest.mark.parametrize("level", [0.0, 0.01, 0.05])
def test_nothing_heard_is_no_beat(level: float) -> None:
    noise = level * np.random.default_rng(0).random((3000, 2), np.float32)
    assert decode(noise, 60.0) is None


@pytest.mark.parametrize("frames", [0, 1, 2, 10, 50, 60])
def test_very_short_songs(frames: int) -> None:
    found = decode(np.full((frames, 2), 0.5, np.float32), frames / RATE)
    assert found is None or len(found.times) >= 2


def test_three_minutes_take_less_than_half_a_second() -> None:
    score = written([(0, 128)], [(0, 4)], seconds=180.0)
    activations = heard(score)
    decoded(score, activations)
    started = time.process_time()
    decoded(score, activations)
    assert time.process_time() - started < 0.5


# The parts.


def test_a_path_through_clear_peaks_is_those_peaks() -> None:
    frames = np.arange(7, 1500, 23)
    evidence = np.full(1500, -2.0)
    evidence[frames] = 3.0
    path, period, _ = best_path(evidence, RATE)
    assert np.array_equal(path, frames)
    assert np.allclose(period, 23, rtol=0.02)


def test_periods_span_forty_to_two_hundred_and_forty_beats_a_minute() -> None:
    found = 60.0 * RATE / periods(RATE)
    assert found[0] == pytest.approx(240) and found[-1] == pytest.approx(40)


def test_bars_without_evidence_have_four_beats() -> None:
    downbeats, _ = bar_path(np.full(64, -1.5))
    assert set(np.diff(np.flatnonzero(downbeats))) == {4}


def test_a_song_without_beats_has_no_bars() -> None:
    assert len(bar_path(np.zeros(0))[0]) == 0


def evened(path: np.ndarray, activation: np.ndarray) -> np.ndarray:
    """Beats that a path found, after both steps that hold them to grids."""
    clear = np.ones(len(path))
    times, lines = even_out(path, clear, clear > 0, activation, RATE)
    assert sum(line.stop - line.start for line in lines) > 0.8 * len(path)
    nats = 4.0 * activation - 1.5
    out = on_song_grid(times, lines, nats, RATE)
    return out[(out > path[0] - 0.1) & (out < path[-1] + 0.1)]


def peaks_at(times: np.ndarray) -> np.ndarray:
    curve = np.zeros(52 * RATE)
    curve[np.round(times * RATE).astype(int)] = 0.9
    return curve


def test_a_slip_to_the_off_beat_is_undone() -> None:
    grid = 0.5 + 0.5 * np.arange(100)
    slipped = np.concatenate([grid[:44], grid[44:56] + 0.25, grid[56:]])
    activation = np.maximum(0.5 * peaks_at(grid), peaks_at(slipped))
    assert np.allclose(evened(slipped, activation), grid, atol=0.01)


def test_a_quiet_part_at_two_thirds_of_the_tempo_keeps_the_pulse() -> None:
    grid = 0.5 + 0.5 * np.arange(100)
    slower = np.concatenate([grid[:60], np.arange(30.5, 40.4, 0.75), grid[80:]])
    activation = np.maximum(0.5 * peaks_at(grid), peaks_at(slower))
    assert np.allclose(evened(slower, activation), grid, atol=0.01)


def test_a_real_change_of_phase_stays() -> None:
    grid = 0.5 + 0.5 * np.arange(100)
    moved = np.concatenate([grid[:40], grid[40:] + 0.2])
    assert np.allclose(evened(moved, peaks_at(moved)), moved, atol=0.01)


def test_two_tempi_are_not_forced_onto_one_grid() -> None:
    two = np.concatenate([np.arange(0.5, 25, 0.5), np.arange(25, 50, 0.42)])
    assert np.allclose(evened(two, peaks_at(two)), two, atol=0.02)
