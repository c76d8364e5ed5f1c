"""The song that a scene dances to: which strips or file it is, as samples on scene frames.

Several strips are added up as Blender plays them. A retimed strip is mixed down by
Blender itself, since its Python API tells where the retiming keys are, but not the speeds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..core import errors, resample
from ..steps import Steps
from . import strips as song_strips
from .strips import Found, Placement

MAX_SECONDS = 3 * 3600.0


@dataclass(frozen=True)
class Song:
    """What is heard of a song.

    Attributes
    ----------
    name : str
        For messages and the names of actions.
    key : str
        What beats belong to: the same for all strips and paths of one song file.
    samples : (N,) float32
        From ``placement.frame_start`` on.
    rate : int
        Samples per second.
    placement : Placement
        Where it lies in the scene; ``seconds`` is always given.
    """

    name: str
    key: str
    samples: np.ndarray
    rate: int
    placement: Placement


# --- which strips ---


def chosen_strips(context: Any, settings: Any) -> list[Found]:
    """The sound strips that the settings ask for, at least one.

    A name asks for that strip. Without one it is the selected strips of the
    Sequencer; where none is selected the active one, else all pieces into which
    the first song was cut. Muted strips count only where nothing else is there.
    """
    found = song_strips.sound_strips(context)
    if settings.strip or not found:
        return [song_strips.find_strip(context, settings.strip)]
    heard = [f for f in found if not f.muted] or found
    if selected := [f for f in heard if f.strip.select]:
        return selected
    active = [f for f in heard if f.strip == compat.active_strip(f.scene)]
    return active or [f for f in heard if f.strip.sound == heard[0].strip.sound]


def title(found: Sequence[Found]) -> str:
    """The first strip's name and how many more there are."""
    more = f" + {len(found) - 1}" if len(found) > 1 else ""
    return f"{found[0].strip.name}{more}"


# --- as samples ---


def whole(context: Any) -> Song:
    """All that is heard of the song of ``context.scene``, whatever range is danced.

    Raises AudioError with one clear line; changes nothing.
    """
    settings = context.scene.audio2pose
    if settings.source == "FILE":
        if not settings.file:
            raise errors.AudioError("no song: choose a song file in the sidebar")
        path = Path(bpy.path.abspath(settings.file))
        samples, rate = song_strips.read_file(path)
        start = float(context.scene.frame_start)
        return _song(path.name, path.name, samples, rate, Placement(start))
    found = chosen_strips(context, settings)
    parts = [_part(f, context.scene) for f in found]
    samples, rate, placement = _mix(parts, compat.scene_fps(context.scene))
    return _song(title(found), _key(found), samples, rate, placement)


def danced(context: Any) -> Song:
    """The part of the song that the settings' range asks for."""
    song = whole(context)
    limits = range_limits(context.scene)
    return song if limits is None else within(song, *limits, compat.scene_fps(context.scene))


def files(context: Any) -> list[Path]:
    """The files that ``whole`` will read, as far as that can be told; [] where it cannot."""
    settings = context.scene.audio2pose
    if settings.source == "FILE":
        return [Path(bpy.path.abspath(settings.file))] if settings.file else []
    try:
        found = chosen_strips(context, settings)
    except errors.AudioError:
        return []  # told where the song is read
    sounds = [f.strip.sound for f in found if not f.retimed and f.strip.sound is not None]
    plain = {bpy.path.abspath(s.filepath, library=s.library) for s in sounds if not s.packed_file}
    return [Path(path) for path in sorted(plain)]


def read_steps(paths: Sequence[Path]) -> Steps[None]:
    """Decode a song in small steps, so that ``whole`` has it at hand.

    Of several files only one could be kept; these are read where they are needed.
    """
    if len(paths) == 1:
        yield from song_strips.read_file_steps(paths[0])


def lies(context: Any) -> tuple[str, Placement] | None:
    """Key and place of the song, without reading it; None where that cannot be told."""
    settings = context.scene.audio2pose
    if settings.source == "FILE":
        name = Path(bpy.path.abspath(settings.file)).name
        return (name, Placement(float(context.scene.frame_start))) if name else None
    try:
        found = chosen_strips(context, settings)
        places = [_place(f, context.scene) for f in found]
    except errors.AudioError:
        return None
    return _key(found), min(places, key=lambda place: place.frame_start)


def range_limits(scene: Any) -> tuple[float, float] | None:
    """First frame and the one after the last of the settings' range; None is the whole song."""
    kind = scene.audio2pose.range
    if kind == "STRIP":
        return None
    if kind == "PREVIEW":
        if not scene.use_preview_range:
            raise errors.OptionError(
                "no preview range is set; press P in the Timeline and drag over it, "
                "or choose another range"
            )
        first, last = scene.frame_preview_start, scene.frame_preview_end
    else:
        first, last = scene.frame_start, scene.frame_end
    if last <= first:
        raise errors.OptionError(
            f"the range to dance ends at frame {last}, no later than it begins ({first})"
        )
    return float(first), float(last + 1)


def within(song: Song, first: float, stop: float, fps: float) -> Song:
    """The part of a song that is heard between two frames."""
    place = song.placement
    assert place.seconds is not None
    start = max(place.frame_start, first)
    end = min(place.frame_start + place.seconds * fps, stop)
    if end <= start:
        raise errors.AudioError(
            f"nothing of {song.name} is heard from frame {first:g} to {stop - 1:g}; "
            "choose another range or move the strip"
        )
    offset = (start - place.frame_start) / fps
    part = Placement(start, place.song_second + offset, (end - start) / fps)
    return replace(
        song, samples=replace(part, song_second=offset).cut(song.samples, song.rate), placement=part
    )


def _song(name: str, key: str, samples: np.ndarray, rate: int, placement: Placement) -> Song:
    if len(samples) == 0:
        raise errors.AudioError(
            f"nothing of {name} is heard: the strip begins after the song's end; move its handles"
        )
    return Song(name, key, samples, rate, replace(placement, seconds=len(samples) / rate))


def _key(found: Sequence[Found]) -> str:
    return " + ".join(sorted({_file_name(f.strip) for f in found}))


def _file_name(strip: Any) -> str:
    # A path of another system's making may have its slashes the other way round.
    path = "" if strip.sound is None else strip.sound.filepath.replace("\\", "/")
    return path.rsplit("/", 1)[-1] or strip.name


Part = tuple[np.ndarray, int, Placement, float]
"""Samples from the placement's start on, their rate, the place, the volume."""


def _place(found: Found, scene: Any) -> Placement:
    """Where a strip is heard; a retimed one counts as a song of its own, from its start on."""
    if found.retimed:
        return Placement(
            _first_frame(found) / compat.scene_fps(found.scene) * compat.scene_fps(scene)
        )
    return song_strips.place_strip(found, scene)


def _first_frame(found: Found) -> int:
    # Blender mixes nothing before frame 0.
    return round(max(compat.strip_frames(found.strip)[1], found.low, 0))


def _part(found: Found, scene: Any) -> Part:
    place = _place(found, scene)
    if found.retimed:
        return *mixdown(found), place, 1.0
    samples, rate = song_strips.read_strip(found.strip)
    return place.cut(samples, rate), rate, place, float(found.strip.volume)


def _mix(parts: Sequence[Part], fps: float) -> tuple[np.ndarray, int, Placement]:
    """Parts added up at the first one's rate; one part is left as it is."""
    if len(parts) == 1:
        samples, rate, place, _ = parts[0]
        return samples, rate, place
    rate = parts[0][1]
    begin = min(place.frame_start for _, _, place, _ in parts)
    seconds = max((p.frame_start - begin) / fps + len(s) / r for s, r, p, _ in parts)
    if seconds > MAX_SECONDS:
        raise errors.AudioError(
            f"the strips lie {seconds / 3600:.1f} hours apart; choose one in the sidebar"
        )
    mixed = np.zeros(round(seconds * rate) + 1, np.float32)
    for samples, own_rate, place, volume in parts:
        resampler = resample.Resampler(own_rate, rate)
        at_rate = np.concatenate([resampler.push(samples), resampler.finish()])
        first = round((place.frame_start - begin) / fps * rate)
        room = mixed[first : first + len(at_rate)]
        room += np.float32(volume) * at_rate[: len(room)]
    first_part = min(parts, key=lambda part: part[2].frame_start)[2]
    return mixed, rate, Placement(begin, first_part.song_second)


def mixdown(found: Found) -> tuple[np.ndarray, int]:
    """What Blender plays of one strip: samples (N,) and their rate.

    For the time of it every other strip is muted and the scene's range is the
    strip's; all that is put back.
    """
    scene = found.scene
    first = _first_frame(found)
    stop = round(min(compat.strip_frames(found.strip)[2], found.high))
    if stop <= first:
        raise errors.AudioError(
            f"nothing of strip {found.strip.name!r} is heard after frame 0; move it"
        )
    with tempfile.TemporaryDirectory(prefix="audio2pose-", dir=bpy.app.tempdir or None) as folder:
        path = Path(folder) / "retimed.wav"
        with _alone(found), bpy.context.temp_override(scene=scene):
            scene.frame_start = first
            scene.frame_end = stop - 1
            try:
                bpy.ops.sound.mixdown(filepath=str(path), container="WAV", codec="PCM")
            except RuntimeError as error:
                raise errors.AudioError(
                    f"Blender cannot mix the retimed strip {found.strip.name!r} down; "
                    f"delete its retiming keys or render it to a file of its own ({error})"
                ) from error
        # Some builds of Blender report success and write nothing.
        if not path.is_file() or path.stat().st_size == 0:
            raise errors.AudioError(
                f"Blender mixed nothing of the retimed strip {found.strip.name!r} down; delete "
                "its retiming keys, or render it to a file of its own"
            )
        samples, rate = song_strips.read_file(path)
    return samples[: round((stop - first) / compat.scene_fps(scene) * rate)], rate


@contextmanager
def _alone(found: Found) -> Iterator[None]:
    """Only one strip of a scene is heard; range and mutes are put back at the end."""
    scene = found.scene
    frames = scene.frame_start, scene.frame_end
    mutes = [(strip, strip.mute) for strip in compat.all_strips(scene)]
    try:
        for strip, _ in mutes:
            strip.mute = strip != found.strip and strip.name not in found.inside
        yield
    finally:
        for strip, muted in mutes:
            strip.mute = muted
        # In this order: Blender keeps the end behind the start.
        scene.frame_start = frames[0]
        scene.frame_end = frames[1]
