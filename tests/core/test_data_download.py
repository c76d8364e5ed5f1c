"""download_aist against a host that cuts, refuses, lies and changes its mind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aistpp_files import write_video
from video_server import Host, serve

from audio2pose_core.data.aistpp import download as download_module, http_file
from audio2pose_core.data.aistpp.download import download
from audio2pose_core.data.aistpp.http_file import DownloadError, Limits, fetch_text
from audio2pose_core.data.aistpp.mp4 import is_whole_mp4
from audio2pose_core.errors import Audio2PoseError, OptionError

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = [f"gLH_sBM_c01_d16_mLH0_ch0{n}" for n in range(1, 5)]
OTHERS = ["gLH_sBM_c02_d16_mLH0_ch01", "gBR_sBM_c01_d04_mBR0_ch01"]


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> bytes:
    """A second of picture and clicks, some 14 kB."""
    return write_video(tmp_path_factory.mktemp("video"), NAMES[0], 1.0).read_bytes()


@pytest.fixture
def host(video, monkeypatch):
    """All of NAMES and OTHERS; each file differs in its last bytes, and waits are short."""
    monkeypatch.setattr(http_file, "FIRST_WAIT_S", 0.01)
    with serve() as host:
        for number, name in enumerate(NAMES + OTHERS):
            padding = bytes([0, 0, 0, 12]) + b"free" + number.to_bytes(4, "big")
            host.files[f"/10M/{name}.mp4"] = video + padding
        lines = [*NAMES, *OTHERS, "../../etc/passwd", "gLH_x"]
        host.files["/list.txt"] = "\n".join(lines).encode()
        yield host


def get(host: Host, folder: Path, **options):
    return download(folder, base_url=f"{host.url}/10M", list_url=f"{host.url}/list.txt", **options)


def assert_whole(host: Host, folder: Path, names=NAMES) -> None:
    for name in names:
        assert (folder / f"{name}.mp4").read_bytes() == host.files[f"/10M/{name}.mp4"], name
    rest = {path.name for path in folder.iterdir()} - {".lock"}
    assert rest == {f"{name}.mp4" for name in names}


def test_only_the_wanted_are_fetched_and_only_once(host, tmp_path):
    summary = get(host, tmp_path)
    assert summary.fetched == NAMES and not summary.failed and summary.odd_lines == 2
    assert_whole(host, tmp_path)
    (tmp_path / f"{NAMES[1]}.mp4").unlink()
    host.requests.clear()
    summary = get(host, tmp_path)
    assert summary.fetched == [NAMES[1]] and len(summary.kept) == 3
    assert [path for path, _ in host.requests] == ["/list.txt", f"/10M/{NAMES[1]}.mp4"]


def test_genre_and_camera_filters(host, tmp_path):
    assert get(host, tmp_path / "a", genre="all", camera="all").fetched == sorted(NAMES + OTHERS)
    assert get(host, tmp_path / "b", genre="gBR").fetched == ["gBR_sBM_c01_d04_mBR0_ch01"]
    assert get(host, tmp_path / "c", camera="c02").fetched == ["gLH_sBM_c02_d16_mLH0_ch01"]
    with pytest.raises(OptionError, match="XX"):
        get(host, tmp_path, genre="XX")
    with pytest.raises(OptionError, match="no video"):
        get(host, tmp_path, genre="KR")


def test_cut_connections_are_resumed_where_they_broke(host, tmp_path):
    path = f"/10M/{NAMES[0]}.mp4"
    host.moods[path] = [("cut", 4000)] * 3
    assert not get(host, tmp_path, retries=1).failed  # each cut brought something
    assert_whole(host, tmp_path)
    assert [r for p, r in host.requests if p == path] == [
        "", "bytes=4000-", "bytes=8000-", "bytes=12000-",
    ]  # fmt: skip
    assert host.sent[path] == len(host.files[path])


@pytest.mark.parametrize("mood", [503, 429, 500, ("page",), ("silent",), ("cut", 0)])
def test_passing_troubles_are_tried_again(host, tmp_path, mood):
    host.moods[f"/10M/{NAMES[0]}.mp4"] = [mood, mood]
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)


def test_lasting_troubles_are_listed_and_the_rest_goes_on(host, tmp_path):
    del host.files[f"/10M/{NAMES[0]}.mp4"]
    host.moods[f"/10M/{NAMES[1]}.mp4"] = [503] * 9
    host.moods[f"/10M/{NAMES[2]}.mp4"] = [("page",)] * 9
    summary = get(host, tmp_path, retries=2)
    reasons = {row["name"]: row["reason"] for row in summary.failed}
    assert list(reasons) == NAMES[:3] and summary.fetched == NAMES[3:]
    assert "404" in reasons[NAMES[0]]
    assert "503" in reasons[NAMES[1]] and "3 tries" in reasons[NAMES[1]]
    assert "not a video" in reasons[NAMES[2]]
    assert sum(path == f"/10M/{NAMES[0]}.mp4" for path, _ in host.requests) == 1
    assert_whole(host, tmp_path, NAMES[3:])


def test_a_part_of_a_file_that_changed_is_thrown_away(host, tmp_path):
    path = f"/10M/{NAMES[0]}.mp4"
    host.moods[path] = [("cut", 4000), 404]
    assert get(host, tmp_path).failed
    assert (tmp_path / f"{NAMES[0]}.mp4.part").stat().st_size == 4000
    host.files[path] = host.files[path] + b"\0\0\0\x08skip"
    host.tags[path] = '"two"'
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)


def test_a_part_of_a_file_that_changed_and_kept_its_length_is_thrown_away(host, tmp_path):
    """Only If-Range tells: the sizes agree, and a video of two halves has whole boxes."""
    path = f"/10M/{NAMES[0]}.mp4"
    host.moods[path] = [("cut", 4000), 404]
    assert get(host, tmp_path).failed
    host.files[path] = host.files[path][:-4] + b"new!"
    host.files[path] = host.files[path].replace(b"isom", b"iso2", 1)
    host.tags[path] = '"two"'
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)


def test_a_part_of_another_address_is_thrown_away(host, tmp_path):
    """A mirror's file of the same name, size and tag may differ in its bytes."""
    path = f"/10M/{NAMES[0]}.mp4"
    host.moods[path] = [("cut", 4000), 404]
    assert get(host, tmp_path).failed
    for name in NAMES:
        host.files[f"/2M/{name}.mp4"] = host.files[f"/10M/{name}.mp4"]
    host.files[f"/2M/{NAMES[0]}.mp4"] = host.files[path].replace(b"isom", b"iso2", 1)
    assert host.files[f"/2M/{NAMES[0]}.mp4"] != host.files[path]
    lists = f"{host.url}/list.txt"
    assert not download(tmp_path, base_url=f"{host.url}/2M", list_url=lists).failed
    fetched = (tmp_path / f"{NAMES[0]}.mp4").read_bytes()
    assert fetched == host.files[f"/2M/{NAMES[0]}.mp4"]


def test_a_server_that_ignores_range_starts_over(host, tmp_path):
    host.moods[f"/10M/{NAMES[0]}.mp4"] = [("cut", 4000), ("deaf",)]
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)


def test_cut_files_of_another_program_are_completed(host, tmp_path):
    whole = host.files[f"/10M/{NAMES[0]}.mp4"]
    (tmp_path / f"{NAMES[0]}.mp4").write_bytes(whole[:9000])
    (tmp_path / f"{NAMES[1]}.mp4").write_bytes(b"")
    (tmp_path / f"{NAMES[2]}.mp4").write_bytes(b"<html>quota exceeded</html>")
    (tmp_path / f"{NAMES[3]}.mp4.part").write_bytes(host.files[f"/10M/{NAMES[3]}.mp4"])
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)
    assert (f"/10M/{NAMES[0]}.mp4", "bytes=9000-") in host.requests
    assert host.sent[f"/10M/{NAMES[3]}.mp4"] == 0  # 416: it was complete


def test_a_full_disk_is_reported_per_file(host, tmp_path, monkeypatch):
    real = os.fsync

    def full(handle: int) -> None:
        if len(list(tmp_path.glob("*.mp4"))) >= 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(http_file.os, "fsync", full)
    summary = get(host, tmp_path, num_processes=1)
    assert len(summary.fetched) == 2 and len(summary.failed) == 2
    assert all("No space left" in row["reason"] for row in summary.failed)
    monkeypatch.undo()
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)


def test_a_folder_in_a_files_place_is_that_files_trouble(host, tmp_path):
    (tmp_path / f"{NAMES[0]}.mp4").mkdir()
    summary = get(host, tmp_path)
    assert [row["name"] for row in summary.failed] == NAMES[:1] and len(summary.fetched) == 3


def test_boxes_tell_whether_an_mp4_is_whole(video, tmp_path):
    file = tmp_path / "x.mp4"
    for end in (0, 1, 7, 8, 100, len(video) // 2, len(video) - 1):
        file.write_bytes(video[:end])
        assert not is_whole_mp4(file), end
    file.write_bytes(video)
    assert is_whole_mp4(file)


@pytest.mark.parametrize("url", ["file:///etc", "ftp://host/x", "data:,x", "nonsense"])
def test_only_http_is_opened(url, tmp_path):
    with pytest.raises(OptionError, match="http"):
        download(tmp_path, base_url=url)


def test_a_list_that_is_none(host, tmp_path):
    host.files["/list.txt"] = b"<html>moved</html>"
    with pytest.raises(Audio2PoseError, match="lists no AIST"):
        get(host, tmp_path)
    del host.files["/list.txt"]
    with pytest.raises(Audio2PoseError, match=r"404.*--list-url"):
        get(host, tmp_path)


# --- limits ---


def reason(summary) -> str:
    (row,) = summary.failed
    assert row["name"] == NAMES[0] and summary.fetched == NAMES[1:]
    return row["reason"]


@pytest.mark.parametrize("mood", [(), ("silent",)])
def test_a_file_that_is_too_large_is_not_kept(host, tmp_path, mood):
    path = f"/10M/{NAMES[0]}.mp4"
    host.files[path] += bytes(100_000)
    host.moods[path] = [mood]
    said = reason(get(host, tmp_path, limits=Limits(max_bytes=60_000)))
    assert "more than 60000 bytes" in said
    assert_whole(host, tmp_path, NAMES[1:])


def test_a_connection_that_drips_is_dropped_and_tried_again(host, tmp_path):
    path = f"/10M/{NAMES[0]}.mp4"
    host.moods[path] = [("drip", 10, 0.02)]
    limits = Limits(min_rate=50_000, rate_window_s=0.2)
    assert not get(host, tmp_path, limits=limits).failed
    assert [r for p, r in host.requests if p == path][1].startswith("bytes=")
    assert_whole(host, tmp_path)


def test_a_file_has_a_deadline_and_the_next_run_goes_on(host, tmp_path):
    path = f"/10M/{NAMES[0]}.mp4"
    host.moods[path] = [("drip", 10, 0.02)] * 9
    said = reason(get(host, tmp_path, limits=Limits(deadline_s=0.3)))
    assert "run it again" in said
    assert (tmp_path / f"{NAMES[0]}.mp4.part").stat().st_size > 0
    host.moods.clear()
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)


def test_redirects_are_followed_within_the_scheme_only(host, tmp_path):
    path = f"/10M/{NAMES[0]}.mp4"
    host.files["/elsewhere.mp4"] = host.files[path]
    host.moods[path] = [("to", f"{host.url}/elsewhere.mp4")]
    assert not get(host, tmp_path / "a").failed
    assert_whole(host, tmp_path / "a")
    host.moods[path] = [("to", f"{host.url.replace('http', 'https')}/elsewhere.mp4")]
    assert "another scheme" in reason(get(host, tmp_path / "b"))
    host.moods[path] = [("to", "file:///etc/passwd")]
    assert "scheme" in reason(get(host, tmp_path / "c"))
    host.moods[path] = [("to", f"{host.url}{path}")] * 99
    assert "redirects more than" in reason(get(host, tmp_path / "d"))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(1 << 24, min_rate=50_000, rate_window_s=0.1), "slower than"),
        (Limits(1 << 24, min_rate=1, rate_window_s=9, deadline_s=0.3), "not whole after"),
    ],
)
def test_a_list_that_drips_ends(host, limits, said):
    host.files["/list"] = b"x" * 2000
    host.moods["/list"] = [("drip", 10, 0.05)] * 9
    with pytest.raises(DownloadError, match=said):
        fetch_text(f"{host.url}/list", retries=0, limits=limits)


def test_a_list_without_end_is_refused(host, monkeypatch):
    host.files["/list.txt"] = b"x" * 5000
    with pytest.raises(Audio2PoseError, match="more than 4096 bytes"):
        http_file.fetch_text(f"{host.url}/list.txt", limits=Limits(max_bytes=4096))


# --- the command ---


def words(host: Host, folder: Path, *more: str) -> list[str]:
    urls = ["--base_url", f"{host.url}/10M/", "--list_url", f"{host.url}/list.txt"]
    return ["download_aist", "--download_folder", str(folder), *urls, *more]


def test_the_terms_must_be_accepted(host, tmp_path, cli, monkeypatch):
    done = cli(*words(host, tmp_path))
    assert done.status == 2 and "--accept-terms" in done.error and "terms_of_use" in done.error
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for said, status in (("no", 130), ("", 130), ("yes", 0)):
        monkeypatch.setattr("sys.stdin.readline", lambda said=said: said + "\n", raising=False)
        assert cli(*words(host, tmp_path)).status == status, said
        assert bool(list(tmp_path.glob("*.mp4"))) == (status == 0)


def test_the_command_ends_with_a_summary_and_what_failed(host, tmp_path, cli):
    del host.files[f"/10M/{NAMES[0]}.mp4"]
    done = cli(*words(host, tmp_path, "--accept_terms", "--quiet"))
    assert done.status == 1 and "1 of 4 files failed" in done.error
    assert "3 fetched, 0 already there, 1 failed" in done.out and NAMES[0] in done.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_in_the_middle_it_goes_on_later(host, tmp_path, number):
    host.slow_s = 0.1
    command = [sys.executable, str(ROOT / "scripts" / "download_aist.py")]
    process = subprocess.Popen(
        [*command, *words(host, tmp_path, "--accept_terms")[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A background job of a script has Ctrl-C switched off, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while sum(host.sent.values()) < 20_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -9), err
    assert "Traceback" not in err
    assert not [path for path in tmp_path.glob("*.mp4") if not is_whole_mp4(path)]
    parts = {path.name: path.stat().st_size for path in tmp_path.glob("*.part")}
    host.slow_s = 0.0
    host.requests.clear()
    assert not get(host, tmp_path).failed
    assert_whole(host, tmp_path)
    assert parts
    for name, size in parts.items():
        assert (f"/10M/{name.removesuffix('.part')}", f"bytes={size}-" if size else "") in (
            host.requests
        )


def test_the_default_addresses_are_the_official_ones():
    assert download_module.BASE_URL.startswith("https://aistdancedb.ongaaccel.jp/")
    assert download_module.LIST_URL.startswith("https://storage.googleapis.com/aist_plusplus")
