"""Draw clips of motion capture as rows of stick figures a beat apart, a sheet for each source.

    python scripts/clip_sheets.py ../shared/data/motion_open -o sheets [--every 3 --start 0]

Each row is one clip over 16 beats, seen from its own front; half a second stands for a beat
where the tempo is not known. Needs matplotlib (extra "data").
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio2pose_core.data.bvh.index_file import IndexRow, read_index
from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.files import whole_file
from audio2pose_core.formats import load_bvh
from audio2pose_core.metrics.facing import mean_heading
from scripts.contact_sheet import draw_pose

BEATS = 16
UNKNOWN_BEAT_S = 0.5


def draw_sheet(folder: Path, rows: list[IndexRow], output: Path, start: float) -> None:
    """Write the sheet of some rows of the index."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(rows), BEATS, figsize=(BEATS, 1.4 * len(rows)), squeeze=False
    )
    for cells, row in zip(axes, rows, strict=True):
        motion = load_bvh(folder / row.file)
        places = motion.turned(-mean_heading(motion)).joint_positions()
        beat = 60.0 / row.known_bpm if row.known_bpm else UNKNOWN_BEAT_S
        title = f"{row.file}: {row.style_guess[:48]}, {beat:.2f} s apart from {start:g} s"
        cells[0].set_title(title, fontsize=7, loc="left", pad=2)
        for k, cell in enumerate(cells):
            cell.set_axis_off()
            frame = round((start + k * beat) * motion.fps)
            if frame < len(motion):
                draw_pose(cell, places[frame])
    figure.subplots_adjust(0, 0, 1, 0.97, 0, 0.2)
    with whole_file(output) as temporary:
        figure.savefig(temporary, dpi=75, format="png")
    pyplot.close(figure)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="BVH clips with an index.csv")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--every", type=int, default=1, help="draw every so manyeth clip")
    parser.add_argument("--start", type=float, default=0.0, help="seconds")
    parser.add_argument("--rows", type=int, default=12, help="clips in a picture (default: 12)")
    options = parser.parse_args()
    try:
        rows = read_index(options.folder)
        options.output.mkdir(parents=True, exist_ok=True)
        for source in dict.fromkeys(row.source for row in rows):
            own = [row for row in rows if row.source == source][:: options.every]
            for k in range(0, len(own), options.rows):
                path = options.output / f"{source}_{k // options.rows}.png"
                draw_sheet(options.folder, own[k : k + options.rows], path, options.start)
                print(path)
    except Audio2PoseError as error:
        print(f"clip_sheets: error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
