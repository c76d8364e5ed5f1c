"""German for the texts of: crew."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Crew": "Gruppe",
    "Make Dance Crew": "Tanzgruppe bilden",
    "Make Crew": "Gruppe bilden",
    "Add dancers around this one who dance its dance, mirrored and in canon": (
        "Um diesen Tänzer weitere stellen, die seinen Tanz tanzen, gespiegelt und im Kanon"
    ),
    "Dancers": "Tänzer",
    "Total dancers, including this one": "Tänzer insgesamt, dieser eingeschlossen",
    "Canon": "Kanon",
    "Delay between dancers, in beats": "Verzögerung von Tänzer zu Tänzer, in Schlägen",
    "Mirrored": "Gespiegelt",
    "Those on the right dance the mirror image": "Wer rechts steht, tanzt das Spiegelbild",
    "Formation": "Aufstellung",
    "How the crew stands": "Wie die Gruppe steht",
    "Line": "Reihe",
    "Side by side": "Nebeneinander",
    "V": "V",
    "The first in front, the others behind to the left and right": (
        "Der erste vorn, die anderen dahinter links und rechts"
    ),
    "Spacing": "Abstand",
    "Between neighbours; wider where they would touch each other": (
        "Zwischen Nachbarn; größer, wo sie einander berühren würden"
    ),
}
