"""Lead-In Pose: the dance comes out of a standing pose."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from test_takes import dance, scene  # noqa: F401

from audio2pose_core import generate_dance, skeleton
from blender_addon.generate import lead_in
from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender


def test_a_dance_begins_standing_and_moves_on(song, default_model):
    plain = generate_dance(song, style="house", seed=3).motion
    begun = lead_in.standing(plain.seconds)
    led = generate_dance(song, style="house", seed=3, anchors=begun).motion
    dots = np.abs(np.sum(led.rotations[0] * begun.motion.rotations[0], axis=-1))
    assert np.degrees(2 * np.arccos(np.clip(dots, 0, 1))).max() < 1.0
    wrists = led.joint_positions()[0, [skeleton.INDEX["left_wrist"], skeleton.INDEX["right_wrist"]]]
    assert (wrists[:, 1] < 1.1).all(), "the arms hang"
    later = slice(round(2 * led.fps), None)
    np.testing.assert_allclose(
        led.joint_positions()[later], plain.joint_positions()[later], atol=0.05
    )


def test_it_is_asked_for_and_remembered(scene):  # noqa: F811
    asked = quick_jobs.QuickJob.asked
    armature = dance(1)
    assert asked[-1].anchors is None
    scene.audio2pose.lead_in = True
    dance(2)
    assert asked[-1].anchors.mask[0, 1:].all() and not asked[-1].anchors.mask[1:].any()
    record = take_metadata.read(take_store.current(armature).action)
    assert record.params.lead_in
    bpy.ops.audio2pose.take_settings(take="Take 1")
    assert not scene.audio2pose.lead_in
