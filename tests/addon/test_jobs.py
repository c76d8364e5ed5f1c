"""The job around the worker process: every way in which it can end."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import fake_core
import numpy as np
import pytest

from audio2pose_core import errors, rotations as rot
from audio2pose_core.audio.beat_file import Beats
from audio2pose_core.cleanup.bones import QUATERNION, Chain, Track
from audio2pose_core.cleanup.constraints import MotionConstraint
from audio2pose_core.cleanup.dance_keys import SceneTime, reduce_dance
from audio2pose_core.motion import rest_motion
from blender_addon.jobs import job as jobs
from blender_addon.jobs.job import Job, Python, State
from blender_addon.jobs.messages import DanceRequest, KeyReductionRequest
from blender_addon.jobs.params import GenerationParams

RATE = 22050


def song(seconds: float = 2.0) -> np.ndarray:
    times = np.arange(int(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)


@pytest.fixture
def job(tmp_path):
    """A function that makes a job from a body of generate_dance; no process outlives the test."""
    made: list[Job] = []

    def make(body: str, more: dict | None = None, **params) -> Job:
        core = fake_core.make(tmp_path / f"core{len(made)}", body)
        temporary = tmp_path / "temporary"
        temporary.mkdir(exist_ok=True)
        python = Python(sys.executable, ("-I",), (), core)
        asked = GenerationParams(**params)
        request = DanceRequest(song(), RATE, "song.wav", asked, **more or {})
        made.append(Job(request, python, str(temporary)))
        return made[-1]

    yield make
    for each in made:
        each.cancel()


def finish(job: Job, seconds: float = 60.0) -> State:
    job.start()
    deadline = time.monotonic() + seconds
    while job.poll() is State.RUNNING:
        assert time.monotonic() < deadline, "the job did not end"
        time.sleep(0.01)
    return job.state


def left_behind(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "temporary").iterdir())


def test_a_dance_comes_back_and_nothing_stays(job, tmp_path):
    done = job(fake_core.DANCES, style="waltz", seed=7)
    assert finish(done) is State.DONE
    assert done.error == ""
    assert done.fraction == 1.0
    assert done.result is not None
    motion = done.result.motion
    assert motion.seconds == pytest.approx(2.0, abs=0.05)
    np.testing.assert_allclose(motion.root[:, 0], np.arange(len(motion)) / 30, atol=1e-6)
    assert done.result.keys is None
    assert done.report["style"] == "waltz"
    assert done.report["seed"] == 7
    assert done.report["tempo_bpm"] == 120.0
    assert left_behind(tmp_path) == []


def test_progress_is_seen_while_it_runs_and_never_runs_backwards(job):
    running = job(
        """
        for stage, fraction in (("Listening", 0.1), ("Dancing", 0.6), ("Cleaning", 0.4)):
            progress(stage, fraction)
            time.sleep(0.3)
        return dance(song, style, seed)
        """
    )
    running.start()
    seen = []
    while running.poll() is State.RUNNING:
        seen.append((running.stage, running.fraction))
        time.sleep(0.01)
    # The worker's own stage before these is too short to be seen every time.
    stages = [stage for stage in dict(seen) if stage != "Loading the model"]
    assert stages == ["Starting", "Listening", "Dancing", "Cleaning"]
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert 0.6 in fractions


def test_the_librarys_stages_are_parts_of_one_bar(job):
    running = job(
        """
        for stage in ("load", "model", "analyse", "dance", "cleanup", "reduce"):
            progress(stage, 0.0)
            progress(stage, 1.0)
        time.sleep(60)
        """
    )
    running.start()
    while running.stage != jobs.STAGES["reduce"][0] or running.fraction < 1.0:
        assert running.poll() is State.RUNNING
    edges = [edge for _, low, high in jobs.STAGES.values() for edge in (low, high)]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (0.0, 1.0)


def test_time_left_follows_the_pace_of_the_stage(job):
    """A quarter of the dance took 10 s: how long it took to get there does not matter."""
    running = job('progress("dance", 0.25)\ntime.sleep(60)')
    running.start()
    assert running.seconds_left is None
    while running.stage != jobs.STAGES["dance"][0]:
        running.poll()
    _, low, high = jobs.STAGES["dance"]
    running._entered = (time.monotonic() - 10.0, low)
    expected = 30.0 + 40.0 * (1.0 - high) / (high - low)
    assert running.seconds_left == pytest.approx(expected, abs=0.5)


def test_all_settings_reach_the_library(job):
    """Each one is said back by the stand-in, as an error's text."""
    motion = rest_motion(30, 30.0)
    mask = np.zeros((30, 25), dtype=bool)
    mask[10:, 3] = True
    beats = Beats(np.array([0.1, 0.6, 1.1]), np.array([True, False, False]), 120.0, 4, 1.0, "hand")
    asked = job(
        """
        from ..audio.beat_file import load_beats
        given = load_beats(beats)
        words = [style, energy, seed, accents, model, quality, structure]
        words += [constraint.mask.sum(), constraint.motion.seconds]
        words += [given.times.tolist(), given.downbeats.tolist()]
        raise AudioError(" ".join(map(str, words)))
        """,
        {"beats": beats, "constraint": MotionConstraint(motion, mask)},
        style="salsa",
        energy=-1.5,
        seed=8,
        accents="half",
        quality=3,
        structure=True,
        model="my.onnx",
    )
    assert finish(asked) is State.FAILED
    assert asked.error == (
        "salsa -1.5 8 half my.onnx 3 True 20 1.0 [0.1, 0.6, 1.1] [True, False, False]"
    )


def one_bone(frames: int) -> KeyReductionRequest:
    """A bone that swings."""
    turns = rot.from_axis_angle(np.sin(np.arange(frames) / 9.0)[:, None] * np.array([1.0, 0, 0]))
    chain = Chain(
        np.array([-1]),
        np.zeros((1, 3)),
        rot.IDENTITY[None],
        np.array([0]),
        np.array([[0, 0.5, 0]]),
        np.array([-1]),
    )
    return KeyReductionRequest(chain, [Track(0, QUATERNION, turns)], 0.01, held=np.array([50]))


def test_keys_are_reduced_in_the_worker(tmp_path):
    reduced = Job(one_bone(200), Python(sys.executable, ("-I",)), str(tmp_path))
    assert finish(reduced) is State.DONE, reduced.error
    ((index, values, slopes, reach),) = reduced.result
    assert 50 in index and index[-1] == 199
    assert len(index) < 60
    assert values.shape == slopes.shape == (len(index), 4)
    assert reach.shape == (len(index), 2)
    assert reduced.report == {"keys": len(index)}
    assert list(tmp_path.iterdir()) == []


def test_a_dance_and_its_keys_come_from_one_run(job):
    """Keys of the whole dance on our own skeleton, at the scene's frames; one bar for both."""
    time_ = SceneTime(36.4, 24.0)
    running = job(fake_core.DANCES, {"reduce_at": time_}, key_error=2.0)
    running.start()
    seen = []
    while running.poll() is State.RUNNING:
        seen.append((running.stage, running.fraction))
    assert running.state is State.DONE, running.error
    motion, keys = running.result
    expected = reduce_dance(motion, time_, 0.02, running.report["beat_times"])
    assert len(keys) == 25
    for (index, values, slopes, reach), key in zip(keys, expected, strict=True):
        np.testing.assert_array_equal(index, key.index)
        np.testing.assert_allclose(values, key.values, atol=1e-6)
        np.testing.assert_allclose(slopes, key.slopes, atol=1e-6)
        np.testing.assert_allclose(reach, key.reach, atol=1e-6)
    assert keys[0][0][-1] == len(time_.frames(motion.seconds)) - 1
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)


def test_a_deliberate_error_is_its_message(job, tmp_path):
    failed = job('raise AudioError("song.wav is silent;\\n give a song with sound in it")')
    assert finish(failed) is State.FAILED
    assert failed.error == "song.wav is silent; give a song with sound in it"
    assert left_behind(tmp_path) == []


def test_the_library_checks_the_samples(tmp_path):
    core = fake_core.make(tmp_path / "core")
    silent = DanceRequest(np.zeros(RATE * 2, np.float32), RATE, "night.wav")
    failed = Job(silent, Python(sys.executable, ("-I",), (), core))
    assert finish(failed) is State.FAILED
    assert "night.wav is silent" in failed.error


def test_a_bug_is_told_with_its_last_line(job, tmp_path):
    failed = job('raise ZeroDivisionError("no beat")')
    assert finish(failed) is State.FAILED
    assert failed.error == "the worker stopped with exit code 1: ZeroDivisionError: no beat"
    assert left_behind(tmp_path) == []


def test_a_crash_without_words(job, tmp_path):
    failed = job("os._exit(11)")
    assert finish(failed) is State.FAILED
    assert failed.error == "the worker stopped with exit code 11: it said nothing"
    assert left_behind(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_killed_worker_is_an_error(job, tmp_path):
    failed = job('progress("Dancing", 0.5)\ntime.sleep(60)')
    failed.start()
    while failed.fraction < 0.5:
        failed.poll()
        time.sleep(0.01)
    os.kill(failed._process.pid, signal.SIGKILL)
    assert failed.wait() is State.FAILED
    assert "ended by signal 9" in failed.error
    assert left_behind(tmp_path) == []


def test_cancel_in_the_middle_ends_the_worker_and_leaves_nothing(job, tmp_path):
    running = job('progress("Dancing", 0.5)\ntime.sleep(60)')
    running.start()
    while running.fraction < 0.5:
        running.poll()
        time.sleep(0.01)
    process = running._process
    running.cancel()
    assert running.state is State.CANCELLED
    assert running.poll() is State.CANCELLED
    assert process.returncode, "killed: by itself it would have slept on and ended with 0"
    assert running.result is None
    assert left_behind(tmp_path) == []
    assert not any(thread.is_alive() for thread in running._threads)


def test_cancel_before_the_start_and_after_the_end_do_nothing(job):
    unborn = job(fake_core.DANCES)
    unborn.cancel()
    assert unborn.state is State.CANCELLED
    with pytest.raises(RuntimeError, match="make a new one"):
        unborn.start()
    done = job(fake_core.DANCES)
    finish(done)
    done.cancel()
    assert done.state is State.DONE


def test_prints_do_not_disturb_the_protocol(job):
    """Python's prints and C code's, on the worker's stdout."""
    noisy = job(
        """
        print("hello from python", flush=True)
        os.write(1, b"hello from C\\n{\\"type\\": \\"error\\", \\"message\\": \\"no\\"}\\n")
        return dance(song, style, seed)
        """
    )
    assert finish(noisy) is State.DONE


@pytest.mark.parametrize(
    "line",
    [b"garbage\n", b"\xff\xfe\n", b"[1, 2]\n", b"null\n", b'{"type": "progress"}\n', b"{\n", b"\n"],
)
def test_garbage_on_the_protocol_is_no_end(job, line):
    running = job(fake_core.DANCES)
    running.start()
    running._messages.put(line)
    assert running.wait() is State.DONE


def test_a_dance_that_cannot_be_read_is_an_error(job, tmp_path):
    failed = job(
        """
        out = dance(song, style, seed)
        from ..formats import npz
        npz.save_npz = lambda path, motion: open(path, "wb").write(b"half a file")
        return out
        """
    )
    assert finish(failed) is State.FAILED
    assert "cannot be read" in failed.error
    assert left_behind(tmp_path) == []


def test_a_python_that_is_not_there(tmp_path):
    nowhere = Python(str(tmp_path / "python"), ("-I",), (), fake_core.REAL)
    failed = Job(DanceRequest(song(), RATE, "song.wav"), nowhere, str(tmp_path))
    failed.start()
    assert failed.poll() is State.FAILED
    assert "cannot start the worker" in failed.error
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_that_cannot_be_written(tmp_path):
    python = Python(sys.executable, ("-I",), (), fake_core.REAL)
    failed = Job(DanceRequest(song(), RATE, "song.wav"), python, str(tmp_path / "gone"))
    failed.start()
    assert failed.poll() is State.FAILED
    assert "cannot start the worker" in failed.error


def test_a_python_that_dies_before_it_reads(tmp_path):
    failed = Job(
        DanceRequest(song(), RATE, "song.wav"),
        Python(sys.executable, ("-c", "import sys; sys.exit('no such option')")),
        str(tmp_path),
    )
    assert finish(failed) is State.FAILED
    assert failed.error == "the worker stopped with exit code 1: no such option"
    assert list(tmp_path.iterdir()) == []


def test_the_job_is_an_error_tree_citizen():
    """Errors of a job come as text; the tree's root is what the operator raises."""
    assert issubclass(errors.AudioError, errors.Audio2PoseError)
    assert jobs.WORKER.is_file()


ROUGH = """
rough.show(dance(song, style, seed, 1.0).motion)
rough.shown = True
time.sleep(0.3)
"""


def test_a_rough_dance_comes_first_then_the_finished_one_whose_keys_are_still_to_be_reduced(job):
    running = job(ROUGH + "return dance(song, style, seed)", {"rough": True})
    running.start()
    seen = []
    while running.poll() is State.RUNNING:
        if running.rough is not None and not seen:
            seen.append((running.rough, running.state))
        time.sleep(0.005)
    assert running.state is State.DONE, running.error
    assert seen[0][0].seconds == pytest.approx(1.0) and seen[0][1] is State.RUNNING
    assert running.rough.seconds == pytest.approx(2.0, abs=0.05)


def test_no_rough_dance_comes_unasked(job):
    plain = job("assert rough is None\nreturn dance(song, style, seed)")
    assert finish(plain) is State.DONE, plain.error
    assert plain.rough is None


def test_a_rough_dance_that_cannot_be_read_is_an_error(job, tmp_path):
    failed = job(
        """
        from ..formats import npz
        npz.save_npz = lambda path, motion: open(path, "wb").write(b"half a file")
        rough.show(dance(song, style, seed).motion)
        time.sleep(60)
        """,
        {"rough": True},
    )
    assert finish(failed) is State.FAILED
    assert "rough dance cannot be read" in failed.error
    assert left_behind(tmp_path) == []
