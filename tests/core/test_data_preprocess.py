"""preprocess, verify_data, inspect_pkl and load_single_sample on small clips of our own."""

from __future__ import annotations

import errno
import json
import pickle
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from aistpp_files import keypoints, write_pickle, write_video

from audio2pose_core.audio.beats import load_beats
from audio2pose_core.data.aistpp import (
    archives,
    clip as clip_steps,
    manifest,
    names as aistpp_names,
    preprocess,
)
from audio2pose_core.data.aistpp.loader import load_single_sample
from audio2pose_core.data.aistpp.preprocess import preprocess_aistpp
from audio2pose_core.data.aistpp.verify import verify
from audio2pose_core.errors import Audio2PoseError, DataError, OptionError

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = [f"gLH_sBM_c01_d16_mLH{n}_ch01" for n in (4, 5)] + ["gLH_sFM_c01_d17_mLH2_ch03"]
BREAK = "gBR_sBM_c01_d04_mBR0_ch01"


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """keypoints3d/, motions/ and videos/ of three LA hip-hop clips and one of break."""
    folder = tmp_path_factory.mktemp("raw")
    for name in [*NAMES, BREAK]:
        write_pickle(folder / "annotations" / "keypoints3d", name)
        motions = folder / "annotations" / "motions"
        motions.mkdir(exist_ok=True)
        content = {"smpl_poses": np.zeros((120, 72), np.float32)}
        (motions / f"{aistpp_names.parse_name(name).motion}.pkl").write_bytes(pickle.dumps(content))
        write_video(folder / "videos", name, 2.1)
    return folder


@pytest.fixture
def mine(raw, tmp_path) -> Path:
    """A copy of ``raw`` that a test may damage."""
    return Path(shutil.copytree(raw, tmp_path / "raw"))


def make(raw: Path, out: Path, **options):
    return preprocess_aistpp(raw / "annotations", raw / "videos", out, **options)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def done(raw, tmp_path_factory) -> Path:
    """The data root of an undisturbed run; do not change it."""
    out = tmp_path_factory.mktemp("done") / "hiphop_la"
    summary = make(raw, out)
    assert not summary.failed
    return out


# --- what comes out ---


def test_names_lead_to_genre_tempo_length_and_split(shared_data):
    name = aistpp_names.parse_name("data/gHO_sFM_c03_d20_mHO3_ch11.mp4")
    assert (name.tempo_bpm, name.camera, name.motion) == (125, "03", "gHO_sFM_cAll_d20_mHO3_ch11")
    assert aistpp_names.parse_name("gLH_sBM_cAll_d16_mLH0_ch01").seconds == 12.0  # not 24
    lists = shared_data / "aistpp_sample" / "lists"
    names = [
        aistpp_names.parse_name(n)
        for n in (lists / "all_1408_sequence_names.txt").read_text().split()
    ]
    for genre, count in aistpp_names.SEQUENCES.items():
        assert sum(name.genre == genre for name in names) == count
    for split in ("train", "test"):
        official = (lists / f"crossmodal_{split}.txt").read_text().split()
        assert {name.motion for name in names if name.split == split} == set(official)
    assert sum(name.split == "val" for name in names) == 20
    ignored = (lists / "ignore_list.txt").read_text().split()
    assert {name.motion for name in names if name.ignored} == set(ignored)


def test_poses_sound_and_beats_match_in_time(raw, done):
    pose, (wav, rate) = load_single_sample(NAMES[0], data_root=done)
    assert pose.dtype == np.float32 and rate == 16000 and wav.dtype == np.float32
    np.testing.assert_array_equal(pose, keypoints(120))
    assert len(wav) / rate == len(pose) / 60 == 2.0
    beats = json.loads((done / "beats" / f"{NAMES[0]}.json").read_text())
    assert beats["fps"] == 60 and beats["tempo_by_name"]["bpm"] == 120
    assert abs(beats["tempo_by_name"]["deviation_percent"]) < 8
    assert beats["confidence"] > 0  # two seconds are too little to be sure
    assert beats["tempo_bpm"] == pytest.approx(120, rel=0.08)  # of four beats
    for time_s, frame in zip(beats["beat_times"], beats["beat_frames"], strict=True):
        assert frame == min(round(time_s * 60), 119)
    at = 2 * np.array(beats["beat_times"])  # in clicks; the tracker has four beats to go by
    assert np.median(np.abs(at - np.round(at))) < 0.06
    assert len(beats["downbeats"]) == len(beats["beat_times"]) and beats["tracker"]
    assert len(load_beats(done / "beats" / f"{NAMES[0]}.json").times) == len(beats["beat_times"])
    # A click is where it was in the video: the codec's delay is taken off.
    first = np.abs(wav[:160]).max(), np.abs(wav[7400:7900]).max(), np.abs(wav[8000:8160]).max()
    assert first[0] > 0.2 and first[1] < 0.1 and first[2] > 0.2
    row = manifest.load_manifest(done)["clips"][0]
    assert row["frames"] == 120 and row["seconds"] == 2.0 and row["split"] == "val"
    assert {p.name for p in (done / "pkl").iterdir()} == {
        f"{aistpp_names.parse_name(name).motion}.pkl" for name in NAMES
    }


def test_a_second_run_keeps_everything_and_changes_nothing(raw, done):
    before = tree(done)
    times = {path: path.stat().st_mtime_ns for path in done.rglob("*.wav")}
    summary = make(raw, done)
    assert all(count == {"made": 0, "kept": 3, "failed": 0} for count in summary.counts.values())
    assert tree(done) == before
    assert {path: path.stat().st_mtime_ns for path in done.rglob("*.wav")} == times


@pytest.mark.parametrize("threads", [1, 2])
def test_workers_give_the_same_bytes(raw, done, tmp_path, monkeypatch, threads):
    """Whatever the number of BLAS threads in them; one of the two is not this process's."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, str(threads))
    make(raw, tmp_path / "out", workers=2)
    assert tree(tmp_path / "out") == tree(done)


def test_steps_can_be_left_for_later(raw, done, tmp_path):
    preprocess_aistpp(raw / "annotations", None, tmp_path / "out", steps=("pose",))
    assert not list((tmp_path / "out").rglob("*.wav"))
    assert any("audio is missing" in text for text in verify(tmp_path / "out").problems)
    make(raw, tmp_path / "out", steps=("audio",))
    make(raw, tmp_path / "out", steps=("beats",))
    assert tree(tmp_path / "out") == tree(done)
    with pytest.raises(OptionError, match="--video-dir"):
        preprocess_aistpp(raw / "annotations", None, tmp_path / "out")


def test_genres_collect_in_one_data_root(raw, tmp_path):
    make(raw, tmp_path / "out", genre="BR")
    summary = make(raw, tmp_path / "out", genre="all")
    assert summary.counts["pose"] == {"made": 3, "kept": 1, "failed": 0}
    assert len(manifest.load_manifest(tmp_path / "out")["clips"]) == 4


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_archives_serve_in_place_of_folders(raw, done, tmp_path, pack):
    for part in ("annotations", "videos"):
        shutil.make_archive(str(tmp_path / part), pack, raw / part)
    make_from = (tmp_path / f"annotations.{pack}", tmp_path / f"videos.{pack}")
    assert not preprocess_aistpp(*make_from, tmp_path / "out").failed
    ours, theirs = tree(tmp_path / "out"), tree(done)
    assert ours.keys() == theirs.keys()
    assert all(ours[k] == theirs[k] for k in ours if not k.startswith(".clips"))


def test_archives_cannot_reach_outside(raw, tmp_path):
    inside = next((raw / "annotations" / "keypoints3d").glob("gLH*4*"))
    outside = tmp_path / "secret.pkl"
    outside.write_bytes(b"secret")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(inside, f"../../../{inside.name}")
        archive.write(inside, "/etc/cron.d/evil.pkl")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(inside, f"../../{inside.name}")
        link = tarfile.TarInfo(inside.name.replace("LH4", "LH5"))
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        archive.addfile(link)
    for kind in ("zip", "tar"):
        out = tmp_path / "deep" / "er" / kind
        preprocess_aistpp(tmp_path / f"a.{kind}", None, out, steps=("pose",))
        assert [path.name for path in (out / "poses_npy").iterdir()] == [f"{inside.stem}.npy"]
        assert not list(out.rglob("*evil*"))
    assert {path.name for path in tmp_path.iterdir()} == {"secret.pkl", "a.zip", "a.tar", "deep"}
    shutil.make_archive(str(tmp_path / "c"), "gztar", raw / "annotations")
    with pytest.raises(DataError, match="gunzip"):
        preprocess_aistpp(tmp_path / "c.tar.gz", None, tmp_path / "out", steps=("pose",))


def test_a_member_that_is_too_large_is_refused_by_its_header(tmp_path, monkeypatch):
    """300 MB of zeros in a zip of 300 kB: no pickle is so large, and none of it is unpacked."""
    archive_path = tmp_path / "a.zip"
    member = f"{aistpp_names.parse_name(NAMES[0]).motion}.pkl"
    with (
        zipfile.ZipFile(archive_path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(member, "w", force_zip64=True) as file,
    ):
        for _ in range(300):
            file.write(bytes(1 << 20))
    unpacked = []
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *words: unpacked.append(words) or b"")
    (entry,) = archives.find_entries(archive_path, (".pkl",), "--pkl-dir")
    with pytest.raises(DataError, match="315 MB"):
        entry.read()
    assert not unpacked


# --- odd inputs ---


def test_gaps_are_filled_and_counted_and_too_many_refused(mine, tmp_path):
    pickles = mine / "annotations" / "keypoints3d"
    gappy = keypoints(120)
    gappy[10:20, 9] = np.nan
    gappy[0, 3] = np.inf
    write_pickle(pickles, NAMES[0], gappy)
    lost = keypoints(120)
    lost[20:100, 9] = np.nan
    write_pickle(pickles, NAMES[1], lost)
    summary = make(mine, tmp_path / "out")
    assert [row["name"] for row in summary.failed] == [aistpp_names.parse_name(NAMES[1]).motion]
    assert "left_wrist for 1.33 s" in summary.failed[0]["reason"]
    pose, _ = load_single_sample(NAMES[0], tmp_path / "out")
    assert np.isfinite(pose).all()
    np.testing.assert_allclose(pose[15, 9], keypoints(120)[15, 9], atol=12)
    rows = manifest.load_manifest(tmp_path / "out")["clips"]
    assert rows[0]["gaps"]["filled"] == 11
    assert any("11 missing joints" in text for text in rows[0]["warnings"])


def test_lengths_that_disagree_are_told_with_both_figures(mine, tmp_path):
    write_video(mine / "videos", NAMES[0], 4.0, fps=30)
    write_video(mine / "videos", NAMES[1], 1.2)
    write_pickle(mine / "annotations" / "keypoints3d", NAMES[2], keypoints(120) / 100)
    summary = make(mine, tmp_path / "out")
    assert "    2 x  gLH_sBM_cAll_d16_mLH4_ch01: in the video" in preprocess.table(summary)
    warnings = "\n".join(summary.warnings)
    assert "picture 4.00 s and sound 4.0" in warnings
    assert "the motion: 2.00 s (120 frames at 60 fps)" in warnings
    assert "the video has 30.00 fps, the motion 60" in warnings
    assert "picture 1.20 s and sound 1.2" in warnings and "silence follows" in warnings
    assert "seem to be m and not cm" in warnings
    assert "120 frames are 2.00 s at 60 fps, but the song's name promises 8.00 s" in warnings
    for name in NAMES:
        pose, (wav, rate) = load_single_sample(name, tmp_path / "out")
        assert len(wav) / rate == len(pose) / 60


def test_any_camera_serves_and_a_broken_one_is_passed_over(mine, tmp_path):
    videos = mine / "videos"
    (videos / f"{NAMES[0]}.mp4").rename(videos / f"{NAMES[0].replace('c01', 'c07')}.mp4")
    broken = videos / f"{NAMES[1]}.mp4"
    shutil.copy(broken, videos / f"{NAMES[1].replace('c01', 'c02')}.mp4")
    broken.write_bytes(broken.read_bytes()[:3000])
    write_video(videos, NAMES[2], 2.1, sound=False)
    summary = make(mine, tmp_path / "out")
    assert [(row["name"], row["step"]) for row in summary.failed] == [
        (aistpp_names.parse_name(NAMES[2]).motion, step) for step in ("audio", "beats")
    ]
    assert "holds no sound" in summary.failed[0]["reason"]
    assert any("download it again" in text for text in summary.warnings)
    assert (tmp_path / "out" / "audio" / f"{NAMES[0]}.wav").exists()


def test_the_ignore_list_leaves_clips_out(mine, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text(aistpp_names.parse_name(NAMES[0]).motion + "\n")
    summary = make(mine, tmp_path / "out", ignore_list=listed)
    assert len(summary.skipped) == 1 and summary.counts["pose"]["made"] == 2
    assert verify(tmp_path / "out").problems == []


# --- faults ---


def test_unreadable_files_are_reported_and_the_rest_goes_on(mine, tmp_path, cli):
    pickles = mine / "annotations" / "keypoints3d"
    motion = [aistpp_names.parse_name(name).motion for name in NAMES]
    (pickles / f"{motion[0]}.pkl").unlink()
    (pickles / f"{motion[0]}.pkl").mkdir()
    (mine / "videos" / f"{NAMES[1]}.mp4").unlink()
    words = ["--pkl_dir", pickles, "--video_dir", mine / "videos", "--output_dir"]
    done = cli("preprocess", "aistpp", *words, tmp_path / "out", "--quiet")
    assert done.status == 1 and "2 of 3 clips are incomplete" in done.error
    assert motion[0] in done.out and "no video of it" in done.out
    report = cli("verify_data", "--data_root", tmp_path / "out")
    assert report.status == 1 and f"{motion[1]}: audio is missing" in report.out
    assert f"{motion[0]}: pose failed in preprocessing" in report.out


def test_a_full_disk_is_reported_per_clip(raw, tmp_path, monkeypatch):
    real = np.save

    def full(path, values, **options):
        if len(list((tmp_path / "out" / "poses_npy").glob("g*.npy"))) == 1:
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, values, **options)

    monkeypatch.setattr(clip_steps.np, "save", full)
    summary = make(raw, tmp_path / "out")
    assert len(summary.failed) == 2 and summary.counts["pose"]["made"] == 1
    assert all("No space left" in row["reason"] for row in summary.failed)
    monkeypatch.undo()
    assert make(raw, tmp_path / "out").counts["pose"] == {"made": 2, "kept": 1, "failed": 0}
    assert not list((tmp_path / "out").rglob(".partial-*"))


def test_a_manifest_that_cannot_be_written_is_one_more_failure(raw, tmp_path):
    (tmp_path / "out" / manifest.MANIFEST).mkdir(parents=True)
    summary = make(raw, tmp_path / "out")
    assert [row["name"] for row in summary.failed] == [manifest.MANIFEST]
    assert summary.counts["beats"]["made"] == 3


def test_a_worker_that_dies_costs_its_clip_alone(raw, tmp_path, monkeypatch):
    def pool(jobs, workers):
        for job in jobs:
            if job.name.music == "LH5":
                raise preprocess.BrokenProcessPool
            yield clip_steps.process_clip(job)

    monkeypatch.setattr(preprocess, "_in_pool", pool)
    summary = make(raw, tmp_path / "out", workers=2)
    assert [row["name"] for row in summary.failed] == [aistpp_names.parse_name(NAMES[1]).motion]
    assert summary.counts["pose"] == {"made": 2, "kept": 0, "failed": 1}


def test_two_runs_do_not_meet_in_one_folder(raw, done):
    from audio2pose_core.data.folder_lock import folder_lock

    with folder_lock(done), pytest.raises(Audio2PoseError, match="in use"):
        make(raw, done)


def kill_and_finish(raw: Path, done: Path, out: Path, seconds: float, workers: int = 1) -> bool:
    """Kill a run after ``seconds``, finish it; whether the kill came in the middle."""
    words = ["--pkl_dir", raw / "annotations", "--video_dir", raw / "videos", "--output_dir", out]
    process = subprocess.Popen(
        [sys.executable, ROOT / "scripts" / "preprocess.py", *words, "--workers", str(workers)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (out / ".lock").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    whole = {path: path.stat().st_mtime_ns for path in out.rglob("*.wav") if path.name[0] != "."}
    noted = {
        path for path in whole
        if "audio" in manifest.load_state(out, aistpp_names.parse_name(path.name))
    }  # fmt: skip
    for _ in range(100):  # workers of a killed parent end by themselves, but not at once
        try:
            summary = make(raw, out)
            break
        except Audio2PoseError:
            time.sleep(0.05)
    assert not summary.failed
    assert tree(out) == tree(done)
    assert all(path.stat().st_mtime_ns == whole[path] for path in noted), "done again"
    return summary.counts["beats"]["kept"] < 3


def test_killed_it_goes_on_and_ends_the_same(raw, done, tmp_path):
    rng = random.Random(5)
    for round_ in range(3):
        kill_and_finish(raw, done, tmp_path / str(round_), rng.uniform(0.0, 1.0))


@pytest.mark.slow
def test_killed_at_twenty_moments(raw, done, tmp_path):
    rng = random.Random(6)
    middle = [
        kill_and_finish(raw, done, tmp_path / str(n), rng.uniform(0.0, 1.5), 1 + n % 2)
        for n in range(20)
    ]
    print(f"{sum(middle)} of 20 kills came in the middle")


def test_damaged_outputs_are_made_again(raw, done, tmp_path):
    out = Path(shutil.copytree(done, tmp_path / "out"))
    for number, path in enumerate(sorted(out.rglob("g*"))):
        if number % 2:
            path.write_bytes(path.read_bytes()[:-3])
    assert verify(out).problems
    assert not make(raw, out).failed
    assert tree(out) == tree(done) and not verify(out).problems


# --- verify, loader, inspect ---


def test_verify_lists_what_is_missing_or_changed(done, tmp_path, cli):
    assert cli("verify_data", "--data_root", done, "--expect", 3).status == 0
    report = verify(done)
    assert report.counts == {"pkl": 3, "poses_npy": 3, "audio": 3, "beats": 3}
    assert report.genres == {"LH": 3} and report.seconds == 6.0
    out = Path(shutil.copytree(done, tmp_path / "out"))
    (out / "audio" / f"{NAMES[0]}.wav").unlink()
    beats = out / "beats" / f"{NAMES[1]}.json"
    beats.write_text(beats.read_text().replace("60.0", "30.0"))
    problems = verify(out).problems
    assert len(problems) == 2 and "audio is missing" in problems[0]
    assert "beats has changed" in problems[1]
    assert cli("verify_data", "--data_root", out).status == 1
    assert cli("verify_data", "--data_root", tmp_path).status == 1


def test_a_part_of_the_clips_is_not_complete(done, cli):
    """Nothing is wrong with the three; but 141 are asked for."""
    short = cli("verify_data", "--data_root", done)
    assert short.status == 1 and "3 complete clips" in short.error and "141" in short.error
    other = cli("verify_data", "--data_root", done, "--expect", 4)
    assert other.status == 1 and "not the 4" in other.error
    assert cli("verify_data", "--data_root", done, "--expect", "some").status == 2


def test_what_was_left_out_on_purpose_is_not_expected(done, tmp_path):
    out = Path(shutil.copytree(done, tmp_path / "out"))
    file = out / "manifest.json"
    record = json.loads(file.read_text())
    record["skipped"] = [{"name": "gLH_sBM_cAll_d16_mLH1_ch01", "reason": "ignored"}]
    file.write_text(json.dumps(record))
    assert verify(done).expected == {"LH": 141} and verify(out).expected == {"LH": 140}


def test_the_data_root_has_the_usual_place(raw, tmp_path, cli, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("--pkl_dir", raw / "annotations", "--skip_audio", "--skip_beats", "--quiet")
    assert cli("preprocess", "aistpp", *words).status == 0
    assert len(list(Path("data/hiphop_la/poses_npy").iterdir())) == 3


def test_the_loader_names_near_clips(done):
    with pytest.raises(DataError, match=r"near names: .*gLH_sBM_cAll_d16_mLH4_ch01"):
        load_single_sample("gLH_sBM_c01_d16_mLH4_ch02", done)
    for name in ("nonsense", "../../etc/passwd", "gLH_sBM_c01_d16_mLH4"):
        with pytest.raises(DataError, match="not an AIST"):
            load_single_sample(name, done)
    with pytest.raises(DataError, match=r"preprocess\.py"):
        load_single_sample(NAMES[0], done / "nowhere")


def test_inspect_tells_what_is_in_a_pickle(raw, tmp_path, cli):
    name = aistpp_names.parse_name(NAMES[0]).motion
    file = raw / "annotations" / "keypoints3d" / f"{name}.pkl"
    told = cli("inspect_pkl", file, "--plot", tmp_path / "k.png")
    assert told.status == 0, told.err
    for words in ("120x17x3", "float32", "2.00 s at 60 fps", "units   cm", "LA hip-hop", "120.0"):
        assert words in told.out, words
    assert (tmp_path / "k.png").read_bytes().startswith(b"\x89PNG")
    told = cli("inspect_pkl", raw / "annotations" / "motions" / f"{name}.pkl", "--json")
    report = json.loads(told.out)
    assert report["kind"] == "motions" and report["warnings"][0] == "'smpl_scaling' is missing"
    assert cli("inspect_pkl", tmp_path / "k.png").status == 2


def test_the_sample_goes_through(shared_data, tmp_path):
    sample = shared_data / "aistpp_sample"
    # Twenty derived clips, and those of ``official`` as Google published them.
    names = {path.stem for path in sample.rglob("keypoints3d/*.pkl")}
    assert len(names) >= 20
    summary = preprocess_aistpp(sample, None, tmp_path / "out", genre="all", steps=("pose",))
    assert summary.counts["pose"] == {"made": len(names), "kept": 0, "failed": 0}
    rows = manifest.load_manifest(tmp_path / "out")["clips"]
    derived = {path.stem for path in (sample / "keypoints3d").glob("*.pkl")}
    rows = [row for row in rows if row["name"] in derived]
    assert {row["split"] for row in rows} == {"test"}
    assert sum(row["seconds"] for row in rows) == pytest.approx(172, abs=2)


# --- fuzz ---


def mutate(rng: random.Random, data: bytes) -> bytes:
    """A few bytes changed, dropped, put in, or the end cut off."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 8))):
        at, way = rng.randrange(len(out) + 1), rng.randrange(4)
        if way == 0:
            out[at : at + 1] = rng.randbytes(1)
        elif way == 1:
            del out[at : at + rng.randrange(1, 20)]
        elif way == 2:
            out[at:at] = rng.randbytes(rng.randrange(1, 20))
        elif rng.random() < 0.3:
            del out[at:]
    return bytes(out)


def test_mutated_videos_end_in_sound_or_a_clear_error(raw, tmp_path):
    from audio2pose_core.data.aistpp.archives import find_entries
    from audio2pose_core.data.aistpp.audio import read_sound

    rng = random.Random(7)
    data = (raw / "videos" / f"{NAMES[0]}.mp4").read_bytes()
    ends = {"read": 0, "error": 0}
    for _ in range(150):
        (tmp_path / f"{NAMES[0]}.mp4").write_bytes(mutate(rng, data))
        try:
            (entry,) = find_entries(tmp_path, (".mp4",), "--video_dir")
            sound = read_sound(entry, 2.0)
            assert sound.samples.shape == (32000,) and np.isfinite(sound.samples).all()
            ends["read"] += 1
        except Audio2PoseError as error:
            assert NAMES[0] in str(error)
            ends["error"] += 1
    assert min(ends.values()) > 10, ends


def test_mutated_manifests_journals_and_beats_end_in_a_report_or_a_clear_error(done, tmp_path):
    rng = random.Random(8)
    out = Path(shutil.copytree(done, tmp_path / "out"))
    good = (done / manifest.MANIFEST).read_bytes()
    ends = {"read": 0, "error": 0}
    for _ in range(300):
        (out / manifest.MANIFEST).write_bytes(mutate(rng, good))
        try:
            manifest.load_manifest(out)
            ends["read"] += 1
        except Audio2PoseError:
            ends["error"] += 1
    assert min(ends.values()) > 10, ends
    (out / manifest.MANIFEST).write_bytes(good)
    beats = next((out / "beats").iterdir())
    good = beats.read_bytes()
    row = next(
        row for row in manifest.load_manifest(out)["clips"]
        if row["files"]["beats"]["path"].endswith(beats.name)
    )  # fmt: skip
    from audio2pose_core.data.aistpp.verify import _check_beats

    for _ in range(300):
        beats.write_bytes(mutate(rng, good))
        try:
            _check_beats(beats, row["frames"])
        except Audio2PoseError as error:
            assert str(error)


def test_a_mutated_journal_is_made_good(raw, done, tmp_path):
    rng = random.Random(9)
    out = Path(shutil.copytree(done, tmp_path / "out"))
    journals = sorted((out / ".clips").glob("*.json"))
    for _ in range(12):
        path = rng.choice(journals)
        path.write_bytes(mutate(rng, (done / ".clips" / path.name).read_bytes()))
        assert not make(raw, out, steps=("pose", "audio", "beats")).failed
    for path in out.rglob("*.wav"):
        assert path.read_bytes() == (done / "audio" / path.name).read_bytes()


def test_mutated_poses_end_in_success_or_a_clear_error(done, tmp_path):
    from audio2pose_core.data.aistpp.loader import load_pose

    rng = random.Random(10)
    good = next((done / "poses_npy").iterdir()).read_bytes()
    for _ in range(300):
        data = mutate(rng, good[:128]) + good[128:]
        (tmp_path / "x.npy").write_bytes(data)
        try:
            assert load_pose(tmp_path / "x.npy").shape[1:] == (17, 3)
        except DataError as error:
            assert "x.npy" in str(error)
