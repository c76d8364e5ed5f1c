"""Is int8 worth it? A model beside its dynamically quantised copy: size, speed, what they dance.

python training/compare_int8.py --model my_dancer.onnx --songs ../shared/data/songs
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.load import load_audio
from audio2pose_core.errors import Audio2PoseError, OptionError
from audio2pose_core.generate.dance import dance_conditions
from audio2pose_core.generate.model import DEFAULT_MODEL, INPUTS, DanceModel, load_model
from audio2pose_core.generate.sampler import sample_dance, settings_of
from audio2pose_core.metrics import measure
from audio2pose_core.representation import GROUPS, WIDTH, decode

_log = logging.getLogger("compare_int8")

SONG_S = 20.0
FIGURES = ("motion_magnitude_m_s", "jerk_m_s3", "beat_lock_lift", "beat_power_lift")
PASSES = 20


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="NAME.onnx")
    parser.add_argument("--songs", type=Path, required=True, help="folder of songs")
    parser.add_argument("--count", type=int, default=4, help="songs (default: 4)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    logging.basicConfig(format="%(name)s: %(levelname)s: %(message)s")
    try:
        compare(options)
    except Audio2PoseError as error:
        _log.error("%s", error)
        return error.exit_code
    return 0


def compare(options: argparse.Namespace) -> None:
    """Print the table."""
    songs = sorted(p for p in options.songs.rglob("*") if p.suffix in (".ogg", ".wav", ".flac"))
    if not songs:
        raise OptionError(f"{options.songs}: holds no songs")
    songs = songs[:: max(1, len(songs) // options.count)][: options.count]
    with tempfile.TemporaryDirectory() as folder:
        paths = {"halves": options.model}
        for name, kinds in (("int8 MatMul", ["MatMul"]), ("int8 all", ["MatMul", "Gemm", "Conv"])):
            paths[name] = Path(folder) / f"{name.replace(' ', '_')}.onnx"
            quantise(options.model, paths[name], kinds)
        models = {name: load_model(path, threads=options.threads) for name, path in paths.items()}
        columns = ("MB", "ms a pass", "differs", *FIGURES)
        print(f"| weights | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
        for name, model in models.items():
            row = [paths[name].stat().st_size / 1e6, pass_ms(model)]
            row += [difference(models["halves"], model), *danced(model, songs)]
            print(f"| {name} | {' | '.join(f'{value:.3g}' for value in row)} |", flush=True)


def quantise(source: Path, target: Path, kinds: list[str]) -> None:
    """Write ``source`` with the weights of some kinds of nodes in int8, and its contract."""
    whole = target.with_suffix(".whole.onnx")
    onnx.save(_full_floats(onnx.load(source)), whole)
    quantize_dynamic(
        whole, target, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=kinds
    )
    contract = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))
    contract["sha256"] = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_suffix(".json").write_text(json.dumps(contract), encoding="utf-8")


def _full_floats(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights kept as halves behind a cast become floats again, as the quantiser wants them."""
    halves = {t.name: t for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT16}
    for node in [n for n in model.graph.node if n.op_type == "Cast" and n.input[0] in halves]:
        values = onnx.numpy_helper.to_array(halves[node.input[0]]).astype(np.float32)
        halves[node.input[0]].CopyFrom(onnx.numpy_helper.from_array(values, node.output[0]))
        model.graph.node.remove(node)
    return model


def _feed(model: DanceModel) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    shape = (1, model.window)
    values = {
        "x": random.standard_normal((*shape, WIDTH)),
        "t": np.array([0.4]),
        "known": np.zeros((*shape, WIDTH)),
        "mask": np.zeros((*shape, GROUPS)),
        "conditions": random.standard_normal((*shape, len(model.conditions))),
        "style": np.eye(len(model.styles))[:1],
    }
    return {name: values[name] for name in INPUTS}


def pass_ms(model: DanceModel) -> float:
    """Milliseconds of a pass over a whole window: the median."""
    feed, times = _feed(model), []
    for _ in range(PASSES):
        began = time.perf_counter()
        model.run(**feed)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1000


def difference(a: DanceModel, b: DanceModel) -> float:
    """Root mean square of what two models' outputs differ by, in deviations of the features."""
    return float(np.sqrt(np.mean((a.run(**_feed(a)) - b.run(**_feed(b))) ** 2)))


def danced(model: DanceModel, songs: list[Path]) -> list[float]:
    """Mean figures of the network alone over songs and four styles."""
    rows = []
    for path in songs:
        audio = load_audio(path)
        beats, features = analyse(audio, model.fps)
        frames = round(min(audio.seconds, SONG_S) * model.fps)
        for name in model.styles[:4]:
            style = model.style_table[name]
            _, conditions, weights = dance_conditions(model, style, beats, features, audio.seconds)
            raw = sample_dance(model, conditions[:frames], weights, 0, settings_of(model))
            figures = measure(decode(raw, model.fps), beats.times)
            rows.append([figures[key] for key in FIGURES])
    return [float(v) for v in np.nanmean(rows, axis=0)]


if __name__ == "__main__":
    sys.exit(main())
