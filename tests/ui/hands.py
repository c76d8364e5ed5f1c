"""Eyes and hands in Blender's window, by ffmpeg and xdotool; runs inside that Blender.

The mouse and the keys are the X server's, so Blender sees what it would see from
a hand. Python only looks, and sets up what is not under test.
"""

from __future__ import annotations

import faulthandler
import json
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
EXIT_LIMIT = 120
"""Seconds that Blender may take to end."""

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


def module(name: str) -> Any:
    """One of the add-on's modules."""
    return sys.modules[f"{PACKAGE}.{name}"]


def in_view() -> Any:
    """The context of an operator that is called while the mouse is over the 3D view."""
    area = area_of("VIEW_3D")
    return bpy.context.temp_override(window=window(), area=area, region=region_of(area, "WINDOW"))


def middle(region: Any) -> tuple[int, int]:
    return region.x + region.width // 2, region.y + region.height // 2


def running() -> bool:
    return any("audio2pose" in op.bl_idname.lower() for op in window().modal_operators)


def job() -> Any:
    return module("jobs.manager").MANAGER.job


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


def take_picture(name: str, part: tuple[int, int, int, int] | None = None) -> None:
    """A .png of the screen, or a .jpg of a part of it (x, y of its lower left, width, height)."""
    width, height = SCREEN
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "x11grab"]
    command += ["-video_size", f"{width}x{height}", "-i", ":1", "-frames:v", "1"]
    if part is None:
        subprocess.run([*command, str(SHARE / "shots" / f"{name}.png")], check=True)
        return
    x, y, wide, high = part
    # A wide one is read on a page that is narrower than the window.
    crop = f"crop={wide}:{high}:{x}:{height - y - high},scale='min(iw,960)':-2"
    command += ["-vf", crop, "-q:v", "5"]
    subprocess.run([*command, str(SHARE / "shots" / f"{name}.jpg")], check=True)


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


def loud_parts(kind: str) -> Iterator[float | np.ndarray]:
    """Where the sidebar shows widgets of a kind of the theme: bool (height, width) of its region.

    Python cannot ask Blender where a button lies. Its colour can be changed, though, and what is
    painted in the new colour is a button.
    """
    theme = getattr(bpy.context.preferences.themes[0].user_interface, f"wcol_{kind}")
    before = tuple(theme.inner), tuple(theme.inner_sel), tuple(theme.item)
    theme.inner, theme.inner_sel, theme.item = LOUD, LOUD, LOUD
    sidebar().tag_redraw()
    yield 1.0
    picture = grab()[::-1].astype(int)  # rows from the lower edge, as Blender counts
    theme.inner, theme.inner_sel, theme.item = before
    sidebar().tag_redraw()
    region = sidebar()
    part = picture[region.y : region.y + region.height, region.x : region.x + region.width]
    yield np.abs(part - [255, 0, 255]).max(axis=2) < 60


def runs(marked: np.ndarray, gap: int) -> list[np.ndarray]:
    """The numbers that are marked (n,), in groups that lie at least ``gap`` apart."""
    numbers = np.flatnonzero(marked)
    if not len(numbers):
        return []
    return np.split(numbers, np.flatnonzero(np.diff(numbers) > gap) + 1)


def big_button() -> Iterator[float | tuple[int, int]]:
    """Where the sidebar's tallest button is (x, y): Generate Dance, or Cancel while that runs."""
    loud = yield from waited(loud_parts("tool"))
    region = sidebar()
    # A row counts where a button lies; its caption covers but a part of it.
    buttons = runs(loud.sum(axis=1) > 0.3 * region.width, 1)
    if not buttons:
        raise LookupError("no button in the sidebar")
    tallest = max(buttons, key=lambda rows: (len(rows), rows[0]))  # of equals the upper one
    columns = np.flatnonzero(loud[tallest].any(axis=0))
    x, y = int(columns.mean()), int(tallest.mean())
    say("button", heights=[len(rows) for rows in buttons], x=region.x + x, y=region.y + y)
    return region.x + x, region.y + y


def widgets(kind: str) -> Iterator[float | list[tuple[int, int]]]:
    """Where the sidebar's widgets of a kind are (x, y), from the upper left on.

    ``kind`` is the theme's word: "tool" for buttons, "menu", "numslider", "option", "num".
    """
    loud = yield from waited(loud_parts(kind))
    region, found = sidebar(), []
    for rows in reversed(runs(loud.sum(axis=1) > 3, 1)):
        if len(rows) < 6:
            continue
        for columns in runs(loud[rows].any(axis=0), 3):
            if len(columns) >= 6:
                found.append((region.x + int(columns.mean()), region.y + int(rows.mean())))
    say(f"widgets {kind}", found=found)
    return found


def waited(steps: Iterator[float | np.ndarray]) -> Iterator[float | np.ndarray]:
    """Go through the waits of steps; their outcome, the array at their end."""
    outcome = None
    for step in steps:
        if isinstance(step, np.ndarray):
            outcome = step
        else:
            yield step
    assert outcome is not None
    return outcome


def open_panel(of: str, name: str) -> Any:
    """Show a sub-panel open, above the others: Python cannot open one that is closed."""
    cls = getattr(module(of), name)
    bpy.utils.unregister_class(cls)
    kept = {k: v for k, v in vars(cls).items() if not k.startswith("__") and k != "bl_rna"}
    mine = {"bl_idname": f"STORY_PT_{len(_opened)}", "bl_options": set(), "bl_order": -1}
    opened = type(f"STORY_PT_{len(_opened)}", cls.__bases__, kept | mine)
    bpy.utils.register_class(opened)
    _opened.append((cls, opened))
    return opened


def close_panel() -> None:
    """Put the panel that was opened last back where it was."""
    cls, opened = _opened.pop()
    bpy.utils.unregister_class(opened)
    bpy.utils.register_class(cls)


_opened: list[tuple[Any, Any]] = []


# --- from here on every story begins ---


def install() -> Steps:
    """The zip, as the preferences install it."""
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
    """N over the 3D view, and our tab."""
    point(*middle(region_of(area_of("VIEW_3D"), "WINDOW")))
    yield 0.5
    if area_of("VIEW_3D").spaces[0].show_region_ui:
        raise RuntimeError("the sidebar is open before N is pressed")
    yield from keys("n")
    yield from until(lambda: sidebar().width > 100, 10, "N opens the sidebar")
    yield 2.0  # the tabs come with the first drawing
    sidebar().active_panel_category = "Audio2Pose"


def look_at_dancer() -> None:
    """For the pictures: from a new scene's view a dancer is a thumb high."""
    view = area_of("VIEW_3D").spaces[0].region_3d
    view.view_location, view.view_distance = (0.0, 0.0, 0.9), 5.0


def play(story: Steps) -> None:
    """Run a story in Blender's timer; what goes wrong is said and photographed."""

    def tick() -> float | None:
        try:
            return next(story)
        except StopIteration:
            say("end")
        except Exception:  # whatever it was, the test shows it; in a timer it would only be printed
            say("failed", traceback=traceback.format_exc())
            take_picture("failed")
        # Where Blender does not end, its log shows where each thread of Python is, and it is ended.
        faulthandler.dump_traceback_later(EXIT_LIMIT, exit=True)
        bpy.ops.wm.quit_blender()
        return None

    # Before the window is drawn: the splash of a first start would take all keys.
    bpy.context.preferences.view.show_splash = False
    # The window takes about that long to draw; before, it hears no keys.
    bpy.app.timers.register(tick, first_interval=4.0, persistent=True)


BEGAN = time.monotonic()
