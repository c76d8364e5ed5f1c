"""Check the keypoint fit on AIST++ clips: against the keypoints, and against the SMPL fit.

    python scripts/check_fit.py ../shared/data/aistpp_sample [--sheet sheet.png --clip NAME]

The folder holds ``keypoints3d/`` and ``motions/`` with the same names. Per joint
it prints the mean distance of the dancer's forward kinematics from the
keypoints, and of the fitted dance from the SMPL dance, both on our skeleton.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core import rotations as rot
from audio2pose_core.data.fitting.coco import fill_gaps, fit_keypoints, reproduced
from audio2pose_core.data.fitting.smpl import load_smpl
from audio2pose_core.data.safe_pickle.load import load_pickle
from audio2pose_core.errors import Audio2PoseError, DataError
from audio2pose_core.files import whole_file
from audio2pose_core.motion import Motion
from audio2pose_core.skeleton import COCO_17, JOINTS, PARENTS


def side_by_side(fitted: Motion, direct: Motion, output: Path, count: int = 12) -> None:
    """Draw moments of both fits: keypoints above, SMPL below; left red, right blue."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(4, count, figsize=(count * 1.4, 8))
    frames = np.linspace(0, len(fitted) - 1, count).astype(int)
    for row, (motion, plane) in enumerate(
        [(fitted, (0, 1)), (direct, (0, 1)), (fitted, (2, 1)), (direct, (2, 1))]
    ):
        places = motion.joint_positions()
        for axis, frame in zip(axes[row], frames, strict=True):
            axis.set_axis_off()
            place = places[frame] - places[frame, 0] * np.array([1, 0, 1])
            for joint, parent in enumerate(PARENTS):
                if parent >= 0:
                    side = JOINTS[joint].split("_")[0]
                    colour = {"left": "tab:red", "right": "tab:blue"}.get(side, "black")
                    x, y = place[[parent, joint]][:, list(plane)].T
                    axis.plot(x, y, color=colour, linewidth=1.6)
            axis.axhline(0.0, color="0.7", linewidth=0.6)
            name = "keypoints" if motion is fitted else "SMPL"
            axis.set_title(f"{name} {frame / motion.fps:.1f} s", fontsize=7, pad=1)
            axis.set(xlim=(-1, 1), ylim=(-0.15, 2.0), aspect="equal")
    figure.tight_layout(pad=0.2)
    with whole_file(output) as temporary:
        figure.savefig(temporary, dpi=80, format="png")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheet", type=Path, help="draw one clip by both fits, .png")
    parser.add_argument("--clip", help="the clip to draw (default: the first)")
    options = parser.parse_args()
    try:
        check(options)
    except Audio2PoseError as error:
        print(f"check_fit: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def check(options: argparse.Namespace) -> None:
    files = sorted((options.folder / "keypoints3d").glob("*.pkl"))
    if not files:
        raise DataError(f"{options.folder}: holds no keypoints3d/*.pkl")
    again, apart, turn, spent, seconds, names, lengths = [], [], [], 0.0, 0.0, [], []
    for file in files:
        keypoints = load_pickle(file)["keypoints3d_optim"]
        began = time.perf_counter()
        fit = fit_keypoints(keypoints)
        spent += time.perf_counter() - began
        seconds += fit.motion.seconds
        direct = load_smpl(options.folder / "motions" / file.name)
        points = fill_gaps(keypoints.astype(np.float64)) / 100
        again.append(np.linalg.norm(reproduced(fit) - points, axis=-1).mean(axis=0))
        between = fit.motion.joint_positions() - direct.joint_positions()
        apart.append(np.linalg.norm(between, axis=-1).mean(axis=0))
        step = rot.angle(fit.motion.rotations[1:], fit.motion.rotations[:-1])
        turn.append(step.max(axis=0))
        names.append(file.stem)
        lengths.append(fit.lengths())
        if options.sheet and (options.clip in (None, file.stem)):
            side_by_side(fit.motion, direct, options.sheet)
            options.sheet = None
    show("forward kinematics against the keypoints, cm", COCO_17, 100 * np.array(again), names)
    show("keypoint fit against SMPL fit, cm", JOINTS, 100 * np.array(apart), names)
    print("\nlargest turn between two frames, degrees (median clip, worst clip)")
    degrees = np.rad2deg(np.array(turn))
    for j, name in enumerate(JOINTS):
        print(f"  {name:15} {np.median(degrees[:, j]):6.1f} {degrees[:, j].max():6.1f}")
    print("\nbones, cm: the dancers' mean, ours")
    for name in lengths[0]:
        own = 100 * np.mean([length[name][0] for length in lengths])
        print(f"  {name:15} {own:6.1f} {100 * lengths[0][name][1]:6.1f}")
    print(
        f"\n{len(files)} clips of {seconds / len(files):.1f} s at 60 fps, "
        f"{spent / len(files):.2f} s each to fit"
    )


def show(title: str, joints: tuple[str, ...], errors: np.ndarray, clips: list[str]) -> None:
    """Print a table of mean errors (clips, joints) per joint."""
    worst = int(errors.mean(axis=1).argmax())
    print(
        f"\n{title}: mean {errors.mean():.2f}, worst clip {clips[worst]} {errors[worst].mean():.2f}"
    )
    for j, name in enumerate(joints):
        print(f"  {name:15} {errors[:, j].mean():6.2f}")


if __name__ == "__main__":
    sys.exit(main())
