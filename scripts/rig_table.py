"""A table of how well rigs of every kind dance: degrees by limb, soles and slide in cm of a human.

    python scripts/rig_table.py                          # the kinds that the tests build
    python scripts/rig_table.py --cases FOLDER           # rigs of others, as JSON
    python scripts/rig_table.py --dance dance.npz --still FOLDER

Without ``--dance`` a made-up dance of four seconds is danced; with ``--still`` a picture of each
rig in the middle of it is rendered.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A child of its own: the add-on's tests hold the rigs, and Blender is loaded there only.
CHILD = """
import json, os, sys
from pathlib import Path
import bpy
import numpy as np
import quick_jobs, rig_kinds, rig_measures, rig_stills
from audio2pose_core.formats import load_motion
from blender_addon.rig import retarget

asked = json.loads(sys.argv[1])
motion = load_motion(asked["dance"]) if asked["dance"] else quick_jobs.sway(4.0, 3)
kinds = rig_kinds.files_of(Path(asked["cases"])) if asked["cases"] else rig_kinds.KINDS
for name, kind in kinds.items():
    if asked["only"] and name not in asked["only"]:
        continue
    bpy.ops.wm.read_factory_settings(use_empty=True)
    armature = kind.build()
    found = retarget.detect(armature).found
    frames = rig_measures.dance_on(armature, motion)
    some = frames[::4]
    measured = rig_measures.measure(
        armature, motion, some, kind.joints, rest_floor=kind.rest_floor
    )
    row = [name, found.title]
    for part in ("hip", "knee", "shoulder", "elbow", "foot"):
        low, most = measured.degrees.get(part, (float("nan"),) * 2)
        row.append(f"{low:.1f} / {most:.1f}")
    row.append(f"{measured.sole:.1f} .. {measured.high:.1f}")
    row.append(f"{measured.slide:.2f} / {measured.core_slide:.2f}")
    print("row " + json.dumps(row), flush=True)
    if asked["still"]:
        frame = int(frames[len(frames) // 2])
        path = Path(asked["still"]) / f"{name}.png"
        rig_stills.render(armature, frame, path, kind.joints.values())
sys.stdout.flush()
os._exit(0)
"""
HEAD = (
    "rig", "known as", "thigh", "shin", "upper arm", "forearm", "foot", "soles cm", "slide cm/s",
)  # fmt: skip


def main() -> int:
    """Print the table; the exit status of the child."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", help="folder of rigs as JSON")
    parser.add_argument("--dance", help="a dance, BVH or npz")
    parser.add_argument("--still", help="folder for a picture of each rig")
    parser.add_argument("--only", nargs="*", default=[], help="names of rigs")
    chosen = parser.parse_args()
    asked = {
        "cases": str(Path(chosen.cases).resolve()) if chosen.cases else "",
        "dance": str(Path(chosen.dance).resolve()) if chosen.dance else "",
        "still": str(Path(chosen.still).resolve()) if chosen.still else "",
        "only": chosen.only,
    }
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "addon"), str(ROOT / "tests" / "core")])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(asked)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    lines = [line[4:] for line in done.stdout.splitlines() if line.startswith("row ")]
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for line in lines:
        print("| " + " | ".join(json.loads(line)) + " |")
    print("\nDegrees: 95 % of the frames / the worst. Slide: of planted feet / the dance's own.")
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
