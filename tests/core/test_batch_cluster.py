"""A batch on a Dask cluster of two workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from batch_night import Night, wait_for

distributed = pytest.importorskip("distributed")


@pytest.fixture
def night(tmp_path: Path, cli) -> Night:
    return Night(tmp_path, cli)


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found


def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_made_twice(night, cluster):
    night.add_long("a", 12, "slow")
    night.add_long("b", 5)
    night.write("c.wav", "corrupt")
    batch = night.start("--scheduler", cluster.scheduler_address, "--chunk", 4)
    # Both workers hang in the middle of a chunk; what they drew so far is there.
    wait_for(lambda: sum("a.wav" in x and "-" in x for x in night.started()) >= 2, 60)
    wait_for(lambda: len(list(night.output.rglob("frames/0*.png"))) >= 4, 60)
    with distributed.Client(cluster.scheduler_address) as client:
        pids = list(client.run(os.getpid).values())
        os.kill(pids[0], signal.SIGKILL)
        # Its chunk goes to the other worker, or to the one that takes its place.
        night.go.touch()
        out, err = batch.communicate(timeout=120)
    assert batch.returncode == 1, err
    assert night.states() == {"a.wav": "done", "b.wav": "done", "c.wav": "failed"}
    assert "it is no song" in out
    drawn = Counter(night.frames())
    assert drawn == Counter(
        [f"a.wav {n}" for n in range(1, 13)] + [f"b.wav {n}" for n in range(1, 6)]
    )
    assert (night.output / "a.mp4").read_text() == "frames 12 slow auto None False None"
    assert night.report()["scheduler"] == cluster.scheduler_address


def test_no_scheduler_there_is_told_before_anything(night):
    night.add(a="ok")
    done = night.run("--scheduler", "tcp://127.0.0.1:9")
    assert done.status == 2 and "no Dask scheduler answers" in done.error
    assert night.started() == []
