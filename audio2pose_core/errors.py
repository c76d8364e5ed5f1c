"""Every error that Audio2Pose raises on purpose.

A message says what happened, to which file, and what to do next. The command
line prints the message alone and exits with ``exit_code``; a traceback means a
bug in Audio2Pose.
"""

from __future__ import annotations


class Audio2PoseError(Exception):
    """Root of all deliberate errors."""

    exit_code = 2


class AudioError(Audio2PoseError):
    """A song that is missing, unreadable, silent or too short."""


class MotionError(Audio2PoseError):
    """A motion file or array that is malformed or does not fit the skeleton."""


class ModelError(Audio2PoseError):
    """A model file whose hash or contract does not fit this program."""


class DataError(Audio2PoseError):
    """A dataset file (beats, index, list, pickle) that cannot be used."""


class OptionError(Audio2PoseError):
    """An option or argument with a value that cannot be used."""


class OutputError(Audio2PoseError):
    """An output that cannot be written."""


class RigError(Audio2PoseError):
    """An armature that lacks the bones a dance needs."""


class Cancelled(Audio2PoseError):
    """The user asked to stop; nothing was written."""

    exit_code = 130
