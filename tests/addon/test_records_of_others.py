"""What a .blend of others says of takes, moves and beats: read, or one line, however deep it is."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")

from blender_addon.core import errors
from blender_addon.moves import asset
from blender_addon.song import beats
from blender_addon.takes import metadata

pytestmark = pytest.mark.blender

RECORDS = [
    '{"version":' * 20_000, "[" * 500 + "]" * 500, "[]", "null", '"x"', "{}", '{"version": "x"}',
    '{"version": 1e999}', "{" , '{"version": 1, "params": []}',
]  # fmt: skip


@pytest.mark.parametrize("text", RECORDS, ids=lambda text: text[:20])
def test_a_record_that_is_none_is_one_line(registered, text):
    action = bpy.data.actions.new("strange")
    action.audio2pose.record = text
    with pytest.raises(errors.Audio2PoseError) as caught:
        metadata.read(action)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    action.audio2pose.move = text
    with pytest.raises(errors.Audio2PoseError):
        asset.read(action)
    settings = bpy.context.scene.audio2pose
    settings.beats.record = text
    with pytest.raises(errors.Audio2PoseError):
        beats.read(settings)
