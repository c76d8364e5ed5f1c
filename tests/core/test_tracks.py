"""Training tracks: the control channels of every version of a clip are those of its motion."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import FPS, marching, wandering

from audio2pose_core import representation as rep
from audio2pose_core.control import GROUPS, control_channels
from audio2pose_core.data.training.clip import Clip, load_pack, save_pack
from audio2pose_core.data.training.tracks import make_tracks
from audio2pose_core.skeleton import STANDING_PELVIS_HEIGHT

NAMES = rep.condition_names(("hits", "energy", *GROUPS))


def clip(source: str = "", first_count: int = 0) -> Clip:
    motion = marching(10, 0.5).turned(0.5)
    beats = np.arange(0.25, 10, 0.5)
    return Clip("a", source, "", "train", motion, beats, first_count=first_count)


def column(track, name: str) -> np.ndarray:
    return track.conditions[:, NAMES.index(name)]


def test_every_version_has_its_own_channels():
    plain, mirrored, fast, fast_mirrored = make_tracks(
        clip(), FPS, NAMES, (), (1.0, 1.25), mirror=True
    )
    for track in (plain, mirrored, fast, fast_mirrored):
        # What a track says of its motion is what is measured on the motion it holds.
        motion = rep.decode(track.features.astype(np.float64), FPS)
        found = control_channels(motion, standing=STANDING_PELVIS_HEIGHT).conditions()
        for name in ("leg_speed", "arm_speed", "level", "weight", "step_rate", "held"):
            assert np.abs(column(track, name) - found[name])[15:-15].max() < 0.1, name
    assert np.allclose(column(plain, "weight"), -column(mirrored, "weight"), atol=1e-5)
    assert column(fast, "step_rate")[60:-60].mean() == pytest.approx(1.5, abs=0.2)
    assert column(plain, "step_rate")[60:-60].mean() == pytest.approx(1.0, abs=0.2)
    assert not np.allclose(mirrored.features, plain.features)


def test_counts_are_played_with_the_dance():
    plain, fast = make_tracks(clip(first_count=6), FPS, NAMES, (), (1.0, 1.25), mirror=False)
    beat = np.rad2deg(np.arctan2(column(plain, "beat_sin"), column(plain, "beat_cos")))
    assert abs(beat[round(1.25 * FPS)]) < 15 and abs(abs(beat[round(1.0 * FPS)]) - 180) < 15
    # The third beat, at 1.25 s, begins a phrase.
    assert column(plain, "phrase_cos")[round(1.25 * FPS)] == pytest.approx(1, abs=0.02)
    assert column(plain, "measure_cos")[round(3.25 * FPS)] == pytest.approx(1, abs=0.02)
    assert column(plain, "phrase_cos")[round(3.25 * FPS)] == pytest.approx(-1, abs=0.02)
    assert column(fast, "phrase_cos")[round(1.0 * FPS)] == pytest.approx(1, abs=0.02)


def test_what_a_source_does_not_tell_is_unknown():
    (track,) = make_tracks(clip("aistpp_continuous"), FPS, NAMES, (), (1.0,), mirror=False)
    for group in GROUPS:
        known = column(track, f"{group}_known").mean()
        assert known == (0 if group in ("air", "place") else pytest.approx(1, abs=0.25)), group


def test_without_channels_nothing_changes():
    names = rep.condition_names(("hits", "energy"))
    short = Clip("b", "", "", "train", wandering(3, 0), np.zeros(0))
    (track,) = make_tracks(short, FPS, names, (), (1.0,), mirror=False)
    (with_all,) = make_tracks(short, FPS, NAMES, (), (1.0,), mirror=False)
    assert np.array_equal(track.conditions, with_all.conditions[:, : len(names)])
    assert (column(with_all, "counts_known") == 0).all()


def test_bars_come_through_a_pack(tmp_path):
    save_pack(tmp_path / "a.npz", [clip(first_count=5), clip()])
    first, second = load_pack(tmp_path / "a.npz")
    assert (first.first_count, second.first_count) == (5, 0)
    counts = first.counts()
    assert counts is not None and counts.phrases[0] == pytest.approx(first.beats[3])
    assert Clip("c", "", "", "train", first.motion, np.zeros(1)).counts() is None
