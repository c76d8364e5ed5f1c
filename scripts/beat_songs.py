"""Songs whose beats are known: for compare_beats.py and the tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.composer import compose_form  # noqa: E402
from audio2pose_core.audio.demo_song import compose  # noqa: E402
from audio2pose_core.audio.load import (  # noqa: E402
    SAMPLE_RATE,
    Audio,
    audio_from_samples,
    load_audio,
)


@dataclass(frozen=True)
class Case:
    """A song and its beats; ``downbeats`` is None where only beats are known."""

    name: str
    group: str
    load: Callable[[], Audio]
    beats: np.ndarray
    downbeats: np.ndarray | None


def _same(audio: Audio) -> Audio:
    return audio


def generated(seconds: float = 40.0) -> Iterator[Case]:
    """Demo songs at 70 to 180 bpm, with swing, in three-four time, with tempo changes."""
    settings: list[tuple[str, dict[str, object]]] = [
        (f"demo {bpm} bpm", {"bpm": bpm, "seed": bpm}) for bpm in range(70, 181, 10)
    ]
    settings += [
        ("demo 100 swing 0.6", {"bpm": 100, "swing": 0.6, "seed": 1}),
        ("demo 130 swing 1.0", {"bpm": 130, "swing": 1.0, "seed": 2}),
        ("demo 90 three-four", {"bpm": 90, "beats_per_bar": 3, "seed": 3}),
        ("demo 150 three-four", {"bpm": 150, "beats_per_bar": 3, "seed": 4}),
        ("demo 110 then 128", {"bpm": 110, "tempo_changes": ((20.0, 128.0),), "seed": 5}),
        ("demo 140 then 95", {"bpm": 140, "tempo_changes": ((18.0, 95.0),), "seed": 6}),
    ]
    for name, options in settings:
        samples, truth = compose(seconds, **options)  # type: ignore[arg-type]
        audio = audio_from_samples(samples, 44100, name)
        yield Case(
            name, "generated", partial(_same, audio), truth.times, truth.times[truth.downbeats]
        )


def composed() -> Iterator[Case]:
    """Songs of sections in bars of 2 to 7 beats, at three tempi."""
    for metre in range(2, 8):
        for bpm in (84, 120, 168):
            bars = max(2, round(16 / metre))
            form = f"I{bars}/{metre}@{bpm} A{2 * bars}:fill B{2 * bars} A{2 * bars} B{2 * bars}"
            song = compose_form(form, seed=40 + metre, sample_rate=SAMPLE_RATE)
            audio = Audio(song.samples, SAMPLE_RATE, f"bars of {metre}, {bpm} bpm")
            truth = song.beats
            yield Case(
                audio.name, "composed", partial(_same, audio), truth.times,
                truth.times[truth.downbeats],
            )  # fmt: skip


def recorded(folder: Path) -> Iterator[Case]:
    """Songs with a beats.json of constant tempi beside them, as in shared/data/songs."""
    for index in sorted(folder.glob("*/beats.json")):
        for name, facts in json.loads(index.read_text(encoding="utf-8")).items():
            first = facts["beat0_s_from_midi"] + facts["measured_onset_lag_s"]
            beats = np.arange(first, float(facts["seconds"]), 60.0 / facts["bpm"])
            song = index.parent / name
            yield Case(name, "open", partial(load_audio, song), beats, None)


def annotated(folder: Path) -> Iterator[Case]:
    """Songs in folders of their own with beats.json, as in shared/data/beats_dev.

    A song's group is its folder's name up to the first underscore.
    """
    for index in sorted(folder.glob("*/beats.json")):
        record = json.loads(index.read_text(encoding="utf-8"))
        name = index.parent.name
        downbeats = record.get("downbeat_times") or None
        yield Case(
            name,
            name.split("_")[0],
            partial(load_audio, index.parent / "audio.ogg"),
            np.array(record["beat_times"], float),
            None if downbeats is None else np.array(downbeats, float),
        )
