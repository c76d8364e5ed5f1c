"""Loops and moves in Blender's window; runs inside that Blender, with ``hands``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).parent))

import hands
from hands import Steps, area_of, dancer, in_view, module, running, say, shot, until

PANEL = "AUDIO2POSE_PT_moves"


def wait(what: str) -> Steps:
    yield from until(running, 20, f"{what} starts")
    yield from until(lambda: not running(), 240, f"{what} ends")


def prepare() -> Steps:
    """A song, a dance, and the panel open: sub-panels cannot be opened from Python."""
    with in_view():
        bpy.ops.audio2pose.add_song("EXEC_DEFAULT", filepath=str(hands.SHARE / "song.wav"))
        bpy.context.scene.audio2pose.style = "house"
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    yield from wait("Generate")
    hands.open_panel("ui.panels.moves", PANEL)
    hands.look_at_dancer()
    yield from shot("loops-1-panel")


def chosen() -> Any:
    return bpy.context.scene.audio2pose_moves


def loop() -> Steps:
    """Bars 3 and 4 go round; the playhead is moved by eight periods and shows the same pose."""
    chosen().first_bar, chosen().last_bar = 3, 4
    with in_view():
        bpy.ops.audio2pose.make_loop("INVOKE_DEFAULT")
    yield from wait("Make Dance Loop")
    action = dancer().animation_data.action
    period, begins = action["audio2pose_loop_frames"], round(action.frame_range[0])
    poses = []
    for times in (0, 1, 8):
        bpy.context.scene.frame_set(round(begins + 11 + times * period))
        yield 0.5
        evaluated = dancer().evaluated_get(bpy.context.evaluated_depsgraph_get())
        poses.append([list(bone.head) for bone in evaluated.pose.bones])
    yield from shot("loops-2-eighth-cycle")
    say(
        "looped",
        takes=len(dancer().audio2pose_takes.takes),
        period=period,
        poses=poses,
        cyclic=action.use_cyclic,
    )


def moves() -> Steps:
    """Bar 2 of the first take is saved; the Asset Browser shows it; it is used at bar 6."""
    with in_view():
        bpy.ops.audio2pose.take_play(take="Take 1")
    chosen().first_bar, chosen().last_bar, chosen().name = 2, 2, "Kick"
    with in_view():
        saved = bpy.ops.audio2pose.save_move("INVOKE_DEFAULT")
    browser = area_of("DOPESHEET_EDITOR")
    browser.ui_type = "ASSETS"
    yield 3.0
    yield from shot("loops-3-asset-browser")
    frame = 1 + 24 * 10
    bpy.context.scene.frame_set(frame)
    with in_view():
        bpy.ops.audio2pose.use_move("INVOKE_DEFAULT")
    yield from wait("Use Dance Move Here")
    bpy.context.scene.frame_set(frame + 20)
    yield from shot("loops-4-move-used")
    say(
        "moved",
        saved=sorted(saved),
        tags=sorted(tag.name for tag in chosen().move.asset_data.tags),
        takes=[take.name for take in dancer().audio2pose_takes.takes],
        made_from=module("takes.metadata").read(dancer().animation_data.action).made_from,
    )


def story() -> Steps:
    for part in (hands.install, hands.open_sidebar, prepare, loop, moves):
        yield from part()


hands.play(story())
