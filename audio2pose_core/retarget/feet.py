"""Planted feet on somebody else's legs.

Turned as core's are, legs of other proportions carry their feet along other
paths: where core's foot stands, theirs drifts by a few millimetres. While a
foot is planted its ball (or its heel, when only that is down) is given core's
own steps, made the rig's size, and core's height over the floor; what that
takes eases out between plants (``curves.bridge_gaps``), and the legs follow by
two-bone IK. A pose far from the floor stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..cleanup.contacts import label_contacts
from ..cleanup.curves import bridge_gaps, upper_envelope
from ..cleanup.foot_lock import FADE_S, SETTLE_S
from ..cleanup.plants import run_means
from ..signals import gaussian_smooth, runs
from ..skeleton import INDEX, OFFSETS, REST_ANKLE_HEIGHT, REST_TOE_HEIGHT
from .limb import solve_limb, swung
from .plan import CORE_LEG, Plan
from .pose import Body, Dancer, in_core
from .wide import calm_twist

BIAS = 0.015
"""Metres of core's that a straight knee is taken to point forward."""
REACH = 0.998
MAX_SINK = 0.06
SINK_S = 0.3
SHARE_S = 0.1
"""Over about so many seconds the hips go over from one standing foot to both."""
NOTHING = 1e-6


@dataclass
class Leg:
    """One leg in core's axes and armature units: places (T, 3), controls' indices."""

    controls: tuple[int, int, int]
    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    ball: np.ndarray
    length: float
    ankle_rest: float
    ball_rest: float


def leg_of(plan: Plan, body: Body, side: str) -> Leg:
    """Forward kinematics of one leg."""
    rest = {p: plan.place(f"{side}_{p}") for p in ("hip", "knee", "ankle")}
    controls = [plan.control(f"{side}_{p}") for p in ("hip", "knee", "ankle")]
    thigh, shin, foot = (c for c in controls if c is not None)
    if plan.map.bones.get(f"{side}_foot"):
        ball = plan.place(f"{side}_foot")
    else:
        # Where the ball of a foot of this size would be.
        turn = rot.conjugate(plan.controls[foot].turn)
        ball = rest["ankle"] + plan.size * rot.rotate(turn, OFFSETS[INDEX["left_foot"]])
        ball[1] = plan.sole + plan.size * REST_TOE_HEIGHT
    hips = (plan.place("left_hip") + plan.place("right_hip")) / 2

    def turned(control: int, offset: np.ndarray) -> np.ndarray:
        q = in_core(plan, body.turned[:, control])
        return rot.rotate(q, np.broadcast_to(offset, body.hips.shape))

    hip = body.hips + turned(plan.pivot, rest["hip"] - hips)
    knee = hip + turned(thigh, rest["knee"] - rest["hip"])
    ankle = knee + turned(shin, rest["ankle"] - rest["knee"])
    length = float(
        np.linalg.norm(rest["knee"] - rest["hip"]) + np.linalg.norm(rest["ankle"] - rest["knee"])
    )
    if side not in plan.on:
        # What is in the air at rest stands as the other foot does.
        other = leg_of(plan, body, plan.on[0])
        heights = other.ankle_rest, other.ball_rest
    else:
        up = plan.floor - plan.sole
        heights = float(rest["ankle"][1]) + up, float(ball[1]) + up
    return Leg(
        (thigh, shin, foot), hip, knee, ankle, ankle + turned(foot, ball - rest["ankle"]),
        length, *heights,
    )  # fmt: skip


def plant_feet(plan: Plan, body: Body, dancer: Dancer) -> Body:
    """The body with its planted feet as steady as core's; ``dancer`` is what it dances."""
    motion = dancer.motion
    contacts = motion.contacts if motion.contacts is not None else label_contacts(motion)
    planted = contacts > 0.5
    ours = dancer.places
    body = _steady_soles(plan, body, ours, planted, motion.fps)
    body = _steady_hips(plan, body, planted, motion.fps)
    legs = [leg_of(plan, body, side) for side in ("left", "right")]
    shifts = []
    for k, (side, leg) in enumerate(zip(("left", "right"), legs, strict=True)):
        ankle = ours[:, INDEX[f"{side}_ankle"]]
        ball = ours[:, INDEX[f"{side}_foot"]]
        shifts.append(_shift(plan, leg, ankle, ball, planted[:, 2 * k : 2 * k + 2], motion.fps))
    if max(np.abs(shift).max() for shift in shifts) < NOTHING * plan.size:
        return body
    on = [planted[:, 2 * k] | planted[:, 2 * k + 1] for k in range(2)]
    # What both feet ask for the body does, so that the legs point where the dance has them.
    common = _common(shifts, on, motion.fps)
    turned, hips = body.turned.copy(), body.hips + common
    shifts = [shift - common for shift in shifts]
    legs = [leg_of(plan, Body(turned, hips), side) for side in ("left", "right")]
    down = _sink(plan, legs, shifts, on, motion.fps)
    hips[:, 1] -= down
    sunk = Body(turned, hips)
    for side, old, shift in zip(("left", "right"), legs, shifts, strict=True):
        leg = leg_of(plan, sunk, side)
        thigh, shin, _ = leg.controls
        # The thigh's front alone would point back in a deep crouch on long shins.
        front = rot.normalize(_front(plan, turned, thigh) + _front(plan, turned, shin))
        knee, ankle = solve_limb(
            leg.hip, leg.knee, leg.ankle, old.ankle + shift, front, BIAS * plan.size
        )
        moved = (np.linalg.norm(shift, axis=1) + down) > NOTHING * plan.size
        for control, was, now in (
            (thigh, leg.knee - leg.hip, knee - leg.hip),
            (shin, leg.ankle - leg.knee, ankle - knee),
        ):
            new = swung(turned[:, control], plan.to_rig(was), plan.to_rig(now))
            turned[moved, control] = new[moved]
    return sunk


def _front(plan: Plan, turned: np.ndarray, control: int) -> np.ndarray:
    """Where (T, 3) the front of a leg's bone points, core's axes."""
    straight = rot.conjugate(plan.controls[control].turn)
    turn = rot.multiply(in_core(plan, turned[:, control]), straight)
    return rot.rotate(turn, np.broadcast_to(np.array([0.0, 0.0, 1.0]), (len(turn), 3)))


def _steady_hips(plan: Plan, body: Body, planted: np.ndarray, fps: float) -> Body:
    """The body with wide hips that twist less over feet that stand."""
    if plan.width == 1.0:
        return body
    both = np.asarray(planted[:, :2].any(axis=1) & planted[:, 2:].any(axis=1))
    turned = body.turned.copy()
    straight = plan.controls[plan.pivot].turn
    q = rot.multiply(in_core(plan, turned[:, plan.pivot]), rot.conjugate(straight))
    q = rot.multiply(calm_twist(q, plan.width, both, fps), straight)
    turned[:, plan.pivot] = rot.multiply(plan.frame, rot.multiply(q, rot.conjugate(plan.frame)))
    return Body(turned, body.hips)


def _steady_soles(
    plan: Plan, body: Body, ours: np.ndarray, planted: np.ndarray, fps: float
) -> Body:
    """The body with feet that point, while they stand flat, as steadily as core's.

    A flat foot of core's may still roll about the line from ankle to ball, which
    moves neither. The rig's ankle lies elsewhere and would be carried around.
    """
    turned = body.turned.copy()
    for k, side in enumerate(("left", "right")):
        flat = planted[:, 2 * k] & planted[:, 2 * k + 1]
        leg = leg_of(plan, body, side)
        theirs = rot.normalize(leg.ball - leg.ankle)
        core = rot.normalize(ours[:, INDEX[f"{side}_foot"]] - ours[:, INDEX[f"{side}_ankle"]])
        wanted = rot.rotate(
            rot.between(np.where(flat[:, None], run_means(flat, core), core), core),
            np.where(flat[:, None], run_means(flat, theirs), theirs),
        )
        off = rot.to_axis_angle(rot.between(theirs, wanted))
        off = bridge_gaps(np.where(flat[:, None], off, 0.0), flat, fps, SETTLE_S, FADE_S)
        if np.abs(off).max() < NOTHING:
            continue
        turn = rot.from_axis_angle(plan.to_rig(off))
        for control in (plan.control(f"{side}_ankle"), plan.control(f"{side}_foot")):
            if control is not None:
                turned[:, control] = rot.multiply(turn, turned[:, control])
    return Body(turned, body.hips)


def _shift(
    plan: Plan, leg: Leg, ankle: np.ndarray, ball: np.ndarray, planted: np.ndarray, fps: float
) -> np.ndarray:
    """How far (T, 3) one foot is moved, from core's ankle and ball (T, 3) in metres."""
    ankle_on, ball_on = planted.T
    on = ankle_on | ball_on
    off_ball = plan.size * ball - leg.ball
    off_ankle = plan.size * ankle - leg.ankle
    out = np.zeros_like(off_ball)
    # Over the floor: core's own steps, of whichever point is down in both frames.
    by_ball = (ball_on[1:] & ball_on[:-1])[:, None]
    step = np.where(by_ball, np.diff(off_ball, axis=0), np.diff(off_ankle, axis=0))
    step = np.where((on[1:] & on[:-1])[:, None], step, 0.0)
    way = np.concatenate([np.zeros((1, 3)), np.cumsum(step, axis=0)])
    for start, stop in zip(*runs(on), strict=True):
        out[start:stop] = way[start:stop] - way[start:stop].mean(axis=0)
    # Above it: core's own height, told from where either foot rests.
    over_ball = leg.ball_rest + plan.size * (ball[:, 1] - REST_TOE_HEIGHT)
    over_ankle = leg.ankle_rest + plan.size * (ankle[:, 1] - REST_ANKLE_HEIGHT)
    out[:, 1] = np.where(ball_on, over_ball - leg.ball[:, 1], over_ankle - leg.ankle[:, 1])
    out = bridge_gaps(np.where(on[:, None], out, 0.0), on, fps, SETTLE_S, FADE_S)
    # A swinging foot comes no lower than core's does.
    low_ball = np.minimum(over_ball, leg.ball_rest) - (leg.ball[:, 1] + out[:, 1])
    low_ankle = np.minimum(over_ankle, leg.ankle_rest) - (leg.ankle[:, 1] + out[:, 1])
    under = np.where(on, 0.0, np.maximum(np.maximum(low_ball, low_ankle), 0.0))
    out[:, 1] += under
    return out


def _common(shifts: list[np.ndarray], on: list[np.ndarray], fps: float) -> np.ndarray:
    """How far (T, 3) the hips go with the feet that stand: with the one, or with both's mean.

    Thighs that are longer for their shins than core's, say, carry a foot forward as the knee
    bends, and both feet alike.
    """
    weights = [gaussian_smooth(stands.astype(float), SHARE_S * fps) for stands in on]
    total = np.maximum(np.sum(weights, axis=0), 1.0)
    parts = [w[:, None] * shift for w, shift in zip(weights, shifts, strict=True)]
    return np.asarray(np.sum(parts, axis=0) / total[:, None])


def _sink(
    plan: Plan, legs: list[Leg], shifts: list[np.ndarray], on: list[np.ndarray], fps: float
) -> np.ndarray:
    """How far (T,) the pelvis goes down for planted legs to reach."""
    needed = np.zeros(len(on[0]))
    for leg, shift, stands in zip(legs, shifts, on, strict=True):
        reach = leg.ankle + shift - leg.hip
        across = np.sum(reach[:, [0, 2]] ** 2, axis=1)
        longest = REACH * leg.length
        down = -reach[:, 1] - np.sqrt(np.maximum(longest**2 - across, 0.0))
        # A leg that core stretched so far itself stays so.
        own = np.linalg.norm(leg.ankle - leg.hip, axis=1)
        down = np.where(np.linalg.norm(reach, axis=1) > np.maximum(longest, own), down, 0.0)
        needed = np.maximum(needed, np.where(stands, np.clip(down, 0.0, None), 0.0))
    most = MAX_SINK / CORE_LEG * legs[0].length
    needed = most * np.tanh(needed / most)
    return upper_envelope(needed, max(1, round(SINK_S * fps)))
