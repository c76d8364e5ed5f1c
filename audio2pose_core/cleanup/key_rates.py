"""How sparse keys are: the frames with keys a second, limb by limb."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .. import skeleton

_PARTS = ("collar", "shoulder", "elbow", "wrist", "hand")
_ARMS = {side: {skeleton.INDEX[f"{side}_{part}"] for part in _PARTS} for side in ("left", "right")}
_HEAD = {skeleton.INDEX["neck"], skeleton.INDEX["head"]}
LIMBS = ("body", "head", "left arm", "right arm", "left leg", "right leg")


def limb_of(columns: Sequence[int]) -> str:
    """The limb of a curve that shows these columns of ``MotionConstraint.mask``.

    Column 0 is the root's place, column 1 + j joint j; the joint furthest out decides.
    """
    joint = max(columns) - 1
    for side, leg in (("left", skeleton.LEFT_LEG), ("right", skeleton.RIGHT_LEG)):
        if joint in leg:
            return f"{side} leg"
        if joint in _ARMS[side]:
            return f"{side} arm"
    return "head" if joint in _HEAD else "body"


def key_rates(
    curves: Iterable[tuple[Sequence[int], np.ndarray]], seconds: float
) -> dict[str, float]:
    """Of each limb that has keys: frames a second on which any of its curves has one.

    Parameters
    ----------
    curves : of (columns that a curve shows, frames (k,) of its keys)
    seconds : of the dance.
    """
    frames: dict[str, list[np.ndarray]] = {}
    for columns, own in curves:
        if len(columns):
            frames.setdefault(limb_of(columns), []).append(np.asarray(own, dtype=np.float64))
    return {
        limb: len(np.unique(np.concatenate(frames[limb]).round(3))) / seconds
        for limb in LIMBS
        if limb in frames
    }


def in_words(rates: dict[str, float]) -> str:
    """The rates as one line, both arms and both legs as one: "body 3.5, head 3.4, arms 4.5"."""
    parts = []
    for name, limbs in (
        ("body", ("body",)),
        ("head", ("head",)),
        ("arms", ("left arm", "right arm")),
        ("legs", ("left leg", "right leg")),
    ):
        found = [rates[limb] for limb in limbs if limb in rates]
        if found:
            parts.append(f"{name} {np.mean(found):.1f}")
    return ", ".join(parts)
