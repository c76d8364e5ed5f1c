"""Ways out: what other programs make of our files is the dance that was written."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from gltf_reader import Glb, VrmModel, chain, matrix
from made_up import wandering

from audio2pose_core import rotations as rot
from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.cli import main
from audio2pose_core.data.bvh.retarget import retarget_bvh
from audio2pose_core.data.fitting.smpl import load_smpl
from audio2pose_core.errors import OptionError
from audio2pose_core.formats import load_npz, save_motion
from audio2pose_core.formats.bvh import parse_bvh
from audio2pose_core.formats.gltf import VRM_BONES
from audio2pose_core.formats.name_presets import PRESETS
from audio2pose_core.motion import HAND_SHAPES, Motion
from audio2pose_core.skeleton import INDEX, JOINTS, OFFSETS, PARENTS

HEIGHT = 1.7


@pytest.fixture(scope="module")
def dance() -> Motion:
    """Four seconds of turns that never come back, on a way over the floor."""
    motion = wandering(4.0, seed=3)
    t = np.arange(len(motion)) / motion.fps
    path = np.stack([0.4 * t, 0.93 + 0.05 * np.sin(6 * t), 0.2 * np.sin(2 * t)], axis=1)
    turn = rot.from_yaw(1.5 * np.sin(t))
    quats = motion.rotations.copy()
    quats[:, 0] = rot.multiply(turn, quats[:, 0])
    return Motion(motion.fps, path, quats)


@pytest.fixture(scope="module")
def cycle() -> Motion:
    """A dance whose frame N would be its frame 0: 45 frames, 1.5 s."""
    t = np.arange(45) / 45 * 2 * np.pi
    quats = np.tile(rot.IDENTITY, (45, 24, 1))
    for j in range(24):
        turn = np.stack([0.4 * np.sin(t + j), 0.3 * np.cos(2 * t), 0.2 * np.sin(t)], axis=1)
        quats[:, j] = rot.from_axis_angle(turn)
    root = np.stack([0.1 * np.sin(t), 0.93 + 0.02 * np.cos(2 * t), 0.1 * np.cos(t)], axis=1)
    return Motion(30.0, root, quats)


def vrm_model(scale: float, seed: int | None) -> VrmModel:
    """Our body as a VRM model of another size; with a seed its nodes rest turned anyhow."""
    joints = [j for j, name in enumerate(JOINTS) if name in VRM_BONES]
    parents = [joints.index(PARENTS[j]) if j else -1 for j in joints]
    offsets = OFFSETS[joints] * scale
    offsets[0] = (0.0, 0.93 * scale, 0.0)
    world = np.tile(np.eye(3), (len(joints), 1, 1))
    if seed is not None:
        quats = np.random.default_rng(seed).normal(size=(len(joints), 4))
        world = matrix(quats / np.linalg.norm(quats, axis=1, keepdims=True))
    rests, turned = world.copy(), offsets.copy()
    for i, p in enumerate(parents):
        if p >= 0:
            rests[i] = world[p].T @ world[i]
            turned[i] = world[p].T @ offsets[i]
    return VrmModel([VRM_BONES[JOINTS[j]] for j in joints], parents, turned, rests)


@pytest.mark.parametrize(("scale", "seed"), [(1.0, None), (0.7, None), (1.3, 5)])
def test_a_vrm_model_dances_as_we_do(dance: Motion, tmp_path: Path, scale, seed):
    report = save_motion(tmp_path / "dance.vrma", dance)
    assert (report.fps, report.frames, report.up, report.front, report.unit) == (
        *(30.0, 120, "+Y", "+Z", "m"),
    )
    model = vrm_model(scale, seed)
    played = model.play(Glb.read(tmp_path / "dance.vrma")) / scale
    ours = dance.joint_positions()
    for bone, theirs in zip(model.bones, np.moveaxis(played, 1, 0), strict=True):
        joint = next(j for j, name in VRM_BONES.items() if name == bone)
        off = np.linalg.norm(theirs - ours[:, INDEX[joint]], axis=1).max()
        # Hands are asked to be within 1 cm; nothing but float32 is lost.
        assert off < 1e-5, bone


def test_vrm_animation_is_as_its_specification_says(dance: Motion, tmp_path: Path):
    save_motion(tmp_path / "dance.vrma", dance)
    file = Glb.read(tmp_path / "dance.vrma")
    assert file.document["extensionsUsed"] == ["VRMC_vrm_animation"]
    extension = file.document["extensions"]["VRMC_vrm_animation"]
    assert extension["specVersion"] == "1.0"
    humans = {bone: entry["node"] for bone, entry in extension["humanoid"]["humanBones"].items()}
    needed = {"hips", "spine", "head"} | {
        f"{side}{part}"
        for side in ("left", "right")
        for part in ("UpperLeg", "LowerLeg", "Foot", "UpperArm", "LowerArm", "Hand")
    }
    assert needed <= set(humans) and len(set(humans.values())) == len(humans)
    times, tracks = file.tracks()
    assert times[0] == 0.0
    # Only the hips may move, nothing may be scaled.
    assert {key for key in tracks if key[1] != "rotation"} == {(humans["hips"], "translation")}
    assert all("scale" not in node for node in file.document["nodes"])


def with_shapes(motion: Motion) -> Motion:
    """The left hand a fist for the first half and pointing then, the right one open."""
    hands = np.zeros((len(motion), 2, 4))
    half = len(motion) // 2
    hands[:half, 0, HAND_SHAPES.index("fist")] = 1.0
    hands[half:, 0, HAND_SHAPES.index("point")] = 1.0
    hands[:, 1, HAND_SHAPES.index("open")] = 1.0
    return motion.with_hands(hands)


def bent(played: dict[str, np.ndarray], chain: list[str]) -> np.ndarray:
    """Degrees (T,) between the first and the last bone of a finger's joints and tip."""
    first, last = (played[chain[k + 1]] - played[chain[k]] for k in (0, 1))
    cosine = np.sum(rot.normalize(first) * rot.normalize(last), axis=1)
    return np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0)))


def test_vrm_animation_has_fingers(dance: Motion, tmp_path: Path):
    save_motion(tmp_path / "dance.vrma", with_shapes(dance))
    file = Glb.read(tmp_path / "dance.vrma")
    humans = file.document["extensions"]["VRMC_vrm_animation"]["humanoid"]["humanBones"]
    fingers = {b for b in humans if any(f in b for f in ("Thumb", "Index", "Middle", "Little"))}
    assert len(fingers) == 24 and {"leftThumbMetacarpal", "rightRingDistal"} <= set(humans)
    # A finger hangs on the one before it, the first on the hand.
    parents = file.parents()
    assert parents[humans["leftIndexDistal"]["node"]] == humans["leftIndexIntermediate"]["node"]
    assert parents[humans["rightLittleProximal"]["node"]] == humans["rightHand"]["node"]
    world = file.world()
    played = {bone: world[:, entry["node"]] for bone, entry in humans.items()}
    index = [f"leftIndex{part}" for part in ("Proximal", "Intermediate", "Distal")]
    ring = [name.replace("Index", "Ring") for name in index]
    right = [name.replace("left", "right") for name in index]
    half = len(dance) // 2
    assert bent(played, index)[: half - 1].min() > 70 and bent(played, ring)[:half].min() > 70
    assert bent(played, index)[half + 1 :].max() < 15 and bent(played, ring)[half:].min() > 70
    assert bent(played, right).max() < 15
    # A fist closes towards the palm, which looks down in the T-pose.
    rest, _ = matrix_of_hand(file, humans["leftHand"]["node"])
    inside = np.einsum("kji,kj->ki", rest, played["leftIndexDistal"] - played["leftHand"])
    assert inside[5, 1] < -0.015
    save_motion(tmp_path / "none.vrma", dance, fingers=0.0)
    none = Glb.read(tmp_path / "none.vrma").document["extensions"]["VRMC_vrm_animation"]
    assert len(none["humanoid"]["humanBones"]) == len(VRM_BONES)


def matrix_of_hand(file: Glb, node: int) -> tuple[np.ndarray, np.ndarray]:
    """World rotations (K, 3, 3) and places (K, 3) of a node while it plays."""
    places, turns = file.local()
    parents = file.parents()
    way = [node]
    while parents[way[-1]] >= 0:
        way.append(parents[way[-1]])
    out = np.tile(np.eye(3), (len(turns), 1, 1))
    for i in way[::-1]:
        out = out @ turns[:, i]
    return out, places[:, node]


@pytest.mark.parametrize("ending", [".vrma", ".glb"])
def test_a_cycle_ends_as_it_begins_a_period_later(cycle: Motion, tmp_path: Path, ending: str):
    report = save_motion(tmp_path / f"a{ending}", cycle, loop=np.zeros(3))
    file = Glb.read(tmp_path / f"a{ending}")
    times, tracks = file.tracks()
    assert report.seconds == times[-1] == 1.5 and len(times) == 46
    for values in tracks.values():
        assert np.array_equal(values[0], values[-1])
    assert "loop" in report.line()


def test_a_cycle_that_travels_ends_a_way_further(cycle: Motion, tmp_path: Path):
    way = np.array([0.5, 0.0, 0.25])
    save_motion(tmp_path / "a.vrma", cycle, loop=way)
    _, tracks = Glb.read(tmp_path / "a.vrma").tracks()
    (hips,) = (values for (_, path), values in tracks.items() if path == "translation")
    assert hips[-1] - hips[0] == pytest.approx(way, abs=1e-6)


def test_the_command_makes_an_exact_loop(tmp_path: Path, capsys):
    write_demo_song(tmp_path / "song.wav", seconds=12.0, bpm=117.0)
    out = tmp_path / "emote.vrma"
    words = ["generate", str(tmp_path / "song.wav"), "-o", str(out), "--loop-bars", "2", "--json"]
    assert main([*words, "--style", "house", "--quiet"]) == 0
    report = json.loads(capsys.readouterr().out)
    times, tracks = Glb.read(out).tracks()
    assert times[-1] == pytest.approx(report["loop"]["period"], abs=1e-5)
    assert report["export"]["loop"] and len(times) == report["frames"] + 1
    for values in tracks.values():
        assert values[0] == pytest.approx(values[-1], abs=1e-6)


def test_glb_has_our_joints_and_one_named_animation(dance: Motion, tmp_path: Path):
    save_motion(tmp_path / "salsa.glb", dance)
    file = Glb.read(tmp_path / "salsa.glb")
    assert [a["name"] for a in file.document["animations"]] == ["salsa"]
    names = [node["name"] for node in file.document["nodes"]]
    at = [names.index(joint) for joint in JOINTS]
    assert np.abs(file.world()[:, at] - dance.joint_positions()).max() < 1e-4 * HEIGHT
    bind = file.accessor(file.document["skins"][0]["inverseBindMatrices"]).reshape(-1, 4, 4)
    pelvis = names.index("pelvis")
    assert bind[pelvis].T[:3, 3] == pytest.approx([0, -0.93, 0])


def test_glb_shows_the_mannequin(dance: Motion, tmp_path: Path):
    """Every point of the body, skinned as players do it, is near a bone that carries it."""
    save_motion(tmp_path / "a.glb", dance)
    file = Glb.read(tmp_path / "a.glb")
    (mesh,), (skin,) = file.document["meshes"], file.document["skins"]
    assert len(mesh["primitives"]) == len(file.document["materials"]) == 4
    attributes = mesh["primitives"][0]["attributes"]
    points = file.accessor(attributes["POSITION"])
    joints = file.accessor(attributes["JOINTS_0"]).astype(int)
    weights = file.accessor(attributes["WEIGHTS_0"])
    assert np.abs(weights.sum(axis=1) - 1.0).max() < 1e-6
    bind = file.accessor(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    frame = 50
    places, turns = file.local()
    parents = file.parents()
    world = np.tile(np.eye(4), (len(parents), 1, 1))
    for i, parent in enumerate(parents):
        own = np.eye(4)
        own[:3, :3], own[:3, 3] = turns[frame, i], places[frame, i]
        world[i] = own if parent < 0 else world[parent] @ own
    moved = world[skin["joints"]] @ bind
    flat = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    skinned = np.einsum("vk,vkij,vj->vi", weights, moved[joints], flat)[:, :3]
    names = [file.document["nodes"][j]["name"] for j in skin["joints"]]
    for name, reach in (("left_hand", 0.12), ("right_foot", 0.12), ("head", 0.3)):
        carried = joints[:, 0] == names.index(name)
        there = dance.joint_positions()[frame, INDEX[name]]
        assert carried.sum() > 20
        assert np.linalg.norm(skinned[carried] - there, axis=1).max() < reach
    # Triangles turn counterclockwise seen from outside: the body has a volume above nothing.
    triangles = np.concatenate(
        [file.accessor(part["indices"]).astype(int).reshape(-1, 3) for part in mesh["primitives"]]
    )
    a, b, c = (points[triangles[:, i]] for i in range(3))
    assert 0.03 < np.sum(a * np.cross(b, c)) / 6 < 0.12
    normals = file.accessor(attributes["NORMAL"])
    assert np.abs(np.linalg.norm(normals, axis=1) - 1.0).max() < 1e-5
    assert (np.sum(np.cross(b - a, c - a) * normals[triangles[:, 0]], axis=1) > 0).mean() > 0.98


def validator() -> bool:
    """Whether node finds Khronos' validator: installed globally, or through NODE_PATH."""
    if shutil.which("node") is None:
        return False
    found = subprocess.run(["node", "-p", "require.resolve('gltf-validator')"], capture_output=True)
    return found.returncode == 0


@pytest.mark.parametrize("ending", [".vrma", ".glb"])
@pytest.mark.parametrize("loop", [False, True])
def test_khronos_validator_finds_nothing(cycle: Motion, tmp_path: Path, ending, loop):
    if not validator():
        pytest.skip("node has no gltf-validator (npm install gltf-validator)")
    path = tmp_path / f"a{ending}"
    save_motion(path, cycle, loop=np.zeros(3) if loop else None)
    program = (
        "require('gltf-validator')"
        ".validateBytes(new Uint8Array(require('fs').readFileSync(process.argv[1])))"
        ".then(r => console.log(JSON.stringify(r.issues)))"
    )
    run = subprocess.run(
        ["node", "-e", program, str(path)], capture_output=True, text=True, check=True
    )
    issues = json.loads(run.stdout)
    assert issues["numErrors"] == issues["numWarnings"] == 0, issues["messages"]
    # It knows Khronos' own extensions only, and nothing draws bones without a mesh.
    known = {"UNSUPPORTED_EXTENSION", "UNUSED_OBJECT", "NODE_EMPTY"}
    assert {message["code"] for message in issues["messages"]} <= known, issues["messages"]


def test_smpl_comes_back_unchanged(dance: Motion, tmp_path: Path):
    report = save_motion(tmp_path / "dance.pkl", dance)
    back = load_smpl(tmp_path / "dance.pkl")
    assert (back.fps, len(back), report.fps) == (60.0, 240, 60.0)
    same = Motion(30.0, back.root[::2], back.rotations[::2])
    assert np.abs(same.joint_positions() - dance.joint_positions()).max() < 1e-9
    assert rot.angle(same.rotations, dance.rotations).max() < 1e-6
    save_motion(tmp_path / "again.pkl", back)
    first, second = (
        pickle.loads((tmp_path / name).read_bytes()) for name in ("dance.pkl", "again.pkl")
    )
    assert first["smpl_poses"].shape == (240, 72) and first["smpl_trans"].shape == (240, 3)
    assert first["smpl_scaling"].shape == (1,)
    assert np.allclose(first["smpl_trans"], second["smpl_trans"], atol=1e-9)
    assert np.allclose(first["smpl_poses"], second["smpl_poses"], atol=1e-6)


def test_smpl_has_a_pelvis_where_smpl_would_have_it(dance: Motion, tmp_path: Path):
    """Thigh and shin of SMPL are shorter, so its way is; its body stands on the same floor."""
    save_motion(tmp_path / "dance.pkl", dance)
    record = pickle.loads((tmp_path / "dance.pkl").read_bytes())
    way = record["smpl_trans"] / record["smpl_scaling"]
    assert way[-1, 0] - way[0, 0] == pytest.approx(
        (dance.root[-1, 0] - dance.root[0, 0]) * 0.782 / 0.8, abs=0.06
    )


def test_smpl_of_a_cycle_is_a_cycle(cycle: Motion, tmp_path: Path):
    report = save_motion(tmp_path / "a.pkl", cycle, loop=np.zeros(3))
    back = load_smpl(tmp_path / "a.pkl")
    assert len(back) == report.frames == 90
    step = np.linalg.norm(np.diff(back.joint_positions(), axis=0), axis=2)
    seam = np.linalg.norm(back.joint_positions()[0] - back.joint_positions()[-1], axis=1)
    assert (seam <= 1.05 * step.max(axis=0)).all()


def test_npz_has_joint_positions(dance: Motion, tmp_path: Path):
    save_motion(tmp_path / "a.npz", dance)
    with np.load(tmp_path / "a.npz") as data:
        assert np.abs(data["positions"] - dance.joint_positions()).max() < 1e-6
    assert len(load_npz(tmp_path / "a.npz")) == len(dance)


# --- BVH by others' names ---


@pytest.mark.parametrize("names", PRESETS)
def test_bvh_by_others_names_puts_every_joint_where_it_was(dance: Motion, tmp_path: Path, names):
    report = save_motion(tmp_path / "a.bvh", dance, names=names)
    assert report.unit == "cm"
    file, preset = parse_bvh(tmp_path / "a.bvh"), PRESETS[names]
    found = [joint.name for joint in file.joints]
    translations, quats = file.local()
    matrices = rot.to_matrix(quats)
    world = chain([joint.parent for joint in file.joints], translations, matrices) / 100
    at = [found.index(preset.names[joint]) for joint in JOINTS]
    assert np.abs(world[:, at] - dance.joint_positions()).max() < 1e-4 * HEIGHT
    assert set(found) - {found[i] for i in at} == set(preset.inserted.values()) | (
        {preset.root} if preset.root else set()
    )


def test_bvh_rests_as_the_family_does(dance: Motion, tmp_path: Path):
    for names, arms in (("mixamo", 0.0), ("cmu", 0.0), ("unreal", 45.0)):
        save_motion(tmp_path / "a.bvh", dance, names=names)
        joints = parse_bvh(tmp_path / "a.bvh").joints
        wanted = {PRESETS[names].names[f"{side}_elbow"] for side in ("left", "right")}
        for x, y, z in (joint.offset for joint in joints if joint.name in wanted):
            assert np.degrees(np.arctan2(-y, abs(x))) == pytest.approx(arms, abs=0.01)
            assert z == 0.0


@pytest.mark.parametrize("names", [name for name in PRESETS if name != "audio2pose"])
def test_bvh_by_others_names_is_known_as_theirs(dance: Motion, tmp_path: Path, names):
    """Our reader of any BVH finds the parts, and the dance, on it again."""
    save_motion(tmp_path / "a.bvh", dance, names=names)
    back = retarget_bvh(tmp_path / "a.bvh").motion
    arms = [INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "wrist")]
    mine, theirs = dance.joint_positions(), back.joint_positions()
    mine, theirs = (p[:, arms] - p[:, :1] for p in (mine, theirs))
    assert np.abs(mine - theirs).max() < 0.03


def test_unknown_names_are_refused(dance: Motion, tmp_path: Path):
    with pytest.raises(OptionError, match="mixamo"):
        save_motion(tmp_path / "a.bvh", dance, names="poser")
