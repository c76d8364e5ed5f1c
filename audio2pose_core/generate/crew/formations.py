"""Where a crew stands: places in spacings, to the left and to the front of the first dancer."""

from __future__ import annotations

import numpy as np

from ...errors import OptionError

FORMATIONS = ("v", "line", "circle", "rows", "scattered", "curve")
MOST = 24
"""More dancers than this are refused: their bodies would no longer be told apart."""
MOST_IN_CROWD = 200

_V_ANGLE = np.deg2rad(35.0)  # of each arm of the V against the line
_ROW_WIDTH = 1.9  # a block is about twice as wide as deep
_TRIES = 24  # places that are tried for each of the scattered
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


def places(
    formation: str,
    count: int,
    *,
    spacing: float = 1.4,
    curve: np.ndarray | None = None,
) -> np.ndarray:
    """Where each of ``count`` dancers stands, (count, 2) in spacings: to the left, to the front.

    Neighbours stand one spacing apart. The first stands at (0, 0), at the front of the
    formation, and the front is where the audience is, whatever the dance does.

    Parameters
    ----------
    spacing : metres; only for a curve, whose length is given.
    curve : (n, 2) metres, a way over the floor that "curve" stands along; the first dancer
        takes the place nearest to (0, 0), and all are moved along with it.

    Raises OptionError.
    """
    if formation not in FORMATIONS:
        raise OptionError(f"no formation {formation!r}; choose {', '.join(FORMATIONS)}")
    if formation == "v":
        made = _arms(count, np.array([np.cos(_V_ANGLE), -np.sin(_V_ANGLE)]))
    elif formation == "line":
        made = _arms(count, np.array([1.0, 0.0]))
    elif formation == "circle":
        made = _circle(count)
    elif formation == "rows":
        made = _rows(count)
    elif formation == "scattered":
        made = _scattered(count)
    else:
        made = _along_curve(count, spacing, curve)
    return made - made[0]


def crowd_places(count: int, spare: int = 0) -> np.ndarray:
    """Places (count + spare, 2) of a crowd in spacings, in rows that face the front.

    The first is (0, 0). Staggered like seats, and each a little off its seat, so that no row is
    ruled.
    """
    if not 1 <= count <= MOST_IN_CROWD:
        raise OptionError(f"a crowd has 1 to {MOST_IN_CROWD} dancers, not {count}")
    made = _rows(count + spare)
    random = np.random.Generator(np.random.PCG64(count))
    made[1:] += random.uniform(-0.12, 0.12, (count + spare - 1, 2))
    return made - made[0]


def place_names(formation: str, where: np.ndarray) -> list[str]:
    """What the dancers at places (n, 2) are called: "Front", "Left 1", "Row 2 Right 1" ...

    Left is the dancers' own left.
    """
    if formation in ("circle", "scattered", "curve"):
        return ["Front", *(f"{formation.title()} {k + 1}" for k in range(1, len(where)))]
    depth = np.round(where[:, 1], 3)
    rows = sorted(set(depth), reverse=True) if formation == "rows" else [None]
    names = ["Front"] + [""] * (len(where) - 1)
    for number, row in enumerate(rows, start=1):
        here = [k for k in range(len(where)) if row is None or depth[k] == row]
        prefix = "" if row is None else f"Row {number} "
        for side, sign in (("Left", 1.0), ("Right", -1.0)):
            beside = [k for k in here if k and sign * where[k, 0] > 1e-6]
            for rank, k in enumerate(sorted(beside, key=lambda k: abs(where[k, 0])), start=1):
                names[k] = f"{prefix}{side} {rank}"
        for k in here:
            names[k] = names[k] or f"{prefix}Middle"
    return names


def _arms(count: int, step: np.ndarray) -> np.ndarray:
    """The first, and the others on two arms that leave it; left (+) first."""
    out = np.zeros((count, 2))
    for k in range(1, count):
        rank, side = (k + 1) // 2, 1.0 if k % 2 else -1.0
        out[k] = rank * step * np.array([side, 1.0])
    return out


def _circle(count: int) -> np.ndarray:
    """Evenly round a middle, the first nearest to the audience, then towards the left."""
    if count == 1:
        return np.zeros((1, 2))
    radius = 0.5 / np.sin(np.pi / max(count, 2))
    angle = 2 * np.pi * np.arange(count) / count
    return radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)


def _rows(count: int) -> np.ndarray:
    """Rows one behind the other, each dancer in a gap of the row before; the last row is centred.

    The first row has an odd number, so that somebody stands in its middle.
    """
    wide = max(1, round(np.sqrt(_ROW_WIDTH * count)))
    wide += 1 - wide % 2
    out: list[tuple[float, float]] = []
    row, left = 0, count
    while left:
        here = min(left, wide if row % 2 == 0 else wide + 1)
        # Against the row before either half a place off, or one less or more of them.
        across = np.arange(here) - (here - 1) / 2
        if row % 2 != (here + 1) % 2:
            across = across + 0.5
        order = np.argsort(np.abs(across) - 1e-3 * across, kind="stable")
        out += [(float(across[k]), -np.sqrt(0.75) * row) for k in order]
        row, left = row + 1, left - here
    return np.array(out)


def _scattered(count: int) -> np.ndarray:
    """No pattern that one could name, and nobody nearer than a spacing: the same every time.

    Each stands on the place of some that is farthest from all others (D. Mitchell,
    "Spectrally Optimal Sampling for Distribution Ray Tracing", SIGGRAPH 1991).
    """
    random = np.random.Generator(np.random.PCG64(7))
    out = np.zeros((1, 2))
    while len(out) < count:
        reach = 0.75 * np.sqrt(len(out) + 1) + 0.5
        angle = random.uniform(0.0, 2 * np.pi, _TRIES)
        radius = reach * np.sqrt(random.uniform(0.0, 1.0, _TRIES))
        tried = np.stack([radius * np.cos(angle), radius * np.sin(angle) - reach], axis=1)
        gap = np.linalg.norm(tried[:, None] - out[None], axis=2).min(axis=1)
        if gap.max() >= 1.0:
            out = np.concatenate([out, tried[[np.argmax(gap)]]])
        else:
            # Full: the golden angle finds free ground further out.
            turn = _GOLDEN * len(out)
            far = np.array([np.cos(turn), -abs(np.sin(turn))]) * (reach + 1.0)
            if np.linalg.norm(far - out, axis=1).min() >= 1.0:
                out = np.concatenate([out, far[None]])
    return out


def _along_curve(count: int, spacing: float, curve: np.ndarray | None) -> np.ndarray:
    if curve is None or len(curve) < 2:
        raise OptionError("choose a curve for the crew to stand along")
    pieces = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(pieces)])
    needed = spacing * (count - 1)
    if along[-1] < needed - 1e-6:
        raise OptionError(
            f"the curve is {along[-1]:.1f} m long; {count} dancers {spacing:g} m apart need "
            f"{needed:.1f} m: draw a longer one, or take fewer dancers or less spacing"
        )
    at = (along[-1] - needed) / 2 + spacing * np.arange(count)
    made = np.stack([np.interp(at, along, column) for column in curve.T], axis=1) / spacing
    first = int(np.argmin(np.linalg.norm(made, axis=1)))
    return np.concatenate([made[[first]], np.delete(made, first, axis=0)])
