"""Arrays as text, small enough to live in a .blend: what an action remembers. No bpy."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

import numpy as np

from ..core import errors
from ..steps import Steps, run

_LEVEL = 4  # beyond it zlib gains a percent and takes twice as long

_AT_ONCE = 1 << 17
"""Bytes that are compressed in one step, some 5 ms."""


def pack(arrays: Mapping[str, np.ndarray]) -> str:
    """Named arrays of numbers or bools as one line of ASCII, exact to the bit."""
    return run(pack_steps(arrays))


def pack_steps(arrays: Mapping[str, np.ndarray]) -> Steps[str]:
    """The same in small steps."""
    head, parts = [], []
    for name, value in arrays.items():
        array = np.ascontiguousarray(value)
        head.append([name, array.dtype.str, list(np.shape(value))])
        # First bytes of all numbers, then second bytes, ...: like ones side by side pack well.
        rows = array.view(np.uint8).reshape(-1, array.dtype.itemsize) if array.size else array
        parts.append(np.ascontiguousarray(rows.T).tobytes())
    text = json.dumps(head).encode()
    data = len(text).to_bytes(4, "little") + text + b"".join(parts)
    press, packed = zlib.compressobj(_LEVEL), []
    for start in range(0, len(data), _AT_ONCE):
        yield
        packed.append(press.compress(data[start : start + _AT_ONCE]))
    yield
    return base64.b64encode(b"".join([*packed, press.flush()])).decode("ascii")


def unpack(text: str) -> dict[str, np.ndarray]:
    """The arrays that ``pack`` was given; DataError for text that is not its own."""
    try:
        data = zlib.decompress(base64.b64decode(text, validate=True))
        start = 4 + int.from_bytes(data[:4], "little")
        out = {}
        for name, kind, shape in json.loads(data[4:start]):
            dtype = np.dtype(kind)
            count = int(np.prod(shape))
            raw = np.frombuffer(data, np.uint8, count * dtype.itemsize, start)
            start += len(raw)
            rows = np.ascontiguousarray(raw.reshape(dtype.itemsize, count).T)
            out[name] = rows.reshape(-1).view(dtype).reshape(shape)
        return out
    except (ValueError, KeyError, TypeError, zlib.error, binascii.Error) as error:
        raise errors.DataError(f"what is stored of this take cannot be read ({error})") from error
