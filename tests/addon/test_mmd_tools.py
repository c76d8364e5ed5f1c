"""VMD by another reader: mmd_tools puts it on a model with MMD's standard bones and leg IK.

Run where AUDIO2POSE_MMD_TOOLS names a folder with the package ``mmd_tools`` in it
(github.com/MMD-Blender/blender_mmd_tools); skipped elsewhere.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core import rotations as rot
from audio2pose_core.formats import save_motion
from audio2pose_core.formats.mmd import UNITS, standard_skeleton
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX

pytestmark = pytest.mark.blender
FOLDER = os.environ.get("AUDIO2POSE_MMD_TOOLS", "")
SCALE = 1.0 / UNITS
_NEXT = {"足": "ひざ", "ひざ": "足首", "足首": "つま先", "腕": "ひじ", "ひじ": "手首"}


@pytest.fixture
def mmd_tools():
    if not (Path(FOLDER) / "mmd_tools").is_dir() or not FOLDER:
        pytest.skip("AUDIO2POSE_MMD_TOOLS names no folder with mmd_tools")
    sys.path.insert(0, FOLDER)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    import mmd_tools

    mmd_tools.register()
    yield mmd_tools
    mmd_tools.unregister()
    sys.path.remove(FOLDER)


def stepping() -> Motion:
    """Knees that bend and stretch, a pelvis that turns, a way over the floor."""
    motion = rest_motion(60, 30.0)
    t = np.arange(60) / 30.0

    def turn(name: str, x, y=0.0, z=0.0) -> None:
        angles = np.stack([x + 0 * t, y + 0 * t, z + 0 * t], axis=1)
        motion.rotations[:, INDEX[name]] = rot.from_axis_angle(angles)

    turn("pelvis", 0.1 * np.sin(3 * t), 0.6 * np.sin(2 * t))
    turn("spine2", 0.2 * np.sin(4 * t), 0.2)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        up = np.maximum(0.0, sign * np.sin(5 * t))
        turn(f"{side}_hip", -0.9 * up, 0.0, 0.15 * sign * up)
        turn(f"{side}_knee", 1.1 * up + 0.05)
        turn(f"{side}_ankle", 0.3 * up)
        turn(f"{side}_shoulder", 0.3 * np.sin(4 * t), 0.2, -0.8 * sign)
        turn(f"{side}_elbow", 0.0, -0.5 * sign)
    motion.root[:, 0] += 0.3 * t
    motion.root[:, 1] -= 0.02
    return motion


def write_model(path: Path) -> None:
    """A model of nothing but the standard bones, by mmd_tools' own writer."""
    from mmd_tools.core import pmx

    names, parents, heads = standard_skeleton()
    model = pmx.Model()
    model.name = model.name_e = "standard"
    for name, parent, head in zip(names, parents, heads * (1, 1, -1), strict=True):
        bone = pmx.Bone()
        bone.name = bone.name_e = name
        bone.location = tuple(head)
        bone.parent = parent
        # Limbs point to the next bone, by whose place Blender's IK reaches.
        after = _NEXT.get(name[1:])
        bone.displayConnection = names.index(name[0] + after) if after else (0.0, 0.5, 0.0)
        if name.endswith("ＩＫ"):
            bone.isIK, bone.loopCount, bone.rotationConstraint = True, 40, 2.0
            side, toes = name[0], "つま先" in name
            bone.target = names.index(side + ("つま先" if toes else "足首"))
            for link in ("足首",) if toes else ("ひざ", "足"):
                joint = pmx.IKLink()
                joint.target = names.index(side + link)
                if link == "ひざ":
                    joint.minimumAngle, joint.maximumAngle = [-np.pi, 0, 0], [-0.0087, 0, 0]
                bone.ik_links.append(joint)
        model.bones.append(bone)
    pmx.save(str(path), model)


def places(armature, names: list[str], frames: int) -> np.ndarray:
    """Heads (T, n, 3) of pose bones by their Japanese names, as Blender evaluates them."""
    bones = {bone.mmd_bone.name_j: bone.name for bone in armature.pose.bones}
    out = np.empty((frames, len(names), 3))
    for frame in range(frames):
        bpy.context.scene.frame_set(frame)
        posed = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for i, name in enumerate(names):
            out[frame, i] = posed.matrix_world @ posed.pose.bones[bones[name]].head
    return out


@pytest.mark.parametrize("ik", [True, False])
def test_feet_are_equal_in_mmd_tools(mmd_tools, tmp_path, ik):
    dance = stepping()
    write_model(tmp_path / "standard.pmx")
    save_motion(tmp_path / "dance.vmd", dance)
    bpy.context.scene.render.fps = 30
    bpy.ops.mmd_tools.import_model(
        filepath=str(tmp_path / "standard.pmx"), scale=SCALE, types={"ARMATURE"}
    )
    (armature,) = (thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    bpy.context.scene.frame_set(0)
    bpy.context.view_layer.objects.active = armature
    armature.select_set(True)
    bpy.ops.mmd_tools.import_vmd(filepath=str(tmp_path / "dance.vmd"), scale=SCALE, margin=0)
    constraints = [c for b in armature.pose.bones for c in b.constraints if c.type == "IK"]
    assert len(constraints) == 4
    if not ik:
        for constraint in constraints:
            constraint.mute = True
    ours = dance.joint_positions()
    for mark, side in (("左", "left"), ("右", "right")):
        wanted = [INDEX[f"{side}_{part}"] for part in ("ankle", "foot", "knee", "wrist")]
        found = places(armature, [mark + n for n in ("足首", "つま先", "ひざ", "手首")], 60)
        # Z up, facing -Y, to Y up, facing +Z.
        found = np.stack([found[..., 0], found[..., 2], -found[..., 1]], axis=-1)
        off = np.linalg.norm(found - ours[:, wanted], axis=-1).max(axis=0)
        # Rotations and IK say the same, so the solver has nothing to move.
        assert off[:2].max() < 1e-4 and off[2] < 1e-3, off
        # Two bones of a back do not bend as our three.
        assert off[3] < 5e-3, off
