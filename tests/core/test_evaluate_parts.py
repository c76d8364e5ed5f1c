"""The sections beside the evaluation's table: copying, locks, goals, ablations."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.beats import Beats
from audio2pose_core.audio.features import AudioFeatures
from audio2pose_core.data.training.clip import Clip, Music
from audio2pose_core.errors import DataError
from audio2pose_core.evaluate.ablations import variations
from audio2pose_core.evaluate.copying import POSES, Library, copying_table
from audio2pose_core.evaluate.goals import goals, goals_table, styles_alike
from audio2pose_core.evaluate.locks import (
    ARMS,
    TASKS,
    Locks,
    compare,
    constraint_of,
    lock_table,
    peaks,
)
from audio2pose_core.evaluate.measures import Figure, Row, Run, Sample
from audio2pose_core.evaluate.music_sensitivity import (
    music_sensitivity,
    music_sensitivity_table,
    uses_music,
)
from audio2pose_core.generate import load_model
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.representation import WIDTH
from tests.core.test_evaluate import varied
from tests.core.test_kinetic import dancing


def wandering(seed: int, seconds: float = 12.0) -> Motion:
    """A dancer whose every second is another: no two windows are alike."""
    random = np.random.default_rng(seed)
    motion = dancing(30.0, seconds)
    path = np.cumsum(random.normal(0, 0.02, (len(motion), 3)) * [1, 0, 1], axis=0)
    return Motion(30.0, motion.root + path, motion.rotations)


@pytest.fixture(scope="module")
def library() -> Library:
    clips = [Sample(wandering(i), name=f"{i}") for i in range(3)]
    return Library(clips, speeds=(0.8, 1.0))


def test_a_copy_is_found_wherever_it_stands_and_whichever_way_it_looks(library):
    motion = wandering(1).turned(2.1, np.array([3.0, 0.0, -1.0]))
    near = library.nearest([Sample(motion, name="copy")])
    assert len(near.distance) == 6 and near.distance.max() < 0.005
    assert (near.clip == 1).all() and not near.mirrored.any() and (near.speed == 1.0).all()
    assert np.allclose(near.start, np.arange(0, 12, 2), atol=0.11)
    assert near.new_transitions() == (0, 5)


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_a_copy_that_begins_between_two_windows_is_a_copy(library, frames):
    """Windows lie three frames apart; a verbatim copy from frame 1 on was 5 cm away."""
    motion = wandering(1)
    near = library.nearest([Sample(motion.slice(frames, len(motion)))])
    assert near.distance.max() < 1e-4 and (near.clip == 1).all()
    assert near.start[0] == pytest.approx(frames / 30, abs=1e-6)
    slow = motion.sample(np.arange(0.8 * frames, 350, 0.8) / 30, 30.0)
    stretched = library.nearest([Sample(slow)])
    assert stretched.distance.max() < 1e-3 and (stretched.speed == 0.8).all()


def test_mirrored_and_stretched_copies_are_found(library):
    mirrored = library.nearest([Sample(wandering(2).mirrored())])
    assert mirrored.mirrored.all() and mirrored.distance.max() < 0.005
    slow = wandering(0).sample(np.arange(0, 11.9, 0.8 / 30), 30.0)
    stretched = library.nearest([Sample(slow)])
    assert (stretched.speed == 0.8).all() and stretched.distance.max() < 0.01
    assert stretched.new_transitions()[0] == 0


def test_what_is_new_is_far_and_a_cut_is_a_new_transition(library):
    stranger = library.nearest([Sample(wandering(9))])
    assert stranger.distance.min() > 0.02
    first, second = wandering(0), wandering(2)
    joined = Motion(
        30.0,
        np.concatenate([first.root[:120], second.root[120:240]]),
        np.concatenate([first.rotations[:120], second.rotations[120:240]]),
    )
    assert library.nearest([Sample(joined)]).new_transitions() == (1, 3)


def test_a_clip_can_be_compared_with_the_others_only(library):
    own = Sample(wandering(1), name="1")
    assert library.nearest([own]).distance.max() < 0.005
    others = library.nearest([own], others_only=True)
    assert (others.clip != 1).all() and others.distance.min() > 0.01
    text = copying_table([("own", library.nearest([own])), ("others", others)], len(library))
    assert "| own | 6 | 0.0 | 0.0 | 0.0 | 0 of 5 (0 %) |" in text
    with pytest.raises(DataError, match="2 s"):
        Library([Sample(wandering(1, POSES / 10 - 0.5))])


@pytest.mark.parametrize("task", TASKS)
def test_what_is_kept_is_compared_where_it_was_kept(task):
    motion = varied(0, 9.0)
    kept, times = constraint_of(task, motion, 4)
    assert kept.mask.any() and not kept.mask.all() and len(times) >= 2
    same = compare(task, kept, times, kept.motion)
    assert same.root_cm.max(initial=0.0) < 1e-9 and same.degrees.max() < 1e-5
    assert len(same.acceleration) == len(times) == len(same.seam_ratio)
    # Moved in a kept frame it is seen, in a free one it is not.
    root = kept.motion.root.copy()
    root[~kept.mask[:, 0]] += 0.5
    assert compare(task, kept, times, replace(kept.motion, root=root)).root_cm.max() < 1e-9
    root = kept.motion.root.copy()
    root[np.flatnonzero(kept.mask[:, 0])[-1]] += [0.03, 0.0, 0.04]
    moved = compare(task, kept, times, replace(kept.motion, root=root))
    assert moved.root_cm.max() == pytest.approx(5.0)


def test_changed_keys_are_changed_by_what_the_text_says():
    motion = rest_motion(270, 30.0)
    kept, times = constraint_of(TASKS[1], motion, 1)
    frame = round(times[0] * 30)
    result = compare(TASKS[1], kept, times, motion)
    assert np.allclose(np.unique(result.degrees.round(6)), 25.0)
    assert np.allclose(result.root_cm, 4.0)
    assert kept.mask[frame, [1 + j for j in ARMS]].all() and kept.mask.sum() == 11 * len(times)


def test_a_pop_sticks_out():
    motion = varied(1)
    quiet = peaks(motion, np.array([3.0, 6.0]))
    root = motion.root.copy()
    root[90] += [0.05, 0.0, 0.0]
    popped = peaks(Motion(30.0, root, motion.rotations), np.array([3.0, 6.0]))
    assert popped[0] > 0.9 * 2 * 0.05 * 30**2 and popped[1] == pytest.approx(quiet[1])
    kept, times = constraint_of(TASKS[2], motion, 0)
    found = compare(TASKS[2], kept, times, motion)
    text = lock_table(Locks([found], quiet))
    assert "| a range regenerated | 2 | 0.00 | 0.00 |" in text and "nan" not in text


def row(name: str, **figures: float) -> Row:
    return Row(name, {k.replace("__", " "): Figure(v) for k, v in figures.items()}, 1, 10)


def test_styles_count_alike_where_both_have_them():
    def of(*pieces: tuple[str, float]) -> Row:
        run = Run([{"x": v} for _, v in pieces], [s for s, _ in pieces], {}, 0, np.zeros(0))
        return Row("r", {}, 1, 0, (run,))

    danced = of(("a", 1.0), ("b", 3.0), ("", 50.0), ("b", math.nan))
    real = of(("a", 2.0), ("a", 2.0), ("a", 2.0), ("b", 4.0), ("c", 100.0))
    assert styles_alike(danced, real, "x") == (2.0, 3.0)
    assert all(map(math.isnan, styles_alike(danced, of(("c", 1.0)), "x")))


def test_goals_are_judged_by_the_rows_they_name():
    rows = [
        row("real, held out", div_k=10.0, motion_magnitude_m_s=1.0, freeze_rate=0.05),
        row("real, training", foot_slide_cm_s=20.0, motion_magnitude_m_s=2.0),
        row("motion graph", beat_lock_lift=0.6, fid_k__held_X=1.0),
        row("network alone", beat_lock_lift=0.1),
        row(
            "dancer `a`",
            beat_lock_lift=0.5,
            div_k=9.5,
            motion_magnitude_m_s=1.1,
            freeze_rate=0.05,
            foot_slide_cm_s=11.0,
            jerk_m_s3=float("nan"),
        ),
        row("dancer `b`", beat_lock_lift=0.0),
    ]
    found = {g.name: g.met for g in goals(rows)}
    assert found == {
        "beat lock lift, as real dance": True,
        "beat lock lift, as the motion graph": False,
        "beat lock lift of the network alone": False,
        "motion magnitude, within 15 % of held-out": True,
        "motion magnitude, within 15 % of training": False,
        "freeze rate, as held-out": True,
        "Div_k, 90 % of held-out": True,
        "foot slide by geometry, half of training": False,
    }
    text = goals_table(goals(rows))
    assert "| beat lock lift, as the motion graph | 0.5 | ≥ 0.6 | **not met** |" in text
    assert goals(rows[:4]) == []


def test_variations_change_one_thing_of_the_model_at_hand(default_model):
    model = load_model(default_model)
    names = [v.name for v in variations(model)]
    assert len(set(names)) == len(names) and names[0].startswith("as it is")
    steps = int(model.sampler["steps"])
    taught = "times" in model.sampler
    assert (f"{steps} steps, guidance 1" in names) == taught


class Listener:
    """A made-up network that restores a dance the better, the more it hears its own song."""

    fps, window, styles = 30.0, 60, ("loud", "soft")
    conditions = ("hit_sin", "hit_cos", "energy", "loudness", "sound_known")
    mean, deviation = np.zeros(WIDTH), np.ones(WIDTH)
    deaf = False

    def run(self, **given: np.ndarray) -> np.ndarray:
        assert not given["conditions"][..., :2].any(), "the hits are left out"
        assert given["conditions"][..., 2].any() and not given["mask"].any()
        expected = 0.9 if given["style"][0, 0] else 0.4
        wrong = np.abs(given["conditions"][..., 3] - expected).mean()
        return given["x"] + (0.0 if self.deaf else 100.0 * wrong)


def test_who_hears_its_music_does_worse_with_another():
    clips = []
    for name, level in (("loud", 0.9), ("soft", 0.4)):
        frames = 400
        curves = np.zeros(frames), np.full(frames, level)
        heard = AudioFeatures(30.0, *curves, np.zeros((frames, 64)), np.zeros((frames, 12)))
        beats = Beats(np.arange(0, 12, 0.5), np.zeros(24, bool), 120.0, 4, 1.0, "")
        music = Music(beats, heard, 0.5)
        clips.append(Clip(name, "", name, "held_out", dancing(), beats.times, music))
    model = Listener()
    assert uses_music(model)
    found = music_sensitivity(model, [*clips, replace(clips[0], music=None)])
    assert found.windows == 2 * 6
    assert min(f.mean for f in found.over_own.values()) > 100
    assert "| another song | +" in music_sensitivity_table(found)
    model.deaf = True
    assert all(f.mean == 0.0 for f in music_sensitivity(model, clips).over_own.values())
    model.conditions = ("hit_sin", "energy")
    assert not uses_music(model)
