"""The process that makes the dance, so that Blender stays free: no bpy in here.

``jobs.job.Job`` starts this file with Blender's own Python. Line protocol, JSON in
both directions:

    stdin   one request line (see ``messages``), then nothing; end of file
            means that Blender is gone, and ends this process
    stdout  {"type": "progress", "stage": str, "fraction": 0..1}   any number
            {"type": "rough", "motion": path}   a dance to look at meanwhile, twice at most
            {"type": "done", "motion", "keys", "beats": paths, "report": {...}}   or
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
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

CORE = "audio2pose_core"
MOTION_FILE = "dance.npz"
ROUGH_FILE = "rough.npz"
KEYS_FILE = "keys.npz"
BEATS_FILE = "found.json"
_BEGUN = time.monotonic()
"""Since then a person waits."""


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
    if request["verbose"]:
        logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
        logging.getLogger(CORE).setLevel(logging.DEBUG)
    errors = importlib.import_module(f"{CORE}.errors")
    try:
        done = TASKS[request["task"]](request, send)
    except errors.Audio2PoseError as error:
        send({"type": "error", "message": " ".join(str(error).split())})
        return error.exit_code
    send(done)
    return 0


Send = Callable[[dict[str, Any]], None]


_OF_A_LOOP = ("style", "seed", "energy", "accents")
"""Settings of a dance that a loop has too."""


def generate(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Make the dance, and its keys where they are asked for; the "done" message."""
    npz = importlib.import_module(f"{CORE}.formats.npz")
    dancer = importlib.import_module(f"{CORE}.generate")
    folder = Path(request["folder"])
    audio = _audio(request)
    constraint, more = _constraint(request["constraint"], folder), _options(request)
    if request["anchors"] is not None:
        more["anchors"] = _constraint(request["anchors"], folder)
    if request["base"] is not None:
        given = request["base"]
        clip = npz.load_npz(folder / given["motion"])
        more["base"] = dancer.DanceBase(clip, retime=given["retime"], vary=given["vary"])
    rough, moves = _rough(request, send), _moves(request)
    progress = _progress(send)
    progress("model", 0.0)
    model = dancer.load_model(request["model"], request["threads"], request["device"])
    beats = None if request["beats"] is None else folder / request["beats"]
    if request["loop"] is None:
        options = more | {"constraint": constraint, "rough": rough, "moves": moves}
        make = dancer.generate_dance
    else:
        options = {name: more[name] for name in _OF_A_LOOP} | dict(request["loop"])
        base = options["base"]
        options["base"] = None if base is None else npz.load_npz(folder / base)
        make = dancer.generate_loop
    dance = make(audio, beats=beats, model=model, progress=progress, **options)
    npz.save_npz(folder / MOTION_FILE, dance.motion)
    done = {"type": "done", "motion": str(folder / MOTION_FILE)}
    if rough is not None and rough.shown:
        # The motion is the finished one; its keys are still to be reduced.
        send({"type": "rough", "motion": str(folder / MOTION_FILE)})
    if request["reduction"] is not None:
        done |= _reduce_dance(dance, request["reduction"], folder, progress)
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
        "told": _told(dance.report),
    }
    if request["loop"] is not None:
        report["loop"] = dance.report["loop"]
    return done | {"report": report}


def _moves(request: dict[str, Any]) -> list[Any]:
    """The moves for phrases to return to."""
    if not request["moves"]:
        return []
    npz = importlib.import_module(f"{CORE}.formats.npz")
    catalogue = importlib.import_module(f"{CORE}.generate.catalogue")
    folder = Path(request["folder"])
    return [
        catalogue.CatalogueMove(
            given["name"], given["style"], npz.load_npz(folder / given["motion"]), given["beats"]
        )
        for given in request["moves"]
    ]


def _rough(request: dict[str, Any], send: Send) -> Any:
    """What shows the first pass of a dance, where it is asked for; else None."""
    if request["rough"] is None:
        return None
    npz = importlib.import_module(f"{CORE}.formats.npz")
    path = Path(request["folder"]) / ROUGH_FILE

    def show(motion: Any) -> None:
        npz.save_npz(path, motion)
        send({"type": "rough", "motion": str(path)})

    rough = importlib.import_module(f"{CORE}.generate.rough")
    return rough.RoughDance(show, request["rough"]["reduces"], _BEGUN)


def _constraint(message: dict[str, str] | None, folder: Path) -> Any:
    """The constraint that a request names, or None."""
    import numpy as np

    if message is None:
        return None
    npz = importlib.import_module(f"{CORE}.formats.npz")
    constraints = importlib.import_module(f"{CORE}.cleanup.constraints")
    mask = np.load(folder / message["mask"], allow_pickle=False)
    return constraints.MotionConstraint(npz.load_npz(folder / message["motion"]), mask)


def _options(request: dict[str, Any]) -> dict[str, Any]:
    """The keywords of ``generate_dance`` in a request."""
    options = dict(request["options"])
    if "direction" in options:
        direction = importlib.import_module(f"{CORE}.choreography.direction")
        options["direction"] = direction.parse_direction(options["direction"])
    return options


def _told(report: dict[str, Any]) -> list[str]:
    """What the dials did, a line each, and which phrases do not return."""
    lines = report.get("dials", [])
    if not lines:
        return [str(note) for note in report.get("notes", [])]
    words = importlib.import_module(f"{CORE}.generate.dial_report")
    return [*(words.told(line) for line in lines), *map(str, report.get("notes", []))]


def _reduce_dance(
    dance: Any, task: dict[str, Any], folder: Path, progress: Callable[[str, float], None]
) -> dict[str, Any]:
    """The keys of a dance on our own skeleton; the part of the "done" message that names them."""
    return {"keys": _reduce_motion(dance.motion, dance.beats, task, folder, progress)}


def _reduce_motion(
    motion: Any,
    beats: Any,
    task: dict[str, Any],
    folder: Path,
    progress: Callable[[str, float], None],
) -> str:
    """The keys of a motion on our own skeleton as npz in ``folder``; its path."""
    dance_keys = importlib.import_module(f"{CORE}.cleanup.dance_keys")
    keys = dance_keys.reduce_dance(
        motion,
        dance_keys.SceneTime(task["start"], task["fps"]),
        task["error"],
        beats.times,
        together=task["together"],
        progress=lambda fraction: progress("reduce", fraction),
    )
    return _save_keys(folder, keys)


def reduce(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Reduce the keys of any channels; the "done" message names their npz."""
    import numpy as np

    bones = importlib.import_module(f"{CORE}.cleanup.bones")
    reducing = importlib.import_module(f"{CORE}.cleanup.reduce")
    progress = _progress(send)
    folder = Path(request["folder"])
    with np.load(folder / request["arrays"], allow_pickle=False) as data:
        arrays = dict(data)
    chain = {n.removeprefix("chain_"): a for n, a in arrays.items() if n.startswith("chain_")}
    tracks = [
        bones.Track(t["bone"], t["kind"], arrays[f"track_{i}"])
        for i, t in enumerate(request["tracks"])
    ]
    keys = reducing.reduce_keys(
        bones.Chain(**chain | {name: chain[name].item() for name in ("scale", "by_constraints")}),
        tracks,
        request["error"],
        limb_names=request["limb_names"],
        planted=arrays.get("planted"),
        preferred=arrays.get("preferred"),
        held=arrays.get("held"),
        exact=arrays.get("exact"),
        together=request["together"],
        progress=lambda fraction: progress("reduce", fraction),
    )
    report = {"keys": int(sum(len(key.index) for key in keys))}
    return {"type": "done", "keys": _save_keys(folder, keys), "report": report}


def _save_keys(folder: Path, keys: list[Any]) -> str:
    """The keys of all tracks as one npz; its path."""
    import numpy as np

    arrays: dict[str, Any] = {}
    for i, key in enumerate(keys):
        arrays |= {f"index_{i}": key.index, f"values_{i}": key.values}
        arrays |= {f"slopes_{i}": key.slopes, f"reach_{i}": key.reach}
    np.savez(folder / KEYS_FILE, **arrays)
    return str(folder / KEYS_FILE)


def find_beats(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """The song's beats, sections and events; the "done" message names their beats.json."""
    analysis = importlib.import_module(f"{CORE}.audio.analyse")
    beat_file = importlib.import_module(f"{CORE}.audio.beat_file")
    folder, progress = Path(request["folder"]), _progress(send)
    progress("Reading the song", 0.05)
    audio = _audio(request)
    progress("Finding the beats", 0.3)
    beat_file.save_beats(folder / BEATS_FILE, analysis.beats_and_form(audio))
    report = {"warnings": [str(w) for w in audio.warnings]}
    return {"type": "done", "beats": str(folder / BEATS_FILE), "report": report}


def make_crew(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Make the dances of a crew, and their keys where asked for; the "done" message names them."""
    import numpy as np

    crew = importlib.import_module(f"{CORE}.generate.crew")
    beat_file = importlib.import_module(f"{CORE}.audio.beat_file")
    npz = importlib.import_module(f"{CORE}.formats.npz")
    folder, progress = Path(request["folder"]), _progress(send)
    lead = npz.load_npz(folder / request["lead"])
    beats = beat_file.load_beats(folder / request["beats"])
    asked = request["crew"]
    curve = None
    if request["curve"] is not None:
        curve = np.load(folder / request["curve"], allow_pickle=False)
    changes = [crew.Change(second, name) for second, name in asked["changes"]]
    same = {"spacing": asked["spacing"], "formation": asked["formation"], "curve": curve}
    if request["parts"]:
        times = request["late"] + np.arange(len(lead)) / lead.fps
        others = [m.sample(times, lead.fps) for m in _own_dances(request, progress)]
        made = crew.own_dances([lead, *others], beats, changes=changes, **same)
    else:
        ways = {name: asked[name] for name in ("canon_beats", "answer", "mirror")}
        progress("cleanup", 0.0)
        made = crew.make_crew(lead, beats, asked["count"], changes=changes, **same, **ways)
    done: dict[str, Any] = {"type": "done", "motions": [], "keys": []}
    parts = [folder / str(number) for number in range(len(made.dances))]
    for part, motion in zip(parts, made.dances, strict=True):
        part.mkdir()
        npz.save_npz(part / MOTION_FILE, motion)
        done["motions"].append(str(part / MOTION_FILE))
    if request["reduction"] is not None:
        # The first dancer keeps its keys, but where it waits for answers.
        first = 0 if asked["answer"] else 1
        keys = _reduce_crew(made.dances[first:], beats, request["reduction"], progress)
        pairs = zip(parts[first:], keys, strict=True)
        done["keys"] = [_save_keys(part, of_one) for part, of_one in pairs]
    report = {
        "names": made.names,
        "asked": float(made.asked),
        "spacing": float(made.spacing),
        "walking": [list(stretch) for stretch in made.walking],
    }
    return done | {"report": report}


def _reduce_crew(
    motions: list[Any],
    beats: Any,
    task: dict[str, Any],
    progress: Callable[[str, float], None],
) -> list[list[Any]]:
    """The keys of each of a crew's dances, found on all cores."""
    crew_keys = importlib.import_module(f"{CORE}.cleanup.crew_keys")
    dance_keys = importlib.import_module(f"{CORE}.cleanup.dance_keys")
    keys: list[list[Any]] = crew_keys.reduce_dances(
        motions,
        dance_keys.SceneTime(task["start"], task["fps"]),
        task["error"],
        beats.times,
        together=task["together"],
        progress=lambda fraction: progress("reduce", fraction),
    )
    return keys


def _own_dances(request: dict[str, Any], progress: Callable[[str, float], None]) -> list[Any]:
    """A motion for each of the other dancers, from the song's first sample on."""
    crew = importlib.import_module(f"{CORE}.generate.crew")
    dancer = importlib.import_module(f"{CORE}.generate")
    audio, folder = _audio(request), Path(request["folder"])
    progress("model", 0.0)
    model = dancer.load_model(request["model"], request["threads"], request["device"])
    options = dict(request["options"])
    options = {name: options[name] for name in ("energy", "quality", "accents", "structure")}
    beats = None if request["song_beats"] is None else folder / request["song_beats"]
    parts = [(style, seed) for style, seed in request["parts"]]
    made = crew.generate_dances(audio, parts, model, beats=beats, progress=progress, **options)
    return [dance.motion for dance in made]


def plan(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """What the song alone asks of the dance; the "done" message has it as dials."""
    import dataclasses

    planning = importlib.import_module(f"{CORE}.generate.dial_plan")
    loading = importlib.import_module(f"{CORE}.generate.model")
    folder, options, progress = Path(request["folder"]), _options(request), _progress(send)
    progress("model", 0.0)
    model = loading.load_model(request["model"])
    progress("analyse", 0.0)
    dials = planning.dials_of_song(
        _audio(request),
        model,
        beats=None if request["beats"] is None else folder / request["beats"],
        style=options["style"],
        seed=options["seed"],
        direction=options.get("direction"),
    )
    return {"type": "done", "dials": dataclasses.asdict(dials), "report": {"warnings": []}}


def _audio(request: dict[str, Any]) -> Any:
    """The song of a request as the library has it."""
    import numpy as np

    load = importlib.import_module(f"{CORE}.audio.load")
    samples = np.load(Path(request["folder"]) / request["samples"], allow_pickle=False)
    return load.audio_from_samples(samples, request["sample_rate"], request["name"])


def _progress(send: Send) -> Callable[[str, float], None]:
    """A callback (stage, fraction) that tells the add-on."""

    def progress(stage: str, fraction: float) -> None:
        send({"type": "progress", "stage": str(stage), "fraction": float(fraction)})

    return progress


TASKS: dict[str, Callable[[dict[str, Any], Send], dict[str, Any]]] = {
    "dance": generate,
    "reduce": reduce,
    "beats": find_beats,
    "crew": make_crew,
    "plan": plan,
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
