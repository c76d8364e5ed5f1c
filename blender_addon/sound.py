"""The song: which strip or file it is, where it lies in the scene, and its samples.

Blender's own ``aud`` decodes (wav, mp3, flac, m4a, ogg), so the dance follows
exactly what Blender plays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from . import compat
from .core import errors
from .keyframes import scene_fps as fps

EXTENSIONS = (".wav", ".mp3", ".flac", ".m4a", ".ogg", ".opus", ".aac", ".aif", ".aiff")

NO_SONG = "no song: add a sound strip to the sequencer, or choose a song file in the sidebar"


@dataclass(frozen=True)
class Placement:
    """The part of a song that a scene hears.

    Attributes
    ----------
    frame_start : float
        The scene's frame, possibly between two, at which the part begins.
    song_second : float
        The second of the song heard there.
    seconds : float or None
        How long the part is; None is up to the song's end.
    """

    frame_start: float
    song_second: float = 0.0
    seconds: float | None = None

    def cut(self, samples: np.ndarray, rate: int) -> np.ndarray:
        """The part's samples, of all samples (N,) of the song."""
        first = round(self.song_second * rate)
        last = None if self.seconds is None else first + round(self.seconds * rate)
        return samples[first:last]


# --- which strip ---


def sound_strips(context: Any) -> list[tuple[Any, Any]]:
    """(scene, strip) of every sound strip at hand, the scene's own first.

    Strips inside meta strips are not among them.
    """
    scenes = [context.scene]
    if (other := compat.sequencer_scene(context)) != context.scene:
        scenes.append(other)
    found = [(scene, s) for scene in scenes for s in compat.strips(scene) if s.type == "SOUND"]
    return sorted(found, key=lambda pair: (scenes.index(pair[0]), compat.strip_frames(pair[1])[1]))


def find_strip(context: Any, name: str) -> tuple[Any, Any]:
    """(scene, strip) of the sound strip of that name; "" is the first one there is."""
    found = sound_strips(context)
    if not found:
        raise errors.AudioError(NO_SONG)
    if not name:
        return found[0]
    for scene, strip in found:
        if strip.name == name:
            return scene, strip
    known = ", ".join(repr(strip.name) for _, strip in found)
    raise errors.AudioError(f"there is no sound strip {name!r}; choose one of: {known}")


# --- where it lies ---


def place_strip(strip: Any, strip_scene: Any, scene: Any) -> Placement:
    """Where the heard part of ``strip`` (in ``strip_scene``) lies on the frames of ``scene``.

    The song's second 0 sounds at the content's start, less what is trimmed off
    in front of it, plus the strip's sound offset (seconds); it is heard from
    the left handle to the right one. Two scenes share one clock: each one's
    second 0 is its frame 0.
    """
    if len(strip.retiming_keys):
        raise errors.AudioError(
            f"strip {strip.name!r} is retimed, so its beats are not the song's; "
            "delete its retiming keys or render it to a file of its own"
        )
    rate = fps(strip_scene)
    content, left, right = compat.strip_frames(strip)
    song_start = content - compat.content_trim(strip) + strip.sound_offset * rate
    first = max(left, song_start)
    if right <= first:
        raise errors.AudioError(
            f"nothing of strip {strip.name!r} is heard: its song begins after its end; "
            "move its handles or its sound offset"
        )
    return Placement(
        frame_start=first if scene == strip_scene else first / rate * fps(scene),
        song_second=(first - song_start) / rate,
        seconds=(right - first) / rate,
    )


# --- its samples ---


def read_strip(strip: Any) -> tuple[np.ndarray, int]:
    """Mono samples (N,) and sample rate of a strip's whole song."""
    if strip.sound is None:
        raise errors.AudioError(f"strip {strip.name!r} has lost its sound; add the song again")
    with _sound_file(strip.sound) as path:
        return read_file(path)


def read_file(path: Path) -> tuple[np.ndarray, int]:
    """Mono samples (N,) float32 and sample rate of a song file; AudioError if it has none.

    Channels are averaged here: aud's own ``rechannel(1)`` adds them up.
    """
    if not path.exists():
        raise errors.AudioError(f"song not found: {path}; check the path")
    if path.is_dir():
        raise errors.AudioError(f"{path} is a folder; name one song file in it")
    # Blender's module is there once bpy is, and Debian's older builds lack it.
    import aud

    song = aud.Sound(str(path))
    try:
        # Asked first: in Blender 4.5 and 5.0 ``data`` of a file that is no audio
        # does not raise, it ends the whole program.
        rate, _ = song.specs
        samples = song.data()
    except aud.error as error:
        raise errors.AudioError(
            f"cannot read {path} as audio; give a wav, mp3, flac, m4a or ogg file, "
            "or export the song again"
        ) from error
    if rate <= 0 or len(samples) == 0:
        raise errors.AudioError(f"{path} holds no samples; export the song again")
    mono = samples.reshape(len(samples), -1).mean(axis=1, dtype=np.float32)
    return mono, round(rate)


@contextmanager
def _sound_file(sound: Any) -> Iterator[Path]:
    """The file of a sound datablock; a packed one is written out for the time."""
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
    if sound.packed_file is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="audio2pose-", dir=bpy.app.tempdir or None) as folder:
        unpacked = Path(folder) / (path.name or "song")
        unpacked.write_bytes(sound.packed_file.data)
        yield unpacked
