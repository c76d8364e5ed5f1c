"""Files that are replaced, records that are damaged, supervisors that are killed: one song at most
is made again, and no video is another song's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from batch_night import Night, alive, wait_for

from audio2pose_core.batch import inputs, resume_state
from audio2pose_core.errors import AudioError

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def night(tmp_path: Path, cli) -> Night:
    return Night(tmp_path, cli)


def replace(path: Path, text: str) -> None:
    """As programs do: another file takes the name."""
    scrap = path.with_suffix(".new")
    scrap.write_text(text)
    os.replace(scrap, path)


@pytest.mark.parametrize("words", [(), ("--workers", 2, "--chunk", 2)], ids=["whole", "chunks"])
def test_a_song_that_is_replaced_while_it_renders_is_made_again(night, words):
    night.add(a="frames 4 wait", b="ok")
    song, joining = night.songs / "a.wav", Path(f"{night.script}.joining")
    batch = night.start(*words)
    wait_for(joining.exists)
    replace(song, "frames 6 new")
    night.go.touch()
    out, err = batch.communicate(timeout=60)
    assert batch.returncode == 0, err
    assert (night.output / "a.mp4").read_text().startswith("frames 6 new")
    row = next(job for job in night.report()["jobs"] if job["song"] == "a.wav")
    assert row["state"] == "done" and row["frames"] == 6 and "made again" in row["reason"]
    assert row["song_sha256"] == inputs.file_sha256(song)
    assert "made again" in out
    # The old song, put back, is not the one of the video.
    replace(song, "frames 4 wait")
    night.rendered()
    assert night.run(*words).status == 0
    assert "a.wav" in night.rendered() and "frames 4" in (night.output / "a.mp4").read_text()


def test_a_song_that_never_stays_the_same_fails_and_the_others_go_on(night):
    restless = "Path(o.audio).write_text(f'frames 4 {time.time_ns()}')"
    night.script.write_text(night.script.read_text() + f"\nif o.audio.stem == 'a': {restless}\n")
    night.add(a="frames 4", b="ok")
    done = night.run()
    assert done.status == 1 and night.states() == {"a.wav": "failed", "b.wav": "done"}
    assert "replaced 4 times" in night.report()["jobs"][0]["reason"]
    assert not (night.output / "a.mp4").exists()


def test_a_file_of_an_option_that_is_replaced_counts_as_well(night, tmp_path):
    beats = tmp_path / "beats.json"
    beats.write_text("1")
    night.add(a="frames 4 wait")
    batch = night.start("--beats", beats)
    wait_for(Path(f"{night.script}.joining").exists)
    replace(beats, "2")
    night.go.touch()
    batch.communicate(timeout=60)
    assert len(night.rendered()) == 2 and "made again" in night.report()["jobs"][0]["reason"]


@linux
def test_what_was_begun_of_another_file_is_not_gone_on_with(night):
    """Its work folder is called after the old song, but the render read the new one."""
    night.add(a="frames 4 nothing")
    night.run()
    work = next((night.output / ".batch" / "work").iterdir())
    assert json.loads((work / "inputs.json").read_text()) == inputs.noted(work)
    night.frames()
    night.run()
    assert night.frames() == [], "the same file: nothing is made twice"
    for damage in ('{"audio": "of another"}', "[" * 10_000, "{}", ""):
        (work / "inputs.json").write_text(damage)
        night.run()
        assert len(night.frames()) == 4, damage[:20]


DAMAGES = ["[" * 10_000, '{"sources":' * 5000, "{}", "[]", "null", "\xff\xfe", '{"outputs": 3}', ""]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: repr(d[:12]))
def test_a_damaged_record_costs_its_song_and_no_other(night, damage):
    night.add(a="ok", b="ok", c="ok")
    night.run()
    night.rendered()
    records = sorted((night.output / ".batch" / "records").iterdir())
    records[0].write_text(damage, encoding="latin-1")
    done = night.run("--songs", night.songs)
    assert done.status == 0 and "a bug" not in done.out + done.err
    assert len(night.rendered()) == 1 and len(night.videos()) == 3


def test_a_damaged_motion_costs_its_song_and_no_other(night):
    night.add(a="ok a", b="ok b", c="ok c")
    night.run("--engine", "workbench")
    kept = sorted((night.output / ".batch" / "motions").glob("*/motion.npz"))
    whole = kept[0].read_bytes()
    night.danced.unlink()
    for k in range(len(whole)):
        kept[0].write_bytes(whole[:k] + bytes([whole[k] ^ 0xFF]) + whole[k + 1 :])
        # None of them is more than "not whole"; zlib's own errors are among them.
        resume_state.is_whole_zip(kept[0])
    kept[0].write_bytes(whole[: len(whole) // 2])
    done = night.run("--engine", "cycles")
    assert done.status == 0 and "a bug" not in done.out + done.err
    assert len(night.danced.read_text().split()) == 1
    assert resume_state.is_whole_zip(kept[0])


def test_a_fault_of_ours_in_one_song_fails_alone(night, monkeypatch):
    real = resume_state.open_work

    def faulty(folder, song, *rest):
        if song.label == "b.wav":
            raise ZeroDivisionError("oh")
        return real(folder, song, *rest)

    monkeypatch.setattr(resume_state, "open_work", faulty)
    night.add(a="ok", b="ok", c="ok")
    assert night.run().status == 1
    assert night.states() == {"a.wav": "done", "b.wav": "failed", "c.wav": "done"}
    assert "a bug in Audio2Pose: ZeroDivisionError: oh" in night.report()["jobs"][1]["reason"]
    assert "Traceback" in (night.output / "logs" / "b.log").read_text()


@linux
def test_pipes_and_devices_among_the_songs_are_skipped(night):
    night.add(a="ok")
    os.mkfifo(night.songs / "pipe.wav")
    (night.songs / "zero.wav").symlink_to("/dev/zero")
    (night.songs / "gone.wav").symlink_to(night.songs / "nowhere.wav")
    done = night.run()
    assert done.status == 0 and night.videos() == {"a.mp4"}
    assert night.report()["left_out"] == {
        "pipe.wav": "it is a pipe",
        "zero.wav": "it is a device",
        "gone.wav": "it leads nowhere",
    }
    for name in ("pipe.wav", "zero.wav"):
        with pytest.raises(AudioError, match=r"pipe|device"):
            inputs.file_sha256(night.songs / name)


@linux
def test_kill_9_of_a_supervisor_ends_its_render(night):
    night.add(a="frames 8 slow", b="ok")
    batch = night.start()
    wait_for(lambda: len(night.started()) == 1 and night.drawn.exists())
    render = int(night.started()[0].split()[-1])
    parent = int(Path(f"/proc/{render}/stat").read_text().rsplit(")", 1)[1].split()[1])
    assert "supervisor.py" in Path(f"/proc/{parent}/cmdline").read_text()
    os.kill(parent, signal.SIGKILL)
    wait_for(lambda: not alive(render), 5)
    batch.communicate(timeout=30)
    assert night.states() == {"a.wav": "failed", "b.wav": "done"}
    night.go.touch()
    assert night.run().status == 0


def test_a_supervisor_whose_parent_is_gone_at_once_starts_nothing(tmp_path):
    """The window between fork and the kernel's promise is closed as well."""
    from audio2pose_core.batch import supervisor

    if sys.platform != "linux":
        pytest.skip("Linux only")
    done = subprocess.run(["true"], preexec_fn=supervisor._dies_with(1 << 22), check=False)
    assert done.returncode == supervisor.CANNOT_START
