"""What each choice of network and training is worth: small networks, one thing changed at a time.

python training/ablate.py --output runs/ablations --table training/RESULTS_ABLATIONS.md

Trains every variant of training/ablations.toml (again after an interruption: from
where it was), lets each dance without any cleanup, and writes one table.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from audio2pose_core import representation as rep
from audio2pose_core.data.training.clip import load_pack
from audio2pose_core.errors import Audio2PoseError, OptionError
from audio2pose_core.evaluate.dancers import EvalSpec, EvalWorker
from audio2pose_core.evaluate.measures import Reference, Sample, measure_run, reference_of
from audio2pose_core.evaluate.songs import own_songs
from audio2pose_core.evaluate.systems import real
from audio2pose_core.files import write_text
from audio2pose_core.generate.sampler import SamplerSettings, sample_dance
from audio2pose_core.network.checkpoints import checkpoint_config, load_checkpoint, scale_of
from audio2pose_core.network.config import Config, from_tables
from audio2pose_core.network.export import export
from audio2pose_core.network.losses import RealUnits
from audio2pose_core.network.model import DanceNet
from audio2pose_core.network.sources import training_windows
from audio2pose_core.network.styles import describe_styles
from audio2pose_core.network.trainer import train

_log = logging.getLogger("ablate")

SETTINGS = SamplerSettings(steps=8, guidance=2.0, overlap=60)
VALIDATION_T, VALIDATION_BATCHES, VALIDATION_BATCH = 0.3, 8, 32
"""Held-out windows, noised so far that a dance can be told from its conditions only in part."""
COLUMNS = (
    ("parameters", "parameters, M", 2),
    ("windows", "windows/s", 0),
    ("error", "held-out error, cm", 2),
    ("beat_lock_lift", "lock lift", 3),
    ("beat_power", "beat power", 3),
    ("motion_magnitude_m_s", "magnitude, m/s", 3),
    ("jerk_below_7_hz", "jerk below 7 Hz", 0),
    ("fid_k held-out", "FID_k", 1),
    ("fid_g held-out", "FID_g", 1),
    ("div_k", "Div_k", 2),
    ("div_g", "Div_g", 2),
)


@dataclass(frozen=True)
class Variant:
    """A name and the configuration that it is trained with."""

    name: str
    config: Config


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--variants", type=Path, default=Path("training/ablations.toml"), help=".toml"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--table", type=Path, required=True, help="markdown to write")
    parser.add_argument("--seconds", type=float, default=16.0, help="of each song (default: 16)")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("--verbose", action="store_true", help="what is done, step by step")
    options = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(name)s: %(levelname)s: %(message)s",
    )
    try:
        variants = read_variants(options.variants)
        rows = []
        for variant in tqdm(variants, unit="variant", disable=True if options.quiet else None):
            _log.info("%s", variant.name)
            folder = options.output / variant.name.replace(" ", "_").replace(",", "")
            train(variant.config, folder, device=options.device, quiet=options.quiet)
            rows.append((variant.name, measure_variant(variant, folder, options.seconds)))
        write_text(options.table, table(rows, variants[0].config, sys.argv))
    except Audio2PoseError as error:
        _log.error("%s", error)
        return error.exit_code
    return 0


def read_variants(path: Path) -> list[Variant]:
    """The variants of a file; OptionError where it or what comes of it is no configuration."""
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
        base = tomllib.loads((path.parent / text["base"]).read_text(encoding="utf-8"))
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"{path}: cannot be read: {error!r}") from error
    out = []
    for name, changed in text.get("variants", {}).items():
        tables: dict[str, Any] = base
        for layer in (text.get("common", {}), changed):
            tables = {k: tables.get(k, {}) | layer.get(k, {}) for k in {**tables, **layer}}
        out.append(Variant(name, from_tables(tables, f"{path}: {name}")))
    if not out:
        raise OptionError(f"{path}: has no [variants]")
    return out


def measure_variant(variant: Variant, folder: Path, seconds: float) -> dict[str, float]:
    """Its size, its rate of training, its error on held-out windows, and what it dances."""
    weights, model = folder / "weights.pt", folder / "model.onnx"
    export(weights, model, styles=describe_styles(variant.config))
    run = measure_run(dances(variant.config, model, seconds), real_motion(pack_of(variant.config)))
    means = {key: float(np.nanmean([p[key] for p in run.pieces])) for key in run.pieces[0]}
    return means | run.whole | validate(weights) | {"windows": training_rate(folder)}


def pack_of(config: Config) -> Path:
    """The pack of clips that the configuration's windows were made of: DIR.npz beside DIR."""
    return Path(config.data.windows.rstrip("/").removesuffix(".npz") + ".npz")


@cache
def real_motion(pack: Path) -> Reference:
    """The real motion of a pack, measured once for all variants."""
    clips = load_pack(pack)
    return reference_of({"held-out": real(clips, "held_out"), "training": real(clips, "train")})


def dances(config: Config, path: Path, seconds: float) -> list[Sample]:
    """Every style to each of the composed songs, as the network alone has it."""
    worker = EvalWorker(EvalSpec((path,), tuple(own_songs(seconds))))
    model = worker.models[0]
    unknown = [
        k for k, name in enumerate(model.conditions)
        if (name.startswith("hit_") and config.train.drop_hits == 1.0)
        or (name.startswith("energy") and config.train.drop_energy == 1.0)
    ]  # fmt: skip
    samples = []
    for i, song in enumerate(worker.spec.songs):
        for style in model.styles:
            _, conditions, weights = worker.conditions_for(model, i, style)
            conditions[:, unknown] = 0.0
            weights = weights * (config.train.drop_style < 1.0)
            overlap = min(SETTINGS.overlap, model.window // 4)
            made = sample_dance(model, conditions, weights, i, replace(SETTINGS, overlap=overlap))
            samples.append(Sample(rep.decode(made, model.fps), song.beats, style=style))
    return samples


def validate(weights: Path) -> dict[str, float]:
    """Parameters in millions, and the mean distance of joints (cm) on held-out windows.

    The windows are the same for all whose window is as long; no part of them is a
    constraint: the network has their conditions and what noise has left.
    """
    state = load_checkpoint(weights)
    config = checkpoint_config(state, str(weights))
    network = DanceNet(config.model, len(state["conditions"]), len(config.data.style_names))
    network.load_state_dict({k: v.float() for k, v in state["average"].items()})
    network.eval()
    # What a variant was trained without stays dropped, everything else is there.
    always = {
        name: float(getattr(config.train, name) == 1.0)
        for name in (
            "drop_hits",
            "drop_style",
            "drop_energy",
            "drop_music",
            "drop_control",
            "drop_all",
        )
    }
    plain = replace(
        config,
        data=replace(config.data, speeds=(1.0,), mirror=False),
        train=replace(config.train, **always),
    )
    windows, *_ = training_windows(plain, torch.device("cpu"), scale_of(state), split="test")
    units = RealUnits(state["mean"], state["deviation"], config.data.fps)
    errors = []
    with torch.no_grad():
        for step in range(VALIDATION_BATCHES):
            batch = windows.batch(step, VALIDATION_BATCH)
            x = (1 - VALIDATION_T) * batch.noise + VALIDATION_T * batch.target
            t = torch.full((VALIDATION_BATCH,), VALIDATION_T)
            nothing = torch.zeros_like(batch.mask)
            got = network(x, t, batch.target, nothing, batch.conditions, batch.style, batch.valid)
            places = [units.positions(units.features(m)) for m in (got, batch.target)]
            apart = (places[0] - places[1]).norm(dim=-1).mean(-1)
            errors.append(100 * float(apart[batch.valid].mean()))
    size = sum(p.numel() for p in network.parameters()) / 1e6
    return {"parameters": size, "error": float(np.mean(errors))}


def training_rate(folder: Path) -> float:
    """Windows a second in the median of the log's lines."""
    words = (folder / "log.txt").read_text(encoding="utf-8").split()
    return float(np.median([float(a) for a, b in pairwise(words) if b == "windows/s"]))


def table(rows: list[tuple[str, dict[str, float]]], config: Config, argv: list[str]) -> str:
    """Markdown: one variant a line."""
    training, model = config.train, config.model
    lines = [
        "## Ablations of the training",
        "",
        f"Small networks (width {model.width}, depth {model.depth}, {training.steps:,} steps of "
        f"{training.batch} windows), one thing changed at a time; each without any cleanup, in "
        f"{SETTINGS.steps} steps with guidance {SETTINGS.guidance:g}: every style to four composed "
        "songs. One training each, so only large differences mean anything.",
        "Held-out error: mean distance of the joints on held-out windows at "
        f"t = {VALIDATION_T:g}, where three tenths are dance and the rest noise. "
        "Windows of another length are other windows.",
        "",
        "```",
        f"python {shlex.join(argv)}",
        "```",
        "",
        f"| | {' | '.join(name for _, name, _ in COLUMNS)} |",
        "| --- |" + " ---: |" * len(COLUMNS),
    ]
    for name, figures in rows:
        cells = [f"{figures[key]:.{decimals}f}" for key, _, decimals in COLUMNS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
