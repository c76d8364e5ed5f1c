"""Panels, preferences, defaults, cards of models, keymap, menus: what makes it pleasant."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

bpy = pytest.importorskip("bpy")

import screen_texts

import blender_addon
from blender_addon import core
from blender_addon.figure import mannequin
from blender_addon.settings import enums, model_cards, preferences, scene_defaults
from blender_addon.ui import dance_menu, keymap, text as ui_text
from blender_addon.ui.panels import export as export_panel, main as main_panel

pytestmark = pytest.mark.blender


@pytest.fixture
def scene(registered):
    return registered


class Layout:
    """A layout that writes down what is put on it; unknown property names are errors."""

    def __init__(self, said: list[str] | None = None, is_split: bool = False) -> None:
        self.said: list[str] = [] if said is None else said
        self.use_property_split = is_split

    def __getattr__(self, name: str):
        if name in ("row", "column", "box", "split"):
            return lambda **_: Layout(self.said, self.use_property_split)
        raise AttributeError(name)

    def label(self, text="", icon="NONE", translate=True):
        self.said.append(text)

    def prop(self, data, name, **more):
        assert name in data.bl_rna.properties, name
        self.said.append(f"prop {name}")
        named = more.get("text") != "" and not more.get("expand")
        if named and not self.use_property_split:
            self.said.append(f"unsplit {name}")

    def operator(self, name, **more):
        assert hasattr(bpy.types, "AUDIO2POSE_OT_" + name.removeprefix("audio2pose.")), name
        self.said.append(name)
        return SimpleNamespace()

    def operator_menu_enum(self, name, prop, **more):
        self.said.append(name)

    def progress(self, factor, text):
        self.said.append(f"{factor:.0%} {text}")

    def separator(self, factor=1.0):
        return None

    def panel(self, _name, default_closed=False):
        return Layout(self.said), Layout(self.said, self.use_property_split)

    def template_list(self, *_what, rows=0):
        return None

    def menu(self, name, **_more):
        self.said.append(name)

    def prop_search(self, data, name, *_where, **_more):
        self.said.append(f"prop {name}")


def drawn(cls, context=None) -> list[str]:
    layout = Layout()
    cls.draw(SimpleNamespace(layout=layout), context or bpy.context)
    return layout.said


# --- panels ---


def test_a_first_run_is_told_what_to_do(scene):
    said = drawn(main_panel.AUDIO2POSE_PT_dance)
    assert "A song becomes a dance:" in said
    assert "audio2pose.add_song" in said
    assert "audio2pose.generate" in drawn(main_panel.AUDIO2POSE_PT_generate)


def test_what_is_asked_of_every_dance_is_in_view_and_the_rest_is_closed(scene):
    """Without opening anything: song, style, energy, seed, dancer, the button, the takes."""
    opened = [c for c in panels() if "DEFAULT_CLOSED" not in getattr(c, "bl_options", ())]
    names = {c.bl_idname.removeprefix("AUDIO2POSE_PT_") for c in opened}
    assert {"dance", "generate", "takes"} <= names
    asked = drawn(main_panel.AUDIO2POSE_PT_generate)
    wanted = ["style", "energy", "seed", "randomise_seed", "target"]
    assert [said.removeprefix("prop ") for said in asked if said.startswith("prop ")] == wanted


def test_panels_stand_in_the_order_of_the_work(scene):
    below = [c for c in panels() if getattr(c, "bl_parent_id", "")]
    order = [c.bl_idname for c in sorted(below, key=lambda c: c.bl_order)]
    wanted = ["beats", "sections", "generate", "choreography", "details", "takes", "edit"]
    wanted += ["moves", "character", "crew", "shot", "export"]
    ours = [f"AUDIO2POSE_PT_{name}" for name in wanted if f"AUDIO2POSE_PT_{name}" in order]
    assert len(ours) >= 9 and [name for name in order if name in ours] == ours


def test_names_stand_left_of_values_in_every_panel(scene, song):
    """As in Blender's own panels; three names of markers need the whole width."""
    bpy.ops.audio2pose.add_song(filepath=str(song))
    bpy.ops.audio2pose.analyse()
    scene.audio2pose.target = mannequin.create_dancer("Dancer", scene.collection)
    scene.audio2pose_moves.in_plan = True
    unsplit = set()
    for cls in panels():
        if cls.bl_idname != "AUDIO2POSE_PT_takes":  # it has no values, and needs a take
            unsplit |= {said for said in drawn(cls) if said.startswith("unsplit ")}
    assert unsplit <= {"unsplit marker_kinds"}


def test_what_stands_above_the_export_buttons_is_what_they_are_pressed_with(scene):
    """All takes, in place or with a root bone, for which body: in view, beside the button."""
    chosen = scene.audio2pose_export
    chosen.takes, chosen.root_motion, chosen.body = "ALL", "IN_PLACE", "unity"
    pressed = {}

    class Pressed(Layout):
        def __getattr__(self, name: str):
            return lambda **_: Pressed(self.said)

        def operator(self, name, **more):
            pressed[name.removeprefix("audio2pose.export_")] = SimpleNamespace()
            return pressed[name.removeprefix("audio2pose.export_")]

    layout = Pressed()
    export_panel.AUDIO2POSE_PT_export.draw(SimpleNamespace(layout=layout), bpy.context)
    props = [said for said in layout.said if said.startswith("prop ")]
    assert props == ["prop takes", "prop root_motion", "prop body"]
    assert vars(pressed["fbx"]) == {"takes": "ALL", "root_motion": "IN_PLACE", "body": "unity"}
    assert vars(pressed["gltf"]) == vars(pressed["fbx"])
    assert vars(pressed["usd"]) == {"root_motion": "IN_PLACE"}
    for name in ("bvh", "vrma", "vmd", "smpl"):
        assert vars(pressed[name]) == {"takes": "ALL"}
    for name, values in pressed.items():
        known = getattr(bpy.ops.audio2pose, f"export_{name}").get_rna_type().properties
        for key, value in vars(values).items():
            assert value in known[key].enum_items


def test_a_report_is_wrapped_to_the_width_that_is_drawn(monkeypatch):
    said = "energy asked -0.9, the body moves 0.75 m/s there, 0.93 elsewhere"
    assert ui_text.fitted(said) == [said], "where nothing is drawn"
    for width, most, count in ((292, 40, 2), (600, 90, 1)):
        context = SimpleNamespace(
            region=SimpleNamespace(width=width), preferences=bpy.context.preferences
        )
        monkeypatch.setattr(ui_text, "bpy", SimpleNamespace(context=context))
        lines = ui_text.fitted(said)
        assert " ".join(lines) == said and max(map(len, lines)) <= most and len(lines) == count


def panels() -> list[type]:
    """Those of the 3D view's tab."""
    found = [c for c in screen_texts.our_classes() if issubclass(c, bpy.types.Panel)]
    return [c for c in found if c.bl_space_type == "VIEW_3D"]


def test_every_panel_draws(scene, song):
    bpy.ops.audio2pose.add_song(filepath=str(song))
    scene.audio2pose.range = "PREVIEW"
    scene.audio2pose.beats.record = "{}"
    scene.audio2pose.beats.song = "another"
    scene.audio2pose.result.seconds = 5.0
    assert "A song becomes a dance:" not in drawn(main_panel.AUDIO2POSE_PT_dance)
    details = drawn(main_panel.AUDIO2POSE_PT_details)
    for name in ("quality", "range", "hits", "structure", "keys", "key_error"):
        assert f"prop {name}" in details
    assert "No preview range is set" in details
    said = drawn(main_panel.AUDIO2POSE_PT_beats)
    assert "These are the beats of another song" in said
    assert {"audio2pose.halve_beats", "audio2pose.double_beats"} <= set(said)
    assert "audio2pose.export_fbx" in drawn(export_panel.AUDIO2POSE_PT_export)
    assert "audio2pose.analyse" in drawn(main_panel.AUDIO2POSE_PT_sequencer)


@pytest.mark.parametrize(("confidence", "told"), [(0.0, "No pulse"), (0.5, "Check"), (0.9, "")])
def test_doubtful_beats_are_told(scene, confidence, told):
    scene.audio2pose.beats.record = "{}"
    scene.audio2pose.beats.confidence = confidence
    said = drawn(main_panel.AUDIO2POSE_PT_beats)
    doubts = [line for line in said if line.startswith(("No pulse", "Check the beats"))]
    assert len(doubts) == bool(told) and all(line.startswith(told) for line in doubts)


def test_styles_are_sorted_as_they_are_read(scene):
    labels = [label for _, label, *_ in preferences.style_items()]
    assert labels[0] == "Auto" and len(labels) > 5
    assert labels[1:] == sorted(labels[1:])


def test_reports_begin_with_a_capital_and_names_stay_as_they_are():
    assert ui_text.sentence("no song: add one") == "No song: add one"
    for name in ("song.wav is silent", "'mine' is hidden", "/a/b is gone", "8 keys", ""):
        assert ui_text.sentence(name) == name


def test_styles_are_written_alike():
    names = [enums.style_label(n) for n in ("hiphop", "break", "la_hiphop", "salsa", "auto")]
    assert names == ["Hip-Hop", "Break", "La Hiphop", "Salsa", "Auto"]


# --- cards ---


def write_model(folder: Path, name: str, **contract) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(b"")
    record = {"name": name, "styles": {"salsa": {}}} | contract
    (folder / f"{name}.json").write_text(json.dumps(record))
    return folder / f"{name}.onnx"


def test_the_card_of_a_model_is_read_from_beside_it(tmp_path):
    write_model(tmp_path, "one", licence="CC-BY-4.0", training={"data": "AIST++ and CMU"})
    two = write_model(tmp_path / "two", "two")
    (two.parent / "MODEL_CARD.md").write_text(
        "# Two\n\n## Trained on\nOnly *my own* moves,\n[here](http://x.org).\n\nMore.\n"
        "## Licence\nMIT\n"
    )
    (tmp_path / "three.onnx").write_bytes(b"")
    one, three, two_card = sorted(model_cards.find(tmp_path), key=lambda card: card.name)
    assert (one.name, one.licence, one.trained_on) == ("one", "CC-BY-4.0", "AIST++ and CMU")
    assert one.styles == ("salsa",)
    assert (two_card.trained_on, two_card.licence) == ("Only my own moves, here.", "MIT")
    assert three.problem == "three.json is missing beside it"
    assert model_cards.find(tmp_path / "nowhere") == []


def test_a_changed_card_is_read_again(tmp_path):
    path = write_model(tmp_path, "one", licence="MIT")
    assert model_cards.card(path).licence == "MIT"
    path.with_suffix(".json").write_text("{broken")
    import os

    os.utime(path.with_suffix(".json"), (1, 1))
    assert "cannot be read" in model_cards.card(path).problem


@pytest.mark.parametrize(
    "text",
    ['{"styles":' * 50_000, '{"styles": {"a": ' + "[" * 500 + "]" * 500 + "}}", "[]", "\xff", "0",
     '{"styles": ["a"]}'],
)  # fmt: skip
def test_one_unreadable_contract_leaves_the_other_models_and_the_styles(tmp_path, text):
    write_model(tmp_path, "good", licence="MIT")
    bad = write_model(tmp_path, "bad").with_suffix(".json")
    bad.write_text(text, encoding="latin-1")
    cards = {card.name: card for card in model_cards.find(tmp_path)}
    assert "bad.json cannot be read" in cards["bad"].problem and len(cards["bad"].problem) < 500
    assert cards["good"].styles == ("salsa",)
    assert [item[0] for item in enums.style_items(bad)] == ["auto"]


def test_the_shipped_dancer_has_a_card(default_model):
    card = model_cards.card(core.DEFAULT_MODEL / "default.onnx")
    assert card.problem == ""
    assert len(card.styles) > 5
    assert card.trained_on
    assert card.licence


# --- preferences ---


@pytest.fixture
def enabled(monkeypatch, scene):
    """Preferences as an enabled add-on has them."""
    mine = SimpleNamespace(
        model="", models_folder="", threads=3, device="cpu", energy=0.5, quality=4, _set=set()
    )
    mine.is_property_set = lambda name: name in mine._set
    monkeypatch.setattr(preferences, "entry", lambda: mine)
    return mine


def test_values_for_the_worker(enabled):
    assert preferences.value("threads", 0) == 3
    assert preferences.value("device", "auto") == "cpu"


def test_without_preferences_there_are_defaults(scene):
    assert preferences.value("threads", 0) == 0
    assert preferences.model_file() is None
    assert not scene_defaults.apply(scene)


def test_a_new_scene_begins_with_the_preferences_and_an_old_one_is_left_alone(enabled, scene):
    enabled._set = {"quality", "energy"}
    assert scene_defaults.apply(scene)
    assert (scene.audio2pose.quality, scene.audio2pose.energy) == (4, 0.5)
    assert not scene.audio2pose.is_property_set("keys")
    enabled.quality = 7
    assert not scene_defaults.apply(scene)
    assert scene.audio2pose.quality == 4


def test_the_devices_are_those_of_the_library():
    from audio2pose_core.generate import session

    assert {name for name, *_ in enums.DEVICES} == set(session.DEVICES)


def test_a_model_is_chosen_by_its_card(enabled, tmp_path):
    good = write_model(tmp_path, "one")
    assert bpy.ops.audio2pose.use_model(filepath=str(good)) == {"FINISHED"}
    assert enabled.model == str(good)
    (tmp_path / "bad.onnx").write_bytes(b"")
    with pytest.raises(RuntimeError, match=r"bad\.json is missing"):
        bpy.ops.audio2pose.use_model(filepath=str(tmp_path / "bad.onnx"))
    assert enabled.model == str(good)


def test_the_preferences_window_draws(enabled, scene, tmp_path, monkeypatch):
    write_model(tmp_path, "one", licence="MIT")
    enabled.models_folder = str(tmp_path)
    layout = Layout()
    known = preferences.Audio2PosePreferences.bl_rna.properties
    layout_prop = lambda data, name, **more: layout.said.append(f"prop {known[name].name}")  # noqa: E731
    monkeypatch.setattr(Layout, "prop", lambda self, *a, **k: layout_prop(*a, **k))
    monkeypatch.setattr(keymap, "draw", lambda layout, context: None)
    fake = SimpleNamespace(layout=layout, models_folder=str(tmp_path), model="")
    preferences.Audio2PosePreferences.draw(fake, bpy.context)
    assert "Licence: MIT" in layout.said
    assert any(line.startswith("Trained on: ") for line in layout.said)
    assert "prop Threads" in layout.said


# --- leaving ---


def everything() -> dict[str, object]:
    """What an add-on could leave behind in Blender."""
    handlers = bpy.app.handlers
    keyconfigs = bpy.context.window_manager.keyconfigs
    menus = [getattr(bpy.types, name) for name in dir(bpy.types) if "_MT_" in name]
    return {
        "types": sorted(set(dir(bpy.types))),
        "subclasses": sorted(
            f"{c.__module__}.{c.__name__}"
            for base in (bpy.types.Panel, bpy.types.Operator, bpy.types.PropertyGroup)
            for c in base.__subclasses__()
            if c.__module__.startswith("blender_addon") and getattr(c, "is_registered", False)
        ),
        "handlers": {
            name: [f.__module__ + f.__qualname__ for f in getattr(handlers, name)]
            for name in dir(handlers)
            if isinstance(getattr(handlers, name), list)
        },
        "keymaps": {
            config.name: sorted(
                f"{k.name} {i.idname}"
                for k in config.keymaps
                for i in k.keymap_items
                if "audio2pose" in i.idname
            )
            for config in (keyconfigs.addon, keyconfigs.user, keyconfigs.default)
            if config is not None
        },
        "translated": bpy.app.translations.pgettext("Generate Dance", "Operator"),
        "timers": bpy.app.timers.is_registered(scene_defaults._apply_to_all),
        "properties": {
            kind: sorted(n for n in dir(getattr(bpy.types, kind)) if "audio2pose" in n.lower())
            for kind in ("Scene", "Object", "Action", "Armature", "WindowManager", "PoseBone")
        },
        "menus": {
            m.__name__: [f.__name__ for f in getattr(m.draw, "_draw_funcs", [])[1:]] for m in menus
        },
        "draw_handlers": [
            n for n in sys.modules if n.startswith("blender_addon") and _draws(sys.modules[n])
        ],
    }


def _draws(module) -> bool:
    return any(v for n, v in vars(module).items() if n.lower().endswith("draw_handler"))


def test_registering_and_leaving_twice_leaves_nothing_behind():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    before = everything()
    for _ in range(2):
        blender_addon.register()
        during = everything()
        assert during["types"] != before["types"]
        assert during["handlers"] != before["handlers"]
        assert during["menus"] != before["menus"]
        assert during["timers"] and during["properties"]["Scene"]
        blender_addon.unregister()
        assert everything() == before


# --- words ---

_OURS_ONLY = {
    "Details", "Double", "Draw Markers Again", "Follow Repeats", "Halve", "Hands off the Body",
    "Hits", "Key Error", "Legs on IK", "Lock My Keys", "New Each Time", "Planting the feet",
    "Quality", "Thinning out keys", "Use Its Settings", "With the one that is there",
    "Each dancer is so many beats behind the one before", "Make only these bars anew",
    "Left Hip", "Left Ankle", "Left Collar", "Carrier",
}  # fmt: skip
"""What an animator had to decode; the field's own terms stand in their place."""


def test_the_screen_speaks_as_animators_do(scene):
    assert not _OURS_ONLY & screen_texts.all_texts()


def test_a_part_that_has_no_bone_is_told_by_its_name_on_the_screen(scene):
    from audio2pose_core import retarget

    assert retarget.PART_LABELS["left_hip"] == "Left Thigh"
    assert retarget.PART_LABELS["right_ankle"] == "Right Foot"
    assert len(set(retarget.PART_LABELS.values())) == len(retarget.PARTS)


# --- finding it ---


class MenuLayout:
    """A menu's layout: it writes down what F3 would find below it, with the menus around it."""

    def __init__(self, above: str = "") -> None:
        self.above, self.found, self.operator_context = above, {}, ""
        self.pressed: dict[str, SimpleNamespace] = {}

    def menu(self, name, **_):
        cls = getattr(bpy.types, name)
        below = MenuLayout(f"{self.above} > {cls.bl_label}")
        cls.draw(SimpleNamespace(layout=below), bpy.context)
        self.found |= below.found
        self.pressed |= below.pressed

    def operator(self, name, text="", **_):
        group, short = name.split(".")
        kind = getattr(getattr(bpy.ops, group), short).get_rna_type()
        entry = f"{self.above} > {text or kind.name}".lower()
        self.found[name] = "; ".join(filter(None, (self.found.get(name), entry)))
        values = SimpleNamespace()
        self.pressed[text] = values
        return values

    def operator_menu_enum(self, name, prop, **_):
        kind = getattr(bpy.ops.audio2pose, name.split(".")[1]).get_rna_type()
        for item in kind.properties[prop].enum_items:
            self.operator(name, text=f"{kind.name} > {item.name}")

    def separator(self):
        return None


@pytest.fixture
def found_by_f3(scene) -> dict[str, str]:
    layout = MenuLayout()
    layout.menu("AUDIO2POSE_MT_dance")
    return layout.found


def test_f3_finds_every_operator(found_by_f3):
    """What has no use of its own (Cancel, a row's button) is not for F3."""
    ours = [c for c in screen_texts.our_classes() if issubclass(c, bpy.types.Operator)]
    public = {c.bl_idname for c in ours if "INTERNAL" not in getattr(c, "bl_options", ())}
    assert public == set(found_by_f3)
    for name in ("VIEW3D_MT_object", "VIEW3D_MT_pose", "SEQUENCER_MT_strip"):
        assert dance_menu._entry in getattr(bpy.types, name).draw._draw_funcs


@pytest.mark.parametrize(
    ("typed", "operator"),
    [
        ("dance", "generate"),
        ("dance", "regenerate"),
        ("dance crew", "make_crew"),
        ("song", "add_song"),
        ("beats", "analyse"),
        ("tempo", "halve_beats"),
        ("export bvh", "export_bvh"),
        ("bake", "bake"),
        ("seeds", "try_seeds"),
        ("calmer", "change_energy"),
        ("livelier", "change_energy"),
        ("delete others", "take_delete"),
        ("playhead", "pick_bars"),
    ],
)
def test_f3_finds_by_the_word_that_is_typed(found_by_f3, typed, operator):
    entry = found_by_f3[f"audio2pose.{operator}"]
    assert all(word in entry for word in typed.split())


def test_an_operator_that_does_several_things_has_an_entry_for_each(scene):
    """Livelier must not be the button that makes calmer."""
    layout = MenuLayout()
    layout.menu("AUDIO2POSE_MT_dance")
    assert layout.pressed["Calmer"].amount < 0 < layout.pressed["Livelier"].amount
    assert layout.pressed["Delete Others"].others and not vars(layout.pressed["Delete Take"])


def test_undo_steps_have_names_of_their_own(scene):
    """The Edit menu's history shows the labels; two of one name could not be told apart."""
    ours = [c for c in screen_texts.our_classes() if issubclass(c, bpy.types.Operator)]
    labels = [c.bl_label for c in ours if "UNDO" in getattr(c, "bl_options", ())]
    assert len(labels) == len(set(labels))
    assert all(len(label.split()) > 1 for label in labels), labels
