"""Use My Moves: what of the file's moves the worker is given, and what is told of them."""

from __future__ import annotations

import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from test_takes import dance, scene  # noqa: F401

from blender_addon.takes import metadata as take_metadata, store as take_store

pytestmark = pytest.mark.blender


def saved(name: str, tag: str = "", bones: bool = False):
    """Bars 2 and 3 of the take that is played as a move."""
    chosen = bpy.context.scene.audio2pose_moves
    chosen.first_bar, chosen.last_bar, chosen.name, chosen.use_bones = 2, 3, name, bones
    assert bpy.ops.audio2pose.save_move() == {"FINISHED"}
    if tag:
        chosen.move.asset_data.tags.new(tag)
    return chosen.move


def given() -> list[str]:
    """The names of the moves that the last dance was asked with."""
    return sorted(move.name for move in quick_jobs.QuickJob.asked[-1].moves)


def test_no_move_is_used_unasked(scene):  # noqa: F811
    dance(1)
    saved("Kick")
    dance(2)
    assert given() == []


def test_the_files_moves_are_given_with_their_motion_and_beats(scene):  # noqa: F811
    dance(1)
    kick = saved("Kick")
    scene.audio2pose_moves.in_plan = True
    dance(2)
    (move,) = quick_jobs.QuickJob.asked[-1].moves
    assert move.name == "Kick" and move.style == "salsa"
    assert list(move.beats) == pytest.approx([0.5 * k for k in range(8)], abs=1e-3)
    assert len(move.motion) == len(take_metadata.read_motion(kick))


def test_a_tag_chooses_among_them_and_what_is_no_asset_is_left_out(scene):  # noqa: F811
    dance(1)
    saved("Kick", "mine")
    saved("Spin")
    saved("Cleared").asset_clear()
    scene.audio2pose_moves.in_plan = True
    dance(2)
    assert given() == ["Kick", "Spin"]
    scene.audio2pose_moves.tag = "mine"
    dance(3)
    assert given() == ["Kick"]
    scene.audio2pose_moves.tag = "nobody's"
    with pytest.raises(RuntimeError, match="no move with the tag"):
        bpy.ops.audio2pose.generate()


def test_the_choice_is_part_of_a_takes_settings(scene):  # noqa: F811
    armature = dance(1)
    saved("Kick", "mine")
    chosen = scene.audio2pose_moves
    chosen.in_plan, chosen.tag = True, "mine"
    dance(2)
    assert take_metadata.read(take_store.current(armature).action).params.moves == "mine"
    chosen.in_plan, chosen.tag = False, ""
    bpy.ops.audio2pose.take_settings(take="Take 2")
    assert chosen.in_plan and chosen.tag == "mine"
    bpy.ops.audio2pose.take_settings(take="Take 1")
    assert not chosen.in_plan
