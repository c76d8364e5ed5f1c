"""German for the texts of: a dance from a clip."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Dance from a Clip": "Tanz aus einem Clip",
    "Dance from Clip": "Aus Clip tanzen",
    "Make a take that begins with the clip, on the dancer, and dances on to the song": (
        "Einen Take erzeugen, der mit dem Clip beginnt und zum Lied weitertanzt"
    ),
    "Choose a clip, or import one": "Einen Clip auswählen oder importieren",
    "Import Clip": "Clip importieren",
    "Bring a BVH, FBX or glTF file in by Blender's own importer and choose it as the clip": (
        "Eine BVH-, FBX- oder glTF-Datei mit Blenders Importer laden und als Clip auswählen"
    ),
    "Clip": "Clip",
    "The armature whose animation is the clip; imported, or any that dances": (
        "Die Armatur, deren Animation der Clip ist; importiert oder eine, die tanzt"
    ),
    "On the Beat": "Auf dem Beat",
    "Lay the clip's own pulse on the song's beats; it plays a little faster or slower": (
        "Den Puls des Clips auf die Beats des Lieds legen; er läuft etwas schneller oder langsamer"
    ),
    "Vary": "Variieren",
    "Keep the clip's poses on every so manieth beat and dance anew between them; "
    "0 keeps all of the clip": (
        "Die Posen des Clips auf jedem wievielten Beat behalten und dazwischen neu tanzen; "
        "0 behält den ganzen Clip"
    ),
}
