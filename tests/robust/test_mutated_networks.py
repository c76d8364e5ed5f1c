"""Mutated .onnx files, each with a contract that fits its bytes: danced, or refused in one line.

In a process of their own, since native code reads them: where that crashes, this test tells.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNT = int(os.environ.get("AUDIO2POSE_FUZZ", "0")) // 10 or 40

READER = """
import random, sys, hashlib, json
from pathlib import Path
from mutations import BYTES, Change, apply
from audio2pose_core.errors import Audio2PoseError
from audio2pose_core.generate.model import load_model
from audio2pose_core.audio.beat_network import load_beat_network
path, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
good, record = path.read_bytes(), json.loads(path.with_suffix(".json").read_text())
draw, refused = random.Random(seed), 0
for k in range(count):
    many = draw.randint(1, 3)
    made = [
        Change(draw.randrange(12), draw.random() ** 4, draw.randrange(65536)) for _ in range(many)
    ]
    data = apply(good, BYTES, made)
    path.write_bytes(data)
    record["sha256"] = hashlib.sha256(data).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(record))
    print(k, made, flush=True)
    try:
        if path.stem == "beats":
            load_beat_network.cache_clear()
            load_beat_network(path)
        else:
            load_model(path, threads=1, device="cpu")
    except Audio2PoseError as error:
        refused += 1
        if "\\n" in str(error):
            raise SystemExit(f"not one line: {error}")
print("refused", refused)
"""


@pytest.mark.parametrize("place", ["default/default", "beats/beats"])
def test_mutated_networks_are_loaded_or_refused(place: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    source = ROOT / "audio2pose_core" / "models" / place
    path = tmp_path / f"{source.name}.onnx"
    for suffix in (".onnx", ".json"):
        path.with_suffix(suffix).write_bytes(source.with_suffix(suffix).read_bytes())
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    seed = "0" if "AUDIO2POSE_FUZZ" not in os.environ else str(os.getpid())
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path), str(COUNT), seed],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"{done.returncode} after {said}: {done.stderr[-2000:]}"
    assert int(said[0].split()[1]) > 0
