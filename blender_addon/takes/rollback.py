"""The state before a dance is written, so that a failure halfway leaves nothing behind."""

from __future__ import annotations

from typing import Any

import bpy

from . import store as take_store

_STORED = ("index", "count", "before")
"""What ``object.audio2pose_takes`` holds beside the takes themselves."""


class Snapshot:
    """An armature's animation and takes, and which data there are; ``restore`` rolls back."""

    _KINDS = ("objects", "armatures", "meshes", "materials", "actions")

    def __init__(self, armature: Any) -> None:
        self._ids = {d.session_uid for d in self._all()}
        self._armature = armature
        animation = None if armature is None else armature.animation_data
        self._had_animation = animation is not None
        self._action = animation.action if animation else None
        self._slot = animation.action_slot if animation else None
        self._tweaked = bool(animation and animation.use_tweak_mode)
        self._mutes = [] if animation is None else [t.mute for t in animation.nla_tracks]
        self._takes = 0 if armature is None else len(take_store.of(armature))
        store = None if armature is None else armature.audio2pose_takes
        self._numbers = {} if store is None else {name: getattr(store, name) for name in _STORED}

    def restore(self) -> None:
        """Play the old action again and remove what came since."""
        armature = self._armature
        if armature is not None and armature.animation_data is not None:
            takes = take_store.of(armature)
            while len(takes) > self._takes:
                takes.remove(len(takes) - 1)
            for name, value in self._numbers.items():
                setattr(armature.audio2pose_takes, name, value)
            if self._had_animation:
                self._restore_animation(armature.animation_data)
            else:
                armature.animation_data_clear()
        bpy.data.batch_remove([d for d in self._all() if d.session_uid not in self._ids])

    def _restore_animation(self, animation: Any) -> None:
        for track in list(animation.nla_tracks)[len(self._mutes) :]:
            animation.nla_tracks.remove(track)
        for track, mute in zip(animation.nla_tracks, self._mutes, strict=True):
            track.mute = mute
        if self._tweaked:
            animation.use_tweak_mode = True
            return
        animation.action = self._action
        if self._slot is not None:
            animation.action_slot = self._slot

    def _all(self) -> list[Any]:
        return [d for kind in self._KINDS for d in getattr(bpy.data, kind)]
