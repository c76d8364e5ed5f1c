"""A dance as a whole scene: dancers, stage, cameras, song, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import errors, motion as core_motion
from ..figure import mannequin
from ..keys import writer as key_writer
from ..rig import own_armature
from ..song import strips as song_strips
from ..stage import appended, camera, cuts, studio, titles
from ..stage.cues import Cues, dance_cues
from . import engines

ENGINES = engines.ENGINES
set_engine = engines.set_engine


@dataclass(frozen=True)
class Setting:
    """What the dance is shown in.

    Attributes
    ----------
    stage : "studio", "club", "none", or the path of a .blend; None is the studio,
        unless the scene has lights of its own.
    camera : one of ``cuts.CAMERAS``; None is the scene's own, or else "follow".
    character : "FILE.blend[:Object]"; None is an armature with our bones that the
        scene has, or else the mannequin.
    cues : what lights and cuts answer to; None is a dance in silence.
    title : a text over the first seconds; "" is none.
    """

    stage: str | None = None
    camera: str | None = None
    character: str | None = None
    cues: Cues | None = None
    title: str = ""


@dataclass(frozen=True)
class Show:
    """What ``stage_dance`` made or found; ``shots`` is empty where the scene's camera is used."""

    armatures: list[Any]
    frame_start: int
    frame_end: int
    shots: list[camera.Shot] = field(default_factory=list)
    points: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 3)))
    body: float = camera.BODY

    @property
    def armature(self) -> Any:
        """The first dancer."""
        return self.armatures[0]


def clear_startup(scene: Any) -> None:
    """Remove the cube, camera and light that a new Blender begins with."""
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    for strip in compat.strips(scene):
        scene.sequence_editor.strips.remove(strip)


def empty_scene() -> Any:
    """Forget the open file for an empty one; its scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def set_frame_rate(scene: Any, fps: float) -> None:
    """Whole rates as they are, others (29.97) by fps_base."""
    whole = max(1, round(fps))
    scene.render.fps = whole
    scene.render.fps_base = whole / fps


def frame_count(seconds: float, fps: float) -> int:
    """Frames of a video of ``seconds``, at least one."""
    return max(1, round(seconds * fps))


def find_dancer(scene: Any) -> Any:
    """The first armature of the scene that has all our bones, or None."""
    for thing in scene.objects:
        if thing.type == "ARMATURE" and not own_armature.missing_bones(thing):
            return thing
    return None


def stage_dance(
    scene: Any,
    dances: core_motion.Motion | Sequence[core_motion.Motion],
    *,
    seconds: float,
    setting: Setting = Setting(),
    name: str = "Dance",
) -> Show:
    """Put one dance, or a crew's, into the scene from its first frame on.

    What the scene already has is used: an armature with our bones, a camera,
    lights. What it lacks is added in a collection of its own. ``seconds`` sets
    the frame range; the resolution must be set before, the cameras frame for it.
    """
    motions = [dances] if isinstance(dances, core_motion.Motion) else list(dances)
    fps = compat.scene_fps(scene)
    start = scene.frame_start
    scene.frame_end = start + frame_count(seconds, fps) - 1
    frames = np.arange(start, scene.frame_end + 1)
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)

    own_light = any(thing.type == "LIGHT" for thing in scene.objects)
    guest_camera = None
    kind = setting.stage or ("none" if own_light else "studio")
    if kind not in studio.STAGES:
        guest_camera = studio.append_stage(scene, collection, Path(kind))
        kind = "none"

    armatures = _dancers(scene, collection, len(motions), setting.character)
    played = []
    for i, (armature, motion) in enumerate(zip(armatures, motions, strict=True)):
        _write(
            armature, motion, frames, start, fps, name if len(motions) == 1 else f"{name} {i + 1}"
        )
        played.append(motion.sample((frames - start) / fps, fps))
    bpy.context.view_layer.update()
    body = camera.BODY
    if setting.character is None:
        points = [_placed(a, camera.body_points(m, own_armature.bone_frames(a).size))
                  for a, m in zip(armatures, played, strict=True)]  # fmt: skip
    else:
        points = [appended.rig_points(scene, a, frames) for a in armatures]
        body = max(body, appended.flesh(armatures[0], list(scene.objects)))
    bodies = np.concatenate(points, axis=1)
    centre = np.mean([p[:, 0] for p in points], axis=0)
    world = np.array(armatures[0].matrix_world)
    heading = camera.facing(*played) + float(np.arctan2(world[1, 0], world[0, 0]))

    cues = setting.cues or dance_cues(np.empty(0), fps, len(frames))
    size = (scene.render.resolution_x, scene.render.resolution_y)
    shots: list[camera.Shot] = []
    if setting.camera is None and (guest_camera or scene.camera) is not None:
        scene.camera = guest_camera or scene.camera
        where = np.array(scene.camera.matrix_world.translation)[None]
        lens = scene.camera.data.lens
        takes = [camera.Shot(np.zeros((len(frames), 3)), np.zeros((len(frames), 3, 3)), lens)]
        cameras = [scene.camera]
    else:
        shots = cuts.plan_camera(
            setting.camera or "follow", bodies, centre, heading, fps, size, body, cues.downbeats
        )
        cameras = camera.create_cameras(scene, collection, shots, start)
        takes = shots
        where = np.concatenate([shot.positions for shot in shots])
    studio.create_stage(scene, collection, kind, bodies, heading, cues, where)
    if setting.title:
        titles.create_title(collection, setting.title, takes, size, fps, start, cameras)
    scene.frame_set(start)
    return Show(armatures, start, scene.frame_end, shots, bodies, body)


def _dancers(scene: Any, collection: Any, count: int, character: str | None) -> list[Any]:
    """An armature for each dance; the one that the scene has is the first."""
    if character is not None:
        return [appended.append_character(collection, character) for _ in range(count)]
    first = find_dancer(scene)
    made = [] if first is None else [first]
    for i in range(len(made), count):
        scheme = mannequin.SCHEMES[i % len(mannequin.SCHEMES)]
        made.append(mannequin.create_dancer("Dancer", collection, scheme))
        if first is not None:
            # Beside the one that is there, in its own space.
            made[-1].matrix_world = first.matrix_world
    return made


def _write(
    armature: Any,
    motion: core_motion.Motion,
    frames: np.ndarray,
    start: int,
    fps: float,
    name: str,
) -> None:
    from ..rig import retarget as rig_retarget

    if rig_retarget.is_our_dancer(armature):
        key_writer.write_motion(
            armature, motion, frame_start=start, scene_fps=fps, action_name=name
        )
        return
    key_writer.write_channels(
        armature, frames, rig_retarget.channels(armature, motion, frames, start, fps), name
    )


def _placed(armature: Any, points: np.ndarray) -> np.ndarray:
    world = np.array(armature.matrix_world, dtype=np.float64)
    return points @ world[:3, :3].T + world[:3, 3]


def song_seconds(path: str | Path) -> float:
    """Length of a song in seconds, decoded; AudioError where Blender cannot read it.

    The header of an mp3 may guess, and a video must not end before its song.
    """
    samples, rate = song_strips.read_file(Path(path).resolve())
    return len(samples) / rate


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
