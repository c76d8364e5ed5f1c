"""A song of our own, with exact beats: for tests, demos and lag measurements.

    python -m audio2pose_core.audio.demo_song song.wav --bpm 124

writes ``song.wav`` and ``song.beats.json``; ``--form "I4 A8:fill B8 O4"`` composes the
parts that it names instead (see ``composer``), with exact sections and events
too. Every sound is synthesised here, so the result is free of anyone's rights.
"""

from __future__ import annotations

import argparse
import os
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..console import out
from ..errors import Audio2PoseError, OptionError
from ..files import whole_file
from . import synth
from .beats import Beats, save_beats
from .composer import compose_form
from .load import audio_from_samples

LEAD_IN = 0.1  # seconds before the first beat, so that its attack is whole
PEAK = 0.89  # -1 dB of full scale

# Four chords a song, semitones above the tonic: (root, third, fifth, seventh or octave).
_MINOR, _MAJOR = (0, 3, 7, 10), (0, 4, 7, 12)
_PROGRESSIONS = (
    ((0, _MINOR), (-4, _MAJOR), (3, _MAJOR), (-2, _MAJOR)),  # i VI III VII
    ((0, _MINOR), (5, _MINOR), (-4, _MAJOR), (-5, _MINOR)),  # i iv VI v
    ((0, _MAJOR), (-5, _MAJOR), (-3, _MINOR), (5, _MAJOR)),  # I V vi IV
)


def beat_grid(
    seconds: float,
    bpm: float = 120.0,
    beats_per_bar: int = 4,
    tempo_changes: Sequence[tuple[float, float]] = (),
) -> Beats:
    """Exact beats from LEAD_IN to the end.

    A tempo change (time in seconds, new bpm) holds from the first beat at or
    after its time.
    """
    for tempo in (bpm, *(new for _, new in tempo_changes)):
        if not 30.0 <= tempo <= 300.0:
            raise OptionError(f"a demo song has 30 to 300 beats a minute, not {tempo}")
    if beats_per_bar not in (2, 3, 4):
        raise OptionError(f"a demo song has 2, 3 or 4 beats in a bar, not {beats_per_bar}")
    if not 1.0 <= seconds <= 7200.0:
        raise OptionError(f"a demo song lasts 1 to 7200 seconds, not {seconds}")
    changes = sorted(tempo_changes)
    times = [LEAD_IN]
    while True:
        current = [bpm, *(new for start, new in changes if times[-1] >= start)][-1]
        following = times[-1] + 60.0 / current
        if following >= seconds - 1e-9 and len(times) >= 2:
            break
        times.append(following)
    downbeats = np.arange(len(times)) % beats_per_bar == 0
    median = 60.0 / float(np.median(np.diff(times)))
    return Beats(np.array(times), downbeats, median, beats_per_bar, 1.0, "composed")


def compose(
    seconds: float = 30.0,
    bpm: float = 120.0,
    beats_per_bar: int = 4,
    swing: float = 0.0,
    tempo_changes: Sequence[tuple[float, float]] = (),
    seed: int = 0,
    sample_rate: int = 44100,
) -> tuple[np.ndarray, Beats]:
    """A dance track: intro, verse, chorus, verse, chorus over the song's length.

    Parameters
    ----------
    swing : float
        0 plays even eighths, 1 plays triplets (the off-beat at 2/3 of the beat).
    tempo_changes : sequence of (time_s, bpm)
        See ``beat_grid``.
    seed : int
        Picks key, chords, melody and small variations.

    Returns
    -------
    samples : (N,) float32
        Mono, peak 0.89.
    beats : Beats
        Exact: the onset of the kick or snare on every beat.
    """
    if not 0.0 <= swing <= 1.0:
        raise OptionError(f"swing is 0 (even) to 1 (triplets), not {swing}")
    beats = beat_grid(seconds, bpm, beats_per_bar, tempo_changes)
    random = np.random.default_rng(seed)
    kit = synth.Kit(sample_rate, random)
    tonic = 57 + int(random.integers(-4, 5))  # about A3
    chords = _PROGRESSIONS[int(random.integers(len(_PROGRESSIONS)))]
    melody = random.integers(0, 5, size=4 * 2 * beats_per_bar)  # a phrase of four bars

    total = round(seconds * sample_rate)
    drums, ducked = synth.Track(total, sample_rate), synth.Track(total, sample_rate)
    lengths = np.diff(beats.times, append=2 * beats.times[-1] - beats.times[-2])
    bars = -(-len(lengths) // beats_per_bar)
    off = 0.5 + swing / 6
    for k, (time, length) in enumerate(zip(beats.times, lengths, strict=True)):
        bar, place = divmod(k, beats_per_bar)
        part = _part(bar, bars)
        root, shape = chords[bar % 4]
        _play_drums(drums, kit, part, place, beats_per_bar, time, length, off)
        _play_bass(ducked, kit, part, place, tonic + root - 24, time, length, off)
        if place == 0:
            notes = [tonic + root + step for step in shape]
            ducked.add(time, kit.chord(notes, length * beats_per_bar), 0.16 + 0.04 * part)
        if part >= 2:
            scale = (0, *shape[1:3], 12, shape[3])
            for half in (0, 1):
                step = int(melody[(2 * k + half) % len(melody)])
                if half == 0 or step % 2:  # off-beats are sparser
                    note = tonic + 12 + root + scale[step]
                    start = time + half * off * length
                    ducked.add(start, kit.pluck(note, length), 0.16 if half == 0 else 0.11)
    mix = drums.samples + ducked.samples * synth.ducking(
        total, sample_rate, beats.times, float(np.median(lengths))
    )
    mix = np.tanh(1.2 * mix)  # a soft limiter: peaks bend, they do not clip
    mix = synth.fade_out(mix, min(0.3, seconds / 10), sample_rate)
    return (mix * (PEAK / np.abs(mix).max())).astype(np.float32), beats


def sections_of(beats: Beats) -> np.ndarray:
    """Times (n,) in seconds at which a composed song goes from one section to another."""
    bars = -(-len(beats.times) // beats.beats_per_bar)
    starts = beats.times[:: beats.beats_per_bar]
    changes = [k for k in range(1, bars) if _part(k, bars) != _part(k - 1, bars)]
    return np.asarray(starts[changes])


def _part(bar: int, bars: int) -> int:
    """0 intro, 1 verse, 2 chorus: by the bar's place in the song."""
    place = bar / max(bars, 1)
    for end, part in ((0.125, 0), (0.375, 1), (0.625, 2), (0.75, 1)):
        if place < end:
            return part
    return 2


def _play_drums(
    track: synth.Track,
    kit: synth.Kit,
    part: int,
    place: int,
    beats_per_bar: int,
    time: float,
    length: float,
    off: float,
) -> None:
    waltz = beats_per_bar == 3
    if place == 0 or not waltz:
        track.add(time, kit.kick, 0.95 if place == 0 else 0.82)
    backbeat = place in (1, 2) if waltz else place % 2 == 1
    if backbeat and part >= 1:
        track.add(time, kit.snare, 0.28 if waltz else 0.42)
    elif backbeat:
        track.add(time, kit.hat, 0.30)
    track.add(time, kit.hat, 0.12)
    track.add(time + off * length, kit.hat, 0.10 + 0.05 * part)
    if place == 0 and part == 2:
        track.add(time, kit.crash, 0.10)


def _play_bass(
    track: synth.Track,
    kit: synth.Kit,
    part: int,
    place: int,
    note: int,
    time: float,
    length: float,
    off: float,
) -> None:
    if part == 0 and place > 0:
        return
    track.add(time, kit.bass(note, 0.9 * off * length), 0.42)
    if part >= 1:
        higher = note + (12 if part == 2 and place % 2 else 0)
        track.add(time + off * length, kit.bass(higher, 0.9 * (1 - off) * length), 0.26)


def write_demo_song(path_wav: str | os.PathLike[str], **settings: object) -> Beats:
    """Compose (see ``compose`` for the settings) and write a wav and ``<stem>.beats.json``."""
    path = _wav(path_wav)
    samples, beats = compose(**settings)  # type: ignore[arg-type]
    rate = int(settings.get("sample_rate", 44100))  # type: ignore[call-overload]
    _write(path, samples, rate, beats)
    return beats


def write_song_of_form(
    path_wav: str | os.PathLike[str], form: str, bpm: float = 120.0, beats_per_bar: int = 4,
    seed: int = 0,
) -> Beats:  # fmt: skip
    """Compose a form (see ``composer.compose_form``), write it as ``write_demo_song`` does."""
    path = _wav(path_wav)
    song = compose_form(form, bpm, beats_per_bar, seed)
    _write(path, song.samples, song.sample_rate, song.beats)
    return song.beats


def _wav(path_wav: str | os.PathLike[str]) -> Path:
    path = Path(path_wav)
    if path.suffix.lower() != ".wav":
        raise OptionError(f"a demo song is written as .wav, not {path.name}")
    return path


def _write(path: Path, samples: np.ndarray, rate: int, beats: Beats) -> None:
    """A 16-bit wav and its beats beside it."""
    with whole_file(path) as temporary, wave.open(str(temporary), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    save_beats(path.with_suffix(".beats.json"), beats, audio_from_samples(samples, rate, path.name))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m audio2pose_core.audio.demo_song",
        description="Write a synthesised song and its exact beats.",
    )
    parser.add_argument("output", type=Path, help="the .wav to write")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--bpm", type=float, default=120.0)
    parser.add_argument("--beats-per-bar", type=int, default=4, help="2 to 4; with --form to 7")
    parser.add_argument(
        "--form",
        metavar="PARTS",
        help="compose these parts, such as 'I4 A8:fill B8 A8:build-up B8 C8/3:break B8@140 O4'",
    )
    parser.add_argument("--swing", type=float, default=0.0, help="0 even, 1 triplets")
    parser.add_argument(
        "--tempo-change", type=float, nargs=2, action="append", default=[],
        metavar=("TIME_S", "BPM"), help="may be given several times",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        if options.form is not None:
            _refuse_beside_form(options)
            beats = write_song_of_form(
                options.output, options.form, options.bpm, options.beats_per_bar, options.seed
            )
            out(f"{options.output}: {len(beats.times)} beats, {len(beats.sections)} sections")
            return 0
        beats = write_demo_song(
            options.output,
            seconds=options.seconds,
            bpm=options.bpm,
            beats_per_bar=options.beats_per_bar,
            swing=options.swing,
            tempo_changes=[(time, bpm) for time, bpm in options.tempo_change],
            seed=options.seed,
        )
    except Audio2PoseError as error:
        parser.exit(error.exit_code, f"{error}\n")
    out(f"{options.output}: {options.seconds:g} s, {len(beats.times)} beats")
    return 0


def _refuse_beside_form(options: argparse.Namespace) -> None:
    """What a form says itself, or what its songs cannot do."""
    for given, name in (
        (options.seconds != 30.0, "--seconds"),
        (options.swing != 0.0, "--swing"),
        (bool(options.tempo_change), "--tempo-change"),
    ):
        if given:
            raise OptionError(f"{name} does not go with --form; a part's @BPM changes the tempo")


if __name__ == "__main__":
    raise SystemExit(main())
