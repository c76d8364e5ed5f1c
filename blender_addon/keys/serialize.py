"""Arrays as text, small enough to live in a .blend: what an action remembers. No bpy."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

import numpy as np

from ..core import errors

_LEVEL = 4  # beyond it zlib gains a percent and takes twice as long


def pack(arrays: Mapping[str, np.ndarray]) -> str:
    """Named arrays of numbers or bools as one line of ASCII, exact to the bit."""
    head, parts = [], []
    for name, value in arrays.items():
        array = np.ascontiguousarray(value)
        head.append([name, array.dtype.str, list(np.shape(value))])
        # First bytes of all numbers, then second bytes, ...: like ones side by side pack well.
        rows = array.view(np.uint8).reshape(-1, array.dtype.itemsize) if array.size else array
        parts.append(np.ascontiguousarray(rows.T).tobytes())
    text = json.dumps(head).encode()
    data = len(text).to_bytes(4, "little") + text + b"".join(parts)
    return base64.b64encode(zlib.compress(data, _LEVEL)).decode("ascii")


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
