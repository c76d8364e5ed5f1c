"""FBX, glTF and USD by Blender's own exporters: the armature, its meshes and its clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..core import errors, export_report, files
from ..keys import sampling, writer as key_writer
from ..rig.reader import moved_by
from .clips import Clip

ExportReport = export_report.ExportReport


@dataclass(frozen=True)
class Kind:
    """One of Blender's exporters."""

    title: str
    up: str
    front: str
    unit: str
    many: bool
    """Whether a file holds more than one animation."""


KINDS = {
    "fbx": Kind("FBX", "+Y", "+Z", "cm", True),
    "gltf": Kind("glTF 2.0", "+Y", "+Z", "m", True),
    "usd": Kind("USD", "+Y", "+Z", "m", False),
}


def write(
    context: Any, armature: Any, path: Path, kind: str, clips: Sequence[Clip], root: str = "hips"
) -> ExportReport:
    """The armature, its meshes, and each clip as an animation of its own that begins at 0.

    A copy is written, in a scene of the clips' frame rate; everything is put back. Raises
    OutputError where the exporter is off or fails, or where one file cannot hold the clips.
    """
    made = KINDS[kind]
    _check_exporter(kind)
    if not armature.visible_get():
        raise errors.RigError(f"armature {armature.name!r} is hidden; show it to export it")
    if len(clips) > 1 and not made.many:
        raise errors.OutputError(f"a {made.title} file holds one dance; export one take")
    rates = {round(clip.fps, 6) for clip in clips}
    if len(rates) != 1:
        raise errors.OutputError(
            "loops of these lengths have no frame rate in common; export the takes one by one"
        )
    fps = clips[0].fps
    scene = context.scene
    longest = max(len(clip.frames) for clip in clips) - 1
    with (
        files.whole_file(path) as temporary,
        sampling.restored_frame(scene),
        _rate(scene, fps, kind),
        _stand_in(context, armature, clips),
    ):
        scene.frame_start, scene.frame_end = 0, longest
        scene.frame_set(0)
        try:
            _EXPORTERS[kind](str(temporary))
        except RuntimeError as error:
            line = str(error).strip().splitlines()[-1]
            raise errors.OutputError(f"Blender's {made.title} exporter failed: {line}") from error
    return ExportReport(
        made.title,
        longest + 1,
        fps,
        longest / fps,
        made.up,
        made.front,
        made.unit,
        all(clip.loop for clip in clips),
        root,
    )


def _check_exporter(kind: str) -> None:
    title = KINDS[kind].title
    if kind == "usd":
        if not bpy.app.build_options.usd:  # type: ignore[attr-defined]
            raise errors.OutputError("this Blender was built without USD; choose another format")
    elif not hasattr(bpy.types, f"EXPORT_SCENE_OT_{kind}"):
        raise errors.OutputError(
            f"Blender's {title} exporter is off; enable {title} format in Preferences, Add-ons"
        )


def _fbx(path: str) -> None:
    bpy.ops.export_scene.fbx(
        filepath=path,
        check_existing=False,
        use_selection=True,
        object_types={"ARMATURE", "MESH"},
        add_leaf_bones=False,
        bake_anim=True,
        bake_anim_use_nla_strips=True,
        bake_anim_use_all_actions=False,
        # Zero: every frame as it is, no key left out.
        bake_anim_simplify_factor=0.0,
    )


def _gltf(path: str) -> None:
    bpy.ops.export_scene.gltf(
        filepath=path,
        check_existing=False,
        export_format="GLB",
        use_selection=True,
        export_animations=True,
        # A track a clip.
        export_animation_mode="NLA_TRACKS",
        export_force_sampling=True,
        # Channels that keep still have their keys too, so that all clips have the same ones.
        export_optimize_animation_size=False,
        export_anim_slide_to_zero=True,
        export_frame_range=False,
    )


def _usd(path: str) -> None:
    bpy.ops.wm.usd_export(
        filepath=path,
        check_existing=False,
        selected_objects_only=True,
        export_animation=True,
        export_armatures=True,
        only_deform_bones=False,
        export_materials=True,
        generate_preview_surface=True,
        export_textures_mode="KEEP",
        convert_orientation=True,
        export_global_up_selection="Y",
        # Z up, facing -Y: its front is the file's +Z.
        export_global_forward_selection="NEGATIVE_Z",
    )


_EXPORTERS = {"fbx": _fbx, "gltf": _gltf, "usd": _usd}


@contextmanager
def _rate(scene: Any, fps: float, kind: str) -> Iterator[None]:
    """The scene has ``fps`` frames a second, as the exporter reckons them."""
    render = scene.render
    before = render.fps, render.fps_base
    if abs(compat.scene_fps(scene) - fps) > 1e-9:
        render.fps = max(1, round(fps))
        render.fps_base = render.fps / fps
    if kind == "gltf":
        # It takes seconds to be frames / (fps * fps_base), where they are frames * fps_base / fps.
        render.fps_base = 1.0 / render.fps_base
    try:
        yield
    finally:
        render.fps, render.fps_base = before


@contextmanager
def _stand_in(context: Any, armature: Any, clips: Sequence[Clip]) -> Iterator[None]:
    """Select a copy of the armature and its meshes that has an NLA track for each clip alone.

    The copies have the names that the others have, which step aside for so long; the figure itself
    is not touched. Mode, selection and active object are put back.
    """
    view_layer = context.view_layer
    before, in_front = list(view_layer.objects.selected), view_layer.objects.active
    mode: Any = "OBJECT" if in_front is None else in_front.mode
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    originals = [armature, *_meshes(armature, view_layer)]
    copies: list[Any] = []
    names = [(thing, thing.name) for thing in originals if thing.library is None]
    actions: list[Any] = []
    try:
        _select(view_layer, originals, armature)
        # Blender's own duplication lets constraints and modifiers mean the copies.
        bpy.ops.object.duplicate(linked=True)
        copies = list(view_layer.objects.selected)
        copy = view_layer.objects.active
        for number, (thing, _) in enumerate(names):
            thing.name = f"~{number}~{thing.name}"
        for thing in copies:
            thing.name = _name_for(thing, originals, names)
        actions += _only_clips(copy, clips)
        yield
    finally:
        for thing in copies:
            thing.select_set(False)
            bpy.data.objects.remove(thing)
        for action in actions:
            bpy.data.actions.remove(action)
        for thing, name in names:
            thing.name = name
        _select(view_layer, before, in_front)
        if mode != "OBJECT":
            bpy.ops.object.mode_set(mode=mode)


def _name_for(copy: Any, originals: Sequence[Any], names: Sequence[tuple[Any, str]]) -> str:
    """The name of the object that a copy stands for: of those with its data, one still free."""
    known = {thing.name: name for thing, name in names}
    wanted = [known.get(thing.name, thing.name) for thing in originals if thing.data == copy.data]
    return next((name for name in wanted if name not in bpy.data.objects), copy.name)


def _only_clips(copy: Any, clips: Sequence[Clip]) -> list[Any]:
    """Give an armature a track for each clip from frame 0 on, and nothing else; the actions."""
    animation = copy.animation_data or copy.animation_data_create()
    animation.use_tweak_mode = False
    animation.action = None
    animation.use_nla = True
    for track in list(animation.nla_tracks):
        animation.nla_tracks.remove(track)
    out = []
    for clip in clips:
        action = key_writer.build_action(copy, clip.keys(), clip.name)
        out.append(action)
        key_writer.use_quaternions(copy, action)
        track = animation.nla_tracks.new()
        track.name = clip.name
        strip = track.strips.new(clip.name, 0, action)
        strip.name = clip.name
        if strip.action_slot is None:
            strip.action_slot = action.slots[0]
    return out


def _select(view_layer: Any, things: Sequence[Any], in_front: Any) -> None:
    for thing in list(view_layer.objects.selected):
        thing.select_set(False)
    for thing in things:
        thing.select_set(True)
    view_layer.objects.active = in_front


def _meshes(armature: Any, view_layer: Any) -> list[Any]:
    """Meshes that the armature moves."""
    moved = moved_by(armature, view_layer.objects)
    return [thing for thing in moved if thing.type == "MESH" and thing.visible_get()]
