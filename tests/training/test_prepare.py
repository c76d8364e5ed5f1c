"""training/prepare.py: from BVH clips to the windows that a config names, and to its pack."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from made_dances import bouncing, tables, write_toml

from audio2pose_core.cli import main as command
from audio2pose_core.data.training.clip import load_pack
from audio2pose_core.data.training.windows_reader import open_windows
from audio2pose_core.formats import save_bvh
from audio2pose_core.network.config import load_config
from audio2pose_core.network.sources import training_windows

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(ROOT / "training"))
    import prepare

    def run(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["prepare.py", *map(str, words), "--quiet"])
        return prepare.main()

    return run


@pytest.fixture
def indexed(tmp_path: Path) -> Path:
    """Three clips with an index."""
    folder = tmp_path / "bvh"
    folder.mkdir()
    with open(folder / "index.csv", "w", newline="", encoding="utf-8") as file:
        keys = ["file", "source", "style_guess", "known_bpm", "first_beat_s"]
        writer = csv.DictWriter(file, keys)
        writer.writeheader()
        for i, rate in enumerate((1.5, 2.0, 2.5)):
            save_bvh(folder / f"clip{i}.bvh", bouncing(5.0, rate))
            row = {"file": f"clip{i}.bvh", "source": "made", "style_guess": "bouncy"}
            writer.writerow(row | {"known_bpm": "", "first_beat_s": ""})
    return folder


def config(tmp_path: Path, windows: str, key: str = "windows") -> Path:
    text = tables(tmp_path / windows, steps=2)
    text["data"] = {key: text["data"].pop("windows"), **text["data"], "held_out": ["clip2.bvh"]}
    path = write_toml(tmp_path / "c.toml", text)
    path.write_text(path.read_text() + '[data.styles]\n"bounc" = "bounce"\n')
    return path


def test_a_folder_gets_windows_and_its_pack(prepare, indexed: Path, tmp_path: Path) -> None:
    path = config(tmp_path, "motion")
    assert prepare("--config", path, "--bvh_dir", indexed) == 0
    clips = load_pack(tmp_path / "motion.npz")
    assert [(c.name, c.style, c.split) for c in clips] == [
        ("clip0.bvh", "bounce", "train"),
        ("clip1.bvh", "bounce", "train"),
        ("clip2.bvh", "bounce", "held_out"),
    ]
    train, test = (open_windows(tmp_path / "motion", split) for split in ("train", "test"))
    assert train.clips == ("clip0.bvh",) * 2 + ("clip1.bvh",) * 2
    assert test.clips == ("clip2.bvh",) * 2 and set(train.styles + test.styles) == {"bounce"}
    words = ["train", "--config", str(path), "--output", str(tmp_path / "run"), "--device", "cpu"]
    assert command([*words, "--quiet"]) == 0
    assert "2 clips, 4 tracks" in (tmp_path / "run" / "log.txt").read_text()


def test_a_config_of_before_gets_a_pack_that_makes_its_windows(
    prepare, indexed: Path, tmp_path: Path
) -> None:
    path = config(tmp_path, "motion.npz", key="pack")
    assert prepare("--config", path, "--bvh_dir", indexed) == 0
    assert len(load_pack(tmp_path / "motion.npz")) == 3
    assert not (tmp_path / "motion").exists()
    from_pack = training_windows(load_config(path), torch.device("cpu"))[0].batch(1, 4)
    # Where the folder is not there yet, its pack is what the config means.
    config(tmp_path, "motion")
    by_folder = training_windows(load_config(path), torch.device("cpu"))[0].batch(1, 4)
    assert torch.equal(from_pack.target, by_folder.target)
    assert {p.suffix for p in tmp_path.glob("motion*")} == {".npz", ".windows"}
    # As from windows made at once.
    path = config(tmp_path, "motion")
    assert prepare("--config", path, "--bvh_dir", indexed) == 0
    at_once = training_windows(load_config(path), torch.device("cpu"))[0].batch(1, 4)
    assert torch.equal(from_pack.mask, at_once.mask)
    assert float((from_pack.target - at_once.target).abs().mean()) < 0.02


def test_what_cannot_be_made_is_refused(
    prepare, indexed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = config(tmp_path, "motion.npz")
    assert prepare("--config", path, "--data_root", tmp_path) == 2
    assert "without .npz" in caplog.text
    path.write_text("[train]\nsteps = 0\n")
    assert prepare("--config", path, "--bvh_dir", indexed) == 2
    assert "1 ≤ steps" in caplog.text
    assert not list(tmp_path.glob("motion*"))
