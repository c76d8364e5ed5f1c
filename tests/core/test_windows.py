"""The windows file: the same rows whoever builds it, and training reads it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bvh_families import dance

from audio2pose_core.cli import main
from audio2pose_core.data.training.clip import Clip
from audio2pose_core.data.training.cluster import Failure, crew
from audio2pose_core.data.training.sources import assign_splits, sources_of
from audio2pose_core.data.training.tracks import make_all_tracks, statistics
from audio2pose_core.data.training.windows_reader import is_windows, open_windows
from audio2pose_core.data.training.windows_writer import CONDITIONS, WindowOptions, build_windows
from audio2pose_core.errors import DataError, OptionError
from audio2pose_core.formats import save_motion

OPTIONS = WindowOptions(speeds=(1.0, 1.15))


def clips(count: int = 4) -> list[Clip]:
    splits = ["train"] * (count - 1) + ["test"]
    return [
        Clip(f"clip{i}", "made", "salsa", split, dance(60 + 5 * i, seed=i), np.zeros(0))
        for i, split in enumerate(splits)
    ]


def preprocessed(folder, count=8):
    """A data root as ``preprocess bvh`` leaves it."""
    rows = []
    for i in range(count):
        name = f"clip{i}"
        save_motion(folder / f"motions/{name}.npz", dance(60, seed=i))
        (folder / "beats").mkdir(exist_ok=True)
        (folder / f"beats/{name}.json").write_text('{"beat_times": [0.0, 0.5, 1.0]}')
        rows.append({"name": name, "source": "made", "style": "", "song": f"song{i}"})
        rows[-1] |= {"motion": "x", "beats": "x", "seconds": 2.0}
    text = json.dumps({"format": "audio2pose-motions-1", "clips": rows, "failed": []})
    (folder / "manifest.json").write_text(text)
    return folder


def test_rows_and_statistics_are_those_of_the_tracks(tmp_path):
    with crew() as hands:
        contract = build_windows(clips(), tmp_path / "w", OPTIONS, hands)
    train = [c for c in clips() if c.split == "train"]
    tracks = make_all_tracks(train, 30.0, CONDITIONS, ("salsa",), OPTIONS.speeds, True)
    file = open_windows(tmp_path / "w")
    assert list(file.frames) == [len(t.features) for t in tracks]
    for start, frames, track in zip(file.starts, file.frames, tracks, strict=True):
        rows = np.asarray(file.rows[start : start + frames], np.float32)
        assert np.abs(rows[:, :152] - track.features).max() < 0.004
        assert np.abs(rows[:, 152:] - track.conditions).max() < 0.002
    mean, deviation = statistics(tracks)
    assert np.allclose(file.mean, mean, atol=1e-3)
    assert np.allclose(file.deviation, deviation, rtol=5e-3)
    assert set(contract["splits"]) == {"train", "test"} and file.styles[0] == "salsa"
    assert isinstance(file.rows, np.memmap) and is_windows(tmp_path / "w")


def test_workers_and_dask_make_the_same_bytes(tmp_path):
    distributed = pytest.importorskip("distributed")
    made = {}
    with crew() as hands:
        build_windows(clips(), tmp_path / "alone", OPTIONS, hands)
    with crew(2) as hands:
        build_windows(clips(), tmp_path / "two", OPTIONS, hands)
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        crew(1, cluster.scheduler_address) as hands,
    ):
        assert hands.hands >= 2
        build_windows(clips(), tmp_path / "dask", OPTIONS, hands)
    for way in ("alone", "two", "dask"):
        files = sorted((tmp_path / way).iterdir())
        made[way] = [(f.name, f.read_bytes()) for f in files]
    assert made["alone"] == made["two"] == made["dask"]


def test_a_damaged_clip_is_named_and_the_rest_goes_on(tmp_path, capsys):
    root = preprocessed(tmp_path / "data")
    (root / "motions/clip3.npz").write_bytes(b"PK\x03\x04 no")
    command = ["windows", "--data_root", str(root), "--output_dir", str(tmp_path / "w"), "--quiet"]
    assert main(command) == 0
    assert "clip3 left out" in capsys.readouterr().err
    contract = json.loads((tmp_path / "w/windows.json").read_text())
    assert [row["name"] for row in contract["failed"]] == ["clip3"]
    assert sum(len(part["clips"]) for part in contract["splits"].values()) == 7


def test_splits_keep_songs_whole_and_do_not_depend_on_order():
    groups = {f"song{i}": 10.0 for i in range(40)}
    split = assign_splits(groups)
    assert split == assign_splits(dict(reversed(groups.items())))
    counts = {s: list(split.values()).count(s) for s in ("train", "val", "test")}
    assert counts == {"train": 36, "val": 2, "test": 2}
    assert set(assign_splits({"only": 5.0}).values()) == {"train"}


def test_sources_are_split_by_song(tmp_path):
    sources = sources_of([preprocessed(tmp_path / "data")])
    assert {s.split for s in sources} == {"train", "val", "test"}
    with pytest.raises(DataError, match="more than one data root"):
        sources_of([tmp_path / "data", tmp_path / "data"])


def test_a_dead_scheduler_is_told():
    pytest.importorskip("distributed")
    from audio2pose_core.data.training import cluster

    cluster.CONNECT_S, before = 1, cluster.CONNECT_S
    try:
        with pytest.raises(OptionError, match="no Dask"), crew(1, "tcp://127.0.0.1:9"):
            pass
    finally:
        cluster.CONNECT_S = before


def half(number: int) -> int:
    if number == 2:
        raise DataError("two")
    return number


def test_a_crew_keeps_the_order_and_the_failures():
    with crew() as hands:
        assert list(hands.run(half, [1, 2, 3])) == [(1, 1), (2, Failure("two")), (3, 3)]


@pytest.mark.parametrize("damage", ["cut", "contract", "none"])
def test_an_unfinished_or_damaged_file_is_refused(tmp_path, damage):
    with crew() as hands:
        build_windows(clips(), tmp_path / "w", OPTIONS, hands)
    file, contract = tmp_path / "w/train.npy", tmp_path / "w/windows.json"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-100])
    elif damage == "contract":
        contract.write_text(contract.read_text().replace('"frames": ', '"frames": 1', 1))
    else:
        contract.unlink()
    with pytest.raises(DataError):
        open_windows(tmp_path / "w")


def test_training_draws_the_same_windows_from_either_file(tmp_path):
    torch = pytest.importorskip("torch")
    from audio2pose_core.data.training.clip import save_pack
    from audio2pose_core.network.config import from_tables
    from audio2pose_core.network.trainer import training_windows

    save_pack(tmp_path / "a.npz", clips())
    with crew() as hands:
        build_windows(clips(), tmp_path / "w", OPTIONS, hands)
    drawn = []
    for pack in ("a.npz", "w"):
        data = {"pack": str(tmp_path / pack), "speeds": [1.0, 1.15], "style_names": ["salsa"]}
        config = from_tables({"data": data, "model": {"window": 40}}, "test")
        windows = training_windows(config, torch.device("cpu"))[0]
        drawn.append(windows.batch(3, 5))
    first, second = drawn
    assert torch.equal(first.style, second.style) and torch.equal(first.mask, second.mask)
    # A pack stores rotations, a windows file features, in half floats: contacts may differ.
    assert (first.target - second.target).abs().mean() < 0.02
    assert (first.conditions - second.conditions).abs().mean() < 0.02
