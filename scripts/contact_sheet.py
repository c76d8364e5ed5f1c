"""Draw a dance as a sheet of stick figures, with its path over the ground.

    python scripts/contact_sheet.py dance.bvh -o sheet.png [--columns 12 --rows 4 --start 0]

Left limbs are red, right limbs blue. Needs matplotlib (extra "data").
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.files import whole_file
from audio2pose_core.formats import load_motion
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import JOINTS, PARENTS


def draw_pose(axis: Any, places: np.ndarray) -> None:
    """A stick figure of joints (24, 3) in metres on matplotlib axes, the pelvis in the middle."""
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            side = JOINTS[joint].split("_")[0]
            colour = {"left": "tab:red", "right": "tab:blue"}.get(side, "black")
            line = places[[parent, joint], :2] - [places[0, 0], 0.0]
            axis.plot(*line.T, color=colour, linewidth=1.6)
    axis.axhline(0.0, color="0.7", linewidth=0.6)
    axis.set(xlim=(-1, 1), ylim=(-0.15, 2.1), aspect="equal")


def draw(motion: Motion, output: Path, columns: int, rows: int, start: float, step: float) -> None:
    """Write the sheet; figures are ``step`` seconds apart and seen from the front."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    places = motion.joint_positions()
    figure, axes = pyplot.subplots(rows, columns, figsize=(columns * 1.3, rows * 1.9))
    for i, axis in enumerate(np.ravel(axes)):
        axis.set_axis_off()
        frame = round((start + i * step) * motion.fps)
        if frame >= len(motion):
            continue
        draw_pose(axis, places[frame])
        axis.set_title(f"{start + i * step:.2f} s", fontsize=6, pad=1)
    figure.tight_layout(pad=0.2)
    with whole_file(output) as temporary:
        figure.savefig(temporary, dpi=90, format="png")
    pyplot.close(figure)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("motion", type=Path, help=".bvh or .npz")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the picture, .png")
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--start", type=float, default=0.0, help="seconds")
    parser.add_argument("--step", type=float, default=0.25, help="seconds between figures")
    options = parser.parse_args()
    try:
        draw(
            load_motion(options.motion),
            options.output,
            options.columns,
            options.rows,
            options.start,
            options.step,
        )
    except Audio2PoseError as error:
        print(f"contact_sheet: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
