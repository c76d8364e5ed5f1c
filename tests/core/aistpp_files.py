"""Small AIST++ files for tests: pickles of a swaying figure, and videos that click."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

from audio2pose_core.data.aistpp.names import FPS, parse_name

FIGURE = np.array(
    [
        [0, 165, 8], [3, 168, 6], [-3, 168, 6], [7, 166, 0], [-7, 166, 0], [18, 145, 0],
        [-18, 145, 0], [22, 118, 0], [-22, 118, 0], [24, 94, 5], [-24, 94, 5], [10, 92, 0],
        [-10, 92, 0], [11, 50, 2], [-11, 50, 2], [11, 9, 0], [-11, 9, 0],
    ],
    np.float32,
)  # fmt: skip
"""COCO's 17 joints of somebody who stands, centimetres."""


def keypoints(frames: int) -> np.ndarray:
    """(T, 17, 3) float32: the figure sways and lifts its wrists."""
    time = np.arange(frames)[:, None] / FPS
    out = np.repeat(FIGURE[None], frames, axis=0)
    out[:, :, 0] += 6 * np.sin(2 * np.pi * time)
    out[:, 9:11, 1] += 20 + 20 * np.sin(4 * np.pi * time)
    return out.astype(np.float32)


def write_pickle(folder: Path, name: str, points: np.ndarray | None = None) -> Path:
    """keypoints3d/<cAll name>.pkl of two seconds, or of ``points``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{parse_name(name).motion}.pkl"
    points = keypoints(120) if points is None else points
    content = {"keypoints3d": points - 0.1, "keypoints3d_optim": points}
    path.write_bytes(pickle.dumps(content, 4))
    return path


def clicks(seconds: float, bpm: float, rate: int) -> np.ndarray:
    """(N,) float32: a click a beat over a soft tone."""
    time = np.arange(int(seconds * rate)) / rate
    since = np.mod(time, 60.0 / bpm)
    click = np.exp(-60 * since) * np.sin(2 * np.pi * 1000 * since)
    return (0.6 * click + 0.02 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def write_video(
    folder: Path,
    name: str,
    seconds: float = 2.0,
    *,
    fps: int = 60,
    bpm: float | None = None,
    sound: bool = True,
    rate: int = 44100,
) -> Path:
    """<name>.mp4 with a tiny picture and AAC clicks at the tempo that the name promises."""
    import av

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.mp4"
    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=fps)
        picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
        voice = out.add_stream("aac", rate=rate) if sound else None
        for i in range(round(seconds * fps)):
            image = np.full((32, 32, 3), 40 + i % 100, np.uint8)
            for packet in picture.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                out.mux(packet)
        for packet in picture.encode(None):
            out.mux(packet)
        if voice is not None:
            samples = clicks(seconds, bpm or parse_name(name).tempo_bpm or 120.0, rate)
            for low in range(0, len(samples), 1024):
                block = np.stack([samples[low : low + 1024]] * 2)
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = rate, low
                for packet in voice.encode(frame):
                    out.mux(packet)
            for packet in voice.encode(None):
                out.mux(packet)
    return path
