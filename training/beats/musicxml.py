"""Scores in compressed MusicXML: notes, bars, metres and tempi, played once without repeats."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_DYNAMICS = {"ppp": 35, "pp": 45, "p": 58, "mp": 68, "mf": 78, "f": 92, "ff": 105, "fff": 115}


@dataclass
class Score:
    """Times in quarter notes.

    ``notes``: (start, length, part, pitch, velocity). ``bars``: (start, length,
    numerator, denominator). ``tempi``: (start, quarters a minute).
    """

    notes: list[tuple[float, float, int, int, int]] = field(default_factory=list)
    bars: list[tuple[float, float, int, int]] = field(default_factory=list)
    tempi: list[tuple[float, float]] = field(default_factory=list)
    parts: int = 0


def read_musicxml(data: bytes) -> Score:
    """Parse an .mxl file; ValueError where it holds no score in parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [n for n in archive.namelist() if n.endswith(".xml") and "META-INF" not in n]
        if not names:
            raise ValueError("no score in the archive")
        root = ElementTree.fromstring(archive.read(names[0]))
    if root.tag != "score-partwise":
        raise ValueError("not a score in parts")
    score = Score()
    for index, part in enumerate(root.findall("part")):
        _Reader(score, index).read(part)
        score.parts += 1
    score.notes.sort()
    score.tempi = sorted(set(score.tempi))
    return score


class _Reader:
    """One part; the first one also tells bars, as long as its longest voice."""

    def __init__(self, score: Score, part: int) -> None:
        self.score, self.part = score, part
        self.divisions, self.metre, self.velocity = 1.0, (4, 4), 70
        self.tied: dict[int, int] = {}  # pitch -> index of the note that goes on
        self.notes: list[list[float]] = []

    def read(self, part: ElementTree.Element) -> None:
        start = 0.0
        for number, measure in enumerate(part.findall("measure")):
            length = self._measure(measure, start)
            if self.part == 0:
                self.score.bars.append((start, length, *self.metre))
            elif number < len(self.score.bars):
                length = self.score.bars[number][1]
            start += length
        self.score.notes += [(s, n, self.part, int(p), int(v)) for s, n, p, v in self.notes]

    def _measure(self, measure: ElementTree.Element, start: float) -> float:
        now = longest = last = 0.0
        for item in measure:
            if item.tag == "attributes":
                self._attributes(item)
            elif item.tag in ("direction", "sound"):
                self._direction(item, start + now)
            elif item.tag in ("backup", "forward"):
                step = float(item.findtext("duration", "0")) / self.divisions
                now += step if item.tag == "forward" else -step
            elif item.tag == "note" and item.find("grace") is None:
                length = float(item.findtext("duration", "0")) / self.divisions
                if item.find("chord") is None:
                    last = now
                    now += length
                self._note(item, start + last, length)
            longest = max(longest, now)
        return longest

    def _attributes(self, item: ElementTree.Element) -> None:
        if text := item.findtext("divisions"):
            self.divisions = float(text)
        beats, kind = item.findtext("time/beats"), item.findtext("time/beat-type")
        if beats and kind and beats.isdigit():
            self.metre = int(beats), int(kind)

    def _direction(self, item: ElementTree.Element, now: float) -> None:
        sound = item if item.tag == "sound" else item.find("sound")
        if self.part == 0 and sound is not None and (tempo := sound.get("tempo")):
            self.score.tempi.append((now, float(tempo)))
        dynamics = item.find("direction-type/dynamics")
        if dynamics is not None and len(dynamics):
            self.velocity = _DYNAMICS.get(dynamics[0].tag, self.velocity)

    def _note(self, item: ElementTree.Element, start: float, length: float) -> None:
        pitch = item.find("pitch")
        if pitch is None or length <= 0:
            return
        key = 12 * (int(pitch.findtext("octave", "4")) + 1) + _STEPS[pitch.findtext("step", "C")]
        key += round(float(pitch.findtext("alter", "0")))
        ties = {t.get("type") for t in item.findall("tie")}
        if "stop" in ties and key in self.tied:
            note = self.notes[self.tied[key]]
            note[1] = start + length - note[0]
        else:
            self.tied[key] = len(self.notes)
            self.notes.append([start, length, key, self.velocity])
        if "start" not in ties:
            self.tied.pop(key, None)
