"""What the dials of a plan did, in numbers: asked for and danced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..choreography.dials import CHANNEL_OF, Dials
from ..choreography.plan import Choreography
from ..control import CONDITION_GROUPS, control_channels
from ..metrics.facing import FRONT, heading
from ..metrics.motion_beats import mean_joint_speed
from ..motion import Motion
from ..skeleton import STANDING_PELVIS_HEIGHT
from .front import front_angles, is_free
from .model import DanceModel
from .planned import POSES_FROM

LEAST_S = 0.2
"""Shorter stretches are not told of."""
SLIGHT = 0.05
"""Deviations of energy that count as none."""


def dial_report(plan: Choreography, motion: Motion, model: DanceModel) -> list[dict[str, Any]]:
    """What was asked and what is danced, a record for each dial, front and path that was asked.

    "dial" is its name, "asked" and "danced" are means in "unit" over the frames that ask, and
    "heard" is whether the network has an input for it.
    """
    out: list[dict[str, Any]] = []
    dials = plan.dials or Dials()
    at = np.arange(len(motion)) / motion.fps
    channels = control_channels(motion, front=0.0, standing=STANDING_PELVIS_HEIGHT)
    for name, channel in CHANNEL_OF.items():
        curve = dials.curve(name, at)
        asks = np.isfinite(curve)
        if asks.sum() < LEAST_S * motion.fps:
            continue
        out.append(
            _line(
                name,
                float(curve[asks].mean()),
                float(channels[channel][asks].mean()),
                "m" if name == "level" else "m/s",
                heard=set(CONDITION_GROUPS[name]) <= set(model.conditions),
            )
        )
    energy = np.nan_to_num(dials.curve("energy", at))
    speed, usual = mean_joint_speed(motion), np.abs(energy) <= SLIGHT
    for asks in (energy < -SLIGHT, energy > SLIGHT):
        if asks.sum() < LEAST_S * motion.fps:
            continue
        line = _line("energy", float(energy[asks].mean()), float(speed[asks].mean()), "m/s")
        if usual.sum() >= LEAST_S * motion.fps:
            line["elsewhere"] = round(float(speed[usual].mean()), 3)
        out.append(line)
    if dials.asks("literal"):
        asked = [p.literal for p in plan.phrases]
        returns = sum(p.returns_to is not None and p.literal >= POSES_FROM for p in plan.phrases)
        out.append(_line("literal", float(np.mean(asked)), float(returns), "phrases"))
    return out


def floor_report(plan: Choreography, motion: Motion) -> list[dict[str, Any]]:
    """The same for the front (degrees off it, median) and the path (cm off it, median)."""
    out: list[dict[str, Any]] = []
    angles = front_angles(plan.front, len(motion), motion.fps, motion.root)
    led = ~is_free(plan.front, len(motion), motion.fps)
    if angles is not None and led.any():
        off = np.angle(np.exp(1j * (heading(motion) - angles)))[led]
        share = float(np.mean(np.abs(off) < FRONT))
        line = _line("front", 0.0, float(np.rad2deg(np.median(np.abs(off)))), "degrees")
        out.append(line | {"share": round(float(share), 3)})
    if plan.path is not None:
        ground, path = motion.root[:, [0, 2]], plan.path
        points = np.asarray(path.points, dtype=np.float64)
        if not path.points:
            off = np.concatenate([_strays(ground, span, motion.fps) for span in path.stays])
        elif len(points) == 1:
            off = np.linalg.norm(ground - points[0], axis=1)
        else:
            frames = np.clip(np.round(np.asarray(path.times) * motion.fps), 0, len(motion) - 1)
            off = np.linalg.norm(ground[frames.astype(int)] - points, axis=1)
        if len(off):
            out.append(_line("path", 0.0, float(100 * np.median(off)), "cm"))
    return out


def _strays(ground: np.ndarray, span: Sequence[float], fps: float) -> np.ndarray:
    """How far a way (T, 2) is from its middle within a span of seconds, (n,) m."""
    part = ground[round(span[0] * fps) : round(span[1] * fps)]
    return np.linalg.norm(part - part.mean(axis=0), axis=1) if len(part) else np.zeros(0)


def _line(name: str, asked: float, danced: float, unit: str, heard: bool = True) -> dict[str, Any]:
    return {
        "dial": name,
        "asked": round(asked, 3),
        "danced": round(danced, 3),
        "unit": unit,
        "heard": heard,
    }


def told(line: Mapping[str, Any]) -> str:
    """A record of a report in words and numbers."""
    name, unit = str(line["dial"]), str(line["unit"])
    if name == "literal":
        return f"returns asked {line['asked']:.2f}, {line['danced']:.0f} phrases return"
    if name in ("front", "path"):
        return f"{name}: half of the time within {line['danced']:.0f} {unit}"
    if name == "energy":
        text = f"energy asked {line['asked']:+.1f}, the body moves {line['danced']:.2f} {unit}"
        return text + (f" there, {line['elsewhere']:.2f} elsewhere" if "elsewhere" in line else "")
    text = f"{name} asked {line['asked']:.2f}, danced {line['danced']:.2f} {unit}"
    return text if line["heard"] else text + f"; this model has no input for {name}"
