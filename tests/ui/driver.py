"""What a person does in Blender's window; runs inside that Blender, with ``hands``.

Each line of said.jsonl is what Blender itself reports after a step; the test
asserts on these.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import bpy
from bpy_extras.view3d_utils import location_3d_to_region_2d

sys.path.insert(0, str(Path(__file__).parent))

import hands
from hands import Steps, dancer, facts, in_view, job, keys, point, running, say, shot

BONE = "right_shoulder"


def sidebar() -> Steps:
    yield from hands.open_sidebar()
    yield from shot("1-no-song")
    say(
        "sidebar",
        shown=hands.area_of("VIEW_3D").spaces[0].show_region_ui,
        width=hands.sidebar().width,
        tab=hands.sidebar().active_panel_category,
        **facts(),
    )


def add_song() -> Steps:
    # Blender's file window is Blender's; what it calls in the end is this.
    with in_view():
        done = bpy.ops.audio2pose.add_song(
            "EXEC_DEFAULT", True, filepath=str(hands.SHARE / "song.wav")
        )
    yield from shot("2-ready")
    scene = bpy.context.scene
    say("song", done=sorted(done), frame_end=scene.frame_end, **facts())


def analyse() -> Steps:
    """The beats as markers, while Blender stays awake."""
    bpy.context.scene.audio2pose.markers = "BOTH"
    with in_view():
        bpy.ops.audio2pose.analyse("INVOKE_DEFAULT")
    yield from hands.until(running, 10, "Analyse starts")
    yield from hands.until(lambda: not running(), 60, "Analyse ends")
    scene = bpy.context.scene
    say(
        "analysed",
        tempo=scene.audio2pose.beats.tempo_bpm,
        names=[m.name for m in sorted(scene.timeline_markers, key=lambda m: m.frame)],
        **facts(),
    )
    yield from shot("2-analysed")


def start() -> Steps:
    place = yield from hands.big_button()
    yield from hands.click(*place)
    yield from hands.until(running, 20, "the operator starts after the click")


def cancel() -> Steps:
    yield from start()
    # At first the song is read, and no job is there yet.
    yield from hands.until(lambda: job() is not None, 20, "the job starts")
    yield from hands.until(lambda: job().fraction > 0.02, 120, "progress before the cancel")
    # A short song takes two seconds, no longer than finding the button: the worker waits for us.
    (worker,) = hands.workers()
    os.kill(worker, signal.SIGSTOP)
    say("at work", fraction=job().fraction, stage=job().stage, **facts())
    place = yield from hands.big_button()
    yield from shot("3-progress")
    yield from hands.click(*place, just_before=lambda: os.kill(worker, signal.SIGCONT))
    yield from hands.until(lambda: not running(), 20, "the operator ends after Cancel")
    yield from shot("4-cancelled")
    say("cancelled", **facts())


def generate() -> Steps:
    yield from start()
    yield from watch("worked")
    hands.look_at_dancer()
    yield from shot("5-done")
    say(
        "generated",
        frame_end=bpy.context.scene.frame_end,
        keys=len(key_frames()),
        span=[key_frames()[0], key_frames()[-1]],
        pose_markers=len(dancer().animation_data.action.pose_markers),
        **facts(),
    )


def watch(event: str) -> Steps:
    """Wait for the worker; say how far it was, and how long Blender ever stood still."""
    began = last = time.monotonic()
    longest, fractions, stages = 0.0, [], []
    while running():
        if (now := job()) is not None:
            fractions.append(now.fraction)
            stages += [now.stage] if now.stage not in stages else []
        if time.monotonic() - began > 240:
            raise TimeoutError("the dance: not within 240 s")
        yield 0.1
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    say(event, took=time.monotonic() - began, longest=longest, fractions=fractions, stages=stages)


def key_frames() -> list[float]:
    return [key.co[0] for key in curve().keyframe_points]


def curve() -> Any:
    """The curve of the bone that is edited: x of its rotation."""
    animation = dancer().animation_data
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    return bag.fcurves.find(f'pose.bones["{BONE}"].rotation_quaternion', index=1)


def hand() -> list[float]:
    evaluated = dancer().evaluated_get(bpy.context.evaluated_depsgraph_get())
    return list(evaluated.pose.bones["right_wrist"].matrix.translation)


def scrub() -> Steps:
    """Drag along the timeline."""
    region = hands.region_of(hands.area_of("DOPESHEET_EDITOR"), "WINDOW")
    seen, frames = [], []
    for number, target in enumerate((40, 100, 160)):
        x = region.x + region.view2d.view_to_region(target, 0.0, clip=False)[0]
        y = region.y + region.height - 10
        point(x, y) if number else point(x - 30, y)
        yield 0.3
        if not number:
            hands.xdotool("mousedown", 1)
            yield 0.3
            point(x, y)
        yield 0.7
        seen.append(hand())
        frames.append(bpy.context.scene.frame_current)
        yield from shot(f"6-scrub-{target}")
    hands.xdotool("mouseup", 1)
    yield 0.5
    say("scrubbed", wanted=[40, 100, 160], frames=frames, hands=seen)


def edit() -> Steps:
    """Turn an arm with R 4 5 Enter in pose mode, auto-keying on; then Ctrl+Z, Ctrl+Shift+Z."""
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = True
    bpy.context.view_layer.objects.active = dancer()
    with in_view():
        bpy.ops.object.mode_set(mode="POSE")
    for bone in dancer().pose.bones:
        bone.select = bone.name == BONE
    dancer().data.bones.active = dancer().data.bones[BONE]
    # What Python set is no undo step by itself; without one, undo would take it back too.
    bpy.ops.ed.undo_push(message="Pose mode")
    frame = bpy.context.scene.frame_current
    before, count = curve().evaluate(frame), len(key_frames())
    x, y = hands.middle(hands.region_of(hands.area_of("VIEW_3D"), "WINDOW"))
    point(x + 80, y)
    yield 0.5
    yield from keys("r", "4", "5", "Return")
    yield 1.0
    say(
        "edited",
        frame=frame,
        before=before,
        after=curve().evaluate(frame),
        keys=[count, len(key_frames())],
        keyed=any(abs(f - frame) < 0.01 for f in key_frames()),
        hand=hand(),
    )
    yield from shot("7-edited")
    yield from keys("ctrl+z")
    yield 1.5
    say("edit undone", value=curve().evaluate(frame), hand=hand(), **facts())
    yield from shot("8-edit-undone")
    yield from keys("ctrl+shift+z")
    yield 1.5
    say("edit redone", value=curve().evaluate(frame))


def regenerate() -> Steps:
    """Bars 6 and 7 regenerated; the edited key, in bar 4, and all other bars stay."""
    chosen = bpy.context.scene.audio2pose_edit
    chosen.use_bars, chosen.first_bar, chosen.last_bar = True, 6, 7
    frame = bpy.context.scene.frame_current
    # Bars last 2 s at 120 BPM.
    probes = {"before": 60, "edited": frame, "inside": 24 * 12, "after": 24 * 18}
    old = {name: curve().evaluate(at) for name, at in probes.items()}
    with in_view():
        bpy.ops.audio2pose.regenerate("INVOKE_DEFAULT")
    yield from hands.until(running, 20, "Regenerate starts")
    yield from watch("reworked")
    new = {name: curve().evaluate(at) for name, at in probes.items()}
    say("regenerated", old=old, new=new, takes=len(dancer().audio2pose_takes.takes), **facts())
    yield from shot("9-regenerated")


def film() -> Steps:
    """A club and cameras that cut, seen through the first of them; Ctrl+Z takes each away again."""

    def there() -> list[str]:
        return sorted(o.name for o in bpy.data.objects)

    with in_view():
        bpy.ops.object.mode_set(mode="OBJECT")
    yield 1.0
    settings = bpy.context.scene.audio2pose_shot
    settings.stage, settings.camera = "CLUB", "CUTS"
    objects, done = [there()], []
    for name, add in (
        ("9-stage", bpy.ops.audio2pose.add_stage),
        ("9-camera", bpy.ops.audio2pose.add_dance_camera),
    ):
        with in_view():
            done += add("EXEC_DEFAULT", True)
        objects.append(there())
        view = hands.area_of("VIEW_3D").spaces[0].region_3d
        before = view.view_perspective
        view.view_perspective = "CAMERA" if name == "9-camera" else before
        yield 2.0
        yield from shot(name)
        view.view_perspective = before
    cuts = sum(1 for marker in bpy.context.scene.timeline_markers if marker.camera)
    for _ in range(2):
        yield from keys("ctrl+z")
        yield 1.5
        objects.append(there())
    say("filmed", done=done, objects=objects, cuts=cuts)


def follow() -> Steps:
    """A click on the body of another dancer chooses it, and one on the first chooses that again."""
    with in_view():
        bpy.ops.object.mode_set(mode="OBJECT")
        crew = bpy.context.scene.audio2pose_crew
        crew.count, crew.spacing = 2, 2.0
        done = bpy.ops.audio2pose.make_crew("EXEC_DEFAULT", True)
        bpy.ops.view3d.view_all()
    dancers = [o for o in bpy.context.scene.objects if o.type == "ARMATURE"]
    region = hands.region_of(hands.area_of("VIEW_3D"), "WINDOW")
    space = hands.area_of("VIEW_3D").spaces[0]
    yield 1.0
    yield from shot("9-crew")
    chosen = []
    for armature in (*dancers[1:], dancers[0]):
        chest = armature.matrix_world @ armature.pose.bones["spine3"].head
        place = location_3d_to_region_2d(region, space.region_3d, chest)
        yield from hands.click(region.x + round(place.x), region.y + round(place.y))
        yield 1.0
        chosen.append(bpy.context.scene.audio2pose.target.name)
    say("followed", done=sorted(done), dancers=[o.name for o in dancers], chosen=chosen)
    yield from keys("ctrl+z")
    yield 1.5


def undo() -> Steps:
    """Ctrl+Z until the dance is gone: the new bars, the key, pose mode, the frame, the dance."""
    times = 0
    while "Dancer" in bpy.data.objects and times < 12:
        yield from keys("ctrl+z")
        yield 1.5
        times += 1
    yield from shot("10-undone")
    say("undone", times=times, **facts())


def story() -> Steps:
    parts = (hands.install, sidebar, add_song, analyse, cancel, generate, scrub, edit)
    for part in (*parts, regenerate, film, follow, undo):
        yield from part()


hands.play(story())
