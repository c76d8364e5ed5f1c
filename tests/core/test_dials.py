"""Dials and directions: read, laid over a plan, obeyed by the dance, told in numbers."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.demo_song import beat_grid, compose
from audio2pose_core.audio.load import SAMPLE_RATE, audio_from_samples
from audio2pose_core.choreography.bank import COLUMNS, Bank
from audio2pose_core.choreography.dials import Dials, parse_dials
from audio2pose_core.choreography.direction import (
    DirectedEvent,
    DirectedSection,
    Direction,
    directed,
    parse_direction,
)
from audio2pose_core.choreography.plan import Choreography, Front, Held, Path, Phrase, parse_front
from audio2pose_core.choreography.planner import choreograph
from audio2pose_core.errors import DataError, ModelError, OptionError
from audio2pose_core.generate import generate_dance, load_model
from audio2pose_core.generate.dial_plan import dials_of_song
from audio2pose_core.generate.dial_report import told
from audio2pose_core.generate.dialled import dial_energy, resolved
from audio2pose_core.generate.phrase_channels import dials_of, phrase_channels, phrase_rows
from audio2pose_core.json_fields import Fields
from audio2pose_core.metrics.facing import heading
from audio2pose_core.metrics.limbs import leg_speeds
from audio2pose_core.metrics.motion_beats import mean_joint_speed

SECONDS = 24.0
FPS = 30.0


@pytest.fixture(scope="module")
def heard():
    samples, beats = compose(SECONDS, 120.0, sample_rate=SAMPLE_RATE)
    audio = audio_from_samples(samples, SAMPLE_RATE, "ours")
    return audio, beats, analyse(audio, FPS)[1]


@pytest.fixture(scope="module")
def model():
    return load_model(threads=1)


def rows(*speeds: float) -> np.ndarray:
    out = np.full((len(speeds), len(COLUMNS)), np.nan)
    for row, speed in zip(out, speeds, strict=True):
        for name, value in (("leg_speed", speed), ("arm_speed", 2 * speed), ("step_rate", speed)):
            row[COLUMNS.index(name)] = value
    return out


BANK = Bank({"house": rows(*np.linspace(0.4, 1.6, 25))})


def plan(**changes) -> Choreography:
    phrases = [
        Phrase(4.0 * k, 4.0 * k + 4.0, 2, 8, style={"house": 1.0}, returns_to=source)
        for k, source in enumerate((None, None, 0, 1, 0))
    ]
    return replace(Choreography(20.0, "house", 3, phrases), **changes)


def stepped(name: str, first: float, last: float, value: float, off: float | None) -> Dials:
    """A dial of ``value`` from ``first`` to ``last`` s and ``off`` elsewhere."""
    times = (first - 0.3, first, last, last + 0.3)
    return Dials(times, **{name: (off, value, value, off)})


# --- curves ---


def test_a_dial_is_a_line_and_open_where_it_asks_for_nothing():
    dials = Dials((0.0, 2.0, 4.0, 6.0), legs=(0.5, 1.0, None, 0.2))
    at = np.array([-1.0, 0.0, 1.0, 2.0, 2.9, 3.5, 4.5, 5.5, 9.0])
    curve = dials.curve("legs", at)
    assert curve[:4] == pytest.approx([0.5, 0.5, 0.75, 1.0])
    assert np.isnan(curve[[5, 6]]).all() and curve[-1] == pytest.approx(0.2)
    assert np.isnan(dials.curve("arms", at)).all()
    assert dials.mean("legs", 0.0, 2.0) == pytest.approx(0.75, abs=0.01)
    assert np.isnan(dials.mean("legs", 3.0, 5.0)), "most of it is open"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"times": [0, 1], "legs": [1]}, "'legs' has a value"),
        ({"times": [1, 0], "legs": [1, 1]}, "rise"),
        ({"times": [0], "arms": [9]}, "arms"),
        ({"times": [0], "energy": ["much"]}, "energy"),
        ({"legs": []}, "times"),
    ],
)
def test_wrong_dials_are_named(record, said):
    with pytest.raises(DataError, match=said):
        parse_dials(Fields(record, "dials"))


def test_a_direction_comes_back_from_json():
    whole = Direction(
        (DirectedSection(0.0, 8.0, "A"), DirectedSection(8.0, 20.0, "B", "salsa", 1.0)),
        (DirectedEvent(8.0, "break"),),
        Dials((0.0, 1.0), legs=(0.5, None)),
        Front("track", times=(0.0, 1.0), points=((0.0, 5.0), (3.0, 4.0))),
        Path(((0.0, 0.0),)),
        (Held(3.0, 0.5),),
        False,
    )
    text = json.dumps(whole.record())
    assert json.dumps(parse_direction(json.loads(text)).record()) == text
    assert parse_direction({}) == Direction()
    for record, said in (
        ({"sections": [{"start": 3, "end": 1, "label": "A"}]}, "section 0 ends"),
        ({"events": [{"time": 1, "kind": "rain"}]}, "event 0"),
        ({"front": {"kind": "track"}}, "track"),
    ):
        with pytest.raises(DataError, match=said):
            parse_direction(record)


# --- laid over a plan ---


def test_sections_decide_what_returns_and_have_their_style_and_energy(heard):
    audio, beats, features = heard
    sections = (
        DirectedSection(0.0, 8.0, "A"),
        DirectedSection(8.0, 16.0, "A", "disco", -1.5),
        DirectedSection(16.0, 24.0, "B"),
    )
    direction = Direction(sections, dials=Dials((0.0,), energy=(0.5,)))
    made = choreograph(beats, features, audio.seconds, "salsa", sections=sections)
    # The second follows its like at once, and is a dance of its own that returns all the same.
    inside = [p for p in made.phrases if 8.0 <= p.start < 15.5]
    assert [p.returns_to for p in inside] == [0, 0] or inside[0].returns_to == 0
    assert next(p for p in made.phrases if p.start >= 15.5).returns_to is None
    out = directed(made, direction)
    styles = [next(iter(p.style)) for p in out.phrases if 8.5 < (p.start + p.end) / 2 < 15.5]
    assert set(styles) == {"disco"} and next(iter(out.phrases[0].style)) == "salsa"
    at = np.array([2.0, 12.0, 20.0])
    assert out.dials.curve("energy", at) == pytest.approx([0.5, -1.0, 0.5])


def test_front_path_and_holds_are_the_persons():
    made = replace(plan(), holds=[Held(9.0, 0.5)])
    out = directed(
        made,
        Direction(front=Front("free"), path=Path(((0.0, 0.0),)), holds=(Held(3.0, 1.0),)),
    )
    assert out.front.kind == "free" and out.path.points == ((0.0, 0.0),)
    assert [h.time for h in out.holds] == [3.0, 9.0]
    assert directed(made, Direction(hold_breaks=False)).holds == []
    assert directed(made, Direction()).phrases == made.phrases


# --- returns that agree with what is asked ---


def test_a_phrase_of_which_something_else_is_asked_does_not_return():
    calm = stepped("energy", 8.1, 11.6, -1.0, 0.0)
    out, notes = resolved(plan(dials=calm))
    assert [p.returns_to for p in out.phrases] == [None, None, None, 1, 0]
    assert len(notes) == 1 and "phrase 3 " in notes[0]
    # The third and the fifth are asked alike: the fifth returns to the third.
    both = Dials((7.9, 8.1, 11.7, 12.3, 15.7, 16.1), energy=(0, -1, -1, 0, 0, -1))
    out, notes = resolved(plan(dials=both))
    assert [p.returns_to for p in out.phrases] == [None, None, None, 1, 2] and "3" in notes[0]
    same = Dials((0.0,), legs=(0.5,), energy=(-1.0,))
    out, notes = resolved(plan(dials=same))
    assert [p.returns_to for p in out.phrases] == [None, None, 0, 1, 0] and notes == []
    out, _ = resolved(plan(dials=stepped("legs", 8.1, 11.6, 0.4, None)))
    assert out.phrases[2].returns_to is None, "asked for here and open there"


def test_how_literally_phrases_return_is_a_curve():
    out, notes = resolved(plan(dials=Dials((0.0, 11.9, 12.1), literal=(0.9, 0.9, 0.3))))
    assert out.phrases[2].literal == pytest.approx(0.9, abs=0.01)
    assert out.phrases[3].literal == pytest.approx(0.3, abs=0.02) and notes == []


# --- as channels ---


def test_dials_are_asked_for_in_place_of_the_banks_rows():
    asked = plan(dials=stepped("legs", 4.0, 7.5, 0.45, None))
    free, out = plan(), asked
    beats = beat_grid(20.0, 120.0)
    before = phrase_channels(free, BANK, beats, 600, FPS)
    after = phrase_channels(resolved(out)[0], BANK, beats, 600, FPS)
    assert after["leg_speed"][140:220] == pytest.approx(0.45, abs=1e-6)
    assert after["leg_speed"][30:100] == pytest.approx(before["leg_speed"][30:100], abs=0.02)
    # What is left open goes with it: the row that comes nearest.
    row = phrase_rows(resolved(out)[0], BANK)[1]
    assert row["leg_speed"] == pytest.approx(0.45, abs=0.05) and row["step_rate"] < 0.6


def test_legs_and_arms_that_are_asked_for_set_the_energy():
    quick = Dials((0.0,), legs=(1.6,), arms=(3.2,))
    energy = dial_energy(plan(dials=quick), BANK, 600, FPS)
    mean, deviation = BANK.usual("house")
    assert energy[100] == pytest.approx((1.6 - mean[0]) / deviation[0], rel=0.01)
    half = dial_energy(plan(dials=Dials((0.0,), legs=(1.6,))), BANK, 600, FPS)
    assert half[100] == pytest.approx(energy[100] / 2, rel=0.01)
    assert not dial_energy(plan(), BANK, 600, FPS).any()
    assert dial_energy(plan(dials=Dials((0.0,), energy=(1.0,))), None, 9, FPS) == pytest.approx(1)


def test_from_the_song_asks_for_what_the_plan_asks_for_anyway():
    beats = beat_grid(20.0, 120.0)
    filled = dials_of(plan(), BANK, beats)
    again, notes = resolved(plan(dials=filled))
    assert notes == [] and [p.returns_to for p in again.phrases] == [None, None, 0, 1, 0]
    assert phrase_rows(again, BANK) == phrase_rows(plan(), BANK)
    assert filled.level == (None,) * 10, "the bank does not tell it"


# --- danced ---


@pytest.fixture(scope="module")
def dances(heard, model):
    audio, beats, _ = heard

    def dance(direction: Direction | None):
        return generate_dance(
            audio, style="salsa", seed=3, model=model, beats=beats, direction=direction
        )

    calmer = stepped("energy", 8.0, 16.0, -2.0, 0.0)
    arms = Dials((0.0,), legs=(0.3,), arms=(0.5,))
    camera = Front("track", times=(0.0, 24.0), points=((5.0, 0.0), (5.0, 0.0)))
    return {
        "plain": dance(None),
        "calmer": dance(Direction(dials=calmer)),
        "slow": dance(Direction(dials=arms)),
        "camera": dance(Direction(front=camera, path=Path(((0.0, 0.0),)))),
    }


def test_frames_in_the_middle_are_calmer(dances):
    plain, calm = (mean_joint_speed(dances[name].motion) for name in ("plain", "calmer"))
    inside, before = slice(260, 460), slice(40, 220)
    assert calm[inside].mean() < 0.85 * plain[inside].mean()
    assert calm[inside].mean() / calm[before].mean() < plain[inside].mean() / plain[before].mean()
    (line,) = [one for one in dances["calmer"].report["dials"] if one["dial"] == "energy"]
    assert line["danced"] < line["elsewhere"] and "elsewhere" in told(line)


def test_slow_legs_and_arms_are_danced_and_told(dances, model):
    slow = dances["slow"]
    lines = {one["dial"]: one for one in slow.report["dials"]}
    measured = leg_speeds(slow.motion).mean()
    assert lines["legs"]["asked"] == 0.3
    assert lines["legs"]["danced"] == pytest.approx(measured, rel=0.05)
    assert measured < 0.9 * leg_speeds(dances["plain"].motion).mean()
    heard_by_it = "leg_speed" in model.conditions
    assert lines["legs"]["heard"] is heard_by_it
    assert ("no input for legs" in told(lines["legs"])) is not heard_by_it
    assert "asked 0.30, danced" in told(lines["legs"])


def test_the_camera_is_faced_and_the_place_is_kept(dances):
    camera = dances["camera"]
    turned = np.angle(np.exp(1j * (heading(camera.motion) - np.pi / 2)))
    assert np.median(np.abs(turned)) < np.deg2rad(60)
    lines = {one["dial"]: one for one in camera.report["dials"]}
    assert lines["front"]["danced"] == pytest.approx(np.rad2deg(np.median(np.abs(turned))), abs=3)
    assert lines["path"]["danced"] < 40 and "cm" in told(lines["path"])
    assert {one["dial"] for one in dances["plain"].report["dials"]} == {"front"}


def test_a_direction_is_not_for_a_plan_of_ones_own(heard, model):
    audio, *_ = heard
    with pytest.raises(OptionError, match="direction"):
        generate_dance(audio, model=model, plan=plan(), direction=Direction())


def test_a_front_that_moves_is_read():
    front = parse_front(Fields({"kind": "track", "times": [0, 1], "points": [[0, 1], [1, 1]]}, "f"))
    assert front.points == [[0.0, 1.0], [1.0, 1.0]]


def test_what_is_calmer_and_what_is_livelier_is_told_apart(heard, model):
    audio, beats, _ = heard
    both = Dials((0.0, 7.5, 8.0, 15.5, 16.0), energy=(-2.0, -2.0, 0.0, 0.0, 2.0))
    dance = generate_dance(
        audio, style="salsa", seed=3, model=model, beats=beats, direction=Direction(dials=both)
    )
    calm, lively = [one for one in dance.report["dials"] if one["dial"] == "energy"]
    assert calm["asked"] < -1.8 and lively["asked"] > 1.8
    assert calm["danced"] < calm["elsewhere"] < lively["danced"]


def test_a_song_tells_the_dials_that_it_asks_for(heard, model):
    audio, beats, _ = heard
    sections = (DirectedSection(0.0, 12.0, "A", "disco"), DirectedSection(12.0, 24.0, "B"))
    found = dials_of_song(
        audio, model, beats=beats, style="salsa", direction=Direction(sections, dials=Dials((0.0,)))
    )
    rise = np.diff(found.times)
    assert (rise > 0).all() and len(found.legs) == len(found.times) >= 10
    rows = {name: model.bank.rows[name][:, 0] for name in ("disco", "salsa")}
    for time, legs in zip(found.times, found.legs, strict=True):
        style = "disco" if time < 11 else "salsa" if time > 12.5 else ""
        # A row of the style's, livelier by the phrase's energy, but no livelier than all of them.
        assert not style or rows[style].min() - 1e-3 <= legs <= rows[style].max() + 1e-3
    assert len(set(found.legs)) > 1, "two sections, two styles: other legs"
    with pytest.raises(ModelError, match=r"bank\.json"):
        dials_of_song(audio, without_bank(model), beats=beats, style="salsa")


def without_bank(model):
    bare = copy.copy(model)
    bare.bank = None
    return bare
