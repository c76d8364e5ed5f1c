"""German for the texts of: crew."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Crew": "Gruppe",
    "Make Dance Crew": "Tanzgruppe bilden",
    "Make Crew": "Gruppe bilden",
    "Add dancers around this one: in formations, together, in canon, or by turns": (
        "Um diesen Tänzer weitere stellen: in Aufstellungen, gemeinsam, im Kanon oder abwechselnd"
    ),
    "Make Crowd": "Menge bilden",
    "Fill the ground around the selected dancers with copies of them that need no keys": (
        "Den Platz um die ausgewählten Tänzer mit Kopien füllen, die keine Keyframes brauchen"
    ),
    "Crowd": "Menge",
    "Total dancers of the crowd, including those that are there": (
        "Alle Tänzer der Menge, auch die, die schon da sind"
    ),
    "Dancers": "Tänzer",
    "Total dancers, including this one": "Alle Tänzer, auch dieser",
    "Timing": "Ablauf",
    "Who dances what, and when": "Wer was wann tanzt",
    "Together": "Gemeinsam",
    "All dance the same at the same time": "Alle tanzen dasselbe zur selben Zeit",
    "Canon": "Kanon",
    "Each begins a little after the one before": "Jeder beginnt etwas nach dem vorigen",
    "Call and Answer": "Ruf und Antwort",
    "Half of them dance eight counts, and the others answer with them": (
        "Die Hälfte tanzt acht Zählzeiten, und die anderen antworten mit ihnen"
    ),
    "Own Dances": "Eigene Tänze",
    "Each has a dance of its own to the same song": (
        "Jeder hat einen eigenen Tanz zum selben Lied"
    ),
    "Offset": "Versatz",
    "Delay between dancers, in beats": "Verzögerung zwischen den Tänzern, in Schlägen",
    "Mirrored": "Gespiegelt",
    "Those on the right dance the mirror image": "Wer rechts steht, tanzt das Spiegelbild",
    "Bar": "Takt",
    "Formation": "Aufstellung",
    "How the crew stands at first": "Wie die Gruppe anfangs steht",
    "How the crew stands from this bar on": "Wie die Gruppe von diesem Takt an steht",
    "The formation stands on the first beat of this bar": (
        "Die Aufstellung steht auf dem ersten Schlag dieses Takts"
    ),
    "Change of Formation": "Wechsel der Aufstellung",
    "Later Formations": "Spätere Aufstellungen",
    "From Sections": "Aus den Abschnitten",
    "Give each section of the song a formation of its own; sections that return get theirs back": (
        "Jedem Abschnitt des Liedes eine eigene Aufstellung geben; wiederkehrende bekommen ihre "
        "zurück"
    ),
    "Add Formation": "Aufstellung hinzufügen",
    "Let the crew change its formation at another bar": (
        "Die Gruppe in einem weiteren Takt die Aufstellung wechseln lassen"
    ),
    "Remove Formation": "Aufstellung entfernen",
    "Take this change of formation out": "Diesen Wechsel der Aufstellung herausnehmen",
    "Line": "Reihe",
    "Side by side": "Nebeneinander",
    "V": "V",
    "The first in front, the others behind to the left and right": (
        "Der erste vorn, die anderen dahinter links und rechts"
    ),
    "Circle": "Kreis",
    "In a ring, the first nearest to the audience; all face the front": (
        "Im Ring, der erste dem Publikum am nächsten; alle schauen nach vorn"
    ),
    "Rows": "Reihen",
    "One row behind the other, everybody in a gap": (
        "Eine Reihe hinter der anderen, jeder in einer Lücke"
    ),
    "Scattered": "Verstreut",
    "Without a pattern, with room for everybody": "Ohne Muster, mit Platz für alle",
    "Along a Curve": "Entlang einer Kurve",
    "Along a curve that you draw": "Entlang einer Kurve, die du zeichnest",
    "Curve": "Kurve",
    "The curve that the crew stands along; the first dancer keeps its place": (
        "Die Kurve, an der die Gruppe steht; der erste Tänzer bleibt an seinem Platz"
    ),
    "Spacing": "Abstand",
    "Between neighbours; wider where they would touch each other": (
        "Zwischen Nachbarn; größer, wo sie einander berühren würden"
    ),
}
