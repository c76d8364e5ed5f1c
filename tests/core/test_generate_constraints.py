"""Parts of a dance stay while the rest is made anew: ranges, limbs, locked keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.audio.demo_song import compose, write_demo_song
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.errors import MotionError, OptionError
from audio2pose_core.formats import load_motion, save_motion
from audio2pose_core.generate import Dance, DanceModel, MotionConstraint, generate_dance, load_model
from audio2pose_core.generate.constraints import constrain_all_but
from audio2pose_core.generate.inpaint import constraint_features, meet_heading
from audio2pose_core.generate.plan import plan_free
from audio2pose_core.metrics import planted_slide
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX, JOINTS, LEFT_LEG, RIGHT_LEG

SECONDS = 14.0
REAL_ACCELERATION = 143.0
"""The fastest joint of a frame, 99th percentile over data/motion_open at 30 fps, m/s^2."""
ARMS = [INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("shoulder", "elbow")]
LEGS = [*LEFT_LEG, *RIGHT_LEG]


@pytest.fixture(scope="module")
def model() -> DanceModel:
    """The shipped dancer in few passes: what is kept must not hang on how good the rest is."""
    quick = load_model()
    quick.sampler = {"steps": 3, "guidance": 1.0, "overlap": 60}
    return quick


@pytest.fixture(scope="module")
def song() -> Audio:
    samples, _ = compose(seconds=SECONDS, bpm=110, sample_rate=22050)
    return audio_from_samples(samples, 22050, "demo")


@pytest.fixture(scope="module")
def base(song: Audio, model: DanceModel) -> Dance:
    return generate_dance(song, style="salsa", seed=3, model=model)


@pytest.fixture(scope="module")
def regenerate(song: Audio, model: DanceModel):
    def run(motion: Motion, mask: np.ndarray, seed: int = 9) -> Motion:
        kept = MotionConstraint(motion, mask)
        return generate_dance(song, style="salsa", seed=seed, model=model, constraint=kept).motion

    return run


def all_kept(motion: Motion) -> np.ndarray:
    return np.ones((len(motion), 25), dtype=bool)


def off(kept: Motion, made: Motion, mask: np.ndarray) -> tuple[float, float]:
    """The worst that a kept root (m) and a kept joint (degrees) is off."""
    frames = min(len(kept), len(made))
    root = np.linalg.norm(kept.root[:frames] - made.root[:frames], axis=1)[mask[:frames, 0]]
    turn = rot.multiply(kept.rotations[:frames], rot.conjugate(made.rotations[:frames]))
    angle = np.rad2deg(np.linalg.norm(rot.to_axis_angle(turn), axis=-1))[mask[:frames, 1:]]
    return float(root.max(initial=0.0)), float(angle.max(initial=0.0))


def acceleration(motion: Motion) -> np.ndarray:
    """Of the fastest joint in each frame, (T,) m/s^2, zero at the ends."""
    change = np.diff(motion.joint_positions(), 2, axis=0) * motion.fps**2
    return np.pad(np.linalg.norm(change, axis=-1).max(axis=1), 1)


def assert_kept(kept: Motion, made: Motion, mask: np.ndarray) -> None:
    root, angle = off(kept, made, mask)
    assert root < 0.01 and angle < 1.0


def assert_no_pop(made: Motion, locks: list[int], base: Motion | None = None) -> None:
    """No joint is faster to turn there than in a real dance, or than the ``base`` by a tenth."""
    found = acceleration(made)
    for lock in locks:
        own = 0.0 if base is None else acceleration(base)[max(0, lock - 10) : lock + 11].max()
        assert found[max(0, lock - 4) : lock + 5].max() < max(REAL_ACCELERATION, 1.1 * own)


def apart(a: Motion, b: Motion) -> np.ndarray:
    """Mean distance of the joints in each frame, (T,) m."""
    return np.linalg.norm(a.joint_positions() - b.joint_positions(), axis=-1).mean(axis=1)


# --- what may be given ---


@pytest.mark.parametrize(
    "mask",
    [np.ones((30, 24), bool), np.ones((29, 25), bool), np.ones((30, 25)), np.ones(30, bool)],
)
def test_a_mask_that_does_not_fit_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(MotionError, match=r"\(30, 25\)"):
        MotionConstraint(rest_motion(30, 30.0), mask)


def test_what_is_not_finite_is_refused() -> None:
    rest = rest_motion(4, 30.0)
    contacts = np.full((4, 4), np.nan)
    with pytest.raises(MotionError, match="finite"):
        MotionConstraint(rest.with_contacts(contacts), np.ones((4, 25), bool))
    with pytest.raises(MotionError, match="Motion"):
        MotionConstraint(np.zeros((4, 3)), np.ones((4, 25), bool))  # type: ignore[arg-type]


@pytest.mark.parametrize("fps", [24.0, 25.0, 60.0, 120.0])
def test_a_key_between_two_frames_is_shown_in_the_nearer(fps: float) -> None:
    frames = int(4 * fps)
    root = np.zeros((frames, 3))
    root[:, 0] = np.arange(frames) / fps
    motion = Motion(fps, root, rest_motion(frames, fps).rotations)
    mask = np.zeros((frames, 25), dtype=bool)
    keys = np.array([1, int(1.3 * fps), int(2.77 * fps)])
    mask[keys] = True
    there = MotionConstraint(motion, mask).at(30.0, 120)
    shown = np.round(keys * 30.0 / fps).astype(int)
    assert np.flatnonzero(there.mask.any(axis=1)).tolist() == shown.tolist()
    assert np.allclose(there.motion.root[shown], root[keys], atol=1e-9)


def test_spans_stay_spans_at_another_rate() -> None:
    motion = rest_motion(240, 60.0)
    mask = np.ones((240, 25), dtype=bool)
    mask[60:120] = False
    there = MotionConstraint(motion, mask).at(30.0, 150)
    assert there.mask[:30].all() and not there.mask[31:59].any() and there.mask[61:119].all()
    assert not there.mask[120:].any(), "past the end of what is kept all is free"
    assert len(there.motion) == 150


# --- which windows are made ---


def test_only_windows_with_something_free_are_made() -> None:
    frames = 18000
    free = np.zeros(frames, dtype=bool)
    free[9000:9100] = True
    assert len(plan_free(free, 240, 60)) == 1
    free[9000:9480] = True
    free[100] = True
    plan = plan_free(free, 240, 60)
    assert sum(length for _, length, _, _ in plan) < 4 * 480
    covered = np.zeros(frames, dtype=bool)
    for first, length, _, (start, stop) in plan:
        covered[max(first, start) : min(first + length, stop)] = True
        assert first >= 0 and first + length <= frames
    assert covered[free].all()
    assert plan_free(np.zeros(frames, dtype=bool), 240, 60) == []


@pytest.mark.parametrize("span", [1, 100, 121, 200, 300, 301, 500, 1000, 3000])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_windows_between_others_find_both_of_these_made(span: int, place: str) -> None:
    frames = 4000
    start = {"start": 0, "middle": 333, "end": frames - span}[place]
    free = np.zeros(frames, dtype=bool)
    free[start : start + span] = True
    made = ~free
    for first, length, between, (low, high) in plan_free(free, 240, 60):
        if between:
            assert made[first : first + 60].all()
            assert made[first + length - 60 : first + length].all()
        made[max(first, low) : min(first + length, high)] = True
    assert made.all()


# --- dances ---


def test_all_kept_is_the_same_dance(base: Dance, regenerate) -> None:
    made = regenerate(base.motion, all_kept(base.motion))
    assert np.array_equal(made.root, base.motion.root)
    assert np.allclose(made.rotations, base.motion.rotations)


def test_nothing_kept_is_a_fresh_dance(base: Dance, song: Audio, regenerate, model) -> None:
    made = regenerate(base.motion, ~all_kept(base.motion), seed=4)
    fresh = generate_dance(song, style="salsa", seed=4, model=model).motion
    assert np.array_equal(made.root, fresh.root)
    assert np.array_equal(made.rotations, fresh.rotations)


def test_a_range_is_made_anew_and_leads_back(base: Dance, regenerate) -> None:
    mask = all_kept(base.motion)
    mask[120:300] = False
    made = regenerate(base.motion, mask)
    assert_kept(base.motion, made, mask)
    assert_no_pop(made, [120, 300], base.motion)
    assert apart(base.motion, made)[150:270].mean() > 0.1
    assert planted_slide(made).speed_cm_s < 1.0
    again = regenerate(base.motion, mask)
    assert np.array_equal(made.rotations, again.rotations) and np.array_equal(made.root, again.root)


@pytest.mark.parametrize("span", [(0, 90), (330, 420), (200, 206)])
def test_starts_endings_and_moments_too(base: Dance, regenerate, span: tuple[int, int]) -> None:
    mask = all_kept(base.motion)
    mask[slice(*span)] = False
    made = regenerate(base.motion, mask)
    assert_kept(base.motion, made, mask)
    assert_no_pop(made, [edge for edge in span if 0 < edge < len(made)], base.motion)


@pytest.mark.parametrize("limbs", [ARMS, LEGS], ids=["arms", "legs"])
def test_only_some_limbs(base: Dance, regenerate, limbs: list[int]) -> None:
    mask = all_kept(base.motion)
    mask[100:320, [1 + joint for joint in limbs]] = False
    made = regenerate(base.motion, mask)
    assert_kept(base.motion, made, mask)
    assert_no_pop(made, [100, 320], base.motion)
    turned = rot.angle(base.motion.rotations, made.rotations)[130:290]
    assert np.rad2deg(turned[:, limbs].mean()) > 2.0, "these are new"


def edited(motion: Motion, keys: np.ndarray) -> Motion:
    """Some frames with the body moved by 15 cm and three joints turned by 25 degrees."""
    random = np.random.default_rng(5)
    root, quats = motion.root.copy(), motion.rotations.copy()
    for key in keys:
        angle = random.uniform(0, 2 * np.pi)
        root[key] += 0.15 * np.array([np.cos(angle), 0.0, np.sin(angle)])
        for name in ("left_shoulder", "spine2", "right_elbow"):
            turn = rot.normalize(random.normal(size=3)) * np.deg2rad(25.0)
            joint = INDEX[name]
            quats[key, joint] = rot.multiply(rot.from_axis_angle(turn), quats[key, joint])
    return Motion(motion.fps, root, quats, motion.contacts)


@pytest.mark.parametrize(
    "columns",
    [list(range(25)), [1 + j for j in ARMS], [0], [0, 1, 1 + INDEX["head"]]],
    ids=["all", "arms", "root", "some"],
)
def test_locked_keys_are_met_without_a_pop(base: Dance, regenerate, columns: list[int]) -> None:
    keys = np.array([40, 110, 200, 230, 370])
    motion = edited(base.motion, keys)
    mask = np.zeros((len(motion), 25), dtype=bool)
    mask[np.ix_(keys, columns)] = True
    made = regenerate(motion, mask)
    assert_kept(motion, made, mask)
    assert_no_pop(made, list(keys))
    assert apart(motion, made)[250:350].mean() > 0.03, "between the keys the dance is new"


def test_keys_within_a_free_range(base: Dance, regenerate) -> None:
    keys = np.array([170, 240])
    motion = edited(base.motion, keys)
    mask = all_kept(motion)
    mask[120:300] = False
    mask[keys] = True
    made = regenerate(motion, mask)
    assert_kept(motion, made, mask)
    assert_no_pop(made, [120, 170, 240, 300])


@pytest.mark.parametrize("seconds", [9.0, 20.0])
def test_kept_motion_shorter_or_longer_than_the_song(
    base: Dance, regenerate, seconds: float
) -> None:
    motion = base.motion.sample(np.arange(round(seconds * 60)) / 60, 60.0)
    made = regenerate(motion, all_kept(motion))
    assert len(made) == round(SECONDS * 30)
    frames = min(len(made), round(seconds * 30))
    assert apart(made.slice(0, frames), base.motion.slice(0, frames)).max() < 0.01
    if frames < len(made):
        assert_no_pop(made, [frames])
        assert apart(made, base.motion)[frames + 60 :].mean() > 0.05


def test_a_free_span_faces_where_the_kept_ones_do(base: Dance) -> None:
    """However the network turns in between, at both ends the heading is the kept one."""
    mask = all_kept(base.motion)
    mask[100:300] = False
    given = constraint_features(MotionConstraint(base.motion, mask))
    astray = given.features.copy()
    astray[100:300, 3] += 0.8  # rad/s about the vertical: three turns too many or too few
    features, heading = meet_heading(astray, given, 30.0)
    wrong = (heading - given.heading)[given.faces]
    assert np.allclose(wrong, 2 * np.pi * np.round(wrong / (2 * np.pi)), atol=1e-9)
    turned = np.diff(heading)[110:290] - np.diff(given.heading)[110:290]
    assert np.abs(turned * 30).max() < 0.8 + 2 * np.pi, "the correction is a slow turn"
    assert np.isfinite(features).all()


# --- by name ---


def test_all_but_some_parts_of_some_spans() -> None:
    motion = rest_motion(90, 30.0)
    kept = constrain_all_but(motion, [(1.0, 2.0)], ["arms", "head"])
    free = ~kept.mask
    assert free[30:60].any(axis=1).all() and not free[:30].any() and not free[60:].any()
    names = {JOINTS[c - 1] for c in np.flatnonzero(free.any(axis=0))}
    assert {"left_hand", "right_collar", "head"} <= names and "spine3" not in names
    assert not constrain_all_but(motion).mask.any(), "nothing said is everything anew"
    for spans, parts in (([(2.0, 1.0)], []), ([(-1.0, 1.0)], []), ([], ["tail"])):
        with pytest.raises(OptionError):
            constrain_all_but(motion, spans, parts)


def test_the_command_line_makes_a_part_anew(cli, tmp_path: Path) -> None:
    sound, first, second = tmp_path / "s.wav", tmp_path / "a.npz", tmp_path / "b.npz"
    write_demo_song(sound, seconds=6.0, bpm=120.0)
    assert cli("generate", sound, "-o", first, "--style", "salsa").status == 0
    done = cli(
        "generate", sound, "-o", second, "--style", "salsa", "--seed", 8, "--base", first,
        "--regenerate", "2:4", "--parts", "left-arm,head",
    )  # fmt: skip
    assert done.status == 0, done.err
    one, other = load_motion(first), load_motion(second)
    turned = np.rad2deg(rot.angle(one.rotations, other.rotations))
    assert turned[:60].max() < 0.2 and turned[120:].max() < 0.2
    assert turned[70:110, INDEX["left_shoulder"]].max() > 1.0
    assert turned[:, INDEX["right_shoulder"]].max() < 0.2
    words = ("generate", sound, "-o", second)
    assert "--base" in cli(*words, "--regenerate", "2:4").error
    assert "--regenerate" in cli(*words, "--base", first).error
    assert "16:32" in cli(*words, "--regenerate", "4:2").error
    old = ("generate", sound, "-o", tmp_path / "old.npz", "--style", "salsa", "--seed", 8)
    assert cli(*old, "--keep", first, "--again", "2:4", "--only", "left_arm,head").status == 0
    assert (tmp_path / "old.npz").read_bytes() == second.read_bytes(), "spelt as in version 0.1"


def test_a_span_outside_the_dance_is_an_error_and_not_the_same_dance(cli, tmp_path: Path) -> None:
    """In version 0.1 it ended with exit status 0 and the same bytes."""
    sound, first, second = tmp_path / "s.wav", tmp_path / "a.npz", tmp_path / "b.npz"
    write_demo_song(sound, seconds=8.0, bpm=120.0)
    save_motion(first, rest_motion(240, 30.0))
    for span in ("100:110", "8:9", "2:2.001"):
        done = cli("generate", sound, "-o", second, "--base", first, "--regenerate", span)
        assert done.status == 2 and "which lasts 8 s" in done.error, span
        assert not second.exists()
    # A span that goes beyond the end is cut there.
    assert constrain_all_but(load_motion(first), [(7.0, 110.0)]).mask.any(axis=1).sum() == 210
