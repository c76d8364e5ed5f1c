"""Train the LSTM baseline of the evaluation; its weights are made again, never shipped.

python training/train_lstm_vae.py --pack data/motion_open.npz --output data/lstm_vae.pt
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from audio2pose_core.data.training.clip import load_pack
from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.network.baselines.lstm_vae import save, train

_log = logging.getLogger("train_lstm_vae")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pack", type=Path, default=Path("data/motion_open.npz"))
    parser.add_argument("--output", type=Path, default=Path("data/lstm_vae.pt"))
    parser.add_argument("--minutes", type=float, default=5.0, help="of CPU time (default: 5)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    options = parser.parse_args()
    logging.basicConfig(format="%(name)s: %(levelname)s: %(message)s")
    torch.set_num_threads(options.threads)
    try:
        clips = [c for c in load_pack(options.pack) if c.split == "train"]
        with tqdm(total=100, unit="%", disable=True if options.quiet else None) as bar:

            def progress(step: int, error: float, share: float) -> None:
                bar.set_postfix_str(f"step {step} error {error:.3f}", refresh=False)
                bar.update(round(100 * share) - bar.n)

            seconds = 60 * options.minutes
            trained = train(clips, seconds=seconds, seed=options.seed, progress=progress)
        save(options.output, trained)
    except Audio2PoseError as error:
        _log.error("%s", error)
        return error.exit_code
    print(f"{options.output}: {trained.steps} steps in {trained.seconds:.0f} s of CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
