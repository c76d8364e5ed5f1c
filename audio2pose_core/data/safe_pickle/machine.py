"""The stack machine that reads pickles; see ``pickles`` for why it is our own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .arrays import KNOWN, MAX_BYTES, Array, Known, Refused, call, fill, hashable

MARK = object()


@dataclass
class Machine:
    """The state of one reading."""

    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    bytes: int = 0  # of the arrays made so far


def _push(m: Machine, argument: Any) -> None:
    m.stack.append(argument)


def _constant(value: Any) -> Any:
    return lambda m, _: m.stack.append(value)


def _made(make: Any) -> Any:
    """A new, empty container."""
    return lambda m, _: m.stack.append(make())


def _since_mark(m: Machine) -> list[Any]:
    at = len(m.stack) - 1
    while m.stack[at] is not MARK:
        at -= 1
        if at < 0:
            raise ValueError("a mark is missing")
    items = m.stack[at + 1 :]
    del m.stack[at:]
    return items


def _tuple_of(count: int) -> Any:
    def step(m: Machine, _: Any) -> None:
        if len(m.stack) < count:
            raise IndexError("a tuple lacks items")
        items = tuple(m.stack[-count:])
        m.stack[-count:] = [items]

    return step


def _append(m: Machine, items: list[Any]) -> None:
    if not isinstance(m.stack[-1], list):
        raise TypeError("items for something that is not a list")
    m.stack[-1].extend(items)


def _set_items(m: Machine, items: list[Any]) -> None:
    target = m.stack[-1]
    if not isinstance(target, dict) or len(items) % 2:
        raise TypeError("pairs for something that is not a dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        target[hashable(key)] = value


def _add_items(m: Machine, items: list[Any]) -> None:
    if not isinstance(m.stack[-1], set):
        raise TypeError("items for something that is not a set")
    m.stack[-1].update(map(hashable, items))


def _memoize(m: Machine, index: int | None) -> None:
    if m.stack[-1] is MARK:
        raise ValueError("a mark cannot be kept")
    m.memo[len(m.memo) if index is None else index] = m.stack[-1]


def _known(m: Machine, name: str) -> None:
    if name not in KNOWN:
        raise Refused(f"it asks for {name.replace(' ', '.')!r}")
    m.stack.append(KNOWN[name])


def _stack_known(m: Machine, _: Any) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if not (isinstance(name, str) and isinstance(module, str)):
        raise TypeError("a name that is not text")
    _known(m, f"{module} {name}")


def _reduce(m: Machine, _: Any) -> None:
    arguments, known = m.stack.pop(), m.stack.pop()
    if not isinstance(known, Known):
        raise Refused(f"it calls {type(known).__name__} as a function")
    if not isinstance(arguments, tuple):
        raise TypeError("arguments that are not a tuple")
    made = call(known.step, arguments)
    _count_bytes(m, made)
    m.stack.append(made)


def _build(m: Machine, _: Any) -> None:
    state = m.stack.pop()
    fill(m.stack[-1], state)
    _count_bytes(m, m.stack[-1])


def _count_bytes(m: Machine, made: Any) -> None:
    """A small file may name one long text many times over: the sum counts, too."""
    if isinstance(made, Array) and made.values is not None:
        m.bytes += made.values.nbytes
    elif isinstance(made, bytes | bytearray):
        m.bytes += len(made)
    if m.bytes > MAX_BYTES:
        raise Refused(f"its arrays take more than {MAX_BYTES >> 20} MB")


def _ignore(m: Machine, _: Any) -> None:
    """Frames and protocol numbers: nothing to do."""


def _proto(m: Machine, number: int) -> None:
    if not 2 <= number <= 5:
        raise Refused(f"it claims protocol {number}; 2 to 5 are known")


def _dict_step(m: Machine, _: Any) -> None:
    items = _since_mark(m)
    m.stack.append({})
    _set_items(m, items)


STEPS: dict[str, Any] = {
    "PROTO": _proto,
    "FRAME": _ignore,
    "STOP": _ignore,
    "READONLY_BUFFER": _ignore,
    "MARK": _constant(MARK),
    "POP": lambda m, _: m.stack.pop(),
    "POP_MARK": lambda m, _: _since_mark(m),
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"), _push),
    **dict.fromkeys(("BINSTRING", "SHORT_BINSTRING"), _push),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"), _push),
    **dict.fromkeys(("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), _push),
    "EMPTY_LIST": _made(list),
    "EMPTY_DICT": _made(dict),
    "EMPTY_SET": _made(set),
    "EMPTY_TUPLE": _constant(()),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "TUPLE": lambda m, _: m.stack.append(tuple(_since_mark(m))),
    "LIST": lambda m, _: m.stack.append(_since_mark(m)),
    "DICT": _dict_step,
    "FROZENSET": lambda m, _: m.stack.append(frozenset(map(hashable, _since_mark(m)))),
    "APPEND": lambda m, _: _append(m, [m.stack.pop()]),
    "APPENDS": lambda m, _: _append(m, _since_mark(m)),
    "SETITEM": lambda m, _: _set_items(m, [m.stack.pop(-2), m.stack.pop()]),
    "SETITEMS": lambda m, _: _set_items(m, _since_mark(m)),
    "ADDITEMS": lambda m, _: _add_items(m, _since_mark(m)),
    "BINPUT": _memoize,
    "LONG_BINPUT": _memoize,
    "MEMOIZE": _memoize,
    "BINGET": lambda m, index: m.stack.append(m.memo[index]),
    "LONG_BINGET": lambda m, index: m.stack.append(m.memo[index]),
    "GLOBAL": _known,
    "STACK_GLOBAL": _stack_known,
    "REDUCE": _reduce,
    "BUILD": _build,
}
