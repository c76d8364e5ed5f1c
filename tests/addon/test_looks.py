"""Stages, cameras and engines as they are drawn: a few small pictures of each, looked into."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs

from audio2pose_core import rotations as rot
from audio2pose_core.audio.beats import even_grid
from audio2pose_core.errors import OptionError, RigError
from audio2pose_core.generate.crew import make_crew
from audio2pose_core.motion import Motion, rest_motion
from audio2pose_core.skeleton import INDEX
from blender_addon.figure import mannequin
from blender_addon.render import engines, pictures, scene
from blender_addon.stage import appended, camera, cues, glow

pytestmark = pytest.mark.blender
FPS, SECONDS = 24.0, 9.0
FRAMES = round(FPS * SECONDS)
ROOT = Path(__file__).resolve().parents[2]


def dance() -> Motion:
    """Nine seconds: the left arm swings by a right angle, the pelvis sways."""
    still = rest_motion(round(SECONDS * 30), 30.0)
    t = np.arange(len(still)) / 30.0
    quats = still.rotations.copy()
    turn = np.stack([0 * t, 0 * t, 1.4 * np.sin(4 * t)], axis=-1)
    quats[:, INDEX["left_shoulder"]] = rot.from_axis_angle(turn)
    root = still.root + 0.2 * np.sin(2 * t)[:, None] * np.array([1.0, 0.0, 0.4])
    return Motion(30.0, root, quats)


def music() -> cues.Cues:
    """120 beats a minute, bars of four; the bass comes with the beats, the treble rises."""
    beats = np.arange(0.25, SECONDS, 0.5)
    bands = np.zeros((FRAMES, cues.BANDS))
    bands[:, 0] = cues.pulses(FRAMES, FPS, beats, 0.3)
    bands[:, -1] = np.linspace(0, 1, FRAMES)
    return cues.Cues(FPS, beats, beats[::4], bands, np.linspace(0.3, 1, FRAMES))


def staged(size=(160, 90), count: int = 1, engine: str = "workbench", **setting) -> scene.Show:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage = bpy.context.scene
    stage.render.resolution_x, stage.render.resolution_y = size
    scene.set_frame_rate(stage, FPS)
    dances = make_crew(dance(), even_grid(SECONDS), count).dances if count > 1 else dance()
    setting.setdefault("cues", music())
    show = scene.stage_dance(stage, dances, seconds=SECONDS, setting=scene.Setting(**setting))
    dark = setting.get("stage") == "club"
    scene.set_engine(stage, engine, None if engine == "workbench" else 4, dark=dark)
    return show


def drawn(folder: Path, *frames: int) -> np.ndarray:
    """The pictures (n, height, width, 4), 0..1, from top to bottom."""
    stage = bpy.context.scene
    out = []
    for frame in frames:
        stage.frame_start = stage.frame_end = frame
        pictures.render_pictures(stage, folder)
        out.append(pixels_of(pictures.picture_path(folder, frame)))
    return np.stack(out)


def pixels_of(path: Path) -> np.ndarray:
    image = bpy.data.images.load(str(path))
    values = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(values)
    width, height = image.size
    bpy.data.images.remove(image)
    return values.reshape(height, width, 4)[::-1]


@pytest.mark.parametrize(
    ("kind", "camera_kind"),
    [("studio", "follow"), ("club", "cuts"), ("club", "orbit"), ("none", "front")],
)
def test_every_stage_and_camera_shows_a_dancer_who_moves(kind, camera_kind, tmp_path):
    show = staged(stage=kind, camera=camera_kind)
    shown = drawn(tmp_path, 1, 12)[..., :3]
    first = shown[0]
    assert first.mean() > 0.02 and first.std() > 0.02
    # The warm left and the cool right limbs of the dancer, where the camera says they are.
    seen = camera.seen(show.points[:1], show.shots[0], (160, 90))[0]
    for joint, warm in (("left_knee", True), ("right_knee", False)):
        x, y = (seen[INDEX[joint], :2] * [0.5, -0.5] + 0.5) * [160, 90]
        shin = first[int(y) + 1 : int(y) + 9, max(int(x) - 5, 0) : int(x) + 5]
        red_over_blue = shin[..., 0] - shin[..., 2]
        assert (red_over_blue.max() > 0.1) if warm else (red_over_blue.min() < -0.1)
    assert (np.abs(shown[1] - first).max(axis=-1) > 0.1).sum() > 20


def test_the_club_answers_the_music_in_every_engine(tmp_path):
    staged(stage="club", camera="front", size=(96, 54))
    stage = bpy.context.scene
    on, off = 6 + 1, 6 + 1 + 9  # frame 6 from 0 is the first beat and downbeat
    lit, unlit = drawn(tmp_path, on, off)[..., :3]
    floor = slice(40, 54)
    assert lit[floor].max(axis=-1).mean() > 1.3 * unlit[floor].max(axis=-1).mean()
    bass, treble = bpy.data.objects["Club Bars 1"], bpy.data.objects["Club Bars 8"]
    lamp = bpy.data.lights["Club Lamp 1"]
    tile = bpy.data.materials["Club Tile 1"]
    shader = next(n for n in tile.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    values = {}
    for frame in (on, off):
        stage.frame_set(frame)
        emission = max(shader.inputs["Emission Color"].default_value[:3])
        values[frame] = (bass.scale[2], lamp.energy, emission, max(tile.diffuse_color[:3]))
    for beat, between in zip(values[on], values[off], strict=True):
        assert beat > 1.4 * between
    stage.frame_set(FRAMES)
    assert treble.scale[2] > 0.95


def test_a_frame_is_the_same_alone_and_among_others(tmp_path):
    staged(stage="club", camera="cuts", title="Song")
    alone = drawn(tmp_path / "alone", 100)
    stage = bpy.context.scene
    stage.frame_start, stage.frame_end = 99, 101
    pictures.render_pictures(stage, tmp_path / "all" / "dance_####.png")
    names = sorted(p.name for p in (tmp_path / "all").iterdir())
    assert names == ["dance_0099.png", "dance_0100.png", "dance_0101.png"]
    np.testing.assert_array_equal(pixels_of(tmp_path / "all" / "dance_0100.png"), alone[0])


def test_transparent_pictures_have_alpha(tmp_path):
    staged(stage="none", camera="front")
    scene.set_engine(bpy.context.scene, "workbench", transparent=True)
    (picture,) = drawn(tmp_path, 5)
    assert picture[0, 0, 3] == 0.0 and (picture[..., 3] == 1.0).sum() > 200


def test_a_crew_is_whole_in_every_frame_and_told_apart(tmp_path):
    show = staged(count=3, stage="studio", camera="follow")
    assert len(show.armatures) == 3
    seen = camera.seen(show.points, show.shots[0], (160, 90))
    assert show.points.shape[1] == 3 * 29 and np.abs(seen[..., :2]).max() < 1.0
    actions = {a.animation_data.action.name for a in show.armatures}
    assert actions == {"Dance 1", "Dance 2", "Dance 3"}
    worn = {a.children[0].material_slots[0].material.name for a in show.armatures}
    assert worn == set(mannequin.material_names(s)[0] for s in mannequin.SCHEMES[:3])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["eevee", "cycles"])
def test_the_other_engines_draw_the_club_too(engine, tmp_path):
    staged(stage="club", camera="follow", engine=engine, size=(96, 54))
    (picture,) = drawn(tmp_path, 7)
    assert picture[..., :3].mean() > 0.02 and picture[..., :3].std() > 0.03


def test_the_title_is_seen_at_first_and_gone_later(tmp_path):
    staged(stage="none", camera="cuts", title="A Song", size=(320, 180))
    stage = bpy.context.scene
    cards = [o for o in stage.objects if o.name.startswith("Title")]
    (card,) = cards
    corner = (slice(120, 180), slice(0, 130))
    early, late = drawn(tmp_path, 2, 90)
    assert (early[corner][..., :3].min(axis=-1) > 0.5).sum() > 30
    assert (late[corner][..., :3].min(axis=-1) > 0.5).sum() == 0
    assert card.parent == bpy.data.objects["Camera Front"]


def save_character(path: Path, family: str) -> None:
    """A .blend with a figure as another program brings it, a box of a mesh on its hips."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    armature = foreign_rigs.build("Figure", foreign_rigs.FAMILIES[family])
    mesh = bpy.data.meshes.new("Coat")
    mesh.from_pydata([(0, 0, 1.0), (0.1, 0, 1.0), (0, 0, 1.2)], [], [(0, 1, 2)])
    coat = bpy.data.objects.new("Coat", mesh)
    bpy.context.scene.collection.objects.link(coat)
    coat.modifiers.new("Armature", "ARMATURE").object = armature
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Chair", None))
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)


def test_a_character_of_another_file_dances_whole_in_the_picture(tmp_path):
    blend = tmp_path / "my figure.blend"
    save_character(blend, "mixamo")
    show = staged(character=str(blend), camera="cuts", count=2)
    assert len(show.armatures) == 2 and show.armatures[0] != show.armatures[1]
    for armature in show.armatures:
        assert armature.animation_data.action is not None
    coats = [o for o in bpy.data.objects if o.name.startswith("Coat")]
    assert {c.modifiers[0].object for c in coats} == set(show.armatures)
    assert "Chair" not in bpy.data.objects
    for shot in show.shots:
        part = show.points[shot.first : shot.first + len(shot)]
        assert np.abs(camera.seen(part, shot, (160, 90))[..., :2]).max() < 1.0
    # It dances: the left hand moves by what the dance asks for.
    assert np.ptp(show.points, axis=0).max() > 0.5


def test_a_stage_of_another_file_comes_with_its_camera_and_world(tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    guest = bpy.context.scene
    mesh = bpy.data.meshes.new("Hall")
    mesh.from_pydata([(-9, -9, 0), (9, -9, 0), (9, 9, 0), (-9, 9, 0)], [], [(0, 1, 2, 3)])
    eye = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
    for thing in (bpy.data.objects.new("Hall", mesh), eye):
        guest.collection.objects.link(thing)
    guest.camera, guest.world = eye, bpy.data.worlds.new("Evening")
    blend = tmp_path / "hall.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
    staged(stage=str(blend))
    stage = bpy.context.scene
    assert stage.camera.name == "Eye" and stage.world.name == "Evening"
    assert "Hall" in stage.objects and "Stage" not in stage.objects
    assert len(bpy.data.scenes) == 1
    staged(stage=str(blend), camera="front")
    assert bpy.context.scene.camera.name == "Dance Camera"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("missing.blend", OptionError, "no such"),
        ("figure.blend:Nobody", OptionError, "Nobody"),
        ("figure.blend:Chair", RigError, "Chair"),
        ("text.blend", OptionError, "cannot read"),
    ],
)
def test_what_is_wrong_with_a_character_is_told(text, error, said, tmp_path):
    save_character(tmp_path / "figure.blend", "mixamo")
    (tmp_path / "text.blend").write_text("no blend")
    with pytest.raises(error, match=said):
        appended.append_character(bpy.context.scene.collection, str(tmp_path / text))


def test_names_of_outputs():
    assert pictures.is_video(Path("a.MP4")) and not pictures.is_video(Path("folder"))
    assert pictures.picture_path(Path("x/a_####.png"), 7) == Path("x/a_0007.png")
    assert pictures.picture_path(Path("x"), 7) == Path("x/frame_000007.png")
    for wrong in ("a.avi", "a.png"):
        with pytest.raises(OptionError, match=r"\.mp4"):
            pictures.is_video(Path(wrong))
    with pytest.raises(OptionError, match="together"):
        pictures.picture_path(Path("a_#_#.png"), 1)


def test_keys_only_where_lines_bend():
    values = np.concatenate([np.linspace(0, 1, 50), np.linspace(1, 0.2, 30), np.full(40, 0.2)])
    at = glow.corners(values)
    assert len(at) < 8
    np.testing.assert_allclose(np.interp(np.arange(120), at, values[at]), values, atol=1e-6)


def test_cycles_says_where_there_is_no_gpu(monkeypatch):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    monkeypatch.setattr(engines, "_GPUS", ())
    stage = bpy.context.scene
    with pytest.raises(OptionError, match="no GPU"):
        scene.set_engine(stage, "cycles", device="gpu")
    scene.set_engine(stage, "cycles", device="auto")
    assert stage.cycles.device == "CPU"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere OpenGL is always there")
def test_without_opengl_it_says_what_to_install(monkeypatch):
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    bpy.ops.wm.read_factory_settings(use_empty=True)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(engines.ctypes, "CDLL", missing)
    with pytest.raises(OptionError, match="libegl1"):
        scene.set_engine(bpy.context.scene, "eevee")
    scene.set_engine(bpy.context.scene, "cycles")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--transparent"], "alpha"),
        (["--crew", "0"], "--crew"),
        (["--canon", "-1"], "--canon"),
        (["--stage", "moon"], "studio, club, none"),
        (["--character", "Bob"], "mannequin"),
        (["--own"], "--own"),
        (["--energy", "99"], "--energy"),
    ],
)
def test_options_that_do_not_fit_are_refused(words, said, capsys):
    sys.path.insert(0, str(ROOT))
    from audio2pose_core.batch.render_options import parse_arguments

    with pytest.raises(SystemExit):
        parse_arguments(["--motion", "a.npz", "--output", "a.mp4", *words])
    assert said in capsys.readouterr().err
