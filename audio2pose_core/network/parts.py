"""A training state in parts: what a machine that gives back only small files can take and return.

A part is a header, one line of JSON, and bytes. Each knows how many there are and the hash of the
whole, so parts of different states are never joined. Where the state is too large it is squeezed:
first the optimiser's moments to bfloat16 (their range is what matters), then the averaged weights
to halves (as ``weights.pt`` holds them), last the weights.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..errors import DataError, OptionError
from ..files import size_text, whole_file
from ..json_fields import Fields
from ..json_file import parse_json

MIB = 2**20
NAME = "state.part"
_FORMAT = "audio2pose-state-parts-1"
_HEAD = 4096
"""Bytes that a header may have at most, and that are left free for it in each part."""


@dataclass(frozen=True)
class Room:
    """What may travel: so many files, of so many bytes each and together."""

    file_bytes: int = 16 * MIB
    files: int = 8
    total_bytes: int = 64 * MIB

    @property
    def state_bytes(self) -> int:
        """Of the state, headers taken off."""
        return min(self.files * (self.file_bytes - _HEAD), self.total_bytes - self.files * _HEAD)


def split(data: bytes, folder: Path, room: Room) -> list[Path]:
    """Write ``data`` as NAME.0, NAME.1 ... into ``folder``; older parts there are replaced.

    Raises OptionError where it does not fit into ``room``.
    """
    if len(data) > room.state_bytes:
        raise OptionError(
            f"the state has {size_text(len(data))}, {size_text(room.state_bytes)} may travel; "
            "allow more files, or larger ones"
        )
    each = room.file_bytes - _HEAD
    count = max(1, -(-len(data) // each))
    whole = hashlib.sha256(data).hexdigest()
    paths = []
    for k in range(count):
        head = {"format": _FORMAT, "part": k, "parts": count, "bytes": len(data), "sha256": whole}
        paths.append(folder / f"{NAME}.{k}")
        with whole_file(paths[-1]) as temporary:
            body = data[k * each : (k + 1) * each]
            temporary.write_bytes(json.dumps(head).encode() + b"\n" + body)
    for path in folder.glob(f"{NAME}.*"):
        if path not in paths:
            path.unlink()
    return paths


def join(folder: Path) -> bytes:
    """The bytes that ``split`` took; DataError where parts are missing, damaged or of another."""
    paths = sorted(folder.glob(f"{NAME}.*"), key=lambda path: (len(path.name), path.name))
    if not paths:
        raise DataError(f"{folder}: no {NAME}.0 and following in it")
    heads, bodies = [], []
    for path in paths:
        try:
            line, _, body = path.read_bytes().partition(b"\n")
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
        head = Fields(parse_json(line[:_HEAD], path), str(path))
        if head.text("format") != _FORMAT:
            raise DataError(f"{path}: not a part of a training state")
        heads.append(head)
        bodies.append(body)
    first = heads[0]
    count, whole = int(first.number("parts", 1, 10_000, whole=True)), first.text("sha256")
    numbers = [int(head.number("part", 0, 10_000, whole=True)) for head in heads]
    if numbers != list(range(count)):
        raise DataError(f"{folder}: parts {numbers} are there, of {count}; bring all of one state")
    if any(head.text("sha256") != whole for head in heads):
        raise DataError(f"{folder}: its parts are of different states; bring all of one state")
    data = b"".join(bodies)
    if hashlib.sha256(data).hexdigest() != whole:
        raise DataError(f"{folder}: a part is damaged; bring them again")
    return data


# --- states that are too large ---


def _moments(state: dict[str, Any]) -> None:
    moments = state["optimiser"]["state"]
    for index, own in moments.items():
        moments[index] = {
            name: value.to(torch.bfloat16) if name.startswith("exp_avg") else value
            for name, value in own.items()
        }


def _halves(name: str) -> Callable[[dict[str, Any]], None]:
    def squeeze(state: dict[str, Any]) -> None:
        state[name] = {
            key: value.half() if value.is_floating_point() else value
            for key, value in state[name].items()
        }

    return squeeze


SQUEEZES: tuple[tuple[str, Callable[[dict[str, Any]], None]], ...] = (
    ("the optimiser's moments as bfloat16", _moments),
    ("the averaged weights as halves", _halves("average")),
    ("the weights as halves", _halves("model")),
)


def packed(state: dict[str, Any], most: int, *, exact: bool = False) -> tuple[bytes, list[str]]:
    """A checkpoint's state as bytes, at most ``most``; and how it was squeezed, in words.

    Nothing is squeezed more than it must be; ``exact`` squeezes nothing. Raises OptionError
    where it does not fit. ``load_state_dict`` turns what was squeezed back into float32.
    """
    said: list[str] = []
    data = _saved(state)
    for what, squeeze in () if exact else SQUEEZES:
        if len(data) <= most:
            break
        state = dict(state) | {"optimiser": dict(state["optimiser"])}
        state["optimiser"]["state"] = dict(state["optimiser"]["state"])
        squeeze(state)
        said.append(what)
        data = _saved(state)
    if len(data) > most:
        raise OptionError(
            f"the state has {size_text(len(data))}, {size_text(most)} may travel"
            + ("; leave --exact out" if exact else "; allow more files, or train a smaller network")
        )
    return data, said


def _saved(state: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    torch.save(_compact(state), out)
    return out.getvalue()


def _compact(value: Any) -> Any:
    # A view would be saved with all of the storage that it looks into.
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().clone()
    if isinstance(value, dict):
        return {key: _compact(part) for key, part in value.items()}
    return value


def total_size(paths: Iterable[Path]) -> int:
    """Bytes of some files together."""
    return sum(os.stat(path).st_size for path in paths)
