"""One loop over many clips: in this process, in several, or on a Dask cluster.

Results come back in the order of the jobs and at most a few are under way at
once, so memory does not grow with the number of jobs, wherever they run.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...errors import Audio2PoseError, DataError, OptionError
from ..blas_threads import one_blas_thread

Job = TypeVar("Job")
Result = TypeVar("Result")
AHEAD = 2
"""Jobs under way for each worker: one is worked on, one waits."""
CONNECT_S = 20.0
CLOSE_S = 5.0
JOINING_WORKERS = 8
ASK_S = 5.0


@dataclass(frozen=True)
class Failure:
    """A job that failed on purpose: the message says why."""

    reason: str


@dataclass(frozen=True)
class WorkerPool(Generic[Job, Result]):
    """Whoever does the work: an executor and how many workers it has; None works here."""

    executor: Executor | None
    workers: int
    is_there: Callable[[], bool] = lambda: True
    """Whether those who work can still be reached; asked while a result is waited for."""

    def run(
        self, work: Callable[[Job], Result], jobs: Iterable[Job]
    ) -> Iterator[tuple[Job, Result | Failure]]:
        """Each job with its result, in order; deliberate errors come back as ``Failure``.

        ``work`` must be a function of a module (or a partial of one), so that it
        can be sent. A worker that dies, or a scheduler that is lost, ends the run with
        DataError.
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
                    yield first, self._result(future)
            while waiting:
                first, future = waiting.popleft()
                yield first, self._result(future)
        except BrokenProcessPool as error:
            raise DataError(
                "a worker process died, as for want of memory; use fewer --workers"
            ) from error
        finally:
            for _, future in waiting:
                future.cancel()

    def _result(self, future: Any) -> Any:
        while True:
            try:
                return future.result(timeout=ASK_S)
            except CancelledError as error:
                raise _lost() from error
            except TimeoutError as error:
                if not self.is_there():
                    raise _lost() from error


def _lost() -> DataError:
    return DataError(
        "the Dask scheduler was lost; what is done is kept: start it and run the same command again"
    )


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
            stream = client.scheduler_comm

            def is_there() -> bool:
                # Another stream is one to a scheduler that knows nothing of these jobs.
                return client.status == "running" and client.scheduler_comm is stream

            executor = client.get_executor(pure=False)
            try:
                yield WorkerPool(executor, most, is_there)
            finally:
                executor.shutdown(wait=is_there())
    elif workers <= 1:
        yield WorkerPool(None, 1)
    else:
        # Fresh processes: a fork of a program with threads may hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            yield WorkerPool(pool, workers)


@contextmanager
def dask_client(scheduler: str) -> Iterator[Any]:
    """A client of the Dask cluster at ``scheduler``, see ``connect``; closed at the end."""
    client = connect(scheduler)
    try:
        yield client
    finally:
        close_client(client)


def close_client(client: Any) -> None:
    """Close a client, also one whose scheduler is gone, in bounded time."""
    # A scheduler that is gone is waited for by nobody.
    with suppress(TimeoutError, OSError):
        client.close(timeout=CLOSE_S)


def connect(scheduler: str, timeout: float = CONNECT_S) -> Any:
    """A client of the Dask cluster at ``scheduler``, which has workers.

    Raises OptionError where there is no Dask, no scheduler or no worker within ``timeout``
    seconds each.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise OptionError(
            "--scheduler needs Dask: pip install 'audio2pose[cluster]', here and on the workers"
        ) from error
    try:
        client = Client(scheduler, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise OptionError(f"--scheduler {scheduler}: no Dask scheduler answers there") from error
    try:
        client.wait_for_workers(1, timeout=timeout)
    except (TimeoutError, OSError) as error:
        close_client(client)
        raise OptionError(
            f"--scheduler {scheduler}: the cluster has no workers; start some"
        ) from error
    return client
