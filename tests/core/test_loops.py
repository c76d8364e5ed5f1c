"""Loops: a cycle that goes on with its own first frame, on the beat, as long as its bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.beats import Beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.features import AudioFeatures
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.cleanup.cycle import repeat, sample_cycle, seal
from audio2pose_core.errors import OptionError
from audio2pose_core.formats import load_motion
from audio2pose_core.generate import (
    Dance,
    DanceModel,
    Loop,
    generate_dance,
    generate_loop,
    load_model,
)
from audio2pose_core.generate.loop_bars import choose_bars
from audio2pose_core.metrics.loops import measure_loop
from audio2pose_core.motion import Motion, rest_motion

RATES = (24.0, 25.0, 30000 / 1001, 30.0, 60.0)
BPM = 113.0


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return load_model()


@pytest.fixture(scope="module")
def song() -> Audio:
    samples, _ = compose(seconds=22.0, bpm=BPM)
    return audio_from_samples(samples, 44100, "demo")


@pytest.fixture(scope="module")
def in_place(song: Audio, model: DanceModel) -> Loop:
    return generate_loop(song, bars=4, style="pop", seed=2, model=model)


@pytest.fixture(scope="module")
def travelling(song: Audio, model: DanceModel) -> Loop:
    return generate_loop(song, bars=2, style="salsa", seed=2, model=model, root_motion=True)


@pytest.fixture(scope="module")
def dance(song: Audio, model: DanceModel) -> Dance:
    return generate_dance(song, style="house", seed=2, model=model)


def at(loop: Loop, fps: float) -> Motion:
    return sample_cycle(loop.motion, round(loop.seconds * fps), loop.offset)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("which", ["in_place", "travelling"])
def test_nobody_sees_the_seam_at_any_frame_rate(which: str, fps: float, request) -> None:
    loop: Loop = request.getfixturevalue(which)
    motion = at(loop, fps)
    assert len(motion) / motion.fps == pytest.approx(loop.seconds, abs=1e-9)
    assert abs(motion.fps - fps) <= 0.5 / loop.seconds, "within half a frame a cycle"
    found = measure_loop(motion, loop.beats.times, loop.offset)
    assert found.seam_step <= 0.7 and found.seam_move <= 0.7
    assert found.slide_cm_s < 1.0
    assert found.drift_cm < 1e-3
    assert found.lock_first == pytest.approx(found.lock_later, abs=1e-6)


def test_the_period_is_that_of_the_bars(in_place: Loop, travelling: Loop) -> None:
    for loop, bars in ((in_place, 4), (travelling, 2)):
        assert loop.seconds == pytest.approx(bars * 4 * 60 / BPM, abs=0.004)
        assert len(loop.motion) / loop.motion.fps == pytest.approx(loop.seconds, abs=1e-9)
        assert len(loop.beats.times) == 4 * bars and loop.beats.downbeats.sum() == bars
        assert 0 <= loop.beats.times[0] < 0.05 and loop.beats.times[-1] < loop.seconds


def test_it_is_as_much_on_the_beat_as_a_dance(in_place: Loop) -> None:
    assert measure_loop(in_place.motion, in_place.beats.times).lock_first > 0.3


def test_in_place_it_stays_and_on_its_way_it_goes(in_place: Loop, travelling: Loop) -> None:
    assert (in_place.offset == 0).all()
    ground = in_place.motion.root[:, [0, 2]]
    assert np.abs(ground.mean(axis=0)).max() < 0.05, "around the origin"
    assert np.linalg.norm(travelling.offset) > 0.01 and travelling.offset[1] == 0
    twice = repeat(travelling.motion, 2, travelling.offset)
    step = twice.root[len(travelling.motion)] - twice.root[0]
    assert np.allclose(step, travelling.offset)
    assert np.allclose(travelling.report["loop"]["offset"], travelling.offset, atol=1e-6)


def test_a_stretch_that_is_merely_cut_out_shows_its_seam(dance: Dance) -> None:
    """The measure tells a loop from a cut: else the tests above could not fail."""
    beat = 60 / BPM
    cut = dance.motion.slice(round(4 * beat * 30), round(20 * beat * 30))
    found = measure_loop(cut, np.arange(16) * beat)
    assert found.seam_step > 1.0 and found.seam_move > 1.0


def test_the_bars_of_a_dance_are_closed_and_stay_the_same_in_between(
    song: Audio, model: DanceModel, dance: Dance
) -> None:
    loop = generate_loop(
        song, bars=4, first_bar=3, style="house", model=model, base=dance.motion, beats=dance.beats
    )
    found = measure_loop(loop.motion, loop.beats.times)
    assert found.seam_step <= 0.7 and found.slide_cm_s < 1.0
    count = len(loop.motion)
    at_its_frames = loop.bars.start + np.arange(count) / loop.motion.fps
    was = dance.motion.sample(at_its_frames, loop.motion.fps)
    inner = slice(round(0.35 * count), round(0.65 * count))
    # The arms: legs follow the feet, which stand a little elsewhere in a cycle.
    both = loop.motion.rotations[inner, 16:22] * was.rotations[inner, 16:22]
    turn = np.abs(both.sum(axis=-1))
    assert np.rad2deg(2 * np.arccos(np.minimum(turn, 1))).max() < 3.0
    here = loop.motion.root[:, [0, 2]].mean(axis=0)
    there = was.root[:, [0, 2]].mean(axis=0)
    assert np.linalg.norm(here - there) < 0.05, "where the dance was"


def test_same_seed_same_loop(song: Audio, model: DanceModel, travelling: Loop) -> None:
    again = generate_loop(song, bars=2, style="salsa", seed=2, model=model, root_motion=True)
    assert np.array_equal(again.motion.rotations, travelling.motion.rotations)
    other = generate_loop(song, bars=2, style="salsa", seed=3, model=model, root_motion=True)
    assert not np.array_equal(other.motion.rotations, travelling.motion.rotations)


# --- bars ---


def heard(seconds: float) -> AudioFeatures:
    frames = round(seconds * 30)
    random = np.random.Generator(np.random.PCG64(3))
    # Two bars of 2 s that repeat from second 8 to 16, noise elsewhere.
    mel = random.random((frames, 64)).astype(np.float32)
    chroma = random.random((frames, 12)).astype(np.float32)
    mel[360:480], chroma[360:480] = mel[240:360], chroma[240:360]
    return AudioFeatures(30.0, np.ones(frames), np.ones(frames), mel, chroma)


def even(count: int) -> Beats:
    return Beats(np.arange(count) * 0.5, np.arange(count) % 4 == 0, 120.0, 4, 1.0, "test")


def test_the_bars_that_the_song_repeats_are_taken() -> None:
    chosen = choose_bars(even(48), heard(24.0), 24.0, 2)
    assert chosen.first in (5, 7) and chosen.period == pytest.approx(4.0)


def test_bars_are_taken_as_asked_or_refused() -> None:
    chosen = choose_bars(even(48), heard(24.0), 24.0, 3, 2)
    assert (chosen.first, chosen.last, chosen.start) == (2, 4, pytest.approx(2.0))
    assert len(chosen.beats) == 12 and chosen.steady
    for bars, first in ((13, None), (3, 11), (0, None), (65, None), (2, 0)):
        with pytest.raises(OptionError):
            choose_bars(even(48), heard(24.0), 24.0, bars, first)


def test_jitter_of_the_beats_does_not_add_up() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    jittered = replace(even(48), times=np.sort(np.arange(48) * 0.5 + random.normal(0, 0.01, 48)))
    chosen = choose_bars(jittered, heard(24.0), 24.0, 2, 3)
    assert chosen.steady and chosen.period == pytest.approx(4.0, abs=0.006)


def test_a_song_of_free_tempo_is_followed_bar_by_bar() -> None:
    slowing = replace(even(48), times=np.cumsum(np.linspace(0.4, 0.6, 48)))
    chosen = choose_bars(slowing, heard(30.0), 30.0, 2, 3)
    assert not chosen.steady
    assert chosen.period == pytest.approx(slowing.times[16] - slowing.times[8])


# --- cycles ---


def test_what_a_motion_misses_is_closed_by_sealing() -> None:
    frames = 40
    still = rest_motion(3 * frames, 30.0)
    drifting = still.root.copy()
    drifting[:, 0] += 0.001 * np.arange(3 * frames)
    moving = replace(still, root=drifting)
    closed = seal(moving, frames, np.zeros(3))
    step = closed.root[0] - closed.root[-1]
    assert np.abs(step).max() < 0.002
    on_its_way = seal(moving, frames, np.array([0.001 * frames, 0, 0]))
    assert np.allclose(on_its_way.root, moving.root[frames : 2 * frames], atol=1e-9)


# --- the command ---


def test_the_command_makes_a_file_that_loops(cli, song_file: Path, tmp_path: Path) -> None:
    done = cli("generate", song_file, "-o", tmp_path / "l.bvh", "--loop-bars", 2, "--fps", 24)
    assert done.status == 0, done.err
    assert "in place" in done.err
    motion = load_motion(tmp_path / "l.bvh")
    assert motion.seconds == pytest.approx(4.0, abs=0.01) and abs(motion.fps - 24) < 0.15
    assert measure_loop(motion, np.arange(8) * 0.5).seam_step <= 0.7


@pytest.fixture(scope="module")
def song_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from audio2pose_core.audio.demo_song import write_demo_song

    path = tmp_path_factory.mktemp("loops") / "song.wav"
    write_demo_song(path, seconds=12.0, bpm=120.0)
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--loop-bars", 2, "--plan", "none"), "no --plan"),
        (("--loop-bars", 2, "--regenerate", "1:2"), "no --regenerate"),
        (("--loop-bars", 3, "--bars", "1:2"), "leave one out"),
        (("--bars", "2:1"), "are no bars"),
        (("--root-motion",), "for loops"),
        (("--loop-bars", 99), "choose"),
        (("--loop-bars", 2, "--fps", "0"), "no frame rate"),
    ],
)
def test_options_that_do_not_go_together(cli, song_file, tmp_path, words, said) -> None:
    done = cli("generate", song_file, "-o", tmp_path / "l.npz", *words)
    assert done.status and said in done.err
    assert not (tmp_path / "l.npz").exists()
