"""training/ablate.py: small networks, one thing changed at a time."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from made_dances import bouncing, tables, write_toml

from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.errors import OptionError

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def ablate(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(ROOT / "training"))
    import ablate

    return ablate


def variants_file(folder: Path) -> Path:
    """A small base over two styles, and two variants."""
    splits = ["train", "train", "held_out", "held_out"]
    clips = [
        Clip(f"c{i}", "made", style, split, bouncing(10.0, 1.5 + 0.4 * i), np.zeros(0))
        for i, (split, style) in enumerate(zip(splits, ("slow", "quick") * 2, strict=True))
    ]
    save_pack(folder / "clips.npz", clips)
    base = tables(folder / "clips.npz", steps=4)
    base["data"]["style_names"] = ["slow", "quick"]
    write_toml(folder / "base.toml", base)
    path = folder / "variants.toml"
    path.write_text(
        'base = "base.toml"\n[common.train]\nlog_every = 2\n[variants."as it is"]\n'
        '[variants."shallow, no styles"]\nmodel = {depth = 1}\ntrain = {drop_style = 1.0}\n'
    )
    return path


def test_variants_are_layers_over_the_base(ablate, tmp_path: Path) -> None:
    plain, changed = ablate.read_variants(variants_file(tmp_path))
    assert (plain.name, changed.name) == ("as it is", "shallow, no styles")
    assert plain.config.train.log_every == 2 and plain.config.train.steps == 4
    assert changed.config == replace(
        plain.config,
        model=replace(plain.config.model, depth=1),
        train=replace(plain.config.train, drop_style=1.0),
    )


def test_what_is_no_file_of_variants_is_refused(ablate, tmp_path: Path) -> None:
    path = variants_file(tmp_path)
    whole = path.read_text()
    for text in ("[variants.a]\n", 'base = "base.toml"\n', whole.replace("depth", "dept"), "a ="):
        path.write_text(text)
        with pytest.raises(OptionError):
            ablate.read_variants(path)


def test_a_table_comes_out(ablate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--variants", variants_file(tmp_path), "--output", tmp_path / "runs"]
    words += ["--table", tmp_path / "t.md", "--seconds", 9, "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["ablate.py", *map(str, words)])
    assert ablate.main() == 0
    lines = (tmp_path / "t.md").read_text().splitlines()
    cells = [line.rstrip(" |").split(" | ") for line in lines if "| " in line]
    rows = {first: others for first, *others in cells}
    plain, changed = rows["| as it is"], rows["| shallow, no styles"]
    assert len(plain) == len(ablate.COLUMNS) and "nan" not in " ".join(plain + changed)
    parameters = [float(row[0]) for row in (plain, changed)]
    assert parameters[0] > parameters[1] > 0
    variant = ablate.read_variants(variants_file(tmp_path))[1]
    made = ablate.dances(variant.config, tmp_path / "runs/shallow_no_styles/model.onnx", 3.0)
    assert [d.style for d in made] == ["slow", "quick"] * 4
    assert all(abs(d.motion.seconds - 3.0) < 0.1 for d in made)
