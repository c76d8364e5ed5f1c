"""The figure of our dancer, limb by limb, in core's axes; all numbers are metres.

Arms and legs are smooth skins from trunk to hand and shoe; at knee and elbow a
dark band stretches. Weights are blended over some 10 cm at each joint, and the
armature keeps volumes (dual quaternions), so that nothing collapses in a bend.
Left limbs end in warm colour and right ones in cool, to tell them apart.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from .. import skeleton
from .primitives import Body, capped, frame, rings, skin, tube

SHELL, JOINT, LEFT, RIGHT = range(4)
"""Material numbers."""
COLORS = (
    (0.70, 0.685, 0.65),
    (0.045, 0.05, 0.06),
    (0.90, 0.19, 0.06),
    (0.03, 0.33, 0.62),
)
"""Linear colours of the materials of a dancer alone: left is warm, right is cool."""
ROUGHNESS = (0.45, 0.5, 0.4, 0.4)

_FRONT, _UP = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
_REST = dict(zip(skeleton.JOINTS, skeleton.rest_positions(), strict=True))

# Place along the straight limb at rest, from its first joint, half width, half depth[, shift
# across, shift to the front]. A limb is one skin from inside the trunk to inside shoe or hand.
_LEG: list[tuple[float, ...]] = [
    (-0.060, 0.066, 0.078, 0.0, -0.010),
    (0.000, 0.078, 0.088, 0.0, -0.008),
    (0.070, 0.082, 0.090, 0.0, -0.002),
    (0.150, 0.078, 0.085, 0.0, 0.003),
    (0.250, 0.067, 0.074, 0.0, 0.006),
    (0.330, 0.056, 0.061, 0.0, 0.005),
    (0.375, 0.051, 0.056, 0.0, 0.005),
    (0.405, 0.050, 0.056, 0.0, 0.006),
    (0.440, 0.048, 0.052, 0.0, 0.002),
    (0.475, 0.050, 0.054, 0.0, -0.004),
    (0.530, 0.054, 0.060, 0.0, -0.011),
    (0.600, 0.047, 0.053, 0.0, -0.010),
    (0.690, 0.037, 0.041, 0.0, -0.004),
    (0.760, 0.034, 0.037, 0.0, -0.002),
    (0.790, 0.034, 0.038),
]
_ARM: list[tuple[float, ...]] = [
    (-0.075, 0.036, 0.044, 0.0, -0.004),
    (-0.030, 0.045, 0.050, 0.0, -0.002),
    (0.010, 0.051, 0.054),
    (0.050, 0.051, 0.053, 0.0, 0.002),
    (0.110, 0.047, 0.049, 0.0, 0.004),
    (0.180, 0.042, 0.044, 0.0, 0.002),
    (0.235, 0.037, 0.039),
    (0.270, 0.036, 0.038),
    (0.300, 0.038, 0.040),
    (0.350, 0.040, 0.042),
    (0.430, 0.031, 0.035),
    (0.500, 0.023, 0.028),
    (0.526, 0.021, 0.027),
]
# Bones along a limb, from the trunk out, with the stretch over which one hands on to the next.
_LEG_BONES = (("pelvis", None), ("hip", (-0.07, 0.07)), ("knee", (0.355, 0.460)),
              ("ankle", (0.745, 0.800)))  # fmt: skip
_ARM_BONES = (("spine3", None), ("collar", (-0.15, -0.06)), ("shoulder", (-0.045, 0.045)),
              ("elbow", (0.225, 0.315)), ("wrist", (0.500, 0.530)))  # fmt: skip
# The dark bands that stretch at knee and elbow; beyond them the limb has its side's colour.
_KNEE_BAND, _ELBOW_BAND = (0.372, 0.452), (0.240, 0.306)

# height, half width, half depth, shift across, shift to the front
_TRUNK = [
    (0.822, 0.045, 0.048, 0.0, 0.0),
    (0.842, 0.105, 0.080, 0.0, -0.002),
    (0.880, 0.152, 0.100, 0.0, -0.006),
    (0.930, 0.158, 0.106, 0.0, -0.006),
    (0.985, 0.140, 0.098, 0.0, 0.0),
    (1.050, 0.122, 0.088, 0.0, 0.002),
    (1.110, 0.124, 0.090, 0.0, 0.004),
    (1.200, 0.144, 0.102, 0.0, 0.006),
    (1.285, 0.160, 0.110, 0.0, 0.008),
    (1.350, 0.160, 0.100, 0.0, 0.002),
    (1.400, 0.128, 0.078, 0.0, -0.006),
    (1.436, 0.072, 0.056, 0.0, -0.008),
]
_WAIST = (1.005, 1.117)
_HEAD = [
    (1.512, 0.036, 0.040, 0.0, 0.040),
    (1.535, 0.053, 0.064, 0.0, 0.028),
    (1.570, 0.065, 0.084, 0.0, 0.018),
    (1.610, 0.073, 0.094, 0.0, 0.010),
    (1.650, 0.074, 0.095, 0.0, 0.004),
    (1.690, 0.062, 0.078, 0.0, 0.000),
]
_VISOR = (1.572, 1.650)
# from heel to toe: place, half width, height above the sole
_SHOE = [
    (-0.055, 0.026, 0.050),
    (-0.030, 0.036, 0.078),
    (0.010, 0.037, 0.088),
    (0.050, 0.038, 0.074),
    (0.090, 0.043, 0.056),
    (0.130, 0.045, 0.046),
    (0.160, 0.040, 0.040),
    (0.178, 0.030, 0.034),
]


def build_body() -> Body:
    """The whole figure in the rest pose, standing on the floor at height 0.

    It is made once and shared: do not change it.
    """
    steps = body_steps()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Body = end.value
            return made


def body_steps() -> Generator[None, None, Body]:
    """The same in small steps, between which a program can do something else."""
    if _built:
        return _built[0]
    body = Body()
    _trunk(body)
    yield
    _head(body)
    yield
    for side, sign, accent in (("left", 1.0, LEFT), ("right", -1.0, RIGHT)):
        _limb(body, side, ("hip", "ankle"), _LEG, _LEG_BONES, _KNEE_BAND, accent)
        yield
        _limb(body, side, ("shoulder", "wrist"), _ARM, _ARM_BONES, _ELBOW_BAND, accent)
        yield
        _hand(body, side, sign)
        yield
        _shoe(body, side, accent)
        _ear_cup(body, sign, accent)
        yield
    _built[:] = [body]
    return body


_built: list[Body] = []


def _rigid(bone: str, points: np.ndarray) -> dict[str, np.ndarray]:
    return {bone: np.ones(len(points))}


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def _place(ring_points: np.ndarray, origin: np.ndarray, axes: np.ndarray) -> np.ndarray:
    return origin + ring_points @ axes


def _limb(
    body: Body,
    side: str,
    ends: tuple[str, str],
    stations: list[tuple[float, ...]],
    bones: tuple[tuple[str, tuple[float, float] | None], ...],
    band: tuple[float, float],
    accent: int,
) -> None:
    """An arm or a leg as one skin, whose weights run from bone to bone."""
    start, end = (_REST[f"{side}_{name}"] for name in ends)
    axes = frame(start, end, _FRONT)
    local, _ = rings(capped(stations), 20, 3)
    points, faces = skin(_place(local, start, axes))
    along = (points - start) @ axes[0]
    weights: dict[str, np.ndarray] = {}
    left = np.ones(len(points))
    for bone, stretch in reversed(bones):
        taken = left if stretch is None else left * _ramp(along, *stretch)
        name = bone if bone in skeleton.INDEX else f"{side}_{bone}"
        weights[name] = taken
        left = left - taken
    middle = np.array([along[list(f)].mean() for f in faces])
    materials = np.select([middle < band[0], middle < band[1]], [SHELL, JOINT], accent)
    body.add(points, faces, materials, weights)


def _upright(stations: Sequence[tuple[float, ...]], sides: int, square: float) -> np.ndarray:
    """Rings around a vertical axis, with across = left and depth = front."""
    local, _ = rings(capped(stations, 0.7), sides, 2, square)
    return local[..., [1, 0, 2]][:, ::-1]


def _trunk(body: Body) -> None:
    points, faces = skin(_upright(_TRUNK, 28, 2.3))
    y, out = points[:, 1], np.abs(points[:, 0])
    # How far up the spine each height belongs; each joint bends over some 10 cm.
    to_1, to_2, to_3 = _ramp(y, 0.96, 1.07), _ramp(y, 1.08, 1.18), _ramp(y, 1.19, 1.29)
    collar = 0.6 * to_3 * _ramp(out, 0.05, 0.15) * _ramp(y, 1.27, 1.38)
    weights = {
        "pelvis": 1 - to_1,
        "spine1": to_1 - to_2,
        "spine2": to_2 - to_3,
        "spine3": to_3 - collar,
        "left_collar": np.where(points[:, 0] > 0, collar, 0.0),
        "right_collar": np.where(points[:, 0] <= 0, collar, 0.0),
    }
    heights = np.array([y[list(f)].mean() for f in faces])
    waist = (heights > _WAIST[0]) & (heights < _WAIST[1])
    body.add(points, faces, np.where(waist, JOINT, SHELL), weights)
    neck, faces = skin(
        tube(np.array([[0, 1.39, -0.008], [0, 1.46, 0.0], [0, 1.56, 0.008]]), np.full(3, 0.046), 16)
    )
    body.add(neck, faces, JOINT, _rigid("neck", neck))


def _head(body: Body) -> None:
    points, faces = skin(_upright(_HEAD, 28, 2.2))
    centres = np.array([points[list(f)].mean(axis=0) for f in faces])
    visor = (centres[:, 2] > 0.045) & (centres[:, 1] > _VISOR[0]) & (centres[:, 1] < _VISOR[1])
    body.add(points, faces, np.where(visor, JOINT, SHELL), _rigid("head", points))
    # The band of the headphones, over the head from ear to ear.
    turn = np.linspace(0.05, np.pi - 0.05, 17)
    path = np.stack(
        [0.088 * np.cos(turn), 1.610 + 0.116 * np.sin(turn), np.full(17, 0.004)], axis=1
    )
    band, faces = skin(tube(path, np.full(17, 0.010), 6))
    body.add(band, faces, JOINT, _rigid("head", band))


def _ear_cup(body: Body, sign: float, accent: int) -> None:
    local, _ = rings(capped([(-0.006, 0.040, 0.036), (0.010, 0.038, 0.034)], 0.35), 16, 1)
    axes = np.stack([sign * np.array([1.0, 0, 0]), sign * _UP, _FRONT])
    points, faces = skin(_place(local, np.array([sign * 0.079, 1.605, 0.004]), axes))
    body.add(points, faces, accent, _rigid("head", points))


def _hand(body: Body, side: str, sign: float) -> None:
    wrist, knuckles = _REST[f"{side}_wrist"], _REST[f"{side}_hand"]
    local, _ = rings(
        capped([(0.012, 0.014, 0.026), (0.045, 0.016, 0.037), (0.078, 0.013, 0.037)], 0.6),
        12, 1, 2.6,
    )  # fmt: skip
    points, faces = skin(_place(local, wrist, frame(wrist, knuckles, _FRONT)))
    body.add(points, faces, SHELL, _rigid(f"{side}_wrist", points))
    # Four fingers, a little curled, and the thumb; front is the side of the thumb.
    for z, length in ((0.027, 0.074), (0.009, 0.084), (-0.009, 0.078), (-0.026, 0.062)):
        t = np.linspace(0.0, 1.0, 4)
        path = knuckles + np.stack(
            [sign * length * t - sign * 0.004, -0.030 * t**2, z * (1 - 0.1 * t)], axis=1
        )
        points, faces = skin(tube(path, 0.0105 - 0.0025 * t, 6))
        body.add(points, faces, SHELL, _rigid(f"{side}_hand", points))
    thumb = np.array([[0.025, -0.003, 0.022], [0.055, -0.010, 0.046], [0.088, -0.016, 0.052]])
    path = wrist + thumb * np.array([sign, 1.0, 1.0])
    points, faces = skin(tube(path, np.array([0.014, 0.0125, 0.010]), 8))
    body.add(points, faces, SHELL, _rigid(f"{side}_wrist", points))


def _shoe(body: Body, side: str, accent: int) -> None:
    stations = [(z, width, height / 2, 0.0, height / 2) for z, width, height in _SHOE]
    local, _ = rings(capped(stations, 0.5), 18, 1, 2.8)
    ankle = _REST[f"{side}_ankle"]
    # along = front, across = sideways, depth = up; the sole lies on the floor.
    axes = np.stack([_FRONT, np.cross(_UP, _FRONT), _UP])
    points, faces = skin(_place(local, np.array([ankle[0], 0.0, 0.0]), axes))
    toes = _ramp(points[:, 2], 0.105, 0.145)
    low = np.array([points[list(f), 1].max() for f in faces]) < 0.014
    weights = {f"{side}_ankle": 1 - toes, f"{side}_foot": toes}
    body.add(points, faces, np.where(low, JOINT, accent), weights)
