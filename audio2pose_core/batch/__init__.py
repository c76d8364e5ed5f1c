"""A folder of songs, a video each: one ``scripts/render.py`` a song, in a process of its own.

``songs`` finds them and names their outputs, ``options`` and ``job_file`` say how each is
rendered, ``record`` knows what is finished, ``runner`` works, ``report`` tells.
"""
