"""The add-on as a user meets it: settings, Generate Dance, cancel, undo, errors.

The library is the real one but for ``generate_dance``, whose stand-in moves the
pelvis one metre a second along x: a key's value tells which second it is.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import fake_core
import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from strip_names import set_handles, set_trim
from test_sound import write_wav

import blender_addon
from audio2pose_core import skeleton
from audio2pose_core.errors import Audio2PoseError, OptionError, RigError
from blender_addon import compat, steps
from blender_addon.generate import session
from blender_addon.jobs import blender_python
from blender_addon.jobs.job import Python, State
from blender_addon.jobs.manager import MANAGER
from blender_addon.rig import own_armature
from blender_addon.settings import enums, preferences
from blender_addon.song import strips as song_strips
from blender_addon.takes import store as take_store
from blender_addon.ui import text as ui_text
from blender_addon.ui.operators import (
    beats as beat_operators,
    generate as generate_operators,
    running,
)

pytestmark = pytest.mark.blender
RATE = 48000
NTSC_FILM = 24000 / 1001
SLOW = 'progress("Dancing", 0.4)\ntime.sleep(60)'


@pytest.fixture
def scene(film):
    film.audio2pose.keys = "EVERY_FRAME"
    return film


@pytest.fixture
def song(tmp_path) -> Path:
    """Eight seconds of a tone, in stereo."""
    tone = 0.4 * np.sin(2 * np.pi * 220 * np.arange(8 * RATE) / RATE)
    return write_wav(tmp_path / "song.wav", np.stack([tone, tone], axis=1), RATE)


@pytest.fixture
def dancing(tmp_path, monkeypatch):
    """A function that gives generate_dance a body."""
    count = 0
    python = blender_python.worker_python()

    def make(body: str = fake_core.DANCES) -> None:
        nonlocal count
        count += 1
        core = fake_core.make(tmp_path / f"core{count}", body)
        replaced = Python(python.executable, python.arguments, python.site_folders, core)
        monkeypatch.setattr(blender_python, "worker_python", lambda: replaced)

    make()
    return make


def add_strip(scene, song: Path, frame: int = 37):
    return compat.add_sound(scene, str(song), "song", frame)


def keys(armature, path: str, index: int) -> np.ndarray:
    """(n, 2) frames and values of one curve."""
    for curve in compat.fcurves_of(armature):
        if curve.data_path == path and curve.array_index == index:
            return np.array([tuple(k.co) for k in curve.keyframe_points])
    raise AssertionError(f"no curve {path}[{index}]")


def fingerprint() -> dict[str, object]:
    """What of the file a dance could change."""
    kinds = ("objects", "armatures", "meshes", "materials", "actions", "collections")
    names = {kind: sorted(d.name for d in getattr(bpy.data, kind)) for kind in kinds}
    settings = bpy.context.scene.audio2pose
    return names | {
        "settings": (settings.seed, settings.style, settings.target, settings.result.seconds),
        "playing": [
            (o.name, o.animation_data.action.name if o.animation_data else None)
            for o in bpy.data.objects
        ],
    }


def fails(match: str) -> None:
    """Generate reports one line that matches, and changes nothing."""
    before = fingerprint()
    with pytest.raises(RuntimeError, match=match) as caught:
        bpy.ops.audio2pose.generate()
    assert str(caught.value).strip().count("\n") == 0
    assert fingerprint() == before
    assert MANAGER.task is None


# --- the whole way ---


def test_the_dance_lies_where_the_strip_is_heard(scene, song, dancing):
    """Strip at frame 37, trim and both handles moved, 24000/1001 frames a second."""
    strip = add_strip(scene, song)
    set_trim(strip, 7)
    set_handles(strip, 10, 12)
    _, left, right = compat.strip_frames(strip)

    assert bpy.ops.audio2pose.generate() == {"FINISHED"}

    assert len(bpy.data.actions) == 1
    dancer = scene.audio2pose.target
    assert dancer.animation_data.action == bpy.data.actions[0]
    pelvis_x = keys(dancer, 'pose.bones["pelvis"].location', 0)
    frames = pelvis_x[:, 0]
    np.testing.assert_array_equal(frames, np.arange(left, left + len(frames)))
    assert right - 2 <= frames[-1] <= right
    # The stand-in walks from the first sample that it is given.
    np.testing.assert_allclose(pelvis_x[:-1, 1], ((frames - left) / NTSC_FILM)[:-1], atol=1e-4)
    for joint in skeleton.JOINTS:
        turns = keys(dancer, f'pose.bones["{joint}"].rotation_quaternion', 0)
        np.testing.assert_array_equal(turns[:, 0], frames)


def test_the_worker_hears_the_strip_from_its_left_handle_on(scene, tmp_path, dancing):
    """A song that is silent for 3 s: cut at 3 s, its first sample is loud."""
    tone = 0.4 * np.sin(2 * np.pi * 220 * np.arange(8 * RATE) / RATE)
    tone[: 3 * RATE] = 0.0
    strip = add_strip(scene, write_wav(tmp_path / "late.wav", tone))
    set_handles(strip, round(3 * NTSC_FILM))
    dancing(
        """
        loud = float(np.abs(song.samples[2000:4000]).max())
        raise AudioError(f"loud {loud:.2f}, {song.seconds:.1f} s, {song.name}")
        """
    )
    fails(r"Loud 0\.4\d, 5\.\d s, song")


def test_a_file_dances_from_the_first_frame_of_the_scene(scene, song, dancing):
    scene.frame_start = 11
    scene.audio2pose.source, scene.audio2pose.file = "FILE", str(song)
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    frames = keys(scene.audio2pose.target, 'pose.bones["pelvis"].location', 0)[:, 0]
    assert frames[0] == 11
    assert len(frames) == pytest.approx(8 * NTSC_FILM, abs=1)


def test_the_chosen_armature_dances_and_keeps_its_old_action(scene, song, dancing):
    add_strip(scene, song)
    armature = own_armature.create_armature("Mine")
    scene.audio2pose.target = armature
    armature.animation_data_create().action = bpy.data.actions.new("By hand")
    bpy.ops.audio2pose.generate()
    assert [o.name for o in bpy.data.objects] == ["Mine"]
    assert armature.animation_data.action.name != "By hand"
    (track,) = armature.animation_data.nla_tracks
    assert (track.name, track.mute, track.strips[0].action.name) == ("By hand", True, "By hand")
    assert not bpy.data.actions["By hand"].use_fake_user


def test_the_result_is_remembered(scene, song, dancing):
    add_strip(scene, song)
    scene.audio2pose.seed = 5
    bpy.ops.audio2pose.generate()
    result = scene.audio2pose.result
    assert (result.style, result.seed, result.tempo_bpm) == ("auto", 5, 120.0)
    assert result.seconds == pytest.approx(8.0, abs=0.1)
    assert result.beats == 16
    assert result.action in bpy.data.actions


def test_a_new_seed_each_time_is_kept_in_the_settings(scene, song, dancing):
    add_strip(scene, song)
    scene.audio2pose.randomise_seed = True
    seeds = []
    for _ in range(2):
        bpy.ops.audio2pose.generate()
        assert scene.audio2pose.result.seed == scene.audio2pose.seed
        seeds.append(scene.audio2pose.seed)
    assert seeds[0] != seeds[1]


def test_one_undo_takes_it_all_away(scene, song, dancing):
    add_strip(scene, song)
    bpy.ops.ed.undo_push(message="before")
    before = fingerprint()
    # The second argument asks for the undo step that a button press makes.
    assert bpy.ops.audio2pose.generate("EXEC_DEFAULT", True) == {"FINISHED"}
    assert fingerprint() != before
    bpy.ops.ed.undo()
    assert fingerprint() == before


# --- cancel ---


@pytest.fixture
def begun(scene, song, dancing):
    """A generation that runs, at 40 %, on a chosen armature."""
    dancing(SLOW)
    add_strip(scene, song)
    scene.audio2pose.target = own_armature.create_armature("Mine")
    before = fingerprint()
    made = session.begin(bpy.context)
    made.job.start()
    deadline = time.monotonic() + 30
    while made.job.fraction < 0.4 and time.monotonic() < deadline:
        assert made.job.poll() is State.RUNNING
        time.sleep(0.01)
    yield made, before
    made.job.cancel()


def test_cancel_in_the_middle_changes_nothing(begun):
    made, before = begun
    made.job.cancel()
    assert fingerprint() == before
    assert not any(Path(bpy.app.tempdir).glob("audio2pose-*"))


def test_the_cancel_button(begun, monkeypatch):
    made, before = begun
    monkeypatch.setattr(MANAGER, "_task", made)
    assert not bpy.ops.audio2pose.generate.poll()
    assert bpy.ops.audio2pose.cancel() == {"FINISHED"}
    assert made.job.state is State.CANCELLED
    assert not bpy.ops.audio2pose.cancel.poll()
    assert bpy.ops.audio2pose.generate.poll()
    assert fingerprint() == before


def test_disabling_the_add_on_stops_the_worker(begun, monkeypatch):
    made, _ = begun
    monkeypatch.setattr(MANAGER, "_task", made)
    blender_addon.unregister()
    assert made.job.state is State.CANCELLED
    blender_addon.register()


def test_what_was_deleted_meanwhile_is_an_error(scene, song, dancing):
    add_strip(scene, song)
    scene.audio2pose.target = own_armature.create_armature("Mine")
    made = session.begin(bpy.context)
    made.job.start()
    assert made.job.wait() is State.DONE
    assert not made.advance()
    bpy.data.objects.remove(bpy.data.objects["Mine"])
    with pytest.raises(RigError, match="the armature is gone"):
        made.finish()
    assert len(bpy.data.actions) == 0


@pytest.mark.parametrize("own", [False, True])
def test_a_failure_while_writing_leaves_nothing(scene, song, dancing, monkeypatch, own):
    add_strip(scene, song)
    if own:
        scene.audio2pose.target = own_armature.create_armature("Mine")
        action = bpy.data.actions.new("By hand")
        scene.audio2pose.target.animation_data_create().action = action
    before = fingerprint()
    made = session.begin(bpy.context)
    made.job.start()
    assert made.job.wait() is State.DONE
    assert not made.advance()
    add = take_store.add

    def breaks(*arguments):
        add(*arguments)
        raise Audio2PoseError("the disk is full")

    monkeypatch.setattr(take_store, "add", breaks)
    with pytest.raises(Audio2PoseError, match="the disk is full"):
        made.finish()
    assert fingerprint() == before


# --- in the window: invoke and modal, on a stand-in, since bpy has no window to click in ---


class Window:
    """An operator's own code, with a window manager that takes notes."""

    class Operator:
        def __init__(self):
            self.reports = []

        def report(self, kinds, text):
            self.reports.append((*kinds, text))

    def __init__(self, monkeypatch, cls=generate_operators.AUDIO2POSE_OT_generate):
        self.monkeypatch = monkeypatch
        own = {n: vars(cls)[n] for n in ("begin", "told")}
        self.operator = type("Op", (running.RunsTask, self.Operator), own)()
        self.timers, self.bar = [], []
        manager = SimpleNamespace(
            event_timer_add=lambda step, window: self.timers.append(step) or step,
            event_timer_remove=self.timers.remove,
            progress_begin=lambda low, high: self.bar.append("begin"),
            progress_update=self.bar.append,
            progress_end=lambda: self.bar.append("end"),
            modal_handler_add=lambda operator: True,
        )
        self.context = SimpleNamespace(
            scene=bpy.context.scene,
            workspace=bpy.context.workspace,
            view_layer=bpy.context.view_layer,
            window=None,
            window_manager=manager,
        )
        windowed = SimpleNamespace(app=SimpleNamespace(background=False), context=bpy.context)
        monkeypatch.setattr(running, "bpy", windowed)

    def of(self, cls):
        return Window(self.monkeypatch, cls)

    def click(self, begun=True):
        """Press the button; with ``begun`` also wait until the song is read and the job started."""
        outcome = self.operator.invoke(self.context, None)
        while begun and self.operator._beginning is not None:
            self.event()
        return outcome

    def event(self, kind="TIMER"):
        return self.operator.modal(self.context, SimpleNamespace(type=kind, value="PRESS"))

    def until(self, done, seconds=30.0):
        deadline = time.monotonic() + seconds
        while not done(result := self.event()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return result


@pytest.fixture
def window(scene, monkeypatch):
    yield Window(monkeypatch)
    MANAGER.cancel()


def test_a_click_dances_while_blender_stays_free(window, scene, song, dancing):
    add_strip(scene, song)
    assert window.click() == {"RUNNING_MODAL"}
    assert len(bpy.data.actions) == 0
    assert window.event("MOUSEMOVE") == {"PASS_THROUGH"}
    assert window.until(lambda r: r & {"FINISHED", "CANCELLED"}) == {"FINISHED"}
    assert len(bpy.data.actions) == 1
    (report,) = window.operator.reports
    assert report[0] == "INFO" and report[1].startswith("Dancer dances 8.0 s, 16 beats; ")
    assert "keys a second: body" in report[1]
    assert (window.timers, window.bar[0], window.bar[-1]) == ([], "begin", "end")
    assert MANAGER.task is None


def test_while_it_begins_nothing_else_may_start_and_escape_ends_it(window, scene, song, dancing):
    add_strip(scene, song)
    before, own = fingerprint(), window.operator.begin_steps

    def slowly(context):
        for _ in range(5):
            time.sleep(steps.BUDGET)
            yield
        return (yield from own(context))

    window.operator.begin_steps = slowly
    assert window.click(begun=False) == {"RUNNING_MODAL"}
    assert MANAGER.task is None and not bpy.ops.audio2pose.analyse.poll()
    with pytest.raises(OptionError, match="A job is running"):
        MANAGER.check_free()
    assert window.event("MOUSEMOVE") == {"RUNNING_MODAL"}, "what is read may not change"
    assert window.event("ESC") == {"CANCELLED"}
    assert bpy.ops.audio2pose.analyse.poll()
    assert window.timers == [] and fingerprint() == before
    window.click(begun=False)
    MANAGER.cancel()
    assert window.event() == {"CANCELLED"} and MANAGER.is_free
    assert window.timers == []


def test_escape_changes_nothing(window, scene, song, dancing):
    dancing(SLOW)
    add_strip(scene, song)
    before = fingerprint()
    window.click()
    job = MANAGER.job
    window.until(lambda r: job.fraction >= 0.4)
    assert 40 in window.bar
    assert window.event("ESC") == {"CANCELLED"}
    assert job.state is State.CANCELLED
    assert fingerprint() == before
    assert (window.timers, window.bar[-1]) == ([], "end")


def test_after_the_cancel_button_the_next_dance_is_left_alone(window, scene, song, dancing):
    dancing(SLOW)
    add_strip(scene, song)
    window.click()
    first = MANAGER.job
    MANAGER.cancel()
    second = session.begin(bpy.context)
    MANAGER.start(second)
    assert window.event() == {"CANCELLED"}
    assert first.state is State.CANCELLED
    assert second.job.state is State.RUNNING
    assert window.timers == []


def test_one_job_at_a_time(window, scene, song, dancing):
    """While Analyse runs nothing else may start, and the other way round."""
    add_strip(scene, song)
    window = window.of(beat_operators.AUDIO2POSE_OT_analyse)
    assert window.click() == {"RUNNING_MODAL"}
    job = MANAGER.job
    for name in ("generate", "analyse", "regenerate"):
        assert not getattr(bpy.ops.audio2pose, name).poll(), name
    # A script that does not ask is refused as well, and the analysis goes on.
    other = window.of(generate_operators.AUDIO2POSE_OT_generate)
    assert other.click() == {"CANCELLED"}
    assert other.operator.reports == [("ERROR", "A job is running; cancel it or wait")]
    assert MANAGER.job is job and job.state is State.RUNNING
    assert bpy.ops.audio2pose.cancel() == {"FINISHED"}
    assert window.event() == {"CANCELLED"}
    assert bpy.ops.audio2pose.generate.poll() and bpy.ops.audio2pose.analyse.poll()


def test_an_error_ends_the_modal_operator(window, scene, song, dancing):
    dancing('raise AudioError("song.wav has no beat")')
    add_strip(scene, song)
    window.click()
    assert window.until(lambda r: r != {"PASS_THROUGH"}) == {"CANCELLED"}
    assert window.operator.reports == [("ERROR", "song.wav has no beat")]
    assert window.timers == []


def test_opening_another_file_ends_the_worker(window, scene, song, dancing):
    dancing(SLOW)
    add_strip(scene, song)
    window.click()
    job = MANAGER.job
    window.operator.cancel(window.context)
    assert job.state is State.CANCELLED
    assert (window.timers, MANAGER.task) == ([], None)


# --- errors ---


def test_no_song(scene, dancing):
    fails("No song: add a sound strip")
    scene.audio2pose.source = "FILE"
    fails("No song: choose a song file")


def test_a_song_file_that_is_gone(scene, song, dancing):
    add_strip(scene, song)
    song.unlink()
    fails("Song not found: .*song.wav")


def test_an_armature_without_our_bones(scene, song, dancing):
    add_strip(scene, song)
    armature = bpy.data.objects.new("Robot", bpy.data.armatures.new("Robot"))
    scene.collection.objects.link(armature)
    scene.audio2pose.target = armature
    fails("'Robot' has no bones")


def test_a_hidden_armature_and_one_of_another_scene(scene, song, dancing):
    add_strip(scene, song)
    armature = own_armature.create_armature("Mine")
    scene.audio2pose.target = armature
    armature.hide_set(True)
    fails("'Mine' is hidden")
    armature.hide_set(False)
    elsewhere = bpy.data.scenes.new("Elsewhere")
    elsewhere.collection.objects.link(armature)
    for collection in [c for c in armature.users_collection if c != elsewhere.collection]:
        collection.objects.unlink(armature)
    fails("'Mine' is not in scene")


def test_a_deleted_dancer_is_no_dancer_and_a_new_one_is_added(scene, song, dancing):
    """The field points to it still, and it lives on in no scene."""
    add_strip(scene, song)
    bpy.ops.audio2pose.generate()
    first = scene.audio2pose.target
    bpy.data.objects.remove(first.children[0])
    for collection in list(first.users_collection):
        collection.objects.unlink(first)
    assert scene.audio2pose.target == first
    assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    assert scene.audio2pose.target not in (None, first)
    assert scene.audio2pose.target.name in scene.objects


def test_a_song_file_is_heard_and_the_range_holds_it(scene, song, dancing):
    scene.audio2pose.source, scene.audio2pose.file = "FILE", str(song)
    for _ in range(2):
        scene.audio2pose.randomise_seed = True
        assert bpy.ops.audio2pose.generate() == {"FINISHED"}
    (strip,) = compat.all_strips(scene)
    assert Path(strip.sound.filepath) == song
    assert (scene.frame_start, scene.sync_mode) == (1, "AUDIO_SYNC")
    assert scene.frame_end == 8 * 24, "8 s at 24 frames a second, and no second strip"


def test_a_strip_that_was_added_by_hand_fits_the_range_where_nobody_chose_one(scene, song, dancing):
    add_strip(scene, song)
    scene.frame_end = 100
    bpy.ops.audio2pose.generate()
    assert scene.frame_end == 100, "a chosen range is left alone"
    scene.frame_end = 250
    bpy.ops.audio2pose.generate()
    assert scene.frame_end == 37 + 8 * 24 - 1


def test_sync_to_audio_is_set_once(scene, song, dancing):
    add_strip(scene, song)
    bpy.ops.audio2pose.generate()
    assert scene.sync_mode == "AUDIO_SYNC"
    scene.sync_mode = "NONE"
    bpy.ops.audio2pose.generate()
    assert scene.sync_mode == "NONE", "who sets it back is not overruled"


def test_a_linked_armature(scene, song, dancing, tmp_path):
    add_strip(scene, song)
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {own_armature.create_armature("Theirs")})
    bpy.data.objects.remove(bpy.data.objects["Theirs"])
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Theirs"]
    scene.collection.objects.link(wanted.objects[0])
    scene.audio2pose.target = wanted.objects[0]
    fails("'Theirs' is linked from another file")


def test_a_crash_of_the_worker(scene, song, dancing):
    add_strip(scene, song)
    dancing("os._exit(9)")
    fails("The worker stopped with exit code 9")


# --- adding a song ---


def test_add_song(scene, song):
    scene.frame_start, scene.frame_end = 5, 20
    assert bpy.ops.audio2pose.add_song(filepath=str(song)) == {"FINISHED"}
    (strip,) = compat.strips(scene)
    assert compat.strip_frames(strip)[1] == 5
    assert scene.audio2pose.strip == strip.name
    assert scene.frame_end == 5 + np.ceil(8 * NTSC_FILM) - 1
    assert scene.sync_mode == "AUDIO_SYNC"


def test_add_song_decodes_nothing(scene, song, monkeypatch):
    """An hour of mp3 takes seconds to decode, in which Blender would stand still."""
    scene.frame_end = 20
    monkeypatch.setattr(song_strips, "read_file", lambda path: pytest.fail("the song was decoded"))
    assert bpy.ops.audio2pose.add_song(filepath=str(song)) == {"FINISHED"}
    assert scene.frame_end == np.ceil(8 * NTSC_FILM)


@pytest.mark.parametrize(
    ("what", "said"), [(b"no song", "as audio"), (b"", "as audio"), (None, "Song not found")]
)
def test_add_song_refuses_what_is_no_song(scene, tmp_path, what, said):
    """Blender would make a strip of one frame of it, without a word."""
    path = tmp_path / "text.wav"
    if what is not None:
        path.write_bytes(what)
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.audio2pose.add_song(filepath=str(path))
    assert len(compat.strips(scene)) == 0


# --- settings, panel, registration ---


def test_styles_come_from_the_models_contract(scene, tmp_path, monkeypatch):
    contract = tmp_path / "model.json"
    contract.write_text('{"styles": {"salsa": {}, "slow_waltz": {}}}')
    monkeypatch.setattr(preferences, "contract_file", lambda: contract)
    items = preferences.style_items()
    assert [i[0] for i in items] == ["auto", "salsa", "slow_waltz"]
    assert items[2][1] == "Slow Waltz"
    assert len({i[3] for i in items}) == 3
    scene.audio2pose.style = "slow_waltz"
    contract.write_text('{"styles": {"slow_waltz": {}, "tango": {}, "salsa": {}}}')
    enums.forget()
    assert scene.audio2pose.style == "slow_waltz", "the choice moves with its name"


def test_a_contract_that_cannot_be_read_leaves_auto(scene, tmp_path, monkeypatch):
    broken = tmp_path / "model.json"
    broken.write_text("{")
    monkeypatch.setattr(preferences, "contract_file", lambda: broken)
    assert [i[0] for i in preferences.style_items()] == ["auto"]


def test_registering_twice_leaves_nothing_behind():
    def traces() -> set[str]:
        found = {n for n in dir(bpy.types) if "audio2pose" in n.lower()}
        return found | {n for n in dir(bpy.types.Scene) if "audio2pose" in n}

    before = traces()
    for _ in range(2):
        blender_addon.register()
        assert traces() > before
        blender_addon.unregister()
        assert traces() == before
    assert "audio2pose" not in dir(bpy.ops) or not dir(bpy.ops.audio2pose)


def test_seconds_as_a_clock():
    assert ui_text.clock(75.2) == "1:15"
    assert ui_text.clock(59.7) == "1:00"
