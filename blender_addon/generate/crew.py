"""Make Crew: more dancers for a dance that is there, in formations that change on the beat.

Every dancer gets an armature and an action of its own, so each can be edited,
or be given another style and seed with Generate Dance, like any other. The worker makes
their dances (``core.crew``); nothing is written before all of them are there.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import beat_file, dance_keys, errors, motion as core_motion
from ..edit import region, user_edits
from ..jobs import blender_python
from ..jobs.crew_request import CrewRequest
from ..jobs.job import Job
from ..jobs.messages import DanceRequest
from ..keys import reduction, writer as key_writer
from ..keys.reduction import KeyReduction
from ..rig import retarget as rig_retarget
from ..rig.channel import Channel, Curve
from ..settings import crew as crew_settings
from ..song import beats, source as song_source
from ..steps import Steps, aside, run
from ..takes import metadata as take_metadata, store as take_store
from ..takes.rollback import Snapshot
from . import crew_members, dance_task

NO_BEATS = "formations, canon and answers count beats, and this dance has none: generate one"


@dataclass
class CrewTask:
    """A crew in the making.

    ``record`` is that of the first dancer's take, None where its dance is no take;
    ``changed`` tells whether the first dancer gets a new dance too.
    """

    job: Job
    scene_id: int
    lead_id: int
    frames: np.ndarray
    fps: float
    record: take_metadata.TakeMetadata | None
    key_error: float
    reduces: bool
    changed: bool
    motions: list[core_motion.Motion] = field(default_factory=list)
    curves: list[list[Curve]] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    reducing: KeyReduction | None = None

    @property
    def name(self) -> str:
        """The song's, for the log."""
        return self.record.song if self.record is not None else "crew"

    @property
    def written(self) -> range:
        """The numbers of the dancers that get keys."""
        return range(0 if self.changed else 1, len(self.motions))

    @property
    def warnings(self) -> list[str]:
        """That the crew stands wider than it was asked to."""
        asked, got = self.report["asked"], self.report["spacing"]
        if got <= asked * (1 + 1e-6):
            return []
        return [
            f"The crew stands {got:.2f} m apart instead of {asked:.2f} m, so that nobody touches "
            "anybody"
        ]

    @property
    def lead(self) -> Any:
        """The first dancer; RigError where it is gone."""
        armature = dance_task.find(bpy.data.objects, self.lead_id, "dancer")
        scene = dance_task.find(bpy.data.scenes, self.scene_id, "scene")
        dance_task.check_target(armature, scene)
        return armature

    def advance(self) -> bool:
        """After the dances are made: the keys of rigs that are not ours, one dancer at a time."""
        return run(self.advance_steps())

    def advance_steps(self) -> Steps[bool]:
        """The same in small steps."""
        lead = self.lead
        if self.reducing is not None:
            self.curves.append(self.reducing.curves(self.job.result))
            self.reducing = None
        else:
            answer = self.job.result
            self.motions, self.report = answer.motions, self.job.report
            if answer.keys is not None:
                if not rig_retarget.is_our_dancer(lead):
                    raise errors.RigError(
                        f"armature {lead.name!r} was changed while the crew was made, so nothing "
                        "was written; make it again"
                    )
                self.curves = [reduction.for_dancer(lead, self.frames, k) for k in answer.keys]
        while len(self.curves) < len(self.written):
            motion = self.motions[self.written[len(self.curves)]]
            start = float(self.frames[0])
            channels = yield from rig_retarget.channels_steps(
                lead, motion, self.frames, start, self.fps
            )
            if self.reduces:
                yield from self._reduce(lead, channels, motion)
                return True
            self.curves.append([Curve.of(c, self.frames, c.values) for c in channels])
        return False

    def _reduce(
        self, lead: Any, channels: list[Channel], motion: core_motion.Motion
    ) -> Steps[None]:
        """Start the job that reduces the keys of one dancer's channels."""
        beats = None
        if self.record is not None:
            beats = self.record.frame_start + np.asarray(self.record.beats) * self.fps
        self.reducing = reduction.of_rig(
            lead,
            channels,
            self.frames,
            self.key_error,
            motion.contacts,
            beats,
            together=self.record is not None and self.record.params.keys_poses,
        )
        before = self.job
        self.job = Job(
            self.reducing.request, before.python, before.parent_folder, fraction=before.fraction
        )
        yield from self.job.start_steps()

    def finish(self) -> list[Any]:
        """Write all dancers, the first one first, or nothing; Audio2PoseError."""
        return run(self.write())

    def write(self) -> Steps[list[Any]]:
        """The same in small steps."""
        lead = self.lead
        names = self.report["names"]
        before = Snapshot(lead)
        made = [lead]
        try:
            for k, curves in zip(self.written, self.curves, strict=True):
                if k > 0:
                    made.append(crew_members.copy_of(lead, k, names[k]))
                yield
                yield from self._write(made[-1], k, curves)
        except BaseException:  # a cancel between two steps as well
            before.restore()
            raise
        return made

    def _write(self, armature: Any, number: int, curves: list[Curve]) -> Steps[None]:
        name = f"Dance {armature.name}"
        action = yield from key_writer.action_steps(armature, curves, name)
        if self.record is not None:
            columns = {f"{c.data_path}\t{c.index}": list(c.columns) for c in curves if c.columns}
            place = self.report["names"][number]
            words = f"crew of {self.lead.name}: {place}"
            take_metadata.write(
                action,
                dataclasses.replace(
                    self.record, made_from=words, columns=columns, date=dance_task.now()
                ),
            )
            # The song's seconds are counted from where the song begins, which keys seldom do.
            motion = self.motions[number]
            early = (float(self.frames[0]) - self.record.frame_start) / self.fps
            times = np.arange(len(motion)) / self.fps - early
            sampled = yield from aside(lambda: motion.sample(times, self.fps))
            yield from take_metadata.motion_steps(action, sampled)
        yield from user_edits.baseline_steps(action)
        if self.record is not None:
            dance_task.take_over(armature, action)
        else:
            key_writer.use_quaternions(armature, action)
            compat.play_action(armature, action)


def begin(context: Any, armature: Any) -> CrewTask:
    """Check the scene's crew settings for ``armature`` and make the job, not yet started.

    The dance is what its keys show now. Raises Audio2PoseError; changes nothing.
    """
    return run(begin_steps(context, armature))


def begin_steps(context: Any, armature: Any) -> Steps[CrewTask]:
    """The same in small steps."""
    scene, settings = context.scene, context.scene.audio2pose_crew
    action = _action_of(armature)
    dance_task.check_target(armature, scene)
    take = take_store.current(armature)
    record = None
    if take is not None and take.action.audio2pose.record:
        record = take_metadata.read(take.action)
    counts = settings.way != crew_settings.TOGETHER or len(settings.changes) > 0
    if counts and (record is None or len(record.beats) < 2):
        raise errors.OptionError(NO_BEATS)
    fps = compat.scene_fps(scene)
    first, last = (round(f) for f in action.frame_range)
    frames = np.arange(first, last + 1)
    lead = yield from rig_retarget.read_motion_steps(armature, frames, fps)
    params = None if record is None else record.params
    ours = rig_retarget.is_our_dancer(armature)
    reduces = params is None or params.reduces_keys
    error = params.key_error_metres if params is not None else 0.01
    if settings.way == crew_settings.OWN:
        yield from song_source.read_steps(song_source.files(context))
    own, parts, late = _own(context, settings, record, first)
    size = rig_retarget.detect(armature).plan().size * float(
        np.mean(np.abs(armature.matrix_world.to_scale()))
    )
    request = CrewRequest(
        name="crew" if record is None else record.song,
        lead=lead,
        beats=_beats(record, first, fps),
        count=settings.count,
        spacing=settings.spacing / size,
        formation=settings.formation,
        changes=_changes(settings, record, first, last, fps),
        canon_beats=settings.canon_beats if settings.way == crew_settings.CANON else 0.0,
        answer=settings.way == crew_settings.ANSWER,
        mirror=settings.mirror,
        curve=_curve(settings, armature, lead, size),
        own=own,
        parts=parts,
        late=late,
        reduce_at=dance_keys.SceneTime(float(first), fps) if ours and reduces else None,
        key_error=error,
        together=params is not None and params.keys_poses,
    )
    return CrewTask(
        job=Job(request, blender_python.worker_python(), bpy.app.tempdir or None),
        scene_id=scene.session_uid,
        lead_id=armature.session_uid,
        frames=frames,
        fps=fps,
        record=record,
        key_error=error,
        reduces=reduces,
        changed=settings.way == crew_settings.ANSWER,
    )


def bar_seconds(record: take_metadata.TakeMetadata, fps: float) -> np.ndarray:
    """Seconds (bars,) at which the bars of a take begin, from its song's frame on."""
    stop = round(record.frame_start + record.seconds * fps)
    edges = region.bar_frames(record.beats, record.downbeats, record.frame_start, fps, stop)
    return np.asarray((edges[:-1] - record.frame_start) / fps)


def bar_frames(record: take_metadata.TakeMetadata, first: int, last: int) -> tuple[int, int]:
    """First and last scene frame of bars, counted from 1; OptionError for bars not there."""
    stop = round(record.frame_start + record.seconds * record.fps)
    edges = region.bar_frames(record.beats, record.downbeats, record.frame_start, record.fps, stop)
    return region.bars(edges, first, last)


def _changes(
    settings: Any, record: take_metadata.TakeMetadata | None, first: int, last: int, fps: float
) -> list[tuple[float, str]]:
    """The changes of formation in the order of time; OptionError for bars that are not there."""
    if record is None or len(settings.changes) == 0:
        return []
    starts = bar_seconds(record, fps)
    late = (first - record.frame_start) / fps
    found = {}
    for row in settings.changes:
        if row.bar > len(starts):
            raise errors.OptionError(
                f"this take has {len(starts)} bars, so no formation can begin in bar {row.bar}"
            )
        found[float(starts[row.bar - 1]) - late] = row.formation
    return sorted(found.items())


def _own(
    context: Any, settings: Any, record: take_metadata.TakeMetadata | None, first: int
) -> tuple[DanceRequest | None, list[tuple[str, int]], float]:
    """The song for dances of their own, style and seed of each of the others, and how far
    into the song the first dancer begins, seconds."""
    if settings.way != crew_settings.OWN or record is None:
        return None, [], 0.0
    scene = context.scene
    song = song_source.danced(context)
    part = dance_task.SongPart.of(song, compat.scene_fps(scene))
    if song.key != record.song_key:
        raise errors.OptionError(
            f"{record.song!r} was danced to, and the scene's song is {song.name!r}; choose that "
            "song again"
        )
    request = dance_task.request_of(song, record.params, beats=beats.for_song(scene, song))
    parts = [(record.style, record.params.seed + k) for k in range(1, settings.count)]
    return request, parts, (first - part.time.start) / part.time.fps


def _curve(settings: Any, armature: Any, lead: core_motion.Motion, size: float) -> Any:
    """The curve as (n, 2) metres of core, x and z from where the first dancer begins, or None."""
    used = {settings.formation, *(row.formation for row in settings.changes)}
    if "curve" not in used or settings.curve is None:
        return None
    drawn = settings.curve.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = drawn.to_mesh()
    try:
        points = np.array([v.co for v in mesh.vertices], dtype=np.float64).reshape(-1, 3)
    finally:
        drawn.to_mesh_clear()
    if len(points) < 2:
        return None
    to_here: Any = armature.matrix_world.inverted() @ settings.curve.matrix_world
    to_here = np.array(to_here, dtype=np.float64)
    here = points @ to_here[:3, :3].T + to_here[:3, 3]
    scale = rig_retarget.detect(armature).plan().size
    # Blender's -Y is the front, core's +Z.
    flat = np.stack([here[:, 0], -here[:, 1]], axis=1) / scale
    return flat - lead.root[0, [0, 2]]


def _action_of(armature: Any) -> Any:
    if armature is None or armature.type != "ARMATURE":
        raise errors.RigError("select the dancer that the crew shall follow")
    animation = armature.animation_data
    if animation is None or animation.action is None or not compat.fcurves_of(armature):
        raise errors.RigError(f"{armature.name!r} does not dance yet; generate a dance first")
    return animation.action


def _beats(record: take_metadata.TakeMetadata | None, first: int, fps: float) -> beat_file.Beats:
    """The take's beats from the first key on; without a take they are not looked at."""
    if record is None or len(record.beats) < 2:
        return beat_file.Beats(np.arange(2.0), np.array([True, False]), 60.0, 4, 0.0, "none")
    times = np.asarray(record.beats, dtype=float) - (first - record.frame_start) / fps
    return beat_file.Beats(
        times, np.asarray(record.downbeats, dtype=bool), record.tempo_bpm, 4, 1.0, "take"
    )


def formations_of_sections(
    scene: Any, record: take_metadata.TakeMetadata, first: str
) -> list[tuple[int, str]]:
    """A formation for each section after the first, with the bar that it begins in.

    Sections of the same name stand in the same formation. Raises OptionError where the scene
    knows no sections.
    """
    rows: Any = scene.audio2pose.sections
    if len(rows) < 2:
        raise errors.OptionError("no sections yet; press Analyse first")
    starts = bar_seconds(record, record.fps) + record.song_second
    circle = [f for f in ("v", "rows", "line", "circle", "scattered") if f != first]
    given = {_letter(rows[0].name): first}
    out: list[tuple[int, str]] = []
    for row in rows[1:]:
        letter = _letter(row.name)
        if letter not in given:
            given[letter] = circle[(len(given) - 1) % len(circle)]
        bar = 1 + int(np.argmin(np.abs(starts - row.start)))
        before = out[-1][1] if out else first
        if bar > 1 and given[letter] != before and (not out or bar > out[-1][0]):
            out.append((bar, given[letter]))
    return out


def _letter(name: str) -> str:
    """A section's name without the number that tells it from others of its kind."""
    return name.rstrip("0123456789 .")
