"""Rotations as arrays: quaternions (w, x, y, z), matrices, 6D, axis-angle, Euler.

Pure numpy, vectorised over any leading axes. Matrices act on column vectors.
The 6D representation is that of Zhou et al., "On the Continuity of Rotation
Representations in Neural Networks" (CVPR 2019): the first two columns of the
matrix, here stored as (column 0, column 1).
"""

from __future__ import annotations

import numpy as np

IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])


def normalize(v: np.ndarray, eps: float = 1e-12) -> np.ndarray:
    """Scale the last axis to unit length; vectors shorter than ``eps`` stay short."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), eps)


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Hamilton product a b, (..., 4): the rotation b followed by a."""
    aw, ax, ay, az = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bw, bx, by, bz = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    # Into one array at once: ``np.stack`` takes as long again.
    first = aw * bw - ax * bx - ay * by - az * bz
    out = np.empty((*first.shape, 4), dtype=first.dtype)
    out[..., 0] = first
    out[..., 1] = aw * bx + ax * bw + ay * bz - az * by
    out[..., 2] = aw * by - ax * bz + ay * bw + az * bx
    out[..., 3] = aw * bz + ax * by - ay * bx + az * bw
    return out


def conjugate(q: np.ndarray) -> np.ndarray:
    """Inverse of a unit quaternion, (..., 4)."""
    return q * np.array([1.0, -1.0, -1.0, -1.0], dtype=q.dtype)


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product (..., 3): ``np.cross`` in a third of its time, without its checks."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    first = ay * bz - az * by
    out = np.empty((*first.shape, 3), dtype=first.dtype)
    out[..., 0] = first
    out[..., 1] = az * bx - ax * bz
    out[..., 2] = ax * by - ay * bx
    return out


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Rotate vectors (..., 3) by unit quaternions (..., 4)."""
    u = q[..., 1:]
    t = 2.0 * cross(u, v)
    return v + q[..., :1] * t + cross(u, t)


def to_matrix(q: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) of unit quaternions (..., 4)."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    first = 1 - 2 * (y * y + z * z)
    out = np.empty((*first.shape, 3, 3), dtype=first.dtype)
    out[..., 0, 0] = first
    out[..., 0, 1] = 2 * (x * y - w * z)
    out[..., 0, 2] = 2 * (x * z + w * y)
    out[..., 1, 0] = 2 * (x * y + w * z)
    out[..., 1, 1] = 1 - 2 * (x * x + z * z)
    out[..., 1, 2] = 2 * (y * z - w * x)
    out[..., 2, 0] = 2 * (x * z - w * y)
    out[..., 2, 1] = 2 * (y * z + w * x)
    out[..., 2, 2] = 1 - 2 * (x * x + y * y)
    return out


def from_matrix(m: np.ndarray) -> np.ndarray:
    """Unit quaternions (..., 4) of rotation matrices (..., 3, 3), with w >= 0.

    Shepperd's method: of the four candidate formulas the one with the largest
    divisor is taken, so that no rotation loses precision.
    """
    m00, m01, m02 = m[..., 0, 0], m[..., 0, 1], m[..., 0, 2]
    m10, m11, m12 = m[..., 1, 0], m[..., 1, 1], m[..., 1, 2]
    m20, m21, m22 = m[..., 2, 0], m[..., 2, 1], m[..., 2, 2]
    candidates = np.stack(
        [
            np.stack([1 + m00 + m11 + m22, m21 - m12, m02 - m20, m10 - m01], -1),
            np.stack([m21 - m12, 1 + m00 - m11 - m22, m10 + m01, m02 + m20], -1),
            np.stack([m02 - m20, m10 + m01, 1 - m00 + m11 - m22, m21 + m12], -1),
            np.stack([m10 - m01, m02 + m20, m21 + m12, 1 - m00 - m11 + m22], -1),
        ],
        axis=-2,
    )
    best = np.argmax(np.stack([candidates[..., i, i] for i in range(4)], -1), axis=-1)
    q = np.take_along_axis(candidates, best[..., None, None], axis=-2)[..., 0, :]
    q = normalize(q)
    return np.where(q[..., :1] < 0, -q, q)


def from_6d(d: np.ndarray) -> np.ndarray:
    """Quaternions (..., 4) from 6D (..., 6) by Gram-Schmidt (Zhou et al. 2019)."""
    return from_matrix(matrix_from_6d(d))


def matrix_from_6d(d: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) from 6D (..., 6) by Gram-Schmidt."""
    x = normalize(d[..., :3])
    y = d[..., 3:] - np.sum(x * d[..., 3:], axis=-1, keepdims=True) * x
    y = normalize(y)
    return np.stack([x, y, cross(x, y)], axis=-1)


def to_6d(q: np.ndarray) -> np.ndarray:
    """6D (..., 6) of unit quaternions (..., 4): matrix columns 0 and 1."""
    m = to_matrix(q)
    return np.concatenate([m[..., :, 0], m[..., :, 1]], axis=-1)


def from_axis_angle(v: np.ndarray) -> np.ndarray:
    """Quaternions (..., 4) of rotation vectors (..., 3) in radians."""
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    # np.sinc(x) is sin(pi x)/(pi x): exact and smooth through zero.
    return np.concatenate([np.cos(angle / 2), v * (0.5 * np.sinc(angle / (2 * np.pi)))], axis=-1)


def to_axis_angle(q: np.ndarray) -> np.ndarray:
    """Rotation vectors (..., 3) in radians, of length at most pi."""
    q = np.where(q[..., :1] < 0, -q, q)
    sin_half = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sin_half, q[..., :1])
    scale = np.where(sin_half > 1e-12, angle / np.maximum(sin_half, 1e-12), 2.0)
    return q[..., 1:] * scale


_AXES = {"X": 0, "Y": 1, "Z": 2}


def from_euler(angles: np.ndarray, order: str) -> np.ndarray:
    """Quaternions of intrinsic Euler angles (..., 3), radians, e.g. order "ZXY".

    ``angles[..., i]`` turns about ``order[i]``; the product is taken left to
    right (R = R_order[0] R_order[1] R_order[2]), as BVH channels mean it.
    """
    q = None
    for i, axis in enumerate(order):
        half = angles[..., i] / 2
        part = np.zeros(angles.shape[:-1] + (4,))
        part[..., 0] = np.cos(half)
        part[..., 1 + _AXES[axis]] = np.sin(half)
        q = part if q is None else multiply(q, part)
    assert q is not None
    return q


def to_euler(q: np.ndarray, order: str) -> np.ndarray:
    """Intrinsic Euler angles (..., 3) in radians for any of the six Tait-Bryan orders.

    At gimbal lock the first angle takes the whole turn. The middle angle lies
    in [-pi/2, pi/2].
    """
    i, j, k = (_AXES[a] for a in order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    m = to_matrix(q)
    sin_mid = np.clip(sign * m[..., i, k], -1.0, 1.0)
    mid = np.arcsin(sin_mid)
    locked = np.abs(sin_mid) > 1.0 - 1e-10
    first = np.where(
        locked,
        np.arctan2(sign * m[..., k, j], m[..., j, j]),
        np.arctan2(-sign * m[..., j, k], m[..., k, k]),
    )
    last = np.where(locked, 0.0, np.arctan2(-sign * m[..., i, j], m[..., i, i]))
    return np.stack([first, mid, last], axis=-1)


def slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Spherical interpolation along the shorter arc; ``t`` broadcasts over (...,)."""
    dot = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(dot < 0, -b, b)
    dot = np.clip(np.abs(dot), 0.0, 1.0)
    t = np.asarray(t)[..., None]
    theta = np.arccos(dot)
    sin_theta = np.sin(theta)
    near = sin_theta < 1e-6
    safe = np.where(near, 1.0, sin_theta)
    wa = np.where(near, 1.0 - t, np.sin((1.0 - t) * theta) / safe)
    wb = np.where(near, t, np.sin(t * theta) / safe)
    return normalize(wa * a + wb * b)


def continuous(q: np.ndarray) -> np.ndarray:
    """Flip signs along axis 0 so that neighbours never point to opposite hemispheres."""
    if len(q) < 2:
        return q.copy()
    dots = np.sum(q[1:] * q[:-1], axis=-1)
    flips = np.cumprod(np.where(dots < 0, -1.0, 1.0), axis=0)
    out = q.copy()
    out[1:] *= flips[..., None]
    return out


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Shortest rotation (..., 4) that turns direction a (..., 3) to direction b."""
    a, b = normalize(a), normalize(b)
    w = 1.0 + np.sum(a * b, axis=-1, keepdims=True)
    # Opposite directions: any axis at a right angle to a will do.
    helper = np.where(np.abs(a[..., :1]) < 0.9, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    xyz = np.where(w < 1e-8, cross(a, helper), cross(a, b))
    w = np.where(w < 1e-8, 0.0, w)
    return normalize(np.concatenate([w, xyz], axis=-1))


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle in radians (...,) between two rotations (..., 4)."""
    dot = np.clip(np.abs(np.sum(a * b, axis=-1)), 0.0, 1.0)
    return 2.0 * np.arccos(dot)


def yaw(q: np.ndarray) -> np.ndarray:
    """Heading in radians (...,): the turn about +Y of the rotated +Z axis.

    Zero when the figure faces +Z; positive turns towards +X.
    """
    forward = rotate(q, np.broadcast_to(np.array([0.0, 0.0, 1.0]), q.shape[:-1] + (3,)))
    return np.arctan2(forward[..., 0], forward[..., 2])


def from_yaw(theta: np.ndarray) -> np.ndarray:
    """Quaternions (..., 4) that turn by ``theta`` radians about +Y."""
    theta = np.asarray(theta, dtype=np.float64)
    zero = np.zeros_like(theta)
    return np.stack([np.cos(theta / 2), zero, np.sin(theta / 2), zero], axis=-1)
