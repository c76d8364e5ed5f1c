"""Sound files of many kinds for the tests, encoded by PyAV: no ffmpeg program is needed."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

CODECS = {
    ".mp3": "libmp3lame", ".m4a": "aac", ".aac": "aac", ".opus": "libopus", ".webm": "libopus",
    ".wma": "wmav2", ".mka": "libopus", ".mp4": "aac", ".mkv": "aac", ".mov": "aac", ".avi": "mp2",
    ".mp2": "mp2", ".ac3": "ac3", ".wv": "wavpack", ".tta": "tta", ".oga": "flac", ".caf": "alac",
}  # fmt: skip
VIDEOS = (".mp4", ".mkv", ".mov", ".avi")


def encode(path: Path, samples: np.ndarray, rate: int = 48000, **options: object) -> Path:
    """Write (N,) or (N, 2) samples as the suffix says, beside a picture where that is a video's.

    ``options`` go to the container's writer. Without a picture: ``picture=False``; an mp3 of
    variable bit rate: ``quality=4``.
    """
    suffix = path.suffix.lower()
    picture = options.pop("picture", suffix in VIDEOS)
    quality = options.pop("quality", None)
    rows = samples[:, None] if samples.ndim == 1 else samples
    layout = "mono" if rows.shape[1] == 1 else "stereo"
    with av.open(str(path), "w", options={k: str(v) for k, v in options.items()}) as out:
        settings = {"strict": "experimental"}
        if quality is not None:  # 118: FFmpeg's steps in one of LAME's
            settings |= {"flags": "+qscale", "global_quality": str(int(str(quality)) * 118)}
        sound = out.add_stream(CODECS[suffix], rate=rate, layout=layout, options=settings)
        if quality is None:
            sound.bit_rate = 128000
        if picture:
            _add_picture(out, len(rows) / rate)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(rows.T, np.float32), format="fltp", layout=layout
        )
        frame.sample_rate, frame.pts = rate, 0
        if not sound.codec_context.is_open:
            sound.codec_context.open()
        as_taken = av.AudioResampler(
            format=sound.codec_context.format.name,
            layout=layout,
            rate=rate,
            frame_size=sound.codec_context.frame_size or 4096,
        )
        for piece in [*as_taken.resample(frame), *as_taken.resample(None)]:
            out.mux(sound.encode(piece))
        out.mux(sound.encode(None))
    return path


def _add_picture(out: av.container.OutputContainer, seconds: float) -> None:
    """A grey film of 10 pictures a second."""
    film = out.add_stream("mpeg4", rate=10)
    film.width = film.height = 32
    film.pix_fmt = "yuv420p"
    for _ in range(round(10 * seconds)):
        grey = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 128, np.uint8), format="rgb24")
        out.mux(film.encode(grey))
    out.mux(film.encode(None))
