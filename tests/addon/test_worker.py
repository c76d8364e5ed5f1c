"""The worker on its own, spoken to as ``jobs`` does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import fake_core
import numpy as np
import pytest

from audio2pose_core.formats.npz import load_npz
from blender_addon.jobs.job import WORKER
from blender_addon.jobs.messages import DanceRequest
from blender_addon.jobs.params import GenerationParams

RATE = 22050


def request(folder: Path, core: Path, **changes) -> bytes:
    times = np.arange(2 * RATE) / RATE
    samples = np.sin(times * 1000).astype(np.float32)
    asked = DanceRequest(samples, RATE, "song.wav", GenerationParams(seed=1))
    message = asked.write(folder) | {
        "folder": str(folder),
        "site_folders": [],
        "core": str(core),
        "verbose": False,
    }
    return json.dumps(message | changes).encode() + b"\n"


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_the_protocol_line_by_line(tmp_path):
    core = fake_core.make(tmp_path / "core")
    worker = start()
    assert worker.stdin and worker.stdout
    worker.stdin.write(request(tmp_path, core))
    worker.stdin.flush()
    lines = [json.loads(line) for line in worker.stdout]
    assert worker.wait(60) == 0
    worker.communicate()
    assert lines[1] == {"type": "progress", "stage": "Dancing", "fraction": 0.5}
    assert lines[-1]["type"] == "done"
    assert load_npz(lines[-1]["motion"]).seconds == pytest.approx(2.0, abs=0.05)


def test_it_ends_when_blender_is_gone(tmp_path):
    core = fake_core.make(tmp_path / "core", 'progress("Dancing", 0.5)\ntime.sleep(60)')
    worker = start()
    assert worker.stdin and worker.stdout
    worker.stdin.write(request(tmp_path, core))
    worker.stdin.flush()
    assert json.loads(worker.stdout.readline())["type"] == "progress"
    worker.stdin.close()
    assert worker.wait(10) == 0
    worker.stdout.close()


def test_the_exit_code_is_the_errors_own(tmp_path):
    core = fake_core.make(tmp_path / "core", 'raise Audio2PoseError("no")')
    worker = start()
    assert worker.stdin and worker.stdout
    worker.stdin.write(request(tmp_path, core))
    worker.stdin.flush()
    assert json.loads(worker.stdout.readlines()[-1]) == {"type": "error", "message": "no"}
    assert worker.wait(60) == 2
    worker.communicate()


def test_a_request_that_breaks_off(tmp_path):
    out = subprocess.run([sys.executable, "-I", str(WORKER)], input=b"{", capture_output=True)
    assert out.returncode == 1
    assert b"EOFError" in out.stderr


def test_the_library_comes_from_the_named_folder_and_no_add_on_module_is_in_the_way(tmp_path):
    core = fake_core.make(
        tmp_path / "core",
        """
        import importlib.util
        names = ("core", "jobs", "worker", "compat", "rigs", "bpy_ops")
        found = [n for n in names if importlib.util.find_spec(n) is not None]
        import audio2pose_core.errors
        raise Audio2PoseError(f"{found} {audio2pose_core.errors.__file__}")
        """,
    )
    worker = start()
    assert worker.stdin and worker.stdout
    worker.stdin.write(request(tmp_path, core))
    worker.stdin.flush()
    assert json.loads(worker.stdout.readlines()[-1])["message"] == f"[] {core / 'errors.py'}"
    worker.communicate()


def test_the_worker_knows_nothing_of_blender():
    code = (
        "import sys, blender_addon.jobs.job, blender_addon.jobs.worker;"
        "sys.exit('bpy' in sys.modules or 'torch' in sys.modules)"
    )
    root = str(WORKER.parents[2])
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0
