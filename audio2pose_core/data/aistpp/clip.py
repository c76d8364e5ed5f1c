"""One AIST++ clip, from its pickle and a video to pose, sound and beats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...audio.beats import TRACKER, track_beats
from ...audio.load import load_audio
from ...errors import Audio2PoseError, DataError
from ...files import whole_file, write_text
from ..blas_threads import one_blas_thread
from ..safe_pickle.load import loads
from . import manifest
from .archives import Entry
from .audio import read_sound, save_wav
from .checks import check_tempo, pose_warnings, sound_warnings
from .keypoints import fill_gaps, keypoints_of
from .names import FPS, Name


@dataclass(frozen=True)
class Job:
    """What to make of one clip.

    Attributes
    ----------
    name : Name
        The clip.
    pickle : Entry
        Its keypoints.
    videos : tuple of Entry
        Any cameras, the one to use first in front.
    root : Path
        The data root to write in.
    pose_key : str
        Which keypoints of the pickle.
    steps : tuple of str
        Of "pose", "audio", "beats": those to do.
    overwrite : bool
        Make them again even where they are whole.
    """

    name: Name
    pickle: Entry
    videos: tuple[Entry, ...]
    root: Path
    pose_key: str
    steps: tuple[str, ...]
    overwrite: bool = False


@dataclass
class Outcome:
    """Result of a clip: by step "made", "kept" or "failed", and why."""

    name: str
    steps: dict[str, str] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)


class _Clip:
    """A clip while it is worked on."""

    def __init__(self, job: Job) -> None:
        self.job, self.outcome = job, Outcome(job.name.motion)
        self.state = manifest.load_state(job.root, job.name)
        self.paths = manifest.output_paths(job.name)

    def run(self) -> Outcome:
        """All steps; a step that fails leaves the others that do not need it."""
        content = self._try("pose", self.job.pickle.read)
        if content is None:
            return self.outcome
        digest = hashlib.sha256(content).hexdigest()
        inputs = {"sha256": digest, "key": self.job.pose_key}
        pose = self.state.get("pose")
        if pose is not None and pose["inputs"] == inputs:
            frames = pose["frames"]  # which the same bytes hold still
            points = None
        else:
            points = self._try("pose", lambda: self._read_points(content))
            if points is None:
                return self.outcome
            frames = len(points)

        def make_pose() -> dict[str, Any]:
            return self._pose(content, self._read_points(content) if points is None else points)

        self._step("pose", inputs, frames, make_pose)
        if self.outcome.steps.get("pose") != "failed":
            self._sound_steps(frames)
        return self.outcome

    def _sound_steps(self, frames: int) -> None:
        job = self.job
        if "audio" in job.steps:
            if not job.videos:
                audio = self.state.get("audio")
                if audio is not None and audio["frames"] == frames and self._holds("audio"):
                    self.outcome.steps["audio"] = "kept"  # the videos may go when they have served
                    self._beats_step(frames)
                    return
                self._fail("audio", "no video of it, of any camera, is in --video-dir")
                return
            stamps = [f"{video.name.camera}-{video.stamp}" for video in job.videos]
            self._step(
                "audio", {"videos": stamps, "frames": frames}, frames, lambda: self._audio(frames)
            )
        self._beats_step(frames)

    def _beats_step(self, frames: int) -> None:
        if "beats" not in self.job.steps:
            return
        if not self._holds("audio") or self.state["audio"]["frames"] != frames:
            self._fail("beats", "there is no sound of the motion's length; make the sound as well")
            return
        digest = self.state["audio"]["file"]["sha256"]
        inputs = {"sha256": digest, "frames": frames, "tracker": TRACKER}
        self._step("beats", inputs, frames, lambda: self._beats(frames))

    def _holds(self, step: str) -> bool:
        """Whether the step's file is there as it was written."""
        known = self.state.get(step)
        return known is not None and manifest.is_whole(
            self.job.root, known["file"], self.paths[step]
        )

    def _step(
        self, step: str, inputs: dict[str, Any], frames: int, make: Callable[[], dict[str, Any]]
    ) -> None:
        """Make the step's file unless it is whole and from the same inputs."""
        if step not in self.job.steps:
            return
        known = self.state.get(step)
        same = known is not None and known["inputs"] == inputs and self._holds(step)
        if same and known is not None and step == "pose":
            same = manifest.is_whole(self.job.root, known["pkl"], self.paths["pkl"])
        if same and not self.job.overwrite:
            self.outcome.steps[step] = "kept"
            return

        def make_and_remember() -> bool:
            if known is not None:
                self._forget(step)
            extra = make()
            record = manifest.file_record(self.job.root, self.paths[step])
            self.state[step] = {"inputs": inputs, "file": record, "frames": frames, **extra}
            self._remember()
            return True

        if self._try(step, make_and_remember):
            self.outcome.steps[step] = "made"

    def _remember(self) -> None:
        order = {step: self.state[step] for step in manifest.STEPS if step in self.state}
        manifest.save_state(self.job.root, self.job.name, order)

    def _try(self, step: str, work: Callable[[], Any]) -> Any:
        """The result of ``work``, or None where it failed, which is then noted."""
        try:
            return work()
        except Audio2PoseError as error:
            self._fail(step, str(error))
        except OSError as error:
            self._fail(step, f"{error.filename or self.job.name.motion}: {error.strerror or error}")
        except MemoryError:
            self._fail(step, "not enough memory; use fewer --workers")
        return None

    def _fail(self, step: str, reason: str) -> None:
        self.outcome.steps[step] = "failed"
        self.outcome.failures.append({"name": self.job.name.motion, "step": step, "reason": reason})

    def _forget(self, step: str) -> None:
        """Take away what was made from other inputs than today's, or was damaged since."""
        del self.state[step]
        (self.job.root / self.paths[step]).unlink(missing_ok=True)
        self._remember()

    def _read_points(self, content: bytes) -> np.ndarray:
        label = self.job.pickle.label
        return keypoints_of(loads(content, label), self.job.pose_key, label)

    def _pose(self, content: bytes, points: np.ndarray) -> dict[str, Any]:
        """Write the keypoints and, where it lies elsewhere, a copy of the pickle."""
        label, root = self.job.pickle.label, self.job.root
        filled, gaps = fill_gaps(points, label)
        copy = root / self.paths["pkl"]
        if not (copy.is_file() and copy.read_bytes() == content):
            with whole_file(copy) as temporary:
                temporary.write_bytes(content)
        with whole_file(root / self.paths["pose"]) as temporary:
            np.save(temporary, filled, allow_pickle=False)
        return {
            "pkl": manifest.file_record(root, self.paths["pkl"]),
            "gaps": {"filled": gaps.filled, "share": gaps.share, "longest_s": gaps.longest_s},
            "warnings": pose_warnings(self.job.name, filled, gaps),
        }

    def _audio(self, frames: int) -> dict[str, Any]:
        """Write the sound of the first video that gives one."""
        seconds = frames / FPS
        warnings: list[str] = []
        for video in self.job.videos:
            try:
                sound = read_sound(video, seconds)
                break
            except Audio2PoseError as error:
                warnings.append(str(error))
        else:
            raise DataError("; ".join(warnings))
        save_wav(self.job.root / self.paths["audio"], sound.samples)
        return {
            "camera": f"c{video.name.camera}",
            "warnings": warnings + sound_warnings(sound, frames),
        }

    def _beats(self, frames: int) -> dict[str, Any]:
        """Track and write the beats of the written sound file."""
        audio = load_audio(self.job.root / self.paths["audio"])
        beats = track_beats(audio)
        tempo, warnings = check_tempo(self.job.name, beats)
        record = {
            "tempo_bpm": round(beats.tempo_bpm, 3),
            "beats_per_bar": beats.beats_per_bar,
            "beat_times": [round(float(t), 6) for t in beats.times],
            "beat_frames": [min(round(float(t) * FPS), frames - 1) for t in beats.times],
            "fps": FPS,
            "downbeats": [bool(d) for d in beats.downbeats],
            "downbeat_times": [round(float(t), 6) for t in beats.times[beats.downbeats]],
            "tracker": beats.tracker,
            "confidence": round(beats.confidence, 4),
            "tempo_by_name": tempo,
            "song": self.job.name.sound,
            "seconds": round(frames / FPS, 6),
            "frames": frames,
        }
        write_text(self.job.root / self.paths["beats"], json.dumps(record, indent=1) + "\n")
        return {"tempo": tempo, "warnings": warnings}


def process_clip(job: Job) -> Outcome:
    """Make what is missing of a clip; its errors are in the outcome, not raised."""
    with one_blas_thread():
        return _Clip(job).run()
