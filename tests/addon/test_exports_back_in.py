"""Every way out, back in: the joints of what comes back are where the dance had them."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

# The readers of other programs' kind are the library's tests'.
sys.path.append(str(Path(__file__).parents[1] / "core"))
import foreign_rigs
from gltf_reader import Glb
from vmd_reader import Vmd

from audio2pose_core import rotations as rot
from audio2pose_core.data.fitting.smpl import load_smpl
from audio2pose_core.formats import bvh, save_motion
from audio2pose_core.formats.mmd import UNITS
from audio2pose_core.formats.name_presets import PRESETS
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX, JOINTS
from blender_addon import compat
from blender_addon.export import clips as export_clips, root_turn
from blender_addon.figure import mannequin
from blender_addon.keys import writer as key_writer
from blender_addon.rig import own_armature, retarget as rig_retarget
from blender_addon.rig.channel import Curve
from blender_addon.takes import store as take_store

pytestmark = pytest.mark.blender
FPS = 30
HEIGHT = 1.7
START = -7


def dance(seed: int = 1, frames: int = 40) -> Motion:
    """Every joint turns, the way over the floor is a bow."""
    motion = rest_motion(frames, float(FPS))
    rng = np.random.default_rng(seed)
    t = np.arange(frames) / FPS
    for j in range(24):
        phase, size = rng.uniform(0, 6, 3), rng.uniform(0.1, 0.4, 3)
        motion.rotations[:, j] = rot.from_axis_angle(size * np.sin(5 * t[:, None] + phase))
    motion.root[:, 0] += 0.7 * t
    motion.root[:, 1] += 0.05 * np.sin(4 * t)
    motion.root[:, 2] += 0.3 * np.sin(3 * t)
    return motion


def cycle(frames: int = 45) -> Motion:
    """A dance on the spot whose frame N would be frame 0."""
    motion = rest_motion(frames, float(FPS))
    t = np.arange(frames) / frames * 2 * np.pi
    for j in range(24):
        turn = np.stack([0.4 * np.sin(t + j), 0.2 * np.cos(t), 0.3 * np.sin(2 * t)], axis=1)
        motion.rotations[:, j] = rot.from_axis_angle(turn)
    motion.root[:, 1] += 0.03 * np.cos(2 * t)
    return motion


@pytest.fixture
def scene(registered):
    registered.render.fps, registered.render.fps_base = FPS, 1.0
    return registered


def add_take(armature, motion: Motion, name: str, start: float = START):
    take_store.put_aside(armature)
    action = key_writer.write_motion(
        armature, motion, frame_start=start, scene_fps=float(FPS), action_name=name
    )
    take = take_store.add(armature, action)
    take.name = name
    return take


@pytest.fixture
def dancer(scene):
    """It begins before frame 0, as dances do whose song begins there."""
    armature = mannequin.create_dancer("Dancer", scene.collection)
    armature.animation_data_create()
    add_take(armature, dance(), "Salsa")
    scene.frame_set(4)
    scene.audio2pose.target = armature
    bpy.context.view_layer.objects.active = armature
    return armature


def imported(path: Path):
    """The armature that a file brings into an empty scene; the dancer is taken away before."""
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    for action in list(bpy.data.actions):
        bpy.data.actions.remove(action)
    suffix = path.suffix
    if suffix == ".fbx":
        # The importer lets animations begin on frame 1 unless it is told.
        bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    elif suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    elif suffix == ".usdc":
        bpy.ops.wm.usd_import(filepath=str(path))
    (armature,) = (o for o in bpy.data.objects if o.type == "ARMATURE")
    return armature


def heads(armature, names: dict[str, str], frames: int) -> np.ndarray:
    """World places (T, joints, 3) of the bones of joints, core's axes, metres."""
    out = np.empty((frames, len(names), 3))
    for frame in range(frames):
        bpy.context.scene.frame_set(frame)
        for i, name in enumerate(names.values()):
            out[frame, i] = armature.matrix_world @ armature.pose.bones[name].head
    return out @ own_armature.CORE_TO_BLENDER


OWN = {joint: joint for joint in JOINTS}


def only_action(armature, name: str) -> None:
    """Let it play one of the actions that came in."""
    animation = armature.animation_data
    for track in animation.nla_tracks:
        track.mute = True
    found = [a for a in bpy.data.actions if name in a.name.replace("|", " ")]
    (action,) = [a for a in found if any(s.target_id_type in ("OBJECT", "UNSPECIFIED")
                                         for s in a.slots)]  # fmt: skip
    compat.play_action(armature, action)


def state(scene, armature) -> object:
    animation = armature.animation_data
    return (
        (scene.frame_start, scene.frame_end, scene.frame_current),
        (scene.render.fps, scene.render.fps_base, scene.unit_settings.scale_length),
        sorted(o.name for o in bpy.context.view_layer.objects.selected),
        sorted(a.name for a in bpy.data.actions),
        sorted(o.name for o in bpy.data.objects),
        sorted(m.name for m in bpy.data.meshes),
        sorted(a.name for a in bpy.data.armatures),
        sorted(m.name for m in bpy.data.materials),
        None if animation.action is None else animation.action.name,
        [(t.name, t.mute, t.is_solo, [s.name for s in t.strips]) for t in animation.nla_tracks],
        [tuple(b.matrix_basis.translation) for b in armature.pose.bones],
    )


# --- the matrix: every file back in ---

MATRIX = [
    ("fbx", ".fbx", {}, OWN, 1e-4),
    ("gltf", ".glb", {}, OWN, 1e-4),
    ("usd", ".usdc", {}, OWN, 1e-4),
    ("fbx", ".fbx", {"body": "unreal"}, PRESETS["unreal"].names, 1e-4),
    ("fbx", ".fbx", {"body": "unity"}, PRESETS["unity"].names, 1e-4),
    ("fbx", ".fbx", {"body": "mixamo"}, PRESETS["mixamo"].names, 1e-4),
    ("gltf", ".glb", {"body": "unreal"}, PRESETS["unreal"].names, 1e-4),
    ("fbx", ".fbx", {"body": "mixamo", "root_motion": "ROOT"}, PRESETS["mixamo"].names, 1e-4),
]


@pytest.mark.parametrize(("kind", "suffix", "options", "names", "share"), MATRIX)
def test_blenders_files_come_back(scene, dancer, tmp_path, kind, suffix, options, names, share):
    path = tmp_path / f"dance{suffix}"
    before = state(scene, dancer)
    assert getattr(bpy.ops.audio2pose, f"export_{kind}")(filepath=str(path), **options) == {
        "FINISHED"
    }
    assert state(scene, dancer) == before
    wanted = dance().joint_positions()
    back = imported(path)
    found = heads(back, names, len(wanted))
    scale = 0.01 if options.get("body") and suffix == ".glb" else 1.0
    assert np.abs(found * scale - wanted).max() < share * HEIGHT


@pytest.mark.parametrize("suffix", [".bvh", ".pkl"])
def test_our_files_come_back(scene, dancer, tmp_path, suffix):
    path = tmp_path / f"dance{suffix}"
    name = {".bvh": "bvh", ".pkl": "smpl"}[suffix]
    assert getattr(bpy.ops.audio2pose, f"export_{name}")(filepath=str(path)) == {"FINISHED"}
    back = bvh.load_bvh(path) if suffix == ".bvh" else load_smpl(path)
    wanted = dance().sample(np.arange(len(back)) / back.fps, back.fps)
    assert len(back) in (40, 79)
    # Quaternions between keys are drawn by Blender as four lines: slerp is a little another way.
    assert np.abs(back.joint_positions() - wanted.joint_positions()).max() < 1e-3
    every = slice(None, None, round(back.fps / FPS))
    same = back.joint_positions()[every] - wanted.joint_positions()[every]
    assert np.abs(same).max() < 1e-4 * HEIGHT


def test_the_librarys_glb_comes_in_as_a_dancer(scene, tmp_path):
    save_motion(tmp_path / "salsa.glb", dance())
    back = imported(tmp_path / "salsa.glb")
    assert np.abs(heads(back, OWN, 40) - dance().joint_positions()).max() < 1e-4 * HEIGHT
    (body,) = (thing for thing in bpy.data.objects if thing.type == "MESH" and thing.parent == back)
    assert len(body.data.vertices) > 2000 and len(body.data.materials) == 4


def test_vrma_and_vmd_come_back(scene, dancer, tmp_path):
    wanted = dance().joint_positions()
    bpy.ops.audio2pose.export_vrma(filepath=str(tmp_path / "a.vrma"))
    file = Glb.read(tmp_path / "a.vrma")
    names = [node["name"] for node in file.document["nodes"]]
    kept = [j for j in JOINTS if j in names]
    found = file.world()[:, [names.index(j) for j in kept]]
    assert len(kept) == 22
    assert np.abs(found - wanted[:, [INDEX[j] for j in kept]]).max() < 1e-4 * HEIGHT
    bpy.ops.audio2pose.export_vmd(filepath=str(tmp_path / "a.vmd"))
    played = Vmd.read(tmp_path / "a.vmd").play()
    for name, joint in (("左足首", "left_ankle"), ("右つま先", "right_foot")):
        theirs = played[name] * (1, 1, -1) / UNITS
        assert np.abs(theirs - wanted[:, INDEX[joint]]).max() < 1e-4 * HEIGHT


@pytest.mark.parametrize("options", [{}, {"body": "unity"}, {"takes": "ALL"}])
def test_khronos_validator_finds_no_fault_in_blenders_glb(scene, dancer, tmp_path, options):
    if (
        shutil.which("node") is None
        or subprocess.run(
            ["node", "-p", "require.resolve('gltf-validator')"], capture_output=True
        ).returncode
    ):
        pytest.skip("node has no gltf-validator (npm install gltf-validator)")
    add_take(dancer, dance(2, 30), "Tango")
    path = tmp_path / "a.glb"
    bpy.ops.audio2pose.export_gltf(filepath=str(path), **options)
    program = (
        "require('gltf-validator')"
        ".validateBytes(new Uint8Array(require('fs').readFileSync(process.argv[1])))"
        ".then(r => console.log(JSON.stringify(r.issues)))"
    )
    run = subprocess.run(
        ["node", "-e", program, str(path)], capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout)["numErrors"] == 0, run.stdout


def glb(path: Path) -> tuple[dict, bytes]:
    data = path.read_bytes()
    size = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def lengths(path: Path) -> dict[str, tuple[float, float]]:
    """Animation -> (first, last) time of a .glb or .vrma."""
    document, _ = glb(path)
    out = {}
    for animation in document["animations"]:
        inputs = [document["accessors"][s["input"]] for s in animation["samplers"]]
        out[animation["name"]] = (
            min(a["min"][0] for a in inputs),
            max(a["max"][0] for a in inputs),
        )
    return out


def test_vrma_begins_at_zero_and_lasts_as_long(scene, dancer, tmp_path):
    path = tmp_path / "dance.vrma"
    assert bpy.ops.audio2pose.export_vrma(filepath=str(path)) == {"FINISHED"}
    ((name, (first, last)),) = lengths(path).items()
    assert (name, first) == ("dance", 0.0) and last == pytest.approx(39 / FPS)


def test_every_take_is_an_animation_of_its_name_from_zero(scene, dancer, tmp_path):
    add_take(dancer, dance(2, 60), "Tango", start=100)
    before = state(scene, dancer)
    path = tmp_path / "takes.glb"
    assert bpy.ops.audio2pose.export_gltf(filepath=str(path), takes="ALL") == {"FINISHED"}
    found = lengths(path)
    assert set(found) == {"Salsa", "Tango"}
    for name, frames in (("Salsa", 40), ("Tango", 60)):
        assert found[name][0] == 0.0
        assert found[name][1] == pytest.approx((frames - 1) / FPS, abs=1e-5)
    after = state(scene, dancer)
    # Takes were played one after the other; what plays is as before, the rest lies on its tracks.
    assert after[:9] == before[:9]
    assert {t[0] for t in after[9]} == {t[0] for t in before[9]}
    back = imported(path)
    for name, motion in (("Salsa", dance()), ("Tango", dance(2, 60))):
        only_action(back, name)
        off = heads(back, OWN, len(motion)) - motion.joint_positions()
        assert np.abs(off).max() < 1e-4 * HEIGHT


def test_every_take_is_in_one_fbx_or_in_files_of_its_name(scene, dancer, tmp_path):
    add_take(dancer, dance(2, 60), "Tango", start=100)
    assert bpy.ops.audio2pose.export_vrma(filepath=str(tmp_path / "a.vrma"), takes="ALL")
    assert bpy.ops.audio2pose.export_bvh(filepath=str(tmp_path / "a.bvh"), takes="ALL")
    assert bpy.ops.audio2pose.export_vmd(filepath=str(tmp_path / "a.vmd"), takes="ALL")
    assert {p.name for p in tmp_path.iterdir()} == {
        f"a {name}.{kind}" for name in ("Salsa", "Tango") for kind in ("vrma", "bvh", "vmd")
    }
    assert len(bvh.load_bvh(tmp_path / "a Tango.bvh")) == 60
    path = tmp_path / "a.fbx"
    assert bpy.ops.audio2pose.export_fbx(filepath=str(path), takes="ALL", body="unreal")
    back = imported(path)
    for name, motion in (("Salsa", dance()), ("Tango", dance(2, 60))):
        only_action(back, name)
        off = heads(back, PRESETS["unreal"].names, len(motion)) - motion.joint_positions()
        assert np.abs(off).max() < 1e-4 * HEIGHT


def test_a_negative_start_gives_equal_lengths(scene, dancer, tmp_path):
    bpy.ops.audio2pose.export_gltf(filepath=str(tmp_path / "a.glb"))
    bpy.ops.audio2pose.export_bvh(filepath=str(tmp_path / "a.bvh"))
    bpy.ops.audio2pose.export_fbx(filepath=str(tmp_path / "a.fbx"))
    assert len(bvh.load_bvh(tmp_path / "a.bvh")) == 40
    assert lengths(tmp_path / "a.glb") == {"Salsa": (0.0, pytest.approx(39 / FPS))}
    back = imported(tmp_path / "a.fbx")
    first, last = back.animation_data.action.frame_range
    assert last - first == pytest.approx(39)


# --- root motion ---


def test_the_root_bone_carries_the_way(scene, dancer, tmp_path):
    path = tmp_path / "a.fbx"
    bpy.ops.audio2pose.export_fbx(filepath=str(path), body="unreal")
    back, wanted = imported(path), dance().root
    root = heads(back, {"root": "root"}, 40)[:, 0]
    assert np.abs(root - wanted * (1, 0, 1)).max() < 1e-4
    assert back.data.bones["pelvis"].parent.name == "root"
    # Nothing carries a scale: Unreal and Unity would keep it.
    assert np.array(back.pose.bones["pelvis"].matrix.to_scale()) == pytest.approx(1.0, abs=1e-4)


def turning_dance() -> Motion:
    """A dance that turns once around to its left while it travels."""
    motion = dance(4, 90)
    quats = motion.rotations.copy()
    quats[:, 0] = rot.multiply(rot.from_yaw(np.linspace(0, 2 * np.pi, 90)), quats[:, 0])
    return Motion(motion.fps, motion.root, quats)


def yaw_of(armature, bone: str, frames: int) -> np.ndarray:
    """How far (T,) a bone is turned about the vertical since frame 0, radians, unwrapped."""
    out = []
    for frame in range(frames):
        bpy.context.scene.frame_set(frame)
        turn = (armature.matrix_world @ armature.pose.bones[bone].matrix).to_3x3().normalized()
        out.append(np.array(turn))
    # What a vector that lay on the floor in the first frame does.
    level = min((column for column in out[0].T), key=lambda column: abs(column[2]))
    axis = int(np.argmin([np.abs(column - level).max() for column in out[0].T]))
    return np.unwrap([np.arctan2(turn[1, axis], turn[0, axis]) for turn in out])


@pytest.mark.parametrize(
    ("kind", "suffix", "body"),
    [("fbx", ".fbx", "unreal"), ("gltf", ".glb", "unity"), ("gltf", ".glb", "rig")],
)
def test_the_root_bone_turns_with_the_body(scene, dancer, tmp_path, kind, suffix, body):
    motion = turning_dance()
    options = {"root_motion": "ROOT_TURN"}
    if body == "rig":
        rig = foreign_rigs.build("Rig", foreign_rigs.FAMILIES["unreal"], seed=2)
        frames = np.arange(START, START + len(motion), dtype=float)
        channels = rig_retarget.channels(rig, motion, frames, START, float(FPS))
        key_writer.write_action(rig, [Curve.of(c, frames, c.values) for c in channels], "Dance")
        scene.audio2pose.target = rig
        names = {n: n for n in ("pelvis", "hand_l", "foot_r", "ball_l", "head")}
        wanted = np.empty((len(motion), len(names), 3))
        for frame in range(len(motion)):
            scene.frame_set(START + frame)
            for i, name in enumerate(names):
                wanted[frame, i] = rig.matrix_world @ rig.pose.bones[name].head
        wanted = wanted @ own_armature.CORE_TO_BLENDER
        scale, root = 1.0, "root"
    else:
        add_take(dancer, motion, "Turn")
        options["body"] = body
        names, root = PRESETS[body].names, PRESETS[body].root
        wanted, scale = motion.joint_positions(), 0.01 if suffix == ".glb" else 1.0
    path = tmp_path / f"a{suffix}"
    assert getattr(bpy.ops.audio2pose, f"export_{kind}")(filepath=str(path), **options) == {
        "FINISHED"
    }
    back = imported(path)
    assert np.abs(heads(back, names, len(motion)) * scale - wanted).max() < 1e-3
    yaw = yaw_of(back, root, len(motion))
    # Once around, and no faster than the body turns but for its own sways.
    assert yaw[-1] - yaw[0] == pytest.approx(2 * np.pi, abs=0.8)
    assert np.abs(np.diff(yaw) - 2 * np.pi / 89).max() < 0.06


def test_the_heading_of_a_loop_closes():
    t = np.linspace(0, 2 * np.pi, 61)
    turn = rot.from_yaw(t + 0.3 * np.sin(3 * t))
    quats = np.tile(rot.IDENTITY, (61, 24, 1))
    quats[:, 0] = turn
    found = root_turn.headings(Motion(30.0, np.zeros((61, 3)), quats), True)
    assert found[-1] - found[0] == pytest.approx(2 * np.pi)
    assert np.abs(np.diff(found, 2)).max() < 0.02


@pytest.mark.parametrize("body", ["OWN", "mixamo"])
def test_in_place(scene, dancer, tmp_path, body):
    path = tmp_path / "a.glb"
    bpy.ops.audio2pose.export_gltf(filepath=str(path), body=body, root_motion="IN_PLACE")
    names = OWN if body == "OWN" else PRESETS[body].names
    back, wanted = imported(path), dance().joint_positions()
    found = heads(back, names, 40) * (1.0 if body == "OWN" else 0.01)
    pelvis = found[:, INDEX["pelvis"]]
    if body == "OWN":
        # The middle between the hips stays, as with the setting of the Character panel.
        hips = [INDEX["left_hip"], INDEX["right_hip"]]
        pelvis = found[:, hips].mean(axis=1)
    assert np.abs(pelvis[:, [0, 2]]).max() < 1e-3
    assert np.abs((found - found[:, :1]) - (wanted - wanted[:, :1])).max() < 1e-3


# --- loops ---


def make_cycle(armature, motion: Motion, length: float, way: float = 0.0) -> None:
    """Its curves repeat after ``length`` frames, where the first key comes again."""
    add_take(armature, motion, "Loop", start=10)
    for curve in compat.fcurves_of(armature):
        points = curve.keyframe_points
        # The dancer's left is the pelvis bone's own X.
        further = way if curve.data_path.endswith("location") and curve.array_index == 0 else 0.0
        points.insert(10 + length, points[0].co[1] + further).interpolation = "LINEAR"
        modifier = curve.modifiers.new("CYCLES")
        modifier.mode_before = modifier.mode_after = "REPEAT_OFFSET" if further else "REPEAT"


@pytest.mark.parametrize("length", [45.0, 45.4])
@pytest.mark.parametrize("kind", ["vrma", "gltf", "gltf-unity"])
def test_a_cycle_is_exact(scene, dancer, tmp_path, kind, length):
    make_cycle(dancer, cycle(), length)
    path = tmp_path / ("a.vrma" if kind == "vrma" else "a.glb")
    kind, _, body = kind.partition("-")
    options = {"body": body} if body else {}
    getattr(bpy.ops.audio2pose, f"export_{kind}")(filepath=str(path), **options)
    ((_, (first, last)),) = lengths(path).items()
    assert first == 0.0 and last == pytest.approx(length / FPS, abs=2e-5)
    document, binary = glb(path)
    for animation in document["animations"]:
        for sampler in animation["samplers"]:
            accessor = document["accessors"][sampler["output"]]
            view = document["bufferViews"][accessor["bufferView"]]
            width = {"VEC3": 3, "VEC4": 4}[accessor["type"]]
            values = np.frombuffer(
                binary, "<f4", accessor["count"] * width, view.get("byteOffset", 0)
            ).reshape(-1, width)
            assert np.abs(values[0] - values[-1]).max() < 1e-6 or (
                width == 4 and np.abs(values[0] + values[-1]).max() < 1e-6
            )


@pytest.mark.parametrize("kind", ["vrma", "gltf"])
def test_a_cycle_that_travels_ends_a_way_further(scene, dancer, tmp_path, kind):
    make_cycle(dancer, cycle(), 45.4, way=0.6)
    path = tmp_path / ("a.vrma" if kind == "vrma" else "a.glb")
    getattr(bpy.ops.audio2pose, f"export_{kind}")(filepath=str(path))
    document, binary = glb(path)
    names = [node["name"] for node in document["nodes"]]
    animation = document["animations"][0]
    (output,) = (
        animation["samplers"][channel["sampler"]]["output"]
        for channel in animation["channels"]
        if channel["target"] == {"node": names.index("pelvis"), "path": "translation"}
    )
    view = document["bufferViews"][document["accessors"][output]["bufferView"]]
    values = np.frombuffer(binary, "<f4", view["byteLength"] // 4, view.get("byteOffset", 0))
    places = values.reshape(-1, 3)
    assert places[-1] - places[0] == pytest.approx([0.6, 0.0, 0.0], abs=1e-5)


def test_loops_without_a_common_rate_are_refused(scene, dancer, tmp_path):
    make_cycle(dancer, cycle(), 45.4)
    with pytest.raises(RuntimeError, match="no frame rate in common"):
        bpy.ops.audio2pose.export_gltf(filepath=str(tmp_path / "a.glb"), takes="ALL")
    assert not list(tmp_path.iterdir())


def test_a_dance_that_does_not_repeat_is_no_cycle(scene, dancer):
    assert export_clips.cycle(dancer) is None
    for curve in compat.fcurves_of(dancer)[1:]:
        curve.modifiers.new("CYCLES")
    assert export_clips.cycle(dancer) is None


def test_reports_tell_rate_axes_unit_and_length(scene, dancer, tmp_path, monkeypatch):
    told = []
    from blender_addon.ui.operators import reports

    monkeypatch.setattr(reports, "tell", lambda _operator, text: text and told.append(text))
    for name in ("bvh", "fbx", "gltf", "usd", "vrma", "vmd", "smpl"):
        getattr(bpy.ops.audio2pose, f"export_{name}")(filepath=str(tmp_path / f"{name}.x"))
    assert len(told) == 7
    for line in told:
        for word in (" frames at ", " fps", " s", " up, ", " front, unit ", "travels by"):
            assert word in line, line


def test_takes_that_are_not_there(scene, tmp_path):
    armature = mannequin.create_dancer("Other", scene.collection)
    key_writer.write_motion(
        armature, dance(), frame_start=1, scene_fps=float(FPS), action_name="Dance"
    )
    scene.audio2pose.target = armature
    with pytest.raises(RuntimeError, match="has no takes"):
        bpy.ops.audio2pose.export_gltf(filepath=str(tmp_path / "a.glb"), takes="ALL")


# --- any character ---


def test_bones_that_follow_by_constraints_and_drivers_move_in_the_file(scene, dancer, tmp_path):
    """The copy that is written follows itself, not the figure that it stands for."""
    with own_armature.context_restored() as layer:
        layer.objects.active = dancer
        bpy.ops.object.mode_set(mode="EDIT")
        for name in ("helper", "driven"):
            bone = dancer.data.edit_bones.new(name)
            bone.head, bone.tail = (0.0, 0.0, 0.0), (0.0, 0.0, 0.2)
        bpy.ops.object.mode_set(mode="OBJECT")
    constraint = dancer.pose.bones["helper"].constraints.new("COPY_LOCATION")
    constraint.target, constraint.subtarget = dancer, "left_wrist"
    curve = dancer.driver_add('pose.bones["driven"].location', 1)
    variable = curve.driver.variables.new()
    variable.type = "TRANSFORMS"
    target = variable.targets[0]
    target.id, target.bone_target, target.transform_type = dancer, "left_wrist", "LOC_Z"
    curve.driver.expression = variable.name
    # Where the figure itself stands, meanwhile: on another take.
    add_take(dancer, dance(5), "Other")
    take_store.play(dancer, take_store.find(dancer, "Salsa"))
    path = tmp_path / "a.glb"
    bpy.ops.audio2pose.export_gltf(filepath=str(path), takes="ALL")
    back = imported(path)
    for name, motion in (("Salsa", dance()), ("Other", dance(5))):
        only_action(back, name)
        found = heads(back, {"helper": "helper", "wrist": "left_wrist"}, 40)
        assert np.abs(found[:, 0] - found[:, 1]).max() < 1e-4
        off = found[:, 0] - motion.joint_positions()[:, INDEX["left_wrist"]]
        assert np.abs(off).max() < 1e-4 * HEIGHT


@pytest.mark.parametrize("family", ["mixamo", "unreal", "mmd", "vrm"])
@pytest.mark.parametrize("kind", ["gltf", "fbx"])
def test_other_families_come_back(scene, tmp_path, family, kind):
    rig = foreign_rigs.build("Rig", foreign_rigs.FAMILIES[family], seed=2)
    frames = np.arange(START, START + 40, dtype=float)
    channels = rig_retarget.channels(rig, dance(), frames, START, float(FPS))
    key_writer.write_action(rig, [Curve.of(c, frames, c.values) for c in channels], "Dance")
    scene.audio2pose.target = rig
    names = {b.name: b.name for b in rig.data.bones if not b.name.startswith("全")}
    wanted = np.empty((40, len(names), 3))
    for frame in range(40):
        scene.frame_set(START + frame)
        for i, name in enumerate(names):
            wanted[frame, i] = rig.matrix_world @ rig.pose.bones[name].head
    wanted = wanted @ own_armature.CORE_TO_BLENDER
    path = tmp_path / {"gltf": "a.glb", "fbx": "a.fbx"}[kind]
    getattr(bpy.ops.audio2pose, f"export_{kind}")(filepath=str(path))
    back = imported(path)
    found = heads(back, names, 40)
    assert np.abs(found - wanted).max() < 1e-4 * HEIGHT


@pytest.mark.parametrize("root_motion", ["HIPS", "ROOT", "IN_PLACE"])
def test_another_way_of_travelling_leaves_the_body_as_it_is(scene, tmp_path, root_motion):
    rig = foreign_rigs.build("Rig", foreign_rigs.FAMILIES["unreal"], seed=2)
    frames = np.arange(START, START + 40, dtype=float)
    channels = rig_retarget.channels(rig, dance(), frames, START, float(FPS))
    key_writer.write_action(rig, [Curve.of(c, frames, c.values) for c in channels], "Dance")
    scene.audio2pose.target = rig
    names = {n: n for n in ("root", "pelvis", "hand_l", "foot_r", "head")}
    wanted = np.empty((40, len(names), 3))
    for frame in range(40):
        scene.frame_set(START + frame)
        for i, name in enumerate(names):
            wanted[frame, i] = rig.matrix_world @ rig.pose.bones[name].head
    wanted = wanted @ own_armature.CORE_TO_BLENDER
    path = tmp_path / "a.glb"
    bpy.ops.audio2pose.export_gltf(filepath=str(path), root_motion=root_motion)
    found = heads(imported(path), names, 40)
    root, pelvis = found[:, 0], found[:, 1]
    if root_motion == "IN_PLACE":
        way = wanted[:, 1:] - found[:, 1:]
        # The same way for every bone, along the floor.
        assert np.abs(way - way[:, :1]).max() < 1e-3 and np.abs(way[..., 1]).max() < 1e-3
        assert np.ptp(way[:, 0, 0]) > 0.5
        return
    assert np.abs(found[:, 1:] - wanted[:, 1:]).max() < 1e-3
    apart = np.abs(root[:, [0, 2]] - pelvis[:, [0, 2]]).max()
    if root_motion == "ROOT":
        assert apart < 0.15
    else:
        assert apart > 0.5 and np.ptp(root, axis=0).max() < 1e-4
