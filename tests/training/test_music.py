"""Paired training: conditions made of the music, from a song's features to a dance to it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from made_dances import bouncing, tables

from audio2pose_core import (
    control,
    generate_dance,
    representation as rep,
)
from audio2pose_core.audio.analyse import analyse
from audio2pose_core.audio.beats import save_beats
from audio2pose_core.audio.demo_song import write_demo_song
from audio2pose_core.audio.load import load_audio
from audio2pose_core.cli import main
from audio2pose_core.data.training.clip import Clip, Music
from audio2pose_core.data.training.tracks import make_tracks
from audio2pose_core.data.training.windows_reader import open_windows
from audio2pose_core.errors import DataError, OptionError
from audio2pose_core.formats import save_motion
from audio2pose_core.generate.model import load_model
from audio2pose_core.network.config import from_tables
from audio2pose_core.network.trainer import train, training_windows

ALL = ["hits", "energy", "bar", "sound", "mel", "chroma"]
START = 2.0
"""Second of the song at which the dances begin."""


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    write_demo_song(path, bpm=120.0, seconds=12.0, seed=1)
    return path


@pytest.fixture(scope="module")
def data_root(song: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``preprocess bvh`` leaves of dances with their music."""
    folder = tmp_path_factory.mktemp("data")
    heard, _ = analyse(load_audio(song))
    (folder / "beats").mkdir()
    rows = []
    for i in range(3):
        name = f"clip{i}"
        motion = bouncing(6.0, 2.0 + 0.1 * i)
        save_motion(folder / f"motions/{name}.npz", motion)
        save_beats(folder / f"beats/{name}.json", _from(heard, START))
        rows.append(
            {
                "name": name, "source": "made", "style": "bounce", "song": f"song{i}",
                "motion": "x", "beats": "x", "seconds": 6.0, "audio": str(song),
                "audio_start_s": START,
            }
        )  # fmt: skip
    text = json.dumps({"format": "audio2pose-motions-1", "clips": rows, "failed": []})
    (folder / "manifest.json").write_text(text)
    return folder


def _from(beats, start):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    kept = beats.times >= start
    return replace(beats, times=beats.times[kept] - start, downbeats=beats.downbeats[kept])


def test_groups_have_their_columns() -> None:
    assert rep.condition_names(["energy", "bar"]) == (
        "energy", "energy_known", "bar_sin", "bar_cos", "bar_known",
    )  # fmt: skip
    # The control channels, each group with a column that says where it is known, come last.
    channels = len(control.NAMES) + len(control.GROUPS)
    assert len(set(rep.SUPPORTED_CONDITIONS)) == len(rep.SUPPORTED_CONDITIONS)
    assert len(rep.SUPPORTED_CONDITIONS) == 5 + 2 + 3 + 3 + 9 + 13 + channels
    for wrong in (["hits", "hits"], ["drums"], []):
        with pytest.raises(OptionError):
            rep.condition_names(wrong)


def test_a_bar_begins_at_its_downbeat() -> None:
    at = np.arange(0, 9, 0.25)
    values = rep.bar_conditions(np.array([1.0, 3.0, 5.0]), at)
    inside = (at >= 1) & (at <= 5)
    np.testing.assert_array_equal(values["bar_known"], inside)
    assert values["bar_cos"][at == 3.0] == pytest.approx(1.0)
    assert values["bar_cos"][at == 4.0] == pytest.approx(-1.0)
    assert values["bar_sin"][at == 1.5] == pytest.approx(1.0)
    assert not values["bar_cos"][~inside].any()
    assert not rep.bar_conditions(np.array([1.0]), at)["bar_known"].any()


def test_what_is_heard_is_heard_when_it_sounds(song: Path) -> None:
    beats, features = analyse(load_audio(song))
    clip = Clip("a", "s", "bounce", "train", bouncing(4.0, 2.0), np.zeros(0))
    music = Music(_from(beats, START), features, START)
    names = rep.condition_names(ALL)
    column = {name: i for i, name in enumerate(names)}
    from dataclasses import replace

    paired = replace(clip, music=music)
    for speed in (1.0, 1.25):
        track = make_tracks(paired, 30.0, names, ("bounce",), (speed,), False)[0].conditions
        frame = np.arange(len(track))
        heard = START + frame / 30.0 * speed
        expected = np.interp(heard, np.arange(len(features)) / 30.0, features.onset)
        np.testing.assert_allclose(track[:, column["onset"]], expected, atol=1e-5)
        np.testing.assert_array_equal(track[:, column["sound_known"]], 1.0)
        # The bar's phase comes round at the downbeats, however fast the clip is played.
        for bar in beats.times[beats.downbeats]:
            at = (bar - START) / speed * 30.0
            if 1 < at < len(track) - 1 and track[round(at), column["bar_known"]]:
                assert track[round(at), column["bar_cos"]] > 0.98
    without = make_tracks(clip, 30.0, names, ("bounce",), (1.0,), False)[0].conditions
    assert not without[:, column["bar_sin"] :].any()


def test_sound_past_the_end_of_the_song_is_unknown(song: Path) -> None:
    audio = load_audio(song)
    _, features = analyse(audio)
    values = rep.sound_conditions(features, np.array([-1.0, 1.0, audio.seconds + 1.0]))
    for name, value in values.items():
        assert value[0] == value[2] == 0.0, name
    assert values["mel_known"][1] == 1.0 and values["mel_0"][1] > 0.0


def test_from_paired_data_to_a_dance(data_root: Path, song: Path, tmp_path: Path) -> None:
    windows = tmp_path / "windows"
    words = ["windows", "--data_root", str(data_root), "--output_dir", str(windows)]
    assert main([*words, "--quiet", "--conditions", *ALL]) == 0
    assert open_windows(windows).conditions == rep.condition_names(ALL)
    config = tables(windows, steps=2, drop_music=0.5)
    config["data"]["conditions"] = ALL
    run = train(from_tables(config, "x"), tmp_path / "run", device="cpu", quiet=True)
    output = tmp_path / "paired.onnx"
    words = ["export", "--weights", str(run.with_name("weights.pt")), "-o", str(output)]
    assert main([*words, "--steps", "2", "--overlap", "16", "--quiet"]) == 0
    model = load_model(output)
    assert model.conditions == rep.condition_names(ALL)
    assert model.style_table["bounce"].hit_rate == pytest.approx(2.1, abs=0.3)
    dance = generate_dance(song, style="bounce", model=model, duration=4.0)
    assert np.isfinite(dance.motion.root).all() and dance.motion.seconds == pytest.approx(
        4, abs=0.1
    )

    # Fewer conditions than the file has are picked out of it; each group drops as one.
    fewer = {**config, "data": {**config["data"], "conditions": ["sound", "hits"]}}
    drawn = training_windows(from_tables(fewer, "x"), torch.device("cpu"))[0].batch(0, 64)
    assert drawn.conditions.shape[-1] == 8
    known = drawn.conditions[..., 2].amax(1)
    assert 5 < float(known.sum()) < 59
    silent = drawn.conditions[known == 0][..., :3]
    assert not silent.any()


def test_a_pack_has_no_music(pack: Path) -> None:
    config = tables(pack)
    config["data"]["conditions"] = ALL
    with pytest.raises(DataError, match="keeps no music"):
        training_windows(from_tables(config, "x"), torch.device("cpu"))
