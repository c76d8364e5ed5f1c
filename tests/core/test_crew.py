"""A crew: mirrored, in canon, in formation, and nobody walks through anybody."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import Beats, even_grid
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import audio_from_samples
from audio2pose_core.errors import Cancelled, OptionError
from audio2pose_core.generate import DanceModel, crew, generate_dance, load_model
from audio2pose_core.metrics.feet import foot_slide, planted_slide
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import CONTACT_JOINTS, INDEX

FPS = 30.0
FEET = list(CONTACT_JOINTS)


def dance(seconds: float = 8.0, wander: float = 0.6, heading: float = 0.0) -> Motion:
    """Stands for a third of a second, then steps about and swings arms and one leg."""
    still = rest_motion(round(seconds * FPS), FPS)
    t = np.arange(len(still)) / FPS
    on = np.clip((t - 0.35) / 0.3, 0, 1)
    root = still.root.copy()
    root[:, 0] += 0.3 + wander * on * np.sin(1.7 * t)
    root[:, 2] += -0.2 + wander * on * np.sin(1.1 * t)
    quats = still.rotations.copy()
    for name, size in (("left_shoulder", 0.9), ("right_shoulder", -0.6), ("left_hip", 0.3)):
        angle = size * on * np.sin(4 * t)
        swing = rot.from_axis_angle(angle[:, None] * np.array([1.0, 0.0, 0.2]))
        hanging = {"left_shoulder": -1.25, "right_shoulder": 1.25}.get(name, 0.0)
        rest = rot.from_axis_angle(np.array([0.0, 0.0, hanging]))
        quats[:, INDEX[name]] = rot.multiply(swing, rest)
    return Motion(FPS, root, quats).turned(heading)


def in_place(seconds: float = 24.0) -> Motion:
    """Feet that stand all the time, arms that hang and swing."""
    motion = dance(seconds, wander=0.0)
    quats = motion.rotations.copy()
    quats[:, INDEX["left_hip"]] = rot.IDENTITY
    return Motion(FPS, motion.root, quats, np.ones((len(motion), 4)))


def gaps(dances: list[Motion]) -> float:
    """The least distance of any joint of one to any joint of another, brute force."""
    places = [d.joint_positions() for d in dances]
    return min(
        float(np.linalg.norm(a[:, :, None] - b[:, None], axis=-1).min())
        for i, a in enumerate(places)
        for b in places[i + 1 :]
    )


def standing(dances: list[Motion], second: float, around: float = 0.5) -> np.ndarray:
    """Where the dancers stand around a second, (n, 2) metres from the first."""
    part = slice(round((second - around) * FPS), round((second + around) * FPS))
    middle = np.array([d.root[part][:, [0, 2]].mean(axis=0) for d in dances])
    return middle - middle[0]


BEATS = even_grid(8.0, 120.0)
LONG = even_grid(24.0, 120.0)


@pytest.mark.parametrize(
    ("count", "canon", "formation"), [(2, 0.0, "v"), (3, 0.0, "line"), (4, 1.0, "v")]
)
def test_nobody_walks_through_anybody(count, canon, formation):
    made = crew.make_crew(dance(), BEATS, count, canon_beats=canon, formation=formation)
    assert len(made.dances) == count
    assert {(len(m), m.fps) for m in made.dances} == {(240, FPS)}
    assert gaps(made.dances) >= crew.CLEARANCE


@pytest.mark.parametrize("heading", [0.0, 1.1, -2.8])
@pytest.mark.parametrize("far", [0.0, 3.0])
def test_a_v_is_a_v_that_faces_the_front_whatever_the_dance_does(heading, far):
    """The dance of the fault: it went away and faced aside, and the V lay anyhow."""
    motion = dance(heading=heading, wander=0.1)
    away = far * np.linspace(0, 1, len(motion))[:, None] * np.array([0.8, 0.0, 0.6])
    made = crew.make_crew(Motion(FPS, motion.root + away, motion.rotations), BEATS, 3)
    for second in (1.0, 4.0, 7.0):
        _, left, right = standing(made.dances, second, around=0.9)
        assert left[0] == pytest.approx(-right[0], abs=0.15) and left[0] > 0.9
        assert left[1] == pytest.approx(right[1], abs=0.15) and left[1] < -0.6


@pytest.mark.parametrize("formation", crew.FORMATIONS[:-1])
@pytest.mark.parametrize("count", [2, 5, 8, 24])
def test_neighbours_stand_a_spacing_apart_and_the_first_in_front(formation, count):
    where = crew.places(formation, count)
    gap = np.linalg.norm(where[:, None] - where[None], axis=2) + 9 * np.eye(count)
    assert gap.min() >= 0.99
    assert where[0].tolist() == [0, 0] and (where[:, 1] <= 1e-9).all()
    assert len(set(crew.place_names(formation, where))) == count
    if formation != "scattered":
        np.testing.assert_allclose(gap.min(axis=1), 1.0, atol=0.01)


def test_dancers_are_called_by_their_places():
    assert crew.place_names("v", crew.places("v", 4)) == ["Front", "Left 1", "Right 1", "Left 2"]
    rows = crew.place_names("rows", crew.places("rows", 8))
    assert rows[0] == "Front" and {"Row 1 Left 1", "Row 2 Right 1"} <= set(rows)


def test_a_curve_is_stood_along():
    bend = np.array([[-4.0, -3.0], [-2.0, -0.5], [0.0, 0.0], [2.0, -0.5], [4.0, -3.0]])
    where = crew.places("curve", 5, spacing=1.4, curve=bend) * 1.4
    assert (np.linalg.norm(np.diff(where[[1, 2, 0, 3, 4]], axis=0), axis=1) <= 1.41).all()
    assert where[0].tolist() == [0, 0] and where[1, 0] < where[2, 0] < 0 < where[3, 0]
    with pytest.raises(OptionError, match="draw a longer one"):
        crew.places("curve", 20, spacing=1.4, curve=bend)
    with pytest.raises(OptionError, match="choose a curve"):
        crew.places("curve", 3)


def test_what_was_widened_is_told():
    calm = crew.make_crew(dance(wander=0.1), BEATS, 3, spacing=1.6)
    assert not calm.widened and calm.spacing == calm.asked == 1.6
    near = crew.make_crew(dance(), BEATS, 3, spacing=0.5)
    assert near.widened and near.spacing > near.asked == 0.5
    assert gaps(near.dances) >= crew.CLEARANCE


def test_the_first_dancer_dances_where_and_as_alone():
    alone = dance(heading=0.8)
    first = crew.make_crew(alone, BEATS, 3).dances[0]
    np.testing.assert_allclose(first.root, alone.root, atol=1e-9)
    np.testing.assert_allclose(first.joint_positions(), alone.joint_positions(), atol=1e-9)


def test_left_and_right_mirror_each_other():
    first, left, right = crew.make_crew(dance(wander=0.05), BEATS, 3).dances
    elbows = [
        (m.joint_positions() - m.root[:, None])[:, INDEX[name]]
        for m, name in ((left, "left_elbow"), (right, "right_elbow"))
    ]
    np.testing.assert_allclose(elbows[0] * [-1, 1, 1], elbows[1], atol=1e-6)
    np.testing.assert_allclose(left.rotations, first.rotations, atol=1e-9)


def test_without_mirror_all_dance_the_same_to_the_last_bit():
    first, *others = crew.make_crew(dance(), BEATS, 3, mirror=False).dances
    for other in others:
        np.testing.assert_allclose(other.rotations, first.rotations, atol=1e-12)
        np.testing.assert_allclose(np.ptp(other.root - first.root, axis=0), 0, atol=1e-12)


def test_a_canon_is_so_many_beats_late_also_where_the_tempo_changes():
    times = np.cumsum([0.1] + [0.5] * 6 + [0.7] * 10)
    beats = Beats(times, np.arange(len(times)) % 4 == 0, 100.0, 4, 1.0, "hand")
    motion = dance(wander=0.05)
    first, second = crew.make_crew(motion, beats, 2, canon_beats=2, mirror=False).dances
    elbow = INDEX["left_elbow"]
    a = (first.joint_positions() - first.root[:, None])[:, elbow]
    b = (second.joint_positions() - second.root[:, None])[:, elbow]
    # What the first does on beat i, the second does on beat i + 2.
    for i in range(2, len(times) - 2):
        if times[i + 2] > 7.9:
            break
        early = [np.interp(times[i], np.arange(len(a)) / FPS, column) for column in a.T]
        late = [np.interp(times[i + 2], np.arange(len(b)) / FPS, column) for column in b.T]
        np.testing.assert_allclose(early, late, atol=0.02)


def test_who_waits_stands_on_both_feet_without_sliding_and_nods():
    motion = dance(wander=0.0)
    made = crew.make_crew(motion, BEATS, 3, canon_beats=4, mirror=False, formation="line")
    last = made.dances[2]
    waiting = last.slice(0, round(3.4 * FPS))  # eight beats of half a second, less the ease
    feet = waiting.joint_positions()[:, FEET]
    assert np.ptp(feet, axis=0).max() < 2e-3
    assert (feet[..., 1] < 0.1).all()
    head = waiting.global_rotations()[:, INDEX["head"]]
    assert rot.angle(head[:1], head).max() > np.deg2rad(4)


def test_call_and_answer_take_turns_by_eight_counts():
    motion = in_place()
    made = crew.make_crew(motion, LONG, 2, answer=True, mirror=False, formation="line")
    wrist = INDEX["left_wrist"]

    def moved(who: Motion, phrase: int) -> float:
        # Of a phrase of 4 s the second in its middle: the ways in and out are not counted.
        inner = who.slice(round((4 * phrase + 1.5) * FPS), round((4 * phrase + 2.5) * FPS))
        hand = (inner.joint_positions() - inner.root[:, None])[:, wrist]
        return float(np.ptp(hand, axis=0).max())

    calls, answers = made.dances
    for phrase in range(5):
        busy, idle = (calls, answers) if phrase % 2 == 0 else (answers, calls)
        assert moved(busy, phrase) > 5 * moved(idle, phrase)
    # The answer is the call, eight beats later.
    call = calls.slice(round(9.0 * FPS), round(11.0 * FPS)).rotations[:, wrist - 2]
    answer = answers.slice(round(13.0 * FPS), round(15.0 * FPS)).rotations[:, wrist - 2]
    assert np.rad2deg(rot.angle(call, answer)).max() < 2.0
    for who in made.dances:
        assert planted_slide(who).speed_cm_s < 0.5


CHANGES = [crew.Change(10.0, "line"), crew.Change(19.0, "circle")]


def test_formations_change_on_the_beat_without_collisions_and_without_foot_slide():
    made = crew.make_crew(in_place(), LONG, 5, changes=CHANGES, mirror=False, spacing=1.6)
    assert gaps(made.dances) >= crew.CLEARANCE
    for leave, arrive in made.walking:
        assert min(abs(LONG.times - leave)) < 1e-6 and min(abs(LONG.times - arrive)) < 1e-6
    assert [arrive for _, arrive in made.walking] == [10.0, 19.0]
    # Before, between and after they stand in the formation, whoever has which place.
    for second, formation in ((1.0, "v"), (11.0, "line"), (21.0, "circle")):
        here = standing(made.dances, second)
        wanted = made.spacing * crew.places(formation, 5)
        apart = np.linalg.norm(here[:, None] - wanted[None], axis=2)
        assert apart.min(axis=1).max() < 0.12 and len(set(apart.argmin(axis=1))) == 5
    for who in made.dances:
        assert planted_slide(who).speed_cm_s < 0.5
        # Feet that stand in place take steps there: low and level they hardly glide.
        assert foot_slide(who).speed_cm_s < 6.0
    walked = made.dances[1].slice(round(6 * FPS), round(10 * FPS))
    assert walked.joint_positions()[:, FEET, 1].max() > 0.1


@pytest.mark.parametrize("pair", [*itertools.permutations(crew.FORMATIONS[:-1], 2)])
def test_paths_keep_apart_from_any_formation_to_any_other(pair):
    from audio2pose_core.generate.crew.moves import nearest_ways, plan_moves

    for count in (2, 5, 8, 13, 24):
        now, after = (crew.places(f, count) for f in pair)
        change = crew.Change(60.0, pair[1])
        moves = plan_moves(now, [change], [after], even_grid(90, 120), 90.0, 1.4)
        assert nearest_ways(moves) > 0.65


def test_a_formation_that_comes_too_soon_is_refused():
    soon = [crew.Change(10.0, "line"), crew.Change(10.6, "circle")]
    with pytest.raises(OptionError, match="too soon"):
        crew.make_crew(in_place(), LONG, 5, changes=soon)


def test_changes_are_read_from_text():
    assert crew.parse_changes("10:line,19:circle") == CHANGES
    with pytest.raises(OptionError, match="seconds:formation"):
        crew.parse_changes("soon:line")
    with pytest.raises(OptionError, match="no formation"):
        crew.parse_changes("3:star")


def test_the_assignment_is_the_cheapest_of_all():
    from audio2pose_core.generate.crew.assignment import assign

    random = np.random.default_rng(4)
    for size in (1, 2, 5):
        cost = random.random((size, size))
        best = min(
            itertools.permutations(range(size)), key=lambda p: cost[np.arange(size), p].sum()
        )
        np.testing.assert_array_equal(assign(cost), best)


def test_own_dances_face_the_front_together():
    made = crew.own_dances([dance(heading=h) for h in (0.0, -2.0, 1.0)], BEATS)
    for one in made.dances:
        assert abs(crew.main_heading(one)) < 1e-6
    assert gaps(made.dances) >= crew.CLEARANCE


def test_a_crowd_of_two_hundred_has_room():
    where = crew.crowd_places(200)
    gap = np.linalg.norm(where[:, None] - where[None], axis=2) + 9 * np.eye(200)
    assert gap.min() > 0.7 and np.ptp(where[:, 0]) > 1.5 * np.ptp(where[:, 1])
    with pytest.raises(OptionError, match="1 to 200"):
        crew.crowd_places(201)


@pytest.mark.parametrize(
    ("count", "more", "said"),
    [
        (0, {}, "1 to"),
        (99, {}, "1 to"),
        (3, {"canon_beats": -1.0}, "canon"),
        (3, {"canon_beats": 1.0, "answer": True}, "either"),
        (3, {"spacing": 0.0}, "spacing"),
        (3, {"formation": "star"}, "line"),
        (3, {"changes": [crew.Change(99.0, "line")]}, "outside the dance"),
    ],
)
def test_mistakes_are_told(count, more, said):
    with pytest.raises(OptionError, match=said):
        crew.make_crew(dance(1.0), BEATS, count, **more)


def test_dances_made_together_are_those_made_alone(default_model, monkeypatch):
    samples, _ = compose(seconds=12.0, bpm=110)
    song, model = audio_from_samples(samples, 44100, "demo"), load_model(default_model)
    passes, run = [], DanceModel.run

    def counted(self, **given):
        passes.append(len(given["x"]))
        return run(self, **given)

    monkeypatch.setattr(DanceModel, "run", counted)
    parts = [("house", 1), ("salsa", 2), ("house", 3)]
    together = crew.generate_dances(song, parts, model)
    # A guided pass is one of twice the size.
    assert max(passes) in (3, 6) and len(passes) < 3 * 12
    for (style, seed), one in zip(parts, together, strict=True):
        alone = generate_dance(song, style=style, seed=seed, model=model)
        np.testing.assert_allclose(one.motion.root, alone.motion.root, atol=2e-3)
        assert (one.style, one.seed) == (style, seed)


def test_one_dance_that_cannot_be_made_ends_them_all(default_model):
    samples, _ = compose(seconds=8.0, bpm=110)
    song, model = audio_from_samples(samples, 44100, "demo"), load_model(default_model)
    with pytest.raises(OptionError, match="tapdance"):
        crew.generate_dances(song, [("house", 1), ("tapdance", 2)], model)
    with pytest.raises(Cancelled):
        crew.generate_dances(song, [("house", 1), ("house", 2)], model, cancelled=lambda: True)
