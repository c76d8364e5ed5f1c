"""Is it worth watching? Dances beside real clips of their style, and the real values alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from made_up import FPS, facing_along, marching, posed, wandering

from audio2pose_core.audio.demo_song import beat_grid, sections_of
from audio2pose_core.cli import main
from audio2pose_core.errors import DataError
from audio2pose_core.evaluate.dancers import EvalSpec, pool_of
from audio2pose_core.evaluate.kin import choreography_of
from audio2pose_core.evaluate.measures import Sample
from audio2pose_core.evaluate.music_swap import music_swaps, noise_like, other_song
from audio2pose_core.evaluate.real_motion import read_clips
from audio2pose_core.evaluate.songs import own_songs
from audio2pose_core.evaluate.watching import (
    Watched,
    bar_length,
    by_style,
    mean_of,
    nearest_phrases,
    over_styles,
    pieces_of,
    watch,
    watch_real,
)
from audio2pose_core.evaluate.watching_goals import (
    LINES,
    judge,
    mean_table,
    style_table,
    wanted,
)
from audio2pose_core.formats import save_motion
from audio2pose_core.metrics.watching import WATCHING
from audio2pose_core.motion import rest_motion


def seen(style: str, seconds: float = 10.0, source: str = "", weight: float = 1.0, **figures):
    return Watched("", style, source, seconds, figures, weight)


def test_pieces_are_equal_and_at_most_twelve_seconds():
    for seconds, count in ((5, 1), (12, 1), (13, 2), (24, 2), (25, 3)):
        pieces = pieces_of(rest_motion(round(seconds * FPS), FPS))
        assert len(pieces) == count and pieces[-1][1] == round(seconds * FPS)
        assert max(b - a for a, b in pieces) <= 12.1 * FPS


def test_a_dance_is_watched_piece_by_piece():
    march = marching(30, 0.5)
    beats = np.arange(0, 30, 0.5)
    down = np.arange(len(beats)) % 4 == 0
    sample = Sample(march, beats, style="march", downbeats=down, sections=np.array([15.0]))
    found = watch(sample)
    assert found.figures["lifts_per_s"] == pytest.approx(2.0, abs=0.2)
    # Beats are counted in the time of each piece: a step that comes back every beat is in all.
    assert found.figures["phrase_return"] > 0.3
    assert found.figures["facing"] == 1 and found.style == "march"
    assert set(found.figures) | {"nearest_phrase_cm", "music_swap"} >= set(WATCHING)
    away = watch(Sample(facing_along(np.full(90, np.pi))))
    assert away.figures["facing"] == 0
    assert watch(Sample(facing_along(np.full(90, np.pi))), front=None).figures["facing"] == 1


def test_what_a_source_cannot_tell_is_not_told():
    motion = posed({}, 90)
    assert watch(Sample(motion, source="aistpp_continuous")).figures["straight_knees"] != 1
    assert watch(Sample(motion, source="cmu_modern")).figures["straight_knees"] == 1
    assert watch_real(Sample(motion)).weight == pytest.approx(0.05), "who stands counts little"
    assert watch_real(Sample(wandering(4, 0))).weight == 1


def test_means_over_dances_and_styles():
    dances = [
        seen("a", 10, groove=1.0, longest_away_s=2.0),
        seen("a", 30, groove=0.0, longest_away_s=5.0),
        seen("a", 30, weight=0.0, groove=9.0, longest_away_s=1.0),
        seen("b", 5, groove=0.75, longest_away_s=0.0),
        seen("", 5, groove=0.5),
    ]
    styles = by_style(dances)
    assert list(styles) == ["a", "b"]
    assert styles["a"] == {"groove": 0.25, "longest_away_s": 5.0, "downbeat_accent": pytest.approx(
        math.nan, nan_ok=True)}  # fmt: skip
    assert over_styles(styles)["groove"] == 0.5 and over_styles(styles)["longest_away_s"] == 5.0
    assert over_styles(styles, ["b", "unheard of"])["groove"] == 0.75


def test_the_downbeat_accent_is_a_ratio_of_means():
    """One clip whose other beats are all but still would rule a mean of ratios."""
    dances = [
        seen("a", accent_down_m_s=1.0, accent_rest_m_s=1.0),
        seen("a", accent_down_m_s=0.1, accent_rest_m_s=0.001),
    ]
    assert mean_of(dances)["downbeat_accent"] == pytest.approx(1.1 / 1.001)


def test_robot_limited_captures_count_where_nothing_else_tells():
    dances = [
        seen("a", 30, source="g1_moves", groove=0.9, held_s=0.2),
        seen("a", 30, source="cmu_modern", groove=0.1, held_s=math.nan),
        seen("b", source="g1_moves", groove=0.7),
    ]
    found = by_style(dances)
    assert found["a"]["groove"] == pytest.approx(0.1) and found["a"]["held_s"] == 0.2
    assert found["b"]["groove"] == 0.7
    short = [seen("c", 20, source="g1_moves", groove=0.9), seen("c", 20, groove=0.1)]
    assert by_style(short)["c"]["groove"] == pytest.approx(0.5), "20 s speak for no style alone"
    assert by_style(dances, believed=False)["a"]["groove"] == pytest.approx(0.5)


def test_goals_beside_the_style():
    real = {
        "facing": 0.95,
        "both_planted": 0.30,
        "lifts_per_s": 2.0,
        "groove": 0.2,
        "legs_m_s": 1.0,
    }
    good = {
        "facing": 0.9,
        "both_planted": 0.39,
        "lifts_per_s": 1.5,
        "groove": 0.25,
        "legs_m_s": 0.95,
    }
    bad = {"facing": 0.8, "both_planted": 0.41, "lifts_per_s": 1.3, "groove": 0.1, "legs_m_s": 1.2}
    assert all(goal.met for goal in judge(good, real).values())
    assert not any(goal.met for goal in judge(bad, real).values())
    turning = wanted("facing", 0.58)
    assert turning is not None and turning.met(0.6), "a style whose own clips turn may turn"
    assert wanted("groove", math.nan) is None
    fixed = wanted("phrase_return", math.nan)
    assert fixed is not None and not fixed.met(0.24)
    assert str(wanted("both_planted", 0.5)) == "0.4 – 0.6"
    # The sizes of the accents are there for their ratio alone.
    assert set(WATCHING) - {key for key, _, _ in LINES} == {"accent_down_m_s", "accent_rest_m_s"}


def test_tables():
    ours = {"a": {"facing": 0.5, "held_s": 0.2}, "ours alone": {"facing": 1.0}}
    real = {"a": {"facing": 0.9, "held_s": 0.1}, "theirs alone": {"facing": 0.9}}
    means = mean_table(ours, real)
    assert "Mean over 1 styles (a)" in means
    assert "| facing the front, share | 0.90 | 0.50 | ≥ 0.85 | **not met** | 0 of 1 |" in means
    assert "| held poses, s | 0.10 | 0.20 | ≥ 0.1 | met | 1 of 1 |" in means
    each = style_table(ours, real)
    assert "| facing the front, share | **0.50** / 0.90 |" in each and "groove" not in each


def test_takes_of_one_choreography_are_no_other_dance():
    first = choreography_of("aistpp_continuous/gPO_sBM_cAll_d10_mPO0_ch02.bvh")
    assert first == choreography_of("aistpp/gPO_sBM_c01_d10_mPO4_ch02.bvh")
    assert first == choreography_of("aistpp/gPO_sBM_c01_d11_mPO0_ch02.bvh"), "whoever dances it"
    assert first != choreography_of("aistpp/gPO_sBM_c01_d10_mPO0_ch03.bvh")
    advanced = [choreography_of(f"gPO_sFM_cAll_d{d}_mPO1_ch02.bvh") for d in (10, 11)]
    assert advanced[0] != advanced[1]
    assert choreography_of("cmu_salsa/cmu_60_03.bvh") == choreography_of("cmu_salsa/cmu_61_03.bvh")
    assert choreography_of("g1_moves/B_DadDance.bvh") == "B_DadDance"
    dance = wandering(8, seed=0)
    samples = [Sample(dance, style="a"), Sample(dance, style="a"), Sample(dance, style="b")]
    assert nearest_phrases(samples)[:2] == [pytest.approx(0, abs=1e-3)] * 2
    assert np.isnan(nearest_phrases(samples)[2])
    assert np.isnan(nearest_phrases(samples, ["x", "x", "y"])).all()


def test_bars():
    assert bar_length(None) == 4
    assert bar_length(np.arange(12) % 3 == 0) == 3


def test_sections_of_a_composed_song():
    beats = beat_grid(64.0, 120.0)
    # 16 bars of 2 s each begin at 0.1 s: intro, verse, chorus, verse, chorus.
    assert sections_of(beats) == pytest.approx(0.1 + 2.0 * np.array([4, 12, 20, 24]))


def test_a_dance_to_another_song(default_model: Path):
    songs = tuple(own_songs(6.0))
    noise = noise_like(songs[0].audio, 1)
    assert len(noise.samples) == len(songs[0].audio.samples) and np.abs(noise.samples).max() <= 1
    assert other_song(songs, 3) is songs[1]
    with pool_of(EvalSpec((default_model,), songs), 1) as pool:
        found = music_swaps(pool, EvalSpec((default_model,), songs), ("salsa",), 1, lambda _: None)
    assert set(found) == {"salsa"} and found["salsa"] > 0


HEAD = "file,source,style_guess,known_bpm,first_beat_s\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    still = rest_motion(60, FPS)
    march = marching(6, 0.5)
    quats = np.concatenate([still.rotations, march.rotations])
    waits = type(march)(FPS, np.concatenate([still.root, march.root]), quats)
    save_motion(tmp_path / "waits.bvh", waits)
    save_motion(tmp_path / "walk.bvh", marching(5, 0.4))
    (tmp_path / "index.csv").write_text(
        HEAD + "waits.bvh,aistpp_official,marching on,120,0.0\nwalk.bvh,ours,walk,,\n"
    )
    return tmp_path


def test_real_clips_are_read_with_their_bars(folder: Path):
    waits, walk = read_clips(folder, {"march": "marching"}, ("walk.bvh",))
    assert (waits.style, walk.style) == ("marching", "walk")
    assert walk.excluded and not waits.excluded and walk.sample.beats is None
    assert waits.whole.seconds == pytest.approx(8) and waits.sample.motion.seconds < 6.6
    beats, down = waits.sample.beats, waits.sample.downbeats
    assert beats is not None and down is not None
    # The march begins on the fifth beat, 2 s in: the first of the second bar.
    cut = waits.whole.seconds - waits.sample.motion.seconds
    assert beats[4] == pytest.approx(2.0 - cut, abs=0.1) and down[4] and down.sum() == 4
    with pytest.raises(DataError, match="index"):
        read_clips(folder / "nowhere", {})


def test_the_page_of_real_values(folder: Path, capsys: pytest.CaptureFixture[str]):
    config = folder / "config.toml"
    config.write_text('[data]\nstyle_names = ["marching"]\nexcluded = ["walk.bvh"]\n'
                      '[data.styles]\n"march" = "marching"\n')  # fmt: skip
    notes = folder / "notes.md"
    notes.write_text("## Seen\n\nA march.\n")
    out = folder / "REAL.md"
    words = ["real-motion", "--bvh-dir", str(folder), "--config", str(config), "--quiet"]
    assert main([*words, "--notes", str(notes), "-o", str(out)]) == 0
    text = out.read_text()
    assert text == capsys.readouterr().out
    assert f"real-motion --bvh-dir {folder}" in text, "it says how it was made"
    assert "| | **mean** | marching |" in text and "`walk.bvh`" in text
    assert "A march." in text and "| left_wrist | (0.0) | 0.0 |" in text
    assert main([*words, "--notes", str(folder / "none.md")]) == 2
