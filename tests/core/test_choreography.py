"""Plans: made from what is heard, read and written, and obeyed field by field."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from audio2pose_core import representation as rep
from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import SAMPLE_RATE, audio_from_samples
from audio2pose_core.choreography import (
    Choreography,
    Front,
    HandSpan,
    Held,
    Path as FloorPath,
    Phrase,
    choreograph,
    load_plan,
    save_plan,
)
from audio2pose_core.choreography.plan import as_record, parse_front, parse_path, parse_plan
from audio2pose_core.choreography.planner import bar_lines
from audio2pose_core.cleanup import MotionConstraint
from audio2pose_core.cleanup.cycle import repeat
from audio2pose_core.errors import DataError, OptionError
from audio2pose_core.formats import load_motion, save_npz
from audio2pose_core.generate import DanceModel, generate_dance, load_model
from audio2pose_core.generate.dial_report import floor_report
from audio2pose_core.generate.front import face_front
from audio2pose_core.generate.hands import looped_hands
from audio2pose_core.generate.holds import held_times
from audio2pose_core.generate.planned import returning
from audio2pose_core.generate.stage import follow_path, stay_in_place
from audio2pose_core.json_fields import Fields
from audio2pose_core.metrics import planted_slide
from audio2pose_core.metrics.facing import facing, heading
from audio2pose_core.metrics.motion_beats import mean_joint_speed
from audio2pose_core.motion import HAND_SHAPES, Motion, rest_motion
from audio2pose_core.signals import gaussian_smooth

BPM = 120.0
SECONDS = 24.0


@dataclass(frozen=True)
class Part:
    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Happening:
    time: float
    kind: str


@pytest.fixture(scope="module")
def heard():
    samples, beats = compose(SECONDS, BPM, sample_rate=SAMPLE_RATE)
    audio = audio_from_samples(samples, SAMPLE_RATE, "ours")
    return audio, beats, analyse(audio, 30.0)[1]


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return load_model(threads=1)


@pytest.fixture(scope="module")
def plan(heard) -> Choreography:
    audio, beats, features = heard
    return choreograph(beats, features, audio.seconds, "salsa", 1)


def dance(heard, model, plan, **options) -> Motion:
    audio, beats, _ = heard
    settings = {"style": "salsa", "seed": 3, "model": model, "beats": beats} | options
    return generate_dance(audio, plan=plan, **settings).motion


@pytest.fixture(scope="module")
def bare(plan) -> Choreography:
    """Nothing but phrases: no return, no opening and ending, no front."""
    free = {"returns_to": None, "mirrored": False, "energy": 0.0}
    whole = [p for p in plan.phrases if p.bars > 1]
    halves = [p for p in plan.phrases if p.bars == 1]
    for begun, left in zip(halves[::2], halves[1::2], strict=False):
        whole.append(replace(begun, end=left.end, bars=2, counts=begun.counts + left.counts))
    phrases = [replace(p, **free) for p in sorted(whole, key=lambda p: p.start)]
    return replace(plan, phrases=phrases, front=Front("free"), opening_s=0.0, ending_s=0.0)


# --- the planner ---


def test_phrases_are_eight_counts_on_the_bars_and_cover_the_song(heard, plan):
    audio, beats, _ = heard
    lines = bar_lines(beats, audio.seconds)
    assert all(np.abs(lines - p.start).min() < 1e-3 for p in plan.phrases)
    assert {p.counts for p in plan.phrases[:-1] if p.bars == 2} == {8}
    assert {p.counts for p in plan.phrases[:-1] if p.bars == 1} == {4}
    assert plan.phrases[0].start == 0.0 and plan.phrases[-1].end == pytest.approx(audio.seconds)
    assert all(a.end == b.start for a, b in zip(plan.phrases, plan.phrases[1:], strict=False))


def test_a_section_that_comes_back_brings_its_dance(heard):
    audio, beats, features = heard
    lines = bar_lines(beats, audio.seconds)
    sections = [Part(0, lines[4], "A"), Part(lines[4], lines[8], "B"), Part(lines[8], 24, "A")]
    plan = choreograph(beats, features, audio.seconds, "salsa", 1, sections=sections)
    by_section = [p.section for p in plan.phrases]
    assert by_section == ["A"] * 2 + ["B"] * 2 + ["A"] * 2
    first, again = plan.phrases[0], plan.phrases[4]
    assert first.returns_to is None and again.returns_to == 0 and not again.mirrored


def test_a_move_comes_three_times_and_is_begun_once_more_before_it_gives_way():
    samples, beats = compose(36.0, 120.0, sample_rate=SAMPLE_RATE)
    _, features = analyse(audio_from_samples(samples, SAMPLE_RATE, "song"), 30.0)
    plan = choreograph(beats, features, 36.0, "house", 1)
    told = [(p.bars, p.returns_to) for p in plan.phrases[:10]]
    assert told[:5] == [(2, None), (2, 0), (2, 0), (1, 0), (1, None)]
    assert told[5:] == [(2, None), (2, 5), (2, 5), (1, 5), (1, None)]
    assert not plan.phrases[2].mirrored and not plan.phrases[3].mirrored
    # What is begun once more is the beginning, at its own pace.
    begun = next(r for r in returning(plan, beats) if r.times[0] == plan.phrases[3].start)
    assert np.allclose(begun.times - begun.times[0], begun.earlier - begun.earlier[0], atol=1e-3)


def test_a_section_that_comes_back_brings_both_halves_of_its_way_out():
    samples, beats = compose(40.0, 120.0, sample_rate=SAMPLE_RATE)
    _, features = analyse(audio_from_samples(samples, SAMPLE_RATE, "song"), 30.0)
    lines = bar_lines(beats, 40.0)
    sections = [Part(0, lines[8], "A"), Part(lines[8], lines[10], "B"), Part(lines[10], 40, "A")]
    plan = choreograph(beats, features, 40.0, "house", 1, sections=sections)
    assert [p.returns_to for p in plan.phrases[6:11]] == [0, 0, 0, 3, 4]


def test_a_break_becomes_a_held_pose(heard):
    audio, beats, features = heard
    events = [Happening(9.0, "break"), Happening(12.0, "drop")]
    plan = choreograph(beats, features, audio.seconds, "salsa", 1, events=events)
    assert [h.time for h in plan.holds] == [9.0]


@pytest.mark.parametrize("metre", [2, 3, 4])
def test_every_metre_has_phrases_of_two_bars(metre):
    samples, beats = compose(20.0, BPM, metre, sample_rate=SAMPLE_RATE)
    audio = audio_from_samples(samples, SAMPLE_RATE, "ours")
    plan = choreograph(beats, analyse(audio, 30.0)[1], audio.seconds, "salsa")
    assert max(p.counts for p in plan.phrases) == (4 if metre == 2 else 2) * metre


def test_the_same_seed_gives_the_same_plan_and_another_one_another(heard):
    audio, beats, features = heard
    plans = [
        choreograph(beats, features, audio.seconds, "salsa", seed) for seed in (1, *range(1, 40))
    ]
    assert plans[0] == plans[1]
    assert len({tuple(p.mirrored for p in plan.phrases) for plan in plans}) > 1


# --- the file ---


def test_a_plan_comes_back_from_its_file(plan, tmp_path):
    whole = replace(
        plan,
        front=Front("curve", [0.0, 90.0], [0.0, 4.0]),
        path=FloorPath([[0.0, 0.0], [1.0, 0.5]], [0.0, 8.0]),
        holds=[Held(3.0, 0.5)],
        hands=[HandSpan(1.0, 4.0, "fist", "left", "accents"), HandSpan(5.0, 6.0, "open")],
    )
    save_plan(whole, tmp_path / "plan.json")
    assert as_record(load_plan(tmp_path / "plan.json")) == json.loads(json.dumps(as_record(whole)))


def test_a_plan_from_before_hands_still_loads(plan):
    record = json.loads(json.dumps(as_record(plan)))
    del record["hands"]
    assert parse_plan(record).hands == []


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("format", 9, "format"),
        ("seconds", "long", "'seconds'"),
        ("seconds", float("nan"), "'seconds'"),
        ("phrases", {}, "'phrases'"),
        ("phrases", [3], "phrase 0"),
        ("seed", -1, "'seed'"),
        ("front", {"kind": "sideways"}, "front"),
        ("front", {"kind": "curve", "times": [1, 0], "degrees": [0, 0]}, "rise"),
        ("path", {"points": []}, "path"),
        ("path", {"points": [[0, 0], [1, 1]], "times": [0]}, "as many times"),
        ("holds", [{"time": -1, "seconds": 1}], "hold 0"),
        ("downbeat", 1e9, "'downbeat'"),
        ("hands", [{"start": 2, "end": 1, "shape": "fist"}], "hands 0"),
        ("hands", [{"start": 0, "end": 1, "shape": "claw"}], "shape 'claw'"),
        ("hands", [{"start": 0, "end": 1, "shape": "fist", "side": "up"}], "side 'up'"),
        ("hands", [{"start": 0, "end": 1, "shape": "fist", "when": "never"}], "when 'never'"),
    ],
)
def test_a_wrong_field_is_named(plan, field, value, told):
    record = json.loads(json.dumps(as_record(plan))) | {field: value}
    with pytest.raises(DataError, match=told):
        parse_plan(record)


@pytest.mark.parametrize(
    ("field", "value"),
    [("start", 99.0), ("end", 0.0), ("energy", 7.0), ("literal", 2.0), ("returns_to", 3)],
)
def test_a_wrong_field_of_a_phrase_is_named(plan, field, value):
    record = json.loads(json.dumps(as_record(plan)))
    record["phrases"][1][field] = value
    with pytest.raises(DataError, match="phrase"):
        parse_plan(record)


def test_what_is_no_plan_is_refused_in_one_line(tmp_path):
    for text in ("", "[]", "{", "[" * 100_000, '{"format": 1}'):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(DataError) as caught:
            load_plan(tmp_path / "plan.json")
        assert "\n" not in str(caught.value) and "plan.json" in str(caught.value)


def test_a_style_that_the_model_does_not_know_names_its_phrase(heard, model, bare):
    phrases = [*bare.phrases]
    phrases[2] = replace(phrases[2], style={"polka": 1.0})
    with pytest.raises(OptionError, match=r"phrase 2.*polka"):
        dance(heard, model, replace(bare, phrases=phrases))


# --- obeyed: phrases ---


def poses(motion: Motion, phrase: Phrase) -> np.ndarray:
    """Pose features of the middle of a phrase."""
    first, last = round((phrase.start + 0.5) * 30), round((phrase.end - 0.5) * 30)
    return rep.encode(motion)[0][first:last, rep.POSE]


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_phrase_returns_and_returns_mirrored(heard, model, bare, mirrored):
    phrases = [*bare.phrases]
    phrases[3] = replace(phrases[3], returns_to=1, mirrored=mirrored)
    motion = dance(heard, model, replace(bare, phrases=phrases))
    source, back = poses(motion, phrases[1]), poses(motion, phrases[3])
    full = np.zeros((len(source), rep.WIDTH))
    full[:, rep.POSE] = source
    image = rep.mirror(full)[:, rep.POSE] if mirrored else source
    other = poses(motion, phrases[2])
    assert np.abs(back - image).mean() < 0.4 * np.abs(back - other).mean()


def test_how_literally_a_phrase_returns(heard, model, bare):
    gaps = []
    for literal in (0.9, 0.5, 0.0):
        phrases = [*bare.phrases]
        phrases[3] = replace(phrases[3], returns_to=1, literal=literal)
        motion = dance(heard, model, replace(bare, phrases=phrases))
        gaps.append(np.abs(poses(motion, phrases[3]) - poses(motion, phrases[1])).mean())
    assert gaps[0] < 0.8 * gaps[1] < 0.8 * gaps[2]


def test_energy_by_phrase(heard, model, bare):
    calm = [replace(p, energy=-2.0 if p.start < 12 else 2.0) for p in bare.phrases]
    motion = dance(heard, model, replace(bare, phrases=calm))
    speed = mean_joint_speed(motion)
    assert speed[390:690].mean() > 1.25 * speed[30:330].mean()


def test_style_by_phrase(heard, model, bare):
    """Each half is nearer to a whole dance in its own style than to the other's."""
    halves = [
        replace(p, style={"salsa": 1.0} if p.start < 12 else {"break": 1.0}) for p in bare.phrases
    ]
    mixed = rep.encode(dance(heard, model, replace(bare, phrases=halves)))[0][:, rep.POSE]

    def usual(style: str) -> np.ndarray:
        """The mean pose of a whole dance in a style: break dances low, salsa upright."""
        phrases = [replace(p, style={style: 1.0}) for p in halves]
        return rep.encode(dance(heard, model, replace(bare, phrases=phrases)))[0][:, rep.POSE]

    salsa, breaking = usual("salsa"), usual("break")
    for part, own, other in (
        (slice(30, 300), salsa, breaking),
        (slice(420, 690), breaking, salsa),
    ):
        mine = mixed[part].mean(axis=0)
        near, far = (np.linalg.norm(mine - one[part].mean(axis=0)) for one in (own, other))
        assert near < 0.85 * far


# --- obeyed: opening, ending, holds ---


def test_a_dance_comes_out_of_a_pose_and_ends_in_one(heard, model, bare):
    motion = dance(heard, model, replace(bare, opening_s=1.2, ending_s=1.2))
    speed = mean_joint_speed(motion)
    edge = round(0.7 * 30)
    assert speed[:edge].mean() < 0.4 * speed.mean()
    assert speed[-edge:].mean() < 0.4 * speed.mean()


def test_a_pose_is_held_where_and_as_long_as_it_says(heard, model, bare):
    motion = dance(heard, model, replace(bare, holds=[Held(10.0, 1.0)]))
    free = dance(heard, model, bare)
    still = mean_joint_speed(motion)[303:327].mean()
    assert still < 0.25 * mean_joint_speed(free)[303:327].mean()
    assert len(motion) == len(free)


def test_hands_do_what_the_plan_says_and_when(heard, model, bare):
    fist, opened = HAND_SHAPES.index("fist"), HAND_SHAPES.index("open")
    asked = replace(
        bare,
        holds=[Held(10.0, 1.0)],
        hands=[
            HandSpan(2.0, 4.0, "fist", "left"),
            HandSpan(5.0, 8.0, "open", when="accents"),
            HandSpan(9.0, 13.0, "point", "right", when="holds"),
        ],
    )
    made = generate_dance(heard[0], model=model, plan=asked, seed=1)
    hands = made.motion.hands
    at = np.arange(len(hands)) / made.motion.fps
    own = (at > 2.3) & (at < 3.7)
    assert hands[own, 0, fist].min() > 0.99 and hands[own, 1].max() < 0.01
    hits = [t for t in made.report["accents"] if 5.1 < t < 7.6]
    assert hits
    for hit in hits:
        assert hands[round((hit + 0.1) * made.motion.fps), :, opened].min() > 0.9
    between = (at > 5.0) & (at < 8.0)
    assert hands[between, 0, opened].mean() < 0.95
    held = (at > 10.2) & (at < 10.8)
    assert hands[held, 1, HAND_SHAPES.index("point")].min() > 0.99
    assert hands[(at > 11.5) & (at < 12.5)].max() < 0.01
    assert hands[:, 0, HAND_SHAPES.index("point")].max() < 0.01
    assert generate_dance(heard[0], model=model, plan=bare, seed=1).motion.hands is None


def test_a_region_that_is_danced_again_leaves_the_hands_around_it(heard, model, bare):
    fist, opened = HAND_SHAPES.index("fist"), HAND_SHAPES.index("open")
    before = replace(bare, hands=[HandSpan(0.0, 24.0, "fist")])
    first = generate_dance(heard[0], model=model, plan=before, seed=1).motion
    mask = np.ones((len(first), 25), dtype=bool)
    start, stop = round(8.0 * first.fps), round(12.0 * first.fps)
    mask[start:stop] = False
    again = generate_dance(
        heard[0], model=model, plan=replace(bare, hands=[HandSpan(0.0, 24.0, "open")]), seed=2,
        constraint=MotionConstraint(first, mask),
    ).motion  # fmt: skip
    assert again.hands[: start - 1, :, fist].min() > 0.99
    assert again.hands[start + 2 : stop - 2, :, opened].min() > 0.99


def test_hands_go_along_with_the_motion(tmp_path):
    hands = np.zeros((60, 2, 4))
    hands[:, 0, 2] = np.linspace(0, 1, 60)
    motion = rest_motion(60, 30.0).with_hands(hands)
    save_npz(tmp_path / "dance.npz", motion)
    np.testing.assert_allclose(load_motion(tmp_path / "dance.npz").hands, hands, atol=1e-6)
    assert motion.mirrored().hands[59, 1, 2] == 1.0
    assert motion.slice(30, 40).hands.shape == (10, 2, 4)
    np.testing.assert_allclose(motion.resample(60.0).hands[2], hands[1])
    np.testing.assert_allclose(repeat(motion, 2).hands[60:], hands)


def test_hands_of_a_loop_go_over_its_seam():
    hands = np.zeros((300, 2, 4))
    hands[120:180, 0, HAND_SHAPES.index("fist")] = 1.0
    base = rest_motion(300, 30.0).with_hands(hands)
    around = looped_hands(rest_motion(60, 30.0), base, 3.0).hands[:, 0, HAND_SHAPES.index("fist")]
    assert around[:28].max() < 0.6 and around[40:54].min() > 0.99
    # From a fist at its end to none at its beginning, not at once.
    steps = np.abs(np.diff(np.append(around, around[0])))
    assert 0.3 < around[0] < 0.7 and steps.max() < 0.25
    assert looped_hands(rest_motion(60, 30.0), rest_motion(300, 30.0), 3.0).hands is None


def test_time_lost_in_a_hold_is_made_up():
    times = held_times(900, 30.0, [Held(10.0, 1.0)], 0.0, 0.0)
    clock = np.arange(900) / 30
    assert (np.diff(times) >= -1e-9).all() and np.diff(times).max() * 30 < 1.3
    assert np.ptp(times[303:328]) < 0.05, "it stands"
    assert np.abs((times - clock)[-90:]).max() < 0.05, "it has caught up"
    assert np.abs((times - clock)[:285]).max() < 1e-6, "nothing happens before"


# --- obeyed: front and path ---


def turning(frames: int = 1800, rate: float = 0.25) -> np.ndarray:
    """Features of a figure that turns slowly all the time, stepping."""
    out = np.zeros((frames, rep.WIDTH))
    out[:, rep.HEIGHT] = 0.9
    out[:, rep.TURN] = rate
    out[:, rep.POSE] = np.tile([1.0, 0, 0, 0, 1.0, 0], 24)
    step = (np.arange(frames) // 12) % 2 == 0
    out[:, rep.CONTACTS] = np.where(step[:, None], [1.0, 1, 0, 0], [0.0, 0, 1, 1])
    return out


def test_a_dance_that_turns_away_is_led_back():
    raw = turning()
    assert facing(rep.decode(raw, 30.0), 0.0).share < 0.5
    led, start = face_front(raw, 30.0, Front())
    faces = facing(rep.decode(led, 30.0, rep.Place(heading=start)), 0.0)
    assert faces.share > 0.85 and faces.longest_away_s <= 6.0


def test_a_spin_stays_a_spin():
    raw = turning(rate=0.0)
    raw[600:660, rep.TURN] = 2 * np.pi / 2.0  # once around in two seconds
    led, start = face_front(raw, 30.0, Front())
    turned = np.unwrap(heading(rep.decode(led, 30.0, rep.Place(heading=start))))
    assert turned[720] - turned[570] == pytest.approx(2 * np.pi, abs=0.6)


@pytest.mark.parametrize("degrees", [0.0, 90.0, -135.0])
def test_the_front_is_where_the_plan_says(heard, model, bare, degrees):
    motion = dance(heard, model, replace(bare, front=Front("heading", [degrees])))
    faces = facing(motion, np.deg2rad(degrees))
    assert faces.share > 0.7 and faces.longest_away_s <= 6.0


def test_a_front_that_moves_is_followed(heard, model, bare):
    front = Front("curve", [0.0, 0.0, 180.0, 180.0], [0.0, 8.0, 14.0, 24.0])
    motion = dance(heard, model, replace(bare, front=front))
    angle = np.deg2rad(np.interp(np.arange(len(motion)) / 30, front.times, front.degrees))
    assert facing(motion, angle).share > 0.7


def test_a_free_front_changes_nothing():
    raw = turning()
    led, start = face_front(raw, 30.0, Front("free"))
    assert np.array_equal(led, raw) and start == 0.0


def test_a_front_that_is_free_for_a_while_is_led_back_afterwards():
    raw = turning()
    led, _ = face_front(raw, 30.0, Front(free=[[4.0, 10.0]]))
    free = slice(150, 270)  # the correction is smooth, so it fades at the ends
    assert np.allclose(led[free], raw[free], atol=1e-6)
    assert not np.allclose(led[310:], raw[310:], atol=1e-3)
    whole = face_front(raw, 30.0, Front(free=[[0.0, 1e6]]))[0]
    assert np.allclose(whole, raw)


@pytest.mark.parametrize("free", [[[3.0, 2.0]], [[1.0]], [["a", 2.0]], 3])
def test_wrong_spans_of_a_free_front_are_refused(free):
    with pytest.raises(DataError, match="free"):
        parse_front(Fields({"free": free}, "front"))


def test_waypoints_are_met_and_feet_do_not_slide_more(heard, model, bare):
    path = FloorPath([[0.0, 0.0], [1.5, 0.0], [1.5, 1.5], [0.0, 0.0]], [0.0, 8.0, 16.0, 23.0])
    motion = dance(heard, model, replace(bare, path=path))
    for point, time in zip(path.points, path.times, strict=True):
        at = motion.root[round(time * 30), [0, 2]]
        assert np.linalg.norm(at - point) < 0.05, time
    assert planted_slide(motion).speed_cm_s < 1.0


def test_in_place_is_a_path_of_one_point(heard, model, bare):
    motion = dance(heard, model, replace(bare, path=FloorPath([[0.5, -0.5]])))
    away = np.linalg.norm(motion.root[:, [0, 2]] - [0.5, -0.5], axis=1)
    free = dance(heard, model, bare)
    wanders = np.linalg.norm(free.root[:, [0, 2]] - free.root[:, [0, 2]].mean(axis=0), axis=1)
    assert away.mean() < wanders.mean() + 0.1 and away.max() < 0.8


def test_it_stays_in_place_for_a_while_and_goes_on_from_there():
    t = np.arange(900) / 30.0
    root = np.stack([0.1 * t, np.ones(900), 0.05 * np.sin(2 * np.pi * 2 * t)], axis=1)
    led = stay_in_place(root, 30.0, [[8.0, 16.0]])
    assert np.allclose(led[:180], root[:180], atol=0.01)
    stands = led[270:450, 0]
    assert np.ptp(stands) < 0.02, "two metres in twenty seconds otherwise"
    speed = np.diff(led[540:840, 0]) * 30
    assert speed == pytest.approx(0.1, abs=0.02)
    assert np.abs(np.diff(led[:, 0])).max() * 30 < 0.15, "it never jumps"
    # Steps and sways stay.
    assert np.allclose(led[:, 2] - root[:, 2], 0.0, atol=0.01)


def test_a_plan_that_stays_in_place_is_danced_so(heard, model, bare):
    path = FloorPath(stays=[[8.0, 20.0]])
    motion = dance(heard, model, replace(bare, path=path))
    part = motion.root[270:570, [0, 2]]
    away = np.linalg.norm(part - part.mean(axis=0), axis=1)
    # Steps and sways stay, as in place throughout.
    assert np.median(away) < 0.3 and away.max() < 0.8
    slow = [
        np.ptp(gaussian_smooth(one.root[:, [0, 2]], 45.0)[300:540], axis=0).max()
        for one in (motion, dance(heard, model, bare))
    ]
    assert slow[0] < 0.25 and slow[0] < slow[1]
    (line,) = [
        one for one in floor_report(replace(bare, path=path), motion) if one["dial"] == "path"
    ]
    assert line["danced"] == pytest.approx(100 * np.median(away), abs=5.0)
    assert parse_path(Fields({"stays": [[8.0, 20.0]]}, "path")).stays == [[8.0, 20.0]]
    with pytest.raises(DataError, match="stays"):
        parse_path(Fields({"points": [[0, 0]], "stays": [[8.0, 20.0]]}, "path"))


def test_a_path_that_is_too_fast_is_refused():
    root = np.zeros((300, 3))
    with pytest.raises(OptionError, match="m/s"):
        follow_path(root, 30.0, FloorPath([[0, 0], [30, 0]], [0.0, 5.0]))


# --- the default, and the command line ---


def test_a_dance_is_planned_unless_it_shall_not_be(heard, model):
    audio, beats, _ = heard
    settings = {"style": "salsa", "seed": 3, "model": model, "beats": beats}
    planned = generate_dance(audio, **settings)
    free = generate_dance(audio, plan=None, **settings)
    assert planned.report["plan"]["phrases"] and "plan" not in free.report
    again = generate_dance(audio, **settings)
    assert np.array_equal(planned.motion.rotations, again.motion.rotations)
    shown = facing(planned.motion).share
    assert shown > 0.7 and shown >= facing(free.motion).share - 0.05


def test_the_command_makes_a_plan_that_generate_obeys(cli, song, tmp_path):
    made = cli("choreograph", song, "-o", tmp_path / "plan.json", "--style", "salsa")
    assert made.status == 0, made.err
    record = json.loads((tmp_path / "plan.json").read_text())
    record["front"] = {"kind": "heading", "degrees": [90.0]}
    (tmp_path / "plan.json").write_text(json.dumps(record))
    words = ["generate", song, "--style", "salsa", "-o", tmp_path / "dance.npz"]
    done = cli(*words, "--plan", tmp_path / "plan.json")
    assert done.status == 0, done.err
    from audio2pose_core.formats import load_motion

    turned = heading(load_motion(tmp_path / "dance.npz"))
    assert np.abs(np.angle(np.exp(1j * (turned - np.pi / 2)))).mean() < 1.2


def test_the_plan_of_a_song_can_be_looked_at(cli, song, tmp_path):
    pytest.importorskip("matplotlib")
    done = cli("choreograph", song, "-o", tmp_path / "plan.json", "--plot", tmp_path / "plan.png")
    assert done.status == 0, done.err
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


def test_features_mirror_as_motions_do(heard, model, bare):
    motion = dance(heard, model, bare)
    ours = rep.mirror(rep.encode(motion)[0])
    theirs = rep.encode(motion.mirrored())[0]
    assert np.abs(ours - theirs).max() < 1e-6


def test_an_audio_without_a_pulse_is_planned_too(model):
    noise = np.random.default_rng(0).normal(0, 0.1, 22050 * 6).astype(np.float32)
    song = audio_from_samples(noise, 22050, "noise")
    made = generate_dance(song, style="salsa", model=model)
    assert len(made.motion) == 180 and np.isfinite(made.motion.root).all()
