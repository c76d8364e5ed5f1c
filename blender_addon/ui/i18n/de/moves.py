"""German for the texts of: loops and moves."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Loops and Moves": "Schleifen und Moves",
    "Loop": "Schleife",
    "What goes round": "Was sich wiederholt",
    "This Take": "Dieser Take",
    "The bars of the take that is played, closed to a cycle": (
        "Die Takte des gespielten Takes, zu einem Kreis geschlossen"
    ),
    "New Dance": "Neuer Tanz",
    "A new dance to these bars of the song, by the dance settings": (
        "Ein neuer Tanz zu diesen Takten des Lieds, nach den Tanzeinstellungen"
    ),
    "The first bar of the loop or the move": "Der erste Takt der Schleife oder des Moves",
    "The last bar of the loop or the move": "Der letzte Takt der Schleife oder des Moves",
    "Root Motion": "Wurzelbewegung",
    "The dancer travels on by the same way each time around; off stays in place": (
        "Der Tänzer kommt bei jedem Durchlauf um dasselbe Stück weiter; aus bleibt er am Ort"
    ),
    "Whole Frames": "Ganze Bilder",
    "Round the period to whole frames, for game engines; off keeps exactly to the song's tempo": (
        "Die Dauer auf ganze Bilder runden, für Spiele-Engines; aus hält sie das Tempo des Lieds "
        "genau"
    ),
    "Name": "Name",
    "The name of the move; empty is made of its style and bars": (
        "Der Name des Moves; leer wird er aus Stil und Takten gebildet"
    ),
    "Save the move of the selected bones only": "Nur die ausgewählten Knochen speichern",
    "Move": "Move",
    "The move to use; those of the Asset Browser are used from there": (
        "Der Move, der verwendet wird; die des Asset-Browsers werden von dort verwendet"
    ),
    "Use the mirror image of the move": "Das Spiegelbild des Moves verwenden",
    "Follow the Beats": "Den Schlägen folgen",
    "Stretch the move from beat to beat of this song; off keeps its own tempo": (
        "Den Move von Schlag zu Schlag dieses Lieds strecken; aus behält er sein eigenes Tempo"
    ),
    "Way In and Out": "Weg hinein und hinaus",
    "Beats before and after the move that are danced anew to lead into it": (
        "Schläge vor und nach dem Move, die neu getanzt werden und in ihn führen"
    ),
    "Make Dance Loop": "Tanzschleife bilden",
    "Make a seamless loop of the chosen bars, as a new take that goes round for ever": (
        "Aus den gewählten Takten eine nahtlose Schleife bilden, als neuen Take ohne Ende"
    ),
    "Save as Dance Move": "Als Move speichern",
    "Save the chosen bars of this take as a move in the Asset Browser": (
        "Die gewählten Takte dieses Takes als Move im Asset-Browser speichern"
    ),
    "Use Dance Move Here": "Move hier verwenden",
    "Lay a move into this take at the playhead; the network dances into and out of it": (
        "Einen Move am Abspielkopf in diesen Take legen; das Netz tanzt hinein und hinaus"
    ),
    "Copy Dance Move to Library": "Move in Bibliothek kopieren",
    "Write the chosen move into an asset library, so that every file can use it": (
        "Den gewählten Move in eine Asset-Bibliothek schreiben, damit ihn jede Datei hat"
    ),
    "Library": "Bibliothek",
    "Add Dance Moves Library": "Bibliothek der Moves hinzufügen",
    "Add the moves that come with Audio2Pose to the asset libraries of the preferences": (
        "Die Moves, die mit Audio2Pose kommen, zu den Asset-Bibliotheken der Einstellungen "
        "hinzufügen"
    ),
    "One of the asset libraries of the preferences": (
        "Eine der Asset-Bibliotheken aus den Einstellungen"
    ),
    "Choose a move first, or save one with Save as Move": (
        "Erst einen Move wählen oder einen mit Als Move speichern anlegen"
    ),
    "Add an asset library in the preferences, File Paths": (
        "In den Einstellungen unter Dateipfade eine Asset-Bibliothek anlegen"
    ),
    "Use My Moves": "Meine Moves verwenden",
    "Phrases of the dance that return are moves of this file that have the dance's style": (
        "Wiederkehrende Phrasen des Tanzes sind Moves dieser Datei im Stil des Tanzes"
    ),
    "Tag": "Schlagwort",
    "Only moves with this tag of the Asset Browser; empty is all of them": (
        "Nur Moves mit diesem Schlagwort des Asset-Browsers; leer sind es alle"
    ),
}
