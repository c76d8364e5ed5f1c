"""A model's contract may come from anybody: it is right field by field, or refused in one line."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from audio2pose_core.errors import ModelError
from audio2pose_core.generate.contract import read_contract
from audio2pose_core.generate.model import DanceModel, begin_loading, load_model
from audio2pose_core.generate.sampler import settings_of

VALUES = [
    None, True, "", "1", "x" * 10_000, [], {}, [[]], [1], ["a"], {"a": 1}, -1, 0, 1, 0.5, 2.5,
    10**9, 10**400, -(10**400), 1e9, -1e9, 1e308, float("nan"), float("inf"), [10**400],
    [None] * 152, ["pelvis"] * 24, [{}] * 7,
]  # fmt: skip


def places(record: Any, path: tuple = ()) -> list[tuple]:
    """The paths to every field, into the first entries of lists."""
    parts = record.items() if isinstance(record, dict) else enumerate(record[:2])
    found = []
    for key, value in parts:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


def mutate(contract: dict[str, Any], where: tuple, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(contract)
    inner = made
    for key in where[:-1]:
        inner = inner[key]
    if value == "gone":
        del inner[where[-1]]
    else:
        inner[where[-1]] = value
    return made


@pytest.fixture(scope="module")
def contract(default_model) -> dict[str, Any]:
    return json.loads(default_model.with_suffix(".json").read_text())


def test_a_thousand_mutated_contracts(contract, tmp_path):
    """Half of them changed where it counts most, in the sampler and in a style."""
    draw = random.Random(18)
    everywhere = [p for p in places(contract) if p[0] not in ("training", "credits")]
    sampler = [p for p in everywhere if p[0] == "sampler"]
    file, accepted = tmp_path / "dancer.json", 0
    for k in range(1000):
        where = draw.choice(sampler if k % 4 == 0 else everywhere)
        file.write_text(json.dumps(mutate(contract, where, draw.choice([*VALUES, "gone"]))))
        try:
            read = read_contract(file, contract["sha256"])
        except ModelError as error:
            assert "\n" not in str(error) and len(str(error)) < 500 and "dancer.json" in str(error)
            continue
        accepted += 1
        model = DanceModel(None, read, contract["sha256"])
        settings = settings_of(model)
        assert max(map(abs, settings.pushes)) <= 20 and settings.steps <= 1000
        assert 0 <= settings.overlap <= model.window // 2 and abs(model.most_energy) < 100
    assert 0 < accepted < 500


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("sampler", "guidance"), 1e9),
        (("sampler", "steps"), 10**9),
        (("sampler", "overlap"), 240),
        (("window",), 10**9),
        (("window",), 242),
        (("fps",), 1e-9),
        (("deviation", 0), 1e9),
        (("conditions", 0), {}),
        (("styles", "hiphop"), None),
        (("styles", "hiphop", "energy_mean"), 1e308),
    ],
)
def test_what_would_take_all_memory_or_throw_joints_away_is_refused(
    contract, default_model, tmp_path, where, value
):
    for ending in (".onnx", ".json"):
        (tmp_path / f"d{ending}").write_bytes(default_model.with_suffix(ending).read_bytes())
    (tmp_path / "d.json").write_text(json.dumps(mutate(contract, where, value)))
    with pytest.raises(ModelError, match=[w for w in where if isinstance(w, str)][-1]):
        load_model(tmp_path / "d.onnx")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "\0", "1" * 5000, "\udce4"])
def test_what_is_no_json_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "deep.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelError, match="deep"):
        read_contract(file, "0" * 64)


def test_a_model_is_loaded_beside_other_work(tmp_path: Path) -> None:
    loading = begin_loading(None, threads=1)
    assert loading.fps == loading.result().fps == 30.0
    there = loading.result()
    assert begin_loading(there).result() is there
    with pytest.raises(ModelError, match="no such file"):
        begin_loading(tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    broken.with_suffix(".json").write_text("{}")
    with pytest.raises(ModelError, match=r"broken\.json"):
        begin_loading(broken)
