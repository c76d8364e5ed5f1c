"""The song: which strip or file it is, where it lies in the scene, and its samples.

Blender's own ``aud`` decodes (wav, mp3, flac, m4a, ogg), so the dance follows
exactly what Blender plays.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import bpy
import numpy as np

from .. import compat
from ..core import collect, errors, load
from ..steps import Steps, aside

EXTENSIONS = tuple(load.SUFFIXES)

CLICK_MARK = "audio2pose_click"
"""Custom property of the click track's strip (``song.click``)."""
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


class Found(NamedTuple):
    """A sound strip and what surrounds it.

    Attributes
    ----------
    scene, strip
        The strip, and the scene in whose sequencer it lies.
    low, high : float
        The frames between which the meta strips around it let it be heard.
    retimed : bool
        Whether it is played at other speeds than the song's own.
    muted : bool
        Whether it, its channel, or a meta strip around it is muted.
    inside : tuple of str
        Names of the meta strips around it, the outermost first.
    """

    scene: Any
    strip: Any
    low: float = -math.inf
    high: float = math.inf
    retimed: bool = False
    muted: bool = False
    inside: tuple[str, ...] = ()


def sound_strips(context: Any) -> list[Found]:
    """Every sound strip at hand, in meta strips too, the scene's own first."""
    scenes = [context.scene]
    if (other := compat.sequencer_scene(context)) != context.scene:
        scenes.append(other)
    found = [f for scene in scenes if scene.sequence_editor for f in _inside(Found(scene, None))]
    return sorted(found, key=lambda f: (scenes.index(f.scene), compat.strip_frames(f.strip)[1]))


def _inside(around: Found) -> Iterator[Found]:
    """The sound strips of a meta strip; those of the whole sequencer where ``strip`` is None."""
    owner = around.scene.sequence_editor if around.strip is None else around.strip
    for strip in owner.strips:
        # A click track is heard beside the song, and never danced to.
        if strip.type not in ("SOUND", "META") or strip.get(CLICK_MARK):
            continue
        found = around._replace(
            strip=strip,
            # No keys: the song's own speed. Of meta strips Blender does not tell.
            retimed=strip.type == "SOUND" and len(strip.retiming_keys) > 0,
            muted=around.muted or strip.mute or owner.channels[strip.channel].mute,
        )
        if strip.type == "SOUND":
            yield found
            continue
        _, left, right = compat.strip_frames(strip)
        yield from _inside(
            found._replace(
                low=max(around.low, left),
                high=min(around.high, right),
                inside=(*around.inside, strip.name),
            )
        )


def find_strip(context: Any, name: str) -> Found:
    """The sound strip of that name; "" is the first one there is."""
    found = sound_strips(context)
    if not found:
        raise errors.AudioError(NO_SONG)
    if not name:
        return found[0]
    for one in found:
        if one.strip.name == name:
            return one
    known = ", ".join(repr(one.strip.name) for one in found)
    raise errors.AudioError(f"there is no sound strip {name!r}; choose one of: {known}")


# --- where it lies ---


def place_strip(found: Found, scene: Any) -> Placement:
    """Where the heard part of a strip lies on the frames of ``scene``.

    The song's second 0 sounds at the content's start, less what is trimmed off
    in front of it, plus the strip's sound offset (seconds); it is heard from
    the left handle to the right one, as far as meta strips let it. Two scenes
    share one clock: each one's second 0 is its frame 0. Not for retimed strips.
    """
    strip, rate = found.strip, compat.scene_fps(found.scene)
    content, left, right = compat.strip_frames(strip)
    song_start = content - compat.content_trim(strip) + strip.sound_offset * rate
    first, right = max(left, song_start, found.low), min(right, found.high)
    if right <= first:
        raise errors.AudioError(
            f"nothing of strip {strip.name!r} is heard: its song begins after its end; "
            "move its handles or its sound offset"
        )
    return Placement(
        frame_start=first if found.scene == scene else first / rate * compat.scene_fps(scene),
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

    Channels are mixed as the library does it: aud's own ``rechannel(1)`` adds them up, and a
    plain mean silences a song whose channels cancel. The song that was read last is kept, so
    that Analyse, Generate and Regenerate decode it once; its samples cannot be written to.
    """
    stamp = _stamp(path)
    if stamp is not None and stamp in _last:
        return _last[stamp]
    return _kept(stamp, *_decoded(path))


def read_file_steps(path: Path) -> Steps[tuple[np.ndarray, int]]:
    """The same in small steps, where the file can be read piece by piece to the sample."""
    stamp = _stamp(path)
    if stamp is None or stamp in _last:
        return read_file(path)
    decoded = yield from _decoded_steps(path)
    yield
    return _kept(stamp, *decoded)


def _kept(
    stamp: tuple[str, int, int] | None, samples: np.ndarray, rate: int
) -> tuple[np.ndarray, int]:
    samples.setflags(write=False)
    _last.clear()
    if stamp is not None:
        _last[stamp] = samples, rate
    return samples, rate


_last: dict[tuple[str, int, int], tuple[np.ndarray, int]] = {}


def _stamp(path: Path) -> tuple[str, int, int] | None:
    """What tells a file from another one, and from itself when it is changed; None for none."""
    if not path.is_file():
        return None
    found = path.stat()
    return str(path), found.st_mtime_ns, found.st_size


def _decoded(path: Path) -> tuple[np.ndarray, int]:
    with _opened(path) as (song, rate):
        samples = song.data()
    if len(samples) == 0:
        raise errors.AudioError(f"{path} holds no samples; export the song again")
    return collect.mono(samples.reshape(len(samples), -1)), round(rate)


PIECE_S, OVERLAP_S, SAME_S = 4.0, 1.0, 0.2
"""How much is decoded at a time, how far each piece reaches back, and how much of that has to be
what the piece before had: a decoder that begins in the middle needs some frames to be itself."""


def _decoded_steps(path: Path) -> Steps[tuple[np.ndarray, int]]:
    """``_decoded`` piece by piece; at once for files in which no place can be found exactly."""
    blocks: list[np.ndarray] = []
    start, rate = 0.0, 0
    while True:
        back = min(start, OVERLAP_S)
        with _opened(path) as (song, own_rate):
            rate = round(own_rate)
            piece = song.limit(start - back, start + PIECE_S).data()
        piece = piece.reshape(len(piece), -1)
        again = round(back * rate)
        if blocks and not _goes_on(blocks[-1], piece[:again], round(SAME_S * rate)):
            return _decoded(path)
        blocks.append(piece[again:])
        if len(piece) - again < round(PIECE_S * rate):
            break
        start += PIECE_S
        yield
    yield
    if sum(map(len, blocks)) == 0:
        raise errors.AudioError(f"{path} holds no samples; export the song again")
    mixed = yield from aside(lambda: collect.mono(np.concatenate(blocks)))
    return mixed, rate


def _goes_on(before: np.ndarray, again: np.ndarray, count: int) -> bool:
    """Whether what was decoded again ends as the piece before it did."""
    one, other = before[-count:], again[-count:]
    return one.shape == other.shape and bool(np.abs(one - other).max(initial=0.0) < 1e-4)


def file_seconds(path: Path) -> float:
    """Length of a song file in seconds, from its header: nothing is decoded.

    Raises AudioError for what is no song. Blender itself tells nothing: a strip of a
    missing or broken file is one frame long.
    """
    with _opened(path) as (song, rate):
        length = song.length
    if length <= 0:
        raise errors.AudioError(f"{path} holds no samples; export the song again")
    return float(length / rate)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, float]]:
    """The ``aud.Sound`` of a file and its sample rate; AudioError where it cannot be read."""
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
        if rate <= 0:
            raise errors.AudioError(f"{path} holds no samples; export the song again")
        yield song, rate
    except aud.error as error:
        raise errors.AudioError(
            f"cannot read {path} as audio; give a wav, mp3, flac, m4a or ogg file, "
            "or export the song again"
        ) from error


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
