"""Blender's file window in front of our buttons: ``make test-ui``. Look at out/ui-files."""

from __future__ import annotations

import pytest
from test_loops_window import told_by
from test_window import ROOT, Said

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What Blender reported, by event."""
    return told_by("files.py", tmp_path_factory.mktemp("share"), ROOT / "out" / "ui-files", 20.0)


def test_a_song_is_added_from_the_file_window_in_one_step_of_undo(told: Said) -> None:
    assert told["song"]["strips"] == ["song.wav"]
    assert told["song"]["end"] == 480


@pytest.mark.parametrize("kind", ["bvh", "fbx"])
def test_a_dance_is_exported_from_the_file_window(told: Said, kind: str) -> None:
    found = told[f"exported {kind}"]
    assert found["size"] > 10_000 and not found["modal"]
