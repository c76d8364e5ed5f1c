"""Model files and their cards: what a model is called, learned from, and may be used for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .. import core

CARD = "MODEL_CARD.md"
_CARD_LETTERS = 1_000_000
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_MARKS = re.compile(r"[`*_]{1,2}")


@dataclass(frozen=True)
class Card:
    """What is known of a model without loading it.

    Attributes
    ----------
    path : Path
        The .onnx file.
    name : str
    styles : tuple of str
    trained_on, licence : str
        One line each; "" where neither the .json nor the card beside it tells.
    problem : str
        Why it cannot be used, or "".
    """

    path: Path
    name: str
    styles: tuple[str, ...] = ()
    trained_on: str = ""
    licence: str = ""
    problem: str = ""


def find(folder: Path) -> list[Card]:
    """The cards of all models in a folder and one level below it, by name."""
    if not folder.is_dir():
        return []
    paths = sorted({*folder.glob("*.onnx"), *folder.glob("*/*.onnx")})
    return [card(path) for path in paths]


def card(path: Path) -> Card:
    """The card of a model file: from NAME.json, and NAME.md or MODEL_CARD.md beside it."""
    parts = (path.with_suffix(".json"), path.with_suffix(".md"), path.with_name(CARD))
    return _card(path, tuple(p.stat().st_mtime if p.is_file() else 0.0 for p in parts))


@lru_cache(maxsize=64)
def _card(path: Path, _changed: tuple[float, ...]) -> Card:
    # Cached, because a panel asks on every redraw.
    contract_path = path.with_suffix(".json")
    try:
        if not contract_path.exists():
            return Card(path, path.stem, problem=f"{contract_path.name} is missing beside it")
        contract = core.json_file.read_object(contract_path)
        styles = tuple(core.json_fields.Fields(contract, path.name).object("styles").values)
    except core.errors.DataError as error:
        return Card(path, path.stem, problem=f"{contract_path.name} cannot be read: {error}")
    text = _card_text(path)
    training = contract.get("training")
    told = training.get("data", "") if isinstance(training, dict) else training
    licence = _line(contract.get("licence") or contract.get("license"))
    if not licence:
        licence = _section(text, "Licen[cs]e")
    if not licence and contract.get("credits"):
        licence = f"that of its data, see the credits in {CARD}"
    return Card(
        path,
        str(contract.get("name") or path.stem),
        styles,
        _line(told) or _section(text, "Trained on"),
        licence,
    )


def sha256(path: Path) -> str:
    """The hash of a model file, as a dance's report names it."""
    return _sha256(path, path.stat().st_mtime)


@lru_cache(maxsize=64)
def _sha256(path: Path, _changed: float) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _card_text(path: Path) -> str:
    for file in (path.with_suffix(".md"), path.with_name(CARD)):
        try:
            # Opening a pipe would wait for ever, and a panel asks.
            if core.files.other_than_a_file(file) is None:
                with file.open(encoding="utf-8") as stream:
                    return stream.read(_CARD_LETTERS)
        except (OSError, UnicodeDecodeError):
            continue  # a card is optional
    return ""


def _section(text: str, heading: str) -> str:
    """The first paragraph under a heading of a Markdown text, as one line."""
    found = re.search(rf"^#+\s*{heading}\s*$\s*(.+?)(?:\n\s*\n|\Z)", text, re.M | re.S | re.I)
    return _line(found.group(1)) if found else ""


def _line(value: object) -> str:
    """Plain text in one line, without Markdown's marks."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())
