"""Are locked keys hit without a pop, and do regenerated parts join without a seam?

A dance is made; then keys of it are locked, changed keys are locked, a range is
regenerated, or the arms are, with another seed, and the result is compared with the
constraint. The acceleration of the fastest joint about a lock stands beside
that about random instants of real motion: a pop would stick out of that range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import rotations as rot
from ..cleanup.constraints import COLUMNS, MotionConstraint
from ..generate.dance import generate_dance
from ..metrics.smoothness import seam_jumps
from ..motion import Motion
from ..skeleton import JOINTS
from .dancers import EvalSpec, Pool, worker_here
from .measures import Sample, prepare

REACH_S = 0.1
"""Either side of a lock in which the acceleration is looked at."""
KEY_EVERY_S = 1.5
EDIT_DEGREES, EDIT_M = 25.0, 0.04
"""How far a changed key turns each joint of the arms, and moves the root."""
ARMS = tuple(
    JOINTS.index(f"{side}_{part}")
    for side in ("left", "right")
    for part in ("collar", "shoulder", "elbow", "wrist", "hand")
)
SONGS = 4
TASKS = ("locked keys", "locked keys, changed", "a range regenerated", "the arms regenerated")


@dataclass(frozen=True)
class Locked:
    """What one task measured; one array entry a lock or seam."""

    task: str
    root_cm: np.ndarray
    degrees: np.ndarray
    acceleration: np.ndarray
    seam_ratio: np.ndarray


@dataclass(frozen=True)
class Locks:
    """Of all tasks, and the acceleration about random instants of real motion, m/s²."""

    found: list[Locked]
    real: np.ndarray


def peaks(motion: Motion, times: np.ndarray) -> np.ndarray:
    """Largest acceleration (n,) of any joint within ``REACH_S`` of times (n,), m/s²."""
    change = np.diff(motion.joint_positions(), n=2, axis=0) * motion.fps**2
    largest = np.zeros(len(motion))
    largest[1:-1] = np.linalg.norm(change, axis=-1).max(axis=1)
    at, reach = np.round(times * motion.fps).astype(int), round(REACH_S * motion.fps)
    return np.array([largest[max(0, f - reach) : f + reach + 1].max() for f in at])


def changed(motion: Motion, frames: np.ndarray, seed: int) -> Motion:
    """The motion with the arms turned and the root moved in some frames, as by hand."""
    random = np.random.default_rng(seed)
    root, quats = motion.root.copy(), motion.rotations.copy()
    for frame in frames:
        axes = rot.normalize(random.standard_normal((len(ARMS), 3)))
        turns = rot.from_axis_angle(np.radians(EDIT_DEGREES) * axes)
        quats[frame, list(ARMS)] = rot.multiply(quats[frame, list(ARMS)], turns)
        root[frame, [0, 2]] += EDIT_M * rot.normalize(random.standard_normal(2))
    return Motion(motion.fps, root, quats, motion.contacts)


def constraint_of(task: str, motion: Motion, seed: int) -> tuple[MotionConstraint, np.ndarray]:
    """What stays in a task, and the seconds (n,) of its locks or seams."""
    frames, fps = len(motion), motion.fps
    mask = np.zeros((frames, COLUMNS), dtype=bool)
    keys = np.arange(round(KEY_EVERY_S * fps), frames - round(fps), round(KEY_EVERY_S * fps))
    if task == TASKS[0]:
        mask[keys] = True
        return MotionConstraint(motion, mask), keys / fps
    if task == TASKS[1]:
        mask[keys[:, None], [0, *(1 + j for j in ARMS)]] = True
        return MotionConstraint(changed(motion, keys, seed), mask), keys / fps
    start, stop = round(frames * 0.3), round(frames * 0.7)
    mask[:] = True
    if task == TASKS[2]:
        mask[start:stop] = False
    else:
        mask[start:stop, [1 + j for j in ARMS]] = False
    return MotionConstraint(motion, mask), np.array([start, stop]) / fps


def compare(task: str, constraint: MotionConstraint, times: np.ndarray, made: Motion) -> Locked:
    """The result of a task beside what was to stay."""
    mask, count = constraint.mask[: len(made)], min(len(made), len(constraint.motion))
    mask = mask[:count]
    apart = np.linalg.norm(made.root[:count] - constraint.motion.root[:count], axis=1)
    dots = np.abs((made.rotations[:count] * constraint.motion.rotations[:count]).sum(axis=-1))
    turned = np.degrees(2 * np.arccos(np.clip(dots, 0, 1)))
    ratios = [seam_jumps(made, times[k : k + 1])[1] for k in range(len(times))]
    return Locked(
        task, 100 * apart[mask[:, 0]], turned[mask[:, 1:]], peaks(made, times), np.array(ratios)
    )


def _lock(task: tuple[str, int]) -> Locked:
    what, i = task
    here = worker_here()
    model, song = here.models[0], here.spec.songs[i]
    style = here.style_of(model, i, 0)
    first = generate_dance(song.audio, style=style, seed=0, model=model).motion
    constraint, times = constraint_of(what, first, i)
    second = generate_dance(song.audio, style=style, seed=1, model=model, constraint=constraint)
    return compare(what, constraint, times, second.motion)


def locks(
    pool: Pool, spec: EvalSpec, real: list[Sample], progress: Callable[[float], None]
) -> Locks:
    """All tasks on the first songs, by the first dancer."""
    tasks = [(task, i) for task in TASKS for i in range(min(SONGS, len(spec.songs)))]
    found = pool.map(_lock, tasks, progress)
    random = np.random.default_rng(0)
    of_real = [
        peaks(motion, random.uniform(0.2, motion.seconds - 0.2, int(motion.seconds / KEY_EVERY_S)))
        for motion in (prepare(s.motion) for s in real)
    ]
    return Locks(
        [_joined([f for f in found if f.task == t]) for t in TASKS], np.concatenate(of_real)
    )


def _joined(parts: list[Locked]) -> Locked:
    def whole(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    names = ("root_cm", "degrees", "acceleration", "seam_ratio")
    return Locked(parts[0].task, *(whole(name) for name in names))


def lock_table(result: Locks) -> str:
    """Markdown: one task a line, real motion last."""
    lines = [
        "| | locks or seams | root off, cm | turned off, ° | acceleration there, m/s²: "
        "median, 95 % | step there / 99 % elsewhere |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]

    def spread(values: np.ndarray) -> str:
        return f"{np.median(values):.0f}, {np.percentile(values, 95):.0f}"

    for f in result.found:
        ratio = f"{np.nanmedian(f.seam_ratio):.2f}, at most {np.nanmax(f.seam_ratio):.2f}"
        lines.append(
            f"| {f.task} | {len(f.acceleration)} | {f.root_cm.max(initial=0.0):.2f} | "
            f"{f.degrees.max(initial=0.0):.2f} | {spread(f.acceleration)} | {ratio} |"
        )
    lines.append(
        f"| real motion, random instants | {len(result.real)} | – | – | {spread(result.real)} | – |"
    )
    return "\n".join(lines) + (
        f"\n\nOff: the largest over all that was locked. A key every {KEY_EVERY_S:g} s: the whole "
        f"body, or the arms turned by {EDIT_DEGREES:g}° a joint and the root moved by "
        f"{100 * EDIT_M:g} cm as by hand. The rest is regenerated with another seed. Acceleration: "
        f"of the fastest joint within {REACH_S:g} s."
    )
