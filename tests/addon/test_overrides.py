"""Library overrides keep their settings through save and reopen, whoever saved the library."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
from foreign_rigs import FAMILIES

import blender_addon
from audio2pose_core.motion import rest_motion
from blender_addon.keys import writer as key_writer
from blender_addon.rig import retarget as rig_retarget, settings as rig_settings

pytestmark = pytest.mark.blender


@pytest.fixture(params=[False, True], ids=["library without the add-on", "with it"])
def hero(request, tmp_path):
    """A library override of an armature, in a file that is not saved yet."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if request.param:
        blender_addon.register()
    original = foreign_rigs.build("Hero", FAMILIES["mixamo"])
    bpy.data.libraries.write(str(tmp_path / "hero.blend"), {original})
    bpy.data.batch_remove([original, original.data])
    if not request.param:
        blender_addon.register()
    with bpy.data.libraries.load(str(tmp_path / "hero.blend"), link=True) as (_, into):
        into.objects = ["Hero"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    bpy.context.view_layer.update()
    yield into.objects[0].override_create(remap_local_usages=True)
    blender_addon.unregister()


def reopened(tmp_path):
    """The override after its file was saved and opened again."""
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    return next(o for o in bpy.data.objects if o.override_library is not None and o.pose)


def test_settings_and_bone_map_are_there_again(hero, tmp_path):
    bpy.context.view_layer.update()
    settings = rig_settings.writable(hero)
    hero.location = (1.0, 2.0, 0.0)
    settings.root_motion, settings.plant_feet = "OBJECT", False
    rig_settings.store_map(hero, rig_retarget.detect(hero).map, "Mine")
    settings.rows[3].bone = ""
    rows = [(row.part, row.bone) for row in settings.rows]
    for _ in range(2):
        again = reopened(tmp_path)
        settings = again.audio2pose_character
        assert (settings.root_motion, settings.plant_feet, settings.edited) == (
            "OBJECT",
            False,
            True,
        )
        assert tuple(settings.origin) == pytest.approx((1.0, 2.0, 0.0))
        assert [(row.part, row.bone) for row in settings.rows] == rows
        assert rig_retarget.detect(again).found.title == "Mine"


def test_what_was_set_back_is_not_put_back(hero, tmp_path):
    bpy.context.view_layer.update()
    rig_settings.writable(hero).plant_feet = False
    again = reopened(tmp_path)
    assert not again.audio2pose_character.plant_feet
    again.audio2pose_character.property_unset("plant_feet")
    assert reopened(tmp_path).audio2pose_character.plant_feet


def test_an_override_dances_after_it_was_reopened(hero, tmp_path):
    bpy.context.view_layer.update()
    rig_settings.writable(hero).root_motion = "IN_PLACE"
    again = reopened(tmp_path)
    motion = rest_motion(30, 30.0)
    motion.root[:, 0] += np.linspace(0, 1, 30)
    frames = np.arange(1, 31)
    channels = rig_retarget.channels(again, motion, frames, 1.0, 30.0)
    key_writer.write_channels(again, frames, channels, "Dance")
    (hips,) = (c for c in channels if c.data_path.endswith('Hips"].location') and c.index == 0)
    assert np.ptp(hips.values) < 1.0
