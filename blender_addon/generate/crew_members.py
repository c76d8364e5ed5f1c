"""The bodies of a crew: copies of the first dancer, and a crowd of instances."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..core import crew, errors
from ..figure import mannequin
from ..rig import own_armature

_OWN_MATERIALS = {part for scheme in mannequin.SCHEMES for part in mannequin.material_names(scheme)}
CROWD = "Crowd"


def copy_of(armature: Any, number: int, place: str) -> Any:
    """Another of the same figure, named by its place; our mannequin in the next colours."""
    if is_mannequin(armature):
        scheme = mannequin.SCHEMES[number % len(mannequin.SCHEMES)]
        name = f"{mannequin_name(armature)} {place}"
        made = mannequin.create_dancer(name, armature.users_collection[0], scheme)
        made.matrix_world = armature.matrix_world
        return made
    with own_armature.context_restored() as layer:
        for thing in layer.objects:
            thing.select_set(False)
        for thing in (armature, *armature.children_recursive):
            thing.select_set(True)
        layer.objects.active = armature
        # Blender's own: constraints, drivers and modifiers of the copy then look at the copy.
        bpy.ops.object.duplicate()
        copy = layer.objects.active
    if copy == armature:
        raise errors.RigError(f"{armature.name!r} cannot be copied; is it hidden or linked?")
    copy.name = f"{armature.name} {place}"
    animation = copy.animation_data
    animation.action = None
    for track in list(animation.nla_tracks):
        animation.nla_tracks.remove(track)
    if hasattr(copy, "audio2pose_takes"):
        copy.audio2pose_takes.takes.clear()
    return copy


def mannequin_name(armature: Any) -> str:
    """The name of an armature without Blender's number."""
    stem, _, number = armature.name.rpartition(".")
    return stem if stem and number.isdigit() else str(armature.name)


def is_mannequin(armature: Any) -> bool:
    """Whether all that the armature wears is ours."""
    worn = [thing for thing in armature.children_recursive if thing.type == "MESH"]
    return bool(worn) and all(
        slot.material is not None and slot.material.name in _OWN_MATERIALS
        for thing in worn
        for slot in thing.material_slots
    )


def make_crowd(scene: Any, sources: list[Any], count: int, spacing: float) -> list[Any]:
    """``count`` dancers in rows behind and beside the first: instances of the ``sources``.

    An instance costs neither keys nor meshes: it shows what its source does. The sources stay
    where they are; everybody else stands in a seat that none of them is near. Returns the
    empties that carry the instances, in a collection of their own. Raises OptionError.
    """
    if not sources:
        raise errors.RigError("select the dancers that the crowd shall copy")
    if count <= len(sources):
        raise errors.OptionError(
            f"there are {len(sources)} dancers already; a crowd of {count} needs no more"
        )
    first = sources[0]
    # The sources stand near some seats, which stay empty.
    seats = crew.crowd_places(count, spare=4 * len(sources)) * spacing
    to_world = np.array(first.matrix_world)
    homes = np.array([_home(source) for source in sources])
    local = np.stack([seats[:, 0], -seats[:, 1], 0 * seats[:, 0]], axis=1)
    spots = local @ _upright(to_world).T + homes[0]
    gap = np.linalg.norm((spots[:, None] - homes[None])[..., :2], axis=2).min(axis=1)
    spots = spots[gap > 0.7 * spacing][: count - len(sources)]
    crowd = bpy.data.collections.new(CROWD)
    scene.collection.children.link(crowd)
    models = [_model_of(source, home) for source, home in zip(sources, homes, strict=True)]
    random = np.random.Generator(np.random.PCG64(len(spots)))
    before, made = -1, []
    for spot in spots:
        # No two of the same beside each other, where there is a choice.
        choice = [k for k in range(len(models)) if k != before] or [0]
        before = int(random.choice(choice))
        empty = bpy.data.objects.new(f"{CROWD} Dancer", None)
        empty.empty_display_size = 0.1
        empty.instance_type, empty.instance_collection = "COLLECTION", models[before]
        turn = Matrix.Rotation(float(random.uniform(-0.15, 0.15)), 4, "Z")
        empty.matrix_world = Matrix.Translation(spot.tolist()) @ turn
        crowd.objects.link(empty)
        made.append(empty)
    return made


def _home(source: Any) -> np.ndarray:
    """Where a dancer stands on the first frame of its dance, on its own floor; world, metres."""
    hips = source.pose.bones.get("pelvis") or source.pose.bones[0]
    place = np.array(source.matrix_world @ hips.head)
    place[2] = source.matrix_world.translation.z
    return place


def _upright(matrix: np.ndarray) -> np.ndarray:
    """The turn about the vertical (3, 3) of a matrix (4, 4)."""
    angle = float(np.arctan2(matrix[1, 0], matrix[0, 0]))
    return np.array(Matrix.Rotation(angle, 3, "Z"))


def _model_of(source: Any, home: np.ndarray) -> Any:
    """A collection of a dancer and what it wears, to be instanced; in no scene by itself."""
    made = bpy.data.collections.new(f"{CROWD} {source.name}")
    for thing in (source, *source.children_recursive):
        made.objects.link(thing)
    made.instance_offset = home.tolist()
    return made
