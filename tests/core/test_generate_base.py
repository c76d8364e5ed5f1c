"""Ways in: a clip from elsewhere is continued, danced again in part, retimed, varied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import marching, wandering

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import Beats
from audio2pose_core.audio.demo_song import compose, write_demo_song
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.cli import main
from audio2pose_core.data.clips import load_clip
from audio2pose_core.errors import MotionError, OptionError
from audio2pose_core.formats import load_motion, save_motion
from audio2pose_core.generate import DanceBase, DanceModel, generate_dance, load_model
from audio2pose_core.generate.base import retimed
from audio2pose_core.metrics.motion_beats import motion_beats
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

REAL_ACCELERATION = 143.0
"""The fastest joint of a frame, 99th percentile over data/motion_open at 30 fps, m/s^2."""


def even(bpm: float, first: float, count: int = 40) -> Beats:
    times = first + np.arange(count) * 60.0 / bpm
    return Beats(times, np.arange(count) % 4 == 0, bpm, 4, 1.0, "test")


@pytest.fixture(scope="module")
def model() -> DanceModel:
    """The shipped dancer in few passes: what stays must not hang on how good the rest is."""
    quick = load_model()
    quick.sampler = {"steps": 3, "guidance": 1.0, "overlap": 60}
    return quick


@pytest.fixture(scope="module")
def song() -> Audio:
    samples, _ = compose(seconds=14.0, bpm=110, sample_rate=22050)
    return audio_from_samples(samples, 22050, "demo")


@pytest.fixture(scope="module")
def clip() -> Motion:
    """Six seconds of steps, with arms that wander, on a way over the floor."""
    motion, other = marching(6.0, 0.5), wandering(6.0, seed=2)
    quats = motion.rotations.copy()
    arms = [j for name, j in INDEX.items() if "shoulder" in name]
    quats[:, arms] = other.rotations[:, arms]
    root = motion.root + np.linspace(0, 1, len(motion))[:, None] * (0.4, 0.0, 0.2)
    return Motion(motion.fps, root, quats)


@pytest.mark.parametrize(("bpm", "first"), [(105.0, 0.2), (126.0, 0.5), (70.0, 0.0), (220.0, 1.1)])
def test_a_retimed_clip_stops_on_the_songs_beats(bpm: float, first: float):
    steps = marching(16.0, 60.0 / 115)
    beats = even(bpm, first)
    made = retimed(steps, beats)
    times, prominence = motion_beats(made)
    times = times[(prominence > 0.2) & (times > first + 0.1) & (times < made.seconds - 0.3)]
    period = 60.0 / bpm
    # The body stops on beats, or on half ones where a beat of the song is a long one.
    grid = beats.times[0] + np.arange(-4, 120) * period / 2
    off = np.abs(times[:, None] - grid).min(axis=1)
    assert len(times) > 10 and np.median(off) < 0.035
    assert made.seconds == pytest.approx(16.0 * _pace(bpm, 115.0), abs=60.0 / 110 * 2)


def _pace(bpm: float, own: float) -> float:
    """How much longer the clip becomes."""
    return min((pace * own / bpm for pace in (0.5, 1.0, 2.0)), key=lambda r: abs(np.log(r)))


def test_a_clip_without_a_pulse_is_told():
    with pytest.raises(MotionError, match="no pulse"):
        retimed(rest_motion(300, 30.0), even(100.0, 0.0))


def test_a_variation_keeps_poses_on_beats(clip: Motion):
    beats = even(120.0, 0.25)
    mask = DanceBase(clip, vary=2).constraint(beats).mask
    kept = np.flatnonzero(mask.all(axis=1))
    assert kept.tolist() == np.round((0.25 + np.arange(6)) * 30).astype(int).tolist()
    assert mask.any(axis=1).sum() == len(kept)
    arms = DanceBase(clip, parts=("arms",), vary=1).constraint(beats).mask
    assert not arms[3, 1 + INDEX["left_elbow"]] and not arms[3, 1 + INDEX["left_knee"]]
    with pytest.raises(OptionError, match="1 to 16"):
        DanceBase(clip, vary=17)


def test_a_span_without_an_end_goes_on_past_the_clip(clip: Motion):
    mask = DanceBase(clip, spans=((4.0, np.inf),)).constraint(even(120.0, 0.0)).mask
    assert mask[:120].all() and not mask[120:].any()
    assert DanceBase(clip, spans=((6.0, np.inf),)).constraint(even(120.0, 0.0)).mask.all()
    with pytest.raises(OptionError, match="no frame"):
        DanceBase(clip, spans=((6.0, 8.0),)).constraint(even(120.0, 0.0))


@pytest.mark.parametrize(("seconds", "start"), [(6.0, 4.0), (5.0, 5.0)])
def test_a_clip_is_continued(song: Audio, model: DanceModel, clip: Motion, seconds, start):
    """From its middle on, and from its end."""
    clip = clip.slice(0, round(seconds * 30))
    base = DanceBase(clip, spans=((start, np.inf),))
    made = generate_dance(song, style="house", seed=1, model=model, base=base).motion
    frames = round(start * 30)
    assert len(made) > 400
    assert np.abs(made.root[:frames] - clip.root[:frames]).max() < 0.01
    assert np.rad2deg(rot.angle(made.rotations[:frames], clip.rotations[:frames])).max() < 1.0
    change = np.diff(made.joint_positions(), 2, axis=0) * made.fps**2
    jolt = np.linalg.norm(change, axis=-1).max(axis=1)
    assert jolt[frames - 5 : frames + 5].max() < REAL_ACCELERATION
    # It dances on, and does not stand.
    speed = np.linalg.norm(np.diff(made.joint_positions()[frames:], axis=0), axis=-1) * 30
    assert speed.mean() > 0.1


def test_a_varied_clip_is_the_clip_on_beats_and_another_between(song, model, clip):
    base = DanceBase(clip, vary=1)
    dance = generate_dance(song, style="house", seed=1, model=model, base=base)
    on = np.round(dance.beats.times * 30).astype(int)
    on = on[on < len(clip) - 1]
    there, ours = dance.motion.joint_positions(), clip.joint_positions()
    off = np.linalg.norm(there[: len(clip)] - ours, axis=-1).mean(axis=1)
    assert off[on].max() < 0.01
    between = np.setdiff1d(np.arange(len(clip)), np.add.outer(on, np.arange(-3, 4)))
    assert np.median(off[between]) > 0.01


def test_base_and_constraint_exclude_each_other(song, model, clip):
    base = DanceBase(clip)
    with pytest.raises(OptionError, match="not both"):
        generate_dance(song, model=model, base=base, constraint=base.constraint(even(100, 0)))


# --- files of clips ---


@pytest.mark.parametrize("names", ["audio2pose", "cmu", "mixamo"])
def test_clips_of_any_skeleton(clip: Motion, tmp_path: Path, names: str):
    save_motion(tmp_path / "clip.bvh", clip, names=names)
    motion, _ = load_clip(tmp_path / "clip.bvh")
    assert len(motion) == len(clip) and motion.fps == clip.fps
    wrists = [INDEX["left_wrist"], INDEX["right_wrist"]]
    mine, theirs = (m.joint_positions()[:, wrists] - m.root[:, None] for m in (clip, motion))
    assert np.abs(mine - theirs).max() < 0.03


def test_clips_of_aistpp_and_others(clip: Motion, tmp_path: Path):
    save_motion(tmp_path / "clip.pkl", clip)
    motion, _ = load_clip(tmp_path / "clip.pkl")
    assert motion.fps == 60.0
    with pytest.raises(MotionError, match="ends in"):
        load_clip(tmp_path / "clip.fbx")


def test_the_command_continues_a_foreign_clip(clip: Motion, tmp_path: Path):
    write_demo_song(tmp_path / "song.wav", seconds=9.0)
    save_motion(tmp_path / "clip.bvh", clip, names="cmu")
    words = [
        "generate",
        str(tmp_path / "song.wav"),
        "--base",
        str(tmp_path / "clip.bvh"),
        "--quiet",
    ]
    out = tmp_path / "out.npz"
    assert main([*words, "--regenerate", "5:", "-o", str(out), "--style", "house"]) == 0
    made, (own, _) = load_motion(out), load_clip(tmp_path / "clip.bvh")
    assert len(made) == 270
    assert np.abs(made.joint_positions()[:145] - own.joint_positions()[:145]).max() < 0.02
    assert main([*words, "-o", str(out)]) == 2, "it is not said what becomes of the base"
