"""The road of the beat network, made small: compose, render, train, go on, export."""

from __future__ import annotations

from ctypes.util import find_library
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from audio2pose_core.audio.beat_features import FPS, SAMPLE_RATE, beat_features
from audio2pose_core.audio.beat_network import load_beat_network
from audio2pose_core.errors import DataError, ModelError, OptionError
from training.beats import (
    config as settings,
    export as beats_export,
    train as trainer,
)
from training.beats.batches import Rendered, count_pieces, crop, load_piece, targets
from training.beats.compose import compose
from training.beats.export import export
from training.beats.measure import f_measure, peaks
from training.beats.midi import read_midi
from training.beats.musicxml import read_musicxml
from training.beats.network import BeatNet, NetworkConfig
from training.beats.piece import Track
from training.beats.render import make_piece, piece_path, render, save_piece
from training.beats.styles import STYLES

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs"
PIECES = 4


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four composed pieces of 12 s, played by our own synthesis."""
    folder = tmp_path_factory.mktemp("material")
    for number in range(PIECES):
        piece = make_piece(number, None, seconds=12.0)
        save_piece(piece_path(folder, number), piece, render(piece, number, None))
    return folder


def tiny(folder: Path, steps: int = 2) -> settings.Config:
    return settings.Config(
        material=settings.MaterialConfig(str(folder), held_out=1, wait_for=2),
        network=NetworkConfig(front=(4, 4, 8), layers=3),
        train=settings.TrainConfig(
            steps=steps, batch=2, frames=300, warmup=1, refresh=1, save_every=1, bfloat16=False
        ),
    )


@pytest.mark.parametrize("style", STYLES, ids=lambda s: s.name)
def test_every_style_composes_and_its_beats_are_true_to_it(style):
    piece = compose(np.random.default_rng(3), 20.0, style)
    assert piece.seconds == 20.0 and any(t.notes for t in piece.tracks)
    assert set(piece.places) >= set(range(min(style.metre, 2)))
    bpm = 60 / np.median(np.diff(piece.beats))
    assert 0.75 * style.bpm[0] < bpm < 1.35 * style.bpm[1]
    for track in piece.tracks:
        for start, length, pitch, velocity in track.notes:
            assert 0 <= start < 20 and length > 0 and 0 <= pitch < 128 and 0 < velocity < 128


def test_sound_is_where_the_beats_are(material):
    """Spectral flux on the beats of drummed pieces is well above the mean."""
    rises = []
    for number in range(40):
        piece = compose(np.random.default_rng(number), 12.0, STYLES[4])  # pop
        if sum(len(t.notes) for t in piece.tracks if t.program < 0) < 60:
            continue
        features = beat_features(render(piece, number, None))
        flux = np.maximum(np.diff(features, axis=0, prepend=features[:1]), 0).sum(axis=1)
        frames = np.round(piece.beats * FPS).astype(int)
        frames = frames[(frames > 0) & (frames < len(flux) - 1)]
        rises.append(np.max([flux[frames + d] for d in (-1, 0, 1)], axis=0).mean() / flux.mean())
        if len(rises) == 5:
            break
    assert np.mean(rises) > 2.0, rises


def test_pieces_and_crops_have_the_shapes_that_training_wants(material):
    assert count_pieces(material) == PIECES
    piece = load_piece(material, 1)
    assert piece.features.shape == (601, 81)
    features, wanted = crop(piece, 500, settings.AugmentConfig(), np.random.default_rng(0))
    assert features.shape == (500, 81) and wanted.shape == (500, 2)
    assert np.isfinite(features).all() and features.min() >= 0


def test_targets_stand_on_the_beats_also_when_stretched():
    wanted = targets(np.array([10.0, 35.0, 60.0]), np.array([0, 1, 0]), 100)
    np.testing.assert_allclose(wanted[8:13, 0], [0.15, 0.6, 1.0, 0.6, 0.15])
    assert wanted[35, 1] == 0 and wanted[60, 1] == 1
    # A click every half second: wherever the crop lies, sound and target move together.
    samples = np.zeros(20 * SAMPLE_RATE, np.float32)
    beats = np.arange(0.25, 20, 0.5)
    samples[(beats * SAMPLE_RATE).astype(int)] = 1.0
    piece = Rendered(beat_features(samples), beats, np.arange(40) % 4, "clicks")
    change = settings.AugmentConfig(bands=0, tone_db=0.0, masked=0.0, muted=0.0)
    for seed in range(5):
        features, wanted = crop(piece, 700, change, np.random.default_rng(seed))
        loud = features.sum(axis=1)
        for frame in np.flatnonzero(wanted[:, 0] == 1)[1:-1]:
            assert abs(loud[frame - 4 : frame + 5].argmax() - 4) <= 1


def test_a_stopped_run_gives_the_same_weights_as_one_that_was_not(material, tmp_path):
    torch.set_num_threads(1)
    config = tiny(material)
    trainer.Trainer(config, tmp_path / "whole").run()
    trainer.Trainer(config, tmp_path / "parts").run(until=1)
    again = trainer.Trainer(config, tmp_path / "parts")
    assert again.step == 1
    again.run()
    whole = torch.load(tmp_path / "whole" / "checkpoint.pt", weights_only=True)
    parts = torch.load(tmp_path / "parts" / "checkpoint.pt", weights_only=True)
    assert whole["steps"] == parts["steps"] == 2
    for part in ("model", "average"):
        for name, value in whole[part].items():
            assert torch.equal(value, parts[part][name]), name
    assert (tmp_path / "whole" / "log.csv").read_text().count("held_out_loss") == 1


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(material, tmp_path):
    run = trainer.Trainer(tiny(material), tmp_path)
    run.run(1)
    good = (tmp_path / "checkpoint.pt").read_bytes(), (tmp_path / "weights.pt").read_bytes()
    with torch.no_grad():
        next(iter(run.network.parameters())).fill_(float("nan"))
    with pytest.raises(ModelError, match="diverged"):
        run.run(2)
    kept = (tmp_path / "checkpoint.pt").read_bytes(), (tmp_path / "weights.pt").read_bytes()
    assert kept == good


def test_another_network_or_too_little_material_is_refused(material, tmp_path):
    trainer.Trainer(tiny(material), tmp_path / "run").run(until=1)
    other = replace(tiny(material), network=NetworkConfig(front=(4, 4, 12), layers=3))
    with pytest.raises(ModelError, match="another network"):
        trainer.Trainer(other, tmp_path / "run")
    with pytest.raises(DataError, match="holds 0 pieces"):
        trainer.Trainer(tiny(tmp_path / "nothing"), tmp_path / "new").run()


def test_the_export_equals_torch_and_corrects_for_the_weights(material, tmp_path):
    trainer.Trainer(tiny(material), tmp_path / "run").run()
    output = tmp_path / "model" / "beats.onnx"
    output.parent.mkdir()
    assert export(tmp_path / "run" / "weights.pt", output) < 1e-4
    network = load_beat_network(output)
    assert network.contract["training"]["steps"] == 2
    state = torch.load(tmp_path / "run" / "weights.pt", weights_only=True)
    plain = BeatNet(NetworkConfig(**state["network"])).eval()
    plain.load_state_dict(state["average"])
    features = load_piece(material, 0).features
    with torch.no_grad():
        odds = torch.exp(plain(torch.from_numpy(features)[None])[0]).numpy()
    found = network.run(features)
    np.testing.assert_allclose(found / (1 - found), odds / [3.0, 6.0], rtol=1e-3)
    load_beat_network.cache_clear()


def test_an_export_that_differs_from_torch_leaves_no_file(material, tmp_path, monkeypatch):
    trainer.Trainer(tiny(material), tmp_path / "run").run(until=1)
    monkeypatch.setattr(beats_export, "TOLERANCE", -1.0)
    output = tmp_path / "model" / "beats.onnx"
    with pytest.raises(ModelError, match="not written"):
        export(tmp_path / "run" / "weights.pt", output)
    assert not output.parent.exists()
    damaged = tmp_path / "damaged.pt"
    damaged.write_bytes((tmp_path / "run" / "weights.pt").read_bytes()[:-50])
    with pytest.raises(ModelError, match="not a checkpoint"):
        export(damaged, output)


def test_an_output_depends_on_no_more_than_the_reach():
    torch.manual_seed(0)
    network = BeatNet(NetworkConfig(front=(4, 4, 8), layers=4)).eval()
    features = torch.rand(1, 400, 81)
    changed = features.clone()
    changed[0, 200] += 1
    with torch.no_grad():
        moved = (network(features) - network(changed))[0].abs().amax(dim=1).numpy()
    touched = np.flatnonzero(moved > 0)
    assert 200 - network.reach <= touched.min() and touched.max() <= 200 + network.reach
    assert network.reach > 25  # the bound above says something


def test_the_shipped_configuration_loads_and_unknown_keys_are_refused(tmp_path):
    assert settings.load_config(CONFIGS / "beats.toml").train.steps > 1000
    for text, message in (
        ("[train]\nstep = 3\n", "unknown key 'step'"),
        ("[trian]\n", "unknown table"),
        ("steps", "cannot be read"),
    ):
        (tmp_path / "bad.toml").write_text(text)
        with pytest.raises(OptionError, match=message):
            settings.load_config(tmp_path / "bad.toml")


def test_f_of_peaks_is_the_field_s():
    mir_eval = pytest.importorskip("mir_eval")
    random = np.random.default_rng(0)
    truth = np.arange(1, 30, 0.5)
    for _ in range(20):
        kept = truth[random.random(len(truth)) < 0.8]
        found = np.sort(kept + random.normal(0, 0.05, len(kept)))
        assert f_measure(found, truth) == pytest.approx(mir_eval.beat.f_measure(truth, found))


def test_peaks_are_local_maxima_well_apart():
    activation = np.zeros(100, np.float32)
    activation[[10, 11, 13, 50, 99]] = [0.8, 0.9, 0.7, 0.1, 0.6]
    np.testing.assert_allclose(peaks(activation), [0.22, 1.98])


def test_midi_is_read():
    track = bytes.fromhex(
        "00ff5103061a80 00ff580403022418 00c005 00903c64 60903c00 00993650 30893600 00ff2f00"
    )
    data = b"MThd" + bytes.fromhex("00000006000000010060")
    song = read_midi(data + b"MTrk" + len(track).to_bytes(4, "big") + track)
    assert song.notes == [(0.0, 1.0, 0, 5, 60, 100), (1.0, 0.5, 9, 0, 54, 80)]
    assert song.metres == [(0.0, 3, 4)]
    assert song.seconds(np.array([2.0])) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="not a MIDI file"):
        read_midi(b"RIFF" + data)


def test_musicxml_is_read(tmp_path):
    import io
    import zipfile

    def note(step, duration, extra=""):
        return (
            f"<note>{extra}<pitch><step>{step}</step><octave>4</octave></pitch>"
            f"<duration>{duration}</duration></note>"
        )

    text = (
        "<score-partwise><part id='P1'><measure><attributes><divisions>2</divisions><time>"
        "<beats>3</beats><beat-type>4</beat-type></time></attributes><sound tempo='90'/>"
        + note("C", 2) + "</measure><measure>" + note("D", 6, "<tie type='start'/>")
        + "<backup><duration>6</duration></backup>" + note("E", 2) + note("G", 2, "<chord/>")
        + "</measure><measure>" + note("D", 2, "<tie type='stop'/>")
        + "</measure></part></score-partwise>"
    )  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("META-INF/container.xml", "<x/>")
        archive.writestr("score.xml", text)
    score = read_musicxml(file.getvalue())
    assert score.bars == [(0.0, 1.0, 3, 4), (1.0, 3.0, 3, 4), (4.0, 1.0, 3, 4)]
    assert score.tempi == [(0.0, 90.0)]
    assert [(s, n, p) for s, n, _, p, _ in score.notes] == [
        (0.0, 1.0, 60), (1.0, 1.0, 64), (1.0, 1.0, 67), (1.0, 4.0, 62),
    ]  # fmt: skip


def test_fluidsynth_plays_a_note_where_it_is():
    from training.beats import fluid

    if not Path(fluid.SOUNDFONTS[0]).is_file() or find_library("fluidsynth") is None:
        pytest.skip("needs libfluidsynth3 and fluid-soundfont-gm")
    track = Track(0)
    track.add(1.0, 0.3, 60, 100)
    player = fluid.Fluid(fluid.SOUNDFONTS[:1])
    for _ in range(2):  # the first piece leaves nothing behind in the second
        samples = player.render([track], 2.0, np.random.default_rng(0))
        assert len(samples) == 2 * SAMPLE_RATE
        loud = np.abs(samples) > 0.1 * np.abs(samples).max()
        assert 0.99 < loud.argmax() / SAMPLE_RATE < 1.03
    with pytest.raises(OSError, match="none of these soundfonts"):
        fluid.Fluid(("missing.sf2",))
