"""How the pictures are drawn: Workbench, EEVEE or Cycles."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from typing import Any

import bpy

from .. import compat
from ..core import errors

ENGINES = ("workbench", "eevee", "cycles")
DEVICES = ("auto", "cpu", "gpu")
# Workbench draws the picture once per sample; with 2 it smooths the edges of one drawing
# instead (FXAA), which takes a quarter of the time of 8.
_DEFAULT_SAMPLES = {"workbench": 2, "eevee": 16, "cycles": 16}
_GPUS = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")


def set_engine(
    scene: Any,
    engine: str,
    samples: int | None = None,
    *,
    device: str = "auto",
    dark: bool = False,
    transparent: bool = False,
) -> None:
    """Choose and dress an engine.

    Parameters
    ----------
    engine : "workbench" (fastest), "eevee" or "cycles".
    samples : anti-aliasing or light samples per pixel; by default what looks clean here.
    device : where Cycles works; "auto" is a GPU if there is one. The others choose themselves.
    dark : the scene brings its own shine (the club): Workbench then lights it less.
    transparent : no background, for pictures with alpha.

    Raises OptionError, also for device "gpu" where Cycles finds none, and for
    Workbench and EEVEE where there is no OpenGL.
    """
    if engine not in ENGINES:
        raise errors.OptionError(f"unknown engine {engine!r}; choose {', '.join(ENGINES)}")
    count = _DEFAULT_SAMPLES[engine] if samples is None else samples
    if count < 1:
        raise errors.OptionError(f"{count} samples draw nothing; use 1 or more")
    if engine != "cycles":
        _check_opengl(engine)
    # The same colours on every screen and in every engine, without a film look.
    scene.view_settings.view_transform = "Standard"
    scene.render.film_transparent = transparent
    if engine == "workbench":
        _set_workbench(scene, count, dark)
    elif engine == "eevee":
        scene.render.engine = compat.eevee_engine()
        scene.eevee.taa_render_samples = count
    else:
        scene.render.engine = "CYCLES"
        scene.cycles.samples = count
        scene.cycles.transparent_max_bounces = 24
        scene.cycles.device = _cycles_device(device)
        # Distributions build Blender without the denoiser; asking it then fails the render.
        scene.cycles.use_denoising = bool(
            getattr(importlib.import_module("_cycles"), "with_openimagedenoise", False)
        )
        # Keeps shaders and meshes between frames: most of a small frame's time.
        scene.render.use_persistent_data = True


def _check_opengl(engine: str) -> None:
    """Raise OptionError where Blender would end on the spot for want of OpenGL."""
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError as error:
        raise errors.OptionError(
            f"{engine} needs OpenGL, and here is no libEGL.so.1: install Mesa (apt-get install "
            "libegl1 libgl1-mesa-dri), start Blender under xvfb-run, or use --engine cycles"
        ) from error


def _cycles_device(device: str) -> str:
    """Switch on the first kind of GPU that Cycles finds; "GPU" or "CPU"."""
    if device not in DEVICES:
        raise errors.OptionError(f"unknown device {device!r}; choose {', '.join(DEVICES)}")
    if device == "cpu":
        return "CPU"
    addon: Any = bpy.context.preferences.addons.get("cycles")
    for kind in _GPUS if addon is not None else ():
        try:
            addon.preferences.compute_device_type = kind
        except TypeError:  # not in this build
            continue
        addon.preferences.refresh_devices()
        found = [d for d in addon.preferences.devices if d.type == kind]
        if found:
            for one in addon.preferences.devices:
                one.use = one.type == kind
            return "GPU"
    if addon is not None:
        addon.preferences.compute_device_type = "NONE"
    if device == "gpu":
        raise errors.OptionError("Cycles finds no GPU here; use --device cpu or auto")
    return "CPU"


def _set_workbench(scene: Any, samples: int, dark: bool) -> None:
    scene.render.engine = "BLENDER_WORKBENCH"
    display = scene.display
    steps = {1: "OFF", 2: "FXAA", 5: "5", 8: "8", 11: "11", 16: "16", 32: "32"}
    display.render_aa = steps[max(k for k in steps if k <= samples)]
    display.shadow_focus = 0.4
    shading = display.shading
    shading.light = "STUDIO"
    # A bright one of Blender's own; its files are part of every build.
    shading.studio_light = "studio.sl" if dark else "outdoor.sl"
    shading.color_type = "TEXTURE"
    shading.background_type = "WORLD"
    shading.show_shadows = True
    shading.shadow_intensity = 0.42
    shading.show_cavity = True
    shading.cavity_type = "SCREEN"
    shading.curvature_ridge_factor = 0.6
    shading.curvature_valley_factor = 0.9
    # Beams are see-through: outlines of them would run across the dancer.
    shading.show_object_outline = not dark
    shading.object_outline_color = (0.02, 0.02, 0.03)
    shading.show_specular_highlight = not dark
