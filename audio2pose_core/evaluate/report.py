"""The whole evaluation: from a pack of real motion and a dancer to rows and a markdown page."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..data.pack import load_pack
from ..errors import OptionError
from ..generate.model import DEFAULT_MODEL, load_model
from .measures import Reference, Row, Sample, evaluate_set, features_of, prepare
from .motion_graph import MotionGraph
from .songs import find_songs, own_songs, read_song
from .systems import (
    dance_all,
    folder_of_motions,
    frozen,
    graph_all,
    real,
    seams_of,
    with_seams,
    wrong_songs,
)
from .table import NOTES, table


@dataclass(frozen=True)
class Request:
    """What to measure; ``songs`` are files or folders beside the composed ones."""

    pack: Path
    model: Path | None = None
    songs: tuple[Path, ...] = ()
    motions: Path | None = None
    seeds: int = 5
    seconds: float = 24.0
    style: str = "all"


@dataclass(frozen=True)
class Evaluation:
    """The rows, and lines that say what they were made of."""

    rows: list[Row]
    lines: list[str]


def evaluate(request: Request, progress: Callable[[str, float], None]) -> Evaluation:
    """Measure real motion, its controls, and a dancer or a folder of dances."""
    if request.seeds < 1:
        raise OptionError("no seeds measure nothing; give 5 or more")
    # What a user can mistake comes before the minutes of work.
    files = find_songs(request.songs)
    given = None if request.motions is None else folder_of_motions(request.motions)
    model = load_model(request.model)
    progress("real motion", 0.0)
    clips = load_pack(request.pack)
    held_out, training = real(clips, "held_out"), real(clips, "train")
    known = [s for s in real(clips) if s.beats is not None]
    seams = seams_of(model, max((s.motion.seconds for s in held_out + training), default=0.0))
    held_out, training = with_seams(held_out, seams), with_seams(training, seams)
    reference = Reference.of(
        {
            name: features_of([Sample(prepare(s.motion)) for s in samples])
            for name, samples in (("held-out", held_out), ("training", training))
        }
    )
    progress("real motion", 0.3)
    rows = [
        evaluate_set("real, held out", [held_out], reference),
        evaluate_set("real, training", [training], reference),
    ]
    if known:
        wrong = [wrong_songs(known, seed) for seed in range(request.seeds)]
        rows.append(evaluate_set("real, known beats", [known], reference))
        rows.append(evaluate_set("same, wrong songs", wrong, reference))
    rows.append(evaluate_set("frozen pose", [frozen(held_out)], reference))
    lines = [
        f"Real motion: `{request.pack}`, {len(held_out)} clips held out "
        f"({_minutes(held_out)}), {len(training)} for training ({_minutes(training)}), "
        f"{len(known)} with known beats ({_minutes(known)})."
    ]
    if request.motions is not None and given is not None:
        rows.append(evaluate_set(request.motions.name, [given], reference))
        lines.append(f"`{request.motions}`: {len(given)} dances ({_minutes(given)}).")
        return Evaluation(rows, lines)
    songs = own_songs(request.seconds) + [read_song(path, request.seconds) for path in files]
    styles = list(model.styles) if request.style == "all" else [request.style]
    danced = dance_all(
        model, songs, list(range(request.seeds)), styles, lambda share: progress("dance", share)
    )
    progress("measure", 0.0)
    graph = MotionGraph([s.motion for s in training])
    rows.append(evaluate_set("motion graph", graph_all(graph, danced), reference))
    progress("measure", 0.3)
    rows.append(evaluate_set("network alone", danced.raw, reference))
    progress("measure", 0.6)
    rows.append(evaluate_set(f"dancer `{model.name}`", danced.cleaned, reference))
    exact = sum(song.beats is not None for song in songs)
    heard = f"{len(songs) - exact} on the tracked ones, " if exact < len(songs) else ""
    path = request.model or DEFAULT_MODEL
    lines += [
        f"Songs: the first {request.seconds:g} s of {len(songs)}, {exact} measured on exact beats, "
        f"{heard}seeds 0 to {request.seeds - 1}. Style: {request.style} "
        f"({', '.join(sorted(danced.styles))}).",
        f"Dancer: sha256 {model.sha256[:12]}, {path.stat().st_size / 1e6:.1f} MB, "
        f"{danced.dance_s / danced.wall_s:.1f} s of dance per second, analysis and cleanup "
        f"included ({os.cpu_count()} CPU cores, beside whatever else ran).",
    ]
    return Evaluation(rows, lines)


def _minutes(samples: list[Sample]) -> str:
    return f"{sum(s.motion.seconds for s in samples) / 60:.1f} min"


def page(evaluation: Evaluation, command: str) -> str:
    """The markdown page."""
    made = "\n".join(f"* {line}" for line in evaluation.lines)
    return (
        "# Results\n\nMade by\n\n"
        f"```\n{command}\n```\n\n{made}\n\n{table(evaluation.rows)}\n\n"
        f"## How to read it\n{NOTES}\n"
    )
