"""The loader of preprocessed AIST++ clips, under the name that users know.

It lives in ``data.aistpp.loader``; ``from audio2pose_core.data.loader import load_single_sample``
stays as it was.
"""

from .aistpp.loader import *  # noqa: F403
