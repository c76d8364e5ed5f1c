"""Bad input gets one clear line and a non-zero exit, and loses nothing; odd input just works."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio2pose_core.errors import MotionError
from audio2pose_core.formats import load_motion, save_motion
from audio2pose_core.motion import rest_motion

soundfile = pytest.importorskip("soundfile")

ROOT = Path(__file__).resolve().parent.parent.parent
RATE = 22050


def tone(seconds: float = 3.0, rate: int = RATE) -> np.ndarray:
    """Clicks at 120 bpm over a tone: enough of a song for the beat tracker."""
    t = np.arange(int(seconds * rate)) / rate
    return (0.2 * np.sin(440 * t) + 0.6 * np.exp(-60 * (t % 0.5)) * np.sin(900 * t)).astype("f4")


# Each makes a bad song in a folder; the name is what the message must speak of.
def _missing(folder: Path) -> Path:
    return folder / "missing.wav"


def _folder(folder: Path) -> Path:
    (folder / "folder.wav").mkdir()
    return folder / "folder.wav"


def _empty(folder: Path) -> Path:
    (folder / "empty.mp3").touch()
    return folder / "empty.mp3"


def _text(folder: Path) -> Path:
    (folder / "text.wav").write_text("La la la\n" * 100)
    return folder / "text.wav"


def _noise(folder: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 256, 50_000, dtype=np.uint8)
    (folder / "noise.mp3").write_bytes(noise.tobytes())
    return folder / "noise.mp3"


def _mp3(folder: Path, keep: int | float, name: str) -> Path:
    """An mp3 of 20 s, cut to so many bytes or such a share of them."""
    path = folder / name
    soundfile.write(path, tone(20.0, 44100), 44100, format="MP3")
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(keep * len(data))])
    return path


def _first_frame(folder: Path) -> Path:
    return _mp3(folder, 120, "cut-in-first-frame.mp3")


def _silence(folder: Path) -> Path:
    soundfile.write(folder / "silence.wav", np.zeros(3 * RATE), RATE)
    return folder / "silence.wav"


def _short(folder: Path) -> Path:
    soundfile.write(folder / "short.wav", tone(0.1), RATE)
    return folder / "short.wav"


def _no_samples(folder: Path) -> Path:
    soundfile.write(folder / "header-only.wav", np.zeros(0), RATE)
    return folder / "header-only.wav"


def _nan(folder: Path) -> Path:
    samples = tone()
    samples[1000] = np.nan
    soundfile.write(folder / "nan.wav", samples, RATE, subtype="FLOAT")
    return folder / "nan.wav"


def _inf(folder: Path) -> Path:
    samples = tone()
    samples[-1] = np.inf
    soundfile.write(folder / "inf.wav", samples, RATE, subtype="FLOAT")
    return folder / "inf.wav"


BAD_SONGS = [
    _missing, _folder, _empty, _text, _noise, _first_frame, _silence, _short, _no_samples, _nan,
    _inf,
]  # fmt: skip


@pytest.mark.parametrize("command", ["beats", "generate"])
@pytest.mark.parametrize("make", BAD_SONGS, ids=lambda f: f.__name__.strip("_"))
def test_a_bad_song(cli, tmp_path, make, command):
    song = make(tmp_path)
    before = set(tmp_path.iterdir())
    out = tmp_path / ("out.json" if command == "beats" else "out.bvh")
    done = cli(command, song, "-o", out, "--json")
    assert done.status not in (0, 1) and done.out == ""
    assert song.name in done.error
    assert set(tmp_path.iterdir()) == before


def test_the_real_program_adds_no_noise_of_its_decoders(tmp_path):
    """libmpg123 and libsndfile like to talk to the terminal themselves."""
    for song in (_noise(tmp_path), _first_frame(tmp_path)):
        done = subprocess.run(
            [sys.executable, "-m", "audio2pose_core.cli", "beats", song, "-o", tmp_path / "b.json"]
            + ["--quiet"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith("audio2pose: error: ") and done.stderr.count("\n") == 1


# --- outputs that cannot be written ---


def _in_a_file(folder: Path) -> Path:
    (folder / "file").write_text("x")
    return folder / "file" / "out"


def _in_proc(folder: Path) -> Path:
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc")
    return Path("/proc/out")


def _is_a_folder(folder: Path) -> Path:
    for ending in (".bvh", ".json"):
        (folder / f"out{ending}").mkdir()
    return folder / "out"


def _name_too_long(folder: Path) -> Path:
    return folder / ("x" * 300)


def _wrong_ending(folder: Path) -> Path:
    return folder / "out.fbx"


BAD_OUTPUTS = [_in_a_file, _in_proc, _is_a_folder, _name_too_long, _wrong_ending]


@pytest.mark.parametrize("command", ["beats", "generate"])
@pytest.mark.parametrize("make", BAD_OUTPUTS, ids=lambda f: f.__name__.strip("_"))
def test_a_bad_output_is_found_before_the_work(cli, song, tmp_path, monkeypatch, make, command):
    import audio2pose_core.audio.load as load

    monkeypatch.setattr(load, "load_audio", lambda *_: pytest.fail("the work had begun"))
    out = make(tmp_path)
    if make is not _wrong_ending:
        out = out.with_name(out.name + (".json" if command == "beats" else ".bvh"))
    before = sorted(tmp_path.rglob("*"))
    done = cli(command, song, "-o", out)
    assert done.status == 2 and str(out) in done.error
    assert sorted(tmp_path.rglob("*")) == before


def test_an_input_is_never_overwritten(cli, song, tmp_path):
    beats = tmp_path / "beats.json"
    assert cli("beats", song, "-o", beats, "--quiet").status == 0
    again = cli("beats", beats, "-o", beats)
    assert again.status == 2 and "beats.json" in again.error
    json.loads(beats.read_text())


def test_a_disk_that_fills_up_keeps_the_old_file(song, tmp_path):
    """A limit on the size of files stands in for a full disk."""
    out = tmp_path / "beats.json"
    out.write_text("old")
    done = subprocess.run(
        [sys.executable, "-m", "audio2pose_core.cli", "beats", song, "-o", out, "--quiet"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("audio2pose: error: ") and done.stderr.count("\n") == 1
    assert str(out) in done.stderr
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]


# --- models, beats and motions that do not fit ---


@pytest.fixture
def model(default_model, tmp_path) -> Path:
    """A copy of the shipped dancer that a test may spoil."""
    for ending in (".onnx", ".json"):
        shutil.copy(default_model.with_suffix(ending), tmp_path / f"dancer{ending}")
    return tmp_path / "dancer.onnx"


def _change_contract(model: Path, **changes: object) -> None:
    contract = model.with_suffix(".json")
    contract.write_text(json.dumps({**json.loads(contract.read_text()), **changes}))


def _wrong_hash(model: Path) -> None:
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)


def _cut_model(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:5000])


def _no_contract(model: Path) -> None:
    model.with_suffix(".json").unlink()


def _contract_is_no_json(model: Path) -> None:
    model.with_suffix(".json").write_text("{ not json")


def _contract_is_a_list(model: Path) -> None:
    model.with_suffix(".json").write_text("[]")


def _contract_is_empty(model: Path) -> None:
    model.with_suffix(".json").write_text("{}")


def _other_skeleton(model: Path) -> None:
    _change_contract(model, skeleton=["hips", "head"])


def _no_model(model: Path) -> None:
    model.unlink()


BAD_MODELS = [
    _wrong_hash, _cut_model, _no_contract, _contract_is_no_json, _contract_is_a_list,
    _contract_is_empty, _other_skeleton, _no_model,
]  # fmt: skip


@pytest.mark.parametrize("spoil", BAD_MODELS, ids=lambda f: f.__name__.strip("_"))
def test_a_model_that_does_not_fit(cli, song, model, tmp_path, spoil):
    spoil(model)
    out = tmp_path / "out.bvh"
    done = cli("generate", song, "-o", out, "--model", model)
    assert done.status == 2 and "dancer" in done.error
    assert not out.exists()


def test_an_unknown_style_names_the_known_ones(cli, song, default_model, tmp_path):
    done = cli("generate", song, "-o", tmp_path / "out.bvh", "--style", "polka9")
    styles = json.loads(cli("styles", "--json").out)["styles"]
    assert done.status == 2 and "polka9" in done.error and styles[0] in done.error


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"beat_times": "soon"}',
        '{"beat_times": [0.5, 0.2]}',
        '{"beat_times": [0.5, null]}',
        '{"beat_times": [0.5, NaN, 1.0]}',
        None,
    ],
)
def test_beats_that_are_none(cli, song, default_model, tmp_path, text):
    beats = tmp_path / "beats.json"
    if text is not None:
        beats.write_text(text)
    done = cli("generate", song, "-o", tmp_path / "out.bvh", "--beats", beats)
    assert done.status == 2 and "beats.json" in done.error


@pytest.mark.parametrize("times", ["[0.5, 1.0, 100000.0]", "[9000.0, 9000.5]"])
def test_beats_that_lie_beyond_the_song(cli, song, default_model, tmp_path, times):
    beats = tmp_path / "beats.json"
    beats.write_text(f'{{"beat_times": {times}}}')
    for command, out in (("generate", "out.bvh"), ("choreograph", "out.json")):
        done = cli(command, song, "-o", tmp_path / out, "--beats", beats)
        assert done.status == 2 and "000" in done.error and "s" in done.error
        assert not (tmp_path / out).exists()


def test_a_missing_song_is_named_also_where_the_output_is_there(cli, tmp_path):
    (tmp_path / "out.bvh").touch()
    done = cli("generate", tmp_path / "none.wav", "-o", tmp_path / "out.bvh")
    assert done.status == 2 and "song not found" in done.error


def test_a_motion_file_cut_anywhere_in_the_middle_is_refused(tmp_path):
    whole, cut = tmp_path / "whole.bvh", tmp_path / "cut.bvh"
    save_motion(whole, rest_motion(20, 30.0))
    text = whole.read_text()
    for at in np.linspace(0, len(text) - 40, 60).astype(int):
        cut.write_text(text[:at])
        with pytest.raises(MotionError, match=r"cut\.bvh"):
            load_motion(cut)


def test_a_cut_npz_is_refused(tmp_path):
    whole, cut = tmp_path / "whole.npz", tmp_path / "cut.npz"
    save_motion(whole, rest_motion(200, 30.0))
    data = whole.read_bytes()
    for share in (0.0, 0.1, 0.5, 0.9, 0.99):
        cut.write_bytes(data[: int(share * len(data))])
        with pytest.raises(MotionError, match=r"cut\.npz"):
            load_motion(cut)


# --- odd but valid ---


def _eight_channels(folder: Path) -> Path:
    soundfile.write(folder / "odd.wav", np.repeat(tone()[:, None], 8, axis=1), RATE)
    return folder / "odd.wav"


def _rate(rate: int, ending: str):
    def make(folder: Path) -> Path:
        soundfile.write(folder / f"odd.{ending}", tone(rate=rate), rate)
        return folder / f"odd.{ending}"

    make.__name__ = f"_{rate}_Hz_{ending}"
    return make


def _hole(folder: Path) -> Path:
    samples = tone(6.0)
    samples[2 * RATE : 4 * RATE] = 0
    soundfile.write(folder / "odd.flac", samples, RATE)
    return folder / "odd.flac"


def _unicode(folder: Path) -> Path:
    path = folder / "Müller & Söhne – 踊り 💃" / 'a song\'s "name" #1 100%.wav'
    path.parent.mkdir()
    soundfile.write(path, tone(), RATE)
    return path


def _loud_integers(folder: Path) -> Path:
    soundfile.write(folder / "odd.wav", tone() * 32768, RATE, subtype="FLOAT")
    return folder / "odd.wav"


ODD_SONGS = [
    _eight_channels, _rate(8000, "wav"), _rate(192000, "flac"), _rate(44100, "ogg"),
    _rate(48000, "mp3"), _hole, _unicode, _loud_integers,
]  # fmt: skip


@pytest.mark.parametrize("make", ODD_SONGS, ids=lambda f: f.__name__.strip("_"))
def test_odd_songs_have_beats(cli, tmp_path, make):
    song = make(tmp_path)
    out = song.with_name("beats of it.json")
    done = cli("beats", song, "-o", out, "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert report["tempo_bpm"] == pytest.approx(120.0, rel=0.03)
    assert out.exists()


@pytest.mark.parametrize("make", [_eight_channels, _hole, _unicode], ids=["channels", "hole", "é"])
def test_odd_songs_are_danced_to(cli, default_model, tmp_path, make):
    song = make(tmp_path)
    out = song.with_name("dance of it.bvh")
    done = cli("generate", song, "-o", out, "--json")
    assert done.status == 0, done.err
    assert load_motion(out).seconds == pytest.approx(json.loads(done.out)["seconds"], abs=0.05)


def test_a_cut_mp3_is_used_as_far_as_it_goes_with_a_warning(cli, tmp_path):
    song = _mp3(tmp_path, 0.5, "half.mp3")
    done = cli("beats", song, "-o", tmp_path / "b.json", "--json", "--quiet")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert 8.0 < report["seconds"] < 12.0
    assert "half.mp3 breaks off" in report["warnings"][0]
    # What is left may be too little to be sure of its beats, which is said as well.
    assert done.err == "".join(f"audio2pose: warning: {text}\n" for text in report["warnings"])


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="their names are Unicode")
@pytest.mark.parametrize("words", [("generate", "-o", "out.bvh", "--duration", 2),
                                   ("choreograph", "-o", "out.json"),
                                   ("beats", "-o", "out.json")])  # fmt: skip
def test_a_name_that_is_not_utf8(default_model, song, tmp_path, words):
    """On a terminal of UTF-8, whose encoder is strict."""
    odd = shutil.copy(song, os.fsencode(tmp_path) + b"/l\xe4rm.wav")
    command = [sys.executable, "-m", "audio2pose_core.cli", words[0], odd, *map(str, words[1:])]
    done = subprocess.run(
        [*command, "--json"],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8:strict"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "l\udce4rm.wav" in json.dumps(json.loads(done.stdout), ensure_ascii=False)


def test_a_name_that_blender_cannot_hold_is_one_line(capsys):
    from audio2pose_core.batch.render_options import parse_arguments

    with pytest.raises(SystemExit):
        parse_arguments(["--audio", "l\udce4rm.wav", "--output", "out.mp4"])
    error = capsys.readouterr().err.splitlines()[-1]
    assert "--audio" in error and "not UTF-8" in error


def test_a_duration_beyond_all_songs_is_the_whole_song(default_model, cli, song, tmp_path):
    done = cli("generate", song, "-o", tmp_path / "out.bvh", "--duration", "1e308", "--json")
    assert done.status == 0 and 1 < json.loads(done.out)["seconds"] < 60


def test_relative_and_absolute_paths(cli, tmp_path, monkeypatch):
    soundfile.write(tmp_path / "song.wav", tone(), RATE)
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    for song in ("../song.wav", tmp_path / "song.wav"):
        for out in ("b.json", "new/folder/b.json", tmp_path / "b.json"):
            assert cli("beats", song, "-o", out, "--quiet").status == 0
            assert Path(out).stat().st_size > 0
            Path(out).unlink()


def test_a_song_without_a_pulse_says_so(cli, tmp_path):
    t = np.arange(5 * RATE) / RATE
    soundfile.write(tmp_path / "drone.wav", 0.3 * np.sin(300 * t), RATE)
    done = cli("beats", tmp_path / "drone.wav", "-o", tmp_path / "b.json", "--json")
    assert done.status == 0
    assert json.loads(done.out)["confidence"] == 0
    assert "no beat" in done.err and "warning" in done.err
