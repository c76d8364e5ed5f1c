"""The whole evaluation: from a pack of real motion and dancers to rows and a markdown page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..data.training.clip import Clip
from ..errors import DataError, OptionError
from ..generate.model import DEFAULT_MODEL, DanceModel, load_model
from .ablations import ablation_table, ablations
from .copying import Library, copying_table
from .dancers import (
    ALONE,
    LSTM,
    UNPHASED,
    Danced,
    EvalSpec,
    Pool,
    cores,
    dance_all,
    graph_runs,
    names_of,
    pool_of,
    runs_of,
    seams_of,
    speed_of,
)
from .goals import goals, goals_table
from .kin import choreography_of
from .locks import lock_table, locks
from .measures import Reference, Row, Run, Sample, measure_run, reference_of, row_of
from .motion_graph import MotionGraph
from .music_sensitivity import music_sensitivity, music_sensitivity_table, uses_music
from .music_swap import music_swaps
from .songs import Song, find_songs, own_songs, read_song
from .systems import folder_of_dances, frozen, read_real, real, with_seams, wrong_songs
from .table import NOTES, table
from .watching import by_style, mean_of, over_styles, watch, watch_real, with_nearest
from .watching_goals import mean_table, style_table

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Request:
    """What to measure.

    ``pack`` is a training file, or a folder of preprocessed data, whose held-out
    songs are then danced to in place of the composed ones. ``models`` are dancers,
    the shipped one if there are none; ``dances`` folders of motions; ``songs`` files
    or folders beside those; ``lstm`` the trained LSTM baseline. ``parts`` are
    sections beside the table, of ``PARTS``.
    """

    pack: Path
    models: tuple[Path, ...] = ()
    songs: tuple[Path, ...] = ()
    dances: tuple[Path, ...] = ()
    lstm: Path | None = None
    dancer: bool = True
    seeds: int = 5
    seconds: float = 24.0
    style: str = "all"
    parts: tuple[str, ...] = ()
    workers: int | None = None


SWAP_SEEDS = 2
"""Dances a style by which another song's difference is measured."""
PARTS = ("copying", "locks", "ablations")


@dataclass(frozen=True)
class Evaluation:
    """The rows, lines that say what they were made of, and sections (title, markdown)."""

    rows: list[Row]
    lines: list[str]
    sections: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Real:
    """Real motion of a pack, as it stands in the table."""

    held_out: list[Sample]
    training: list[Sample]
    known: list[Sample]
    reference: Reference


def evaluate(request: Request, progress: Progress) -> Evaluation:
    """Measure real motion, its controls, dancers, baselines and folders of dances."""
    if request.seeds < 1:
        raise OptionError("no seeds measure nothing; give 5 or more")
    # What a user can mistake comes before the minutes of work.
    files = find_songs(request.songs)
    paths: tuple[Path | None, ...] = request.models or (None,)
    models = [load_model(path) for path in paths] if request.dancer else []
    if request.lstm is not None and not request.lstm.is_file():
        raise DataError(
            f"{request.lstm}: no such file; python training/train_lstm_vae.py makes one"
        )
    songs = [read_song(path, request.seconds) for path in files]
    progress("real motion", 0.0)
    clips, theirs = read_real(request.pack, request.seconds)
    if request.dancer:
        songs = (theirs or own_songs(request.seconds)) + songs
    folders = [(folder, folder_of_dances(folder, songs)) for folder in request.dances]
    facts = _real(clips, models[0] if models else None)
    known = f"{len(facts.known)} with known beats ({_minutes(facts.known)})"
    lines = [
        f"Real motion: `{request.pack}`, {len(facts.held_out)} clips held out "
        f"({_minutes(facts.held_out)}), {len(facts.training)} for training "
        f"({_minutes(facts.training)}), {known}."
    ]
    lines += [f"`{path}`: {len(dances)} dances ({_minutes(dances)})." for path, dances in folders]
    spec = EvalSpec(paths if request.dancer else (), tuple(songs), request.style, request.lstm)
    # Alone on the machine, before the other processes come.
    speed = speed_of(paths[0], songs[0]) if request.dancer else 0.0
    with pool_of(spec, request.workers) as pool:
        sets = _sets_of_real(facts, request.seeds, paired=bool(theirs))
        danced: list[Danced] = []
        if request.dancer:
            danced = dance_all(pool, spec, request.seeds, lambda x: progress("dance", x))
            sets += _sets_of_dances(facts, danced, request.seeds)
            if theirs:
                sets += _wrong_of(sets[-1], facts.known)
        sets += [(path.name, [dances]) for path, dances in folders]
        rows = _measured(pool, sets, facts.reference, lambda x: progress("measure", x))
        sections = _sections(request, facts, spec, pool, rows, dict(sets), progress)
        sections[:0] = _worth_watching(request, facts, spec, pool, dict(sets), models, progress)
    held = [c for c in clips if c.split == "held_out" and c.music is not None]
    for model in models:
        if len(held) > 1 and uses_music(model):
            sections.append(
                (
                    f"Music sensitivity of `{model.name}`",
                    music_sensitivity_table(music_sensitivity(model, held)),
                )
            )
    if request.dancer:
        lines += _of_songs(request, songs, danced)
        lines += [
            f"Dancer `{model.name}`: sha256 {model.sha256[:12]}, "
            f"{(path or DEFAULT_MODEL).stat().st_size / 1e6:.1f} MB."
            for path, model in zip(paths, models, strict=True)
        ]
        lines.append(
            f"Speed of the first: {speed:.1f} s of dance per second, analysis and cleanup "
            f"included, on a song of {songs[0].audio.seconds:.0f} s ({cores()} CPU cores, beside "
            "whatever else ran; `make bench` has more)."
        )
    return Evaluation(rows, lines, sections)


def _real(clips: list[Clip], model: DanceModel | None) -> _Real:
    held_out, training = real(clips, "held_out"), real(clips, "train")
    if model is not None:
        longest = max((s.motion.seconds for s in held_out + training), default=0.0)
        seams = seams_of(model, longest)
        held_out, training = with_seams(held_out, seams), with_seams(training, seams)
    reference = reference_of({"held-out": held_out, "training": training})
    known = [s for s in real(clips) if s.beats is not None]
    return _Real(held_out, training, known, reference)


Sets = list[tuple[str, list[list[Sample]]]]


def _sets_of_real(facts: _Real, seeds: int, paired: bool) -> Sets:
    sets: Sets = [("real, held out", [facts.held_out]), ("real, training", [facts.training])]
    # Where all clips have music, those that nobody was trained on are the ones to look at.
    known = [s for s in facts.held_out if s.beats is not None] if paired else facts.known
    if known:
        wrong = [wrong_songs(known, seed, facts.known) for seed in range(seeds)]
        if not paired:
            sets.append(("real, known beats", [known]))
        sets.append(("held out, wrong songs" if paired else "same, wrong songs", wrong))
    return [*sets, ("frozen pose", [frozen(facts.held_out)])]


def _wrong_of(dancer: tuple[str, list[list[Sample]]], known: list[Sample]) -> Sets:
    """A dancer's dances on the beats of other songs."""
    name, runs = dancer
    return [(f"{name}, wrong songs", [wrong_songs(r, seed, known) for seed, r in enumerate(runs)])]


def _sets_of_dances(facts: _Real, danced: list[Danced], seeds: int) -> Sets:
    graph = MotionGraph([s.motion for s in facts.training])
    runs = runs_of(danced, seeds)
    sets: Sets = [("motion graph", graph_runs(graph, danced, seeds))]
    sets += [(name, runs.pop(name)) for name in (LSTM, UNPHASED, ALONE) if name in runs]
    return sets + list(runs.items())


def _measured(
    pool: Pool, sets: Sets, reference: Reference, progress: Callable[[float], None]
) -> list[Row]:
    tasks = [(run, reference) for _, runs in sets for run in runs]
    found = iter(pool.map(_measure, tasks, progress))
    return [row_of(name, [next(found) for _ in runs]) for name, runs in sets]


def _measure(task: tuple[list[Sample], Reference]) -> Run:
    return measure_run(*task)


def _sections(
    request: Request,
    facts: _Real,
    spec: EvalSpec,
    pool: Pool,
    rows: list[Row],
    sets: dict[str, list[list[Sample]]],
    progress: Progress,
) -> list[tuple[str, str]]:
    """The sections beside the table."""
    out = []
    # They are those of the default dancer, on songs that nobody danced to.
    if not request.pack.is_dir() and (found := goals(rows)):
        out.append(("Goals", goals_table(found)))
    if "copying" in request.parts:
        progress("copying", 0.0)
        out.append(("Copying", _copying(facts, sets)))
    if "locks" in request.parts and request.dancer:
        found_locks = locks(pool, spec, facts.training, lambda x: progress("locks", x))
        out.append(("Locked keys and regeneration", lock_table(found_locks)))
    if "ablations" in request.parts and request.dancer:
        varied = ablations(pool, spec, lambda x: progress("ablations", x))
        out.append(("Ablations", ablation_table(varied)))
    return out


def _worth_watching(
    request: Request,
    facts: _Real,
    spec: EvalSpec,
    pool: Pool,
    sets: dict[str, list[list[Sample]]],
    models: list[DanceModel],
    progress: Progress,
) -> list[tuple[str, str]]:
    """Every dancer and every folder with styles beside the real clips of the same styles."""
    names = [*names_of(models), *(folder.name for folder in request.dances)]
    if not names:
        return []
    clips = facts.held_out + facts.training
    real = by_style(
        with_nearest(
            pool.map(watch_real, clips, lambda x: progress("watch real motion", x)),
            clips,
            [choreography_of(s.name) for s in clips],
        )
    )
    out = []
    for name in names:
        dances = [sample for run in sets[name] for sample in run]
        seen = pool.map(watch, dances, lambda x: progress("watch", x))
        ours = by_style(with_nearest(seen, dances))
        if not ours:
            # Dances of a folder have no style: they stand beside all real motion.
            ours, styles = {"any": mean_of(seen)}, {"any": over_styles(real)}
        else:
            styles = real
        if models and name == names[0]:
            swaps = music_swaps(
                pool, spec, tuple(ours), SWAP_SEEDS, lambda x: progress("swap the music", x)
            )
            for style, value in swaps.items():
                ours[style]["music_swap"] = value
        body = f"{mean_table(ours, styles)}\n\n{style_table(ours, styles)}"
        out.append((f"Is it worth watching? {name}", body))
    return out


def _copying(facts: _Real, sets: dict[str, list[list[Sample]]]) -> str:
    library = Library(facts.training)
    rows = [
        ("real, held out", library.nearest(facts.held_out)),
        (
            "real, training, against other clips",
            library.nearest(facts.training, others_only=True),
        ),
    ]
    first = list(sets).index("frozen pose") + 1
    for name in list(sets)[first:]:
        rows.append((name, library.nearest([s for run in sets[name] for s in run])))
    return copying_table(rows, len(library))


def _minutes(samples: list[Sample]) -> str:
    return f"{sum(s.motion.seconds for s in samples) / 60:.1f} min"


def _of_songs(request: Request, songs: list[Song], danced: list[Danced]) -> list[str]:
    exact = sum(song.beats is not None for song in songs)
    heard = f"{len(songs) - exact} on the tracked ones, " if exact < len(songs) else ""
    styles = ", ".join(sorted({d.style for d in danced}))
    return [
        f"Songs: the first {request.seconds:g} s of {len(songs)}, {exact} measured on exact beats, "
        f"{heard}seeds 0 to {request.seeds - 1}. Style: {request.style} ({styles})."
    ]


def page(
    evaluation: Evaluation,
    command: str,
    pictures: list[tuple[str, str]] | None = None,
    included: Sequence[str] = (),
    title: str = "Results",
) -> str:
    """The markdown page; ``pictures`` are (file, caption), ``included`` other pages' texts."""
    made = "\n".join(f"* {line}" for line in evaluation.lines)
    text = f"# {title}\n\nMade by\n\n```\n{command}\n```\n\n{made}\n\n{table(evaluation.rows)}\n"
    for file, caption in pictures or ():
        text += f"\n![{caption}]({file})\n*{caption}*\n"
    for name, body in evaluation.sections:
        text += f"\n## {name}\n{body}\n"
    for other in included:
        text += "\n" + _as_section(other)
    return text + f"\n{READ}\n{NOTES}\n"


READ = "## How to read it"


def _as_section(text: str) -> str:
    """Another page as a section: its headings one level down, without the notes at its end."""
    body = text.partition(f"\n{READ}")[0].rstrip()
    lines, code = [], False
    for line in body.splitlines():
        code ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not code else line)
    return "\n".join(lines) + "\n"
