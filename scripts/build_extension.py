"""Build the Blender extension: one zip per platform in dist/.

    python scripts/build_extension.py [--platform linux-x64] [--output dist]

A zip holds the add-on, the library without its training parts, the model, and
ONNX Runtime's wheels for the Pythons of the Blenders we support. Blender's own
tool builds and validates it: the one inside the ``bpy`` package of this
Python, or that of ``--blender``. The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.errors import Audio2PoseError, OutputError  # noqa: E402
from audio2pose_core.files import whole_file  # noqa: E402

ONNXRUNTIME = "1.32.0"
# Blender 4.5 and 5.0 have Python 3.11, 5.1 and later 3.13.
WHEELS: dict[str, dict[str, str]] = {
    "linux-x64": {
        "cp311-cp311-manylinux_2_28_x86_64": (
            "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d"
        ),
        "cp313-cp313-manylinux_2_28_x86_64": (
            "02ea12a28c069ea8510093d95a7f6ff8126bfd9fc5c0d3381c03b80fb2b424ba"
        ),
    },
    "windows-x64": {
        "cp311-cp311-win_amd64": (
            "d7e0c45cc5f456ad7805e6dd256a7662736cda9c2fd17becae194eb3c2f6df72"
        ),
        "cp313-cp313-win_amd64": (
            "c7f9aa98036ba2a47aa041a4a8c6d0a1f7bfe1bde44c131dcd15ce334f2f148d"
        ),
    },
    "macos-arm64": {
        "cp311-cp311-macosx_14_0_arm64": (
            "366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c"
        ),
        "cp313-cp313-macosx_14_0_arm64": (
            "27bf5dad46355a8a435c9c4e1556464d99ca834ea44e0f452909712068b8821b"
        ),
    },
}
"""Per platform: the tags of ONNX Runtime's wheels on PyPI, and their sha256."""

DEBIAN_WHEEL = {
    "cp314-cp314-manylinux_2_28_x86_64": (
        "48b878f9551d465aa79ee94ecaf49a1f6b5d27f2975efa775ded374db14d0af1"
    )
}
"""For the Blender of Debian and its kin, which uses the system's Python (--debian)."""

LEFT_OUT = ("batch", "cli", "data", "evaluate", "network")
"""Parts of the library that serve the command line, training and measurement only."""
MAX_MEGABYTES = 120
"""Per zip; what Blender's extension platform takes is more, but people wait for it."""
ADDON_LEFT_OUT = ("render/command",)
"""What of the add-on serves the command line only."""
LIBRARY_FILES = ("**/*.py", "py.typed", "models/*/*", "retarget/presets/*.json")
MANIFEST_MARK = "# platforms and wheels are written by scripts/build_extension.py."
_ZIP_EPOCH = 315532800  # 1980-01-01, the earliest date of a zip entry


class BuildError(Audio2PoseError):
    """The extension cannot be built here."""


# --- what goes in ---


def stage(folder: Path, platform: str, wheels: Sequence[Path], need_model: bool = True) -> None:
    """Lay out the extension's files in the empty ``folder``."""
    addon, library = ROOT / "blender_addon", ROOT / "audio2pose_core"
    left_out = [addon / part for part in ADDON_LEFT_OUT]
    for path in sorted(addon.rglob("*.py")):
        if any(path.is_relative_to(part) for part in left_out):
            continue
        target = folder / path.relative_to(addon)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copyfile(addon / "LICENSE", folder / "LICENSE")
    shutil.copytree(addon / "moves" / "start", folder / "moves" / "start")
    for path in library_files(library):
        target = folder / "audio2pose_core" / path.relative_to(library)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    # The library's own licence travels with it.
    shutil.copyfile(ROOT / "LICENSE", folder / "audio2pose_core" / "LICENSE")
    model = folder / "audio2pose_core" / "models" / "default" / "default.onnx"
    if need_model and not model.is_file():
        raise BuildError(
            f"no model in {library / 'models' / 'default'}; export one there, or build an "
            "extension that cannot dance by itself with --without-model"
        )
    (folder / "wheels").mkdir()
    for wheel in wheels:
        shutil.copyfile(wheel, folder / "wheels" / wheel.name)
    manifest = (addon / "blender_manifest.toml").read_text(encoding="utf-8")
    if manifest.count(MANIFEST_MARK) != 1:
        raise BuildError(f"blender_manifest.toml lacks the line: {MANIFEST_MARK}")
    names = [f"./wheels/{wheel.name}" for wheel in wheels]
    # JSON's lists of strings are TOML's too.
    lines = f"platforms = {json.dumps([platform])}\nwheels = {json.dumps(names)}"
    (folder / "blender_manifest.toml").write_text(
        manifest.replace(MANIFEST_MARK, lines), encoding="utf-8"
    )


def library_files(library: Path) -> list[Path]:
    """The files of the library that an extension needs."""
    found = {path for pattern in LIBRARY_FILES for path in library.glob(pattern)}
    kept = [p for p in found if p.is_file() and p.relative_to(library).parts[0] not in LEFT_OUT]
    return sorted(p for p in kept if "__pycache__" not in p.parts and not p.name.startswith("."))


def fetch_wheels(platform: str, cache: Path, debian: bool = False) -> list[Path]:
    """ONNX Runtime's wheels for a platform, unmodified from PyPI, kept in ``cache``."""
    wanted = WHEELS[platform] | (DEBIAN_WHEEL if debian and platform == "linux-x64" else {})
    return [_fetch_wheel(tag, digest, cache) for tag, digest in wanted.items()]


def _fetch_wheel(tag: str, digest: str, cache: Path) -> Path:
    wheel = cache / f"onnxruntime-{ONNXRUNTIME}-{tag}.whl"
    if not wheel.is_file():
        python, _, system = tag.split("-")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "--platform", system]
        command += ["--python-version", f"{python[2]}.{python[3:]}", "--dest", str(cache)]
        cache.mkdir(parents=True, exist_ok=True)
        out = subprocess.run(
            [*command, f"onnxruntime=={ONNXRUNTIME}"], capture_output=True, text=True
        )
        if out.returncode != 0 or not wheel.is_file():
            lines = (out.stderr or out.stdout).strip().splitlines() or ["pip said nothing"]
            raise BuildError(
                f"cannot fetch {wheel.name} from PyPI ({lines[-1]}); connect to the network, "
                f"or put the wheel into {cache}"
            )
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != digest:
        raise BuildError(f"{wheel} is not the wheel that PyPI has; delete it and build again")
    return wheel


# --- Blender's own tool ---


def blender_tool(blender: str | None = None) -> list[str]:
    """The command of Blender's extension tool, to which ``build`` or ``validate`` is added."""
    if blender is not None:
        if shutil.which(blender) is None:
            raise BuildError(f"{blender}: no such program; give --blender the Blender executable")
        return [blender, "--background", "--factory-startup", "--command", "extension"]
    spec = importlib.util.find_spec("bpy")
    if spec is not None and spec.origin is not None:
        pattern = "*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
        for tool in sorted(Path(spec.origin).parent.glob(pattern)):
            return [sys.executable, str(tool)]
    raise BuildError(
        "Blender's extension tool is not here; run this with a Python that has bpy "
        "(pip install bpy), or name a Blender with --blender"
    )


def _run_tool(command: list[str]) -> None:
    out = subprocess.run(command, capture_output=True, text=True)
    if out.returncode != 0:
        text = " / ".join((out.stdout + out.stderr).strip().splitlines()[-6:])
        raise BuildError(f"Blender's extension tool refused: {text}")


# --- the zip ---


def build(
    platform: str,
    output: Path,
    cache: Path,
    *,
    blender: str | None = None,
    need_model: bool = True,
    debian: bool = False,
) -> Path:
    """Build and validate one platform's zip in the folder ``output``; its path."""
    tool = blender_tool(blender)
    wheels = fetch_wheels(platform, cache, debian)
    version = tomllib.loads((ROOT / "blender_addon" / "blender_manifest.toml").read_text())[
        "version"
    ]
    target = output / f"audio2pose-{version}-{platform.replace('-', '_')}.zip"
    with tempfile.TemporaryDirectory(prefix="audio2pose-build-") as folder:
        staged, raw = Path(folder) / "audio2pose", Path(folder) / "raw.zip"
        staged.mkdir()
        stage(staged, platform, wheels, need_model)
        _run_tool([*tool, "build", "--source-dir", str(staged), "--output-filepath", str(raw)])
        even = Path(folder) / target.name
        normalise(raw, even)
        # The finished bytes are what is validated, not what they were made from.
        _run_tool([*tool, "validate", str(even)])
        if (size := even.stat().st_size / 1e6) > MAX_MEGABYTES:
            raise BuildError(f"{target.name} has {size:.0f} MB, more than {MAX_MEGABYTES}")
        with whole_file(target) as temporary:
            shutil.copyfile(even, temporary)
    return target


def normalise(source: Path, target: Path) -> None:
    """The same zip with sorted entries, one date and one mode: the same bytes each time."""
    epoch = max(_ZIP_EPOCH, int(os.environ.get("SOURCE_DATE_EPOCH", _ZIP_EPOCH)))
    date = time.gmtime(epoch)[:6]
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in sorted(old.infolist(), key=lambda e: e.filename):
            made = zipfile.ZipInfo(entry.filename, date)
            made.create_system = 3  # Unix, on whatever system this runs
            made.external_attr = 0o100644 << 16
            # A wheel is a zip already.
            made.compress_type = (
                zipfile.ZIP_STORED if entry.filename.endswith(".whl") else zipfile.ZIP_DEFLATED
            )
            new.writestr(made, old.read(entry), compresslevel=9)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--platform", action="append", choices=sorted(WHEELS), help="default: all of them")
    add("--output", type=Path, default=ROOT / "dist", help="folder for the zips (dist)")
    add("--blender", help="a Blender executable whose tool is used instead of bpy's")
    add(
        "--wheels",
        type=Path,
        default=Path.home() / ".cache" / "audio2pose" / "wheels",
        help="folder where fetched wheels are kept (%(default)s)",
    )
    add("--without-model", action="store_true", help="build although there is no model yet")
    add("--debian", action="store_true", help="add a wheel for Debian's Blender to the Linux zip")
    options = parser.parse_args(arguments)
    if options.output.is_file():
        raise OutputError(f"{options.output} is a file; name a folder")
    for platform in options.platform or sorted(WHEELS):
        path = build(
            platform,
            options.output,
            options.wheels,
            blender=options.blender,
            need_model=not options.without_model,
            debian=options.debian,
        )
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Audio2PoseError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
