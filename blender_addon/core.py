"""The one door between the add-on and the library ``audio2pose_core``.

The packaged extension carries the library inside itself, because Blender wants
an extension to import nothing from outside; in the repository it is the
package next door. The library imports its own modules relatively, so it works
in both places.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING or not (Path(__file__).parent / "audio2pose_core").is_dir():
    from audio2pose_core import (
        errors,
        files,
        formats,
        json_fields,
        json_file,
        motion,
        retarget,
        rotations,
        signals,
        skeleton,
    )
    from audio2pose_core.audio import beat_file, click, collect, features, form, load, resample
    from audio2pose_core.choreography import dials, direction, hands, plan, planner
    from audio2pose_core.cleanup import (
        bezier,
        bones,
        constraints,
        cycle,
        dance_keys,
        floor,
        key_rates,
        timing,
    )
    from audio2pose_core.figure import mesh as figure_mesh
    from audio2pose_core.formats import bvh, gltf, name_presets, npz, report as export_report
    from audio2pose_core.generate import base as dance_base, catalogue, crew, stage
    from audio2pose_core.metrics import facing
else:
    from .audio2pose_core import (
        errors,
        files,
        formats,
        json_fields,
        json_file,
        motion,
        retarget,
        rotations,
        signals,
        skeleton,
    )
    from .audio2pose_core.audio import beat_file, click, collect, features, form, load, resample
    from .audio2pose_core.choreography import dials, direction, hands, plan, planner
    from .audio2pose_core.cleanup import (
        bezier,
        bones,
        constraints,
        cycle,
        dance_keys,
        floor,
        key_rates,
        timing,
    )
    from .audio2pose_core.figure import mesh as figure_mesh
    from .audio2pose_core.formats import bvh, gltf, name_presets, npz, report as export_report
    from .audio2pose_core.generate import base as dance_base, catalogue, crew, stage
    from .audio2pose_core.metrics import facing

FOLDER = Path(errors.__file__).parent
"""The folder ``audio2pose_core`` itself, wherever it lies."""

DEFAULT_MODEL = FOLDER / "models" / "default"
"""The folder of the shipped dancer: one .onnx and its .json."""

__all__ = [
    "DEFAULT_MODEL",
    "FOLDER",
    "beat_file",
    "bezier",
    "bones",
    "bvh",
    "catalogue",
    "click",
    "collect",
    "constraints",
    "crew",
    "cycle",
    "dance_base",
    "dance_keys",
    "dials",
    "direction",
    "errors",
    "export_report",
    "facing",
    "features",
    "figure_mesh",
    "files",
    "floor",
    "form",
    "formats",
    "gltf",
    "hands",
    "json_fields",
    "json_file",
    "key_rates",
    "load",
    "motion",
    "name_presets",
    "npz",
    "plan",
    "planner",
    "resample",
    "retarget",
    "rotations",
    "signals",
    "skeleton",
    "stage",
    "timing",
]
