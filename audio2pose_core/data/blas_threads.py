"""Results that do not depend on how many threads numpy's BLAS has.

OpenBLAS splits a product by its number of threads, and sums that are split elsewhere
differ in their last bits. That number is the machine's cores, or OMP_NUM_THREADS, which
Dask sets to 1 for its workers and leaves set in the process that started them. With one
thread a clip gives the same bytes here, in a pool of processes and on a cluster; and a
process for each core wants no more than that anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits

_guard = threading.Lock()
_inside = 0
_limits: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread; the last of several threads that are inside lifts the limit."""
    global _inside, _limits
    with _guard:
        if not _inside:
            _limits = threadpool_limits(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _guard:
            _inside -= 1
            if not _inside:
                _limits.restore_original_limits()
                _limits = None
