"""Pickles from strangers, read without unpickling.

A pickle is a program for a small stack machine, and Python's own machine can be
told to call anything. This one is ours: it knows the steps that numpy arrays
and plain containers need, it calls nothing by name and imports nothing, and an
array's type, shape and bytes are checked before numpy sees them. Everything
else in a file is an error that says what was found.

Steps as in ``pickletools`` of the standard library; protocols 2 to 5, numpy 1
and 2 spellings, and files of Python 2.
"""

from __future__ import annotations

import io
import os
import pickletools
import re
from pathlib import Path
from typing import Any

from ...errors import DataError
from .arrays import MAX_BYTES, Array, Known, Refused, Type
from .machine import MARK, STEPS, Machine

MAX_STEPS = 5_000_000
MAX_DEPTH = 50  # of containers in containers


def load_pickle(path: str | os.PathLike[str]) -> Any:
    """Read a pickle file of arrays and plain containers; see ``loads``."""
    file = Path(path)
    try:
        if file.is_dir():
            raise DataError(f"{file} is a folder; name one .pkl file in it")
        if file.stat().st_size > MAX_BYTES:
            raise DataError(f"{file} is larger than {MAX_BYTES >> 20} MB: no pickle of AIST++")
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"pickle not found: {file}; check the path") from error
    except OSError as error:
        raise DataError(f"cannot read {file}: {error.strerror or error}") from error
    return loads(data, str(file))


def loads(data: bytes, label: str) -> Any:
    """The content of a pickle, without running anything of it.

    Parameters
    ----------
    data : bytes
        The whole pickle.
    label : str
        What messages call it.

    Returns
    -------
    dict, list, tuple, set, str, bytes, number, None or ndarray
        Arrays are writable copies in the machine's byte order; numbers of
        numpy come back as arrays of no dimensions.

    Raises
    ------
    DataError
        The file is cut or damaged, asks for anything but arrays and plain
        containers (such a file may be an attack), or holds object arrays.
    """
    if len(data) > MAX_BYTES:
        raise DataError(f"{label} is larger than {MAX_BYTES >> 20} MB: no pickle of AIST++")
    if not data.startswith(b"\x80"):
        raise DataError(
            f"{label} is not a pickle of protocol 2 to 5; download it again, or write it with one"
        )
    machine = Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(data))):
            if count > MAX_STEPS:
                raise Refused(f"it has more than {MAX_STEPS} steps")
            step = STEPS.get(opcode.name)
            if step is None:
                raise Refused(f"it wants the step {opcode.name}, which plain data never needs")
            step(machine, argument)
        if len(machine.stack) != 1:
            raise ValueError("the end comes too early")
        return _Resolver().value(machine.stack[0], 0)
    except Refused as error:
        raise DataError(
            f"{label} was refused and nothing of it was run: {error}. Only numpy arrays and "
            "plain containers are admitted; get the file from the dataset's own page"
        ) from error
    # What a stack machine meets in a damaged file: missing operands, wrong kinds, odd text.
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError) as error:
        raise DataError(
            f"{label} is damaged or cut ({_one_line(error)}); download it again"
        ) from error
    except MemoryError as error:
        raise DataError(f"{label} needs more memory than there is") from error


def _one_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))[:120] or type(error).__name__


class _Resolver:
    """Puts arrays where the stand-ins were; each object once, so that shared ones stay cheap."""

    def __init__(self) -> None:
        self._done: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, item: Any, depth: int) -> Any:
        """The plain value of what the machine made."""
        if isinstance(item, Array):
            if item.values is None:
                raise ValueError("an array that was never filled")
            return item.values
        if isinstance(item, Type | Known) or item is MARK:
            raise Refused("it holds a type or a function where data belongs")
        if not isinstance(item, dict | list | tuple):
            return item
        if id(item) in self._done:
            return self._done[id(item)]
        if id(item) in self._open or depth > MAX_DEPTH:
            raise Refused("its containers hold themselves or are nested too deep")
        self._open.add(id(item))
        result: Any
        if isinstance(item, dict):
            result = {key: self.value(value, depth + 1) for key, value in item.items()}
        else:
            result = type(item)([self.value(value, depth + 1) for value in item])
        self._open.discard(id(item))
        self._done[id(item)] = result
        return result
