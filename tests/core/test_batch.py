"""A folder of songs: failures, going on, names and mistakes."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest
from batch_night import Night, alive, wait_for


@pytest.fixture
def night(tmp_path: Path, cli) -> Night:
    return Night(tmp_path, cli)


# --- failures ---


@pytest.mark.parametrize("workers", [1, 3])
def test_failures_in_the_middle_lose_nothing_else(night, workers):
    night.add(a="ok", b="corrupt", c="killed", d="nothing", e="crash", f="ok too")
    done = night.run("--workers", workers, "--style", "pop")
    assert done.status == 1
    assert "4 of 6 songs failed" in done.err.splitlines()[-1]
    assert night.videos() == {"a.mp4", "f.mp4"}
    assert (night.output / "f.mp4").read_text() == "ok too pop None False None"
    rows = {job["song"]: job for job in night.report()["jobs"]}
    assert rows["b.wav"]["reason"] == "it is no song"
    assert "killed" in rows["c.wav"]["reason"]
    assert "no mp4" in rows["d.wav"]["reason"]
    assert "exit code 1" in rows["e.wav"]["reason"] and "a bug" in rows["e.wav"]["reason"]
    for line in ("b.wav  failed", "it is no song", "2 done, 4 failed"):
        assert line in done.out
    assert "Traceback" in (night.output / "logs" / "e.log").read_text()
    # What has frames may be gone on with; the others leave nothing.
    assert len(list((night.output / ".batch" / "work").iterdir())) == 1


def test_the_report_says_it_all(night):
    night.add(a="ok", b="corrupt")
    night.run("--seed", "-3", "--structure", "--workers", 2)
    report = night.report()
    assert report["counts"] == {"done": 1, "skipped": 0, "failed": 1, "stopped": 0, "waiting": 0}
    assert report["workers"] == 2 and report["seconds"] > 0
    first = report["jobs"][0]
    assert first["options"] == {"seed": "-3", "structure": True}
    assert first["outputs"] == ["a.mp4"] and first["log"] == "logs/a.log"
    assert first["frames"] == 10 and first["seconds"] > 0 and first["reason"] == ""
    assert len(first["song_sha256"]) == 64


def test_json_prints_the_report(night):
    night.add(a="ok")
    done = night.run("--json", "--quiet")
    assert done.status == 0 and done.err == ""
    assert json.loads(done.out)["jobs"] == night.report()["jobs"]


def test_an_output_that_cannot_be_written_fails_alone(night):
    night.add(a="ok", b="ok")
    (night.output / "a.mp4").mkdir(parents=True)
    assert night.run().status == 1
    assert night.states() == {"a.wav": "failed", "b.wav": "done"}
    assert "a.mp4" in night.report()["jobs"][0]["reason"]


# --- going on ---


def test_finished_songs_are_skipped_and_changed_ones_made_again(night):
    night.add(a="one", b="two", c="three")
    night.run("--style", "pop")
    assert night.rendered() == ["a.wav", "b.wav", "c.wav"]
    assert night.run("--style", "pop").status == 0
    assert night.rendered() == [] and set(night.states().values()) == {"skipped"}
    night.add(a="another song")
    (night.output / "b.mp4").write_text("cut off")
    night.run("--style", "pop")
    assert night.rendered() == ["a.wav", "b.wav"]
    night.run("--style", "salsa")
    assert night.rendered() == ["a.wav", "b.wav", "c.wav"]
    night.run("--style", "salsa", "--again")
    assert len(night.rendered()) == 3


def test_a_file_that_an_option_names_counts_too(night, tmp_path):
    night.add(a="one")
    beats = tmp_path / "beats.json"
    for text, renders in (("1", 1), ("1", 0), ("2", 1)):
        beats.write_text(text)
        night.run("--beats", beats)
        assert len(night.rendered()) == renders


def test_a_failed_song_is_tried_again_and_keeps_its_old_video(night):
    night.add(a="one", b="corrupt")
    night.run()
    old = (night.output / "a.mp4").read_text()
    night.add(a="crash")
    assert night.run().status == 1
    assert (night.output / "a.mp4").read_text() == old
    night.add(a="mended", b="mended")
    assert night.run().status == 0
    assert set(night.states().values()) == {"done"}


def test_save_blend_puts_each_scene_beside_its_video(night):
    night.add(a="one", b="two")
    night.run("--save-blend", "--structure")
    assert (night.output / "a.blend").read_text() == "scene"
    (night.output / "b.blend").unlink()
    night.rendered()
    night.run("--save-blend", "--structure")
    assert night.rendered() == ["b.wav"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_after_kill_9_the_renders_end_and_the_next_batch_goes_on(night):
    night.add(a="ok", b="slow one", c="slow two", d="ok")
    batch = night.start("--workers", 2)
    wait_for(lambda: len(night.started()) == 3)
    pids = [int(line.split()[-1]) for line in night.started()]
    batch.kill()
    batch.communicate()
    wait_for(lambda: not any(map(alive, pids)))
    finished = {p.name for p in night.output.glob("*.mp4")}
    assert finished == {"a.mp4"}
    night.rendered()
    night.go.touch()
    assert night.run().status == 0
    assert night.rendered() == ["b.wav", "c.wav", "d.wav"]
    assert night.states()["a.wav"] == "skipped"
    assert night.videos() == {"a.mp4", "b.mp4", "c.mp4", "d.mp4"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_ends_all_renders_and_tells_what_is_done(night, number, status):
    night.add(a="ok", b="slow one", c="slow two", d="ok")
    batch = night.start("--workers", 2)
    wait_for(lambda: len(night.started()) == 3)
    pids = [int(line.split()[-1]) for line in night.started()]
    batch.send_signal(number)
    out, err = batch.communicate(timeout=20)
    assert batch.returncode == status and "Traceback" not in err
    assert not any(map(alive, pids))
    assert list(night.states().values()) == ["done", "stopped", "stopped", "waiting"]
    assert "1 done, 2 stopped, 1 waiting" in out
    assert night.videos() == {"a.mp4"}


def test_a_second_batch_on_the_same_folder_is_told(night):
    night.add(a="slow")
    first = night.start()
    wait_for(lambda: night.started())
    second = night.run()
    assert second.status == 2 and "in use" in second.error and str(night.output) in second.error
    night.go.touch()
    first.communicate(timeout=20)
    assert first.returncode == 0 and night.videos() == {"a.mp4"}
    assert len(night.rendered()) == 1


# --- names ---


def test_names_never_collide(night):
    for name in ("x.wav", "x.mp3", "y.WAV", "one/x.wav", "two/x.wav", "two/z.v2.ogg", "Y.flac"):
        night.write(name, name)
    for name in (".hidden/x.wav", "._x.wav", "x.txt"):
        night.write(name, "no song")
    assert night.run("--recursive", "--workers", 4).status == 0
    names = {
        "x.wav.mp4", "x.mp3.mp4", "y.WAV.mp4", "Y.flac.mp4", "one/x.mp4", "two/x.mp4",
        "two/z.v2.mp4",
    }  # fmt: skip
    assert night.videos() == names
    for name in names - {"two/z.v2.mp4", "one/x.mp4", "two/x.mp4"}:
        assert (night.output / name).read_text().startswith(name.removesuffix(".mp4"))
    assert night.run().status == 0 and len(night.report()["jobs"]) == 4


def test_names_of_all_kinds_work(night):
    long = "é" * 120
    for name in ("Ünï ço dé 你好.wav", "-- --.ogg", f"{long}.mp3", f"{'d' * 200}/{long}a.wav"):
        night.write(name, "ok")
    if sys.platform == "linux":
        night.write(os.fsdecode(b"no utf-8 \xff.wav"), "ok")
    done = night.run("--recursive")
    assert done.status == 0, done.err
    assert "Ünï ço dé 你好.mp4" in night.videos() and "-- --.mp4" in night.videos()
    assert all(len(os.fsencode(Path(name).name)) < 250 for name in night.videos())
    assert night.run("--recursive").status == 0
    assert set(night.states().values()) == {"skipped"}


# --- mistakes, all told before anything is rendered ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stile", "pop"], "stile"),
        (["--sty", "pop"], "sty"),
        (["--engine", "ogre"], "ogre"),
        (["--style"], "needs a value"),
        (["--resolution", "641x360"], "even numbers"),
        (["--fps", "fast"], "--fps: 'fast' is not a valid float"),
        (["--structure=yes"], "switch"),
        (["--audio", "a.wav"], "each song its own"),
        (["pop"], "not an option"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_mistakes_in_options(night, words, said):
    night.add(a="ok")
    done = night.run(*words)
    assert done.status == 2 and said in done.error
    assert night.rendered() == [] and not night.output.exists()


def test_folders_and_programs_that_are_not_there(night, cli, tmp_path):
    assert "no such folder" in night.run().error
    night.songs.mkdir()
    night.write("deep/a.wav", "ok")
    assert "--recursive" in night.run().error
    night.add(a="ok")
    assert "--blender" in night.run("--blender", "/no/blender").error
    night.script.unlink()
    assert "no such render script" in night.run().error


def test_the_job_file_sets_options_for_single_songs(night, tmp_path):
    for name in ("a.wav", "b.wav", "sub/c d.wav"):
        night.write(name, name)
    jobs = tmp_path / "lists" / "jobs.toml"
    jobs.parent.mkdir()
    (jobs.parent / "mine.json").write_text("{}")
    jobs.write_text(
        '[all]\nstyle = "pop"\nseed = 1\n'
        '[songs."a.wav"]\nseed = 7\nstructure = true\n'
        '[songs."sub/c d.wav"]\nstyle = "salsa"\nbeats = "mine.json"\nsave-blend = true\n'
    )
    assert night.run("--recursive", "--jobs", jobs, "--seed", 2).status == 0
    read = {name: (night.output / name).read_text() for name in night.videos()}
    assert read["a.mp4"] == "a.wav pop 7 True None"
    assert read["b.mp4"] == "b.wav pop 2 False None"
    assert read["sub/c d.mp4"] == f"sub/c d.wav salsa 2 False {jobs.parent / 'mine.json'}"
    assert (night.output / "sub" / "c d.blend").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[al]\nseed = 1", "'al'"),
        ("[all]\nsead = 1", "'sead'"),
        ('[songs."z.wav"]\nseed = 1', "z.wav"),
        ('[songs."a.wav"]\nstructure = 1', "switch"),
        ('[songs."a.wav"]\nengine = "ogre"', "ogre"),
        ('[songs."a.wav"]\nstyle = true', "style"),
        ('[songs."a.wav"]\nstyle = ["pop"]', "style"),
        ('[songs."a.wav"]\noutput = "x.mp4"', "each song its own"),
        ("songs = 3", "songs"),
        ("all = 3", "all"),
        ("[all", "not a TOML"),
    ],
)
def test_mistakes_in_the_job_file(night, tmp_path, text, said):
    night.add(a="ok")
    jobs = tmp_path / "jobs.toml"
    jobs.write_text(text)
    done = night.run("--jobs", jobs)
    assert done.status == 2 and said in done.error and "jobs.toml" in done.error
    assert night.rendered() == []


def test_a_job_file_that_is_not_there(night, tmp_path):
    night.add(a="ok")
    assert "none.toml" in night.run("--jobs", tmp_path / "none.toml").error


# --- which files are songs ---


def test_every_suffix_that_the_loader_takes_is_a_song(night):
    from audio2pose_core.audio.load import SUFFIXES

    night.songs.mkdir(exist_ok=True)
    for suffix in SUFFIXES:
        (night.songs / f"song{suffix}").write_text("ok")
    (night.songs / "LOUD.M4A").write_text("ok")
    assert night.run("--plan", night.output / "plan.json").status == 0
    planned = json.loads((night.output / "plan.json").read_text())["songs"]
    assert {job["song"] for job in planned} == {f"song{s}" for s in SUFFIXES} | {"LOUD.M4A"}


def test_what_is_left_out_is_told_and_reported(night):
    night.add(a="ok")
    (night.songs / "cover.jpg").write_text("picture")
    (night.songs / "gone.mp3").symlink_to("nowhere.mp3")
    (night.songs / ".hidden.txt").write_text("of no interest")
    done = night.run()
    assert done.status == 0
    assert "cover.jpg is left out: no song by its suffix" in done.err
    left_out = night.report()["left_out"]
    assert set(left_out) == {"cover.jpg", "gone.mp3"}
    assert "leads nowhere" in left_out["gone.mp3"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_pipes_and_devices_are_never_opened(night):
    night.add(a="ok")
    os.mkfifo(night.songs / "pipe.wav")
    (night.songs / "link.mp3").symlink_to("pipe.wav")
    (night.songs / "zero.flac").symlink_to("/dev/zero")
    assert night.run().status == 0
    assert night.states() == {"a.wav": "done"}
    assert night.report()["left_out"] == {
        "link.mp3": "it is a pipe", "pipe.wav": "it is a pipe", "zero.flac": "it is a device",
    }  # fmt: skip


@pytest.mark.parametrize("inside", [".", "out"])
def test_the_videos_of_a_batch_are_no_songs(night, inside):
    """.mp4 is a suffix of songs too: videos beside their songs must not be danced to."""
    night.add(a="ok")
    (night.songs / "clip.mp4").write_text("ok")
    night.output = night.songs / inside
    for _ in range(2):
        assert night.run("--recursive").status == 0
        assert set(night.states()) == {"a.wav", "clip.mp4"}
    assert (night.songs / "clip.mp4").read_text() == "ok"
    assert (night.output / "a.mp4").is_file() and (night.output / "clip.mp4.mp4").is_file()
    if inside == ".":
        left_out = night.report()["left_out"]
        assert left_out["a.mp4"] == left_out["clip.mp4.mp4"] == "made by this batch"
