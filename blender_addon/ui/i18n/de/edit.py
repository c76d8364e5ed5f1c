"""German for the texts of: edit."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Edit Bone Map": "Knochenliste bearbeiten",
    "Write the bones that were found into a list that can be edited": (
        "Die gefundenen Knochen in eine Liste schreiben, die sich bearbeiten lässt"
    ),
    "Detect Bone Map Again": "Knochenliste neu erkennen",
    "Forget the edited list and find the bones by their names and places again": (
        "Die bearbeitete Liste verwerfen und die Knochen wieder nach Namen und Lage finden"
    ),
    "Add Bone to Map": "Knochen zur Liste hinzufügen",
    "Add one more bone to the spine or to the neck, above those there are": (
        "Der Wirbelsäule oder dem Hals über den vorhandenen noch einen Knochen geben"
    ),
    "Clear Bone of Map": "Knochen der Liste leeren",
    "Let the chosen part have no bone; its turn is folded into its neighbours": (
        "Den gewählten Teil ohne Knochen lassen; seine Drehung geht auf die Nachbarn über"
    ),
    "Take": "Take",
    "Empty is the one chosen in the list": "Leer ist der in der Liste gewählte",
    "Others": "Andere",
    "Delete all takes but this one and those that are marked to be kept": (
        "Alle Takes löschen außer diesem und denen, die behalten werden sollen"
    ),
    "What": "Was",
    "Selected Keys": "Ausgewählte Keyframes",
    "The keys that are selected in the Dope Sheet or the Graph Editor": (
        "Die Keyframes, die im Dope Sheet oder Graph Editor ausgewählt sind"
    ),
    "The selected bones over the whole take": "Die ausgewählten Knochen über den ganzen Take",
    "All bones in the bars that are set for Regenerate": (
        "Alle Knochen in den Takten, die zum Neuerzeugen eingestellt sind"
    ),
    "All bones in the preview range": "Alle Knochen im Vorschaubereich",
    "Chosen Row": "Gewählte Zeile",
    "The lock that is chosen in the list": "Die Sperre, die in der Liste gewählt ist",
    "Everything": "Alles",
    "All locks of this take": "Alle Sperren dieses Takes",
}
