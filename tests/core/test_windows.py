"""The windows file: the same rows whoever builds it, and training reads it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bvh_families import dance

from audio2pose_core import representation as rep
from audio2pose_core.cli import main
from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.data.training.cluster import Failure, worker_pool
from audio2pose_core.data.training.pack_windows import windows_of_pack, with_windows_splits
from audio2pose_core.data.training.sources import assign_splits, sources_of
from audio2pose_core.data.training.tracks import make_tracks
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
    with worker_pool() as pool:
        contract = build_windows(clips(), tmp_path / "w", OPTIONS, pool)
    train = [c for c in clips() if c.split == "train"]
    tracks = [
        track
        for clip in train
        for track in make_tracks(clip, 30.0, CONDITIONS, ("salsa",), OPTIONS.speeds, True)
    ]
    file = open_windows(tmp_path / "w")
    assert list(file.frames) == [len(t.features) for t in tracks]
    for start, frames, track in zip(file.starts, file.frames, tracks, strict=True):
        rows = np.asarray(file.rows[start : start + frames], np.float32)
        assert np.abs(rows[:, :152] - track.features).max() < 0.004
        assert np.abs(rows[:, 152:] - track.conditions).max() < 0.002
    everything = np.concatenate([track.features for track in tracks]).astype(np.float64)
    assert np.allclose(file.mean, everything.mean(axis=0), atol=1e-3)
    # The features of a group share one deviation, which has a floor.
    squares, groups = everything.var(axis=0), rep.GROUP_OF_FEATURE
    shared = np.array([squares[groups == group].mean() for group in groups])
    assert np.allclose(file.deviation, np.maximum(np.sqrt(shared), 0.05), rtol=5e-3)
    assert file.clips == tuple(f"clip{i}" for i in range(3) for _ in range(4))
    assert file.speeds.tolist() == [1.0, 1.0, 1.15, 1.15] * 3
    assert file.mirrored.tolist() == [False, True] * 6
    assert set(contract["splits"]) == {"train", "test"} and file.styles[0] == "salsa"
    assert isinstance(file.rows, np.memmap) and is_windows(tmp_path / "w")


def test_workers_and_dask_make_the_same_bytes(tmp_path):
    distributed = pytest.importorskip("distributed")
    made = {}
    with worker_pool() as pool:
        build_windows(clips(), tmp_path / "alone", OPTIONS, pool)
    with worker_pool(2) as pool:
        build_windows(clips(), tmp_path / "two", OPTIONS, pool)
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        worker_pool(1, cluster.scheduler_address) as pool,
    ):
        assert pool.workers >= 2
        build_windows(clips(), tmp_path / "dask", OPTIONS, pool)
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
        with pytest.raises(OptionError, match="no Dask"), worker_pool(1, "tcp://127.0.0.1:9"):
            pass
    finally:
        cluster.CONNECT_S = before


def half(number: int) -> int:
    if number == 2:
        raise DataError("two")
    return number


def test_a_crew_keeps_the_order_and_the_failures():
    with worker_pool() as pool:
        assert list(pool.run(half, [1, 2, 3])) == [(1, 1), (2, Failure("two")), (3, 3)]


@pytest.mark.parametrize("damage", ["cut", "contract", "none"])
def test_an_unfinished_or_damaged_file_is_refused(tmp_path, damage):
    with worker_pool() as pool:
        build_windows(clips(), tmp_path / "w", OPTIONS, pool)
    file, contract = tmp_path / "w/train.npy", tmp_path / "w/windows.json"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-100])
    elif damage == "contract":
        contract.write_text(contract.read_text().replace('"frames": ', '"frames": 1', 1))
    else:
        contract.unlink()
    with pytest.raises(DataError):
        open_windows(tmp_path / "w")


def test_one_track_of_a_clip_is_as_it_was_captured(tmp_path):
    with worker_pool() as pool:
        build_windows(clips(), tmp_path / "w", WindowOptions(speeds=(0.8, 1.1)), pool)
    plain = open_windows(tmp_path / "w").plain()
    assert plain.clips == ("clip0", "clip1", "clip2") and plain.speeds.tolist() == [1.1] * 3
    assert not plain.mirrored.any()
    some = plain.only(np.array([False, True, False]))
    assert some.clips == ("clip1",) and np.array_equal(some.track(0), plain.track(1))


def test_a_pack_makes_its_windows_once(tmp_path):
    pack = tmp_path / "a.npz"
    save_pack(pack, clips())
    folder = windows_of_pack(pack, OPTIONS)
    assert folder.parent == tmp_path / "a.windows"
    stamp = (folder / "windows.json").stat().st_mtime_ns
    assert windows_of_pack(pack, OPTIONS) == folder
    assert (folder / "windows.json").stat().st_mtime_ns == stamp
    # The same rows as those of the clips themselves, but for the pack's half floats.
    with worker_pool() as pool:
        build_windows(with_windows_splits(clips()), tmp_path / "w", OPTIONS, pool)
    for split in ("train", "test"):
        ours, theirs = open_windows(folder, split), open_windows(tmp_path / "w", split)
        assert ours.clips == theirs.clips and ours.rows.shape == theirs.rows.shape
        apart = np.abs(np.asarray(ours.rows, np.float32) - np.asarray(theirs.rows, np.float32))
        assert apart[:, : rep.WIDTH].mean() < 1e-3
    # Other clips or other speeds are other windows; nothing unfinished is left behind.
    other = windows_of_pack(pack, WindowOptions())
    save_pack(pack, clips(3))
    assert len({folder, other, windows_of_pack(pack, OPTIONS)}) == 3
    assert sorted(p.name[0] != "." for p in folder.parent.iterdir()) == [True] * 3


def test_an_interrupted_build_leaves_no_windows(tmp_path):
    save_pack(tmp_path / "a.npz", clips())

    def stop(stage, share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        windows_of_pack(tmp_path / "a.npz", OPTIONS, progress=stop)
    assert list((tmp_path / "a.windows").iterdir()) == []


def test_a_pack_keeps_no_music(tmp_path):
    save_pack(tmp_path / "a.npz", clips())
    with pytest.raises(DataError, match="keeps no music"):
        windows_of_pack(tmp_path / "a.npz", WindowOptions(conditions=("hits", "mel")))
    with pytest.raises(DataError, match=r"prepare\.py"):
        windows_of_pack(tmp_path / "none.npz", OPTIONS)


def test_training_leaves_out_what_the_config_leaves_out(tmp_path):
    torch = pytest.importorskip("torch")
    from audio2pose_core.network.config import from_tables
    from audio2pose_core.network.sources import training_windows

    with worker_pool() as pool:
        build_windows(clips(), tmp_path / "w", OPTIONS, pool)
        one = WindowOptions(speeds=(1.15,), mirror=False)
        build_windows(clips()[1:], tmp_path / "fewer", one, pool)
    data = {"speeds": [1.15], "mirror": False, "style_names": ["salsa"]}
    drawn = []
    for part in (
        {"windows": str(tmp_path / "w"), "excluded": ["*p0"]},
        {"windows": str(tmp_path / "fewer")},
    ):
        config = from_tables({"data": {**data, **part}, "model": {"window": 40}}, "test")
        windows, *scale, size = training_windows(config, torch.device("cpu"))
        assert size.startswith("2 clips, 2 tracks")
        drawn.append((scale, windows.batch(3, 5)))
    assert np.allclose(drawn[0][0], drawn[1][0])
    first, second = drawn[0][1], drawn[1][1]
    assert torch.allclose(first.target, second.target, atol=1e-5)
    assert torch.equal(first.conditions, second.conditions)
    nothing = {**data, "windows": str(tmp_path / "fewer"), "excluded": ["clip1", "clip2"]}
    with pytest.raises(DataError, match="leaves out every clip"):
        training_windows(from_tables({"data": nothing}, "test"), torch.device("cpu"))


def test_windows_carry_control_channels_that_drop_group_by_group(tmp_path):
    torch = pytest.importorskip("torch")
    from audio2pose_core.network.config import from_tables
    from audio2pose_core.network.sources import training_windows

    groups = ["hits", "legs", "heading", "counts"]
    with worker_pool() as pool:
        options = WindowOptions(conditions=tuple(groups))
        build_windows(clips(), tmp_path / "w", options, pool)
    file = open_windows(tmp_path / "w")
    assert file.conditions == rep.condition_names(groups)
    # As they are measured, the mirrored track with left and right exchanged.
    (plain, mirrored) = make_tracks(clips()[0], 30.0, file.conditions, ("salsa",), (1.0,), True)
    for i, track in enumerate((plain, mirrored)):
        assert np.allclose(file.track(i)[:, rep.WIDTH :], track.conditions, atol=2e-3)
    sine = file.conditions.index("heading_sin")
    assert np.allclose(mirrored.conditions[:, sine], -plain.conditions[:, sine], atol=1e-6)

    data = {"windows": str(tmp_path / "w"), "conditions": groups, "style_names": ["salsa"]}
    train = {"drop_control": 0.5, "drop_hits": 0.0, "drop_all": 0.0}
    tables = {"data": data, "train": train, "model": {"window": 40}}
    config = from_tables(tables, "test")
    drawn = training_windows(config, torch.device("cpu"))[0].batch(0, 200).conditions
    known = {g: drawn[..., file.conditions.index(f"{g}_known")].amax(1) > 0 for g in groups[1:3]}
    for there in known.values():
        assert 0.35 < float(there.float().mean()) < 0.65
    assert not torch.equal(known["legs"], known["heading"])
    assert not drawn[~known["legs"]][..., file.conditions.index("leg_speed")].any()
