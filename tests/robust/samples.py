"""One good file of every kind that Audio2Pose reads, and how it is read."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mutations import BYTES, JSON, MEMBERS, WORDS

from audio2pose_core.data.aistpp.manifest import FORMAT as AISTPP_FORMAT
from audio2pose_core.data.training.windows_writer import CONTRACT

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "audio2pose_core" / "models"


@dataclass(frozen=True)
class Kind:
    """``make(folder)`` writes good files and returns the one to be changed; ``read(path)`` reads
    it as the program does. ``needs`` is a module without which it cannot be read."""

    name: str
    how: str
    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    share: float = 1.0
    """Of the number of mutations: slow readers take fewer."""
    needs: str = "numpy"


# --- songs ---


def _song(kind: str, subtype: str | None = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import soundfile

        t = np.arange(22050) / 22050
        tone = 0.3 * np.sin(440 * 2 * np.pi * t) * (1 + np.sign(np.sin(4 * np.pi * t)))
        path = folder / f"song.{kind}"
        soundfile.write(path, tone, 22050, subtype=subtype)
        return path

    return make


def _m4a(folder: Path) -> Path:
    import av

    path = folder / "song.m4a"
    t = np.arange(55_000) / 44100
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44100, layout="mono")
        for k in range(0, 55_000 - 1024, 1024):
            samples = (0.3 * np.sin(440 * 2 * np.pi * t[k : k + 1024])).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.rate, frame.pts = 44100, k
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _read_song(path: Path) -> None:
    from audio2pose_core.audio.load import load_audio, song_seconds

    song_seconds(path)
    load_audio(path)


# --- motions ---


def _motion() -> Any:
    from audio2pose_core import rotations as rot
    from audio2pose_core.motion import rest_motion

    still = rest_motion(40, 30.0)
    turn = rot.from_axis_angle(np.linspace(0, 1, 40)[:, None, None] * np.ones(3) * 0.3)
    return type(still)(30.0, still.root, rot.multiply(still.rotations, turn), still.contacts)


def _saved(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from audio2pose_core.formats import save_motion

        save_motion(folder / name, _motion())
        return folder / name

    return make


def _read_motion(path: Path) -> None:
    from audio2pose_core.formats import load_motion

    motion = load_motion(path)
    assert np.isfinite(motion.joint_positions()).all()


def _retarget(path: Path) -> None:
    from audio2pose_core.data.bvh.retarget import retarget_bvh

    assert np.isfinite(retarget_bvh(path, 30.0).motion.joint_positions()).all()


def _folder(folder: Path) -> Path:
    for name in ("a", "b"):
        _saved(f"{name}.bvh")(folder)
    index = folder / "index.csv"
    index.write_text(
        "file,source,style_guess,known_bpm,first_beat_s,notes\n"
        "a.bvh,cmu,salsa,120,0.1,\nb.bvh,aistpp,break,,,one\n"
    )
    return index


def _read_index(path: Path) -> None:
    from audio2pose_core.data.bvh.dataset import discover
    from audio2pose_core.data.bvh.indexed import read_indexed_folder

    discover(path.parent)
    read_indexed_folder(path.parent, {"salsa": "salsa"}, [], [])


def _pack(folder: Path) -> Path:
    from audio2pose_core.data.training.clip import Clip, save_pack

    beats = np.array([0.0, 0.1, 0.2])
    clips = [Clip(n, "own", "salsa", "train", _motion(), beats, first_count=1) for n in "ab"]
    save_pack(folder / "pack.npz", clips)
    return folder / "pack.npz"


def _read_pack(path: Path) -> None:
    from audio2pose_core.data.training.clip import load_pack

    for clip in load_pack(path):
        clip.counts()


def _windows(folder: Path, name: str) -> Path:
    from audio2pose_core.data.training.clip import Clip, save_pack
    from audio2pose_core.data.training.pack_windows import windows_of_pack
    from audio2pose_core.data.training.windows_writer import WindowOptions
    from audio2pose_core.motion import Motion, rest_motion

    still = rest_motion(120, 30.0)
    root = still.root + 0.1 * np.sin(np.arange(120) / 3)[:, None]
    clip = Clip("a", "own", "salsa", "train", Motion(30.0, root, still.rotations), np.zeros(0))
    save_pack(folder / "pack.npz", [clip])
    made = windows_of_pack(folder / "pack.npz", WindowOptions(speeds=(1.0,)))
    shutil.copytree(made, folder / "windows")
    return folder / "windows" / name


def _read_windows(path: Path) -> None:
    from audio2pose_core.data.training.windows_reader import open_windows

    file = open_windows(path.parent)
    np.asarray(file.track(0))


# --- beats, plans, banks, presets ---


def _beats(folder: Path) -> Path:
    from audio2pose_core.audio.form import Event, Section, form_record

    path = folder / "beats.json"
    times = [round(0.5 * k, 3) for k in range(12)]
    record = {
        "tempo_bpm": 120.0, "tempo_alternatives": [60.0], "beats_per_bar": 4,
        "beats_per_bar_by_bar": [4, 4, 4], "beat_times": times, "downbeat_times": times[::4],
        "confidence": 0.9, "tracker": "hand",
        **form_record([Section(0.0, 5.5, "A", "verse", 0.5)], [Event(2.0, "drop", 1.0)]),
    }  # fmt: skip
    path.write_text(json.dumps(record))
    return path


def _read_beats(path: Path) -> None:
    from audio2pose_core.audio.beats import load_beats

    assert load_beats(path).bars is not None


def _plan(folder: Path) -> Path:
    (text,) = re.findall(
        r"```json\n(.*?)```", (ROOT / "docs" / "CHOREOGRAPHY.md").read_text("utf-8"), re.DOTALL
    )
    path = folder / "plan.json"
    path.write_text(text)
    return path


def _read_plan(path: Path) -> None:
    from audio2pose_core.choreography.plan import as_record, load_plan

    as_record(load_plan(path))


def _copy(*place: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return Path(shutil.copy(MODELS.joinpath(*place), folder))

    return make


def _read_bank(path: Path) -> None:
    from audio2pose_core.choreography.bank import load_bank

    bank = load_bank(path)
    for style in bank.styles:
        bank.usual(style)


def _preset(folder: Path) -> Path:
    from audio2pose_core.retarget import presets

    return Path(shutil.copy(sorted(presets.FOLDER.glob("*.json"))[0], folder / "preset.json"))


def _read_preset(path: Path) -> None:
    from audio2pose_core.retarget.presets import read_preset

    read_preset(path)


# --- models ---


def _contract(folder: Path) -> Path:
    (folder / "dancer.onnx").write_bytes(b"x")
    record = json.loads((MODELS / "default" / "default.json").read_text())
    record["sha256"] = hashlib.sha256(b"x").hexdigest()
    path = folder / "dancer.json"
    path.write_text(json.dumps(record))
    return path


def _read_contract(path: Path) -> None:
    from audio2pose_core.generate.contract import read_contract
    from audio2pose_core.generate.model import DanceModel
    from audio2pose_core.generate.sampler import settings_of

    sha256 = hashlib.sha256(b"x").hexdigest()
    settings_of(DanceModel(None, read_contract(path, sha256), sha256))


def _beat_contract(folder: Path) -> Path:
    shutil.copy(MODELS / "beats" / "beats.onnx", folder)
    return Path(shutil.copy(MODELS / "beats" / "beats.json", folder))


def _read_beat_model(path: Path) -> None:
    from audio2pose_core.audio.beat_network import load_beat_network

    load_beat_network.cache_clear()
    load_beat_network(path.with_suffix(".onnx"))


# --- training ---


def _config(folder: Path) -> Path:
    path = folder / "config.toml"
    shutil.copy(ROOT / "training" / "configs" / "default.toml", path)
    return path


def _read_config(path: Path) -> None:
    from audio2pose_core.network.config import load_config

    load_config(path)


def _checkpoint(folder: Path) -> Path:
    import torch

    from audio2pose_core.network.checkpoints import save_checkpoint
    from audio2pose_core.network.config import from_tables

    config = from_tables({}, "sample")
    model = torch.nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    path = folder / "checkpoint.pt"
    average = {k: v.clone() for k, v in model.state_dict().items()}
    save_checkpoint(path, config, model, average, optimiser, 1, np.zeros(152), np.ones(152))
    return path


def _read_checkpoint(path: Path) -> None:
    import torch

    from audio2pose_core.network.checkpoints import load_run, scale_of
    from audio2pose_core.network.config import from_tables

    scale_of(load_run(path, from_tables({}, "sample"), torch.device("cpu")))


def _pickle(folder: Path) -> Path:
    path = folder / "gLH_sBM_cAll_d17_mLH4_ch02.pkl"
    points = np.zeros((4, 17, 3))
    path.write_bytes(pickle.dumps({"keypoints3d": points, "keypoints3d_optim": points}, 4))
    return path


def _read_pickle(path: Path) -> None:
    from audio2pose_core.data.aistpp.keypoints import fill_gaps, keypoints_of
    from audio2pose_core.data.safe_pickle.load import load_pickle

    fill_gaps(keypoints_of(load_pickle(path), "keypoints3d", path.name), path.name)


# --- records of ours ---


def _record(name: str, record: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record))
        return path

    return make


def _read_finished(path: Path) -> None:
    from audio2pose_core.batch import resume_state
    from audio2pose_core.batch.songs import Song

    folder = path.parents[2]
    song = Song(folder / "a.wav", Path("a.wav"), Path("a"))
    resume_state.is_finished(folder, song, {"song": "1", "options": {}, "files": {}}, [])
    resume_state.is_ours(folder, folder / "a.mp4")


def _read_inputs(path: Path) -> None:
    from audio2pose_core.batch import inputs

    inputs.noted(path.parent)


def _read_frames(path: Path) -> None:
    from audio2pose_core.batch.parts import dance_frames

    first, last = dance_frames(path.parent)
    assert 1 <= first <= last


def _read_manifest(path: Path) -> None:
    from audio2pose_core.data.training.sources import sources_of

    sources_of([path.parent])


def _read_note(path: Path) -> None:
    from audio2pose_core.data.aistpp import http_file

    http_file._load_note(path.with_suffix(""))


def _read_alignment(path: Path) -> None:
    from audio2pose_core.data.ballroom import read_ballroom

    read_ballroom(path.parent)


def _ballroom(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    points = rng.normal(0, 1, (1, 23, 3)) * 10 + np.linspace(0, 170, 23)[None, :, None]
    points = np.repeat(points, 100, 0)
    np.savez_compressed(folder / "motion.npz", positions_cm=points, fps=np.array(25.0))
    record = {
        "tracked_beats_in_music_ogg_s": [0.5 * k for k in range(12)], "choreo_beats": 8,
        "index_of_tracked_beat_nearest_frame0": 1, "beats_per_bar": 4, "genre": "waltz",
        "suggested_downbeat_shift": 1,
    }  # fmt: skip
    (folder / "alignment.json").write_text(json.dumps(record))
    return folder / "alignment.json"


def _motions(folder: Path) -> Path:
    row = {
        "name": "a", "source": "s", "style": "salsa", "song": None, "audio": None,
        "audio_start_s": 0.0, "frames": 12, "fps": 30.0, "seconds": 0.4,
        "motion": "motions/a.npz", "beats": "beats/a.json",
    }  # fmt: skip
    record = {"format": "audio2pose-motions-1", "fps": 30.0, "clips": [row], "failed": []}
    return _record("manifest.json", record)(folder)


def _aistpp(folder: Path) -> Path:
    name = "gLH_sBM_cAll_d17_mLH4_ch02"
    files = {"pose": {"path": f"poses_npy/{name}.npy", "sha256": "0" * 64, "bytes": 10}}
    row = {"name": name, "files": files, "frames": 720}
    record = {"format": AISTPP_FORMAT, "clips": [row], "skipped": [], "failed": []}
    return _record("manifest.json", record)(folder)


_FINISHED = {"sources": {"song": "1", "options": {}, "files": {}}, "outputs": {"a.mp4": "2"}}


def _finished(folder: Path) -> Path:
    from audio2pose_core.batch.songs import key_of

    return _record(f".batch/records/{key_of(Path('a'))}.json", _FINISHED)(folder)


KINDS = (
    Kind("wav", BYTES, _song("wav"), _read_song, 0.5, "soundfile"),
    Kind("flac", BYTES, _song("flac"), _read_song, 0.5, "soundfile"),
    Kind("ogg", BYTES, _song("ogg"), _read_song, 0.5, "soundfile"),
    Kind("mp3", BYTES, _song("mp3"), _read_song, 0.5, "soundfile"),
    Kind("m4a", BYTES, _m4a, _read_song, 0.3, "av"),
    Kind("bvh", WORDS, _saved("a.bvh"), _read_motion),
    Kind("bvh-retarget", WORDS, _saved("a.bvh"), _retarget, 0.3),
    Kind("npz", BYTES, _saved("a.npz"), _read_motion),
    Kind("npz-arrays", MEMBERS, _saved("a.npz"), _read_motion),
    Kind("pack-arrays", MEMBERS, _pack, _read_pack),
    Kind("checkpoint-parts", MEMBERS, _checkpoint, _read_checkpoint, 1.0, "torch"),
    Kind("index", WORDS, _folder, _read_index, 0.5),
    Kind("pack", BYTES, _pack, _read_pack),
    Kind("windows-contract", JSON, lambda f: _windows(f, CONTRACT), _read_windows),
    Kind("windows-rows", BYTES, lambda f: _windows(f, "train.npy"), _read_windows),
    Kind("beats", JSON, _beats, _read_beats),
    Kind("plan", JSON, _plan, _read_plan),
    Kind("bank", JSON, _copy("default", "bank.json"), _read_bank, 0.5),
    Kind("preset", JSON, _preset, _read_preset),
    Kind("contract", JSON, _contract, _read_contract),
    Kind("beat-contract", JSON, _beat_contract, _read_beat_model, 0.2),
    Kind("config", WORDS, _config, _read_config, 0.5, "pydantic"),
    Kind("checkpoint", BYTES, _checkpoint, _read_checkpoint, 1.0, "torch"),
    Kind("pickle", BYTES, _pickle, _read_pickle),
    Kind("finished", JSON, _finished, _read_finished),
    Kind("inputs", JSON, _record("inputs.json", {"audio": "1", "beats": "2"}), _read_inputs),
    Kind("frames", JSON, _record("dance.json", {"first": 1, "last": 9, "fps": 30.0}), _read_frames),
    Kind("motions-manifest", JSON, _motions, _read_manifest),
    Kind("aistpp-manifest", JSON, _aistpp, _read_manifest),
    Kind("part", JSON, _record("a.part.json", {"url": "http://x", "size": 3}), _read_note),
    Kind("alignment", JSON, _ballroom, _read_alignment, 0.2),
)
