"""The dependency rule of docs/ARCHITECTURE.md, read off the imports themselves.

Imports inside functions and under TYPE_CHECKING count as well: a circle that
only shows at run time is a circle still.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CORE = ROOT / "audio2pose_core"
OURS = {"audio2pose_core", "blender_addon", "scripts", "training", "tests"}

# Imports run downhill: from a unit to one of its own row or a lower one.
ROWS = (
    {"cli"},
    {"network", "batch", "evaluate"},
    {"data", "generate"},
    {"representation", "choreography", "control", "cleanup", "retarget", "metrics", "formats"},
    {"motion", "audio", "figure"},
    {
        *("rotations", "skeleton", "signals", "source_faults"),
        *("files", "errors", "console", "json_fields", "json_file", "array_file", "onnx_runtime"),
    },
)
RANK = {unit: len(ROWS) - row for row, units in enumerate(ROWS) for unit in units}

# Third parties: which packages may be imported by which modules of core.
EVERYWHERE = {"numpy"}
PRINTS = {"print", "sys.stdout.write", "sys.stderr.write"}
ONLY_IN = {
    "torch": ("network.",),
    "onnx": ("network.",),
    "librosa": ("data.",),
    "av": ("data.", "audio.ffmpeg"),
    "distributed": ("data.training.cluster",),
    "filelock": ("data.folder_lock",),
    "httpx": ("data.aistpp.http_file",),
    "threadpoolctl": ("data.blas_threads",),
    "tenacity": ("data.aistpp.http_file",),
    # The pictures beside the evaluation's table.
    "matplotlib": (
        "data.",
        "audio.picture",
        "choreography.plot",
        "evaluate.plots",
        "network.samples",
        "network.training_log",
    ),
    "onnxruntime": ("onnx_runtime",),
    # Configurations of training; intervals, distances and their covariances.
    "pydantic": ("network.config",),
    "pydantic_core": ("network.config",),
    "annotated_types": ("network.config",),
    "scipy": ("evaluate.",),
    "sklearn": ("evaluate.",),
    "tqdm": ("network.training_log",),
    "soundfile": ("audio.sndfile",),
}


@dataclass(frozen=True)
class Import:
    """One imported module: ``source`` imports ``target``, both dotted from the repository root."""

    source: str
    line: int
    target: str
    relative: bool
    in_function: bool
    typing_only: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imports_of(file: Path) -> Iterator[Import]:
    """Every module that a file imports; ``from package import module`` counts as the module."""
    source = module_name(file)
    package = source if file.name == "__init__.py" else source.rpartition(".")[0]

    def targets(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
            return
        if node.level:
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1])
            base = f"{base}.{node.module}" if node.module else base
        else:
            base = node.module or ""
        for alias in node.names:
            child = f"{base}.{alias.name}"
            yield (child if is_module(child) else base), bool(node.level)

    def walk(node: ast.AST, in_function: bool, typing_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for target, relative in targets(child):
                    yield Import(source, child.lineno, target, relative, in_function, typing_only)
                continue
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from walk(child, in_function or function, typing_only or typing)

    return walk(ast.parse(file.read_text(encoding="utf-8")), False, False)


def imports_under(folder: str) -> list[Import]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return [i for file in files for i in imports_of(file)]


CORE_IMPORTS = imports_under("audio2pose_core")


def unit_of(dotted: str) -> str:
    """audio2pose_core.audio.load -> audio; the package's own __init__ -> ''."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def in_core(dotted: str) -> bool:
    return dotted.split(".")[0] == "audio2pose_core"


def circle(edges: dict[str, set[str]]) -> list[str]:
    """A circle in a graph as the list of its nodes, or an empty list."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        for following in sorted(edges.get(node, ())):
            if found := visit(following, [*path, node]):
                return found
        done.add(node)
        return []

    for node in sorted(edges):
        if found := visit(node, []):
            return found
    return []


def test_the_reader_of_imports_sees_them_all(tmp_path, monkeypatch):
    """The other tests are worth what this function sees."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "p" / "q").mkdir(parents=True)
    for name in ("p/__init__.py", "p/a.py", "p/q/__init__.py"):
        (tmp_path / name).write_text("")
    file = tmp_path / "p" / "q" / "m.py"
    file.write_text(
        "import os.path, numpy as np\n"
        "from .. import a, thing\n"
        "from ..a import f\n"
        "from . import g\n"
        "def work():\n"
        "    import torch\n"
        "if TYPE_CHECKING:\n"
        "    from p.a import T\n"
    )
    seen = list(imports_of(file))
    assert [i.target for i in seen] == [
        "os.path", "numpy", "p.a", "p", "p.a", "p.q", "torch", "p.a",
    ]  # fmt: skip
    assert [i.in_function for i in seen] == [False] * 6 + [True, False]
    assert seen[-1].typing_only and not seen[-1].relative and seen[2].relative
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []


def test_core_prints_in_one_place():
    """Everything else is a return value, an error, or a line for ``logging``."""
    # The supervisor is run as a file of its own, without the library.
    allowed = {"audio2pose_core/console.py", "audio2pose_core/batch/supervisor.py"}
    found = []
    for file in sorted(CORE.rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTS:
                found += [f"{name}:{node.lineno}"] if name not in allowed else []
    assert not found, "\n".join(found)


def test_core_imports_nothing_else_of_ours_and_itself_relatively():
    wrong = [i for i in CORE_IMPORTS if i.target.split(".")[0] in OURS and not i.relative]
    assert not wrong, "\n".join(map(str, wrong))


def test_every_unit_of_core_has_its_row():
    units = {unit_of(module_name(f)) for f in CORE.rglob("*.py")} - {""}
    assert units <= set(RANK), "give these a row in ARCHITECTURE.md and here"


def test_core_imports_run_downhill():
    ours = [i for i in CORE_IMPORTS if in_core(i.target) and unit_of(i.source)]
    # The package's __init__ stands on top: only the command line reads the version from it.
    wrong = [i for i in ours if RANK[unit_of(i.source)] < RANK.get(unit_of(i.target), len(ROWS))]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("grain", ["units", "modules"])
def test_core_has_no_circle(grain):
    edges: dict[str, set[str]] = {}
    for i in CORE_IMPORTS:
        if not in_core(i.target) or not unit_of(i.source) or i.target == "audio2pose_core":
            continue
        a, b = (i.source, i.target) if grain == "modules" else map(unit_of, (i.source, i.target))
        # A package's module may import a sibling; that the package names it too is no circle.
        if a != b and not (grain == "modules" and (a.startswith(b + ".") or b.startswith(a + "."))):
            edges.setdefault(a, set()).add(b)
    assert not circle(edges), " > ".join(circle(edges))


def test_core_imports_third_parties_where_they_belong():
    wrong = []
    for i in CORE_IMPORTS:
        top = i.target.split(".")[0]
        if i.relative or top in sys.stdlib_module_names or top in EVERYWHERE or top in OURS:
            continue
        homes = ONLY_IN.get(top, ())
        if not any((i.source + ".").startswith(f"audio2pose_core.{home}") for home in homes):
            wrong.append(i)
    assert not wrong, "\n".join(map(str, wrong))


def test_decoders_are_imported_inside_functions_only():
    """Inside Blender there is neither, and audio.load is imported all the same."""
    decoders = ("soundfile", "av")
    wrong = [i for i in CORE_IMPORTS if i.target.split(".")[0] in decoders and not i.in_function]
    assert not wrong, "\n".join(map(str, wrong))


# The rooms of the add-on, from the ground up: each imports only what stands below it.
ADDON_GROUND = {"compat", "core", "log", "registration", "steps"}
ADDON_FLOORS = (
    "song",
    "settings",
    "jobs",
    "rig",
    "keys",
    "figure",
    "takes",
    "stage",
    "edit",
    "moves",
    "generate",
    "render",
    "export",
    "ui",
)
ADDON_IMPORTS = [i for i in imports_under("blender_addon") if i.source != "blender_addon"]


def addon_floor(dotted: str) -> int:
    """The floor on which a module of the add-on stands; 0 is the ground."""
    room = dotted.split(".")[1]
    return 0 if room in ADDON_GROUND else 1 + ADDON_FLOORS.index(room)


def addon_edges() -> Iterator[Import]:
    """The imports of the add-on that lead to another of its rooms."""
    for i in ADDON_IMPORTS:
        parts = i.target.split(".")
        # ``core`` stands for the library behind the door.
        if parts[0] == "blender_addon" and len(parts) > 1 and parts[1] != "audio2pose_core":
            yield i


def test_every_file_of_the_addon_lies_in_a_room():
    addon = ROOT / "blender_addon"
    here = {p.stem for p in addon.glob("*.py")} - {"__init__"}
    assert here == ADDON_GROUND
    rooms = {p.parent.name for p in addon.glob("*/__init__.py")}
    assert rooms == set(ADDON_FLOORS), "give these a floor in ARCHITECTURE.md and here"


def test_imports_of_the_addon_run_downhill():
    wrong = [i for i in addon_edges() if addon_floor(i.source) < addon_floor(i.target)]
    assert not wrong, "\n".join(map(str, wrong))


def test_the_addon_has_no_circle():
    edges: dict[str, set[str]] = {}
    for i in addon_edges():
        if i.source.startswith(i.target + ".") or i.target.startswith(i.source + "."):
            continue  # a package and its own module
        edges.setdefault(i.source, set()).add(i.target)
    assert not circle(edges), " > ".join(circle(edges))


def test_the_addon_prints_nothing():
    """It logs (``blender_addon.log``), and what a person should know is a report."""
    wrong = [
        f"{path}:{node.lineno}"
        for path in sorted((ROOT / "blender_addon").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert not wrong, "\n".join(wrong)


def test_bpy_and_torch_stay_in_their_parts():
    for folder, banned, but in (
        ("blender_addon", {"torch", "librosa", "soundfile", "av", "onnx"}, ()),
        ("scripts", {"bpy"}, ()),
        ("training", {"bpy", "blender_addon"}, ()),
    ):
        wrong = [
            i
            for i in imports_under(folder)
            if i.target.split(".")[0] in banned and i.source not in but
        ]
        assert not wrong, "\n".join(map(str, wrong))


def test_generate_loads_without_the_heavy_packages():
    """What runs inside Blender needs numpy, and onnxruntime once a model is loaded."""
    code = (
        "import sys, audio2pose_core.generate, audio2pose_core.cli, audio2pose_core\n"
        "audio2pose_core.generate_dance\n"
        "heavy = {'torch', 'librosa', 'bpy', 'soundfile', 'onnx', 'scipy', 'av', 'numba'}\n"
        "heavy |= {'pydantic', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_package_is_light_until_a_name_is_used():
    code = (
        "import sys, audio2pose_core\n"
        "print(audio2pose_core.__version__, 'numpy' in sys.modules)\n"
        "print('generate_dance' in dir(audio2pose_core))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.split() == ["0.1.0", "False", "True"], done.stderr


def test_every_test_file_has_a_name_of_its_own():
    """The folders of tests are no packages: two files of one name cannot be collected together."""
    by_name: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        by_name.setdefault(path.name, []).append(path)
    twice = [paths for name, paths in by_name.items() if len(paths) > 1 and name != "conftest.py"]
    assert not twice, twice
