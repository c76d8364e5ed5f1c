"""The training configuration: types and ranges, and what an error says of them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

pytest.importorskip("pydantic", reason="the training packages are not installed")

from audio2pose_core.cli import main
from audio2pose_core.errors import OptionError
from audio2pose_core.network.config import (
    TABLES,
    Config,
    TrainConfig,
    changed,
    from_tables,
    load_config,
    range_of,
)


@pytest.mark.parametrize(
    ("table", "key", "value", "said"),
    [
        ("train", "ema", 2, "0 ≤ ema < 1"),
        ("train", "ema", 1.0, "0 ≤ ema < 1"),
        ("train", "ema", -0.1, "0 ≤ ema < 1"),
        ("train", "steps", -1, "1 ≤ steps"),
        ("train", "steps", 0, "1 ≤ steps"),
        ("train", "steps", 10.5, "integer"),
        ("train", "steps", True, "integer"),
        ("train", "steps", "many", "integer"),
        ("train", "batch", 0, "1 ≤ batch"),
        ("train", "learning_rate", 0, "0 < learning_rate ≤ 1"),
        ("train", "learning_rate", float("nan"), "finite"),
        ("train", "learning_rate", float("inf"), "finite"),
        ("train", "drop_hits", 1.5, "0 ≤ drop_hits ≤ 1"),
        ("train", "save_every", 0, "1 ≤ save_every"),
        ("train", "log_every", 0, "1 ≤ log_every"),
        ("train", "clip", 0, "0 < clip"),
        ("train", "shift", 0, "0 < shift"),
        ("train", "compile", 1, "boolean"),
        ("train", "learning_rat", 1e-3, "unknown key 'learning_rat'"),
        ("model", "width", 0, "8 ≤ width"),
        ("model", "heads", 5, "twice heads = 5"),
        ("model", "kernel", 4, "odd"),
        ("model", "window", 180, "twice patch = 4"),
        ("model", "depth", 0, "1 ≤ depth"),
        ("loss", "position", -1, "0 ≤ position"),
        ("loss", "fade", 2, "0 ≤ fade ≤ 1"),
        ("loss", "max_weight", 0, "0 < max_weight"),
        ("data", "windows", 5, "string"),
        ("data", "speeds", [], "at least 1"),
        ("data", "speeds", [1.0, 9.0], "speeds.1"),
        ("data", "speeds", "fast", "tuple"),
        ("data", "fps", 0, "10 ≤ fps"),
        ("data", "source_weights", {"aistpp": -1}, "source_weights.aistpp"),
        ("data", "conditions", ["drums"], "drums"),
        ("data", "styles", {"a": 1}, "styles.a"),
        ("data", "style_names", [3], "style_names.0"),
        ("distill", "times", [0.1, 0.5], "begin with 0"),
        ("distill", "windows", 100, "multiple of batch"),
        ("distill", "substeps", 0, "1 ≤ substeps"),
        ("distill", "energy_shift", [0.5, -0.5], "lower number first"),
        ("distill", "energy_shift", [0.5], "energy_shift"),
        ("distill", "ema", 1, "0 ≤ ema < 1"),
    ],
)
def test_a_wrong_value_is_refused_by_file_key_and_range(
    table: str, key: str, value: object, said: str
) -> None:
    with pytest.raises(OptionError) as caught:
        from_tables({table: {key: value}}, "my.toml")
    text = str(caught.value)
    assert text.startswith(f"my.toml [{table}]: ") and key in text and said in text
    assert "\n" not in text and "pydantic" not in text


def test_the_command_says_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "my.toml"
    path.write_text("[train]\nema = 2\n")
    assert main(["train", "--config", str(path), "--output", str(tmp_path / "run")]) == 2
    shown = capsys.readouterr().err
    assert f"{path} [train]: ema = 2" in shown and "0 ≤ ema < 1" in shown
    assert shown.count("\n") == 1 and not (tmp_path / "run").exists()


def test_tables_that_are_none_and_files_that_are_none(tmp_path: Path) -> None:
    for tables, said in (({"trian": {}}, "trian"), ({"train": 3}, "table")):
        with pytest.raises(OptionError, match=said):
            from_tables(tables, "my.toml")
    (tmp_path / "bad.toml").write_text("[train\n")
    for name in ("bad.toml", "none.toml"):
        with pytest.raises(OptionError, match=name):
            load_config(tmp_path / name)


def test_a_key_under_its_old_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_text('[data]\npack = "data/mine.npz"\n')
    assert load_config(path).data.windows == "data/mine.npz"
    with pytest.raises(OptionError, match="old name of windows"):
        from_tables({"data": {"pack": "a", "windows": "b"}}, "my.toml")


def test_integers_are_numbers_and_lists_are_tuples() -> None:
    config = from_tables({"train": {"clip": 1}, "data": {"speeds": [1]}}, "my.toml")
    assert type(config.train.clip) is float and config.data.speeds == (1.0,)


def test_a_configuration_survives_a_checkpoint() -> None:
    """As its tables, which is how a checkpoint holds it."""
    config = from_tables({"train": {"steps": 7}, "data": {"styles": {"": "dance"}}}, "my.toml")
    assert from_tables(asdict(config), "again") == config
    assert replace(config.train, steps=8).steps == 8
    with pytest.raises(OptionError, match="--steps: steps = 0"):
        changed(config.train, "--steps", steps=0)


def test_every_number_has_a_range_and_every_default_lies_in_it() -> None:
    assert from_tables(asdict(Config()), "defaults") == Config()
    for kind in TABLES.values():
        for key, value in asdict(kind()).items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            assert bool(range_of(kind, key)) == number, f"{kind.__name__}.{key}"
    assert range_of(TrainConfig, "ema") == "0 ≤ ema < 1"
