"""The numpy side of reading pickles: stand-ins for the few functions that arrays name.

numpy's own functions are never called with what a file says: an array's type,
shape and bytes are checked here first. See ``pickles``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_BYTES = 1 << 28  # the largest AIST++ pickle has some 5 MB
MAX_DIMENSIONS = 8

_DTYPE = re.compile(r"[<>=|]?(?:b1|i[1248]|u[1248]|f[248]|c(?:8|16)|[SU]\d{1,6})")


class Refused(Exception):
    """The pickle asks for something that plain data never needs."""


@dataclass(frozen=True)
class Known:
    """A name of the pickle that stands for one of our own steps."""

    step: str


@dataclass
class Type:
    """A dtype in the making."""

    dtype: np.dtype


@dataclass
class Array:
    """An array in the making: numpy's pickles make it empty and fill it afterwards."""

    values: np.ndarray | None = None


def _known_names() -> dict[str, Known]:
    names = {"numpy ndarray": "ndarray", "numpy dtype": "dtype", "_codecs encode": "encode"}
    for module in ("numpy.core", "numpy._core"):
        names[f"{module}.multiarray _reconstruct"] = "reconstruct"
        names[f"{module}.multiarray scalar"] = "scalar"
        names[f"{module}.numeric _frombuffer"] = "frombuffer"
    for module in ("builtins", "__builtin__"):
        for kind in ("bytes", "bytearray", "set", "frozenset"):
            names[f"{module} {kind}"] = kind
    names["collections OrderedDict"] = "dict"
    return {name: Known(step) for name, step in names.items()}


KNOWN = _known_names()


def hashable(key: Any) -> Any:
    """A key of a dict or set: nested tuples can be made so that hashing one takes for ever."""
    if not (key is None or isinstance(key, str | bytes | int | float)):
        raise Refused(f"it uses {type(key).__name__} as a key")
    return key


def call(step: str, arguments: tuple[Any, ...]) -> Any:
    """Our stand-ins for the few functions that numpy's pickles name."""
    if step == "dtype":
        return _make_type(arguments[0])
    if step == "reconstruct":
        if arguments[0] != KNOWN["numpy ndarray"]:
            raise Refused("it makes an array of a class of its own")
        return Array()
    if step == "frombuffer":
        buffer, kind, shape, order = arguments
        return Array(_make_array(shape, kind, order == "F", buffer))
    if step == "scalar":
        return Array(_make_array((), arguments[0], False, arguments[1]))
    if step == "encode":  # how protocol 2 spells bytes
        text, codec = arguments
        if codec not in ("latin1", "latin-1"):
            raise Refused(f"it encodes text as {codec!r}")
        return text.encode("latin1")
    if step in ("bytes", "bytearray"):
        if not arguments:
            return b"" if step == "bytes" else bytearray()
        if not isinstance(arguments[0], bytes):
            raise Refused(f"it makes {step} of {type(arguments[0]).__name__}")
        return arguments[0] if step == "bytes" else bytearray(arguments[0])
    if step in ("set", "frozenset"):
        items = set(map(hashable, arguments[0])) if arguments else set()
        return items if step == "set" else frozenset(items)
    if step == "dict" and not any(arguments):
        return {}
    raise Refused(f"it calls {step}")


def fill(target: Any, state: Any) -> None:
    """Fill what was made before: a dtype's byte order, an array's values."""
    if isinstance(target, Type):
        order, subtype, names, fields = state[1:5]
        if subtype is not None or names is not None or fields is not None:
            raise Refused("it holds an array of records")
        if order not in ("<", ">", "=", "|"):
            raise ValueError("a byte order that is none")
        target.dtype = target.dtype.newbyteorder(order)
    elif isinstance(target, Array):
        _, shape, kind, fortran, raw = state
        target.values = _make_array(shape, kind, bool(fortran), raw)
    else:
        raise Refused(f"it sets the state of {type(target).__name__}")


def _make_type(name: Any) -> Type:
    # Files of Python 2 spell it as bytes.
    text = name.decode("latin1") if isinstance(name, bytes) else name
    if isinstance(text, str) and text.lstrip("<>=|").startswith("O"):
        raise Refused("it holds an array of Python objects")
    if not isinstance(text, str) or not _DTYPE.fullmatch(text):
        raise Refused(f"it holds an array of type {text!r}"[:80])
    return Type(np.dtype(text))


def _make_array(shape: Any, kind: Any, fortran: bool, raw: Any) -> np.ndarray:
    """A checked array: numpy itself gets a known type and exactly the bytes that fill it."""
    if not isinstance(kind, Type):
        raise TypeError("an array without a type")
    if isinstance(raw, list):
        raise Refused("it holds an array of Python objects")
    data = raw.encode("latin1") if isinstance(raw, str) else bytes(memoryview(raw))
    sizes = (shape,) if isinstance(shape, int) else shape
    if not isinstance(sizes, tuple) or len(sizes) > MAX_DIMENSIONS:
        raise ValueError("a shape that is none")
    if not all(type(n) is int and 0 <= n <= MAX_BYTES for n in sizes):
        raise ValueError("a shape that is none")
    expected = math.prod(sizes) * kind.dtype.itemsize
    if expected != len(data):
        raise ValueError(f"an array of {expected} bytes has {len(data)}")
    if kind.dtype.itemsize == 0:
        raise ValueError("an array of empty text")
    flat = np.frombuffer(data, kind.dtype)
    values = flat.reshape(sizes, order="F" if fortran else "C")
    return values.astype(kind.dtype.newbyteorder("="), order="C")  # a copy, so it is writable
