"""A batch on a Dask cluster of two workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from batch_night import ROOT, Night, wait_for

from audio2pose_core.batch import cluster as cluster_module
from audio2pose_core.data.training.cluster import worker_pool
from audio2pose_core.errors import DataError

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


def dask(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Farm:
    """A scheduler with a worker, in processes that can be killed and started again."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self._port, self._all = port, []

    def start(self) -> None:
        quick = ("--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard")
        self.scheduler = dask("scheduler", *quick)
        one = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.worker = dask("worker", self.address, *one)
        self._all += [self.scheduler, self.worker]

    def stop(self) -> None:
        for process in self._all:
            process.kill()
            process.wait()


@pytest.fixture
def farm():
    found = Farm()
    found.start()
    yield found
    found.stop()


def test_a_scheduler_that_is_killed_and_started_again_costs_nothing(night, farm):
    night.add_long("a", 8, "slow")
    night.add_long("b", 5)
    batch = night.start("--scheduler", farm.address, "--chunk", 4)
    wait_for(lambda: any("1-4" in line for line in night.started()), 60)
    farm.scheduler.kill()
    farm.scheduler.wait()
    night.go.touch()
    farm.start()
    out, err = batch.communicate(timeout=120)
    assert batch.returncode == 0, err
    assert night.states() == {"a.wav": "done", "b.wav": "done"}, out
    assert night.report()["jobs"][0]["frames"] == 8


def test_a_scheduler_that_stays_away_ends_the_batch_with_its_report(night, farm, monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 3.0)
    night.add(a="ok")
    night.add_long("b", 8, "slow")

    def kill() -> None:
        wait_for(lambda: any("b.wav" in line for line in night.started()), 60)
        farm.scheduler.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    done = night.run("--scheduler", farm.address, "--quiet")
    killer.join()
    assert done.status == 2 and "scheduler has been gone" in done.error
    assert night.states() == {"a.wav": "done", "b.wav": "stopped"}
    night.go.touch()
    wait_for(lambda: night.run("--quiet").status == 0)
    assert night.states() == {"a.wav": "skipped", "b.wav": "done"}


def test_a_pool_whose_scheduler_is_killed_ends_in_one_line(farm):
    with worker_pool(scheduler=farm.address) as pool:
        killer = threading.Timer(2.0, farm.scheduler.kill)
        killer.start()
        with pytest.raises(DataError, match="scheduler was lost"):
            list(pool.run(time.sleep, [3.0, 3.0, 3.0]))
