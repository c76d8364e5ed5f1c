"""A .blend file of somebody else runs no code in a render, even with Blender's Auto Run on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bpy")

from audio2pose_core.formats import save_motion
from audio2pose_core.motion import rest_motion

pytestmark = pytest.mark.blender

ROOT = Path(__file__).resolve().parents[2]

TRAP = """
import sys, bpy
from mathutils import Vector
from audio2pose_core import skeleton
folder = sys.argv[-1]
bpy.ops.wm.read_factory_settings(use_empty=True)
text = bpy.data.texts.new("trap.py")
text.write(f"open({folder + '/script'!r}, 'w').close()")
text.use_module = True
armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
bpy.context.scene.collection.objects.link(armature)
bpy.context.view_layer.objects.active = armature
bpy.ops.object.mode_set(mode="EDIT")
bones, at = [], []
for name, parent, (x, y, z) in zip(skeleton.JOINTS, skeleton.PARENTS, skeleton.OFFSETS):
    place = (Vector((0, 0, 0.9)) if parent < 0 else at[parent]) + Vector((x, -z, y))
    bone = armature.data.edit_bones.new(name)
    bone.head, bone.tail = place, place + Vector((0, 0, 0.05))
    bone.parent = None if parent < 0 else bones[parent]
    bones.append(bone)
    at.append(place)
bpy.ops.object.mode_set(mode="OBJECT")
driver = armature.driver_add("location", 0).driver
driver.type = "SCRIPTED"
driver.expression = f"len([open({folder + '/driver'!r}, 'w').close()])"
bpy.ops.wm.save_as_mainfile(filepath=folder + "/trap.blend")
"""

# As a user's own Blender is, whose preferences let scripts run.
RENDER = """
import sys, bpy
paths = bpy.context.preferences.filepaths
paths.use_scripts_auto_execute = True
from blender_addon.render.command.run import main
status = main(sys.argv[1:])
assert paths.use_scripts_auto_execute, "the preference is put back"
sys.exit(status)
"""

OPEN = """
import sys, bpy
bpy.context.preferences.filepaths.use_scripts_auto_execute = True
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
"""


# bpy 4.5 may wait for ever for its sound thread when Python ends: leave at once, errors said.
AT_ONCE = """
import os, sys, traceback
status = 0
try:
    exec(sys.argv.pop(1), {"__name__": "__main__"})
except SystemExit as stop:
    status = int(stop.code or 0)
except BaseException:
    traceback.print_exc()
    status = 1
sys.stdout.flush()
sys.stderr.flush()
os._exit(status)
"""


def python(code: str, *words: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", AT_ONCE, code, *map(str, words)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def trap(tmp_path) -> Path:
    """A .blend whose script and driver each leave a file beside it once they run."""
    made = python(TRAP, tmp_path)
    assert made.returncode == 0, made.stderr
    for name in ("script", "driver"):
        (tmp_path / name).unlink(missing_ok=True)
    return tmp_path / "trap.blend"


def test_the_trap_is_one(trap):
    python(OPEN, trap)
    assert trap.with_name("script").exists() and trap.with_name("driver").exists()


@pytest.mark.parametrize("option", ["--blend", "--character"])
def test_scripts_and_drivers_of_others_do_not_run(trap, option):
    folder = trap.parent
    save_motion(folder / "dance.npz", rest_motion(30, 30.0))
    words = ["--motion", folder / "dance.npz", "--output", folder / "out_####.png", option, trap]
    result = python(
        RENDER, *words, "--resolution", "64x64", "--frames", "1-1", "--engine", "workbench"
    )
    assert result.returncode == 0, result.stderr
    assert not folder.joinpath("script").exists() and not folder.joinpath("driver").exists()
