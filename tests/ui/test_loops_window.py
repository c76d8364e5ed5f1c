"""A loop and a move in the window of a real Blender: ``make test-ui``. Pictures in out/ui-loops."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from test_window import HERE, ROOT, SETUP, WHOLE_LIMIT, Said, build_extension

from audio2pose_core.audio.demo_song import write_demo_song

PICTURES = ROOT / "out" / "ui-loops"

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What Blender reported, by event."""
    share = tmp_path_factory.mktemp("share")
    return told_by("loops.py", share, PICTURES, 16.0)


def told_by(story: str, share: Path, pictures: Path, seconds: float) -> Said:
    """Play a story in the window with a song of some seconds; what Blender reported, by event."""
    if os.environ.get("AUDIO2POSE_UI") != "1":
        pytest.skip("a real window, some minutes: run `make test-ui`")
    where = subprocess.run([SETUP, "--where"], capture_output=True, text=True)
    if where.returncode != 0:
        pytest.skip(where.stderr.strip())
    (share / "shots").mkdir()
    build_extension(share)
    write_demo_song(share / "song.wav", seconds=seconds, bpm=120.0)
    shutil.copyfile(HERE / story, share / "driver.py")
    for name in ("hands.py", "show.sh"):
        shutil.copyfile(HERE / name, share / name)
    with (share / "blender.log").open("w") as log:
        try:
            ended = subprocess.run(
                [SETUP, "--run", share, "sh", "/share/show.sh"],
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=3 * WHOLE_LIMIT,
            ).returncode
        except subprocess.TimeoutExpired:
            ended = -1  # what was reached is still told
    (share / "extension.zip").unlink()
    shutil.rmtree(pictures, ignore_errors=True)
    shutil.copytree(share / "shots", pictures)
    for name in ("said.jsonl", "blender.log"):
        if (share / name).is_file():
            shutil.copyfile(share / name, pictures / name)
    lines = (share / "said.jsonl").read_text() if (share / "said.jsonl").is_file() else ""
    events = {event.pop("event"): event for event in map(json.loads, lines.splitlines())}
    if "failed" in events:
        pytest.fail(events["failed"]["traceback"])
    tail = "\n".join((share / "blender.log").read_text().splitlines()[-20:])
    assert "end" in events, f"Blender ended with {ended} after {list(events)[-1:]}:\n{tail}"
    assert ended == 0, tail
    return events


def test_a_loop_goes_round_in_the_window(told: Said) -> None:
    found = told["looped"]
    assert found["takes"] == 2 and found["cyclic"]
    assert found["period"] == pytest.approx(96, abs=0.5)
    first, second, eighth = np.array(found["poses"])
    # The playhead stands on whole frames, the period may end between two.
    assert np.abs(first - second).max() < 0.05 and np.abs(first - eighth).max() < 0.05


def test_a_move_is_saved_and_used_in_the_window(told: Said) -> None:
    found = told["moved"]
    # In the window it works in steps; the tags below are there once it is done.
    assert found["saved"] == ["RUNNING_MODAL"] and {"house", "1 bars"} <= set(found["tags"])
    assert found["takes"] == ["Take 1", "Take 2", "Take 3"]
    assert found["made_from"].startswith("the move Kick at frame")
