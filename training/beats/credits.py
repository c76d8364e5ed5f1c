"""Where the training material comes from; every model's contract and card repeat it."""

from __future__ import annotations

CREDITS: tuple[dict[str, str], ...] = (
    {
        "name": "Composed songs",
        "licence": "Apache-2.0",
        "credit": "training/beats/compose.py of Audio2Pose",
        "url": "",
    },
    {
        "name": "Groove MIDI Dataset",
        "licence": "CC BY 4.0",
        "credit": "Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck, David Bamman, "
        '"Learning to Groove with Inverse Sequence Transformations", ICML 2019; Google LLC. '
        "Changes: harmony composed under the drumming, rendered to sound.",
        "url": "https://magenta.tensorflow.org/datasets/groove",
    },
    {
        "name": "OpenScore Lieder Corpus",
        "licence": "CC0-1.0",
        "credit": "OpenScore; M. Gotham, P. Jonas, 2022",
        "url": "https://github.com/OpenScore/Lieder",
    },
    {
        "name": "OpenScore String Quartets",
        "licence": "CC0-1.0",
        "credit": "OpenScore",
        "url": "https://github.com/OpenScore/StringQuartets",
    },
    {
        "name": "Freedoom's music",
        "licence": "BSD-3-Clause",
        "credit": "Contributors to the Freedoom project",
        "url": "https://freedoom.github.io",
    },
    {
        "name": "MuseScore_General (soundfont)",
        "licence": "MIT",
        "credit": "S. Christian Collins; after FluidR3 by Frank Wen and Michael Cowgill",
        "url": "https://musescore.org/en/handbook/soundfonts-and-sfz-files",
    },
    {
        "name": "FluidR3_GM (soundfont)",
        "licence": "MIT",
        "credit": "Frank Wen",
        "url": "https://packages.debian.org/fluid-soundfont-gm",
    },
)
