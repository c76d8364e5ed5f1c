"""German for the texts of: song."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Song": "Lied",
    "Where the song comes from": "Woher das Lied kommt",
    "Sound Strip": "Tonstreifen",
    "A sound strip of the sequencer: dance where it is heard": (
        "Ein Tonstreifen des Sequencers: getanzt wird, wo er zu hören ist"
    ),
    "File": "Datei",
    "A song file: dance from the scene's first frame on": (
        "Eine Lieddatei: getanzt wird vom ersten Frame der Szene an"
    ),
    "Strip": "Streifen",
    "The sound strip to dance to; empty is what is selected in the Sequencer": (
        "Der Tonstreifen, zu dem getanzt wird; leer ist, was im Sequencer ausgewählt ist"
    ),
    "Song File": "Lieddatei",
    "wav, mp3, flac, m4a or ogg": "wav, mp3, flac, m4a oder ogg",
    "Add Song": "Lied hinzufügen",
    "Add a song to the sequencer at the scene's first frame, to dance to it": (
        "Ein Lied am ersten Frame der Szene in den Sequencer legen, um dazu zu tanzen"
    ),
    "Song to Dance to": "Lied zum Tanzen",
}
