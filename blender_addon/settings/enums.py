"""What enum properties offer: devices, ways of keying, and the styles of a model."""

from __future__ import annotations

import zlib
from functools import lru_cache
from pathlib import Path

from .. import core

DEVICES = (
    ("auto", "Auto", "An accelerator where there is one, else the processor"),
    ("cpu", "CPU", "The processor"),
    ("cuda", "CUDA", "An NVIDIA card; needs an ONNX Runtime that was built for it"),
    ("directml", "DirectML", "A graphics card on Windows; needs an ONNX Runtime built for it"),
    ("coreml", "Core ML", "Apple's accelerators"),
)
KEYS = (
    ("REDUCED", "Reduced", "Few Bézier keys, on the beats where possible: easy to edit"),
    ("POSES", "Poses", "Few Bézier keys, the whole body on the same frames, as poses are blocked"),
    ("EVERY_FRAME", "Every Frame", "One key on each frame: exact, hard to edit"),
)

_STYLES = {"hiphop": "Hip-Hop"}

AUTO = "auto"
EnumItem = tuple[str, str, str, int]
_AUTO_ITEM: EnumItem = (AUTO, "Auto", "Let the song decide", 0)


@lru_cache(maxsize=8)
def _items_of_contract(path: Path, _changed: float) -> tuple[EnumItem, ...]:
    """Auto, and the styles that a model's contract lists, sorted by their labels.

    Cached, because Blender needs the strings of a dynamic enum kept alive, and
    asks on every redraw. A contract that cannot be read lists nothing here; the
    worker reports what is wrong with it.
    """
    try:
        contract = core.json_fields.Fields(core.json_file.read_json(path), path.name)
        names = list(contract.object("styles").values)
    except core.errors.DataError:
        names = []
    return (_AUTO_ITEM, *sorted((_item(str(name)) for name in names), key=lambda item: item[1]))


def _item(name: str) -> EnumItem:
    # A file stores the number: taken from the name, it survives another list.
    label = style_label(name)
    return name, label, f"Dance in the style {label}", 1 + zlib.crc32(name.encode()) % 2**30


def style_items(contract: Path) -> tuple[EnumItem, ...]:
    """The styles that a contract (.json beside a model) lists, as Blender's enum items."""
    changed = contract.stat().st_mtime if contract.is_file() else 0.0
    return _items_of_contract(contract, changed)


_AS_DANCE: EnumItem = (AUTO, "As the Dance", "The style of the whole dance", 0)


@lru_cache(maxsize=8)
def _section_items(items: tuple[EnumItem, ...]) -> tuple[EnumItem, ...]:
    return (_AS_DANCE, *items[1:])


def section_style_items(contract: Path) -> tuple[EnumItem, ...]:
    """The same for a section, whose style is the dance's where it has none."""
    return _section_items(style_items(contract))


def style_label(name: str) -> str:
    """How a style is called on screen: "la_hiphop" is "La Hiphop"."""
    return _STYLES.get(name, name.replace("_", " ").title())


def forget() -> None:
    """Drop the lists that were read from contracts."""
    _items_of_contract.cache_clear()
    _section_items.cache_clear()
