"""The add-on's words in other languages, for Blender's own translation.

Each language has a package of its own, ``de`` for one, with a module for each part of the panels:
a dict from the English text to its translation. A test asks that every text has an entry.
"""

from __future__ import annotations

import bpy

from . import de, ja

CONTEXTS = ("*", "Operator")
"""Blender looks up labels of operators in a context of their own."""

LANGUAGES = {"de_DE": de.TEXTS, "ja_JP": ja.TEXTS}


def register() -> None:
    """Add the languages."""
    bpy.app.translations.register(
        __package__,
        {
            language: {(context, text): to for text, to in words.items() for context in CONTEXTS}
            for language, words in LANGUAGES.items()
        },
    )


def unregister() -> None:
    """Take the languages away."""
    bpy.app.translations.unregister(__package__)
