"""What a person does in Blender's window, done by xdotool; runs inside that Blender.

Each line of said.jsonl is what Blender itself reports after a step; the test
asserts on these. The mouse and the keys are the X server's, so Blender sees what
it would see from a hand. Python only looks, and sets up what is not under test.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np

SHARE = Path("/share")
PACKAGE = "bl_ext.user_default.audio2pose"
LOUD = (1.0, 0.0, 1.0, 1.0)
SCREEN = (1600, 900)
BONE = "right_shoulder"

Steps = Iterator[float]
"""Seconds to wait before the next step; Blender runs meanwhile."""


def say(event: str, **facts: object) -> None:
    """One line for the test."""
    with (SHARE / "said.jsonl").open("a") as file:
        file.write(json.dumps({"event": event, "at": round(time.monotonic() - BEGAN, 1)} | facts))
        file.write("\n")


# --- looking ---


def window() -> Any:
    return bpy.context.window_manager.windows[0]


def area_of(kind: str) -> Any:
    return next(area for area in window().screen.areas if area.type == kind)


def region_of(area: Any, kind: str) -> Any:
    return next(region for region in area.regions if region.type == kind)


def sidebar() -> Any:
    return region_of(area_of("VIEW_3D"), "UI")


def in_view() -> Any:
    """The context of an operator that is called while the mouse is over the 3D view."""
    area = area_of("VIEW_3D")
    return bpy.context.temp_override(window=window(), area=area, region=region_of(area, "WINDOW"))


def middle(region: Any) -> tuple[int, int]:
    return region.x + region.width // 2, region.y + region.height // 2


def running() -> bool:
    return any("audio2pose" in op.bl_idname.lower() for op in window().modal_operators)


def job() -> Any:
    return sys.modules[PACKAGE + ".operators"].active_job()


def dancer() -> Any:
    return bpy.data.objects["Dancer"]


def workers() -> list[int]:
    """Processes of the add-on's worker: this PID namespace holds no others."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"worker.py" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # it ended while we looked, so it does not count
            continue
    return found


def facts() -> dict[str, object]:
    """What a dance changes."""
    scene = bpy.context.scene
    return {
        "objects": sorted(o.name for o in bpy.data.objects),
        "armatures": len(bpy.data.armatures),
        "meshes": sorted(m.name for m in bpy.data.meshes),
        "materials": sorted(m.name for m in bpy.data.materials),
        "actions": sorted(a.name for a in bpy.data.actions),
        "strips": [s.name for s in scene.sequence_editor.strips] if scene.sequence_editor else [],
        "seconds": scene.audio2pose.result.seconds,
        "modal": running(),
        "workers": len(workers()),
        "job_folders": len(list(Path(bpy.app.tempdir).glob("audio2pose-*"))),
    }


def grab() -> np.ndarray:
    """The screen as it is, (height, width, 3). Blender's own screenshot is black from a timer."""
    width, height = SCREEN
    command = ["ffmpeg", "-loglevel", "error", "-f", "x11grab", "-video_size", f"{width}x{height}"]
    command += ["-i", ":1", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3)


def shot(name: str) -> Steps:
    """A picture of the whole screen, as it is after a redraw."""
    for area in window().screen.areas:
        area.tag_redraw()
    yield 1.0
    take_picture(name)


def take_picture(name: str) -> None:
    width, height = SCREEN
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "x11grab"]
    command += ["-video_size", f"{width}x{height}", "-i", ":1", "-frames:v", "1"]
    subprocess.run([*command, str(SHARE / "shots" / f"{name}.png")], check=True)


def until(condition: Callable[[], bool], limit: float, what: str) -> Steps:
    """Wait; TimeoutError where it does not happen."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {limit:.0f} s")
        yield 0.1


# --- hands ---


def xdotool(*words: object) -> None:
    subprocess.run(["xdotool", *map(str, words)], check=True)


def point(x: int, y: int) -> None:
    """The mouse to a place in Blender's pixels, which count from the lower edge."""
    xdotool("mousemove", x, SCREEN[1] - 1 - y)


def click(x: int, y: int, just_before: Callable[[], None] = lambda: None) -> Steps:
    point(x, y)
    yield 0.5  # a button must notice the mouse before it can be pressed
    just_before()
    xdotool("click", 1)
    yield 0.2


def keys(*names: str) -> Steps:
    for name in names:
        xdotool("key", name)
        yield 0.2


def big_button() -> Iterator[float | tuple[int, int]]:
    """Where the sidebar's tallest button is (x, y): Generate Dance, or Cancel while that runs.

    Python cannot ask Blender where a button lies. Its colour can be changed,
    though, and what is painted in the new colour is a button.
    """
    theme = bpy.context.preferences.themes[0].user_interface.wcol_tool
    before = tuple(theme.inner)
    theme.inner = LOUD
    sidebar().tag_redraw()
    yield 1.0
    picture = grab()[::-1].astype(int)  # rows from the lower edge, as Blender counts
    theme.inner = before
    sidebar().tag_redraw()
    region = sidebar()
    part = picture[region.y : region.y + region.height, region.x : region.x + region.width]
    loud = np.abs(part - [255, 0, 255]).max(axis=2) < 60
    # A row counts where a button lies; its caption covers but a part of it.
    rows = np.flatnonzero(loud.sum(axis=1) > 0.3 * region.width)
    if not len(rows):
        raise LookupError("no button in the sidebar")
    buttons = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    tallest = max(buttons, key=lambda rows: (len(rows), rows[0]))  # of equals the upper one
    columns = np.flatnonzero(loud[tallest].any(axis=0))
    x, y = int(columns.mean()), int(tallest.mean())
    say("button", heights=[len(rows) for rows in buttons], x=region.x + x, y=region.y + y)
    return region.x + x, region.y + y


# --- the story ---


def install() -> Steps:
    done = bpy.ops.extensions.package_install_files(
        filepath=str(SHARE / "extension.zip"), repo="user_default", enable_on_install=True
    )
    say(
        "installed",
        done=sorted(done),
        registered=hasattr(bpy.types, "AUDIO2POSE_PT_dance"),
        blender=bpy.app.version_string,
        executable=bpy.app.binary_path,
    )
    # What most people do first; it also stood in the dancer's place.
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    yield 0.5


def open_sidebar() -> Steps:
    point(*middle(region_of(area_of("VIEW_3D"), "WINDOW")))
    yield 0.5
    if area_of("VIEW_3D").spaces[0].show_region_ui:
        raise RuntimeError("the sidebar is open before N is pressed")
    yield from keys("n")
    yield from until(lambda: sidebar().width > 100, 10, "N opens the sidebar")
    yield 2.0  # the tabs come with the first drawing
    sidebar().active_panel_category = "Audio2Pose"
    yield from shot("1-no-song")
    say(
        "sidebar",
        shown=area_of("VIEW_3D").spaces[0].show_region_ui,
        width=sidebar().width,
        tab=sidebar().active_panel_category,
        **facts(),
    )


def add_song() -> Steps:
    # Blender's file window is Blender's; what it calls in the end is this.
    with in_view():
        done = bpy.ops.audio2pose.add_song("EXEC_DEFAULT", True, filepath=str(SHARE / "song.wav"))
    yield from shot("2-ready")
    scene = bpy.context.scene
    say("song", done=sorted(done), frame_end=scene.frame_end, **facts())


def start() -> Steps:
    place = yield from big_button()
    yield from click(*place)
    yield from until(running, 20, "the operator starts after the click")


def cancel() -> Steps:
    yield from start()
    yield from until(lambda: job().fraction > 0.02, 120, "progress before the cancel")
    # A short song takes two seconds, no longer than finding the button: the worker waits for us.
    (worker,) = workers()
    os.kill(worker, signal.SIGSTOP)
    say("at work", fraction=job().fraction, stage=job().stage, **facts())
    place = yield from big_button()
    yield from shot("3-progress")
    yield from click(*place, just_before=lambda: os.kill(worker, signal.SIGCONT))
    yield from until(lambda: not running(), 20, "the operator ends after Cancel")
    yield from shot("4-cancelled")
    say("cancelled", **facts())


def generate() -> Steps:
    yield from start()
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
    say(
        "worked", took=time.monotonic() - began, longest=longest, fractions=fractions, stages=stages
    )
    # For the pictures: from a new scene's view a dancer is a thumb high.
    view = area_of("VIEW_3D").spaces[0].region_3d
    view.view_location, view.view_distance = (0.0, 0.0, 0.9), 5.0
    yield from shot("5-done")
    say("generated", frame_end=bpy.context.scene.frame_end, keys=len(key_frames()), **facts())


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
    region = region_of(area_of("DOPESHEET_EDITOR"), "WINDOW")
    hands, frames = [], []
    for number, target in enumerate((40, 100, 160)):
        x = region.x + region.view2d.view_to_region(target, 0.0, clip=False)[0]
        y = region.y + region.height - 10
        point(x, y) if number else point(x - 30, y)
        yield 0.3
        if not number:
            xdotool("mousedown", 1)
            yield 0.3
            point(x, y)
        yield 0.7
        hands.append(hand())
        frames.append(bpy.context.scene.frame_current)
        yield from shot(f"6-scrub-{target}")
    xdotool("mouseup", 1)
    yield 0.5
    say("scrubbed", wanted=[40, 100, 160], frames=frames, hands=hands)


def edit() -> Steps:
    """Turn an arm with R 4 5 Enter in pose mode, auto-keying on; then Ctrl+Z."""
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
    x, y = middle(region_of(area_of("VIEW_3D"), "WINDOW"))
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
        hand=hand(),
    )
    yield from shot("7-edited")
    yield from keys("ctrl+z")
    yield 1.5
    say("edit undone", value=curve().evaluate(frame), hand=hand(), **facts())
    yield from shot("8-edit-undone")


def undo() -> Steps:
    """Ctrl+Z until the dance is gone: pose mode, the frame, the dance."""
    times = 0
    while "Dancer" in bpy.data.objects and times < 5:
        yield from keys("ctrl+z")
        yield 1.5
        times += 1
    yield from shot("9-undone")
    say("undone", times=times, **facts())


def story() -> Steps:
    for part in (install, open_sidebar, add_song, cancel, generate, scrub, edit, undo):
        yield from part()


def tick() -> float | None:
    """Blender's timer: the next step, or the end."""
    try:
        return next(STORY)
    except StopIteration:
        say("end")
    except Exception:  # whatever it was, the test shows it; in a timer it would only be printed
        say("failed", traceback=traceback.format_exc())
        take_picture("failed")
    bpy.ops.wm.quit_blender()
    return None


# Before the window is drawn: the splash of a first start would take all keys.
bpy.context.preferences.view.show_splash = False
BEGAN = time.monotonic()
STORY = story()
# The window takes about that long to draw; before, it hears no keys.
bpy.app.timers.register(tick, first_interval=4.0, persistent=True)
