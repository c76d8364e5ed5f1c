"""Directing by mouse in a real Blender's window: ``make test-ui``. Look at out/ui-directing."""

from __future__ import annotations

import pytest
from test_loops_window import told_by
from test_window import ROOT, Said

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What Blender reported, by event."""
    share = tmp_path_factory.mktemp("share")
    return told_by("directing.py", share, ROOT / "out" / "ui-directing", 120.0)


def test_analyse_is_pressed(told: Said) -> None:
    assert told["analysed"]["tempo"] == pytest.approx(120.0, rel=0.02)
    assert told["analysed"]["sections"]


def test_a_section_gets_a_style_and_an_energy(told: Said) -> None:
    before, after = told["section"]["before"], told["section"]["after"]
    assert after[0] != before[0] and after[1] != before[1]


def test_a_dial_is_switched_on_and_keyed(told: Said) -> None:
    assert told["dial"]["used"]
    (first, low), (second, high) = told["dial"]["keys"]
    assert (first, second) == (1.0, 240.0) and high > low


def test_a_rough_dance_is_seen_first_and_is_no_data(told: Said) -> None:
    """Look at directing-4-rough.png: the figure stands where the dancer will be."""
    rough, done = told["rough"], told["generated"]
    assert done["pictures"] == 1 and rough["after"] < 0.7 * done["took"]
    for kind in ("objects", "armatures", "meshes", "materials", "actions"):
        assert rough["data"][kind] == rough["before"][kind], kind
    assert not done["left"]
    assert done["stood"] == pytest.approx(done["stands"], abs=0.01)


def test_a_rough_dance_covers_the_dancer_and_esc_takes_it_away(told: Said) -> None:
    """Look at directing-5-covers.png: the old pose is behind the figure."""
    assert told["covered"]["after"] == told["covered"]["before"]
    assert not told["covered"]["shown"]


def test_the_dance_obeys_the_dial(told: Said) -> None:
    assert told["generated"]["takes"] == ["Take 1"]
    assert "legs asked" in told["generated"]["told"]


def test_a_loop_is_made_and_a_move_saved_and_used(told: Said) -> None:
    assert told["looped"]["cyclic"] and told["looped"]["takes"] == 2
    assert told["moved"]["move"] == "Kick"
    assert told["moved"]["takes"] == ["Take 1", "Take 2", "Take 3"]
    assert told["moved"]["made_from"].startswith("the move Kick at frame")


def test_stage_and_cameras_are_added(told: Said) -> None:
    bare, staged, filming = told["filmed"]["objects"]
    assert {"Stage", "Club Slats"} <= set(staged) - set(bare)
    assert "Camera Front" in set(filming) - set(staged)
    assert told["filmed"]["cuts"] > 3
