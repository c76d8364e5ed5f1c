"""The extension as a zip: built, validated, installed into a fresh Blender, and dancing."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tomllib
import venv
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

# Asked for, not imported: bpy shall be loaded in the installing process only.
if importlib.util.find_spec("bpy") is None:
    pytest.skip("needs bpy", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import build_extension

pytestmark = pytest.mark.blender
CACHE = Path.home() / ".cache" / "audio2pose" / "wheels"
MODEL = ROOT / "audio2pose_core" / "models" / "default" / "default.onnx"
HERE = {
    ("Linux", "x86_64"): "linux-x64",
    ("Windows", "AMD64"): "windows-x64",
    ("Darwin", "arm64"): "macos-arm64",
}.get((platform.system(), platform.machine()))
# What Blender's own Python has, and standard modules; numpy comes with Blender.
OUTSIDE = {"bpy", "bpy_extras", "mathutils", "aud", "blf", "gpu", "numpy", "onnxruntime"}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """The zip for this platform."""
    if HERE is None:
        pytest.skip(f"no extension is built for {platform.system()} {platform.machine()}")
    try:
        build_extension.fetch_wheels(HERE, CACHE)
    except build_extension.BuildError as error:
        pytest.skip(f"needs ONNX Runtime's wheels: {error}")
    return build_extension.build(
        HERE, tmp_path_factory.mktemp("dist"), CACHE, need_model=MODEL.is_file()
    )


def test_the_same_inputs_give_the_same_bytes(package, tmp_path):
    again = build_extension.build(HERE, tmp_path, CACHE, need_model=MODEL.is_file())
    assert again.read_bytes() == package.read_bytes()


def test_what_is_in_it_and_what_is_not(package):
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert manifest["platforms"] == [HERE]
    assert sorted(f"./{n}" for n in names if n.endswith(".whl")) == sorted(manifest["wheels"])
    assert len(manifest["wheels"]) == 2
    assert {"LICENSE", "audio2pose_core/LICENSE", "__init__.py", "jobs/worker.py"} <= set(names)
    for file in ("beats.onnx", "beats.json", "MODEL_CARD.md"):
        assert f"audio2pose_core/models/beats/{file}" in names
    assert not [n for n in names if "__pycache__" in n or n.endswith(".pyc")]
    for part in build_extension.LEFT_OUT:
        assert not [n for n in names if n.startswith(f"audio2pose_core/{part}")]
    for part in build_extension.ADDON_LEFT_OUT:
        assert (ROOT / "blender_addon" / part).exists()
        assert not [n for n in names if n.startswith(part)]


@pytest.mark.parametrize("platform", sorted(build_extension.WHEELS))
def test_every_platform_is_built_and_validated(tmp_path, platform):
    """By Blender's own tool, which refuses a manifest or a wheel that does not fit."""
    try:
        build_extension.fetch_wheels(platform, CACHE)
    except build_extension.BuildError as error:
        pytest.skip(f"needs ONNX Runtime's wheels: {error}")
    made = build_extension.build(platform, tmp_path, CACHE, need_model=MODEL.is_file())
    assert made.stat().st_size < 120e6
    with zipfile.ZipFile(made) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        assert manifest["platforms"] == [platform]
        assert {w.split("-")[2] for w in manifest["wheels"]} == {"cp311", "cp313"}
        for wheel in manifest["wheels"]:
            with zipfile.ZipFile(archive.open(wheel.removeprefix("./"))) as parts:
                licences = [n for n in parts.namelist() if "LICENSE" in n.upper()]
                assert licences, f"{wheel} comes without its licence"


def test_licences_travel_with_what_they_are_for(package):
    with zipfile.ZipFile(package) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        assert manifest["license"] == ["SPDX:GPL-3.0-or-later", "SPDX:Apache-2.0"]
        assert b"GNU GENERAL PUBLIC LICENSE" in archive.read("LICENSE")
        assert b"Apache License" in archive.read("audio2pose_core/LICENSE")
        if MODEL.is_file():
            card = archive.read("audio2pose_core/models/default/MODEL_CARD.md").decode()
            assert "CC BY 4.0" in card, "the data's licence asks for credit"


def test_it_has_no_way_to_the_network(package):
    """Neither the manifest asks for it, nor does any line of code import what it takes."""
    network = {"socket", "ssl", "http", "urllib", "urllib3", "requests", "ftplib", "smtplib"}
    network |= {"asyncio", "socketserver", "xmlrpc", "webbrowser", "distributed"}
    with zipfile.ZipFile(package) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        assert set(manifest["permissions"]) == {"files"}
        for name in archive.namelist():
            if name.endswith(".py"):
                found = set()
                for node in ast.walk(ast.parse(archive.read(name))):
                    if isinstance(node, ast.Import):
                        found |= {alias.name.split(".")[0] for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.level == 0:
                        found.add((node.module or "").split(".")[0])
                assert not found & network, f"{name} imports {found & network}"


def test_its_version_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    manifest = tomllib.loads((ROOT / "blender_addon" / "blender_manifest.toml").read_text())
    assert manifest["version"] == project["version"]
    assert len(manifest["tagline"]) <= 64
    assert manifest["tagline"][-1].isalnum()
    assert all(len(reason) <= 64 for reason in manifest["permissions"].values())


def test_it_imports_nothing_from_outside_blender(package):
    """Every import statement that runs when a module is loaded, in every file of the zip."""
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                strangers = _imported(ast.parse(archive.read(name))) - OUTSIDE
                strangers -= sys.stdlib_module_names
                # The door to the library names both its places; see core.py.
                allowed = {"audio2pose_core"} if name == "core.py" else set()
                assert strangers <= allowed, f"{name} imports {strangers}"


def _imported(tree: ast.Module) -> set[str]:
    """Top-level names of absolute imports outside functions."""
    found: set[str] = set()
    open_nodes: list[ast.AST] = [tree]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
        open_nodes.extend(ast.iter_child_nodes(node))
    return found


def test_a_damaged_wheel_is_refused(tmp_path):
    tag = next(iter(build_extension.WHEELS["linux-x64"]))
    (tmp_path / f"onnxruntime-{build_extension.ONNXRUNTIME}-{tag}.whl").write_bytes(b"no wheel")
    with pytest.raises(build_extension.BuildError, match="not the wheel that PyPI has"):
        build_extension.fetch_wheels("linux-x64", tmp_path)


def test_a_wheel_that_cannot_be_fetched_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(build_extension.BuildError, match="connect to the network"):
        build_extension.fetch_wheels("linux-x64", tmp_path)


def test_without_blenders_tool_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(build_extension.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(build_extension.BuildError, match="pip install bpy"):
        build_extension.blender_tool()
    with pytest.raises(build_extension.BuildError, match="no such program"):
        build_extension.blender_tool("no-blender-here")


# --- installed ---


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory) -> Path:
    """A Python with Blender and what Blender brings: the wheels must bring the rest."""
    if os.name == "nt":
        pytest.skip("makes its Python out of symbolic links")
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    origin = importlib.util.find_spec("bpy").origin
    ours = Path(origin).parent.parent
    # numpy, requests, zstandard and theirs: as in Blender's own Python.
    wanted = ("bpy", "numpy", "requests", "zstandard", "certifi", "charset", "idna", "urllib3")
    wanted += ("cattr", "attr", "typing_extensions", "Cython", "cython")
    for entry in ours.iterdir():
        if entry.name.startswith(wanted):
            (packages / entry.name).symlink_to(entry)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def song(tmp_path_factory) -> Path:
    """Ten seconds of noise bursts, 120 a minute."""
    rate = 22050
    times = np.arange(10 * rate) / rate
    noise = np.random.default_rng(0).normal(size=len(times))
    samples = 0.3 * noise * np.exp(-30 * (times % 0.5))
    path = tmp_path_factory.mktemp("song") / "beat.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def use(python: Path, package: Path, song: Path, folder: Path, *more: str) -> dict:
    """Install and use the extension in a process of its own; what it found."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["BLENDER_USER_RESOURCES"] = str(folder / "resources")
    (folder / "resources").mkdir()
    script = Path(__file__).with_name("installed.py")
    command = [str(python), str(script), str(package), str(song), str(ROOT), *more]
    out = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert out.returncode == 0, out.stdout + out.stderr
    return json.loads(next(x for x in reversed(out.stdout.splitlines()) if x.startswith("{")))


def test_it_installs_into_a_fresh_blender_and_leaves_without_a_trace(
    package, bare_python, song, tmp_path
):
    found = use(bare_python, package, song, tmp_path)
    assert found["installed"] == ["FINISHED"]
    assert found["enabled"]
    assert found["panel"] == "bl_ext.user_default.audio2pose.ui.panels.main"
    assert found["repository"] == []
    assert found["top_level_library"] == []
    assert found["heavy"] == []
    assert found["onnxruntime"].startswith(str(tmp_path / "resources"))
    assert found["left"] == []
    assert found["again"] and found["handlers"] == []


def test_it_dances_out_of_the_zip(package, bare_python, song, tmp_path):
    if not MODEL.is_file():
        pytest.skip("needs a model in audio2pose_core/models/default")
    found = use(bare_python, package, song, tmp_path, "default")
    assert found["generated"] == ["FINISHED"]
    assert found["curves"] == 3 + 24 * 4
    assert found["analysed"] == ["FINISHED"]
    assert found["beat_markers"] == pytest.approx(20, abs=2)
    assert found["frames"][0] == 25
    assert found["frames"][1] == pytest.approx(25 + 10 * 24 - 1, abs=1)
    assert found["tempo"] == pytest.approx(120, rel=0.03)
    assert found["moved"] > 0.01
    # The worker did it: Blender itself loaded no ONNX Runtime.
    assert found["heavy"] == []
