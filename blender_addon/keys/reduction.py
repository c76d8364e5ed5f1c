"""From dense channels to few Bézier keys: what the worker is sent, and its answer as curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import bezier, bones, dance_keys, key_rates, rotations as rot, skeleton
from ..jobs.messages import KeyReductionRequest, TrackKeys
from ..rig import own_armature
from .data_path import bone_and_property
from .writer import Channel, Curve

_TURNS = {"rotation_quaternion": bones.QUATERNION, "rotation_axis_angle": bones.AXIS_ANGLE}
_LEFT_ANKLE, _LEFT_TOE, _RIGHT_ANKLE, _RIGHT_TOE = (1 + j for j in skeleton.CONTACT_JOINTS)


@dataclass(frozen=True)
class KeyReduction:
    """Channels that are to get few keys.

    Attributes
    ----------
    request : KeyReductionRequest
        The worker's task.
    frames : (n,)
        The frames of the channels' values.
    channels : list of lists of Channel
        Of each track its channels, one a column.
    """

    request: KeyReductionRequest
    frames: np.ndarray
    channels: Sequence[Sequence[Channel]]

    def curves(self, keys: Sequence[TrackKeys]) -> list[Curve]:
        """The worker's keys of every track as curves."""
        out = []
        for group, (index, values, slopes, reach) in zip(self.channels, keys, strict=True):
            frames = self.frames[index].astype(np.float64)
            for c, channel in enumerate(group):
                handles = bezier.handles(frames, values[:, c], slopes[:, c], reach)
                out.append(Curve.of(channel, frames, values[:, c], handles))
        return out


def of_rig(
    armature: Any,
    channels: Sequence[Channel],
    frames: np.ndarray,
    error: float,
    contacts: np.ndarray | None = None,
    preferred: np.ndarray | None = None,
    held: np.ndarray | None = None,
    exact: Sequence[tuple[str, int]] = (),
    together: bool = False,
) -> KeyReduction:
    """The task for the channels of an armature.

    ``error`` in metres, ``contacts`` (n, 4) the dance's at ``frames`` (n,), ``preferred`` and
    ``held`` as in ``reduce_keys`` but in frames of the scene. Channels in ``exact`` (path,
    index) keep a key on every frame: what moves with them is reduced as they really are.
    ``together`` keys the whole body on the same frames.
    """
    grouped = _grouped(channels)
    names = _with_parents(armature, [name for name, _ in grouped if name])
    index = {name: i for i, name in enumerate(names)}
    tracks, exact_tracks, carried = [], [], []
    for i, ((name, kind), group) in enumerate(grouped.items()):
        if kind.startswith("euler"):
            kind = armature.pose.bones[name].rotation_mode
        values = np.stack([c.values for c in group], axis=1)
        tracks.append(bones.Track(index.get(name, -1) if kind != bones.VALUE else -1, kind, values))
        if any((c.data_path, c.index) in set(exact) for c in group):
            exact_tracks.append(i)
        if kind != bones.VALUE:
            carried.append((name, frozenset(n for c in group for n in c.columns)))
    chain = _chain(armature, names, carried)
    request = KeyReductionRequest(
        chain,
        tracks,
        error,
        planted=dance_keys.planted(chain, contacts),
        preferred=dance_keys.indices(frames, preferred),
        held=dance_keys.indices(frames, held),
        exact=np.array(exact_tracks, dtype=int),
        limb_names=[_limb(group, i) for i, group in enumerate(grouped.values())],
        together=together,
    )
    return KeyReduction(request, frames, list(grouped.values()))


def for_dancer(armature: Any, frames: np.ndarray, keys: Sequence[TrackKeys]) -> list[Curve]:
    """The keys of ``dance_keys.reduce_dance`` as curves of an armature of ours."""
    own = own_armature.bone_frames(armature)
    out = []
    for track, (index, values, slopes, reach) in enumerate(keys):
        at = frames[index].astype(np.float64)
        j = max(0, track - 1)
        name = skeleton.JOINTS[j]
        pose_bone = armature.pose.bones[name]
        if track == 0:
            path = pose_bone.path_from_id("location")
            start = own.location(np.zeros((1, 3)))
            values, slopes = own.location(values), own.location(slopes) - start
        else:
            path = pose_bone.path_from_id("rotation_quaternion")
            # A rotation seen from other axes is linear in the quaternion's numbers, so
            # slopes turn as values do.
            there, back = own.to_bone[j], rot.conjugate(own.to_bone[j])
            values = rot.multiply(rot.multiply(there, values), back)
            slopes = rot.multiply(rot.multiply(there, slopes), back)
        for c in range(values.shape[1]):
            handles = bezier.handles(at, values[:, c], slopes[:, c], reach)
            out.append(Curve(path, c, name, at, values[:, c], handles, (min(track, 1) + j,)))
    return out


def _limb(group: Sequence[Channel], number: int) -> str:
    """The limb that channels of one track belong to; on its own where they show nothing."""
    shown = sorted({column for channel in group for column in channel.columns})
    return key_rates.limb_of(shown) if shown else str(number)


# --- an armature as a chain ---


def _grouped(channels: Sequence[Channel]) -> dict[tuple[str, str], list[Channel]]:
    """Channels by bone and kind, those of one rotation or location together and in order."""
    grouped: dict[tuple[str, str], list[Channel]] = {}
    for number, channel in enumerate(channels):
        name, attribute = bone_and_property(channel.data_path)
        kind = _TURNS.get(attribute, attribute.removeprefix("rotation_"))
        if kind not in (bones.LOCATION, "euler", bones.QUATERNION, bones.AXIS_ANGLE):
            # A switch, or the object's own location: on its own, and to a tenth of a millimetre.
            grouped[f"#{number}", bones.VALUE] = [channel]
        else:
            grouped.setdefault((name, kind), []).append(channel)
    out: dict[tuple[str, str], list[Channel]] = {}
    for (name, kind), group in grouped.items():
        whole = {bones.QUATERNION: 4, bones.AXIS_ANGLE: 4}.get(kind, 3)
        group.sort(key=lambda c: c.index)
        if kind == bones.VALUE or len(group) == whole:
            out[name, kind] = group
        else:
            # Some of its numbers are not keyed: no rotation can be made of the rest.
            out |= {(f"{c.data_path}#{c.index}", bones.VALUE): [c] for c in group}
    return out


def _with_parents(armature: Any, names: Sequence[str]) -> list[str]:
    """The named bones and all above them, parents before children."""
    wanted: set[str] = set()
    for name in names:
        bone = armature.data.bones.get(name)
        while bone is not None and bone.name not in wanted:
            wanted.add(bone.name)
            bone = bone.parent
    return [bone.name for bone in armature.data.bones if bone.name in wanted]


def _chain(
    armature: Any, names: Sequence[str], carried: Sequence[tuple[str, frozenset[int]]]
) -> bones.Chain:
    index = {name: i for i, name in enumerate(names)}
    parents, positions, turns = [], [], []
    for name in names:
        bone = armature.data.bones[name]
        local = bone.matrix_local
        if bone.parent is not None:
            local = bone.parent.matrix_local.inverted() @ local
        parents.append(-1 if bone.parent is None else index[bone.parent.name])
        positions.append(tuple(local.to_translation()))
        turns.append(tuple(local.to_quaternion()))
    tips: dict[tuple[int, bool], tuple[float, float, float, int]] = {}
    above = set(parents)
    for name, columns in carried:
        b = index[name]
        length = armature.data.bones[name].length
        left, right = _LEFT_ANKLE in columns, _RIGHT_ANKLE in columns
        if left or right:
            tips[b, False] = (0.0, 0.0, 0.0, 0 if left else 2)
        elif _LEFT_TOE in columns or _RIGHT_TOE in columns:
            # The ball of the foot stands; the end of the toes alone would let it slide.
            tips[b, False] = (0.0, 0.0, 0.0, 1 if _LEFT_TOE in columns else 3)
        if b not in above:
            left, right = left or _LEFT_TOE in columns, right or _RIGHT_TOE in columns
            tips[b, True] = (0.0, length, 0.0, 1 if left else 3 if right else -1)
    scale = float(np.mean(np.abs(armature.matrix_world.to_scale())))
    return bones.Chain(
        np.array(parents, dtype=int),
        np.array(positions, dtype=np.float64).reshape(-1, 3),
        np.array(turns, dtype=np.float64).reshape(-1, 4),
        np.array([b for b, _ in tips], dtype=int),
        np.array([tip[:3] for tip in tips.values()], dtype=np.float64).reshape(-1, 3),
        np.array([tip[3] for tip in tips.values()], dtype=int),
        scale,
        any(not c.mute for name in names for c in armature.pose.bones[name].constraints),
    )
