"""The screenshots of docs/MANUAL.md: python scripts/manual_shots.py [--zip FILE] [--only NAME ...]

Builds the extension, uses it in the window of a real Blender (docs/BLENDER_TESTS.md) and
writes docs/manual/*.jpg, each below 150 KB. Some minutes; with --only the parts of the story
that no named picture needs are left out, and no other picture is written.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audio2pose_core.audio.demo_song import write_demo_song  # noqa: E402
from audio2pose_core.errors import Audio2PoseError, OutputError  # noqa: E402

OUTPUT = ROOT / "docs" / "manual"
SETUP = ROOT / "scripts" / "setup_real_blender.sh"
MAX_BYTES = 150_000


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--zip", type=Path, help="an extension built with --debian; default: build")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="pictures to take")
    options = parser.parse_args(arguments)
    where = subprocess.run([SETUP, "--where"], capture_output=True, text=True)
    if where.returncode != 0:
        raise OutputError(where.stderr.strip())
    with tempfile.TemporaryDirectory(prefix="audio2pose-manual-") as name:
        share = Path(name)
        prepare(share, options.zip)
        (share / "only.json").write_text(json.dumps(options.only))
        with (share / "blender.log").open("w") as log:
            ended = subprocess.run(
                [SETUP, "--run", share, "sh", "/share/show.sh"],
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=900,
                check=False,
            ).returncode
        said = [json.loads(line) for line in (share / "said.jsonl").read_text().splitlines()]
        if not said or said[-1]["event"] != "end":
            raise OutputError(str(said[-1:] or (share / "blender.log").read_text()[-2000:]))
        OUTPUT.mkdir(exist_ok=True)
        pictures = sorted((share / "shots").glob("*.jpg"))
        if options.only:
            pictures = [p for p in pictures if p.stem in options.only]
            if missing := set(options.only) - {p.stem for p in pictures}:
                raise OutputError(f"no picture of that name: {', '.join(sorted(missing))}")
        for picture in pictures:
            shutil.copyfile(picture, OUTPUT / picture.name)
            print(OUTPUT / picture.name, picture.stat().st_size)
        if large := [p.name for p in pictures if p.stat().st_size > MAX_BYTES]:
            raise OutputError(f"{', '.join(large)}: more than {MAX_BYTES} bytes; crop them")
        if ended != 0:
            log_end = (share / "blender.log").read_text()[-4000:]
            raise OutputError(f"the pictures are there, but Blender ended {ended}: {log_end}")
    return 0


def prepare(share: Path, package: Path | None) -> None:
    """The extension, a song, a second model to show, and the story of the pictures."""
    if package is None:
        command: list[str | Path] = [sys.executable, ROOT / "scripts" / "build_extension.py"]
        command += ["--platform", "linux-x64", "--debian", "--output", share]
        subprocess.run(command, check=True)
        (package,) = share.glob("*.zip")
    shutil.copyfile(package, share / "extension.zip")
    (share / "shots").mkdir()
    write_demo_song(share / "song.wav", seconds=20.0, bpm=120.0)
    # So long that a rough dance is worth showing, and that phrases return.
    write_demo_song(share / "long.wav", seconds=120.0, bpm=120.0)
    for name in ("hands.py", "show.sh"):
        shutil.copyfile(ROOT / "tests" / "ui" / name, share / name)
    shutil.copyfile(ROOT / "tests" / "ui" / "manual.py", share / "driver.py")
    # A model of one's own, as the preferences list it.
    models = share / "models"
    models.mkdir()
    (models / "my-dancer.onnx").write_bytes(b"")
    contract = {"name": "my-dancer", "styles": {"salsa": {}}, "licence": "CC-BY-4.0"}
    contract["training"] = {"data": "Motion capture of our own, two hours"}
    (models / "my-dancer.json").write_text(json.dumps(contract))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Audio2PoseError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
