"""A song chosen and a dance exported by Blender's own file window; runs inside that Blender.

What comes after a file window works in small steps too: the operator goes on when that has closed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).parent))

import hands
from hands import Steps, dancer, facts, in_view, running, say, shot, until


def open_file_window() -> Any:
    """The area that Blender's file window takes, or None."""
    areas = hands.window().screen.areas
    return next((area for area in areas if area.type == "FILE_BROWSER"), None)


def choose(path: Path) -> Steps:
    """Type nothing: the name is set, and Return is pressed over the list of files."""
    yield from until(lambda: open_file_window() is not None, 20, "the file window opens")
    yield from until(lambda: open_file_window().spaces.active.params is not None, 20, "it lists")
    yield 1.0
    params = open_file_window().spaces.active.params
    params.directory = str(path.parent).encode()
    params.filename = path.name
    yield 1.0
    hands.point(*hands.middle(hands.region_of(open_file_window(), "WINDOW")))
    yield 0.5
    yield from hands.keys("Return")
    yield from until(lambda: open_file_window() is None, 20, "the file window closes")


def wait() -> Steps:
    """Until nothing of ours works; how long Blender ever stood still meanwhile."""
    began = last = time.monotonic()
    longest = 0.0
    while running():
        if time.monotonic() - began > 300:
            raise TimeoutError("not within 300 s")
        yield 0.02
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


def add_song() -> Steps:
    # In the same window: this screen has no window manager.
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    with in_view():
        bpy.ops.audio2pose.add_song("INVOKE_DEFAULT")
    yield from choose(hands.SHARE / "song.wav")
    yield from wait()
    yield 1.0
    yield from shot("files-1-song")
    said = facts()
    yield from undone("song", lambda: said["strips"] != facts()["strips"])
    say("song", strips=said["strips"], end=bpy.context.scene.frame_end)


def undone(what: str, is_undone: Any) -> Steps:
    """One Ctrl Z takes it away, one Ctrl Shift Z brings it back."""
    hands.point(*hands.middle(hands.region_of(hands.area_of("VIEW_3D"), "WINDOW")))
    yield 0.5
    yield from hands.keys("ctrl+z")
    yield from until(is_undone, 20, f"undo of {what}")
    yield from hands.keys("ctrl+shift+z")
    yield from until(lambda: not is_undone(), 20, f"redo of {what}")


def generate() -> Steps:
    bpy.context.scene.audio2pose.style = "house"
    with in_view():
        bpy.ops.audio2pose.generate("INVOKE_DEFAULT")
    yield from until(running, 20, "Generate starts")
    yield from wait()


def export() -> Steps:
    """BVH by our own writer, FBX by Blender's."""
    for kind, ending in (("bvh", ".bvh"), ("fbx", ".fbx")):
        path = hands.SHARE / f"dance{ending}"
        bpy.context.view_layer.objects.active = dancer()
        with in_view():
            getattr(bpy.ops.audio2pose, f"export_{kind}")("INVOKE_DEFAULT")
        yield from choose(path)
        longest = yield from wait()
        yield from until(path.exists, 60, f"{path.name} is written")
        yield from shot(f"files-2-{kind}")
        say(f"exported {kind}", size=path.stat().st_size, longest=longest, modal=running())


def story() -> Steps:
    for part in (hands.install, hands.open_sidebar, add_song, generate, export):
        yield from part()


hands.play(story())
