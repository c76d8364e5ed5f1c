"""The add-on's log: quiet at first, and telling once the preference asks for it."""

from __future__ import annotations

import logging
import sys

import fake_core
import numpy as np
import pytest

from blender_addon import log
from blender_addon.jobs.job import Job, Python, State
from blender_addon.jobs.manager import JobManager
from blender_addon.jobs.messages import DanceRequest

RATE = 22050


class Task:
    """A dance, of which nothing is written."""

    name = "song.wav"
    warnings: list[str] = []  # noqa: RUF012

    def __init__(self, job: Job) -> None:
        self.job = job

    def advance(self) -> bool:
        return False

    def finish(self) -> str:
        return "written"


@pytest.fixture
def shown(capsys):
    """A function that tells what the terminal has got since."""
    log.register()
    yield lambda: capsys.readouterr().err
    log.unregister()


def run(tmp_path, body: str) -> State:
    core = fake_core.make(tmp_path / "core", body)
    sound = np.sin(np.arange(2 * RATE) / 20).astype(np.float32)
    manager = JobManager()
    job = Job(DanceRequest(sound, RATE, "song.wav"), Python(sys.executable, ("-I",), (), core))
    manager.start(Task(job))
    while manager.poll():
        job.wait()
    assert manager.end() == "written"
    return job.state


NOISY = """
import logging
logging.getLogger("audio2pose_core.generate").debug("a secret of the library")
print("a word of the worker", file=sys.stderr, flush=True)
return dance(song, style, seed)
"""


def test_it_is_quiet_by_default(shown, tmp_path):
    assert run(tmp_path, NOISY) is State.DONE
    assert shown() == ""


def test_a_warning_is_shown_all_the_same(shown):
    logging.getLogger("blender_addon.rig.settings").warning("%s", "a preset is damaged")
    assert shown() == "audio2pose: WARNING: a preset is damaged\n"


def test_verbose_tells_of_jobs_their_stages_and_the_worker(shown, tmp_path):
    log.set_verbose(True)
    assert run(tmp_path, NOISY) is State.DONE
    said = shown()
    assert "Task of 'song.wav' starts" in said and "Done after" in said
    assert "Loading the model" in said
    assert "worker: a word of the worker" in said
    assert "worker: audio2pose_core.generate: a secret of the library" in said


def test_what_was_there_before_is_back_after_leaving():
    before = list(log.LOGGER.handlers), log.LOGGER.level, log.LOGGER.propagate
    log.register()
    log.register()
    assert len(log.LOGGER.handlers) == len(before[0]) + 1
    log.unregister()
    assert (list(log.LOGGER.handlers), log.LOGGER.level, log.LOGGER.propagate) == before


def test_the_preference_switches_it():
    pytest.importorskip("bpy")
    from types import SimpleNamespace

    from blender_addon.settings import preferences

    log.register()
    preferences._follow_log(SimpleNamespace(verbose_log=True), None)
    assert log.LOGGER.isEnabledFor(logging.DEBUG)
    preferences._follow_log(SimpleNamespace(verbose_log=False), None)
    assert not log.LOGGER.isEnabledFor(logging.INFO)
    log.unregister()
