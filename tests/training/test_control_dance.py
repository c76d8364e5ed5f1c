"""A network with control channels, from its windows to a planned dance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from made_dances import tables

from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.demo_song import compose
from audio2pose_core.audio.load import audio_from_samples
from audio2pose_core.choreography import choreograph
from audio2pose_core.choreography.bank import COLUMNS, Bank, save_bank
from audio2pose_core.control import GROUPS
from audio2pose_core.errors import DataError
from audio2pose_core.generate import generate_dance
from audio2pose_core.generate.model import load_model
from audio2pose_core.generate.planned import planned_conditions
from audio2pose_core.network.config import from_tables
from audio2pose_core.network.export import export
from audio2pose_core.network.styles import describe_styles
from audio2pose_core.network.trainer import train

SPEED = 0.7


@pytest.fixture(scope="module")
def model(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("controlled")
    asked = tables(pack)
    asked["data"] |= {"conditions": ["hits", "energy", *GROUPS]}
    config = from_tables(asked, "test")
    checkpoint = train(config, folder / "run", device="cpu", steps=4)
    output = folder / "controlled.onnx"
    export(checkpoint, output, styles=describe_styles(config))
    row = np.full((1, len(COLUMNS)), np.nan)
    row[0, COLUMNS.index("leg_speed")] = SPEED
    save_bank(Bank({"bounce": row}), folder / "bank.json")
    return output


def test_what_a_plan_asks_for_reaches_the_network(model: Path) -> None:
    dancer = load_model(model)
    samples, _ = compose(12.0, 120.0, seed=1)
    audio = audio_from_samples(samples, 44100, "song")
    beats, features = analyse(audio, dancer.fps)
    plan = choreograph(beats, features, audio.seconds, "bounce", seed=0)
    style = dancer.style_table["bounce"]
    _, conditions, _ = planned_conditions(
        plan, dancer, style, beats, features, audio.seconds, 0.0, "auto"
    )

    def column(name: str) -> np.ndarray:
        return conditions[:, dancer.conditions.index(name)]

    assert column("legs_known")[30:-30].all()
    assert column("leg_speed")[30:-30] == pytest.approx(np.log(SPEED / 0.5), abs=1e-3)
    assert column("counts_known")[60:-60].all() and not column("arms_known").any()
    # Beats that were heard are where the phase of the beat is 0.
    at = np.round(beats.times[2:-2] * dancer.fps).astype(int)
    assert column("beat_cos")[at].min() > 0.9
    assert generate_dance(audio, model=dancer, style="bounce").motion.seconds > 11.5


def test_without_a_bank_only_the_counts_are_asked_for(model: Path, tmp_path: Path) -> None:
    for part in (model, model.with_suffix(".json")):
        (tmp_path / part.name).write_bytes(part.read_bytes())
    alone = load_model(tmp_path / model.name)
    assert alone.bank is None
    samples, _ = compose(6.0, 120.0, seed=1)
    dance = generate_dance(audio_from_samples(samples, 44100, "song"), model=alone)
    assert dance.motion.seconds > 5.5
    (tmp_path / "bank.json").write_text("{}")
    with pytest.raises(DataError, match="bank"):
        load_model(tmp_path / model.name)
