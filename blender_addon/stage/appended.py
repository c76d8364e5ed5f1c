"""Things out of other .blend files: characters with their meshes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core import errors
from ..rig.reader import moved_by

_MOST_FLESH = 0.6  # metres; hair and skirts further out may leave the picture


@contextmanager
def appending(path: Path) -> Iterator[tuple[Any, Any]]:
    """``bpy.data.libraries.load`` for appending, with errors that a person understands."""
    if not path.is_file():
        raise errors.OptionError(f"{path}: there is no such .blend file")
    try:
        # The stubs take it for a plain function.
        libraries: Any = bpy.data.libraries
        with libraries.load(str(path.resolve()), link=False) as (there, here):
            yield there, here
    except OSError as error:
        raise errors.OptionError(f"{path}: Blender cannot read it ({error})") from error


def split_character(text: str) -> tuple[Path, str]:
    """File and object name ("" where none is given) of "FILE.blend[:Object]"."""
    head, mark, tail = text.rpartition(".blend:")
    return (Path(head + ".blend"), tail) if mark else (Path(text), "")


def append_character(collection: Any, text: str) -> Any:
    """Append the armature of "FILE.blend[:Object]" and its meshes; return the armature.

    Each call makes a copy of its own. Raises OptionError, RigError.
    """
    path, name = split_character(text)
    with appending(path) as (there, here):
        if name and name not in there.objects:
            raise errors.OptionError(f"{path}: holds no object {name!r}")
        names = list(there.objects)
        here.objects = list(there.objects)
    things = [thing for thing in here.objects if thing is not None]
    armature = _choose(path, things, name, names)
    kept = {armature, *moved_by(armature, things)}
    for thing in list(kept):
        while thing.parent is not None:
            thing = thing.parent
            kept.add(thing)
    for thing in kept:
        collection.objects.link(thing)
    animation = armature.animation_data
    if animation is not None:
        # Only what would fight with the dance: drivers stay.
        animation.action = None
        for track in list(animation.nla_tracks):
            animation.nla_tracks.remove(track)
    widgets = {bone.custom_shape for bone in armature.pose.bones} - {None}
    bpy.data.batch_remove([t for t in things if t not in kept and t not in widgets])
    return armature


def _choose(path: Path, things: list[Any], name: str, names: list[str]) -> Any:
    if name:
        # By its place: an appended object may have got another name (.001).
        thing = things[names.index(name)]
        found = thing if thing.type == "ARMATURE" else thing.find_armature()
        if found is None:
            raise errors.RigError(f"{path}: object {name!r} is no armature and follows none")
        return found
    armatures = [thing for thing in things if thing.type == "ARMATURE"]
    dressed = [a for a in armatures if moved_by(a, things)] or armatures
    if not dressed:
        raise errors.RigError(f"{path}: holds no armature")
    if len(dressed) > 1:
        several = ", ".join(sorted(a.name for a in dressed)[:8])
        raise errors.OptionError(
            f"{path}: holds several armatures; choose one as {path.name}:NAME ({several})"
        )
    return dressed[0]


def rig_points(scene: Any, armature: Any, frames: np.ndarray) -> np.ndarray:
    """Where the bones of any armature are, heads and tails: (T, 2 * bones, 3) m, world.

    The first point is the pelvis as far as one can tell: the mean of all. The
    rig is evaluated at every frame, with its meshes out of the way for speed.
    """
    meshes = [t for t in moved_by(armature, scene.objects) if not t.hide_viewport]
    for thing in meshes:
        thing.hide_viewport = True
    bones = [b for b in armature.pose.bones if b.bone.use_deform] or list(armature.pose.bones)
    out = np.empty((len(frames), 1 + 2 * len(bones), 3))
    try:
        for t, frame in enumerate(frames):
            scene.frame_set(int(frame))
            drawn = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
            world = np.array(drawn.matrix_world, dtype=np.float64)
            here = np.array([
                end for b in bones for end in (drawn.pose.bones[b.name].head,
                                               drawn.pose.bones[b.name].tail)
            ])  # fmt: skip
            out[t, 1:] = here @ world[:3, :3].T + world[:3, 3]
    finally:
        for thing in meshes:
            thing.hide_viewport = False
    out[:, 0] = out[:, 1:].mean(axis=1)
    return out


def flesh(armature: Any, things: list[Any]) -> float:
    """How far the meshes reach beyond the bones at rest, metres (at most 0.6)."""
    from mathutils.kdtree import KDTree

    places = [end for b in armature.data.bones for end in (b.head_local, b.tail_local)]
    tree = KDTree(len(places))
    for i, place in enumerate(places):
        tree.insert(armature.matrix_world @ place, i)
    tree.balance()
    most = 0.0
    for thing in moved_by(armature, things):
        if thing.type != "MESH":
            continue
        vertices = thing.data.vertices
        for vertex in list(vertices)[:: max(1, len(vertices) // 2000)]:
            most = max(most, tree.find(thing.matrix_world @ vertex.co)[2])
    return min(most, _MOST_FLESH)
