"""The network: dance seconds a second, beside a network of EDGE's published shape; a long song.

Everything is measured in the one run that prints it. EDGE (Tseng et al., CVPR 2023)
is a transformer decoder of 8 layers, width 512, 8 heads and feed-forward 1024 over
windows of 5 s, sampled in 50 steps with guidance, that is in 100 passes; here it has
random weights and no FiLM layers, and its windows lie side by side, while EDGE's own
overlap by half in long songs: both flatter it.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from audio2pose_core.generate.model import DEFAULT_MODEL, load_model
from audio2pose_core.generate.sampler import plan_windows, sample_dance, settings_of
from scripts.bench_tools import BenchError, run_child, timed

SECONDS, LONG_S = 60.0, 600.0
RUNS, THREADS = 3, 2
EDGE = {"layers": 8, "width": 512, "heads": 8, "feed": 1024, "frames": 150, "fps": 30}
EDGE_FEATURES, EDGE_STEPS = 151, 50
MEMORY_LIMIT_MIB = 700


def rows() -> list[tuple[str, str]]:
    """Network alone, the same for EDGE's shape, and how a long song compares with a short one."""
    # First, while this process is small: a child's peak counts what its parent held when it began.
    long = long_song()
    ours, table = our_network()
    return table + edge_network(ours) + long


def our_network() -> tuple[float, list[tuple[str, str]]]:
    """Seconds of dance a second of the shipped network alone, and its rows."""
    model = load_model(threads=THREADS)
    settings, frames = settings_of(model), round(SECONDS * model.fps)
    conditions = np.zeros((frames, len(model.conditions)))
    style = np.eye(len(model.styles))[0]

    def dance() -> None:
        sample_dance(model, conditions, style, 0, settings)

    dance()
    spent = statistics.median(timed(dance) for _ in range(RUNS))
    windows = len(plan_windows(frames, model.window, settings.overlap))
    passes = settings.passes
    pushes = ", ".join(f"{push:g}" for push in settings.pushes)
    seconds = model.window / model.fps
    rate = SECONDS / spent
    return rate, [
        (
            f"network alone, dance per second ({THREADS} threads, {windows} windows of "
            f"{seconds:g} s for {SECONDS:g} s of dance)",
            f"{rate:.0f} s",
        ),
        ("- passes a window", f"{passes} ({settings.steps} steps, guidance {pushes})"),
        ("- a pass over a window", f"{1000 * spent / windows / passes:.1f} ms"),
        ("- ONNX file", f"{DEFAULT_MODEL.stat().st_size / 1e6:.1f} MB"),
    ]


def edge_network(ours: float) -> list[tuple[str, str]]:
    """EDGE's shape, timed by the same ONNX Runtime with as many threads."""
    name = "network of EDGE's shape (random weights), dance per second"
    try:
        data = edge_onnx()
    except ImportError as error:
        return [(name, f"not measured: needs torch and onnx ({error})")]
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    # With and without conditions in one batch, as guidance has it.
    feed = {
        "x": random.standard_normal((2, EDGE["frames"], EDGE_FEATURES), dtype=np.float32),
        "music": random.standard_normal((2, EDGE["frames"], EDGE["width"]), dtype=np.float32),
    }

    def one() -> None:
        session.run(None, feed)

    one()
    spent = statistics.median(timed(one) for _ in range(2 * RUNS))
    rate = EDGE["frames"] / EDGE["fps"] / (EDGE_STEPS * spent)
    return [
        (f"{name} ({2 * EDGE_STEPS} passes a window of 5 s)", f"{rate:.2f} s"),
        ("- a step with guidance", f"{1000 * spent:.0f} ms"),
        ("our network is faster by", f"{ours / rate:.0f} x"),
    ]


def edge_onnx() -> bytes:
    """The graph; raises ImportError where torch or onnx is not installed."""
    import onnx  # noqa: F401
    import torch
    from torch import nn

    class Edge(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            width = EDGE["width"]
            self.enter = nn.Linear(EDGE_FEATURES, width)
            layer = nn.TransformerDecoderLayer(
                width, EDGE["heads"], EDGE["feed"], activation="gelu", batch_first=True
            )
            self.decoder = nn.TransformerDecoder(layer, EDGE["layers"])
            self.leave = nn.Linear(width, EDGE_FEATURES)

        def forward(self, x: Any, music: Any) -> Any:
            return self.leave(self.decoder(self.enter(x), music))

    torch.manual_seed(0)
    example = (
        torch.zeros(2, EDGE["frames"], EDGE_FEATURES),
        torch.zeros(2, EDGE["frames"], EDGE["width"]),
    )
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Edge().eval(),
            example,
            # A buffer is taken too, which torch's annotation does not say.
            buffer,  # type: ignore[arg-type]
            input_names=["x", "music"],
            output_names=["motion"],
            opset_version=18,
            dynamo=False,
        )
    return buffer.getvalue()


def long_song() -> list[tuple[str, str]]:
    """The whole program on ten minutes, beside one minute: time a second of song, and memory."""
    spent: dict[float, float] = {}
    with tempfile.TemporaryDirectory(prefix="audio2pose-bench-") as name:
        folder = Path(name)
        for seconds in (SECONDS, LONG_S):
            song, dance = folder / "song.wav", folder / "dance.npz"
            composed = ["-m", "audio2pose_core.audio.demo_song", str(song)]
            run_child([*composed, "--seconds", f"{seconds:g}"], folder)
            words = ["-m", "audio2pose_core.cli", "generate", str(song), "--json", "--quiet"]
            run = run_child([*words, "-o", str(dance)], folder)
            # Without the start of the process: growth is asked for, not a constant.
            spent[seconds] = float(json.loads(run.out)["timings"]["total"])
    growth = (spent[LONG_S] / LONG_S) / (spent[SECONDS] / SECONDS)
    return [
        (f"a {LONG_S / 60:.0f} minute song to .npz", f"{run.seconds:.1f} s"),
        (f"- peak memory (aim: under {MEMORY_LIMIT_MIB} MiB)", f"{run.peak_mib:.0f} MiB"),
        (f"- time a second of song, beside a {SECONDS:.0f} s song", f"{growth:.2f} x"),
    ]


if __name__ == "__main__":
    began = time.perf_counter()
    try:
        for what, value in rows():
            print(f"{what:<100} {value}")
    except BenchError as error:
        sys.exit(f"bench_network: error: {error}")
    print(f"{time.perf_counter() - began:.0f} s")
