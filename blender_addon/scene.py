"""A dance as a whole scene: dancer, stage, camera, song, and how it is drawn."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from . import camera, compat, keyframes, mannequin, rigs, stage
from .core import errors
from .core import motion as core_motion

ENGINES = ("workbench", "eevee", "cycles")
# Workbench draws the picture once per sample; with 2 it smooths the edges of one drawing
# instead (FXAA), which takes a quarter of the time of 8.
_DEFAULT_SAMPLES = {"workbench": 2, "eevee": 16, "cycles": 16}


@dataclass(frozen=True)
class Show:
    """What ``stage_dance`` made or found."""

    armature: Any
    action: Any
    frame_start: int
    frame_end: int


def clear_startup(scene: Any) -> None:
    """Remove the cube, camera and light that a new Blender begins with."""
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    for strip in compat.strips(scene):
        scene.sequence_editor.strips.remove(strip)


def set_frame_rate(scene: Any, fps: float) -> None:
    """Whole rates as they are, others (29.97) by fps_base."""
    whole = max(1, round(fps))
    scene.render.fps = whole
    scene.render.fps_base = whole / fps


def find_dancer(scene: Any) -> Any:
    """The first armature of the scene that has all our bones, or None."""
    for thing in scene.objects:
        if thing.type == "ARMATURE" and not rigs.missing_bones(thing):
            return thing
    return None


def stage_dance(
    scene: Any, motion: core_motion.Motion, *, seconds: float, name: str = "Dance"
) -> Show:
    """Put the dance into the scene from its first frame on.

    What the scene already has is used: an armature with our bones, a camera,
    lights. What it lacks is added in a collection of its own. ``seconds`` sets
    the frame range; the resolution must be set before, the camera frames for it.
    """
    fps = keyframes.scene_fps(scene)
    start = scene.frame_start
    scene.frame_end = start + max(1, round(seconds * fps)) - 1
    frames = np.arange(start, scene.frame_end + 1)

    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    armature = find_dancer(scene) or mannequin.create_dancer("Dancer", collection)
    action = keyframes.write_motion(
        armature, motion, frame_start=start, scene_fps=fps, action_name=name
    )
    played = motion.sample((frames - start) / fps, fps)
    bpy.context.view_layer.update()
    world = np.array(armature.matrix_world, dtype=np.float64)
    points = camera.body_points(played, rigs.bone_frames(armature).size)
    points = points @ world[:3, :3].T + world[:3, 3]

    heading = camera.facing(played) + float(np.arctan2(world[1, 0], world[0, 0]))
    if not any(thing.type == "LIGHT" for thing in scene.objects):
        stage.create_stage(scene, collection, points, heading)
    if scene.camera is None:
        slopes = camera.view_slopes(scene.render.resolution_x, scene.render.resolution_y)
        shot = camera.plan_shot(points, heading, fps, slopes)
        camera.create_camera(scene, collection, shot, start)
    scene.frame_set(start)
    return Show(armature, action, start, scene.frame_end)


def song_seconds(path: str | Path) -> float:
    """Length of a song in seconds, as Blender itself decodes it."""
    _check_song(path)
    # Blender's own audio library; it is there once bpy is.
    aud: Any = importlib.import_module("aud")

    sound = aud.Sound(str(Path(path).resolve()))
    try:
        rate, length = sound.specs[0], sound.length
    except aud.error as error:
        raise errors.AudioError(
            f"{path}: Blender cannot decode it ({error}); use wav, flac, ogg or mp3"
        ) from error
    if length <= 0 or rate <= 0:
        raise errors.AudioError(f"{path}: holds no sound; use wav, flac, ogg or mp3")
    return float(length / rate)


def add_song(scene: Any, path: str | Path) -> None:
    """Lay the song from the first frame on, unless the scene already plays this file."""
    wanted = Path(path).resolve()
    for strip in compat.strips(scene):
        if strip.type == "SOUND" and Path(bpy.path.abspath(strip.sound.filepath)) == wanted:
            return
    _check_song(wanted)
    compat.add_sound(scene, str(wanted), wanted.stem, scene.frame_start)


def _check_song(path: str | Path) -> None:
    # Blender makes a strip of one frame of a missing file and says nothing.
    if not Path(path).is_file():
        raise errors.AudioError(f"{path}: there is no such song; check the path")


def set_engine(scene: Any, engine: str, samples: int | None = None) -> None:
    """Choose and dress an engine: "workbench" (fastest), "eevee" or "cycles"."""
    if engine not in ENGINES:
        raise errors.OptionError(f"unknown engine {engine!r}; choose {', '.join(ENGINES)}")
    count = _DEFAULT_SAMPLES[engine] if samples is None else samples
    if count < 1:
        raise errors.OptionError(f"{count} samples draw nothing; use 1 or more")
    # The same colours on every screen and in every engine, without a film look.
    scene.view_settings.view_transform = "Standard"
    if engine == "workbench":
        _set_workbench(scene, count)
    elif engine == "eevee":
        scene.render.engine = compat.eevee_engine()
        scene.eevee.taa_render_samples = count
    else:
        scene.render.engine = "CYCLES"
        scene.cycles.samples = count
        scene.cycles.device = "CPU"
        # Distributions build Blender without the denoiser; asking it then fails the render.
        scene.cycles.use_denoising = bool(
            getattr(importlib.import_module("_cycles"), "with_openimagedenoise", False)
        )
        # Keeps shaders and meshes between frames: most of a small frame's time.
        scene.render.use_persistent_data = True


def _set_workbench(scene: Any, samples: int) -> None:
    scene.render.engine = "BLENDER_WORKBENCH"
    display = scene.display
    steps = {1: "OFF", 2: "FXAA", 5: "5", 8: "8", 11: "11", 16: "16", 32: "32"}
    display.render_aa = steps[max(k for k in steps if k <= samples)]
    display.shadow_focus = 0.4
    shading = display.shading
    shading.light = "STUDIO"
    # A bright one of Blender's own; its files are part of every build.
    shading.studio_light = "outdoor.sl"
    shading.color_type = "TEXTURE"
    shading.background_type = "WORLD"
    shading.show_shadows = True
    shading.shadow_intensity = 0.42
    shading.show_cavity = True
    shading.cavity_type = "SCREEN"
    shading.curvature_ridge_factor = 0.6
    shading.curvature_valley_factor = 0.9
    shading.show_object_outline = True
    shading.object_outline_color = (0.02, 0.02, 0.03)
    shading.show_specular_highlight = True
