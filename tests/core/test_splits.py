"""Held-out clips share neither dancer nor choreography with what is learnt from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from audio2pose_core.data.aistpp.names import is_name, parse_name
from audio2pose_core.data.training.splits import HELD_OUT, LEFT_OUT, TRAIN, assign_splits
from audio2pose_core.errors import DataError
from audio2pose_core.network.config import load_config

FILES = [
    "aistpp/gBR_sBM_c01_d04_mBR0_ch02.bvh",
    "aistpp/gBR_sBM_c01_d05_mBR0_ch02.bvh",
    "aistpp_continuous/gBR_sBM_cAll_d04_mBR1_ch02.bvh",
    "aistpp_continuous/gBR_sBM_cAll_d04_mBR0_ch03.bvh",
    "aistpp_continuous/gBR_sBM_cAll_d05_mBR0_ch03.bvh",
    "cmu_salsa/cmu_60_06.bvh",
    "cmu_salsa/cmu_61_06.bvh",
    "walk.bvh",
]


def test_a_dancer_is_held_out_with_what_he_danced() -> None:
    found = assign_splits(FILES, ["aistpp*/*_d05_*", "cmu_salsa/*_06.bvh"], ["walk.bvh"])
    assert list(found) == FILES
    assert [found[name] for name in FILES] == [
        # The same moves to the same song, and those to another one.
        LEFT_OUT, HELD_OUT, TRAIN, LEFT_OUT, HELD_OUT, HELD_OUT, HELD_OUT, LEFT_OUT,
    ]  # fmt: skip


def test_what_is_excluded_is_not_held_out() -> None:
    found = assign_splits(FILES, ["*_d05_*"], ["*_mBR0_ch03.bvh"])
    assert found[FILES[4]] == LEFT_OUT and found[FILES[1]] == HELD_OUT
    with pytest.raises(DataError, match="d99"):
        assign_splits(FILES, ["*_d99_*"])


@pytest.mark.data
def test_the_shipped_config_holds_out_dances_that_nothing_teaches(shared_data: Path) -> None:
    with open(shared_data / "motion_open" / "index.csv", newline="", encoding="utf-8") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    root = Path(__file__).resolve().parents[2]
    data = load_config(root / "training" / "configs" / "default.toml").data
    splits = assign_splits(rows, data.held_out, data.excluded)

    def minutes(split: str) -> float:
        return sum(float(rows[n]["seconds"]) for n in rows if splits[n] == split) / 60

    assert 4 < minutes(HELD_OUT) < 10 and minutes(TRAIN) > 48
    learnt = [parse_name(n) for n in rows if is_name(Path(n).stem) and splits[n] == TRAIN]
    danced = {(n.genre, n.situation, n.choreography, n.music) for n in learnt}
    takes = {(n.genre, n.dancer, n.situation, n.choreography) for n in learnt}
    held = [parse_name(n) for n in rows if is_name(Path(n).stem) and splits[n] == HELD_OUT]
    genres = {n.genre for n in held}
    assert len(genres) == 10, "something of every genre"
    for name in held:
        assert (name.genre, name.situation, name.choreography, name.music) not in danced
        assert (name.genre, name.dancer, name.situation, name.choreography) not in takes
