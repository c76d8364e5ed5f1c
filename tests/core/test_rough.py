"""The rough dance: shown at once where the finished one takes long, and never in its way."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.cleanup.floor import lowest_points
from audio2pose_core.generate import DanceModel, generate_dance, load_model
from audio2pose_core.generate.rough import CLEANING, PATIENCE_S, REDUCING, RoughDance
from audio2pose_core.generate.stage import RADIUS
from audio2pose_core.motion import Motion

FRAMES = np.zeros((30, 152))


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return load_model()


@pytest.fixture(scope="module")
def song() -> Audio:
    return audio_from_samples(compose(seconds=16.0, bpm=120.0)[0], 44100, "sixteen seconds")


def offered(waited: float, took: float, passes: int, reduces: bool) -> int:
    """How often a dance is shown that is offered so late and goes on so slowly."""
    shown: list[Motion] = []
    rough = RoughDance(shown.append, reduces, begun=0.0, clock=lambda: waited)
    for _ in range(2):
        rough.offer(FRAMES, 30.0, None, took, passes)
    return len(shown)


def test_it_is_shown_once_and_only_where_the_whole_takes_over_three_seconds() -> None:
    short = (PATIENCE_S - 1.0) / (1.0 + CLEANING)
    assert offered(1.0, 0.9 * short, 1, False) == 0
    assert offered(1.0, 1.1 * short, 1, False) == 1
    # Further passes, key reduction and what was waited already all count.
    assert offered(1.0, 0.9 * short, 2, False) == 1
    assert offered(1.0, 0.9 * short, 1, True) == 1 and REDUCING > 0
    assert offered(1.5, 0.9 * short, 1, False) == 1


def test_it_has_the_song_s_length_and_stands_on_its_stage(song: Audio, model: DanceModel) -> None:
    shown: list[Motion] = []
    rough = RoughDance(shown.append, begun=-100.0)
    dance = generate_dance(song, model=model, style="house", seed=2, rough=rough)
    (early,) = shown
    assert len(early) == len(dance.motion) and early.fps == dance.motion.fps
    assert abs(np.median(lowest_points(early))) < 0.03
    assert np.linalg.norm(early.root[:, [0, 2]], axis=1).max() < 2 * RADIUS
    # It shows the dance that comes: the first phrase has nothing to return to.
    first = slice(0, round(3.0 * early.fps))
    bodies = [m.joint_positions()[first] - m.root[first, None] for m in (early, dance.motion)]
    assert np.median(np.linalg.norm(bodies[0] - bodies[1], axis=2)) < 0.12
    # Its feet slide, so that it is not quite in its place.
    assert np.linalg.norm(early.root[first] - dance.motion.root[first], axis=1).max() < 1.0
    assert early.rotations.std(axis=0).max() > 0.1, "it moves"


@pytest.mark.parametrize("quality", [1, 2])
def test_the_finished_dance_is_the_same_with_it(
    song: Audio, model: DanceModel, quality: int
) -> None:
    shown: list[Motion] = []
    more = {"model": model, "style": "house", "seed": 2, "quality": quality}
    rough = RoughDance(shown.append, begun=-100.0)
    made = generate_dance(song, rough=rough, **more)
    assert len(shown) == 1
    assert np.array_equal(made.motion.rotations, generate_dance(song, **more).motion.rotations)
