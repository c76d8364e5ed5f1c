"""Foot lock: planted feet stand still, free feet swing as before, clear of the floor.

In four steps, each on all frames at once:

1. The path of the root is corrected by what the planted feet slide together, as
   a walker's odometer would measure it: feet first, body after.
2. For each foot a ball position and a direction from ball to ankle are laid
   down that hold still while planted: both joints planted, a flat foot; the ball
   alone, a raised heel or a pivot; the ankle alone, a heel strike. Between
   plants the correction eases from one to the next (``curves.bridge_gaps``), and
   a foot that travels low is lifted (``foot_clearance.clear_floor``).
3. The pelvis rises to the height that the style stands at, as far as the legs allow, it bounces
   to the beat (``groove``), the body leaps where it shall (``leaps``), and where planted legs
   cannot reach, the pelvis sinks a little, smoothly.
4. The legs follow by two-bone IK, and the toes bend to lie on the floor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .. import rotations as rot
from ..errors import MotionError
from ..motion import Motion
from ..signals import gaussian_smooth
from ..skeleton import END_SITES, OFFSETS, REST_ANKLE_HEIGHT, REST_TOE_HEIGHT
from .constraints import MotionConstraint
from .contacts import box_smooth
from .curves import bridge_gaps, soft_floor, upper_envelope
from .foot_clearance import CLEARANCE, clear_floor
from .groove import Groove
from .leaps import TUCKED, Leaps
from .legs import (
    FOOT_LENGTH,
    LEG_LENGTH,
    LEGS,
    MAX_REACH,
    LegPose,
    leg_pose,
    solve_leg,
    write_leg,
)
from .pelvis_height import MOST_RISE, PelvisHeightPrior
from .plants import MIN_PLANT_S, apart, plants, run_means, steady_runs, weights_of

UP = np.array([0.0, 1.0, 0.0])
SETTLE_S, FADE_S = 0.3, 0.8
MAX_SHIFT = 0.10
"""A plant that would move the foot farther than this (m) is really a glide, and is let go."""
MAX_TURN = 0.20
"""The same for the direction of the foot, radians: beyond it the foot pivots."""
STEP_SHIFT, STEP_TURN = 0.01, 0.05
"""A plant so far (m, radians) from where the foot is held beside it gives way to it."""
ODOMETER_SMOOTH_S = 0.12
PRESS_BALL, PRESS_ANKLE = 0.25, 0.5
"""Share of its height above the floor that a planted joint keeps; a heel may stand off."""
PRESS_SMOOTH_S = 0.05
FREE_REACH = 0.960
STANCE_REACH, STANCE_REACH_S = 0.975, 0.1
"""A rise leaves the knees bent; it comes and goes within so many seconds."""
MAX_SINK = 0.08
SINK_REACH_S = 0.15
SHORT_OF = 0.002
"""Metres that a planted leg may stay short of before the pelvis sinks for it, and bends both knees
for it: a leg that the dancer straightens is a leg at its limit."""
TOE_REACH_S = 0.07
LOWEST_BALL = 0.008
LYING_ANKLE, SOLE_ANKLE = 0.030, 0.065
"""How low the joints may come, metres; an ankle that lies on its side comes lower."""


@dataclass(frozen=True)
class Gait:
    """How a dance steps.

    Attributes
    ----------
    most_shift : metres that a plant may move the foot. One that is led along a path passes over
        its feet further than one that dances where it is.
    clearance : metres that the ball of a foot passes over the floor on its way, at the least.
    """

    most_shift: float = MAX_SHIFT
    clearance: float = CLEARANCE


Path = Callable[[np.ndarray, float], np.ndarray]
"""Root (T, 3) and frame rate -> root (T, 3)."""


def lock_feet(
    motion: Motion,
    contacts: np.ndarray | None = None,
    path: Path | None = None,
    constraint: MotionConstraint | None = None,
    height_prior: PelvisHeightPrior | None = None,
    gait: Gait | None = None,
    groove: Groove | None = None,
    leaps: Leaps | None = None,
) -> Motion:
    """The motion with its planted feet held; floor at y = 0.

    Parameters
    ----------
    motion : Motion
    contacts : (T, 4), optional
        Contact probabilities; ``motion.contacts`` by default.
    path : callable, optional
        Bends the path over the ground once the feet have settled it, e.g. to
        keep a dance on its stage; what it moves slowly the legs make up for.
    constraint : MotionConstraint, optional
        Parts that stay: the path leads to them, and a foot that is planted
        there goes on standing where it does.
    height_prior : PelvisHeightPrior, optional
        Raises the pelvis over feet that stay where they are.
    gait : Gait, optional
        How it steps; by default as one that dances where it is.
    groove : Groove, optional
        How the hips bounce to the beat, over feet that stay where they are.
    leaps : Leaps, optional
        When the whole body leaves the floor; those that the motion cannot leap are left out.

    Returns
    -------
    Motion
        With ``contacts`` that say where a foot is held now: plants that were
        too short, or that glide or pivot, are gone from them.
    """
    probability = motion.contacts if contacts is None else contacts
    if probability is None:
        raise MotionError("the feet cannot be locked without contacts; label them first")
    planted = plants(probability, motion.fps)
    free = np.ones(len(motion), dtype=bool) if constraint is None else ~constraint.frames
    leaps = (leaps or Leaps()).fitting(motion, free)
    flying = leaps.flying(len(motion), motion.fps)
    planted &= flying[:, None] == 0
    fixed = np.zeros_like(planted) if constraint is None else constraint.feet()
    root = follow_feet(motion, planted, None if constraint is None else constraint.root)
    if path is not None:
        root = path(root, motion.fps)
    if constraint is not None:
        root = constraint.height(constraint.path(root))
    rotations = motion.rotations.copy()
    targets = []
    locked = np.zeros_like(planted)
    for side, leg in enumerate(LEGS):
        pose = leg_pose(root, rotations, leg)
        columns = slice(2 * side, 2 * side + 2)
        ball, direction, locked[:, columns] = hold_foot(
            pose, planted[:, columns], motion.fps, fixed[:, 2 * side], gait or Gait()
        )
        targets.append((ball, direction))
    root = root.copy()
    if height_prior is not None:
        room = -overreach(root, rotations, targets, STANCE_REACH).max(axis=1)
        short = MOST_RISE - np.minimum(height_prior.rise(root[:, 1]), np.maximum(room, 0.0))
        reach = max(1, round(STANCE_REACH_S * motion.fps))
        root[:, 1] += np.maximum(MOST_RISE - upper_envelope(short, reach), 0.0)
    if groove is not None:
        root[:, 1] += groove.rise(root[:, 1], motion.fps)
    leap = leaps.rise(len(motion), motion.fps)
    root[:, 1] += leap
    off = np.maximum(leap, 0.0) + TUCKED * flying**2
    targets = [(ball + off[:, None] * UP, direction) for ball, direction in targets]
    root[:, 1] -= sink(root, rotations, targets, locked & ~fixed, motion.fps)
    if constraint is not None:
        root = constraint.height(root)
    for side, leg in enumerate(LEGS):
        ball, direction = targets[side]
        pose = leg_pose(root, rotations, leg)
        stands = locked[:, 2 * side] | locked[:, 2 * side + 1]
        # 1 in every planted frame, fading out around them.
        on = np.minimum(upper_envelope(stands.astype(np.float64), _soft(motion.fps) // 2), 1.0)
        ball = ball + spare_free_leg(pose, ball + FOOT_LENGTH * direction, on)
        thigh, shin, ankle = solve_leg(pose, ball + FOOT_LENGTH * direction)
        # A leg at its limit leaves the ankle short; the ball stays if it can.
        foot = rot.multiply(rot.between(pose.ball - pose.ankle, ball - ankle), pose.foot)
        toes = rot.multiply(foot, rotations[:, leg[3]])
        offset = rot.rotate(foot, OFFSETS[leg[3]])
        ball_weight = box_smooth(locked[:, 2 * side + 1].astype(np.float64), _soft(motion.fps))
        reach = max(1, round(TOE_REACH_S * motion.fps))
        toes = lay_toes(ankle + offset, toes, END_SITES[leg[3]], ball_weight, reach)
        write_leg(rotations, leg, thigh, shin, foot, toes)
    out = replace(motion, root=root, rotations=rotations, contacts=locked.astype(np.float64))
    return out if constraint is None else constraint.apply(out)


def follow_feet(motion: Motion, planted: np.ndarray, fixed: np.ndarray | None = None) -> np.ndarray:
    """Root (T, 3) without the horizontal slide that its planted joints share.

    Where no foot is planted the correction fades out, so that a leap keeps its
    own path. Frames whose root is ``fixed`` (T,) have no slide.
    """
    if len(motion) < 2:
        return motion.root.copy()
    # Ankle and ball per leg, then in the order of the contact columns.
    joints = np.stack(
        [
            p
            for leg in LEGS
            for pose in [leg_pose(motion.root, motion.rotations, leg)]
            for p in (pose.ankle, pose.ball)
        ],
        axis=1,
    )
    step = np.diff(joints[..., [0, 2]], axis=0)
    speed = np.linalg.norm(step, axis=-1) * motion.fps
    both = planted[1:] & planted[:-1]
    # Of several planted joints the one that rolls or turns the least is believed.
    slowest = np.where(both, speed, np.inf).min(axis=1, keepdims=True)
    weight = both / (1.0 + ((speed - np.where(np.isfinite(slowest), slowest, 0.0)) / 0.1) ** 2)
    total = weight.sum(axis=1, keepdims=True)
    slide = (weight[..., None] * step).sum(axis=1) / np.maximum(total, 1e-9)
    if fixed is not None:
        still = (fixed[1:] & fixed[:-1])[:, None]
        slide, total = np.where(still, 0.0, slide), np.where(still, 1.0, total)
    known = (total > 0).astype(np.float64)
    sigma = ODOMETER_SMOOTH_S * motion.fps
    slide = gaussian_smooth(slide * known, sigma) / (gaussian_smooth(known, sigma) + 0.02)
    root = motion.root.copy()
    root[1:, [0, 2]] -= np.cumsum(slide, axis=0)
    return root


def hold_foot(
    pose: LegPose,
    planted: np.ndarray,
    fps: float,
    fixed: np.ndarray | None = None,
    gait: Gait | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the ball of one foot goes, which way its ankle lies, and what is held.

    Parameters
    ----------
    pose : LegPose
        The leg as it moves now.
    planted : (T, 2) bool
        Ankle, ball.
    fixed : (T,) bool, optional
        Frames in which the foot is right where it is; a plant that reaches
        into them stands where it stands there.
    gait : how it steps.

    Returns
    -------
    ball (T, 3), direction (T, 3) unit vectors from ball to ankle, held (T, 2) bool.
    """
    gait = gait or Gait()
    ankle_on, ball_on = planted[:, 0].copy(), planted[:, 1].copy()
    shortest = max(2, round(MIN_PLANT_S * fps))
    fixed = np.zeros(len(planted), dtype=bool) if fixed is None else fixed
    say = weights_of(fixed)
    ankle_y = press(pose.ankle[:, 1], REST_ANKLE_HEIGHT, PRESS_ANKLE)
    ball_y = press(pose.ball[:, 1], REST_TOE_HEIGHT, PRESS_BALL)

    direction = (pose.ankle - pose.ball) / FOOT_LENGTH
    flat = steady_runs(ankle_on & ball_on, direction, MAX_TURN, shortest)
    ankle_on &= flat | ~ball_on
    rise = run_means(flat, ((ankle_y - ball_y) / FOOT_LENGTH)[:, None], say)[:, 0]
    turn = with_rise(run_means(flat, direction, say), rise) - direction
    flat = flat & ~fixed & ~apart(flat, fixed, turn, STEP_TURN, fps)
    turn = bridge_gaps(np.where(flat[:, None], turn, 0.0), flat | fixed, fps, SETTLE_S, FADE_S)
    direction = rot.normalize(direction + turn)

    # While the ankle alone is held the ball moves around it.
    step = np.zeros_like(pose.ball)
    step[1:] = np.where(
        (ball_on[1:] & ball_on[:-1])[:, None], 0.0, -FOOT_LENGTH * np.diff(direction, axis=0)
    )
    shift = np.cumsum(step, axis=0) - pose.ball
    on = steady_runs(ankle_on | ball_on, shift[:, [0, 2]], gait.most_shift, shortest)
    shift = shift - run_means(on, shift, say)
    heel_y = np.maximum(ankle_y - FOOT_LENGTH * direction[:, 1], REST_TOE_HEIGHT)
    shift[:, 1] = np.where(ball_on, ball_y, heel_y) - pose.ball[:, 1]
    on = on & ~apart(on, fixed, shift, STEP_SHIFT, fps)
    right = (on & ~fixed)[:, None]
    shift = bridge_gaps(np.where(right, shift, 0.0), on | fixed, fps, SETTLE_S, FADE_S)
    # From heel to ball to toe the height is handed over; that must not be a step.
    shift[:, 1] = gaussian_smooth(shift[:, 1], PRESS_SMOOTH_S * fps)
    ball = pose.ball + shift
    ball[:, 1] += clear_floor(ball, on | fixed, gait.clearance)

    # Nothing of the foot under the floor, on its way either.
    ball[:, 1] = soft_floor(ball[:, 1], LOWEST_BALL)
    upright = rot.rotate(pose.foot, np.array([0.0, 1.0, 0.0]))[:, 1]
    lowest = LYING_ANKLE + (SOLE_ANKLE - LYING_ANKLE) * np.clip(upright / 0.4 - 1.0, 0.0, 1.0)
    ankle = soft_floor(ball[:, 1] + FOOT_LENGTH * direction[:, 1], lowest)
    direction = with_rise(direction, (ankle - ball[:, 1]) / FOOT_LENGTH)
    return ball, direction, np.stack([ankle_on & on, ball_on & on], axis=1)


def with_rise(direction: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """Unit vectors (T, 3) over the same point of the compass, with y = rise (T,).

    Nothing is made steeper than 0.95, where the compass point gets lost.
    """
    most = np.maximum(np.abs(direction[:, 1]), 0.95)
    rise = np.clip(rise, -most, most)
    level = np.linalg.norm(direction[:, [0, 2]], axis=1)
    scale = np.sqrt(np.maximum(1 - rise**2, 0.0)) / np.maximum(level, 1e-6)
    changed = np.stack([direction[:, 0] * scale, rise, direction[:, 2] * scale], axis=1)
    # A foot on its very tip has no compass point; there nothing needs to change.
    return np.where(np.abs(direction[:, 1:2] - rise[:, None]) > 1e-9, changed, direction)


def press(height: np.ndarray, rest: float, keep: float) -> np.ndarray:
    """Height (T,) of a planted joint drawn towards where it rests when the foot is flat."""
    return rest + np.where(height > rest, keep, 0.1) * (height - rest)


def sink(
    root: np.ndarray,
    rotations: np.ndarray,
    targets: list[tuple[np.ndarray, np.ndarray]],
    locked: np.ndarray,
    fps: float,
) -> np.ndarray:
    """How far (T,) in metres the pelvis goes down for planted legs to reach."""
    on = locked[:, ::2] | locked[:, 1::2]
    down = np.clip(overreach(root, rotations, targets, MAX_REACH) - SHORT_OF, 0.0, 1.0)
    needed = np.where(on, down, 0.0).max(axis=1)
    needed = MAX_SINK * np.tanh(needed / MAX_SINK)
    return upper_envelope(needed, max(1, round(SINK_REACH_S * fps)))


def overreach(
    root: np.ndarray,
    rotations: np.ndarray,
    targets: list[tuple[np.ndarray, np.ndarray]],
    share: float,
) -> np.ndarray:
    """How far (T, 2) the pelvis has to go down for a leg of that share of its length to reach.

    Negative where it could go up. A leg that is straighter by itself may stay so.
    """
    down = []
    for (ball, direction), leg in zip(targets, LEGS, strict=True):
        pose = leg_pose(root, rotations, leg)
        own = np.linalg.norm(pose.ankle - pose.hip, axis=1)
        longest = np.clip(own, share * LEG_LENGTH, MAX_REACH * LEG_LENGTH)
        reach = ball + FOOT_LENGTH * direction - pose.hip
        across = np.sum(reach[:, [0, 2]] ** 2, axis=1)
        down.append(-reach[:, 1] - np.sqrt(np.maximum(longest**2 - across, 0.0)))
    return np.stack(down, axis=1)


def spare_free_leg(pose: LegPose, ankle: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Shift (T, 3) of a free foot (weight on (T,) 0) that keeps its leg from being stretched.

    A kick should stay the kick it was; only a plant may ask for more reach.
    """
    reach = ankle - pose.hip
    asked = np.linalg.norm(reach, axis=1)
    own = np.linalg.norm(pose.ankle - pose.hip, axis=1)
    limit = np.maximum(own, FREE_REACH * LEG_LENGTH)
    excess = (1 - on) * soft_floor(asked - limit, 0.0, 0.005)
    return -reach * (excess / np.maximum(asked, 1e-6))[:, None]


def lay_toes(
    ball: np.ndarray, toes: np.ndarray, tip: np.ndarray, weight: np.ndarray, reach: int
) -> np.ndarray:
    """Toe rotations (T, 4) whose tips lie on the floor by weight (T,), and never under it.

    The toes begin to bend ``reach`` frames early and end as late, so that they
    do not flick when a foot comes down steeply.
    """
    length = float(np.linalg.norm(tip))
    along = rot.rotate(toes, tip) / length
    height = ball[:, 1] + length * along[:, 1]
    wanted = (1 - weight) * soft_floor(height, 0.0, 0.003)
    own = np.arcsin(np.clip(along[:, 1], -1, 1))
    bend = np.arcsin(np.clip((wanted - ball[:, 1]) / length, -0.95, 0.95)) - own
    laid = with_rise(along, np.sin(np.clip(own + upper_envelope(bend, reach), -1.5, 1.5)))
    return rot.multiply(rot.between(along, laid), toes)


def _soft(fps: float) -> int:
    return 2 * max(0, round(0.1 * fps)) + 1
