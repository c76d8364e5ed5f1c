"""One loop over many clips: in this process, in several, or on a Dask cluster.

Results come back in the order of the jobs and at most a few are under way at
once, so memory does not grow with the number of jobs, wherever they run.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...errors import Audio2PoseError, DataError, OptionError
from ..blas_threads import one_blas_thread

Job = TypeVar("Job")
Result = TypeVar("Result")
AHEAD = 2
"""Jobs under way for each worker: one is worked on, one waits."""
CONNECT_S = 20
JOINING_WORKERS = 8


@dataclass(frozen=True)
class Failure:
    """A job that failed on purpose: the message says why."""

    reason: str


@dataclass(frozen=True)
class WorkerPool(Generic[Job, Result]):
    """Whoever does the work: an executor and how many workers it has; None works here."""

    executor: Executor | None
    workers: int

    def run(
        self, work: Callable[[Job], Result], jobs: Iterable[Job]
    ) -> Iterator[tuple[Job, Result | Failure]]:
        """Each job with its result, in order; deliberate errors come back as ``Failure``.

        ``work`` must be a function of a module (or a partial of one), so that it
        can be sent. A worker that dies ends the run with DataError.
        """
        if self.executor is None:
            for job in jobs:
                yield job, attempt(work, job)
            return
        waiting: deque[tuple[Job, Any]] = deque()
        try:
            for job in jobs:
                waiting.append((job, self.executor.submit(attempt, work, job)))
                if len(waiting) >= AHEAD * self.workers:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        except BrokenProcessPool as error:
            raise DataError(
                "a worker process died, as for want of memory; use fewer --workers"
            ) from error
        finally:
            for _, future in waiting:
                future.cancel()


def attempt(work: Callable[[Job], Result], job: Job) -> Result | Failure:
    """Do one job; what goes wrong with its files is a result, too, since the rest goes on."""
    try:
        with one_blas_thread():
            return work(job)
    except Audio2PoseError as error:
        return Failure(str(error))
    except OSError as error:
        return Failure(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))
    except MemoryError:
        return Failure("not enough memory; use fewer --workers")


@contextmanager
def worker_pool(workers: int = 1, scheduler: str | None = None) -> Iterator[WorkerPool[Any, Any]]:
    """A pool of ``workers`` processes, or of the Dask cluster at ``scheduler``.

    On a cluster the workers must see the same files under the same paths and
    have Audio2Pose installed. Raises OptionError where it cannot be reached.
    """
    if scheduler is not None:
        with dask_client(scheduler) as client:
            # Workers that join later shall find work as well.
            most = max(JOINING_WORKERS, sum(client.nthreads().values()))
            with client.get_executor(pure=False) as executor:
                yield WorkerPool(executor, most)
    elif workers <= 1:
        yield WorkerPool(None, 1)
    else:
        # Fresh processes: a fork of a program with threads may hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            yield WorkerPool(pool, workers)


@contextmanager
def dask_client(scheduler: str) -> Iterator[Any]:
    """A client of the Dask cluster at ``scheduler``, which has workers.

    Raises OptionError where there is no Dask, no scheduler or no worker.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise OptionError(
            "--scheduler needs Dask: pip install 'audio2pose[cluster]', here and on the workers"
        ) from error
    try:
        client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise OptionError(f"--scheduler {scheduler}: no Dask scheduler answers there") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise OptionError(
                f"--scheduler {scheduler}: the cluster has no workers; start some"
            ) from error
        yield client
