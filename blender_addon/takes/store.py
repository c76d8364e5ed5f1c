"""Takes: every dance of an armature is an action of its own, and none is lost.

One take is played as the armature's action. Each of the others lies on a muted
NLA track with the take's name: a history that any animator can read, and that
works without this add-on.
"""

from __future__ import annotations

from typing import Any

import bpy

from .. import compat
from ..core import errors
from . import metadata as take_metadata

CORRECTIONS = "Corrections"


def of(armature: Any) -> Any:
    """The collection of an armature's takes."""
    return armature.audio2pose_takes.takes


def find(armature: Any, name: str) -> Any:
    """The take of that name; RigError where there is none."""
    for take in of(armature):
        if take.name == name and take.action is not None:
            return take
    raise errors.RigError(f"{armature.name!r} has no take {name!r}")


def current(armature: Any) -> Any:
    """The take that the armature plays, or None: by its action, or below corrections."""
    animation = armature.animation_data
    if animation is None:
        return None
    playing = [] if animation.action is None else [animation.action]
    for track in animation.nla_tracks:
        playing += [s.action for s in track.strips if not track.mute and s.action is not None]
    for action in playing:
        for take in of(armature):
            if take.action == action:
                return take
    return None


def other(armature: Any) -> Any:
    """The take to compare the current one with: the one played before it, else the latest.

    Raises RigError where there is no other take.
    """
    now, before = current(armature), armature.audio2pose_takes.before
    others = [take for take in of(armature) if take.action is not None and take != now]
    if not others:
        raise errors.RigError("there is one take only; generate another to compare it with")
    return next((take for take in others if take.name == before), others[-1])


def add(armature: Any, action: Any) -> Any:
    """Put an action that was just made, and is being played, on the list; the take."""
    store = armature.audio2pose_takes
    store.count += 1
    take = store.takes.add()
    take.action = action
    take.name = f"Take {store.count}"
    store.index = len(store.takes) - 1
    return take


def recover(armature: Any) -> int:
    """List takes again that the armature plays or has on its tracks; how many there were.

    From Blender 5 on, a saved library override keeps actions and tracks, but no list of ours.
    """
    animation = armature.animation_data
    if animation is None or not armature.is_editable:
        return 0
    found = [animation.action, *(s.action for t in animation.nla_tracks for s in t.strips)]
    listed = {take.action.session_uid for take in of(armature) if take.action is not None}
    missing = {
        a.session_uid: a
        for a in found
        if a is not None and a.audio2pose.record and a.session_uid not in listed
    }
    store = armature.audio2pose_takes
    for action in sorted(missing.values(), key=lambda a: (take_metadata.read(a).date, a.name)):
        name = action.audio2pose.name
        store.count += 1
        take = store.takes.add()
        take.action = action
        take.name = take.track = name or f"Take {store.count}"
    if missing:
        now = current(armature)
        store.index = next((i for i, t in enumerate(store.takes) if t == now), 0)
    return len(missing)


def put_aside(armature: Any) -> None:
    """Lay what the armature plays on a muted NLA track, so that its action is free.

    Corrections above it are muted with it.
    """
    animation = armature.animation_data
    if animation is None:
        return
    before = current(armature)
    if before is not None:
        armature.audio2pose_takes.before = before.name
    animation.use_tweak_mode = False
    action = animation.action
    take = next((t for t in of(armature) if action is not None and t.action == action), None)
    if action is not None and _track_of(armature, action) is None:
        track = _lay(armature, action, action.name if take is None else take.name)
        if take is not None:
            take.track = track.name
    animation.action = None
    for take in of(armature):
        for track in _tracks(armature, take):
            track.mute = True
    if action is not None and (track := _track_of(armature, action)) is not None:
        track.mute = True


def play(armature: Any, take: Any) -> None:
    """Make a take the armature's action; what was played goes to its muted track.

    A take with corrections is played below them, and they are ready to be keyed.
    """
    if current(armature) == take and _corrections(armature, take) is None:
        return
    put_aside(armature)
    animation = armature.animation_data
    if _corrections(armature, take) is not None:
        tweak_corrections(armature, take)
    else:
        track = _track_of(armature, take.action)
        if track is not None and len(track.strips) == 1:
            animation.nla_tracks.remove(track)
        compat.play_action(armature, take.action)
    armature.audio2pose_takes.index = next(i for i, t in enumerate(of(armature)) if t == take)
    armature.update_tag()


def delete(armature: Any, take: Any) -> None:
    """Take a take away with its track, its corrections and its action."""
    animation, action = armature.animation_data, take.action
    was_played = current(armature) == take
    if was_played:
        animation.use_tweak_mode = False
        animation.action = None
    gone = [action]
    for track in _tracks(armature, take):
        gone += [strip.action for strip in track.strips]
        animation.nla_tracks.remove(track)
    store = armature.audio2pose_takes
    number = next(i for i, t in enumerate(store.takes) if t == take)
    store.takes.remove(number)
    store.index = max(0, min(store.index, len(store.takes) - 1))
    for each in {a for a in gone if a is not None}:
        # Another armature, a crew's say, may play it too.
        if each.users - int(each.use_fake_user) == 0:
            bpy.data.actions.remove(each)
    if was_played and len(store.takes) > 0:
        play(armature, store.takes[store.index])


def follow_name(take: Any) -> None:
    """Name the track of a renamed take as the take; a name that is taken gets a number."""
    armature = take.id_data
    others = {t.name for t in of(armature) if t != take}
    wanted = take.name.strip() or "Take"
    name, number = wanted, 2
    while name in others:
        name, number = f"{wanted} {number}", number + 1
    if name != take.name:
        take.name = name  # comes back here, with a name that is free
        return
    if take.action is not None:
        store, was = armature.audio2pose_takes, take.action.audio2pose.name
        if was and store.before == was:
            store.before = name
        take.action.audio2pose.name = name
    if armature.animation_data is None:
        return
    tracks = _tracks(armature, take)
    for track in tracks:
        ending = track.name.removeprefix(take.track)
        track.name = name + (ending if ending.startswith(f" {CORRECTIONS}") else "")
        for strip in track.strips:
            strip.name = track.name
    take.track = name


# --- corrections ---


def correct(armature: Any, take: Any) -> Any:
    """A layer on top of a take whose keys are added to it, open to be keyed; its action."""
    if current(armature) != take:
        play(armature, take)
    if _corrections(armature, take) is None:
        put_aside(armature)
        layer = bpy.data.actions.new(f"{take.name} {CORRECTIONS}")
        layer.slots.new(armature.id_type, armature.name)
        _lay_corrections(armature, take, layer)
    return tweak_corrections(armature, take)


def carry_corrections(armature: Any, source: Any, take: Any) -> None:
    """Lay a copy of the corrections of ``source``, a take's action, on another take.

    They are opened, as they are for ``source`` when that is played; nothing is done where
    there are none.
    """
    before = next((t for t in of(armature) if t.action == source), None)
    track = None if before is None else _corrections(armature, before)
    if track is None:
        return
    put_aside(armature)
    layer = track.strips[0].action.copy()
    layer.name = f"{take.name} {CORRECTIONS}"
    layer.use_fake_user = False
    _lay_corrections(armature, take, layer)
    tweak_corrections(armature, take)


def _lay_corrections(armature: Any, take: Any, layer: Any) -> None:
    """A track for corrections on top, over the take's frames."""
    first, last = take.action.frame_range
    track = armature.animation_data.nla_tracks.new()
    track.name = f"{take.name} {CORRECTIONS}"
    strip = track.strips.new(track.name, round(first), layer)
    if layer.slots and strip.action_slot != layer.slots[0]:
        strip.action_slot = layer.slots[0]
    strip.use_sync_length = False
    strip.action_frame_start, strip.action_frame_end = first, max(last, first + 1)
    strip.frame_start, strip.frame_end = first, max(last, first + 1)
    strip.blend_type = "COMBINE"
    strip.extrapolation = "NOTHING"


def tweak_corrections(armature: Any, take: Any) -> Any:
    """Play a take below its corrections and open these (NLA tweak mode); their action."""
    put_aside(armature)
    animation = armature.animation_data
    below, layer = _track_of(armature, take.action), _corrections(armature, take)
    below.mute = layer.mute = False
    for track in animation.nla_tracks:
        for strip in track.strips:
            strip.select = track == layer
    animation.nla_tracks.active = layer
    animation.use_tweak_mode = True
    armature.update_tag()
    return layer.strips[0].action


# --- tracks ---


def _lay(armature: Any, action: Any, name: str) -> Any:
    """An action as a strip on a new, muted track at the frames of its keys."""
    animation = armature.animation_data
    slot = animation.action_slot if animation.action == action else None
    first = action.frame_range[0]
    track = animation.nla_tracks.new()
    track.name = name
    strip = track.strips.new(name, round(first), action)
    # The strip of whole frames; the keys stay where they are.
    strip.frame_start = first
    if slot is not None and strip.action_slot != slot:
        strip.action_slot = slot
    track.mute = True
    return track


def _track_of(armature: Any, action: Any) -> Any:
    """The NLA track on which an action lies, or None."""
    animation = armature.animation_data
    for track in [] if animation is None else animation.nla_tracks:
        if any(strip.action == action for strip in track.strips):
            return track
    return None


def _corrections(armature: Any, take: Any) -> Any:
    """The track of a take's corrections, or None."""
    wanted = f"{take.track or take.name} {CORRECTIONS}"
    animation = armature.animation_data
    tracks = [] if animation is None else animation.nla_tracks
    return next((t for t in tracks if t.name == wanted and len(t.strips) > 0), None)


def _tracks(armature: Any, take: Any) -> list[Any]:
    """The take's own track and that of its corrections, those that there are."""
    found = (_track_of(armature, take.action), _corrections(armature, take))
    return [track for track in found if track is not None]
