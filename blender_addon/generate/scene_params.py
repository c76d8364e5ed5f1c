"""A scene's settings as ``GenerationParams``, and back again for *Load Take Settings*."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from ..core import errors
from ..jobs.params import PREVIEW_RANGE, SCENE_RANGE, WHOLE_SONG, GenerationParams
from ..settings import enums, model_cards, preferences
from ..song import mark_record, source as song_source
from ..steps import Steps, aside, at_once
from ..takes.metadata import TakeMetadata
from . import dial_record


def of_scene(scene: Any) -> GenerationParams:
    """What the scene and the preferences ask for; OptionError for a range that is none."""
    settings, model = scene.audio2pose, preferences.model_file()
    limits = song_source.range_limits(scene)
    return GenerationParams(
        style=settings.style or enums.AUTO,
        seed=settings.seed,
        energy=settings.energy,
        quality=settings.quality,
        accents=settings.hits.lower(),
        structure=settings.structure,
        lead_in=settings.lead_in,
        moves=scene.audio2pose_moves.tag.strip() if scene.audio2pose_moves.in_plan else None,
        model="" if model is None else str(model),
        source=settings.source,
        strip=settings.strip,
        file=settings.file,
        range=settings.range,
        range_frames=None if limits is None else (int(limits[0]), int(limits[1]) - 1),
        keys=settings.keys,
        key_error=settings.key_error,
    )


def restore_steps(context: Any, record: TakeMetadata, marks: bool = True) -> Steps[str]:
    """Set a scene's settings, and the model in use, as they were for a take, in small steps.

    With ``marks`` the song's beats and sections too. Returns what could not be brought back, ""
    for nothing. Raises OptionError, with nothing changed, where the model to be used knows no such
    style, and DataError where the take's dials or marks cannot be read.
    """
    scene, params = context.scene, record.params
    settings = scene.audio2pose
    marked = mark_record.parse(params.marks) if marks and params.marks is not None else None
    dials = None if params.dials is None else dial_record.parse(params.dials)
    model, trouble = yield from _model_steps(record)
    contract = (model or preferences.shipped_model()).with_suffix(".json")
    if params.style not in [item[0] for item in enums.style_items(contract)]:
        raise errors.OptionError(
            f"the model in use knows no style {params.style!r}; choose the model of this take "
            f"({record.model}) in the preferences"
        )
    if model != preferences.model_file():
        preferences.use_model(model)
    # The style after the model: its list is the model's.
    settings.style, settings.seed, settings.randomise_seed = params.style, params.seed, False
    settings.energy, settings.quality = params.energy, params.quality
    settings.hits, settings.structure = params.accents.upper(), params.structure
    settings.lead_in = params.lead_in
    chosen = scene.audio2pose_moves
    chosen.in_plan, chosen.tag = params.moves is not None, params.moves or chosen.tag
    settings.source, settings.strip, settings.file = params.source, params.strip, params.file
    settings.keys, settings.key_error = params.keys, params.key_error
    _restore_range(scene, params)
    yield
    lost = _not_kept(params) if dials is None else dial_record.restore(scene, dials)
    yield
    # After the song is the one of then.
    unmarked = "" if marked is None else mark_record.restore(context, marked)
    return " ".join(filter(None, (trouble, lost, unmarked)))


restore = at_once(restore_steps)


def _not_kept(params: GenerationParams) -> str:
    """What of a take from before dials were kept does not come back, "" for nothing."""
    asked = params.direction or {}
    if not any(asked.get(name) for name in ("dials", "front", "path", "holds")):
        return ""
    return "Its keyed dials, front, path and held poses are not brought back; the scene's stay"


def _restore_range(scene: Any, params: GenerationParams) -> None:
    """The same frames again. The scene's own range is left alone: a preview range does as well."""
    if params.range == WHOLE_SONG:
        scene.audio2pose.range = WHOLE_SONG
    if params.range_frames is None:
        return  # the whole song, or a take of version 0.1, which does not tell
    first, last = params.range_frames
    if params.range == SCENE_RANGE and (scene.frame_start, scene.frame_end) == (first, last):
        scene.audio2pose.range = SCENE_RANGE
        return
    scene.audio2pose.range, scene.use_preview_range = PREVIEW_RANGE, True
    # In this order: Blender keeps the end behind the start.
    scene.frame_preview_start = first
    scene.frame_preview_end = last


def _model_steps(record: TakeMetadata) -> Steps[tuple[Path | None, str]]:
    """The file of a take's model, None for the shipped one, and what is wrong with it.

    Known by the hash of its file: the one of then, else any that the preferences show.
    Where it is not there, the model in use stays.
    """
    now = preferences.model_file()
    then = record.params.model
    places = [now] if then is None else [Path(then) if then else None, now]
    places += [None, *(card.path for card in model_cards.find(preferences.models_folder()))]
    for place in places:
        path = place or preferences.shipped_model()
        if not path.is_file():
            continue
        if (yield from aside(partial(model_cards.sha256, path))) == record.model_sha256:
            return (place, "") if place == now or preferences.entry() else (now, _needs(record))
    return now, _needs(record)


def _needs(record: TakeMetadata) -> str:
    return (
        f"Its model ({record.model}, {record.model_sha256[:8]}) is not among yours, so the dance "
        "will be another one; choose it in the preferences"
    )
