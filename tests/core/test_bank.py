"""The bank: eight counts of a style as a row of figures."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_up import FPS, about, facing_along, marching, moved, posed, wandering

from audio2pose_core.choreography.bank import (
    COLUMNS,
    Bank,
    bank_of,
    join_rows,
    load_bank,
    row_of,
    save_bank,
)
from audio2pose_core.control import control_channels
from audio2pose_core.errors import DataError
from audio2pose_core.evaluate.bank import measure_bank, phrases_of
from audio2pose_core.evaluate.measures import Sample
from audio2pose_core.motion import rest_motion


def figure(row: np.ndarray, name: str) -> float:
    return float(row[COLUMNS.index(name)])


def test_a_row_by_hand():
    march = row_of(control_channels(marching(12, 0.5), standing=0.93))
    assert figure(march, "step_rate") == pytest.approx(2.0, abs=0.25)
    assert figure(march, "held") == 1 and figure(march, "facing") == 1
    assert figure(march, "arm_speed") < 0.02 < 0.2 < figure(march, "leg_speed")
    low = control_channels(moved(rest_motion(120, FPS), np.array([0, -0.3, 0])), standing=0.93)
    assert [figure(row_of(low), name) for name in ("level", "lowest")] == pytest.approx([-0.3] * 2)
    away = control_channels(facing_along(np.full(120, np.pi)), front=0.0)
    assert figure(row_of(away), "facing") == pytest.approx(-1)
    path = np.arange(120)[:, None] / FPS * np.array([0.3, 0.0, 0.4])
    walk = row_of(control_channels(moved(rest_motion(120, FPS), path)).slice(15, 105))
    assert figure(walk, "travel") == pytest.approx(0.5, abs=0.06)
    tilt = float(np.arcsin(0.09 * 0.8 / 0.80))
    lean = posed({f"{s}_hip": about("Z", tilt) for s in ("left", "right")}, 60)
    assert figure(row_of(control_channels(lean)), "sway") == pytest.approx(0.8)
    rebuilt = row_of(control_channels(wandering(4, 0), source="aistpp_continuous"))
    unknown = {name for name, v in zip(COLUMNS, rebuilt, strict=True) if np.isnan(v)}
    assert unknown == {"air", "travel"}


def test_phrases_lie_on_the_counts():
    beats = np.arange(-1.0, 12, 0.5)
    down = (np.arange(len(beats)) + 2) % 4 == 0
    sample = Sample(wandering(11, 0), beats, style="a", downbeats=down)
    # Bars begin at 0, 2, 4 s ...; the first phrase at 0 s, and the last, at 8 s, is whole to 3/4.
    assert phrases_of(sample, 11.0) == [(0.0, 4.0), (4.0, 8.0), (8.0, 11.0)]
    assert phrases_of(sample, 10.0) == [(0.0, 4.0), (4.0, 8.0)]
    unknown = Sample(wandering(11, 0), style="a")
    assert phrases_of(unknown, 11.0) == [(0.0, 4.0), (4.0, 8.0), (8.0, 11.0)]


def test_a_bank_of_dances(tmp_path):
    dances = [
        Sample(moved(marching(12, 0.5, bend=1.2), np.zeros(3)), style="march"),
        Sample(wandering(12, 1), style="wander"),
        Sample(rest_motion(360, FPS), style="stand"),
        Sample(wandering(8, 2)),
    ]
    bank = measure_bank(dances)
    assert set(bank.styles) <= {"march", "wander"}, "who stands teaches no phrase"
    assert len(bank.rows["wander"]) == 3
    mean, deviation = bank.usual("wander")
    assert figure(mean, "arm_speed") == pytest.approx(bank.rows["wander"][:, 1].mean())
    assert (deviation >= 0).all()
    save_bank(bank, tmp_path / "bank.json")
    again = load_bank(tmp_path / "bank.json")
    for style in bank.styles:
        np.testing.assert_allclose(again.rows[style], bank.rows[style], atol=6e-4)


def test_what_is_not_known_stays_unknown():
    rows = np.full((3, len(COLUMNS)), np.nan)
    rows[:, 0], rows[:2, 1] = (0.2, 0.6, 1.0), (1.0, 3.0)
    bank = join_rows({"a": list(rows), "b": []})
    assert bank.styles == ("a",)
    mean, deviation = bank.usual("a")
    assert mean[:2] == pytest.approx([0.6, 2.0]) and deviation[1] == pytest.approx(1.0)
    assert np.isnan(mean[2:]).all()
    assert bank.nearest("a", {"leg_speed": 0.9}) == {"leg_speed": 1.0}
    assert bank.nearest("a", {"leg_speed": 0.3, "arm_speed": 3.0}) == {
        "leg_speed": 0.6, "arm_speed": 3.0,
    }  # fmt: skip
    again = bank_of(json.loads(json.dumps(bank.record())))
    assert again.usual("a")[0][:2] == pytest.approx(mean[:2])
    with pytest.raises(DataError, match="'c'"):
        bank.usual("c")


def test_a_broken_bank_is_refused(tmp_path):
    good = Bank({"a": np.zeros((1, len(COLUMNS)))}).record()
    for wrong in (
        [], {"format": 2}, good | {"columns": ["legs"]}, good | {"rows": {}},
        good | {"rows": {"a": []}}, good | {"rows": {"a": [["x"] * len(COLUMNS)]}},
        good | {"rows": {"a": [[0.0] * 3]}},
    ):  # fmt: skip
        with pytest.raises(DataError):
            bank_of(wrong)
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(DataError, match=r"b\.json"):
        load_bank(tmp_path / "b.json")


def test_the_shipped_bank_has_every_style_of_the_shipped_dancer(default_model):
    from audio2pose_core.generate import load_model

    bank = load_bank(default_model.with_name("bank.json"))
    assert set(load_model(default_model).styles) <= set(bank.styles)
    for style in bank.styles:
        mean, _ = bank.usual(style)
        assert len(bank.rows[style]) >= 15 and 0.3 < figure(mean, "leg_speed") < 2
