"""Motion: what a dance is once it left the network, and before it meets a rig."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import rotations as rot
from .errors import MotionError
from .skeleton import END_SITES, MIRROR, NUM_JOINTS, OFFSETS, PARENTS, STANDING_PELVIS_HEIGHT

HAND_SHAPES = ("relaxed", "open", "fist", "point")
"""What a hand can be asked for."""


@dataclass(frozen=True)
class Motion:
    """A dance of T frames on the 24-joint skeleton.

    Attributes
    ----------
    fps : float
        Frames per second.
    root : (T, 3) float64
        Position of the pelvis in metres, Y up.
    rotations : (T, 24, 4) float64
        Unit quaternions (w, x, y, z), each relative to the parent joint.
    contacts : (T, 4) float64 or None
        Probability in 0..1 that left ankle, left toe, right ankle, right toe
        is planted (``skeleton.CONTACT_JOINTS``).
    hands : (T, 2, 4) float64 or None
        What a plan asks of the left and the right hand: weights of ``HAND_SHAPES``, 0..1, at
        most 1 together. What is left of 1 fingers do by themselves (``retarget.hand_shapes``).
    """

    fps: float
    root: np.ndarray
    rotations: np.ndarray
    contacts: np.ndarray | None = None
    hands: np.ndarray | None = None

    def __post_init__(self) -> None:
        frames = len(self.root)
        if not np.isfinite(self.fps) or self.fps <= 0:
            raise MotionError(f"a motion needs a positive frame rate, not {self.fps}")
        if self.root.shape != (frames, 3) or self.rotations.shape != (frames, NUM_JOINTS, 4):
            raise MotionError(
                f"a motion is root (T, 3) and rotations (T, {NUM_JOINTS}, 4); "
                f"these are {self.root.shape} and {self.rotations.shape}"
            )
        if frames == 0:
            raise MotionError("a motion needs at least one frame")
        if self.contacts is not None and self.contacts.shape != (frames, 4):
            raise MotionError(f"contacts are ({frames}, 4), not {self.contacts.shape}")
        shape = (frames, 2, len(HAND_SHAPES))
        if self.hands is not None and self.hands.shape != shape:
            raise MotionError(f"hands are {shape}, not {self.hands.shape}")
        if not (np.isfinite(self.root).all() and np.isfinite(self.rotations).all()):
            raise MotionError("a motion holds a number that is not finite")

    def __len__(self) -> int:
        return len(self.root)

    @property
    def seconds(self) -> float:
        """Length in seconds: frames over frame rate."""
        return len(self) / self.fps

    def global_rotations(self) -> np.ndarray:
        """World rotation of every joint, (T, 24, 4)."""
        return global_rotations(self.rotations)

    def joint_positions(self) -> np.ndarray:
        """World position of every joint by forward kinematics, (T, 24, 3) metres."""
        return forward_kinematics(self.root, self.rotations)

    def tip_positions(self) -> dict[int, np.ndarray]:
        """Where the bones of ``skeleton.END_SITES`` end: joint -> (T, 3) metres."""
        world, joints = self.global_rotations(), self.joint_positions()
        return {j: joints[:, j] + rot.rotate(world[:, j], tip) for j, tip in END_SITES.items()}

    def body_points(self) -> np.ndarray:
        """Joints and bone tips, (T, 24 + tips, 3) metres: the outline of a body."""
        tips = np.stack(list(self.tip_positions().values()), axis=1)
        return np.concatenate([self.joint_positions(), tips], axis=1)

    def slice(self, start: int, stop: int) -> Motion:
        """Frames start to stop - 1."""
        contacts = None if self.contacts is None else self.contacts[start:stop]
        hands = None if self.hands is None else self.hands[start:stop]
        return Motion(self.fps, self.root[start:stop], self.rotations[start:stop], contacts, hands)

    def sample(self, times: np.ndarray, fps: float) -> Motion:
        """The motion at the given times (seconds, clamped to its ends), labelled with ``fps``.

        Positions, contacts and hands are interpolated linearly, rotations by slerp.
        Times need not be even: this is also how a motion is warped in time.
        """
        last = len(self) - 1
        x = np.clip(np.asarray(times, dtype=np.float64) * self.fps, 0, last)
        low = np.minimum(np.floor(x).astype(int), max(last - 1, 0))
        high = np.minimum(low + 1, last)
        t = x - low

        def mix(values: np.ndarray) -> np.ndarray:
            share = t.reshape(-1, *[1] * (values.ndim - 1))
            return values[low] * (1 - share) + values[high] * share

        quats = rot.slerp(self.rotations[low], self.rotations[high], t[:, None])
        contacts = None if self.contacts is None else mix(self.contacts)
        hands = None if self.hands is None else mix(self.hands)
        return Motion(fps, mix(self.root), quats, contacts, hands)

    def resample(self, fps: float) -> Motion:
        """The same motion at another frame rate, same first frame, same length in seconds.

        The frame count is round(seconds * fps), at least 1.
        """
        if fps == self.fps:
            return self
        if not np.isfinite(fps) or fps <= 0:
            raise MotionError(f"cannot resample a motion to {fps} frames per second")
        count = max(1, round(self.seconds * fps))
        return self.sample(np.arange(count) / fps, fps)

    def mirrored(self) -> Motion:
        """Left and right exchanged by reflection in the plane x = 0."""
        root = self.root * np.array([-1.0, 1.0, 1.0])
        # Reflecting x keeps the turn about x and reverses those about y and z.
        quats = self.rotations[:, list(MIRROR)] * np.array([1.0, 1.0, -1.0, -1.0])
        contacts = None if self.contacts is None else self.contacts[:, [2, 3, 0, 1]]
        hands = None if self.hands is None else self.hands[:, ::-1]
        return Motion(self.fps, root, quats, contacts, hands)

    def turned(self, angle: float, shift: np.ndarray | None = None) -> Motion:
        """Turned by ``angle`` radians about +Y through the origin, then shifted (3,) metres."""
        q = rot.from_yaw(np.array(angle))
        root = rot.rotate(q, self.root)
        if shift is not None:
            root = root + shift
        quats = self.rotations.copy()
        quats[:, 0] = rot.multiply(q, quats[:, 0])
        return replace(self, root=root, rotations=quats)

    def with_hands(self, hands: np.ndarray | None) -> Motion:
        """The same motion with other hands."""
        return replace(self, hands=hands)

    def with_contacts(self, contacts: np.ndarray | None) -> Motion:
        """The same motion with other contact labels."""
        return replace(self, contacts=contacts)


def global_rotations(local: np.ndarray) -> np.ndarray:
    """World rotations (..., 24, 4) from rotations relative to the parent (..., 24, 4)."""
    out = np.empty_like(local)
    out[..., 0, :] = local[..., 0, :]
    for j in range(1, NUM_JOINTS):
        out[..., j, :] = rot.multiply(out[..., PARENTS[j], :], local[..., j, :])
    return out


def forward_kinematics(
    root: np.ndarray, local: np.ndarray, offsets: np.ndarray = OFFSETS
) -> np.ndarray:
    """Joint positions (..., 24, 3) in metres from root (..., 3) and rotations (..., 24, 4)."""
    world = global_rotations(local)
    out = np.empty(local.shape[:-1] + (3,))
    out[..., 0, :] = root
    for j in range(1, NUM_JOINTS):
        p = PARENTS[j]
        out[..., j, :] = out[..., p, :] + rot.rotate(world[..., p, :], offsets[j])
    return out


def rest_motion(frames: int, fps: float) -> Motion:
    """The T-pose, standing still: a reference for tests and baselines."""
    root = np.zeros((frames, 3))
    root[:, 1] = STANDING_PELVIS_HEIGHT
    quats = np.zeros((frames, NUM_JOINTS, 4))
    quats[..., 0] = 1.0
    return Motion(fps, root, quats, np.ones((frames, 4)))
