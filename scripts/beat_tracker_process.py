"""Runs in the environment of another project's tracker; see beat_trackers.py.

A line with a wav file's path on standard input is answered by a line of json.
"""

import collections
import collections.abc
import json
import sys
import time


def _as_old_packages_expect():
    """Names that Python and numpy dropped since madmom 0.16.1."""
    import numpy as np

    for name in ("MutableSequence", "Sequence", "Mapping", "MutableMapping", "Iterable"):
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    for name, kind in (("float", float), ("int", int), ("bool", bool), ("object", object)):
        if name not in np.__dict__:
            setattr(np, name, kind)


def _essentia():
    import essentia.standard as es

    def run(path):
        samples = es.MonoLoader(filename=path, sampleRate=44100)()
        beats = es.RhythmExtractor2013(method="multifeature")(samples)[1]
        return beats, None

    return run


def _madmom():
    _as_old_packages_expect()
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

    network = RNNDownBeatProcessor()
    decoder = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)

    def run(path):
        found = decoder(network(path))
        return found[:, 0], found[found[:, 1] == 1, 0]

    return run


def _beatnet():
    _as_old_packages_expect()
    import types

    # Its module opens the microphone; offline it needs neither.
    sys.modules.setdefault("pyaudio", types.ModuleType("pyaudio"))
    from BeatNet.BeatNet import BeatNet

    tracker = BeatNet(1, mode="offline", inference_model="DBN", plot=[], thread=False)

    def run(path):
        found = tracker.process(path)
        return found[:, 0], found[found[:, 1] == 1, 0]

    return run


def main(name):
    def say(**record):
        print(json.dumps({"tracker": name, **record}), flush=True)

    try:
        run = {"essentia": _essentia, "madmom": _madmom, "beatnet": _beatnet}[name]()
    # Whatever it is, it is told to the one who asked.
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}")
        return
    say(ready=True)
    for line in sys.stdin:
        started = time.process_time()
        try:
            beats, downbeats = run(line.rstrip("\n"))
        except Exception as error:
            say(error=f"{type(error).__name__}: {error}")
            continue
        say(
            beats=[float(t) for t in beats],
            downbeats=None if downbeats is None else [float(t) for t in downbeats],
            seconds=time.process_time() - started,
        )


if __name__ == "__main__":
    main(sys.argv[1])
