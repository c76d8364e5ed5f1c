"""Make Loop: some bars of a take, or of the song, as a new take that goes round for ever.

Its keys lie on whole frames but for the last one, which repeats the first where the period
ends, between two frames if need be: so the loop stays with the song however often it goes
round. With whole frames the period is rounded instead, for programs that know no others.
"""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import compat
from ..core import beat_file, cycle, dance_keys, errors, motion as core_motion, planner, timing
from ..edit import bars as edit_bars, user_edits
from ..jobs import blender_python
from ..jobs.messages import LoopRequest
from ..keys import cycles, reduction, writer as key_writer
from ..rig import active, retarget as rig_retarget
from ..rig.channel import Channel, Curve
from ..settings import properties
from ..song import beats as song_beats, source as song_source
from ..steps import Steps, run
from ..takes import metadata as take_metadata
from ..takes.rollback import Snapshot
from . import dance_task, playing, regenerate, scene_params
from .dance_task import DanceTask, OnDance, SongPart


@dataclass
class LoopMaking(OnDance):
    """A loop in the making.

    Attributes
    ----------
    dance : DanceTask
    words : str
        What it is made of, as a person reads it.
    root_motion, whole_frames : bool
    channels : list of Channel
        At ``at``, the frames (n,) of the scene that get values, the last one where the first
        comes again.
    """

    dance: DanceTask
    words: str
    root_motion: bool
    whole_frames: bool
    channels: list[Channel] = field(default_factory=list)
    at: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def advance(self) -> bool:
        """After the dance is made: its channels, and start to reduce their keys if asked."""
        return run(self.advance_steps())

    def advance_steps(self) -> Steps[bool]:
        """The same in small steps."""
        dance = self.dance
        if dance.motion is not None:
            return False
        dance.take_answer()
        assert dance.motion is not None
        song, loop = dance.song, dance.report["loop"]
        # From where the song's part began to where the loop's bars do.
        start = float(round(song.time.start + loop["song_start"] * song.time.fps))
        dance.song = SongPart(
            song.name,
            song.key,
            song.song_second + loop["song_start"],
            loop["period"],
            dance_keys.SceneTime(start, song.time.fps),
        )
        armature = dance.armature
        self.at, poses = self._poses()
        index = self.at[0] + np.arange(len(self.at))
        self.channels = yield from rig_retarget.channels_steps(
            armature, poses, index, float(self.at[0]), dance.song.time.fps
        )
        if not dance.params.reduces_keys:
            return False
        task = reduction.of_rig(
            armature,
            self.channels,
            index,
            dance.params.key_error_metres,
            poses.contacts,
            dance.beat_frames,
            # The last step alone may be longer or shorter than a frame.
            index[[0, -2, -1]],
        )
        yield from dance.reduce_steps(dataclasses.replace(task, frames=self.at))
        return True

    def _poses(self) -> tuple[np.ndarray, core_motion.Motion]:
        """Frames (n,) of the scene and the poses on them; the last one is the first again."""
        dance = self.dance
        made, fps, start = dance.motion, dance.song.time.fps, dance.song.time.start
        assert made is not None
        count = max(2, round(made.seconds * fps))
        if self.whole_frames:
            frames, seconds = np.arange(count + 1.0), np.linspace(0.0, made.seconds, count + 1)
        else:
            frames = np.append(np.arange(float(count)), made.seconds * fps)
            seconds = frames / fps
        three = cycle.repeat(made, 3, self.offset)
        shown = timing.sample_smooth(three, made.seconds + seconds)
        poses = dataclasses.replace(shown, fps=fps, root=shown.root - self.offset)
        return start + frames, poses

    @property
    def offset(self) -> np.ndarray:
        """The way (3,) of the root each time around, metres, in core's axes."""
        return np.array(self.dance.report["loop"]["offset"], dtype=np.float64)

    def finish(self) -> Any:
        """Write the new take; the armature. Audio2PoseError with nothing written."""
        scene, armature = self.dance.scene, self.dance.armature
        before = Snapshot(armature)
        try:
            curves = cycles.closed(self._curves())
            name = f"Loop {Path(self.name).stem}"
            action = key_writer.build_action(armature, curves, name)
            cycles.repeat(compat.channelbag(action, action.slots[0]), self.root_motion)
            first, last = float(self.at[0]), float(self.at[-1])
            action.use_frame_range, action.use_cyclic = True, True
            action.frame_start, action.frame_end = first, last
            self._remember(action, curves)
            dance_task.take_over(armature, action)
        except Exception:
            before.restore()
            raise
        scene.audio2pose.target = armature
        return armature

    def _curves(self) -> list[Curve]:
        dance = self.dance
        if dance.key_reduction is not None:
            return dance.key_reduction.curves(dance.job.result)
        return [Curve.of(channel, self.at, channel.values) for channel in self.channels]

    def _remember(self, action: Any, curves: list[Curve]) -> None:
        dance = self.dance
        columns = {f"{c.data_path}\t{c.index}": list(c.columns) for c in curves if c.columns}
        loop = dance.report["loop"]
        about = {
            "period_frames": float(self.at[-1] - self.at[0]),
            "offset": [float(x) for x in self.offset],
            "first_bar": int(loop["first_bar"]),
            "last_bar": int(loop["last_bar"]),
        }
        record = take_metadata.TakeMetadata(
            **dance.facts(), columns=columns, made_from=self.words, loop=about
        )
        take_metadata.write(action, record)
        take_metadata.write_motion(action, dance.motion)
        user_edits.write_baseline(action)
        # For exporters and scripts that know nothing of this add-on.
        action["audio2pose_loop_frames"] = about["period_frames"]
        action["audio2pose_loop_offset"] = about["offset"]


def begin(context: Any, seed: int | None = None) -> LoopMaking:
    """Check what ``scene.audio2pose_moves`` asks for and make the job, not yet started.

    Raises Audio2PoseError with one clear line; changes nothing.
    """
    return run(begin_steps(context, seed))


def begin_steps(context: Any, seed: int | None = None) -> Steps[LoopMaking]:
    """The same in small steps."""
    chosen = context.scene.audio2pose_moves
    if chosen.first_bar > chosen.last_bar:
        raise errors.OptionError(
            f"bar {chosen.first_bar} is not before bar {chosen.last_bar}; exchange the two"
        )
    python = blender_python.worker_python()
    if chosen.loop_of == "SONG":
        return (yield from _of_the_song(context, python, seed))
    return (yield from _of_a_take(context, python))


def _of_a_take(context: Any, python: Any) -> Steps[LoopMaking]:
    """The bars of the take that is played, closed to a cycle."""
    scene, chosen = context.scene, context.scene.audio2pose_moves
    armature, take, metadata = playing.played(context)
    playing.check_ends(take.name, metadata)
    base = yield from playing.as_edited_steps(armature, take, metadata)
    bars_there = edit_bars.shown(scene, take.action, metadata)
    first, last = bars_there.span(chosen.first_bar, chosen.last_bar)
    given = playing.beats_of(metadata)
    if given is None:
        raise errors.OptionError(f"{take.name} has no beats; press Analyse and generate it again")
    seconds = (np.array([first, last + 1]) - metadata.frame_start) / metadata.fps
    bar, bars = _bars(given, base.seconds, seconds)
    song = yield from regenerate.song_steps(context, metadata)
    params = dataclasses.replace(metadata.params, style=playing.style_of(metadata), quality=1)
    request = LoopRequest(bars, bar, chosen.root_motion, base)
    dance = dance_task.begin(scene, armature, song, params, python, beats=given, loop=request)
    words = f"loop of bars {chosen.first_bar} to {chosen.first_bar + bars - 1} of {take.name}"
    return LoopMaking(dance, words, chosen.root_motion, chosen.whole_frames)


def _of_the_song(context: Any, python: Any, seed: int | None) -> Steps[LoopMaking]:
    """A new dance to the bars of the song, as a cycle."""
    scene, chosen = context.scene, context.scene.audio2pose_moves
    target = active.active_dancer(context)
    if target is None:
        raise errors.RigError("choose a dancer first, or generate a dance, which adds one")
    dance_task.check_target(target, scene)
    yield from song_source.read_steps(song_source.files(context))
    song = song_source.danced(context)
    params = scene_params.of_scene(scene)
    if seed is not None:
        params = dataclasses.replace(params, seed=seed)
    elif scene.audio2pose.randomise_seed:
        seed = random.SystemRandom().randint(0, properties.MAX_SEED)
        params = dataclasses.replace(params, seed=seed)
    bars = chosen.last_bar - chosen.first_bar + 1
    request = LoopRequest(bars, chosen.first_bar, chosen.root_motion)
    given = song_beats.for_song(scene, song)
    dance = dance_task.begin(scene, target, song, params, python, beats=given, loop=request)
    words = f"loop of bars {chosen.first_bar} to {chosen.last_bar} of the song"
    return LoopMaking(dance, words, chosen.root_motion, chosen.whole_frames)


def _bars(beats: beat_file.Beats, length: float, span: np.ndarray) -> tuple[int, int]:
    """The first bar as the library counts them, and how many, of a span (2,) in seconds.

    A pick-up is no bar of its own to the markers, and may be one to the library.
    """
    lines = planner.bar_lines(beats, length)
    first, last = (int(np.argmin(np.abs(lines - t))) for t in span)
    return first + 1, max(1, last - first)
