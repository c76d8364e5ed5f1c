"""The list of what is wrong with each source, against the sources themselves."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core import rotations as rot
from audio2pose_core.formats import load_bvh
from audio2pose_core.metrics.watching import WATCHING
from audio2pose_core.skeleton import JOINTS
from audio2pose_core.source_faults import FAULTS, SourceFaults, believed, faults_of

CLIPS = 5
RIGID = 0.6
"""Degrees; a joint that turns less about its mean in half of the clips was not captured."""
LEAVES = {"left_hand", "right_hand"}


@pytest.fixture(scope="module")
def turns(request: pytest.FixtureRequest) -> dict[str, np.ndarray]:
    """Source -> how much each joint turns about its mean, median of some clips, (24,) degrees."""
    folder: Path = request.getfixturevalue("shared_data") / "motion_open"
    with open(folder / "index.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    out = {}
    for source in {row["source"] for row in rows}:
        files = [row["file"] for row in rows if row["source"] == source]
        found = []
        for name in files[:: max(1, len(files) // CLIPS)]:
            quats = rot.continuous(load_bvh(folder / name).rotations)
            mean = rot.normalize(quats.mean(axis=0))
            angle = np.rad2deg(rot.angle(quats, np.broadcast_to(mean, quats.shape)))
            found.append(np.sqrt((angle**2).mean(axis=0)))
        out[source] = np.median(found, axis=0)
    return out


@pytest.mark.data
def test_every_source_is_named_and_every_rigid_joint_is_listed(turns: dict[str, np.ndarray]):
    assert set(turns) == set(FAULTS)
    for source, usual in turns.items():
        rigid = {name for name, angle in zip(JOINTS, usual, strict=True) if angle < RIGID}
        listed = set(FAULTS[source].rotations)
        assert rigid - LEAVES <= listed, source
        # What is listed and turns all the same is made up or shared out.
        assert listed - rigid <= {"spine1", "spine2", "spine3", "neck", "head"}, source


def test_the_list_names_what_there_is():
    for faults in FAULTS.values():
        assert set(faults.rotations) | set(faults.positions) <= set(JOINTS)
        assert set(faults.measures) <= set(WATCHING)
    assert faults_of("somebody's own captures") == SourceFaults()
    assert not believed(("head",))[JOINTS.index("head")] and believed(("head",)).sum() == 23
