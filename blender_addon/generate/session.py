"""One dance from the settings of a scene to keys on an armature.

    begin    checks everything, reads the song, makes the job    nothing changes
    jobs     run in the worker process: the dance, then its keys    nothing changes
    advance  between them: from motion to the armature's channels    nothing changes
    finish   writes armature, action and result, or nothing at all

Between ``begin`` and ``finish`` the user may undo, delete and rename, so what
is kept of Blender's data are session ids, never pointers.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import random
import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import errors, motion as core_motion
from ..edit import user_edits
from ..figure import mannequin
from ..jobs.job import STAGES, Job, Python
from ..jobs.messages import Request
from ..keys import reduction, writer as key_writer
from ..keys.reduction import KeyReduction
from ..rig import retarget as rig_retarget
from ..rig.channel import Channel, Curve
from ..settings import enums, preferences, properties
from ..song import beat_grid, beats, source as song_source
from ..takes import metadata as take_metadata, store as take_store
from ..takes.rollback import Snapshot

REDUCED = "REDUCED"
_FOLLOWS = STAGES["reduce"][1]
"""Where the bar stands when the dance is made and its keys are to be thinned out."""


@dataclass
class Generation:
    """A dance in the making.

    Attributes
    ----------
    job : Job
        What runs now; after ``advance`` another one.
    asked : dict
        The fields of ``records.Record`` that are known beforehand.
    scene_id, target_id : int
        Session ids; None is a dancer that is not there yet.
    marked : beat_grid.KeptBeats or None
        The beats that a person marked, to be drawn on the new action.
    """

    job: Job
    asked: dict[str, Any]
    scene_id: int
    target_id: int | None
    motion: core_motion.Motion | None = None
    report: dict[str, Any] = field(default_factory=dict)
    thinning: KeyReduction | None = None
    channels: list[Channel] = field(default_factory=list)
    marked: beat_grid.KeptBeats | None = None

    @property
    def name(self) -> str:
        """The song's."""
        return str(self.asked["song"])

    @property
    def scene(self) -> Any:
        """The scene; RigError where it is gone."""
        return find(bpy.data.scenes, self.scene_id, "scene")

    @property
    def armature(self) -> Any:
        """The armature, checked again; None for a dancer that is not there yet."""
        if self.target_id is None:
            return None
        armature = find(bpy.data.objects, self.target_id, "armature")
        check_target(armature, self.scene)
        return armature

    @property
    def frames(self) -> np.ndarray:
        """The scene frames (n,) of the dance."""
        assert self.motion is not None
        return key_writer.key_frames(
            self.asked["frame_start"], self.motion.seconds, self.asked["fps"]
        )

    @property
    def beat_frames(self) -> np.ndarray:
        """The beats (m,) as scene frames, between two where they fall so."""
        times = np.array(self.report["beat_times"], dtype=np.float64)
        return self.asked["frame_start"] + times * self.asked["fps"]

    def advance(self) -> bool:
        """After a job is done: start the next one; False where all is there to be written.

        Raises Audio2PoseError as ``finish`` does.
        """
        if self.motion is not None:
            return False
        armature = self.armature
        self.motion, self.report = self.job.result, self.job.report
        if armature is not None:
            self.channels = rig_retarget.channels(
                armature, self.motion, self.frames, self.asked["frame_start"], self.asked["fps"]
            )
        if self.asked["keys"] != REDUCED:
            return False
        error, sampled = self.asked["key_error"] / 100.0, self.sampled()
        if armature is None:
            self.thinning = reduction.of_dance(sampled, self.frames, error, self.beat_frames)
        else:
            self.thinning = reduction.of_rig(
                armature, self.channels, self.frames, error, sampled.contacts, self.beat_frames
            )
        self.thin()
        return True

    def sampled(self) -> core_motion.Motion:
        """The dance at the scene's frames."""
        assert self.motion is not None
        fps = self.asked["fps"]
        return self.motion.sample((self.frames - self.asked["frame_start"]) / fps, fps)

    def thin(self) -> None:
        """Start the job that thins out keys."""
        assert self.thinning is not None
        python = self.job.python
        self.job = Job(self.thinning.reduction, python, self.job.parent_folder, fraction=_FOLLOWS)
        self.job.start()

    def finish(self) -> Any:
        """Write the finished dance; the armature that dances.

        Raises Audio2PoseError, with nothing written, where the scene or the
        armature is gone or cannot take the dance any more.
        """
        scene, armature = self.scene, self.armature
        before = Snapshot(armature)
        made = None
        try:
            if armature is None:
                with _in_scene(scene):
                    armature = mannequin.create_dancer("Dancer", scene.collection)
                made = armature
            curves = self.curves(armature)
            action = key_writer.build_action(armature, curves, f"Dance {Path(self.name).stem}")
            self.remember(action, curves)
            take_over(armature, action)
        except Exception:
            before.restore()
            raise
        beats.show_on(scene, action, self.marked)
        self._note(scene.audio2pose, armature, action)
        if made is not None and scene == bpy.context.scene and bpy.context.mode == "OBJECT":
            _show(made)
        return armature

    def curves(self, armature: Any) -> list[Curve]:
        """The keys to be written: thinned out, or one a frame."""
        if self.thinning is not None:
            if self.thinning.channels:
                return self.thinning.curves(self.job.result)
            return reduction.for_dancer(armature, self.frames, self.job.result)
        channels = self.channels or rig_retarget.channels(
            armature, self.motion, self.frames, self.asked["frame_start"], self.asked["fps"]
        )
        return [Curve.of(channel, self.frames, channel.values) for channel in channels]

    def remember(self, action: Any, curves: list[Curve]) -> None:
        """Note on the action what it was made of, and its keys as they are."""
        assert self.motion is not None
        record = take_metadata.Record(
            **self.asked,
            style=self.report["style"],
            tempo_bpm=self.report["tempo_bpm"],
            beats=self.report["beat_times"],
            downbeats=self.report["downbeats"],
            seconds=self.motion.seconds,
            model=self.report["model"],
            model_sha256=self.report["model_sha256"],
            date=now(),
            columns={f"{c.data_path}\t{c.index}": list(c.columns) for c in curves if c.columns},
        )
        take_metadata.keep(action, record)
        take_metadata.keep_motion(action, self.motion)
        user_edits.keep_baseline(action)

    def _note(self, settings: Any, armature: Any, action: Any) -> None:
        report, result = self.report, settings.result
        settings.target, settings.seed = armature, self.asked["seed"]
        result.style, result.seed = report["style"], self.asked["seed"]
        result.tempo_bpm, result.beats = report["tempo_bpm"], report["beats"]
        result.seconds, result.action = report["seconds"], action.name


def now() -> str:
    """The computer's date and time, ISO 8601."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def take_over(armature: Any, action: Any) -> Any:
    """Let an armature play an action that was just built, as a new take; the take."""
    take_store.put_aside(armature)
    key_writer.use_quaternions(armature, action)
    compat.play_action(armature, action)
    armature.update_tag()
    return take_store.add(armature, action)


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
    song = song_source.danced(context)
    seed = settings.seed
    if settings.randomise_seed:
        # The system's own generator: Python's shared one may be seeded by others.
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
    asked = {
        "asked_style": settings.style or enums.AUTO,
        "seed": seed,
        "energy": settings.energy,
        "quality": settings.quality,
        "hits": settings.hits.lower(),
        "structure": settings.structure,
        "song": song.name,
        "song_key": song.key,
        "source": settings.source,
        "strip": settings.strip,
        "file": settings.file,
        "frame_start": song.placement.frame_start,
        "song_second": song.placement.song_second,
        "song_seconds": song.placement.seconds,
        "fps": compat.scene_fps(scene),
        "keys": settings.keys,
        "key_error": settings.key_error,
    }
    request = request_for(song, asked, beats=beats.for_song(scene, song))
    return Generation(
        job=Job(request, python, bpy.app.tempdir or None),
        asked=asked,
        scene_id=scene.session_uid,
        target_id=None if target is None else target.session_uid,
        marked=beats.marked(scene, song),
    )


def request_for(song: song_source.Song, asked: dict[str, Any], **more: Any) -> Request:
    """The worker's task for a song and what is asked of it, with the user's model and machine."""
    model = preferences.model_file()
    return Request(
        samples=song.samples,
        sample_rate=song.rate,
        name=song.name,
        style=asked["asked_style"],
        model=None if model is None else str(model),
        threads=int(preferences.value("threads", 0)),
        device=str(preferences.value("device", "auto")).lower(),
        **{name: asked[name] for name in ("seed", "energy", "quality", "hits", "structure")},
        **more,
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
    if armature.mode == "EDIT":
        raise errors.RigError(f"armature {name!r} is in edit mode; leave it (Tab) first")
    rig_retarget.check(armature)


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


def find(collection: Any, session_id: int, kind: str) -> Any:
    for thing in collection:
        if thing.session_uid == session_id:
            return thing
    raise errors.RigError(f"the {kind} is gone, so the dance was not written; generate it again")


def _in_scene(scene: Any) -> Any:
    """The scene as the context's own; the user may look at another one by now."""
    if bpy.context.scene == scene:
        return nullcontext()
    return bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0])
