"""Checkpoint -> model file: NAME.onnx with its contract NAME.json.

python training/export.py --weights runs/default/weights.pt --output my_dancer.onnx
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.network.export import describe_styles, export
from audio2pose_core.network.trainer import checkpoint_config, load_checkpoint


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--weights", type=Path, required=True, help="weights.pt or checkpoint.pt of a run"
    )
    parser.add_argument("--output", type=Path, required=True, help="NAME.onnx")
    parser.add_argument("--pack", type=Path, help="training file, if not where the config says")
    parser.add_argument("--steps", type=int, default=8, help="passes of the network a window")
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--overlap", type=int, default=60, help="frames shared by two windows")
    parser.add_argument("--liveliness", type=float, default=0.7, help="energy asked for on top")
    options = parser.parse_args()
    try:
        config = checkpoint_config(load_checkpoint(options.weights), str(options.weights))
        styles = describe_styles(options.pack or Path(config.data.pack), config.data.style_names)
        sampler = {
            "steps": options.steps,
            "guidance": options.guidance,
            "overlap": options.overlap,
            "liveliness": options.liveliness,
        }
        worst = export(
            options.weights,
            options.output,
            name=options.output.stem,
            styles=styles,
            sampler=sampler,
        )
    except Audio2PoseError as error:
        print(f"export: error: {error}", file=sys.stderr)
        return error.exit_code
    size = options.output.stat().st_size / 1e6
    print(f"{options.output}: {size:.1f} MB, differs from torch by at most {worst:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
