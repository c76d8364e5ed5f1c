"""The process that makes the dance, so that Blender stays free: no bpy in here.

``jobs.Job`` starts this file with Blender's own Python. Line protocol, JSON in
both directions:

    stdin   one request line (see ``requests``), then nothing; end of file
            means that Blender is gone, and ends this process
    stdout  {"type": "progress", "stage": str, "fraction": 0..1}   any number
            {"type": "done", "motion", "keys" or "beats": path, "report": {...}}   or
            {"type": "error", "message": one line for the user}
    stderr  anything else: Python's tracebacks, what libraries print

Exit code 0 after "done", the error's own code after "error"; a bug is a
traceback on stderr and exit code 1.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import json
import math
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

CORE = "audio2pose_core"
MOTION_FILE = "dance.npz"
KEYS_FILE = "keys.npz"
BEATS_FILE = "found.json"


def main() -> int:
    """Serve one request; the exit code."""
    send = _take_over_stdout()
    request = json.loads(_take_over_stdin())
    # Blender shall stay quick on a machine with few cores.
    if hasattr(os, "nice"):
        os.nice(5)
    # Appended, so that a dependency never hides a module of this Python.
    sys.path.extend(folder for folder in request["site_folders"] if folder not in sys.path)
    load_core(Path(request["core"]))
    errors = importlib.import_module(f"{CORE}.errors")
    try:
        done = TASKS[request["task"]](request, send)
    except errors.Audio2PoseError as error:
        send({"type": "error", "message": " ".join(str(error).split())})
        return error.exit_code
    send(done)
    return 0


Send = Callable[[dict[str, Any]], None]


def generate(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Make the dance and its npz; the "done" message."""
    import numpy as np

    load = importlib.import_module(f"{CORE}.audio.load")
    npz = importlib.import_module(f"{CORE}.formats.npz")
    dancer = importlib.import_module(f"{CORE}.generate")

    folder = Path(request["folder"])
    samples = np.load(folder / request["samples"], allow_pickle=False)
    audio = load.audio_from_samples(samples, request["sample_rate"], request["name"])

    def progress(stage: str, fraction: float) -> None:
        send({"type": "progress", "stage": str(stage), "fraction": float(fraction)})

    keep = None
    if request["kept"] is not None:
        kept = importlib.import_module(f"{CORE}.cleanup.constraints")
        motion = npz.load_npz(folder / request["kept"]["motion"])
        mask = np.load(folder / request["kept"]["mask"], allow_pickle=False)
        keep = kept.MotionConstraint(motion, mask)
    progress("model", 0.0)
    model = dancer.load_model(request["model"], request["threads"], request["device"])
    dance = dancer.generate_dance(
        audio,
        style=request["style"],
        energy=request["energy"],
        seed=request["seed"],
        beats=None if request["beats"] is None else folder / request["beats"],
        accents=request["hits"],
        model=model,
        quality=request["quality"],
        structure=request["structure"],
        constraint=keep,
        progress=progress,
    )
    npz.save_npz(folder / MOTION_FILE, dance.motion)
    tempo = float(dance.beats.tempo_bpm)
    report = {
        "style": str(dance.style),
        "seed": int(dance.seed),
        "tempo_bpm": tempo if math.isfinite(tempo) else 0.0,
        "beats": len(dance.beats.times),
        "beat_times": [round(float(t), 5) for t in dance.beats.times],
        "downbeats": [bool(d) for d in dance.beats.downbeats],
        "seconds": float(dance.motion.seconds),
        "model": str(dance.report.get("model", "")),
        "model_sha256": str(dance.report.get("model_sha256", "")),
        "warnings": [str(w) for w in dance.report.get("warnings", audio.warnings)],
    }
    return {"type": "done", "motion": str(folder / MOTION_FILE), "report": report}


def reduce(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Thin out keys; the "done" message names their npz."""
    import numpy as np

    bones = importlib.import_module(f"{CORE}.cleanup.bones")
    reducing = importlib.import_module(f"{CORE}.cleanup.reduce")

    def progress(fraction: float) -> None:
        send({"type": "progress", "stage": "reduce", "fraction": float(fraction)})

    folder = Path(request["folder"])
    with np.load(folder / request["arrays"], allow_pickle=False) as data:
        arrays = dict(data)
    chain = {n.removeprefix("chain_"): a for n, a in arrays.items() if n.startswith("chain_")}
    tracks = [
        bones.Track(t["bone"], t["kind"], arrays[f"track_{i}"])
        for i, t in enumerate(request["tracks"])
    ]
    keys = reducing.reduce_keys(
        bones.Chain(**chain | {"scale": float(chain["scale"])}),
        tracks,
        request["error"],
        planted=arrays.get("planted"),
        preferred=arrays.get("preferred"),
        held=arrays.get("held"),
        exact=arrays.get("exact"),
        progress=progress,
    )
    found: dict[str, Any] = {}
    for i, key in enumerate(keys):
        found |= {f"index_{i}": key.index, f"values_{i}": key.values, f"slopes_{i}": key.slopes}
    np.savez(folder / KEYS_FILE, **found)
    report = {"keys": int(sum(len(key.index) for key in keys))}
    return {"type": "done", "keys": str(folder / KEYS_FILE), "report": report}


def find_beats(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Only the song's beats; the "done" message names their beats.json."""
    import numpy as np

    load = importlib.import_module(f"{CORE}.audio.load")
    tracker = importlib.import_module(f"{CORE}.audio.beats")
    beat_file = importlib.import_module(f"{CORE}.audio.beat_file")
    folder = Path(request["folder"])
    send({"type": "progress", "stage": "Reading the song", "fraction": 0.05})
    samples = np.load(folder / request["samples"], allow_pickle=False)
    audio = load.audio_from_samples(samples, request["sample_rate"], request["name"])
    send({"type": "progress", "stage": "Finding the beats", "fraction": 0.3})
    beat_file.save_beats(folder / BEATS_FILE, tracker.track_beats(audio))
    report = {"warnings": [str(w) for w in audio.warnings]}
    return {"type": "done", "beats": str(folder / BEATS_FILE), "report": report}


TASKS: dict[str, Callable[[dict[str, Any], Send], dict[str, Any]]] = {
    "dance": generate,
    "reduce": reduce,
    "beats": find_beats,
}


def load_core(folder: Path) -> ModuleType:
    """Import the library from ``folder`` as top-level ``audio2pose_core``.

    Loaded by its place: the extension's folder on ``sys.path`` would put the
    add-on's own modules (``core``, ``jobs``, ...) there as top-level names, and
    an installed ``audio2pose_core`` of another version could win.
    """
    init = folder / "__init__.py"
    if init.is_file():
        spec = importlib.util.spec_from_file_location(
            CORE, init, submodule_search_locations=[str(folder)]
        )
    else:
        spec = importlib.machinery.ModuleSpec(CORE, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
    if spec is None:
        raise ImportError(f"no library in {folder}; install the extension again")
    module = importlib.util.module_from_spec(spec)
    sys.modules[CORE] = module
    if spec.loader is not None:
        spec.loader.exec_module(module)
    return module


def _take_over_stdout() -> Callable[[dict[str, Any]], None]:
    """A sender on the old stdout; from now on stray prints, of C code too, go to stderr."""
    # Line by line, so that a message is in the pipe before the next step begins.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1, newline="\n")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        # allow_nan=False: a NaN is no JSON, and no number for a user either.
        line = json.dumps(message, allow_nan=False)
        with lock:
            channel.write(line + "\n")

    return send


def _take_over_stdin() -> str:
    """The request line; then a thread that ends this process when Blender is gone.

    The pipe moves to a descriptor of its own: on Windows a thread that waits on
    the standard input blocks others that only ask what kind of file it is.
    """
    pipe = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    data = bytearray()
    while not data.endswith(b"\n"):
        # Byte by byte: the little that is read never runs past the line's end.
        byte = os.read(pipe, 1)
        if not byte:
            raise EOFError("the request ended before its line did")
        data += byte

    def watch() -> None:
        try:
            while os.read(pipe, 4096):
                pass
        finally:
            # Nobody is left to tell, and Blender's temp folder is gone with it.
            os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    return data.decode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
