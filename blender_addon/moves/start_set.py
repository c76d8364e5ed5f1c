"""The moves that come along: a folder that is added to Blender's asset libraries.

``make`` makes them: it presses the add-on's own buttons, in an empty scene.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy

from ..core import errors, files
from ..settings import enums

FOLDER = Path(__file__).parent / "start"
FILE = FOLDER / "audio2pose_moves.blend"
NAME = "Audio2Pose Moves"
BARS = ((3, 4), (5, 6))
"""Of each dance; the phrases A and B of a plan."""
KEY_ERROR_CM = 2.0
"""Of the keys; the motion that the network is given is kept as it is."""
_CATALOGS = uuid.UUID("5b0cf9d5-3c7d-4d0e-9a4b-2f4d1f6b7c11")


def add(preferences: Any) -> bool:
    """Add the folder to the asset libraries; False where it is there already.

    DataError where the moves did not come along.
    """
    if not FILE.is_file():
        raise errors.DataError(f"{FILE} is missing; install the extension again")
    libraries = preferences.filepaths.asset_libraries
    if any(Path(library.path) == FOLDER for library in libraries):
        return False
    libraries.new(name=NAME, directory=str(FOLDER))
    return True


def make(
    output: Path, tempi: Mapping[str, float], seed: int, song: Callable[[Path, float], None]
) -> int:
    """Two moves of each style at a tempo (bpm), as an asset library; how many there are.

    ``song(path, bpm)`` writes a song to dance to. Whatever Blender has open is closed.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made: set[Any] = set()
    lines = ["# Catalogs of the Asset Browser for the moves beside this file.", "VERSION 1"]
    with tempfile.TemporaryDirectory(prefix="audio2pose-moves-") as folder:
        for style, bpm in tempi.items():
            catalog, label = uuid.uuid5(_CATALOGS, style), enums.style_label(style)
            file = Path(folder) / f"{style}.wav"
            song(file, bpm)
            made |= _moves_of(style, file, seed, str(catalog))
            lines.append(f"{catalog}:Dance moves/{label}:{label}")
    output.parent.mkdir(parents=True, exist_ok=True)
    bpy.data.libraries.write(str(output), made, fake_user=True, compress=True)
    files.write_text(output.with_name("blender_assets.cats.txt"), "\n".join(lines) + "\n")
    return len(made)


def _moves_of(style: str, song: Path, seed: int, catalog: str) -> set[Any]:
    """Generate a dance of a style and save its moves; their actions."""
    scene: Any = bpy.context.scene
    scene.render.fps = 30
    settings, chosen = scene.audio2pose, scene.audio2pose_moves
    settings.source, settings.file = "FILE", str(song)
    settings.style, settings.seed, settings.randomise_seed = style, seed, False
    settings.key_error = KEY_ERROR_CM
    buttons: Any = bpy.ops
    buttons.audio2pose.generate("EXEC_DEFAULT")
    found = set()
    for number, (first, last) in enumerate(BARS, start=1):
        chosen.first_bar, chosen.last_bar = first, last
        chosen.name = f"{enums.style_label(style)} {number}"
        buttons.audio2pose.save_move("EXEC_DEFAULT")
        chosen.move.asset_data.catalog_id = catalog
        found.add(chosen.move)
    return found
