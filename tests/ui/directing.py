"""Directing a dance by mouse in Blender's window; runs inside that Blender, with ``hands``.

Every button, menu and dial here is found on the screen and pressed by the X server's mouse; what
Python does instead of a hand is said where it does it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).parent))

import hands
from hands import Steps, dancer, facts, in_view, module, running, say, shot, until, widgets

LEGS = "audio2pose.choreography.legs"


def wait(what: str) -> Steps:
    """Until a button's work is done; how long Blender ever stood still meanwhile."""
    yield from until(running, 20, f"{what} starts")
    began = last = time.monotonic()
    longest = 0.0
    while running():
        if time.monotonic() - began > 300:
            raise TimeoutError(f"{what}: not within 300 s")
        yield 0.02
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    say(f"waited {what}", longest=longest, took=time.monotonic() - began)


def press(kind: str, number: int) -> Steps:
    """Click on one of the sidebar's widgets of a kind, counted from above."""
    places = yield from widgets(kind)
    yield from hands.click(*places[number])


def turn(place: tuple[int, int], clicks: int, key: str = "") -> Steps:
    """Point at a widget, turn the wheel with Ctrl held, and press a key there."""
    hands.point(*place)
    yield 0.5
    for _ in range(abs(clicks)):
        hands.xdotool("keydown", "ctrl", "click", 4 if clicks > 0 else 5, "keyup", "ctrl")
        yield 0.3
    if key:
        yield from hands.keys(key)
        yield 0.5


def add_song() -> Steps:
    # Blender's file window is Blender's; what it calls in the end is this.
    with in_view():
        bpy.ops.audio2pose.add_song("EXEC_DEFAULT", filepath=str(hands.SHARE / "song.wav"))
    bpy.context.scene.audio2pose.style = "house"
    bpy.context.scene.audio2pose.randomise_seed = False
    yield 1.0


def analyse() -> Steps:
    hands.open_panel("ui.panels.main", "AUDIO2POSE_PT_beats")
    yield 1.0
    yield from press("tool", 0)
    yield from wait("Analyse")
    yield from shot("directing-1-analysed")
    scene = bpy.context.scene
    say(
        "analysed",
        tempo=scene.audio2pose.beats.tempo_bpm,
        sections=[s.name for s in scene.audio2pose.sections],
    )
    hands.close_panel()


def section() -> Steps:
    """The style of the section that is active, by the wheel over its menu; its energy likewise."""
    hands.open_panel("ui.panels.sections", "AUDIO2POSE_PT_sections")
    settings = bpy.context.scene.audio2pose
    settings.section_index = len(settings.sections) - 1
    yield 1.0
    active = settings.sections[settings.section_index]
    before = active.style, active.energy
    menus, sliders = (yield from widgets("menu")), (yield from widgets("numslider"))
    yield from turn(menus[0], -2)
    yield from turn(sliders[0], 3)
    yield from shot("directing-2-section")
    say("section", before=before, after=(active.style, active.energy), name=active.name)
    hands.close_panel()


def curve() -> Any:
    """The F-curve of the dial, or None."""
    animation = bpy.context.scene.animation_data
    if animation is None or animation.action is None:
        return None
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    return bag.fcurves.find(LEGS)


def dial() -> Steps:
    """The dial of the legs is switched on and keyed with I at two frames."""
    hands.open_panel("ui.panels.choreography", "AUDIO2POSE_PT_choreography")
    scene = bpy.context.scene
    yield 1.0
    yield from press("option", 0)
    yield 0.5
    used = scene.audio2pose.choreography.use_legs
    # Energy is the first one. A dial that is keyed has another colour, so it is looked for once.
    sliders = yield from widgets("numslider")
    for frame, clicks in ((1, -3), (240, 6)):
        # As a drag in the timeline does, which the first story tests.
        scene.frame_set(frame)
        yield 0.5
        yield from turn(sliders[1], clicks, "i")
    yield from shot("directing-3-dial")
    keys = [] if curve() is None else [list(p.co) for p in curve().keyframe_points]
    say("dial", used=used, keys=keys)
    hands.close_panel()


def generate() -> Steps:
    """Generate by its big button; the rough dance is seen long before the finished one."""
    overlay = module("ui.rough_overlay")
    scene = bpy.context.scene
    scene.frame_set(60)
    view = hands.area_of("VIEW_3D").spaces[0].region_3d
    view.view_location, view.view_distance = (0.0, 0.0, 0.9), 6.0
    yield 0.5
    before = facts()
    place = yield from hands.big_button()
    yield from hands.click(*place)
    yield from until(running, 20, "Generate starts")
    began = last = time.monotonic()
    longest, rough_after, posed, pictures = 0.0, None, None, 0
    while running():
        if time.monotonic() - began > 300:
            raise TimeoutError("the dance: not within 300 s")
        if overlay.shown() is not None and rough_after is None:
            rough_after = time.monotonic() - began
            say("rough", after=rough_after, data=facts(), before=before, stage=hands.job().stage)
        if rough_after is not None and pictures == 0 and time.monotonic() - began > rough_after + 1:
            hands.take_picture("directing-4-rough")
            pictures, last = 1, time.monotonic()
            posed = list(overlay.shown().place[:3, 3]) if overlay.shown() else None
        yield 0.02
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    yield from shot("directing-5-finished")
    say(
        "generated",
        took=time.monotonic() - began,
        rough_after=rough_after,
        longest=longest,
        pictures=pictures,
        left=overlay.shown() is not None,
        stood=posed,
        stands=list(dancer().location),
        told=scene.audio2pose.result.told,
        takes=[take.name for take in dancer().audio2pose_takes.takes],
    )


def generate_again() -> Steps:
    """The rough dance covers the dancer that is there; Esc takes it away, and nothing is left."""
    overlay = module("ui.rough_overlay")
    bpy.context.scene.audio2pose.seed = 5
    bpy.context.scene.frame_set(100)
    yield 1.0
    before = facts()
    place = yield from hands.big_button()
    yield from hands.click(*place)
    yield from until(lambda: overlay.shown() is not None, 200, "a rough dance is shown")
    yield 1.0
    hands.take_picture("directing-5-covers")
    yield from hands.keys("Escape")
    yield from until(lambda: not running(), 20, "Esc cancels")
    yield 0.5
    say("covered", before=before, after=facts(), shown=overlay.shown() is not None)


def loop_and_move() -> Steps:
    hands.open_panel("ui.panels.moves", "AUDIO2POSE_PT_moves")
    chosen = bpy.context.scene.audio2pose_moves
    chosen.first_bar, chosen.last_bar, chosen.name = 3, 4, "Kick"
    yield 1.0
    yield from press("tool", 0)
    yield from wait("Make Loop")
    yield from shot("directing-6-loop")
    made = dancer().animation_data.action
    say("looped", cyclic=made.use_cyclic, takes=len(dancer().audio2pose_takes.takes))
    with in_view():
        bpy.ops.audio2pose.take_play(take="Take 1")
    yield 1.0
    yield from press("tool", 1)
    yield from until(lambda: chosen.move is not None, 30, "the move is saved")
    bpy.context.scene.frame_set(1 + 24 * 10)
    yield 1.0
    yield from press("tool", 2)
    yield from wait("Use Move")
    bpy.context.scene.frame_set(1 + 24 * 10 + 20)
    yield from shot("directing-7-move")
    read = module("takes.metadata").read
    say(
        "moved",
        move=chosen.move.name,
        takes=[take.name for take in dancer().audio2pose_takes.takes],
        made_from=read(dancer().animation_data.action).made_from,
    )
    hands.close_panel()


def film() -> Steps:
    hands.open_panel("ui.panels.shot", "AUDIO2POSE_PT_shot")
    settings = bpy.context.scene.audio2pose_shot
    settings.stage, settings.camera = "CLUB", "CUTS"
    yield 1.0
    objects = [facts()["objects"]]
    for number, name in ((0, "Add Stage"), (1, "Add Camera")):
        yield from press("tool", number)
        yield from until(lambda: facts()["objects"] != objects[-1], 60, f"{name} adds")
        yield from until(lambda: not running(), 60, f"{name} ends")
        yield 0.5
        objects.append(facts()["objects"])
    view = hands.area_of("VIEW_3D").spaces[0].region_3d
    view.view_perspective = "CAMERA"
    yield 2.0
    yield from shot("directing-8-filmed")
    say(
        "filmed",
        objects=objects,
        cuts=sum(1 for marker in bpy.context.scene.timeline_markers if marker.camera),
    )
    hands.close_panel()


def story() -> Steps:
    parts = (hands.install, hands.open_sidebar, add_song, analyse, section, dial, generate)
    for part in (*parts, generate_again, loop_and_move, film):
        yield from part()


hands.play(story())
