"""Send the songs of a plan to a Flamenco Manager, a job each.

    audio2pose render-batch --songs DIR --output DIR --chunk 300 --plan plan.json
    python scripts/flamenco/submit.py plan.json --manager http://manager:8080

docs/RENDERING.md tells more.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audio2pose_core.errors import Audio2PoseError, OptionError  # noqa: E402

JOB_TYPE = "audio2pose"
TIMEOUT_S = 30
_PLATFORMS = {"linux": "linux", "win32": "windows", "darwin": "darwin"}


class FarmError(Audio2PoseError):
    """A Manager that cannot be reached or refuses a job."""


def load_plan(path: Path) -> dict[str, Any]:
    """Read what ``render-batch --plan`` wrote; raises OptionError for anything else."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise OptionError(f"{path}: is no JSON: {error}") from error
    if not isinstance(plan, dict) or plan.get("format") != 1 or "songs" not in plan:
        raise OptionError(f"{path}: is no plan of 'audio2pose render-batch --plan'")
    return plan


def job_of(song: dict[str, Any], chunk: int, options: argparse.Namespace) -> dict[str, Any]:
    """A song as the Manager's SubmittedJob."""
    return {
        "name": f"{options.name} {song['song']}".strip(),
        "type": JOB_TYPE,
        "priority": options.priority,
        "submitter_platform": _PLATFORMS.get(sys.platform, "linux"),
        "settings": {
            "song": song["audio"],
            "output": song["output"],
            "frames": song["frames"],
            "chunk_size": chunk,
            "options": song["options"],
            "work": song["work"],
            "script": str(options.script),
            "program": options.program,
            "is_python": options.python,
        },
    }


def send(manager: str, job: dict[str, Any]) -> str:
    """Submit a job; returns its id, raises FarmError."""
    request = urllib.request.Request(
        f"{manager.rstrip('/')}/api/v3/jobs",
        data=json.dumps(job).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return str(json.load(answer)["id"])
    except urllib.error.HTTPError as error:
        said = error.read().decode("utf-8", "replace").strip()
        raise FarmError(f"{manager} refuses {job['name']}: {error.code} {said}") from error
    except (OSError, ValueError, KeyError) as error:
        raise FarmError(f"{manager}: no Flamenco Manager answers there ({error})") from error


def main() -> int:
    """Submit what waits; songs that are finished or cannot be read are left out and named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("plan", type=Path)
    add("--manager", required=True, metavar="URL", help="e.g. http://manager:8080")
    add("--name", default="", help="before each job's name")
    add("--priority", type=int, default=50)
    add("--script", type=Path, default=ROOT / "scripts" / "render.py", help="as the workers see it")
    add("--program", default="{blender}", help="Blender on the workers (default: {blender})")
    add("--python", action="store_true", help="--program is a Python that has bpy")
    options = parser.parse_args()
    try:
        plan = load_plan(options.plan)
        for song in plan["songs"]:
            if song["state"] != "waiting":
                print(f"{song['state']:8}{song['song']} {song['reason']}".rstrip(), file=sys.stderr)
                continue
            print(send(options.manager, job_of(song, plan["chunk"], options)), song["song"])
    except Audio2PoseError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
