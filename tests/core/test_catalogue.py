"""A person's own moves as the phrases that a dance returns to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio2pose_core import rotations as rot, skeleton
from audio2pose_core.audio.beats import Beats
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import Audio, audio_from_samples
from audio2pose_core.choreography.plan import Choreography, Front, Phrase
from audio2pose_core.generate import CatalogueMove, Dance, DanceModel, generate_dance, load_model
from audio2pose_core.generate.catalogue import moves_in
from audio2pose_core.motion import Motion

FPS = 30.0
STYLE = "house"


@pytest.fixture(scope="module")
def model() -> DanceModel:
    return load_model()


@pytest.fixture(scope="module")
def song() -> Audio:
    return audio_from_samples(compose(seconds=24.0, bpm=120.0)[0], 44100, "24 seconds")


def arms_up(seconds: float) -> Motion:
    """A move that no network dances: both arms go round beside the head, once in a beat."""
    count = round(seconds * FPS)
    root = np.tile(skeleton.rest_positions()[0], (count, 1))
    turns = np.zeros((count, skeleton.NUM_JOINTS, 3))
    phase = 2 * np.pi * 2.0 * np.arange(count) / FPS
    for side, sign in (("left", 1.0), ("right", -1.0)):
        turns[:, skeleton.INDEX[f"{side}_shoulder"], 2] = sign * (1.2 + 0.3 * np.sin(phase))
    return Motion(FPS, root, rot.from_axis_angle(turns))


def a_move(name: str = "Arms", style: str = STYLE, beats: int = 8) -> CatalogueMove:
    return CatalogueMove(name, style, arms_up(0.5 * beats), (0.5 * np.arange(beats)).tolist())


def hands_over_head(motion: Motion, start: float, end: float) -> float:
    """The share of a stretch in which both hands are above the head's joint."""
    joints = motion.joint_positions()[round(start * FPS) : round(end * FPS)]
    head = joints[:, skeleton.INDEX["head"], 1]
    hands = [joints[:, skeleton.INDEX[f"{side}_wrist"], 1] for side in ("left", "right")]
    return float(np.mean((hands[0] > head) & (hands[1] > head)))


def phrases_of(dance: Dance) -> list[dict[str, object]]:
    found: list[dict[str, object]] = dance.report["plan"]["phrases"]
    return found


def test_the_dance_at_that_phrase_is_the_move_and_so_is_where_it_returns(
    song: Audio, model: DanceModel
) -> None:
    more = {"model": model, "style": STYLE, "seed": 4}
    plain = generate_dance(song, **more)
    dance = generate_dance(song, moves=[a_move()], **more)
    (told,) = [note for note in dance.report["notes"] if "is the move Arms" in note]
    number = int(told.split()[1]) - 1
    phrases = phrases_of(dance)
    back = [p for p in phrases if p["returns_to"] == number]
    assert back, "it is a phrase that returns"
    for phrase in (phrases[number], *back):
        # But for the ways in and out.
        start, end = float(phrase["start"]) + 0.5, float(phrase["end"]) - 0.5
        assert hands_over_head(dance.motion, start, end) > 0.9
        assert hands_over_head(plain.motion, start, end) < 0.3
    others = [p for k, p in enumerate(phrases) if k != number and p not in back]
    for phrase in others:
        start, end = float(phrase["start"]) + 0.5, float(phrase["end"]) - 0.5
        assert hands_over_head(dance.motion, start, end) < 0.5


def test_its_arms_are_those_of_the_move(song: Audio, model: DanceModel) -> None:
    dance = generate_dance(song, moves=[a_move()], model=model, style=STYLE, seed=4)
    (told,) = [note for note in dance.report["notes"] if "is the move" in note]
    phrase = phrases_of(dance)[int(told.split()[1]) - 1]
    inside = slice(
        round((float(phrase["start"]) + 0.5) * FPS), round(float(phrase["end"]) * FPS) - 15
    )
    joint = skeleton.INDEX["left_elbow"]
    danced = dance.motion.global_rotations()[inside]
    there = a_move().motion.global_rotations()
    # The arm as the chest sees it, which the move holds at rest but for its swing.
    chest = skeleton.INDEX["spine3"]
    seen = rot.multiply(rot.conjugate(danced[:, chest]), danced[:, joint])
    wanted = rot.multiply(rot.conjugate(there[:, chest]), there[:, joint])
    nearest = [float(rot.angle(q, wanted).min()) for q in seen[::5]]
    assert np.rad2deg(np.median(nearest)) < 12.0


def planned(style: str, returns: tuple[int | None, ...]) -> tuple[Choreography, Beats]:
    times = 0.5 * np.arange(8 * len(returns))
    beats = Beats(times, np.arange(len(times)) % 4 == 0, 120.0, 4, 1.0, "test")
    phrases = [
        Phrase(4.0 * k, 4.0 * (k + 1), 2, 8, "A", {style: 1.0}, 0.0, source)
        for k, source in enumerate(returns)
    ]
    return Choreography(4.0 * len(returns), style, 0, phrases, Front()), beats


def test_only_moves_of_the_phrases_style_and_tempo_are_used() -> None:
    plan, beats = planned(STYLE, (None, 0, None, 2, None))
    laid, words = moves_in(plan, beats, [a_move("One"), a_move("Two"), a_move("Three")], FPS, 1)
    # The last phrase returns nowhere, and each move is used once.
    assert [float(r.times[0]) for r in laid] == [0.0, 8.0] and len(set(words)) == 2
    assert moves_in(plan, beats, [a_move(style="salsa")], FPS, 1) == ([], [])
    slow = a_move()
    slow = replace(slow, motion=arms_up(20.0), beats=(2.5 * np.arange(8)).tolist())
    assert moves_in(plan, beats, [slow], FPS, 1) == ([], [])
    short = moves_in(plan, beats, [a_move(beats=4)], FPS, 1)[0]
    assert short[0].times[-1] == pytest.approx(short[0].times[0] + 2.0), "four of eight counts"


def test_the_seed_chooses_and_the_same_seed_chooses_the_same() -> None:
    plan, beats = planned(STYLE, (None, 0))
    moves = [a_move(name) for name in "ABCDEF"]
    chosen = [moves_in(plan, beats, moves, FPS, seed)[1] for seed in range(12)]
    assert len({tuple(words) for words in chosen}) > 2
    assert chosen[3] == moves_in(plan, beats, moves, FPS, 3)[1]


def test_beat_meets_beat() -> None:
    """A move at 100 bpm in a song at 120."""
    plan, beats = planned(STYLE, (None, 0))
    slower = replace(a_move(), motion=arms_up(4.8), beats=(0.6 * np.arange(8)).tolist())
    (repeat,) = moves_in(plan, beats, [slower], FPS, 1)[0]
    assert repeat.earlier.tolist() == pytest.approx((0.6 * np.arange(9)).tolist(), abs=1e-6)
    assert repeat.times.tolist() == pytest.approx((0.5 * np.arange(9)).tolist(), abs=1e-6)
