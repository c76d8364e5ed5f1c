"""German for the texts of: takes."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Length": "Länge",
    "Seconds": "Sekunden",
    "Made": "Erstellt",
    "About This Take": "Über diesen Take",
    "Delete Others": "Andere löschen",
    "Delete": "Löschen",
    "{} takes are deleted; this one and those with a shield stay": (
        "{} Takes werden gelöscht; dieser und die mit Schild bleiben"
    ),
    "Takes": "Takes",
    "Name": "Name",
    "Double-click to rename": "Doppelklick zum Umbenennen",
    "Keep": "Behalten",
    "Delete Others leaves this take alone": "„Andere löschen“ lässt diesen Take in Ruhe",
    "Play Take": "Take tanzen",
    "Dance this take; the one before stays on its muted NLA track": (
        "Diesen Take tanzen; der vorige bleibt auf seiner stummen NLA-Spur"
    ),
    "Compare": "Vergleichen",
    "Compare with Last Take": "Mit vorigem Take vergleichen",
    "Back to the take that was danced before this one; again to return": (
        "Zurück zum Take, der vor diesem getanzt wurde; noch einmal führt hierher"
    ),
    "Show Take Beside": "Take daneben zeigen",
    "Show Beside": "Daneben zeigen",
    "Show the chosen take, or the one before, on a copy beside the dancer; again to remove it": (
        "Den gewählten Take, oder den davor, auf einer Kopie neben dem Tänzer zeigen; "
        "noch einmal, um sie zu entfernen"
    ),
    "Follow Tempo": "Tempo folgen",
    "Stretch this take beat to beat to its song, whose tempo or beats changed, as a new take": (
        "Diesen Take Schlag für Schlag auf sein Lied strecken, dessen Tempo oder Schläge sich "
        "geändert haben, als neuen Take"
    ),
    "Choose Take": "Take wählen",
    "Dance this one of the takes that are shown side by side, and take the copies away": (
        "Diesen der nebeneinander gezeigten Takes tanzen und die Kopien entfernen"
    ),
    "Delete Take": "Take löschen",
    "Delete this take with its action; Undo brings it back": (
        "Diesen Take samt Action löschen; Rückgängig holt ihn zurück"
    ),
    "Load Take Settings": "Take-Einstellungen laden",
    "Set style, seed and all the rest as they were for this take: Generate makes it again": (
        "Stil, Startwert und alles andere wie bei diesem Take einstellen: Erzeugen macht ihn noch "
        "einmal"
    ),
    "Add Corrections Layer": "Korrekturebene hinzufügen",
    "Corrections": "Korrekturen",
    "Lay a layer on the take and open it: keys that you set, auto-keys too, are added to it": (
        "Eine Ebene auf den Take legen und öffnen: gesetzte und automatische Keyframes kommen dazu"
    ),
    "No takes yet; generate a dance first": "Noch keine Takes; zuerst einen Tanz erzeugen",
    "Its action was deleted": "Seine Action wurde gelöscht",
    "Cannot be read": "Nicht lesbar",
    "Regenerate": "Neu erzeugen",
    "Regenerate Dance": "Tanz neu erzeugen",
    "Lock Dance": "Tanz sperren",
    "Unlock Dance": "Tanz entsperren",
    "Generate the chosen bars, or bones, again as a new take; your own keys stay": (
        "Die gewählten Takte oder Knochen neu erzeugen, als neuen Take; eigene Keyframes bleiben"
    ),
    "-1 draws a new one": "-1 zieht einen neuen",
    "Bars": "Takte",
    "Regenerate only these bars": "Nur diese Takte neu erzeugen",
    "From Bar": "Von Takt",
    "The first bar that is regenerated": "Der erste Takt, der neu erzeugt wird",
    "To Bar": "Bis Takt",
    "The last bar that is regenerated": "Der letzte Takt, der neu erzeugt wird",
    "Selected Bones": "Ausgewählte Knochen",
    "Regenerate only the selected bones": "Nur die ausgewählten Knochen neu erzeugen",
    "Keep My Edits": "Eigene Änderungen behalten",
    "Keys that were changed, added or deleted by hand stay, and the new motion passes through "
    "them": (
        "Von Hand geänderte, gesetzte oder gelöschte Keyframes bleiben; die neue Bewegung führt "
        "durch sie hindurch"
    ),
    "Lock": "Sperren",
    "Lock keys, bones or a range: Regenerate leaves them as they are": (
        "Keyframes, Knochen oder einen Bereich sperren: Neu erzeugen lässt sie, wie sie sind"
    ),
    "Unlock": "Entsperren",
    "Unlock keys, bones, a range, or everything": (
        "Keyframes, Knochen, einen Bereich oder alles entsperren"
    ),
    "Select My Keys": "Eigene Keyframes auswählen",
    "Select the keys that were changed or added by hand since the take was made": (
        "Die seit dem Take von Hand geänderten oder gesetzten Keyframes auswählen"
    ),
    "First Frame": "Erster Frame",
    "Last Frame": "Letzter Frame",
    "Empty is all bones": "Leer sind alle Knochen",
}
