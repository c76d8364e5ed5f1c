"""What a model's contract, ``name.json`` beside ``name.onnx``, may say: kinds and ranges.

A model may come from anybody. What lies outside these ranges makes no dance: it would ask for
more memory or time than there is, or put joints metres away.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from .. import representation as rep
from ..cleanup.pelvis_height import QUANTILES
from ..errors import DataError, ModelError
from ..json_fields import Fields
from ..json_file import read_json
from ..skeleton import JOINTS
from .spread import PARTS

CONTRACT_FORMAT = 1
LARGEST_FILE = 16 * 1024 * 1024
MOST_STYLES = 1000
USUAL_OVERLAP = 60
"""Frames; small networks of short windows are exported with it too."""
STYLE_FIELDS = {
    "seconds": (0.0, 1e9),
    "hit_rate": (0.0, 100.0),
    "hit_strength": (0.0, 10.0),
    "energy_mean": (-20.0, 20.0),
    "energy_deviation": (0.0, 20.0),
}
OFFSETS = {
    "energy_offset": (-20.0, 20.0),
    "legs_offset": (-20.0, 20.0),
    "arms_offset": (-20.0, 20.0),
    "steps_offset": (-20.0, 20.0),
    "groove": (-5.0, 2.0),
    "jumps_per_min": (0.0, 120.0),
    "turns_per_min": (0.0, 120.0),
}
"""What calibration adds to a style, and its range; 0 by default."""
JUMP_HEIGHT = (0.02, 1.0)
"""Metres."""
GAINS = (0.1, 5.0)
"""Of a spread."""


def read_contract(path: Path, sha256: str) -> dict[str, Any]:
    """The contract of the .onnx file of this hash; ModelError, in one line, where it does not fit.

    The fields that are read later have the right kinds and ranges then.
    """
    try:
        record = read_json(path, largest=LARGEST_FILE)
    except DataError as error:
        raise ModelError(f"{error}; it should be a model's contract") from error
    try:
        check_contract(record, sha256)
    except DataError as error:
        raise ModelError(
            f"{path}: {error}; export the model again or use the one it came with"
        ) from error
    return dict(record)


def check_contract(record: Any, sha256: str) -> None:
    """DataError that names the field of a contract that is missing, of another kind or range."""
    top = Fields(record, "the contract")
    if top.values.get("format") != CONTRACT_FORMAT:
        raise DataError(f"not a contract of format {CONTRACT_FORMAT}")
    if top.text("sha256") != sha256:
        raise DataError("its sha256 is not that of the .onnx file beside it")
    if top.list("skeleton", len(JOINTS)) != list(JOINTS) or top.values.get("width") != rep.WIDTH:
        raise DataError("it is made for another skeleton")
    if top.values.get("groups") != rep.GROUPS:
        raise DataError("its masks have another layout")
    conditions = top.list("conditions", 100)
    unknown = [c for c in conditions if c not in list(rep.SUPPORTED_CONDITIONS)]
    if unknown or not conditions:
        named = [c for c in unknown if isinstance(c, str)]
        wanted = ", ".join(named)[:80] or "none named"
        raise DataError(f"it wants conditions that this program cannot make ({wanted})")
    if len(top.text("name")) > 200:
        raise DataError("the contract's name is longer than 200 letters")
    top.number("fps", 1.0, 240.0)
    window = int(top.number("window", 8, 4096, whole=True))
    if window % int(top.number("patch", 1, window, whole=True)):
        raise DataError("the contract's window is no multiple of its patch")
    for name, low, high in (("mean", -1e3, 1e3), ("deviation", 1e-9, 1e3)):
        if len(top.numbers(name, low, high)) != rep.WIDTH:
            raise DataError(f"{name} does not have {rep.WIDTH} numbers")
    styles = top.object("styles")
    if not 0 < len(styles.values) <= MOST_STYLES:
        raise DataError(f"the contract names no style, or more than {MOST_STYLES}")
    for name in styles.values:
        _check_style(styles, name)
    _check_sampler(top.object("sampler"), window)


def _check_style(styles: Fields, name: str) -> None:
    if not 0 < len(name) <= 100:
        raise DataError("a style's name has 1 to 100 letters")
    one = styles.object(name)
    for field, (low, high) in STYLE_FIELDS.items():
        one.number(field, low, high)
    for field, limits in OFFSETS.items():
        one.number(field, *limits, 0.0)
    one.number("jump_height", *JUMP_HEIGHT, JUMP_HEIGHT[0])
    known = {*STYLE_FIELDS, *OFFSETS, "jump_height", "stance", "spread"}
    if unknown := set(one.values) - known:
        raise DataError(f"style {name!r}: unknown field {min(unknown)[:40]!r}")
    if "stance" in one.values:
        heights = one.object("stance")
        for field in ("made", "real"):
            values = heights.numbers(field, -5.0, 5.0)
            if len(values) != len(QUANTILES) or any(b < a for a, b in pairwise(values)):
                raise DataError(
                    f"style {name!r}: the {field} heights are not {len(QUANTILES)} that rise"
                )
    if "spread" in one.values:
        spread = one.object("spread")
        for field in ("centre", *({"middle"} & set(spread.values))):
            if len(spread.numbers(field, -1e3, 1e3)) != rep.WIDTH:
                raise DataError(f"style {name!r}: the {field} does not have {rep.WIDTH} numbers")
        for part in PARTS:
            spread.number(part, *GAINS)


def _check_sampler(one: Fields, window: int) -> None:
    steps = one.number("steps", 1, 1000, whole=True)
    if isinstance(one.values.get("guidance"), list):
        if len(one.numbers("guidance", -20.0, 20.0)) != steps:
            raise DataError("the sampler's guidance is not one number, nor one a step")
    else:
        one.number("guidance", -20.0, 20.0, 1.0)
    # The more windows share, the more of them there are; none is left where they share all.
    most = min(max(window // 2, USUAL_OVERLAP), window - 1)
    one.number("overlap", 0, most, min(USUAL_OVERLAP, most), whole=True)
    one.number("liveliness", -20.0, 20.0, 0.0)
    one.number("presence", 0.0, 10.0, 1.0)
    if one.values.get("times") is not None:
        times = one.numbers("times", 0.0, 1.0)
        rising = bool(times) and times[0] == 0 and all(a < b for a, b in pairwise([*times, 1.0]))
        if not rising or len(times) != steps:
            raise DataError("the sampler's times do not rise from 0 to below 1, one a step")
