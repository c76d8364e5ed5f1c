"""The Flamenco job type, run by node on a stand-in for the Manager, and the script that submits."""

from __future__ import annotations

import itertools
import json
import shlex
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from batch_night import Night

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "flamenco" / "audio2pose.js"
STUB = Path(__file__).with_name("flamenco_stub.js")
SETTINGS = {"song": "/share/a b.wav", "output": "/share/out/a b.mp4", "frames": 1000}
SETTINGS |= {"script": "/share/audio2pose/scripts/render.py", "chunk_size": 300}

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run JavaScript")


@pytest.fixture
def night(tmp_path: Path, cli) -> Night:
    return Night(tmp_path, cli)


def compile_job(settings: dict, status: int = 0):
    done = subprocess.run(
        ["node", str(STUB), str(SCRIPT)],
        input=json.dumps(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stderr if status else json.loads(done.stdout)


def words(task: dict) -> list[str]:
    assert [command["name"] for command in task["commands"]] == ["exec"]
    return task["commands"][0]["parameters"]["args"]


def part(task: dict) -> str:
    args = words(task)
    return args[args.index("--part") + 1]


@needs_node
def test_a_song_becomes_motion_chunks_and_a_join_that_waits_for_all():
    job = compile_job(SETTINGS)
    tasks = {part(task): task for task in job["tasks"]}
    assert list(tasks) == ["motion", "1-300", "301-600", "601-900", "901-1000", "join"]
    motion, join = tasks["motion"], tasks["join"]
    chunks = [task for name, task in tasks.items() if "-" in name]
    assert motion["dependencies"] == []
    assert all(task["dependencies"] == [motion["uuid"]] for task in chunks)
    assert sorted(join["dependencies"]) == sorted(task["uuid"] for task in chunks)
    assert {task["type"] for task in job["tasks"]} == {"blender"}
    for task in job["tasks"]:
        args = words(task)
        assert task["commands"][0]["parameters"]["exe"] == "{blender}"
        script = args.index("--python") + 1
        assert args[script : script + 2] == [SETTINGS["script"], "--"]
        assert args[args.index("--work") + 1] == "/share/out/a b.mp4.work"
        assert args[args.index("--audio") + 1] == SETTINGS["song"]


@needs_node
@pytest.mark.parametrize(
    ("frames", "chunks"),
    [(1, ["1-1"]), (2, ["1-2"]), (301, ["1-300", "301-301"]), (302, ["1-300", "301-302"])],
)
def test_one_and_two_frames_are_ranges_too(frames, chunks):
    job = compile_job({**SETTINGS, "frames": frames})
    assert [part(task) for task in job["tasks"]][1:-1] == chunks


@needs_node
def test_an_hour_is_cut_without_a_gap():
    job = compile_job({**SETTINGS, "frames": 108000})
    ends = [tuple(map(int, part(task).split("-"))) for task in job["tasks"][1:-1]]
    assert ends[0][0] == 1 and ends[-1][1] == 108000 and len(ends) == 360
    assert all(b[0] == a[1] + 1 for a, b in itertools.pairwise(ends))


@needs_node
@pytest.mark.parametrize(
    "options",
    [
        ["--style=pop", "--seed=3"],
        ["--title=It's \"late\", isn't it?", "--blend=/a b/c.blend", "--title="],
        ["--title=back\\slash", "--title=été 你好"],
        [],
    ],
)
def test_options_are_split_as_a_shell_would(options):
    job = compile_job({**SETTINGS, "options": shlex.join(options)})
    for task in job["tasks"]:
        args = words(task)
        assert args[args.index("--part") + 2 :] == options


@needs_node
def test_a_python_with_bpy_in_place_of_blender():
    job = compile_job({**SETTINGS, "program": "/venv/bin/python", "is_python": True})
    command = job["tasks"][0]["commands"][0]["parameters"]
    assert command["exe"] == "/venv/bin/python"
    assert command["args"][0] == SETTINGS["script"] and "--" not in command["args"]


@needs_node
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frames": 0}, "0 frames"),
        ({"frames": 2.5}, "is no int32"),
        ({"song": ""}, '"song" is empty'),
        ({"options": "--title='open"}, "not closed"),
        ({"colour": "red"}, "unknown setting"),
    ],
)
def test_mistakes_in_the_settings_are_told(change, said):
    assert said in compile_job({**SETTINGS, **change}, status=1)


class Manager(BaseHTTPRequestHandler):
    """Takes jobs as Flamenco's Manager does, but for its database."""

    def do_POST(self) -> None:
        jobs = self.server.jobs  # type: ignore[attr-defined]
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = self.path == "/api/v3/jobs" and "refused" not in job["name"]
        if good:
            jobs.append(job)
        body = {"id": f"id-{len(jobs)}"} if good else {"code": 400, "message": "no such type"}
        self.send_response(200 if good else 400)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def manager():
    server = HTTPServer(("127.0.0.1", 0), Manager)
    server.jobs = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def submit(*options: object, status: int = 0) -> subprocess.CompletedProcess:
    command = [sys.executable, "scripts/flamenco/submit.py", *map(str, options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


def test_a_plan_is_submitted_song_by_song(night, manager, tmp_path):
    night.add_long("a b", 90)
    night.add_long("c", 700)
    night.write("text.wav", "no song")
    plan = tmp_path / "plan.json"
    assert night.run("--plan", plan, "--chunk", 200, "--style", "pop").status == 0
    url = f"http://127.0.0.1:{manager.server_port}"
    done = submit(plan, "--manager", url, "--name", "night")
    assert done.stdout.split("\n")[:2] == ["id-1 a b.wav", "id-2 c.wav"]
    assert "failed  text.wav" in done.stderr
    first, second = manager.jobs
    assert first["name"] == "night a b.wav" and first["type"] == SCRIPT.stem
    assert second["settings"]["frames"] == 700 and second["settings"]["chunk_size"] == 200
    assert second["settings"]["song"] == str(night.songs / "c.wav")
    assert second["settings"]["output"] == str(night.output / "c.mp4")
    assert second["settings"]["options"] == "--style=pop"
    if shutil.which("node"):
        parts = [part(task) for task in compile_job(second["settings"])["tasks"]]
        assert parts == ["motion", "1-200", "201-400", "401-600", "601-700", "join"]


def test_a_manager_that_refuses_or_is_not_there_is_told(night, manager, tmp_path):
    night.add_long("a", 9)
    plan = tmp_path / "plan.json"
    night.run("--plan", plan)
    url = f"http://127.0.0.1:{manager.server_port}"
    assert "no such type" in submit(plan, "--manager", url, "--name", "refused", status=2).stderr
    assert "no Flamenco Manager" in submit(plan, "--manager", "http://127.0.0.1:9", status=2).stderr
    plan.write_text("{}")
    assert "is no plan" in submit(plan, "--manager", url, status=2).stderr
