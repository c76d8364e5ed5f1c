"""The pictures of docs/MANUAL.md, taken in Blender's window; runs inside that Blender.

Sub-panels are closed at first and cannot be opened from Python. A copy of the class under
another name, open from the start, stands in for each while its picture is taken.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).parent))

import hands
from hands import Steps, area_of, dancer, in_view, module, region_of, running, until


def picture(name: str, area: Any, region: str | None = None, top: int | None = None) -> Steps:
    """An area, or one of its regions; of its upper ``top`` pixels only."""
    area.tag_redraw()
    yield 1.5
    part = area if region is None else region_of(area, region)
    height = part.height if top is None else min(top, part.height)
    hands.take_picture(name, (part.x, part.y + part.height - height, part.width, height))


def open_panel(owner: str, name: str) -> Any:
    """An open copy of a sub-panel, above all others."""
    cls = getattr(module(owner), name)
    bpy.utils.unregister_class(cls)
    kept = {k: v for k, v in vars(cls).items() if not k.startswith("__") and k != "bl_rna"}
    copy = type(
        name.replace("AUDIO2POSE", "MANUAL"),
        cls.__bases__,
        kept
        | {
            "bl_idname": name.replace("AUDIO2POSE", "MANUAL"),
            "bl_options": set(),
            "bl_order": -1,
            "__doc__": cls.__doc__,
        },
    )
    bpy.utils.register_class(copy)
    return copy, cls


def panel(picture_name: str, owner: str, name: str, top: int = 700) -> Steps:
    takes = bpy.types.AUDIO2POSE_PT_takes  # open by itself, and in the way here
    bpy.utils.unregister_class(takes)
    copy, cls = open_panel(owner, name)
    yield from picture(picture_name, area_of("VIEW_3D"), "UI", top)
    bpy.utils.unregister_class(copy)
    bpy.utils.register_class(cls)
    bpy.utils.register_class(takes)


def wait(what: str) -> Steps:
    yield from until(running, 20, f"{what} starts")
    yield from until(lambda: not running(), 300, f"{what} ends")


def dance() -> Steps:
    hands.sidebar().active_panel_category = "Audio2Pose"
    yield from picture("first-steps", area_of("VIEW_3D"), "UI", 460)
    with in_view():
        bpy.ops.audio2pose.add_song(filepath=str(hands.SHARE / "song.wav"))
        bpy.context.scene.audio2pose.markers = "BOTH"
        bpy.ops.audio2pose.analyse("INVOKE_DEFAULT")
    yield from wait("Analyse")
    yield from panel("beats", "ui.panels.main", "AUDIO2POSE_PT_beats", 560)
    yield from panel("details", "ui.panels.main", "AUDIO2POSE_PT_details", 560)
    bpy.context.scene.audio2pose.style = "house"
    with in_view():
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    yield from until(lambda: running() and hands.job().fraction > 0.3, 120, "half a dance")
    # The rest takes a second, no longer than the picture: the worker waits for us.
    (worker,) = hands.workers()
    os.kill(worker, signal.SIGSTOP)
    yield from picture("progress", area_of("VIEW_3D"), "UI", 300)
    os.kill(worker, signal.SIGCONT)
    yield from until(lambda: not running(), 300, "the dance")
    bpy.context.scene.frame_set(100)
    hands.look_at_dancer()
    yield from picture("window", area_of("VIEW_3D"))


def round_curve() -> Any:
    """A circle on the floor in front of the dancer, selected."""
    with in_view():
        bpy.ops.curve.primitive_bezier_circle_add(radius=1.2, location=(0.0, -1.2, 0.0))
    return bpy.context.view_layer.objects.active


def curves() -> Steps:
    """The dials in the Graph Editor, in place of the 3D view for a moment."""
    area = area_of("VIEW_3D")
    area.type = "GRAPH_EDITOR"
    area.spaces.active.dopesheet.show_only_selected = False
    yield 1.0
    with bpy.context.temp_override(
        window=hands.window(), area=area, region=region_of(area, "WINDOW")
    ):
        bpy.ops.graph.view_all()
    yield from picture("dials", area)
    area.type = "VIEW_3D"
    yield 1.0
    hands.sidebar().active_panel_category = "Audio2Pose"


def directing() -> Steps:
    """The song in view, a section's style, the dials, and what is drawn on the floor."""
    scene = bpy.context.scene
    settings, chosen = scene.audio2pose, scene.audio2pose.choreography
    settings.section_index = len(settings.sections) - 1
    active = settings.sections[settings.section_index]
    active.name, active.style, active.energy = "Chorus", "disco", 1.0
    yield from panel("sections", "ui.panels.sections", "AUDIO2POSE_PT_sections", 560)
    round_curve()
    chosen.path = "CURVE"
    chosen.front = "CAMERA"
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 100, 200
    with in_view():
        bpy.ops.audio2pose.change_energy()
        bpy.ops.audio2pose.dials_from_song("INVOKE_DEFAULT")
    yield from wait("From the Song")
    yield from curves()
    with in_view():
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    yield from wait("the directed dance")
    yield from panel("choreography", "ui.panels.choreography", "AUDIO2POSE_PT_choreography", 800)
    scene.use_preview_range = False
    scene.frame_set(150)
    hands.look_at_dancer()
    yield from picture("floor", area_of("VIEW_3D"))


def more() -> Steps:
    bpy.context.scene.audio2pose.seed = 7
    with in_view():
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    yield from wait("the second dance")
    yield from picture("takes", area_of("VIEW_3D"), "UI", 640)
    with in_view():
        bpy.ops.audio2pose.try_seeds("INVOKE_DEFAULT")
    yield from wait("three seeds")
    yield from picture("seeds", area_of("VIEW_3D"))
    with in_view():
        bpy.ops.audio2pose.take_choose(take="Take 2")
    yield from panel("regenerate", "ui.panels.edit", "AUDIO2POSE_PT_edit", 480)
    yield from panel("character", "ui.panels.character", "AUDIO2POSE_PT_character", 620)
    yield from panel("export", "ui.panels.export", "AUDIO2POSE_PT_export", 420)
    yield from panel("crew", "ui.panels.crew", "AUDIO2POSE_PT_crew", 600)
    yield from panel("shot", "ui.panels.shot", "AUDIO2POSE_PT_shot", 540)


def filmed() -> Steps:
    """A crew in the club, through one of the cameras."""
    scene = bpy.context.scene
    scene.audio2pose_crew.count = 5
    with in_view():
        bpy.ops.audio2pose.make_crew("INVOKE_DEFAULT")
    yield from wait("the crew")
    scene.audio2pose_shot.stage, scene.audio2pose_shot.camera = "CLUB", "CUTS"
    with in_view():
        bpy.ops.audio2pose.add_stage()
        bpy.ops.audio2pose.add_dance_camera()
    scene.frame_set(150)
    area_of("VIEW_3D").spaces[0].region_3d.view_perspective = "CAMERA"
    yield from picture("shot-window", area_of("VIEW_3D"))


def editors() -> Steps:
    area = area_of("VIEW_3D")
    area.type, area.ui_type = "DOPESHEET_EDITOR", "DOPESHEET"
    space = area.spaces.active
    space.mode = "ACTION"
    space.show_pose_markers = True
    bpy.context.view_layer.objects.active = dancer()
    yield 1.0
    with bpy.context.temp_override(
        window=hands.window(), area=area, region=region_of(area, "WINDOW")
    ):
        bpy.ops.action.view_all()
    yield from picture("keys", area, top=400)
    area.type = "SEQUENCE_EDITOR"
    area.spaces.active.show_region_ui = True
    yield 2.0
    region_of(area, "UI").active_panel_category = "Audio2Pose"
    yield from picture("sequencer", area)
    area.type = "PREFERENCES"
    preferences = bpy.context.preferences
    preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "audio2pose"
    preferences.addons[hands.PACKAGE].preferences.models_folder = str(hands.SHARE / "models")
    bpy.ops.preferences.addon_expand(module=hands.PACKAGE)
    yield 1.0
    yield from picture("preferences", area)


def whole(picture_name: str) -> Steps:
    """The window as it is, timeline and all."""
    for area in hands.window().screen.areas:
        area.tag_redraw()
    yield 1.5
    hands.take_picture(picture_name, (0, 0, *hands.SCREEN))


def jobs() -> Steps:
    """What an animator asks for, in a click or three: a picture of each."""
    scene = bpy.context.scene
    settings, chosen = scene.audio2pose, scene.audio2pose.choreography
    with in_view():
        bpy.ops.audio2pose.reset_dials()
    chosen.front, chosen.path, scene.use_preview_range = "AUDIENCE", "PLACE", False
    settings.randomise_seed = True
    with in_view():
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    yield from wait("a dance in place")
    hands.look_at_dancer()
    takes = bpy.types.AUDIO2POSE_PT_takes
    bpy.utils.unregister_class(takes)
    copy, cls = open_panel("ui.panels.choreography", "AUDIO2POSE_PT_choreography")
    scene.frame_set(140)
    yield from whole("in-place")
    # From bar 9 on: the playhead there, and Livelier.
    scene.frame_set(1 + 24 * 16)
    with in_view():
        bpy.ops.audio2pose.change_energy(where="AUTO", amount=1.0)
    yield from whole("from-bar-9")
    bpy.utils.unregister_class(copy)
    bpy.utils.register_class(cls)
    with in_view():
        bpy.ops.audio2pose.reset_dials()
    yield from only_arms()
    copy, cls = open_panel("ui.panels.moves", "AUDIO2POSE_PT_moves")
    moves = scene.audio2pose_moves
    moves.first_bar, moves.last_bar = 3, 6
    with in_view():
        bpy.ops.audio2pose.make_loop("INVOKE_DEFAULT")
    yield from wait("the loop")
    yield from whole("loop")
    with in_view():
        bpy.ops.audio2pose.take_play(take="Take 1")
        moves.first_bar, moves.last_bar, moves.name = 3, 4, "Kick"
        bpy.ops.audio2pose.save_move()
    yield from picture("moves", area_of("VIEW_3D"), "UI", 760)
    bpy.utils.unregister_class(copy)
    bpy.utils.register_class(cls)
    bpy.utils.register_class(takes)


def only_arms() -> Steps:
    """The bones of both arms in pose mode, and what Regenerate says."""
    scene = bpy.context.scene
    bpy.context.view_layer.objects.active = dancer()
    with in_view():
        bpy.ops.object.mode_set(mode="POSE")
    for bone in dancer().pose.bones:
        bone.select = any(part in bone.name for part in ("collar", "shoulder", "elbow", "wrist"))
    scene.audio2pose_edit.use_bones = True
    scene.audio2pose_edit.first_bar, scene.audio2pose_edit.last_bar = 1, 10
    copy, cls = open_panel("ui.panels.edit", "AUDIO2POSE_PT_edit")
    with in_view():
        bpy.ops.audio2pose.regenerate("INVOKE_DEFAULT")
    yield from wait("the arms")
    yield from whole("only-arms")
    bpy.utils.unregister_class(copy)
    bpy.utils.register_class(cls)
    scene.audio2pose_edit.use_bones = False
    with in_view():
        bpy.ops.object.mode_set(mode="OBJECT")


def long_song() -> Steps:
    """A rough dance while the finished one is made, and phrases that return as a person's moves."""
    scene = bpy.context.scene
    settings, moves = scene.audio2pose, scene.audio2pose_moves
    if moves.move is None:
        with in_view():
            moves.first_bar, moves.last_bar, moves.name = 3, 4, "Kick"
            bpy.ops.audio2pose.save_move()
    settings.source, settings.file = "FILE", str(hands.SHARE / "long.wav")
    moves.in_plan = True
    settings.choreography.path, settings.choreography.overlay = "STAGE", False
    scene.frame_set(100)
    hands.look_at_dancer()
    # A figure beside the dancer that is there would be hard to see: a new one is made.
    settings.target = None
    for thing in [dancer(), *dancer().children]:
        thing.hide_set(True)
    with in_view():
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    shown = module("ui.rough_overlay").shown
    yield from until(lambda: shown() is not None, 200, "a rough dance")
    (worker,) = hands.workers()
    os.kill(worker, signal.SIGSTOP)
    view = area_of("VIEW_3D").spaces[0].region_3d
    view.view_location = (*shown().place[:2, 3], 0.9)
    yield from picture("rough", area_of("VIEW_3D"))
    os.kill(worker, signal.SIGCONT)
    yield from until(lambda: not running(), 300, "the finished dance")
    yield from panel("my-moves", "ui.panels.choreography", "AUDIO2POSE_PT_choreography", 860)


PARTS = (
    (dance, ("first-steps", "beats", "details", "progress", "window")),
    (directing, ("sections", "dials", "choreography", "floor")),
    (more, ("takes", "seeds", "regenerate", "character", "export", "crew", "shot")),
    (jobs, ("in-place", "from-bar-9", "only-arms", "loop", "moves")),
    (filmed, ("shot-window",)),
    (long_song, ("rough", "my-moves")),
    (editors, ("keys", "sequencer", "preferences")),
)
"""What is played, and the pictures that it takes."""


def story() -> Steps:
    """All of it; or what the pictures that are asked for need, after a first dance."""
    asked = set(json.loads((hands.SHARE / "only.json").read_text()))
    for part in (hands.install, hands.open_sidebar):
        yield from part()
    for part, pictures in PARTS:
        if not asked or part is dance or asked & set(pictures):
            yield from part()


hands.play(story())
