"""What pip installs: the wheel, built, installed into an empty environment, and rendering."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("audio2pose_core", "blender_addon", "pyproject.toml", "README.md", "LICENSE")


def run(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that the checkout gets no build folder."""
    setuptools = pytest.importorskip("setuptools", reason="it builds the wheel")
    if int(setuptools.__version__.split(".")[0]) < 77:
        pytest.skip(f"needs setuptools 77, which reads our licence; {setuptools.__version__}")
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "checkout"
    copy.mkdir()
    for name in (*SOURCES, "LICENSE-GPL-3.0"):
        (copy / name).symlink_to(ROOT / name)
    build = ["wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", folder, copy]
    done = run(sys.executable, "-m", "pip", *build, cwd=folder)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The folder of an environment's programs: the wheel alone, over this Python's packages."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("[lL]ib/**/site-packages")
    # Packages of ours that this Python may have (pip install -e) come after the wheel's.
    here = {Path(p) for p in sys.path if p.endswith(("site-packages", "dist-packages"))}
    (site / "others.pth").write_text("".join(f"{place}\n" for place in here))
    install = ["install", "--no-deps", "--no-index", "--quiet", "--prefix", folder]
    install += ["--ignore-installed", wheel]
    done = run(sys.executable, "-m", "pip", *install, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / ("Scripts" if os.name == "nt" else "bin")


def test_what_is_in_it_and_what_is_not(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "audio2pose_core/models/default/default.onnx",
        "audio2pose_core/models/beats/beats.onnx",
        "audio2pose_core/models/beats/beats.json",
        "blender_addon/render/command/__main__.py",
        "blender_addon/render/command/run.py",
        "blender_addon/stage/club.py",
        "audio2pose_core/batch/render_options.py",
    } <= names
    assert {n.partition("/")[0].partition("-")[0] for n in names} == {
        "audio2pose",
        "audio2pose_core",
        "blender_addon",
    }
    assert any(n.endswith("licenses/LICENSE-GPL-3.0") for n in names), "the add-on is GPL"


def test_it_renders_in_an_empty_folder(installed, tmp_path, song):
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("needs bpy")
    python, program = installed / "python", installed / "audio2pose"
    where = "import audio2pose_core, blender_addon; print(audio2pose_core.__file__)"
    told = run(python, "-c", where, cwd=tmp_path)
    assert Path(told.stdout).is_relative_to(installed.parent), told.stdout + told.stderr
    assert "--resolution" in run(python, program, "render", "--help", cwd=tmp_path).stdout
    words = ["--audio", song, "--output", "x.mp4", "--frames", "1-3", "--resolution", "64x36"]
    done = run(python, program, "render", *words, "--duration", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.mp4").read_bytes()[4:8] == b"ftyp"
    # And a folder of songs, by the same installation.
    songs = tmp_path / "songs"
    songs.mkdir()
    (songs / "a.wav").write_bytes(song.read_bytes())
    words = ["--songs", "songs", "--output", "out", "--resolution", "64x36", "--fps", "5"]
    done = run(python, program, "render-batch", *words, "--duration", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "a.mp4").read_bytes()[4:8] == b"ftyp"
