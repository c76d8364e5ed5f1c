"""A crew: mirrored, in canon, in formation, and nobody walks through anybody."""

from __future__ import annotations

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import Beats, even_grid
from audio2pose_core.errors import OptionError
from audio2pose_core.generate import crew
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


def gaps(dances: list[Motion]) -> float:
    """The least distance of any joint of one to any joint of another, brute force."""
    places = [d.joint_positions() for d in dances]
    return min(
        float(np.linalg.norm(a[:, :, None] - b[:, None], axis=-1).min())
        for i, a in enumerate(places)
        for b in places[i + 1 :]
    )


BEATS = even_grid(8.0, 120.0)


@pytest.mark.parametrize(
    ("count", "canon", "formation"), [(2, 0.0, "v"), (3, 0.0, "line"), (4, 1.0, "v")]
)
def test_nobody_walks_through_anybody(count, canon, formation):
    made = crew.make_crew(dance(), BEATS, count, canon_beats=canon, formation=formation)
    assert len(made) == count
    assert {(len(m), m.fps) for m in made} == {(240, FPS)}
    assert gaps(made) >= crew.CLEARANCE


def test_dancers_who_run_far_get_more_room():
    def width(wander: float) -> float:
        made = crew.make_crew(dance(wander=wander), BEATS, 3, canon_beats=4, formation="line")
        assert gaps(made) >= crew.CLEARANCE
        return float(np.linalg.norm((made[1].root - made[2].root)[0]))

    assert width(0.1) == pytest.approx(2.8)
    assert width(1.5) > 3.2


def test_the_first_dancer_of_an_odd_crew_dances_where_and_as_alone():
    alone = dance(heading=0.8)
    first = crew.make_crew(alone, BEATS, 3)[0]
    np.testing.assert_allclose(first.root, alone.root, atol=1e-9)
    np.testing.assert_allclose(first.joint_positions(), alone.joint_positions(), atol=1e-9)


@pytest.mark.parametrize("heading", [0.0, 1.1, 3.0])
def test_left_and_right_are_each_others_mirror_image_about_the_lead(heading):
    first, left, right = crew.make_crew(dance(heading=heading), BEATS, 3)
    facing = crew.main_heading(first)
    at = -first.root[0] * np.array([1.0, 0.0, 1.0])
    sides = [m.turned(0.0, at).turned(-facing) for m in (left, right)]
    np.testing.assert_allclose(
        sides[0].mirrored().joint_positions(), sides[1].joint_positions(), atol=1e-9
    )
    assert sides[0].root[0, 0] > 1.0 and sides[1].root[0, 0] < -1.0
    # The V opens to the back, and all face the front.
    assert sides[0].root[0, 2] < -0.5
    for one in (left, right):
        turn = np.angle(np.exp(1j * (crew.main_heading(one) - facing)))
        assert abs(turn) < 0.3


def test_without_mirror_all_dance_the_same():
    first, *others = crew.make_crew(dance(), BEATS, 3, mirror=False)
    for other in others:
        np.testing.assert_allclose(other.rotations, first.rotations, atol=1e-12)


def test_a_canon_is_so_many_beats_late_also_where_the_tempo_changes():
    times = np.cumsum([0.1] + [0.5] * 6 + [0.7] * 10)
    beats = Beats(times, np.arange(len(times)) % 4 == 0, 100.0, 4, 1.0, "hand")
    motion = dance(wander=0.05)
    first, second = crew.make_crew(motion, beats, 2, canon_beats=2, mirror=False)
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
    motion = dance()
    made = crew.make_crew(motion, BEATS, 3, canon_beats=4, mirror=False, formation="line")
    last = made[2]
    waiting = last.slice(0, round(3.4 * FPS))  # eight beats of half a second, less the ease
    feet = waiting.joint_positions()[:, FEET]
    assert np.ptp(feet, axis=0).max() < 1e-9
    assert (feet[..., 1] < 0.1).all()
    head = waiting.global_rotations()[:, INDEX["head"]]
    assert rot.angle(head[:1], head).max() > np.deg2rad(4)

    # It begins without a jerk: no more acceleration than the dance itself has.
    def roughest(m: Motion) -> float:
        return float(np.abs(np.diff(m.joint_positions(), 2, axis=0)).max())

    assert roughest(last) < 1.5 * roughest(motion)


def test_own_dances_face_the_front_together():
    made = crew.own_dances([dance(heading=0.5), dance(heading=-2.0), dance(heading=1.0)])
    headings = [crew.main_heading(m) for m in made]
    np.testing.assert_allclose(headings, headings[0], atol=1e-6)
    assert gaps(made) >= crew.CLEARANCE


@pytest.mark.parametrize(
    ("count", "more", "said"),
    [
        (0, {}, "1 to"),
        (99, {}, "1 to"),
        (3, {"canon_beats": -1.0}, "canon"),
        (3, {"spacing": 0.0}, "spacing"),
        (3, {"formation": "star"}, "line"),
    ],
)
def test_mistakes_are_told(count, more, said):
    with pytest.raises(OptionError, match=said):
        crew.make_crew(dance(1.0), BEATS, count, **more)


def test_dances_that_cannot_be_kept_apart_are_refused():
    def across(sign: float) -> Motion:
        still = rest_motion(60, FPS)
        root = still.root.copy()
        root[:, 0] += sign * np.linspace(0, 30, 60)
        return Motion(FPS, root, still.rotations)

    with pytest.raises(OptionError, match="cross each other"):
        crew.place_crew([across(-1.0), across(1.0)], formation="line")
