"""Events: breaks, build-ups, drops, fills and the last note, found between beats and sections.

What drives a dance floor is kick and bass. A beat's *drive* is how strongly they
sound and how hard anything is struck, against what the song reaches at its
fullest; breaks and drops are where the drive goes and returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .beat_descriptors import BeatDescriptors, SpanMeans, attacks, describe_beats
from .beat_file import Beats
from .features import ONSET_LAG, band_rise, onset_strength
from .form import Event, Section
from .spectrum import Spectrum

OUT = 0.42  # of the usual drive at its place in the bar: a beat below it is out
BACK = 0.75  # of what was usual before, that a break returns to
NO_QUIET = 0.4  # of the fullest drive, that is usual before a break: a quiet part has none
LONGEST_BREAK_BARS = 8
FULL = 0.5  # of the fullest drive, that a drop reaches
JUMP = 0.55  # a drop's drive before it, of that after it, at most
LOUDER = 0.06  # of the range of loudness, 2.4 dB, by which it is louder
MUCH_LOUDER = 0.11  # 4.4 dB: even if the bass went on
RISING = 0.72  # of a whole and steady rise in two of loudness, density and brightness
FILL = 1.8  # times as far from the pattern as beats usually are: a beat of a fill
QUIETER_DB = -1.0  # and not quieter than the pattern by more
LOW_MEL = slice(0, 3)  # of the 64 mel bands: up to some 150 Hz
LOW_RISE = slice(0, 6)  # of the 128 onset bands
# Of the 64 mel bands: to 600 Hz and from 3 kHz; voices and leads are between.
DRUM_BANDS = np.r_[0:12, 36:64]


def find_events(
    spec: Spectrum,
    beats: Beats,
    sections: Sequence[Section] = (),
    descriptors: BeatDescriptors | None = None,
) -> tuple[Event, ...]:
    """Events in the order of their time; none where no pulse was heard."""
    if beats.confidence <= 0 or len(beats.times) < 16:
        return ()
    if descriptors is None:
        descriptors = describe_beats(spec, beats.times)
    bars = _Bars.of(spec, beats)
    breaks = _breaks(bars)
    build_ups = _BuildUps(bars, descriptors)
    drops = _drops(bars, descriptors, lambda bar: build_ups.before(bar)[1])
    taken = [*breaks, *build_ups.spans(drops)]
    fills = _fills(spec, bars, sections, taken)
    last = _last_note(spec, beats)
    found = [*(e.event for e in taken), *drops, *fills]
    if last:
        found = [event for event in found if event.time < last[0].time - 0.05] + last
    return tuple(sorted(found, key=lambda event: event.time))


@dataclass(frozen=True)
class _Span:
    """An event that lasts, and where it ends (s)."""

    event: Event
    end: float


@dataclass(frozen=True)
class _Bars:
    """Beats by bars.

    Attributes
    ----------
    times : (n,) s
    period : (n,) s to the next beat
    place : (n,) int, the beat's number in its bar, from 0
    starts : (B,) int, the index of each bar's first beat
    drive : (n,) kick, bass and all that is struck, 1 at the song's fullest
    low : (n,) kick and bass alone, 1 at the song's fullest
    """

    times: np.ndarray
    period: np.ndarray
    place: np.ndarray
    starts: np.ndarray
    drive: np.ndarray
    low: np.ndarray

    @classmethod
    def of(cls, spec: Spectrum, beats: Beats) -> _Bars:
        times = beats.times
        last = float(np.median(np.diff(times)))
        edges = np.append(times, min(times[-1] + last, max(spec.seconds, times[-1] + 1e-3)))
        spans = SpanMeans(edges, spec.rate, len(spec.loudness_db))
        power = 10.0 ** (spec.mel_db[:, LOW_MEL].astype(np.float64) / 10.0)
        low = spans(power.sum(axis=1))
        late = SpanMeans(edges + ONSET_LAG - 0.04, spec.rate, len(spec.loudness_db))
        struck = late(band_rise(spec, LOW_RISE)) + 0.5 * late(onset_strength(spec))
        low = _of_full(low)
        drive = 0.6 * low + 0.4 * _of_full(struck)
        starts = np.flatnonzero(beats.downbeats)
        if not len(starts) or starts[0] > 0:
            starts = np.insert(starts, 0, 0)
        number = np.searchsorted(starts, np.arange(len(times)), side="right") - 1
        place = np.arange(len(times)) - starts[number]
        if len(starts) > 1 and not beats.downbeats[0]:
            place[: starts[1]] += max(0, beats.beats_per_bar - int(starts[1]))  # a pick-up
        return cls(times, np.diff(edges), place, starts, drive, low)

    def bar_mean(self, values: np.ndarray) -> np.ndarray:
        """Means of (n,) over each bar, (B,)."""
        sums = np.add.reduceat(values, self.starts)
        return sums / np.diff(np.append(self.starts, len(values)))

    def usual(self, values: np.ndarray, around: int = 4) -> np.ndarray:
        """The median of (n,) at the same place in the bars nearby, (n,)."""
        out = np.empty(len(values))
        for place in np.unique(self.place):
            rows = np.flatnonzero(self.place == place)
            column = np.pad(values[rows], around, mode="reflect" if len(rows) > around else "edge")
            windows = np.lib.stride_tricks.sliding_window_view(column, 2 * around + 1)
            out[rows] = np.median(windows, axis=1)
        return out


def _of_full(values: np.ndarray) -> np.ndarray:
    """Values over their 90th percentile, at most 1.25."""
    full = float(np.percentile(values, 90))
    return np.minimum(values / full, 1.25) if full > 1e-12 else np.zeros_like(values)


# --- breaks and drops ---


def _breaks(bars: _Bars) -> list[_Span]:
    """Runs of beats of half a bar to eight bars that are out, and return to what was before."""
    usual = np.maximum(bars.usual(bars.drive), 0.0)
    level = _median_before(bars.drive, 16)
    # Long breaks pull the median down: what was usual before counts as well.
    reference = np.maximum(usual, 0.8 * np.minimum(level, bars.usual(level)))
    out = (bars.drive < OUT * reference) & (reference > 0.3)
    found = []
    for first, stop in _runs(out):
        if stop - first < 2 or first < 4 or stop > len(out) - 4:
            continue
        bar = int(np.searchsorted(bars.starts, first, side="right")) - 1
        if bar + 1 >= len(bars.starts):
            continue
        beats_per_bar = int(bars.starts[bar + 1] - bars.starts[bar])
        before = float(bars.drive[max(0, first - 4 * beats_per_bar) : first].mean())
        after = float(bars.drive[stop : stop + beats_per_bar].mean())
        if (
            stop - first > LONGEST_BREAK_BARS * beats_per_bar
            or after < BACK * before
            or before < NO_QUIET
        ):
            continue
        depth = 1.0 - float(bars.drive[first:stop].mean()) / max(before, 1e-9)
        event = Event(float(bars.times[first]), "break", round(float(np.clip(depth, 0, 1)), 3))
        found.append(_Span(event, float(bars.times[stop])))
    return found


def _median_before(values: np.ndarray, count: int) -> np.ndarray:
    """The median of the ``count`` values before each, (n,)."""
    padded = np.concatenate([np.full(count, values[:count].mean()), values])
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, count), axis=1)[:-1]


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Spans (first, stop) of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _drops(bars: _Bars, descriptors: BeatDescriptors, risen: Callable[[int], float]) -> list[Event]:
    """Bar lines from which on the song is full, after a bar or two without kick and bass.

    ``risen`` tells of a bar how much of a build-up lies before it, 0..1: there the
    song may be as loud as after it, elsewhere drums or loudness must come in too.
    """
    loud = bars.bar_mean(descriptors.loudness)
    low, drive = bars.bar_mean(bars.low), bars.bar_mean(bars.drive)
    full = float(np.percentile(low, 90))
    candidates: list[tuple[int, float]] = []
    for k in range(1, len(low) - 1):
        jump, after = _jump(low, k)
        louder = float(loud[k : k + 2].mean() - loud[max(0, k - 2) : k].max())
        if after < FULL * full or low[k : k + 2].min() < 0.7 * after:
            continue
        # The whole band may come in over a bass that went on.
        if jump > JUMP and (louder < MUCH_LOUDER or jump > 0.9):
            continue
        if _jump(drive, k)[0] > JUMP and louder < LOUDER and risen(k) < RISING:
            continue
        candidates.append((k, float(np.clip((1 - jump) * min(after / full, 1), 0, 1))))
    found = []
    for k, strength in candidates:
        # A rise over two bar lines is one drop, at the steeper of them.
        if any(abs(k - other) <= 2 and steeper > strength for other, steeper in candidates):
            continue
        found.append(Event(float(bars.times[bars.starts[k]]), "drop", round(strength, 3)))
    return found


def _jump(values: np.ndarray, k: int) -> tuple[float, float]:
    """What bars (B,) had just before bar ``k`` as a share of what they have after, and that."""
    after = float(values[k : k + 2].mean())
    before = min(float(values[k - 1]), float(values[max(0, k - 2) : k].mean()))
    return before / max(after, 1e-9), after


# --- build-ups ---


class _BuildUps:
    """Looks for the bars over which loudness, density or brightness rise towards a drop."""

    def __init__(self, bars: _Bars, d: BeatDescriptors) -> None:
        self._bars = bars
        self._curves = (d.loudness, d.onset_density, d.brightness)
        # A whole rise: 8 dB, as many attacks again as are usual, half as bright again.
        density, brightness = float(np.median(d.onset_density)), float(np.median(d.brightness))
        self._wholes = (0.2, max(density, 1.0), 0.5 * brightness)
        self._lows = bars.bar_mean(bars.low)

    def before(self, bar: int) -> tuple[int, float]:
        """The first beat of the build-up that ends where ``bar`` begins, and how it rises."""
        stop = int(self._bars.starts[bar])
        best = (-1.0, stop, 0.0)
        for count in range(1, min(8, bar) + 1):
            first = int(self._bars.starts[bar - count])
            if self._lows[bar - count] > JUMP * self._lows[bar : bar + 2].mean():
                break
            if count < 2:
                continue
            rises = [
                _rise(curve[first:stop], whole)
                for curve, whole in zip(self._curves, self._wholes, strict=True)
            ]
            # Two of the three may do: a roll that is as dense as can be goes on to grow loud.
            rising = float(np.mean(sorted(rises)[1:]))
            score = rising * np.sqrt(stop - first)
            if rising >= RISING and score > best[0]:
                best = (score, first, rising)
        return best[1], best[2]

    def spans(self, drops: Sequence[Event]) -> list[_Span]:
        """The build-ups of drops."""
        found = []
        for drop in drops:
            beat = int(np.searchsorted(self._bars.times, drop.time - 1e-6))
            first, rising = self.before(int(np.searchsorted(self._bars.starts, beat)))
            if rising:
                start = float(self._bars.times[first])
                event = Event(start, "build-up", round(min(rising, 1.0), 3))
                found.append(_Span(event, drop.time))
        return found


def _rise(values: np.ndarray, whole: float) -> float:
    """How steadily values rise with time and how far towards a ``whole`` rise, 0..1."""
    t = np.arange(len(values)) - (len(values) - 1) / 2
    apart = values - values.mean()
    slope = float(apart @ t / (t @ t))
    spread = float(values.std())
    if slope <= 0 or spread < 1e-9:
        return 0.0
    steady = slope * float(np.sqrt((t**2).mean())) / spread
    return steady * min(1.0, slope * len(values) / max(whole, 1e-9))


# --- fills ---


def _fills(
    spec: Spectrum, bars: _Bars, sections: Sequence[Section], taken: Sequence[_Span]
) -> list[Event]:
    """The last beats before a section, where the drums leave what the bars before had there."""
    off, louder = _off_pattern(spec, bars)
    found = []
    for section in sections[1:]:
        stop = int(np.searchsorted(bars.times, section.start - 0.02))
        bar = int(np.searchsorted(bars.starts, stop))
        if bar >= len(bars.starts) or bars.starts[bar] != stop or bar < 3:
            continue
        if any(span.event.time - 0.02 <= section.start <= span.end + 0.02 for span in taken):
            continue
        first = int(bars.starts[bar - 1])
        usual = float(np.percentile(off[bars.starts[max(0, bar - 8)] : first], 35))
        plain = (off[first:stop] > FILL * max(usual, 1.0)) & (louder[first:stop] > QUIETER_DB)
        # A fill runs up to the section; where the whole bar is another it is no fill.
        run = int(np.argmin(plain[::-1])) if not plain.all() else 0
        if run == 0:
            continue
        excess = float(off[stop - run : stop].mean()) / (FILL * max(usual, 1.0))
        found.append(Event(float(bars.times[stop - run]), "fill", round(min(excess / 2, 1.0), 3)))
    return found


def _off_pattern(spec: Spectrum, bars: _Bars) -> tuple[np.ndarray, np.ndarray]:
    """How far the drums of each beat are from those of the bars before, and how much louder.

    Both (n,) in dB: the mean difference over sixteenths and the bands where
    drums are, not voices; and the difference of the level.
    """
    level = np.maximum(spec.mel_db, float(spec.mel_db.max()) - 60.0)
    drums = level[:, DRUM_BANDS].reshape(len(level), -1, 4).mean(axis=2)
    steps = (bars.times[:, None] + bars.period[:, None] * np.arange(4) / 4).ravel()
    # A frame hears what is struck a little later: a beat must not hear the next one's attack.
    grid = np.append(steps, bars.times[-1] + bars.period[-1]) - 0.03
    means = SpanMeans(grid, spec.rate, len(level))
    heard = means(drums).reshape(len(bars.times), -1)
    off, louder = np.zeros(len(heard)), np.zeros(len(heard))
    lengths = np.diff(np.append(bars.starts, len(heard)))
    for bar, (start, length) in enumerate(zip(bars.starts, lengths, strict=True)):
        past = [
            heard[bars.starts[b] : bars.starts[b] + length]
            for b in range(max(0, bar - 8), bar)
            if lengths[b] == length
        ]
        if past:
            # Chords and bass go in rounds of some bars: the bar that is nearest counts.
            change = heard[start : start + length][None] - np.array(past)
            far = np.abs(change).mean(axis=2)
            nearest, beat = far.argmin(axis=0), np.arange(length)
            off[start : start + length] = far[nearest, beat]
            louder[start : start + length] = change.mean(axis=2)[nearest, beat]
    return off, louder


# --- the end ---


def _last_note(spec: Spectrum, beats: Beats) -> list[Event]:
    """The last strong attack, if the song rings out after it and was not faded out before."""
    at = attacks(spec)
    if not len(at):
        return []
    curve = onset_strength(spec)
    frames = np.round((at + ONSET_LAG) * spec.rate).astype(int)
    heights = curve[np.clip(frames, 0, len(curve) - 1)]
    strong = at[heights >= 0.4 * float(np.percentile(heights, 80))]
    if not len(strong):
        return []
    time = float(strong[-1])
    loud = spec.loudness_db
    usual = float(np.percentile(loud, 60))
    frame = int(time * spec.rate)
    struck = loud[frame : frame + max(2, int(0.4 * spec.rate))]
    if len(struck) == 0 or spec.seconds - time < 0.5:
        return []
    level, end = float(struck.max()), float(loud[-max(2, int(0.1 * spec.rate)) :].mean())
    beat = float(np.median(np.diff(beats.times)))
    before = float(np.median(loud[max(0, frame - int(4 * beat * spec.rate)) : max(frame, 1)]))
    # Faded out: the end had been quiet for beats. Cut off: it is still loud.
    if before < usual - 14.0 or level < usual - 14.0 or end > level - 15.0:
        return []
    return [Event(time, "last note", round(float(np.clip(1 + (level - usual) / 20, 0, 1)), 3))]
