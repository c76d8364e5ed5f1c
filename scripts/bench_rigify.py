"""A dance on a rig that Rigify generated: seconds to write it, memory, how few keys it needs."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.bench_tools import BenchError, run_child

# A child of its own: Rigify cannot be unloaded, and a Python with it hangs at its end.
CHILD = """
import json, os, resource, sys, time
import numpy as np
import bpy, addon_utils
from audio2pose_core.motion import Motion
from blender_addon.keys import writer
from blender_addon.rig import retarget
from scripts.bench_keys import a_minute_of_dance

def peak():
    unit = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit / 1024

bpy.ops.wm.read_factory_settings(use_empty=True)
if addon_utils.enable("rigify", default_set=True) is None:
    print("this Blender has no Rigify", file=sys.stderr, flush=True)
    os._exit(1)
bpy.ops.object.armature_human_metarig_add()
bpy.ops.pose.rigify_generate()
rig = bpy.context.object
minute = a_minute_of_dance()
out = {"bones": len(rig.data.bones), "before": peak()}
for minutes in (1, 10):
    motion = Motion(
        minute.fps, np.tile(minute.root, (minutes, 1)), np.tile(minute.rotations, (minutes, 1, 1))
    )
    best = None
    for _ in range(3 if minutes == 1 else 1):
        times = [time.perf_counter()]
        frames = writer.key_frames(1, motion.seconds, 30.0)
        channels = retarget.channels(rig, motion, frames, 1.0, 30.0)
        times.append(time.perf_counter())
        writer.write_channels(rig, frames, channels, "Dance")
        times.append(time.perf_counter())
        if best is None or times[2] - times[0] < sum(best):
            best = [times[1] - times[0], times[2] - times[1]]
    out[str(minutes)] = best
    out["channels"] = len(channels)
out["after"] = peak()
import dataclasses
from audio2pose_core.cleanup.key_rates import in_words, key_rates
from audio2pose_core.cleanup.reduce import reduce_keys
from blender_addon.keys import reduction
from blender_addon.rig import settings
from scripts.bench_keys import a_real_dance
dance, beats = a_real_dance()
frames = writer.key_frames(1, dance.seconds, 24.0)
contacts = dance.sample((frames - 1.0) / 24.0, 24.0).contacts
bpy.context.view_layer.update()
for ik in (False, True):
    how = dataclasses.replace(settings.follow_of(rig), ik_legs=ik)
    channels = retarget.channels(rig, dance, frames, 1.0, 24.0, how)
    task = reduction.of_rig(rig, channels, frames, 0.01, contacts, 1.0 + 24.0 * np.array(beats))
    asked = task.request
    keys = reduce_keys(
        asked.chain,
        list(asked.tracks),
        0.01,
        limb_names=asked.limb_names,
        planted=asked.planted,
        preferred=asked.preferred,
    )
    shown = [(group[0].columns, key.index) for group, key in zip(task.channels, keys)]
    out["ik" if ik else "fk"] = in_words(key_rates(shown, dance.seconds))
print("rows " + json.dumps(out), flush=True)
os._exit(0)
"""


def rows() -> list[tuple[str, str]]:
    """Poses and keys of one and of ten minutes, one key a frame, at 30 fps."""
    with tempfile.TemporaryDirectory(prefix="audio2pose-rigify-") as folder:
        run = run_child(["-c", CHILD], Path(folder))
    found = [line[5:] for line in run.out.splitlines() if line.startswith("rows ")]
    if not found:
        raise BenchError("the Rigify rig was not measured: " + run.out.strip()[-200:])
    told = json.loads(found[0])
    out = [("bones of the rig, curves written", f"{told['bones']}, {told['channels']}")]
    for minutes in (1, 10):
        pose, write = told[str(minutes)]
        out.append((f"{60 * minutes} s of dance: poses + keys", f"{pose:.2f} + {write:.2f} s"))
    out.append(("memory that it took at most", f"{told['after'] - told['before']:.0f} MB"))
    out.append(("keys a second at 1 cm, legs on FK", told["fk"]))
    out.append(("keys a second at 1 cm, legs on IK", told["ik"]))
    return out


if __name__ == "__main__":
    for name, figure in rows():
        print(f"{name:45s} {figure}")
