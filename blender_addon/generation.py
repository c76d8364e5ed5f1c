"""One dance from the settings of a scene to keys on an armature.

    begin   checks everything, reads the song, makes the job     nothing changes
    job     runs in the worker process                           nothing changes
    finish  writes armature, action and result, or nothing at all

Between ``begin`` and ``finish`` the user may undo, delete and rename, so what
is kept of Blender's data are session ids, never pointers.
"""

from __future__ import annotations

import importlib.util
import os
import random
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from . import beats, keyframes, mannequin, preferences, properties, rigs, songs, sound
from .core import errors
from .jobs import Job, Python
from .requests import Request


@dataclass
class Generation:
    """A dance in the making."""

    job: Job
    placement: sound.Placement
    scene_id: int
    target_id: int | None
    seed: int

    def finish(self) -> Any:
        """Write the finished dance; the armature that dances.

        Raises Audio2PoseError, with nothing written, where the scene or the
        armature is gone or cannot take the dance any more.
        """
        assert self.job.result is not None
        scene = _find(bpy.data.scenes, self.scene_id, "scene")
        armature = None
        if self.target_id is not None:
            armature = _find(bpy.data.objects, self.target_id, "armature")
            check_target(armature, scene)
        before = _Before(armature)
        made = None
        try:
            if armature is None:
                with _in_scene(scene):
                    armature = mannequin.create_dancer("Dancer", scene.collection)
                made = armature
            action = keyframes.write_motion(
                armature,
                self.job.result,
                frame_start=self.placement.frame_start,
                scene_fps=sound.fps(scene),
                action_name=f"Dance {Path(self.job.request.name).stem}",
            )
        except Exception:
            before.restore()
            raise
        beats.show_on(scene, action)
        self._note(scene.audio2pose, armature, action)
        if made is not None and scene == bpy.context.scene and bpy.context.mode == "OBJECT":
            _show(made)
        return armature

    def _note(self, settings: Any, armature: Any, action: Any) -> None:
        report, result = self.job.report, settings.result
        settings.target, settings.seed = armature, self.seed
        result.style, result.seed = report["style"], self.seed
        result.tempo_bpm, result.beats = report["tempo_bpm"], report["beats"]
        result.seconds, result.action = report["seconds"], action.name


def _show(armature: Any) -> None:
    """Make a new dancer the active, selected object, so that the timeline shows its keys."""
    view_layer = bpy.context.view_layer
    for other in view_layer.objects.selected:
        other.select_set(False)
    armature.select_set(True)
    view_layer.objects.active = armature


def begin(context: Any) -> Generation:
    """Check the settings of ``context.scene`` and make the job, not yet started.

    Raises Audio2PoseError with one clear line; changes nothing.
    """
    scene = context.scene
    settings = scene.audio2pose
    target = settings.target
    if target is not None:
        check_target(target, scene)
    python = worker_python()
    song = songs.danced(context)
    seed = settings.seed
    if settings.randomise_seed:
        # The system's own generator: Python's shared one may be seeded by others.
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
    model = preferences.model_file()
    request = Request(
        samples=song.samples,
        sample_rate=song.rate,
        name=song.name,
        style=settings.style or properties.AUTO,
        seed=seed,
        model=None if model is None else str(model),
        beats=beats.for_song(scene, song),
    )
    return Generation(
        job=Job(request, python, bpy.app.tempdir or None),
        placement=song.placement,
        scene_id=scene.session_uid,
        target_id=None if target is None else target.session_uid,
        seed=seed,
    )


def check_target(armature: Any, scene: Any) -> None:
    """Raise RigError where ``armature`` cannot dance in ``scene``."""
    name = armature.name
    if not armature.is_editable:
        raise errors.RigError(
            f"armature {name!r} is linked from another file; make a library override of it first"
        )
    if armature.name not in scene.objects:
        raise errors.RigError(f"armature {name!r} is not in scene {scene.name!r}; choose another")
    if armature.hide_viewport or not any(
        armature.name in layer.objects and not armature.hide_get(view_layer=layer)
        for layer in scene.view_layers
    ):
        raise errors.RigError(f"armature {name!r} is hidden; show it or choose another")
    rigs.check_rig(armature)


def worker_python() -> Python:
    """Blender's own Python, and the folders where it finds numpy and onnxruntime."""
    folders = []
    for package in ("numpy", "onnxruntime"):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise errors.ModelError(
                f"Blender's Python has no {package}; install the Audio2Pose extension from its "
                "zip for this platform, which brings it"
            )
        folder = str(Path(spec.origin).parent.parent)
        if folder not in folders:
            folders.append(folder)
    return Python(_executable(), tuple(bpy.app.python_args), tuple(folders))


def _executable() -> str:
    if Path(sys.executable).name.lower().startswith("python"):
        return sys.executable
    # A Blender that is linked to the system's Python may name itself here.
    name = "python.exe" if os.name == "nt" else f"bin/python3.{sys.version_info.minor}"
    return str(Path(sys.base_exec_prefix) / name)


def _find(collection: Any, session_id: int, kind: str) -> Any:
    for thing in collection:
        if thing.session_uid == session_id:
            return thing
    raise errors.RigError(f"the {kind} is gone, so the dance was not written; generate it again")


def _in_scene(scene: Any) -> Any:
    """The scene as the context's own; the user may look at another one by now."""
    if bpy.context.scene == scene:
        return nullcontext()
    return bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0])


class _Before:
    """How things were, so that a failure halfway leaves nothing behind."""

    _KINDS = ("objects", "armatures", "meshes", "materials", "actions")

    def __init__(self, armature: Any) -> None:
        self._ids = {d.session_uid for d in self._all()}
        self._armature = armature
        animation = None if armature is None else armature.animation_data
        self._had_animation = animation is not None
        self._action = animation.action if animation else None
        self._slot = animation.action_slot if animation else None

    def restore(self) -> None:
        """Play the old action again and remove what came since."""
        armature = self._armature
        if armature is not None and armature.animation_data is not None:
            if self._had_animation:
                armature.animation_data.action = self._action
                if self._slot is not None:
                    armature.animation_data.action_slot = self._slot
            else:
                armature.animation_data_clear()
        bpy.data.batch_remove([d for d in self._all() if d.session_uid not in self._ids])

    def _all(self) -> list[Any]:
        return [d for kind in self._KINDS for d in getattr(bpy.data, kind)]
