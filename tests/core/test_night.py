"""Nights of 200 songs, ten of them bad, in which everything goes wrong that can."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from batch_night import Night
from night_simulator import Killed, SimulatedNight

from audio2pose_core.batch.job import DONE, FAILED, SKIPPED

SEEDS = range(int(os.environ.get("AUDIO2POSE_FUZZ", "0")) // 100 or 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_worst_nights_all_is_there_and_right(tmp_path: Path, seed: int) -> None:
    night = SimulatedNight(tmp_path, songs=200, bad=10, seed=seed)
    for k in range(6):
        try:
            jobs = night.run(trouble=0.2, killing=k % 2 == 0)
        except Killed:
            night.check_videos()
            continue
        night.check_videos()
        # Nobody's failure is without its reason, and no bug is among them.
        assert all(job.reason for job in jobs if job.state == FAILED)
        assert not [job.reason for job in jobs if "a bug" in job.reason]
        json.dumps(night.report(jobs))
    for what in ("clock", "song", "damage", "kill"):
        assert night.happened[what], f"no {what} in these nights"
    jobs = night.run()
    states = {job.song.label: job.state for job in jobs}
    assert {name for name, state in states.items() if state == FAILED} == night.bad
    assert all(states[path.name] in (DONE, SKIPPED) for path in night.good)
    night.check_videos()
    for path in night.good:
        heard = (night.output / f"{path.stem}.mp4").read_text().split()[1]
        assert heard == night_sha(path)
    left = [p for p in night.output.rglob("*") if p.name.startswith(".partial-")]
    work = night.output / ".batch" / "work"
    assert not left and not work.exists(), "nothing is left of what went wrong"
    # And the night after has nothing to do but try the bad ones again.
    night.run()
    assert night.started == len(night.bad)


def night_sha(path: Path) -> str:
    """The hash that a video of this song tells."""
    from audio2pose_core.batch.inputs import file_sha256

    return file_sha256(path)


def test_a_real_night_of_many_small_songs(tmp_path: Path, cli) -> None:
    """With real processes, fewer songs: each is a start of Python and of its supervisor."""
    night = Night(tmp_path, cli)
    for k in range(20):
        night.write(
            f"{k:02}.wav", ("corrupt", "crash", "killed", "nothing")[k] if k < 4 else f"ok {k}"
        )
    os.mkfifo(night.songs / "pipe.wav")
    (night.songs / "zero.wav").symlink_to("/dev/zero")
    done = night.run("--workers", 2, "--quiet")
    assert done.status == 1 and "Traceback" not in done.out + done.err
    assert Counter(night.states().values()) == {"done": 16, "failed": 4}
    assert set(night.report()["left_out"]) == {"pipe.wav", "zero.wav"}
    night.rendered()
    night.run("--workers", 2, "--quiet")
    assert sorted(night.rendered()) == ["00.wav", "01.wav", "02.wav", "03.wav"]
