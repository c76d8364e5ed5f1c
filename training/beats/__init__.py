"""Training of the beat network: compose and render songs, train, export, measure.

See docs/TRAINING.md, "The beat network". Needs torch; rendering scores needs the
fluidsynth library and soundfonts.
"""
