"""German is complete: every text on the screen has an entry, and Blender finds it."""

from __future__ import annotations

import re

import pytest

bpy = pytest.importorskip("bpy")

import screen_texts

from blender_addon.ui.i18n import de, translations

pytestmark = pytest.mark.blender


def test_the_reader_of_texts_finds_them(registered):
    found = screen_texts.all_texts()
    assert {"Generate Dance", "Energy", "Every Beat", "A song becomes a dance:"} <= found
    assert {"{} left", "Shift Bars", "Tempo", "Dancing", "Add a song"} <= found
    assert len(found) > 150


def test_every_text_is_translated(registered):
    missing = sorted(screen_texts.all_texts() - set(de.TEXTS))
    assert not missing, f"add these to blender_addon/ui/i18n/de/: {missing}"


def test_nothing_is_translated_that_is_not_shown(registered):
    stale = sorted(set(de.TEXTS) - screen_texts.all_texts())
    assert not stale, f"take these out of blender_addon/ui/i18n/de/: {stale}"


def test_translations_are_whole():
    for text, to in de.TEXTS.items():
        assert to.strip() == to and to, text
        # What is filled in must be there, and tooltips have no full stop at their end.
        assert re.findall(r"\{\w*\}", text) == re.findall(r"\{\w*\}", to), text
        assert text.endswith(".") == to.endswith("."), text


def test_blender_looks_them_up(registered):
    """In Blender's German; a bpy without languages keeps English."""
    view = bpy.context.preferences.view
    languages = bpy.app.translations.locales
    if "de_DE" not in languages and "de" not in languages:
        pytest.skip("this bpy was built without languages")
    before = view.language
    view.language = "de_DE" if "de_DE" in languages else "de"
    try:
        view.use_translate_interface = True
        assert bpy.app.translations.pgettext_iface("Energy") == "Energie"
        assert bpy.app.translations.pgettext_iface("Generate Dance", "Operator") == "Tanz erzeugen"
    finally:
        view.language = before


def test_registered_again_after_leaving(registered):
    translations.unregister()
    translations.register()
