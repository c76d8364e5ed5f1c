"""Ways in which a file goes wrong, as hypothesis strategies that shrink: bytes, words, JSON.

``changes(n)`` draws a list of changes; ``apply`` makes them to a file's bytes. Each change is three
numbers, so that a failure is printed short and the same numbers make the same file.
"""

from __future__ import annotations

import copy
import io
import json
import re
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

BYTES, WORDS, JSON, MEMBERS = "bytes", "words", "json", "members"

# Lengths, counts and offsets of binary headers.
_INTEGERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)
WICKED_WORDS = (
    "", "0", "1", "-1", "-0.0", "nan", "inf", "-inf", "1e308", "-1e308", "1e12", "1e-320", "0.5",
    "9" * 30, "9" * 5000, "0x10", "1_000", "true", "null", "..", "../../x", "/dev/zero", "~",
    "\0", "\ufeff", "é", "\udcff", "'", '"', '"""', "{", "}", "[", "]", ",", "=", ":", "#",
    "[" * 2000, "{" * 2000, "x" * 20_000, "\n", "\r", "\t", "%s", "{0}", "$(x)",
    "MOTION", "ROOT x", "End Site",
)  # fmt: skip
WICKED_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, 1e9, -1e9, 1e308, -1e308, 1e-320, float("nan"), float("inf"),
    10**18, 10**400, -(10**400), "", "x", "../x", "\0", "é\udcff", "x" * 10_000, [], {}, [[]], [1],
    [None] * 200, ["a"] * 24, {"a": 1}, {"": {}}, [10**400], [float("nan")] * 3, [1e308] * 152,
    list(range(5000)), "deep",
)  # fmt: skip


class Change(NamedTuple):
    """What is done (an index), where (a share of the whole), and a number more."""

    how: int
    where: float
    what: int


def changes(most: int) -> st.SearchStrategy[list[Change]]:
    """One to ``most`` changes."""
    one = st.builds(
        Change,
        st.integers(0, 11),
        # Half of the changes in the first hundredth, where headers are.
        st.one_of(st.floats(0, 1), st.floats(0, 0.01)),
        st.integers(0, 2**16 - 1),
    )
    return st.lists(one, min_size=1, max_size=most)


def apply(data: bytes, kind: str, wanted: Sequence[Change]) -> bytes:
    """The file's bytes with the changes made, one after the other."""
    if kind == JSON:
        return _as_json(data, wanted)
    if kind == MEMBERS:
        return _members(data, wanted)
    for change in wanted:
        data = _bytes(data, change) if kind == BYTES else _words(data, change)
    return data


def _bytes(data: bytes, change: Change) -> bytes:
    how, where, what = change
    at = min(int(where * len(data)), max(len(data) - 1, 0))
    length = 1 + what % 64
    if how <= 2:
        return data[:at] + bytes([what % 256]) + data[at + 1 :]
    if how == 3:
        return data[:at] + bytes([(data[at] if data else 0) ^ (1 << what % 8)]) + data[at + 1 :]
    if how <= 6:
        size = (1, 2, 4, 8)[what % 4]
        order = "little" if how <= 5 else "big"
        number = _INTEGERS[(what // 4) % len(_INTEGERS)] % 256**size
        return data[:at] + number.to_bytes(size, order) + data[at + size :]  # type: ignore[arg-type]
    if how == 7:
        return data[:at]
    if how == 8:
        return data[:at] + data[at + length :]
    if how == 9:
        return data[:at] + data[at : at + length] * (1 + what % 9) + data[at + length :]
    if how == 10:
        return data[:at] + bytes([what % 256]) * length + data[at + length :]
    other = what * 65_537 % max(len(data), 1)
    return data[:at] + data[other : other + length] + data[at + length :]


def _members(data: bytes, wanted: Sequence[Change]) -> bytes:
    """A zip whose members' bytes are changed and whose checksums are right."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    names = sorted(members)
    for change in wanted:
        name = names[change.what % len(names)]
        members[name] = _bytes(members[name], change._replace(what=change.what // len(names)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


_WORD = re.compile(rb"[^\s,=:\[\]{}\"]+|\"[^\"]*\"|[,=:\[\]{}]|\n")


def _words(data: bytes, change: Change) -> bytes:
    how, where, what = change
    if how >= 10:
        return _bytes(data, change)
    found = list(_WORD.finditer(data))
    if not found:
        return data + WICKED_WORDS[what % len(WICKED_WORDS)].encode("utf-8", "surrogateescape")
    word = found[min(int(where * len(found)), len(found) - 1)]
    begin, end = word.span()
    new = WICKED_WORDS[what % len(WICKED_WORDS)].encode("utf-8", "surrogateescape")
    if how <= 6:
        return data[:begin] + new + data[end:]
    if how == 7:
        return data[:begin] + data[end:]
    if how == 8:
        return data[:end] + b" " + data[begin:end] + data[end:]
    other = found[what % len(found)]
    return data[:begin] + data[slice(*other.span())] + data[end:]


def _as_json(data: bytes, wanted: Sequence[Change]) -> bytes:
    record = json.loads(data)
    for change in wanted:
        if change.how == 11:
            # The text itself goes wrong; there is no record to change any more.
            return _bytes(json.dumps(record).encode(), change._replace(how=change.what % 12))
        record = _changed(record, change)
    text = json.dumps(record)
    depth = 20_000 if any(change.what % 2 for change in wanted) else 100
    return text.replace('"deep"', "[" * depth + "]" * depth).encode("utf-8", "surrogateescape")


def places(record: Any, path: tuple = ()) -> list[tuple]:
    """The paths to the fields of a record, into the first three entries of lists."""
    inside = (
        record.items()
        if isinstance(record, dict)
        else list(enumerate(record[:3]))
        if isinstance(record, list)
        else ()
    )
    found = [()] if not path else []
    for key, value in inside:
        found += [(*path, key), *places(value, (*path, key))]
    return found


def _changed(record: Any, change: Change) -> Any:
    how, where, what = change
    record = copy.deepcopy(record)
    paths = places(record)
    path = paths[min(int(where * len(paths)), len(paths) - 1)]
    value = WICKED_VALUES[what % len(WICKED_VALUES)]
    if not path:
        return value
    inner = record
    for key in path[:-1]:
        inner = inner[key]
    if how <= 6:
        inner[path[-1]] = value
    elif how == 7:
        del inner[path[-1]]
    elif how == 8 and isinstance(inner, list):
        inner += inner[:50]
    elif how == 9:
        inner[path[-1]] = [inner[path[-1]]]
    elif isinstance(inner[path[-1]], int | float) and not isinstance(inner[path[-1]], bool):
        inner[path[-1]] = inner[path[-1]] * (-1.0, 1e3, 1e-9, 0.0, 1.5, 2**40)[what % 6]
    return record
