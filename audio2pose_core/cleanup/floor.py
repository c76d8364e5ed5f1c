"""The floor: find it, put the dance on it, keep the body out of it.

A generated dance floats or sinks by some centimetres and drifts over minutes.
The height of the floor is estimated over seconds, far slower than any step or
jump, so that taking it off cannot be seen as bobbing.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from .. import rotations as rot
from ..motion import Motion
from ..signals import gaussian_smooth
from ..skeleton import CONTACT_JOINTS, REST_ANKLE_HEIGHT, REST_TOE_HEIGHT
from .curves import upper_envelope
from .legs import FOOT_LENGTH, LEGS, leg_pose

BLOCK_S = 1.0
LOW_PERCENTILE = 15.0
"""Share of a block's frames that may lie lower than the floor: noise and toes that dip."""
MIN_STOOD, STOOD_PERCENTILE = 0.3, 35.0
"""Balls planted for this share of a second tell the floor, by this percentile of their height."""
MEDIAN_BLOCKS = 4
SMOOTH_BLOCKS = 2.5
ALLOWED_DEPTH = 0.005
"""Points of the body may lie this deep, metres; skin has to press somewhere."""
LIFT_REACH_S = 0.25
MAX_LEVEL = float(np.deg2rad(15.0))

_FEET = set(CONTACT_JOINTS)


def lowest_points(motion: Motion, feet: bool = True) -> np.ndarray:
    """Height (T,) of the lowest joint or bone tip; without ankles, balls and toes if asked."""
    position = motion.joint_positions()
    joints = [j for j in range(position.shape[1]) if feet or j not in _FEET]
    lowest = position[:, joints, 1].min(axis=1)
    for joint, tip in motion.tip_positions().items():
        if feet or joint not in _FEET:
            lowest = np.minimum(lowest, tip[:, 1])
    return lowest


def estimate_floor(
    motion: Motion, contacts: np.ndarray | None = None, among: np.ndarray | None = None
) -> np.ndarray:
    """Height of the floor (T,) in metres under the dance, slowly varying.

    Per second: what the planted balls of the feet stand on, if ``contacts``
    (T, 4) show enough of them, else a low percentile of the lowest point of the
    body (any joint, so that handstands and floor work count). A median over
    some 9 s steps over jumps; a Gaussian of 2.5 s makes it smooth. Dances under
    10 s get one constant height. Only frames in ``among`` (T,) bool are looked
    at if it is given; where there are none the nearest ones stand for them.
    """
    lowest = lowest_points(motion)
    frames = len(lowest)
    size = max(1, round(BLOCK_S * motion.fps))
    count = max(1, frames // size)
    bounds = np.linspace(0, frames, count + 1).astype(int)
    counted = np.ones(frames, dtype=bool) if among is None else among
    blocks = np.array(
        [
            np.percentile(lowest[a:b][counted[a:b]], LOW_PERCENTILE)
            if counted[a:b].any()
            else np.nan
            for a, b in pairwise(bounds)
        ]
    )
    if contacts is not None:
        planted = contacts[:, [1, 3]] > 0.5
        balls = [leg_pose(motion.root, motion.rotations, leg).ball[:, 1] for leg in LEGS]
        sole = np.stack(balls, axis=1) - REST_TOE_HEIGHT
        for k, (a, b) in enumerate(pairwise(bounds)):
            stood = sole[a:b][planted[a:b] & counted[a:b, None]]
            if len(stood) > MIN_STOOD * counted[a:b].sum():
                blocks[k] = np.percentile(stood, STOOD_PERCENTILE)
    heard = np.flatnonzero(np.isfinite(blocks))
    if len(heard) == 0:
        return np.zeros(frames)
    blocks = np.interp(np.arange(count), heard, blocks[heard])
    if count <= 2 * MEDIAN_BLOCKS + 1:
        return np.full(frames, float(np.median(blocks)))
    # Mirrored without the end itself: a dance may begin with a leap.
    padded = np.pad(blocks, MEDIAN_BLOCKS, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * MEDIAN_BLOCKS + 1)
    blocks = gaussian_smooth(np.median(windows, axis=1), SMOOTH_BLOCKS)
    centres = (bounds[:-1] + bounds[1:] - 1) / 2
    height = np.interp(np.arange(frames), centres, blocks)
    return gaussian_smooth(height, size / 2)


def level_feet(motion: Motion, contacts: np.ndarray) -> Motion:
    """The dance with feet that are flat, in the mean, while they stand flat.

    Captured and generated feet carry a constant pitch (shoes, retargeting):
    they stand on the toes with the heel some centimetres up. For each foot the
    median pitch in frames with ankle and ball planted is taken off, throughout,
    up to ``MAX_LEVEL``; heel raises and steps stay as they are. ``contacts`` is
    (T, 4). The dance comes to float by this: take the floor afterwards.
    """
    quats = motion.rotations.copy()
    for side, leg in enumerate(LEGS):
        flat = (contacts[:, 2 * side] > 0.5) & (contacts[:, 2 * side + 1] > 0.5)
        trust = min(1.0, flat.sum() / motion.fps)
        if trust == 0.0:
            continue
        pose = leg_pose(motion.root[flat], motion.rotations[flat], leg)
        drop = (pose.ankle - pose.ball)[:, 1] / FOOT_LENGTH
        rest = (REST_ANKLE_HEIGHT - REST_TOE_HEIGHT) / FOOT_LENGTH
        pitch = float(np.median(np.arcsin(np.clip(drop, -1, 1)))) - float(np.arcsin(rest))
        raise_toes = trust * float(np.clip(pitch, -MAX_LEVEL, MAX_LEVEL))
        # About the foot's own +X a positive turn lowers the toes.
        turn = rot.from_axis_angle(np.array([-raise_toes, 0.0, 0.0]))
        quats[:, leg[2]] = rot.multiply(quats[:, leg[2]], turn)
    return replace(motion, rotations=quats)


def put_on_floor(
    motion: Motion, contacts: np.ndarray | None = None, among: np.ndarray | None = None
) -> Motion:
    """The dance with its floor, as ``estimate_floor`` finds it, moved to y = 0."""
    root = motion.root.copy()
    root[:, 1] -= estimate_floor(motion, contacts, among)
    return replace(motion, root=root)


def lift_out_of_floor(motion: Motion, *, feet: bool = False) -> Motion:
    """Raise the body where hands, knees or trunk (and feet, if asked) go under the floor.

    The lift is an envelope of what is needed: it begins before and ends after
    the dip, without a corner.
    """
    needed = np.maximum(-ALLOWED_DEPTH - lowest_points(motion, feet), 0.0)
    if not needed.any():
        return motion
    root = motion.root.copy()
    root[:, 1] += upper_envelope(needed, max(1, round(LIFT_REACH_S * motion.fps)))
    return replace(motion, root=root)
