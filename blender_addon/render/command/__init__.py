"""The command ``audio2pose render``: a song in, a video of a dance out.

It is part of the wheel and of a checkout, never of the packaged extension, and so the
one part of the add-on that imports ``audio2pose_core`` by its name.
"""
