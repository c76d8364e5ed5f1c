"""Which camera films when: one that follows, orbits or stands in front, or cuts on downbeats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .camera import LENS, Shot, orbit_headings, plan_shot

CAMERAS = ("follow", "orbit", "front", "cuts")

SHOT_SECONDS = 3.6
"""A shot lasts from a downbeat to the first one at least this much later."""
LAST_SECONDS = 1.6
"""No cut so short before the end."""


@dataclass(frozen=True)
class View:
    """A place to film from: degrees off the front, degrees down, lens in mm, drift in degrees/s."""

    name: str
    heading: float
    pitch: float
    lens: float = LENS
    drift: float = 0.0


# In the order of the cuts. Neighbours differ by 30 degrees or in size, as editors ask;
# none is behind the dancer, whose front the song is danced to.
VIEWS = (
    View("Front", 0.0, 6.0, 50.0),
    View("Low Left", -38.0, -3.0, 32.0, 1.5),
    View("Right", 34.0, 8.0, 75.0),
    View("Crane", -6.0, 24.0, 40.0, -2.0),
    View("Low Right", 46.0, -2.0, 35.0, -2.5),
    View("Left", -30.0, 10.0, 60.0, 2.0),
)


def plan_camera(
    kind: str,
    points: np.ndarray,
    centre: np.ndarray,
    heading: float,
    fps: float,
    size: tuple[int, int],
    body: float,
    downbeats: np.ndarray,
) -> list[Shot]:
    """The shots of a whole dance.

    Parameters
    ----------
    kind : one of ``CAMERAS``.
    points, centre, heading, fps, size, body : as ``plan_shot`` takes them.
    downbeats : (n,) seconds from the first frame; only the cuts ask for them.
    """
    count = len(points)
    if kind == "front":
        return [plan_shot(points, heading, fps, size, body=body, centre=centre, still=True)]
    if kind == "orbit":
        around = orbit_headings(heading, count, fps)
        return [plan_shot(points, around, fps, size, body=body, centre=centre)]
    if kind == "follow":
        return [plan_shot(points, heading, fps, size, body=body, centre=centre)]
    shots = []
    starts = cut_frames(downbeats, count, fps)
    for i, (a, b) in enumerate(zip(starts, [*starts[1:], count], strict=True)):
        view = VIEWS[i % len(VIEWS)]
        drift = np.deg2rad(view.heading + view.drift * np.arange(b - a) / fps)
        shot = plan_shot(
            points[a:b],
            heading + drift,
            fps,
            size,
            lens=view.lens,
            pitch=float(np.deg2rad(view.pitch)),
            body=body,
            centre=centre[a:b],
        )
        shots.append(replace(shot, first=a, view=f"Camera {view.name}"))
    return shots


def cut_frames(downbeats: np.ndarray, frames: int, fps: float) -> list[int]:
    """Frames, from 0, on which a shot begins: the first, then downbeats far enough apart."""
    cuts = [0]
    last = 0.0
    for time in downbeats:
        if time - last >= SHOT_SECONDS and frames / fps - time >= LAST_SECONDS:
            cuts.append(round(float(time) * fps))
            last = float(time)
    return cuts
