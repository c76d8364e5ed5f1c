"""The LSTM baseline: what it is given, what it makes, and that it learns at all."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training packages are not installed")

from audio2pose_core import rotations as rot
from audio2pose_core.audio.features import AudioFeatures
from audio2pose_core.data.training.clip import Clip, save_pack
from audio2pose_core.errors import DataError, ModelError
from audio2pose_core.evaluate.dancers import LSTM, EvalSpec, EvalWorker
from audio2pose_core.evaluate.songs import own_songs
from audio2pose_core.metrics import motion_magnitude
from audio2pose_core.motion import Motion
from audio2pose_core.network.baselines import lstm_vae
from audio2pose_core.skeleton import INDEX
from tests.core.test_kinetic import dancing

ROOT = Path(__file__).resolve().parent.parent.parent


def clips() -> list[Clip]:
    """One who swings the arms at the height of the shoulders, one with arms that hang."""
    low = dancing(60.0, 5.0)
    quats = low.rotations.copy()
    for side, sign in (("left", -1.0), ("right", 1.0)):
        down = rot.from_axis_angle(np.array([0.0, 0.0, sign * 1.4]))
        joint = INDEX[f"{side}_shoulder"]
        quats[:, joint] = rot.multiply(down, quats[:, joint])
    hanging = Motion(60.0, low.root, quats)
    return [
        Clip("a", "made up", "swing", "train", dancing(30.0, 8.0), np.arange(0, 8, 0.5)),
        Clip("b", "made up", "hang", "train", hanging, np.zeros(0)),
    ]


def features(seconds: float = 6.0) -> AudioFeatures:
    frames = round(30 * seconds)
    onset = lstm_vae.attacks(np.arange(0, seconds, 0.5), np.ones(round(2 * seconds)), frames)
    nothing = np.zeros((frames, 64)), np.zeros((frames, 12))
    return AudioFeatures(30.0, onset, np.full(frames, 0.7), *nothing)


@pytest.fixture(scope="module")
def trained() -> lstm_vae.Trained:
    torch.set_num_threads(1)
    errors: list[float] = []
    made = lstm_vae.train(
        clips(), steps=120, batch=4, progress=lambda step, error, share: errors.append(error)
    )
    # Hanging or raised arms: the most of it is learnt in no time.
    assert len(errors) == made.steps == 120
    assert np.mean(errors[-20:]) < 0.8 * np.mean(errors[:5])
    return made


def test_positions_become_the_same_motion_again():
    motion = dancing(30.0, 4.0).turned(0.7, np.array([2.0, 0.0, 1.0]))
    again = lstm_vae.to_motion(lstm_vae.body_positions(motion))

    def seen(m):
        joints = m.joint_positions()
        return joints - joints[:, :1]

    # The fit guesses what positions cannot tell; heading and path start anew.
    lengths = [np.linalg.norm(np.diff(seen(m), axis=0), axis=-1).mean() for m in (motion, again)]
    assert lengths[1] == pytest.approx(lengths[0], rel=0.1)
    apart = np.abs(seen(again)[..., 1] - seen(motion)[..., 1]).mean()
    assert apart < 0.02


def test_attacks_stand_on_their_times():
    curve = lstm_vae.attacks(np.array([1.0, 2.0]), np.array([1.0, 0.5]), 90)
    assert curve[29] == 0 and curve[30] == pytest.approx(1.0) and curve[60] == pytest.approx(0.5)
    assert 0.3 < curve[33] < 0.45
    assert np.array_equal(lstm_vae.attacks(np.zeros(0), np.zeros(0), 4), np.zeros(4))


def test_known_beats_are_preferred_to_motion_beats():
    with_beats, without = clips()[0].motion, clips()[0].motion
    given = lstm_vae.audio_of_clip(with_beats, np.arange(0, 8, 0.5))[:, 0]
    assert np.allclose(given[::15], 1.0, atol=0.01)
    own = lstm_vae.audio_of_clip(without, np.zeros(0))[:, 0]
    assert not np.allclose(own, given, atol=0.1)


def test_it_dances_and_seeds_differ(trained):
    first, again, other = (
        lstm_vae.make_dance(trained, features(), "swing", seed) for seed in (1, 1, 2)
    )
    assert len(first) == 180 and first.fps == 30.0
    assert np.array_equal(first.rotations, again.rotations)
    assert not np.allclose(first.rotations, other.rotations)
    assert 0.02 < motion_magnitude(first) < 5.0
    assert len(lstm_vae.make_dance(trained, features(), "unknown style", 0)) == 180


def test_it_stands_in_the_evaluation(trained, tmp_path, default_model):
    path = tmp_path / "lstm.pt"
    lstm_vae.save(path, trained)
    here = EvalWorker(EvalSpec((default_model,), (own_songs(5.0)[0],), "salsa", path))
    sample = here.dance(0, 0).samples[LSTM]
    assert sample.motion.seconds == pytest.approx(5.0) and len(sample.seams) == 0
    assert sample.beats is here.spec.songs[0].beats


def test_what_is_no_baseline_is_refused(tmp_path):
    with pytest.raises(ModelError, match="train_lstm_vae"):
        lstm_vae.load(tmp_path / "nothing.pt")
    other = tmp_path / "other.pt"
    torch.save({"average": {}}, other)
    with pytest.raises(ModelError, match="LSTM"):
        lstm_vae.load(other)
    other.write_bytes(b"PK no zip")
    with pytest.raises(ModelError, match="LSTM"):
        lstm_vae.load(other)
    short = [Clip("a", "", "", "train", dancing(30.0, 1.0), np.zeros(0))]
    with pytest.raises(DataError, match="2 s"):
        lstm_vae.train(short, seconds=0.1)


def test_the_command(tmp_path, monkeypatch, caplog):
    monkeypatch.syspath_prepend(str(ROOT / "training"))
    import train_lstm_vae

    save_pack(tmp_path / "pack.npz", clips())
    words = ["--pack", tmp_path / "pack.npz", "--output", tmp_path / "l.pt", "--minutes", 0.005]
    monkeypatch.setattr(sys, "argv", ["train_lstm_vae.py", *map(str, words)])
    assert train_lstm_vae.main() == 0
    assert lstm_vae.load(tmp_path / "l.pt").styles == ("hang", "swing")
    monkeypatch.setattr(sys, "argv", ["train_lstm_vae.py", "--pack", str(tmp_path / "no.npz")])
    assert train_lstm_vae.main() != 0
    assert "prepare.py" in caplog.text
