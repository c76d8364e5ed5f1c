"""JSON that people or strangers wrote, read field by field: each typed, bounded, and named where
it is wrong.

Nothing but the standard library: it also checks what is read inside Blender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DataError

MOST = 10_000
"""Numbers in a list."""


def brief(value: Any) -> str:
    """A value for a message: one short line, however large or deep it is."""
    if isinstance(value, str | int | float) and not (type(value) is int and abs(value) > 1e18):
        text = repr(value[:40] if isinstance(value, str) else value)
        return text if not isinstance(value, str) or len(value) <= 40 else text + "..."
    if value is None:
        return "null"
    return {list: "a list", dict: "an object", int: "a huge number"}.get(type(value), "something")


@dataclass(frozen=True)
class Fields:
    """The fields of a JSON object, each checked as it is asked for."""

    record: Any
    where: str

    def __post_init__(self) -> None:
        if not isinstance(self.record, Mapping):
            raise DataError(f"{self.where} is no JSON object")

    @property
    def values(self) -> Mapping[str, Any]:
        return self.record  # type: ignore[no-any-return]

    def _get(self, name: str, default: Any) -> Any:
        if name not in self.record and default is None:
            raise DataError(f"{self.where} lacks {name!r}")
        return self.record.get(name, default)

    def number(
        self, name: str, low: float, high: float, default: float | None = None, whole: bool = False
    ) -> float:
        value = self._get(name, default)
        right = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        # NaN lies in no range; whole numbers of hundreds of digits compare, but are no floats.
        if not right or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            raise DataError(
                f"{self.where}: {name!r} is {brief(value)}, not {kind} in {low:g} to {high:g}"
            )
        return value  # type: ignore[no-any-return]

    def numbers(
        self, name: str, low: float, high: float, default: Sequence[float] | None = None
    ) -> list[float]:
        values = self._get(name, default)
        if not isinstance(values, list | tuple) or len(values) > MOST:
            raise DataError(f"{self.where}: {name!r} is no list of numbers")
        parts = Fields({str(k): v for k, v in enumerate(values)}, f"{self.where}: {name}")
        return [float(parts.number(str(k), low, high)) for k in range(len(values))]

    def text(self, name: str, default: str | None = None) -> str:
        value = self._get(name, default)
        if not isinstance(value, str):
            raise DataError(f"{self.where}: {name!r} is no text")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise DataError(f"{self.where}: {name!r} is neither true nor false")
        return value

    def list(self, name: str, most: int) -> Sequence[Any]:
        values = self._get(name, None)
        if not isinstance(values, list) or len(values) > most:
            raise DataError(f"{self.where}: {name!r} is no list of at most {most}")
        return values

    def object(self, name: str) -> Fields:
        return Fields(self._get(name, None), f"{self.where}: {name}" if name != "front" else name)
