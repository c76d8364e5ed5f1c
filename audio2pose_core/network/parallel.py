"""Several processes as one trainer: what ``torchrun`` starts, joined by DistributedDataParallel.

Every process draws the same global batch and takes its share of the windows, so
the result is that of one process, whatever the number (Li et al., "PyTorch
Distributed", VLDB 2020).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist

from ..errors import OptionError


@dataclass(frozen=True)
class World:
    """This process among all of them."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def share(self, batch: int) -> slice:
        """This process' rows of a global batch."""
        if batch % self.size:
            raise OptionError(f"[train] batch = {batch} cannot be shared by {self.size} processes")
        each = batch // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
            values = values / self.size
        return values

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """The first process goes through the block before the others."""
        if self.size > 1 and not self.first:
            dist.barrier()
        try:
            yield
        finally:
            if self.size > 1 and self.first:
                dist.barrier()

    def agree(self, yes: bool) -> bool:
        """The first process' answer, in all of them."""
        if self.size == 1:
            return yes
        answer = torch.tensor([float(yes)], device=self.device)
        dist.broadcast(answer, 0)
        return bool(answer.item() > 0)


@contextmanager
def world(device: str) -> Iterator[World]:
    """Join the processes that torchrun started, by its environment variables; alone without."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World(choose_device(device))
        return
    rank, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
    where = choose_device(device)
    if where.type == "cuda":
        where = torch.device("cuda", local)
        torch.cuda.set_device(where)
    dist.init_process_group("nccl" if where.type == "cuda" else "gloo")
    try:
        yield World(where, rank, size)
    finally:
        dist.destroy_process_group()


def has_compiler() -> bool:
    """Whether ``torch.compile`` finds a C++ compiler; without one the first step would fail."""
    names = (os.environ.get("CXX"), "g++", "clang++", "c++", "cl")
    return any(name and shutil.which(name) for name in names)


def half_precision(device: torch.device, on_cpu: bool) -> torch.autocast:
    """Autocast to bfloat16: on a GPU always, on a CPU where asked and where it has instructions.

    Most CPUs emulate bfloat16, several times slower than float32; those with AVX512-BF16 or AMX
    take about 60 % of the time.
    """
    able = on_cpu and device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or able)


def choose_device(name: str) -> torch.device:
    """ "auto" takes a GPU when there is one; OptionError for a device that is not there.

    Matrix products that stay in float32 take a GPU's tensor cores (TF32) from then on.
    """
    torch.set_float32_matmul_precision("high")  # without a GPU nothing changes
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).partition("\n")[0]
        raise OptionError(f"no device {name!r} here ({why}); use auto or cpu") from error
    return device
