"""A song becomes a dance in the window of a real Blender, by mouse and keyboard.

Minutes long, so it runs only on demand: ``make test-ui``. docs/BLENDER_TESTS.md
says how it works. The pictures are in out/ui.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audio2pose_core.audio.demo_song import write_demo_song

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SETUP = ROOT / "scripts" / "setup_real_blender.sh"
PICTURES = ROOT / "out" / "ui"
SECONDS = 20.0
FPS = 24  # a new scene's
WHOLE_LIMIT = 600  # seconds; about 60 on two idle cores

pytestmark = [pytest.mark.ui, pytest.mark.slow]
Said = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """The whole story, played once: what Blender reported, by event."""
    if os.environ.get("AUDIO2POSE_UI") != "1":
        pytest.skip("a real window, some minutes: run `make test-ui`")
    where = subprocess.run([SETUP, "--where"], capture_output=True, text=True)
    if where.returncode != 0:
        pytest.skip(where.stderr.strip())
    share = tmp_path_factory.mktemp("share")
    (share / "shots").mkdir()
    build_extension(share)
    write_demo_song(share / "song.wav", seconds=SECONDS, bpm=120.0)
    for name in ("driver.py", "hands.py", "show.sh"):
        shutil.copyfile(HERE / name, share / name)
    with (share / "blender.log").open("w") as log:
        try:
            ended = subprocess.run(
                [SETUP, "--run", share, "sh", "/share/show.sh"],
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=WHOLE_LIMIT,
            ).returncode
        except subprocess.TimeoutExpired:
            ended = -1
    (share / "extension.zip").unlink()  # 97 MB; pytest keeps the folders of three runs
    shutil.rmtree(PICTURES, ignore_errors=True)
    shutil.copytree(share / "shots", PICTURES)
    for name in ("said.jsonl", "blender.log"):
        if (share / name).is_file():
            shutil.copyfile(share / name, PICTURES / name)
    lines = (PICTURES / "said.jsonl").read_text() if (PICTURES / "said.jsonl").is_file() else ""
    events = {event.pop("event"): event for event in map(json.loads, lines.splitlines())}
    if "failed" in events:
        pytest.fail(events["failed"]["traceback"])
    tail = "\n".join((share / "blender.log").read_text().splitlines()[-20:])
    assert "end" in events, f"Blender ended with {ended} after {list(events)[-1:]}:\n{tail}"
    assert ended == 0, tail
    return events


def build_extension(folder: Path) -> None:
    """``extension.zip`` as it is shipped, and with the wheel for Debian's Python."""
    pytest.importorskip("bpy", reason="the extension is built by the tool inside bpy")
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "build_extension.py", "--platform", "linux-x64"]
        + ["--debian", "--output", folder],
        capture_output=True,
        text=True,
    )
    if "cannot fetch" in made.stderr:
        pytest.skip(made.stderr.strip())
    assert made.returncode == 0, made.stderr
    (built,) = folder.glob("*.zip")
    built.rename(folder / "extension.zip")


def scene(event: dict[str, Any]) -> dict[str, Any]:
    """What a dance would change, of one report."""
    return {key: event[key] for key in SCENE}


SCENE = ("objects", "armatures", "meshes", "materials", "actions", "strips", "seconds")


def is_idle(event: dict[str, Any]) -> bool:
    return not event["modal"] and event["workers"] == 0 and event["job_folders"] == 0


def test_the_zip_installs(said: Said) -> None:
    assert said["installed"]["done"] == ["FINISHED"]
    assert said["installed"]["registered"]


def test_n_opens_the_sidebar_with_our_tab(said: Said) -> None:
    assert said["sidebar"]["shown"] and said["sidebar"]["width"] > 100
    assert said["sidebar"]["tab"] == "Audio2Pose"
    assert said["sidebar"]["strips"] == []


def test_a_song_is_added(said: Said) -> None:
    assert said["song"]["done"] == ["FINISHED"]
    assert said["song"]["strips"] == ["song.wav"]


def test_analyse_draws_beats_and_bars(said: Said) -> None:
    found = said["analysed"]
    assert found["tempo"] == pytest.approx(120.0, rel=0.02)
    drawn = [name for name in found["names"] if not name.startswith(("Section", "Event"))]
    assert len(drawn) == pytest.approx(SECONDS * 2, abs=2)
    assert "Section 1" in found["names"][0] or "Section 1" in found["names"][1]
    bars = [name for name in drawn if not name.startswith("beat")]
    assert bars == [f"Bar {number + 1}" for number in range(len(bars))]
    assert len(bars) == pytest.approx(SECONDS / 2, abs=1)
    assert is_idle(found)


def test_a_click_starts_the_work(said: Said) -> None:
    assert said["at work"]["modal"] and said["at work"]["workers"] == 1
    assert 0.02 < said["at work"]["fraction"] < 1.0


def test_cancel_leaves_nothing(said: Said) -> None:
    assert is_idle(said["cancelled"])
    assert scene(said["cancelled"]) == scene(said["song"])


def test_progress_runs_forward_and_blender_stays_awake(said: Said) -> None:
    fractions = said["worked"]["fractions"]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 5
    assert "Dancing" in said["worked"]["stages"]


def test_the_dance_is_there(said: Said) -> None:
    done = said["generated"]
    assert is_idle(done)
    assert {"Dancer", "Dancer Body"} <= set(done["objects"])
    assert len(done["actions"]) == 1
    assert done["seconds"] == pytest.approx(SECONDS, abs=0.1)
    first, last = done["span"]
    assert last - first == pytest.approx(SECONDS * FPS, abs=2)
    # Thinned out, as a new scene asks for, and the beats on the action.
    assert 20 < done["keys"] < 0.7 * SECONDS * FPS
    beats = [n for n in said["analysed"]["names"] if n.startswith(("Bar", "beat"))]
    assert done["pose_markers"] == len(beats)


def test_dragging_along_the_timeline_moves_the_dancer(said: Said) -> None:
    assert said["scrubbed"]["frames"] == pytest.approx(said["scrubbed"]["wanted"], abs=2)
    first, second, third = said["scrubbed"]["hands"]
    assert distance(first, second) > 0.01 and distance(second, third) > 0.01


def test_a_key_can_be_edited_and_undone(said: Said) -> None:
    edited, undone = said["edited"], said["edit undone"]
    assert abs(edited["after"] - edited["before"]) > 0.02
    assert edited["keyed"], "auto-keying set no key on this frame"
    assert 0 <= edited["keys"][1] - edited["keys"][0] <= 1
    assert undone["value"] == pytest.approx(edited["before"], abs=1e-6)
    assert "Dancer" in undone["objects"]
    assert said["edit redone"]["value"] == pytest.approx(edited["after"], abs=1e-4)


def test_bars_are_regenerated_and_the_rest_stays(said: Said) -> None:
    old, new = said["regenerated"]["old"], said["regenerated"]["new"]
    assert abs(new["inside"] - old["inside"]) > 1e-3
    for name in ("before", "edited", "after"):
        assert new[name] == pytest.approx(old[name], abs=1e-3), name
    assert said["regenerated"]["takes"] == 2
    assert len(said["reworked"]["fractions"]) > 1, "Blender's timer runs while the part is made"
    assert is_idle(said["regenerated"])


def test_a_click_on_another_dancer_chooses_it(said: Said) -> None:
    first, other = said["followed"]["dancers"]
    assert said["followed"]["done"] == ["FINISHED"]
    assert said["followed"]["chosen"] == [other, first]


def test_stage_and_cameras_are_added_and_undone_one_by_one(said: Said) -> None:
    """Look at 9-stage.png and 9-camera.png after a change."""
    filmed = said["filmed"]
    assert filmed["done"] == ["FINISHED", "FINISHED"]
    bare, staged, filming, without_camera, again_bare = filmed["objects"]
    assert {"Stage", "Club Slats"} <= set(staged) - set(bare)
    assert "Camera Front" in set(filming) - set(staged) and filmed["cuts"] > 3
    assert without_camera == staged and again_bare == bare


def test_undo_takes_the_dance_away(said: Said) -> None:
    assert scene(said["undone"]) == scene(said["song"])
    assert is_idle(said["undone"])


def distance(one: list[float], other: list[float]) -> float:
    """Metres between two points."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
