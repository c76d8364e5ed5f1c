"""docs/CHOREOGRAPHY.md: it names every field of a plan, and its example can be danced."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.audio.composer import compose_form
from audio2pose_core.audio.load import audio_from_samples
from audio2pose_core.choreography import (
    Choreography,
    Front,
    HandSpan,
    Held,
    Path as FloorPath,
    Phrase,
)
from audio2pose_core.choreography.dials import Dials
from audio2pose_core.choreography.plan import parse_plan
from audio2pose_core.generate import generate_dance
from audio2pose_core.metrics.motion_beats import mean_joint_speed

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "CHOREOGRAPHY.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan() -> Choreography:
    (block,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    return parse_plan(json.loads(block))


@pytest.fixture(scope="module")
def dance(plan):
    """The example, danced to the song that `make demo` composes."""
    bpm, form = re.search(r"--bpm (\d+) --form '([^']+)'", TEXT).groups()
    assert f"--bpm {bpm} --form '{form}'" in (ROOT / "Makefile").read_text(encoding="utf-8")
    song = compose_form(form, float(bpm))
    audio = audio_from_samples(song.samples, song.sample_rate, "demo.wav")
    assert audio.seconds == pytest.approx(plan.seconds, abs=0.01)
    return generate_dance(audio, plan=plan).motion


@pytest.mark.parametrize("part", [Choreography, Phrase, Front, FloorPath, Held, Dials, HandSpan])
def test_every_field_of_a_plan_is_documented(part):
    missing = [f.name for f in dataclasses.fields(part) if f"`{f.name}`" not in TEXT]
    assert not missing, f"docs/CHOREOGRAPHY.md does not tell {part.__name__}'s {missing}"


def test_the_example_stands_on_its_waypoints(plan, dance):
    frames = [min(round(t * dance.fps), len(dance) - 1) for t in plan.path.times]
    off = dance.root[frames][:, [0, 2]] - np.array(plan.path.points)
    assert np.abs(off).max() < 0.01


def test_the_example_holds_its_pose_at_the_break(plan, dance):
    (held,) = plan.holds
    speed = mean_joint_speed(dance)
    first, last = (round(t * dance.fps) for t in (held.time + 0.1, held.time + held.seconds - 0.1))
    assert speed[first:last].mean() < 0.1 * speed.mean()


def test_the_example_ends_on_the_mirror_image_of_its_beginning(plan, dance):
    source, back = plan.phrases[0], plan.phrases[2]
    first, second = (
        moves.slice(round(p.start * dance.fps), round(p.end * dance.fps) - 1)
        for moves, p in ((dance, source), (dance, back))
    )

    def difference(one, other) -> float:
        dot = np.abs(np.sum(one.rotations[:, 1:] * other.rotations[:, 1:], axis=-1))
        return float(np.median(2 * np.arccos(np.clip(dot, 0, 1))))

    frames = min(len(first), len(second))
    first, second = first.slice(0, frames), second.slice(0, frames)
    assert difference(first.mirrored(), second) < 0.7 * difference(first, second)
