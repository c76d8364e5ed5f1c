"""The beat network: how likely is a beat, and a downbeat, in every frame of a song.

``beats.onnx`` with its contract ``beats.json``, run by ONNX Runtime on the CPU.
training/beats/ trains and exports it; MODEL_CARD.md beside the model says on what.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .. import onnx_runtime
from ..errors import DataError, ModelError
from ..json_file import read_json
from .beat_features import (
    BANDS,
    COMPRESSION,
    FPS,
    HIGHEST_HZ,
    HOP,
    LOWEST_HZ,
    WINDOW,
    beat_features,
)
from .load import SAMPLE_RATE, Audio
from .resample import Resampler

CONTRACT_FORMAT = 1
INPUT, OUTPUT = "features", "activations"
DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "models" / "beats" / "beats.onnx"

FEATURES = {
    "sample_rate": SAMPLE_RATE,
    "fps": FPS,
    "hop": HOP,
    "window": WINDOW,
    "bands": BANDS,
    "lowest_hz": LOWEST_HZ,
    "highest_hz": HIGHEST_HZ,
    "compression": COMPRESSION,
}
"""What a model must have been trained on to be used here; part of every contract."""

_CHUNK_FRAMES = 12000  # four minutes at a time: some 200 MB, however long the song


@dataclass(frozen=True)
class BeatNetwork:
    """A checked model, ready to run."""

    session: Any
    contract: dict[str, Any]

    @property
    def reach(self) -> int:
        """How many frames to either side an output can depend on."""
        return int(self.contract["reach"])

    def run(self, features: np.ndarray) -> np.ndarray:
        """Features (T, 81) -> probabilities of a beat and of a downbeat, (T, 2) float32.

        Long songs go through in chunks with margins as wide as the network
        sees, which gives the same numbers as one pass.
        """
        out = np.empty((len(features), 2), np.float32)
        for first in range(0, len(features), _CHUNK_FRAMES):
            last = min(first + _CHUNK_FRAMES, len(features))
            low, high = max(0, first - self.reach), min(len(features), last + self.reach)
            feed = np.ascontiguousarray(features[None, low:high], dtype=np.float32)
            got = self.session.run([OUTPUT], {INPUT: feed})[0][0]
            out[first:last] = got[first - low : last - low]
        return out


def activations(audio: Audio, model: str | os.PathLike[str] | None = None) -> np.ndarray:
    """Probabilities of a beat and of a downbeat at every frame of a song.

    Parameters
    ----------
    audio : Audio
        Mono; resampled to 22,050 Hz where it has another rate.
    model : path, optional
        The .onnx file; its contract lies beside it. None is the shipped network.

    Returns
    -------
    (T, 2) float32
        0..1; columns beat and downbeat. Frame k is centred at k / 50 s,
        T = 1 + N // 441. Corrected for the weights of the classes in training,
        so that they are probabilities.

    Raises
    ------
    ModelError
        onnxruntime or the model is missing, or the model does not fit.
    """
    samples = audio.samples
    if audio.sample_rate != SAMPLE_RATE:
        resampler = Resampler(audio.sample_rate, SAMPLE_RATE)
        samples = np.concatenate([resampler.push(samples), resampler.finish()])
    network = load_beat_network(DEFAULT_MODEL if model is None else Path(model))
    return network.run(beat_features(samples))


@lru_cache(maxsize=2)
def load_beat_network(path: Path = DEFAULT_MODEL) -> BeatNetwork:
    """Load a model and refuse one whose hash or contract does not fit; see ``activations``."""
    contract_path = path.with_suffix(".json")
    for part in (path, contract_path):
        if not part.is_file():
            raise ModelError(f"{part}: no such file; the beat network is beats.onnx and beats.json")
    try:
        contract = read_json(contract_path)
        data = path.read_bytes()
    except DataError as error:
        raise ModelError(f"{error}; it should be the beat network's contract") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    _check_contract(contract_path, contract, hashlib.sha256(data).hexdigest())
    session = _open_session(path, data)
    names = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    if names != ([INPUT], [OUTPUT]):
        raise ModelError(f"{path}: it maps {names[0]} to {names[1]}, not {INPUT} to {OUTPUT}")
    return BeatNetwork(session, contract)


def _check_contract(path: Path, contract: Any, sha256: str) -> None:
    def refuse(why: str) -> ModelError:
        return ModelError(f"{path}: {why}; export the model again or use the one it came with")

    if not isinstance(contract, dict) or contract.get("format") != CONTRACT_FORMAT:
        raise refuse(f"not a contract of format {CONTRACT_FORMAT}")
    if contract.get("sha256") != sha256:
        raise refuse("its sha256 is not that of the .onnx file beside it")
    features = contract.get("features")
    if not isinstance(features, dict):
        raise refuse("it does not say which features it was trained on")
    for name, ours in FEATURES.items():
        if features.get(name) != ours:
            raise refuse(f"it was trained with {name} {features.get(name)}, here it is {ours}")
    reach = contract.get("reach")
    if not isinstance(reach, int) or isinstance(reach, bool) or not 0 <= reach <= _CHUNK_FRAMES:
        raise refuse(f"its reach is {reach}, not a number of frames")


def _open_session(path: Path, data: bytes) -> Any:
    runtime, options = onnx_runtime.load(), onnx_runtime.session_options()
    try:
        return runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    # onnxruntime raises classes of its own C extension, without a common root.
    except Exception as error:
        raise onnx_runtime.cannot_load(path, error) from error
