"""The file that a Python or a Blender is given to render.

    python blender_addon/render/command/__main__.py --audio song.wav --output dance.mp4
    blender -b --python blender_addon/render/command/__main__.py -- --audio song.wav ...

It may be run from a checkout or from site-packages, also by a Blender whose own Python
is another one. So the two packages are loaded from beside this file and nothing else of
that folder is: its numpy may be built for another Python.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve()


def load_package(name: str, folder: Path) -> None:
    """Import ``folder``/__init__.py as the package ``name``; its modules follow from there."""
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    # Python puts the folder of the file it runs on its path; our modules there have common names.
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != HERE.parent]
    for package in ("audio2pose_core", "blender_addon"):
        load_package(package, HERE.parents[3] / package)
    from blender_addon.render.command.run import start

    start()
