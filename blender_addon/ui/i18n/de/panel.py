"""German for the texts of: panel."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "A song becomes a dance:": "Aus einem Lied wird ein Tanz:",
    "Add a song": "Ein Lied hinzufügen",
    "Press Generate Dance": "„Tanz erzeugen“ drücken",
    "Play, and change any key by hand": "Abspielen und jeden Keyframe von Hand ändern",
    "Generate Dance": "Tanz erzeugen",
    "Dance": "Tanz",
    "Generate": "Erzeugen",
    "Song and Beats": "Lied und Schläge",
    "Edit and Regenerate": "Bearbeiten und neu erzeugen",
    "Make a dance to the song and write it as keys on the dancer": (
        "Zum Lied einen Tanz erzeugen und ihn als Keyframes auf den Tänzer schreiben"
    ),
    "Try Three Seeds": "Drei Startwerte versuchen",
    "Make three dances with three seeds and show them side by side, to choose one by eye": (
        "Drei Tänze mit drei Startwerten erzeugen und nebeneinander zeigen, zur Wahl nach Augenmaß"
    ),
    "Cancel": "Abbrechen",
    "Stop the job that is running; nothing is changed": (
        "Den laufenden Auftrag abbrechen; nichts wird geändert"
    ),
    "{} left": "noch {}",
    "A job is running; cancel it or wait": "Ein Auftrag läuft; abbrechen oder abwarten",
    "No job is running": "Kein Auftrag läuft",
    "Starting": "Beginnt",
    "Reading the song": "Liest das Lied",
    "Loading the model": "Lädt das Modell",
    "Listening": "Hört zu",
    "Finding the beats": "Sucht die Schläge",
    "Dancing": "Tanzt",
    "Fixing foot contacts": "Fixiert den Bodenkontakt",
    "Reducing keys": "Reduziert Keyframes",
    "A rough dance is in view: play it": "Ein roher Tanz ist zu sehen: abspielen",
}
