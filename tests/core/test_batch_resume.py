"""Songs cut into chunks, and going on inside a song, whatever ended it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from batch_night import Night, alive, wait_for

from audio2pose_core.cli import render_batch

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc or mounts")


@pytest.fixture
def night(tmp_path: Path, cli) -> Night:
    return Night(tmp_path, cli)


def parts(night: Night, song: str) -> list[str]:
    job = next(job for job in night.report()["jobs"] if job["song"] == song)
    return [part["part"] for part in job["parts"]]


def every_frame(name: str, count: int) -> list[str]:
    return [f"{name} {n}" for n in range(1, count + 1)]


def test_a_long_song_is_cut_and_a_short_one_is_not(night):
    night.add_long("long", 10)
    night.add_long("short", 4)
    assert night.run("--workers", 2, "--chunk", 4).status == 0
    long = parts(night, "long.wav")
    assert long[0] == "motion" and long[-1] == "join"
    assert sorted(long[1:-1]) == ["1-4", "5-8", "9-10"]
    assert parts(night, "short.wav") == ["whole"]
    both = every_frame("long.wav", 10) + every_frame("short.wav", 4)
    assert sorted(night.frames()) == sorted(both)
    assert sorted(night.danced.read_text().split()) == ["long.wav", "short.wav"]
    assert {job["frames"] for job in night.report()["jobs"]} == {10, 4}
    assert not (night.output / ".batch" / "work").exists()


def test_one_worker_renders_each_song_in_one_go_unless_told(night):
    night.add_long("a", 10)
    night.run()
    assert parts(night, "a.wav") == ["whole"]
    night.run("--again", "--chunk", 5)
    assert parts(night, "a.wav") == ["motion", "1-5", "6-10", "join"]


@linux
@pytest.mark.parametrize("words", [(), ("--workers", 2, "--chunk", 6)], ids=["whole", "chunks"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_frames_that_are_done_are_kept_and_none_is_made_twice(night, number, words):
    night.add_long("a", 12, "slow")
    batch = night.start(*words)
    waiting = 9 if words else 6
    wait_for(lambda: night.drawn.exists() and len(night.drawn.read_text().splitlines()) >= 6)
    wait_for(lambda: len(list(night.output.rglob("frames/0*.png"))) >= 6)
    pids = [int(line.split()[-1]) for line in night.started()]
    batch.send_signal(number)
    batch.communicate(timeout=20)
    wait_for(lambda: not any(map(alive, pids)))
    before = night.frames()
    assert 6 <= len(before) <= waiting and not night.videos()
    if number == signal.SIGINT:
        assert f"{len(before)} frames are kept" in night.report()["jobs"][0]["reason"]
    night.go.touch()
    assert night.run(*words).status == 0
    after = night.frames()
    assert Counter(before + after) == Counter(every_frame("a.wav", 12))
    job = night.report()["jobs"][0]
    assert (job["state"], job["frames"], job["frames_kept"]) == ("done", 12, len(before))
    # The dance was made once, before the stop.
    assert night.danced.read_text().split() == ["a.wav"]


def test_what_a_loss_of_power_cut_off_is_made_again(night):
    night.add_long("a", 4, "nothing")
    night.run("--chunk", 2)
    work = next((night.output / ".batch" / "work").iterdir())
    cut, empty = work / "frames" / "000002.png", work / "frames" / "000003.png"
    cut.write_bytes(cut.read_bytes()[:-3])
    empty.write_bytes(bytes(cut.stat().st_size))
    # The stand-in looks at names only; the batch sees what is not whole.
    night.run("--chunk", 2)
    assert parts(night, "a.wav") == ["motion", "2-3", "join"]
    assert night.danced.read_text().split() == ["a.wav"]


def test_other_options_begin_anew_and_another_resolution_keeps_the_dance(night):
    night.add_long("a", 4, "nothing")
    night.run("--style", "pop")
    assert night.frames() == every_frame("a.wav", 4)
    night.run("--style", "salsa")
    assert night.frames() == every_frame("a.wav", 4)
    assert len(list((night.output / ".batch" / "work").iterdir())) == 1
    night.danced.unlink()
    night.add_long("a", 4)
    night.run("--style", "salsa")
    assert night.frames() == [] and not night.danced.exists()
    night.run("--style", "salsa", "--engine", "cycles")
    assert night.frames() == every_frame("a.wav", 4) and not night.danced.exists()
    night.run("--style", "salsa", "--engine", "cycles", "--seed", 5)
    assert night.danced.read_text().split() == ["a.wav"]


def test_another_version_of_the_program_goes_on_from_nothing_of_the_last(night, monkeypatch):
    """Its dance to the same song may be another one: neither motions nor frames are reused."""
    night.add_long("a", 4)
    night.run()
    night.danced.unlink()
    night.run("--engine", "cycles")
    assert not night.danced.exists(), "the same version keeps the dance"
    monkeypatch.setattr(render_batch, "__version__", "next")
    night.run("--engine", "workbench")
    assert night.danced.read_text().split() == ["a.wav"]

    night.add_long("b", 4, "nothing")
    night.frames()
    night.run("--engine", "workbench")
    assert night.states()["b.wav"] == "failed" and night.frames() == every_frame("b.wav", 4)
    monkeypatch.setattr(render_batch, "__version__", "the one after")
    night.run("--engine", "workbench")
    assert night.frames() == every_frame("b.wav", 4), "frames of another version's dance"


def test_a_chunk_that_fails_ends_its_song_and_no_other(night):
    night.add_long("a", 12, "broken")
    night.add_long("b", 12)
    done = night.run("--workers", 2, "--chunk", 4)
    assert done.status == 1 and "it cannot be drawn" in done.out
    assert night.states() == {"a.wav": "failed", "b.wav": "done"}
    night.frames()
    night.add_long("a", 12)
    # The song itself is the same: what was drawn of it stays.
    assert night.run("--workers", 2, "--chunk", 4).status == 0
    assert len(night.frames()) < 12


def test_a_song_of_a_second_and_one_of_an_hour_on_paper(night, tmp_path):
    night.add_long("a", 30)
    night.add_long("hour", 60 * 60 * 30)
    night.write("text.wav", "no song")
    plan = tmp_path / "plan.json"
    done = night.run("--plan", plan, "--chunk", 1000, "--style", "pop")
    assert done.status == 0 and night.started() == [] and not night.videos()
    songs = {song["song"]: song for song in json.loads(plan.read_text())["songs"]}
    assert songs["a.wav"]["parts"] == ["motion", "1-30", "join"]
    hour = songs["hour.wav"]["parts"]
    assert len(hour) == 110 and hour[1] == "1-1000" and hour[-2:] == ["107001-108000", "join"]
    covered = [tuple(map(int, part.split("-"))) for part in hour[1:-1]]
    assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(covered))
    assert songs["text.wav"]["state"] == "failed" and "is it a song" in songs["text.wav"]["reason"]
    assert songs["hour.wav"]["options"] == "--style=pop"
    assert "110" not in done.out and "108" in done.out


@linux
def test_a_full_disk_fails_alone_and_is_gone_on_with(night, tmp_path):
    """A small disk of its own for the output: as root, where the kernel lets us mount one."""
    night.output.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(night.output)]
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs root to mount a small disk")
    if subprocess.run(small, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        filler = night.output / "filler"
        night.add(a="ok", b="ok")
        filler.write_bytes(bytes(240_000))
        done = night.run("--quiet")
        assert done.status in (1, 2) and "No space left" in done.out + done.err
        assert "Traceback" not in done.err and "a bug" not in done.err
        filler.unlink()
        assert night.run().status == 0
        assert night.videos() == {"a.mp4", "b.mp4"}
    finally:
        subprocess.run(["umount", "-l", str(night.output)], check=True)


def test_paths_of_200_letters_and_more(night):
    deep = "/".join(["folder of été " + "x" * 60] * 3)
    night.write(f"{deep}/one.wav", "ok")
    assert night.run("--recursive", "--workers", 2).status == 0
    assert night.videos() == {f"{deep}/one.mp4"}


def test_an_output_that_is_no_folder_is_told(night):
    night.add(a="ok")
    night.output.write_text("mine")
    done = night.run()
    assert done.status == 2 and str(night.output) in done.error
    assert night.output.read_text() == "mine" and night.started() == []


def test_a_cluster_is_not_this_machines_workers(night):
    night.add(a="ok")
    assert "--workers" in night.run("--scheduler", "tcp://x:1", "--workers", 2).error
