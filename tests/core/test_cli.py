"""The command line: what it prints where, what it leaves behind, how it stops."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import audio2pose_core.generate as generate_package
from audio2pose_core.audio.beats import load_beats
from audio2pose_core.cli import COMMANDS
from audio2pose_core.cli.terminal import Progress
from audio2pose_core.console import StatusLine
from audio2pose_core.errors import Cancelled, ModelError
from audio2pose_core.files import size_text
from audio2pose_core.formats import load_motion, save_motion
from audio2pose_core.motion import rest_motion

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "audio2pose_core.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def start(*words: object, **options) -> subprocess.Popen:
    """The real program, in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        env=ENVIRONMENT,
        text=True,
        # A background job of a script has Ctrl-C switched off, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def fake_dance(seconds: float = 2.0) -> SimpleNamespace:
    beats = SimpleNamespace(
        tempo_bpm=120.0, times=np.arange(0, seconds, 0.5), confidence=1.0, warnings=()
    )
    motion = rest_motion(round(seconds * 30), 30.0)
    report = {"model_sha256": "0" * 64, "warnings": [], "timings": {"load": 0.2, "sample": 0.1}}
    return SimpleNamespace(
        motion=motion, beats=beats, seconds=seconds, style="pop", seed=3, report=report
    )


@pytest.fixture
def fake_generate(monkeypatch):
    """Stands in for generate_dance where the command line itself is tested."""
    calls = []

    def generate_dance(song, **options):
        calls.append((song, options))
        options["progress"]("load", 0.0)
        options["progress"]("sample", 0.5)
        options["progress"]("sample", 1.0)
        return fake_dance()

    monkeypatch.setattr(generate_package, "generate_dance", generate_dance, raising=False)
    return calls


def failing(monkeypatch, error: BaseException) -> None:
    def generate_dance(song, **options):
        options["progress"]("sample", 0.2)
        raise error

    monkeypatch.setattr(generate_package, "generate_dance", generate_dance, raising=False)


# --- what is printed ---


def test_without_a_command_it_says_how_to_ask(cli):
    done = cli()
    assert done.status == 2 and "--help" in done.error


def test_help_names_every_command(cli):
    done = cli("--help")
    assert done.status == 0
    for command in ("generate", "beats", "styles"):
        assert command in done.out
        assert cli(command, "--help").status == 0


def test_version(cli):
    assert cli("--version").out == "audio2pose 0.1.0\n"


@pytest.mark.parametrize(
    "words",
    [
        ["dance"],
        ["generate"],
        ["generate", "song.wav"],
        ["generate", "song.wav", "-o", "a.bvh", "--seed", "-1"],
        ["generate", "song.wav", "-o", "a.bvh", "--seed", "one"],
        ["generate", "song.wav", "-o", "a.bvh", "--duration", "0"],
        ["generate", "song.wav", "-o", "a.bvh", "--duration", "nan"],
        ["generate", "song.wav", "-o", "a.bvh", "--tempo", "3"],
    ],
)
def test_a_wrong_option_is_one_line(cli, words):
    done = cli(*words)
    assert done.status == 2 and done.out == ""
    assert "--help" in done.error


def test_options_reach_generate_dance(cli, song, tmp_path, fake_generate):
    out = tmp_path / "dance.bvh"
    done = cli(
        "generate", song, "-o", out, "--seed", 7, "--style", "pop", "--duration", 2.5,
        "--beats", tmp_path / "b.json", "--model", tmp_path / "m.onnx", "--energy", "-1.5",
        "--accents", "half", "--quality", 3, "--structure", "--device", "cpu", "--threads", 1,
    )  # fmt: skip
    assert done.status == 0, done.err
    [(given, options)] = fake_generate
    assert given == str(song)
    options.pop("progress")
    assert options == {
        "seed": 7,
        "style": "pop",
        "duration": 2.5,
        "beats": str(tmp_path / "b.json"),
        "model": str(tmp_path / "m.onnx"),
        "energy": -1.5,
        "accents": "half",
        "quality": 3,
        "structure": True,
        "device": "cpu",
        "threads": 1,
        "base": None,
        "plan": "auto",
        "literal": 0.8,
    }
    assert len(load_motion(out)) == 60


def test_options_are_spelt_with_hyphens_and_old_spellings_still_work(
    cli, tmp_path, fake_generate, monkeypatch
):
    """The flags of the project's first README, --data_root and the like, have underscores."""
    for command in COMMANDS:
        text = cli(command, "--help").out
        assert not re.findall(r"--[a-z]+_[a-z_]+", text), command
    assert not re.search(r"--(keep|again|only|hits)\b", cli("generate", "--help").out)
    for words in (["verify-data", "--data-root"], ["verify_data", "--data_root"]):
        assert str(tmp_path / "none") in cli(*words, tmp_path / "none").error
        assert str(tmp_path / "none") in cli(words[0], f"{words[1]}={tmp_path / 'none'}").error
    monkeypatch.chdir(tmp_path)  # the name of a command as a value stays as it is
    assert cli("generate", "a.wav", "-o", "verify_data.npz", "--hits", "half").status == 0
    assert fake_generate[0][1]["accents"] == "half" and Path("verify_data.npz").exists()


def test_the_library_is_silent_until_asked(cli, song, tmp_path):
    """One logger for all, named after the package; --verbose shows it on stderr."""
    words = ("preprocess", "bvh", "--bvh-dir", tmp_path, "--output-dir", tmp_path / "out")
    save_motion(tmp_path / "dance.bvh", rest_motion(60, 30.0))
    assert "INFO" not in cli(*words, "--quiet").err
    told = cli(*words, "--quiet", "--verbose").err
    assert "INFO audio2pose_core.data.bvh.dataset: dance:" in told
    logging.getLogger("audio2pose_core").setLevel(logging.NOTSET)


def test_a_status_line_is_drawn_over_and_lines_that_stay_go_above_it():
    class Terminal(io.StringIO):
        encoding = "ascii"

        def isatty(self) -> bool:
            return True

    line = StatusLine(Terminal())
    for text in ("1 of 2", "1 of 2", "2 of 2"):
        line.draw(text)
    line.say("été")
    line.draw("end")
    line.close()
    line.close()
    clear = "\r\x1b[K"
    assert line._stream.getvalue() == (
        f"{clear}1 of 2{clear}2 of 2{clear}\\xe9t\\xe9\n{clear}end{clear}"
    )
    quiet = StatusLine(Terminal(), quiet=True)
    quiet.draw("no")
    quiet.say("no")
    assert quiet._stream.getvalue() == "" and not quiet.live


def test_sizes_have_the_unit_that_suits():
    assert [size_text(n) for n in (0, 512, 3_400, 12_345_678, 1.5e9, 2e13)] == [
        "0 bytes", "512 bytes", "3.4 kB", "12 MB", "1.5 GB", "20 TB",
    ]  # fmt: skip
    assert size_text(999_600) == "1.0 MB"


def test_progress_is_a_line_a_stage_when_nobody_watches(cli, song, tmp_path, fake_generate):
    done = cli("generate", song, "-o", tmp_path / "dance.bvh")
    assert done.out == "" and "\r" not in done.err
    lines = done.err.splitlines()
    assert lines[:3] == [f"audio2pose: {stage}" for stage in ("load", "sample", "write")]
    assert len(lines) == 4 and "dance.bvh" in lines[3]


def test_quiet_says_nothing(cli, song, tmp_path, fake_generate):
    done = cli("generate", song, "-o", tmp_path / "dance.bvh", "--quiet")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_json_alone_stands_on_stdout(cli, song, tmp_path, fake_generate):
    out = tmp_path / "dance.npz"
    report = json.loads(cli("generate", song, "-o", out, "--json").out)
    assert report["output"] == str(out) and report["seconds"] == 2.0
    assert report["style"] == "pop" and report["seed"] == 3
    assert report["tempo_bpm"] == 120.0 and report["beats"] == [0.0, 0.5, 1.0, 1.5]
    assert report["model_sha256"] == "0" * 64
    assert set(report["timings"]) == {"import", "load", "sample", "write", "total"}
    assert all(seconds >= 0 for seconds in report["timings"].values())


def test_on_a_terminal_there_is_one_bar_that_goes_away(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(quiet=False) as progress:
        for step in range(101):
            progress("sample", step / 100)
    said = terminal.getvalue()
    assert "\n" not in said and "100% sample" in said
    assert said.endswith("\r\x1b[K")
    assert all(len(frame) < 79 for frame in said.split("\r"))
    assert set(progress.timings) == {"sample"}


def test_styles_are_listed(cli, default_model):
    plain = cli("styles").out.split()
    assert plain and json.loads(cli("styles", "--json").out)["styles"] == plain


def test_beats_of_a_song(cli, song, tmp_path):
    out = tmp_path / "beats.json"
    done = cli("beats", song, "-o", out, "--json")
    assert done.status == 0, done.err
    report, beats = json.loads(done.out), load_beats(out)
    assert report["tempo_bpm"] == pytest.approx(120.0, rel=0.02)
    np.testing.assert_allclose(report["beats"], beats.times, atol=1e-3)
    assert set(report["downbeats"]) <= set(report["beats"])


def test_beats_as_a_picture_and_with_clicks(cli, song, tmp_path):
    soundfile, pyplot = pytest.importorskip("soundfile"), pytest.importorskip("matplotlib.image")
    out, plot, click = (tmp_path / name for name in ("b.json", "b.png", "b.wav"))
    done = cli("beats", song, "-o", out, "--plot", plot, "--click", click, "--json", "--quiet")
    assert done.status == 0, done.err
    report, beats = json.loads(done.out), load_beats(out)
    assert [s["label"] for s in report["sections"]] == [s.label for s in beats.sections] != []
    assert len(report["events"]) == len(beats.events)
    picture = pyplot.imread(plot)
    assert picture.shape[0] > 100 and picture[..., :3].std() > 0.1
    samples, rate = soundfile.read(click)
    assert rate == 44100 and len(samples) / rate == pytest.approx(report["seconds"], abs=0.01)
    # The song has nothing at 2 kHz: a downbeat's click has.
    for k, time_s in enumerate(beats.times[1:5], 1):
        piece = samples[round(time_s * rate) : round(time_s * rate) + 1200]
        power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)))) ** 2
        hz = np.fft.rfftfreq(len(piece), 1 / rate)
        one, two = (power[np.abs(hz - at) < 60].max() for at in (1000, 2000))
        assert (two > one) == bool(beats.downbeats[k])


@pytest.mark.parametrize(
    "words", [("--plot", "b.jpg"), ("--click", "b.mp3"), ("--plot", "song"), ("--click", "song")]
)
def test_a_picture_or_clicks_that_cannot_be(cli, song, tmp_path, words):
    option, name = words
    path = song if name == "song" else tmp_path / name
    before = song.read_bytes()
    done = cli("beats", song, "-o", tmp_path / "b.json", option, path)
    assert done.status == 2 and len(done.err.strip().splitlines()) == 1
    assert song.read_bytes() == before and not (tmp_path / "b.json").exists()


def test_without_matplotlib_a_picture_says_what_to_install(cli, song, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = cli("beats", song, "-o", tmp_path / "b.json", "--plot", tmp_path / "b.png")
    assert done.status == 2 and "audio2pose[plot]" in done.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_no_input(tmp_path):
    """Opening one that nobody writes to would wait for ever."""
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / "pipe.npz")
    code = (
        "import sys\n"
        "from audio2pose_core.audio.beats import load_beats\n"
        "from audio2pose_core.formats import load_motion\n"
        "from audio2pose_core.errors import Audio2PoseError\n"
        "for load, path in ((load_beats, sys.argv[1]), (load_motion, sys.argv[2])):\n"
        "    try:\n"
        "        load(path)\n"
        "    except Audio2PoseError as error:\n"
        "        print(error)\n"
    )
    words = [sys.executable, "-c", code, tmp_path / "pipe.json", tmp_path / "pipe.npz"]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.stdout.count("is a pipe") == 2, done.stderr


# --- how it ends ---


def test_our_errors_are_one_line_with_their_own_status(cli, song, tmp_path, monkeypatch):
    for error, status in ((ModelError("m.onnx: wrong hash"), 2), (Cancelled("stopped"), 130)):
        failing(monkeypatch, error)
        done = cli("generate", song, "-o", tmp_path / "d" / "dance.bvh", "--json")
        assert done.status == status and done.error == str(error) and done.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_one_line_and_its_traceback_comes_with_debug(cli, song, tmp_path, monkeypatch):
    failing(monkeypatch, RuntimeError("shape\nmismatch"))
    done = cli("generate", song, "-o", tmp_path / "dance.bvh")
    assert done.status == 1 and "shape mismatch" in done.error and "--debug" in done.error
    done = cli("generate", song, "-o", tmp_path / "dance.bvh", "--debug")
    assert done.status == 1 and "Traceback" in done.err and "RuntimeError" in done.err


def test_a_user_error_shows_its_traceback_with_debug_only(cli, tmp_path):
    words = ("beats", tmp_path / "none.wav", "-o", tmp_path / "b.json")
    assert "Traceback" not in cli(*words).err
    assert "Traceback" in cli(*words, "--debug").err


def test_interrupt_leaves_nothing(cli, song, tmp_path, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    done = cli("generate", song, "-o", tmp_path / "new" / "dance.bvh")
    assert done.status == 130 and done.error == "stopped"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_leaves_the_old_file_as_it_was(tmp_path, number, status):
    """The real program, stopped while it works on a song of ten minutes."""
    from audio2pose_core.audio.demo_song import write_demo_song

    song, out = tmp_path / "long.wav", tmp_path / "beats.json"
    write_demo_song(song, seconds=300.0, sample_rate=22050)
    before = {*tmp_path.iterdir(), out}
    out.write_text("old")
    process = start("beats", song, "-o", out)
    assert process.stderr.readline() == "audio2pose: load\n"
    time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert err.splitlines()[-1].startswith("audio2pose: error: ") and "Traceback" not in err
    assert set(tmp_path.iterdir()) == before and out.read_text() == "old"


STUCK = """
import hashlib, sys
from audio2pose_core import cli
from audio2pose_core.console import note
from audio2pose_core.files import whole_file
def run(args):
    with whole_file(sys.argv[1]):
        note("busy")
        # As onnxruntime when it starts: a long call of native code that lets other threads run.
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
cli.COMMANDS["styles"].run = run
sys.exit(cli.main(["styles"]))
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_native_code_ends_within_five_seconds(tmp_path, number, status):
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, str(tmp_path / "out.json")],
        env=ENVIRONMENT,
        text=True,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert process.stderr.readline() == "busy\n"
        began = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert time.monotonic() - began < 5.0
    assert process.returncode == status and err.startswith("audio2pose: error: ")
    assert len(err.splitlines()) == 1 and list(tmp_path.iterdir()) == []


WORKERS = """
import multiprocessing, sys, time
from audio2pose_core import cli
def run(args):
    worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    worker.start()
    time.sleep(0.3)
    worker.terminate()
    worker.join()
    time.sleep(4)
cli.COMMANDS["styles"].run = run
sys.exit(cli.main(["styles"]))
"""


def test_the_signal_of_a_forked_worker_ends_the_worker_alone():
    command = [sys.executable, "-c", WORKERS]
    done = subprocess.run(
        command, env=ENVIRONMENT, text=True, capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr


def test_threads_above_the_cores_are_refused(cli, song, tmp_path):
    done = cli("generate", song, "-o", tmp_path / "out.bvh", "--threads", 100_000)
    assert done.status == 2 and "cores" in done.error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stdout_is_one_line(song, tmp_path):
    with open("/dev/full", "w") as full:
        process = start("beats", song, "-o", tmp_path / "b.json", "--json", "--quiet", stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.startswith("audio2pose: error: ") and err.count("\n") == 1, err


def test_a_reader_that_leaves_early_is_no_error(song, tmp_path):
    process = start("beats", song, "-o", tmp_path / "b.json", "--json", "--quiet")
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 1 and err == ""
    assert (tmp_path / "b.json").exists()


# --- with the real dancer ---


def test_the_real_program_makes_a_dance(default_model, song, tmp_path):
    out = tmp_path / "dance.bvh"
    process = start("generate", song, "-o", out, "--json", "--seed", 1)
    stdout, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    report, motion = json.loads(stdout), load_motion(out)
    assert report["frames"] == len(motion) and motion.fps == report["fps"]
    assert motion.seconds == pytest.approx(5.0, abs=0.05) == report["seconds"]
    assert report["tempo_bpm"] == pytest.approx(120.0, rel=0.02)
    assert len(report["model_sha256"]) == 64 and report["seed"] == 1
    assert np.ptp(motion.joint_positions(), axis=0).max() > 0.05, "the dancer stands still"


def test_a_seed_repeats_and_another_differs(default_model, cli, song, tmp_path):
    files = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        files.append(tmp_path / f"{name}.bvh")
        assert cli("generate", song, "-o", files[-1], "--seed", seed, "--quiet").status == 0
    a, b, c = (file.read_bytes() for file in files)
    assert a == b and a != c


def test_duration_cuts_the_dance(default_model, cli, song, tmp_path):
    out = tmp_path / "dance.npz"
    assert cli("generate", song, "-o", out, "--duration", 2, "--quiet").status == 0
    assert load_motion(out).seconds == pytest.approx(2.0, abs=0.02)


def test_beats_by_hand_are_danced_to(default_model, cli, song, tmp_path):
    beats, out = tmp_path / "beats.json", tmp_path / "dance.npz"
    assert cli("beats", song, "-o", beats, "--quiet").status == 0
    told = json.loads(beats.read_text())
    told["beat_times"] = list(np.arange(0.2, 5.0, 0.6))
    told["downbeat_times"] = told["beat_times"][::4]
    told["tempo_bpm"] = 100.0
    beats.write_text(json.dumps(told))
    report = json.loads(cli("generate", song, "-o", out, "--beats", beats, "--json").out)
    assert report["tempo_bpm"] == pytest.approx(100.0, rel=0.01)
    np.testing.assert_allclose(report["beats"], told["beat_times"], atol=1e-3)


def test_as_a_library(default_model, song):
    from audio2pose_core import generate_dance

    stages = []
    dance = generate_dance(song, duration=2.0, progress=lambda s, f: stages.append((s, f)))
    assert dance.motion.seconds == pytest.approx(2.0, abs=0.02)
    assert stages and all(0.0 <= fraction <= 1.0 for _, fraction in stages)
