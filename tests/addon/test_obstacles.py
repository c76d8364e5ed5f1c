"""What keeps a dance from being seen: told, and put aside where a person agrees."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import foreign_rigs
import rig_measures
from foreign_rigs import FAMILIES

from audio2pose_core import rotations as rot
from audio2pose_core.motion import Motion, rest_motion
from blender_addon.generate import dance_task
from blender_addon.keys import writer as key_writer
from blender_addon.rig import obstacles, retarget as rig_retarget

pytestmark = pytest.mark.blender


@pytest.fixture
def hero(registered):
    armature = foreign_rigs.build("Hero", FAMILIES["unreal"])
    bpy.context.scene.audio2pose.target = armature
    return armature


def waving() -> Motion:
    motion = rest_motion(60, 30.0)
    motion.rotations[:, 16] = rot.from_axis_angle(
        np.stack([np.zeros(60), np.zeros(60), np.sin(np.arange(60) / 8)], axis=1)
    )
    return motion


def drive(armature, bone: str) -> None:
    """A driver of a single value on each number of a bone's rotation."""
    for curve in armature.pose.bones[bone].driver_add("rotation_quaternion"):
        curve.driver.type = "SCRIPTED"
        curve.driver.expression = "0.5"


def test_drivers_on_bones_that_dance_are_told_and_muted_where_agreed(hero):
    found = rig_retarget.detect(hero).map
    drive(hero, "upperarm_l")
    drive(hero, "root")
    (said,) = obstacles.told(hero, found)
    assert "upperarm_l" in said and "root" not in said and "Mute" in said
    hero.audio2pose_drivers.mute = True
    assert not obstacles.told(hero, found)
    muted = [d.data_path for d in hero.animation_data.drivers if d.mute]
    assert len(muted) == 4 and all("upperarm_l" in path for path in muted)
    frames = rig_measures.dance_on(hero, waving())
    at = rig_measures.heads(hero, frames, {"a": "upperarm_l", "b": "lowerarm_l"})
    # The root's own driver turns the whole figure.
    assert np.ptp(at["b"] - at["a"], axis=0).max() > 0.1
    hero.audio2pose_drivers.mute = False
    assert not any(d.mute for d in hero.animation_data.drivers)


def test_drivers_that_came_later_are_muted_with_the_next_dance(hero):
    hero.audio2pose_drivers.mute = True
    drive(hero, "calf_r")
    frames = np.arange(1, 61)
    channels = rig_retarget.channels(hero, waving(), frames, 1.0, 30.0)
    curves = [key_writer.Curve.of(c, frames, c.values) for c in channels]
    dance_task.take_over(hero, key_writer.build_action(hero, curves, "Dance"))
    assert all(d.mute for d in hero.animation_data.drivers)


def test_rest_position_and_uneven_scales_are_told(hero):
    found = rig_retarget.detect(hero).map
    assert not obstacles.told(hero, found)
    hero.data.pose_position = "REST"
    hero.scale = (0.01, 0.01, 0.02)
    bpy.context.view_layer.update()
    said = obstacles.told(hero, found)
    assert any("Rest Position" in line for line in said)
    assert any("0.01 x 0.01 x 0.02" in line for line in said)


def test_the_panel_tells_them(hero):
    from blender_addon.ui.panels import character as character_panel

    drive(hero, "thigh_l")
    said = character_panel.summary(hero)
    lines: list[str] = []

    class Layout:
        def column(self, **_):
            return self

        def label(self, text="", **_):
            lines.append(text)

        def prop(self, data, name, **_):
            assert name in data.bl_rna.properties
            lines.append(name)

    character_panel.draw_obstacles(Layout(), hero, said)
    assert "thigh_l" in " ".join(lines) and lines[-1] == "mute"
