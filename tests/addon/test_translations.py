"""German and Japanese are complete: every text on the screen has an entry, and Blender finds it."""

from __future__ import annotations

import re

import pytest

bpy = pytest.importorskip("bpy")

import screen_texts

from blender_addon.ui.i18n import ja, translations

pytestmark = pytest.mark.blender


def test_the_reader_of_texts_finds_them(registered):
    found = screen_texts.all_texts()
    assert {"Generate Dance", "Energy", "Every Beat", "A song becomes a dance:"} <= found
    assert {"{} left", "Shift Bars", "Tempo", "Dancing", "Add a song"} <= found
    assert len(found) > 150


LANGUAGES = sorted(translations.LANGUAGES)
EXAMPLES = {
    "de_DE": ("Energie", "Tanz erzeugen"),
    "ja_JP": ("エネルギー", "ダンスを生成"),
}
"""*Energy* and, of an operator, *Generate Dance*."""


def test_german_and_japanese_are_there():
    assert sorted(EXAMPLES) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(registered, language):
    missing = sorted(screen_texts.all_texts() - set(translations.LANGUAGES[language]))
    assert not missing, f"add these to blender_addon/ui/i18n/{language[:2]}/: {missing}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_is_not_shown(registered, language):
    stale = sorted(set(translations.LANGUAGES[language]) - screen_texts.all_texts())
    assert not stale, f"take these out of blender_addon/ui/i18n/{language[:2]}/: {stale}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_whole(language):
    for text, to in translations.LANGUAGES[language].items():
        assert to.strip() == to and to, text
        # What is filled in must be there, and tooltips have no full stop at their end.
        assert re.findall(r"\{\w*\}", text) == re.findall(r"\{\w*\}", to), text
        assert text.endswith(".") == to.endswith((".", "。")), text


def test_japanese_is_written_in_japanese():
    """But for names and kinds of files, which are the same everywhere."""
    kana = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    latin = {text for text, to in ja.TEXTS.items() if not kana.search(to)}
    assert latin <= _THE_SAME, latin
    assert not any("ß" in to or "ü" in to for to in ja.TEXTS.values())


_THE_SAME = {"Core ML", "Mixamo", "Unreal", "Unity", "CMU", "wav, mp3, flac, m4a or ogg"}
_THE_SAME |= {"1920 by 1080", "1080 by 1920", "1080 by 1080"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_blender_looks_them_up(registered, language):
    """In Blender's own language; a bpy without languages keeps English."""
    view = bpy.context.preferences.view
    known = bpy.app.translations.locales
    names = [name for name in (language, language[:2]) if name in known]
    if not names:
        pytest.skip("this bpy was built without languages")
    before = view.language
    view.language = names[0]
    try:
        view.use_translate_interface = True
        energy, generate = EXAMPLES[language]
        assert bpy.app.translations.pgettext_iface("Energy") == energy
        assert bpy.app.translations.pgettext_iface("Generate Dance", "Operator") == generate
    finally:
        view.language = before


def test_registered_again_after_leaving(registered):
    translations.unregister()
    translations.register()
