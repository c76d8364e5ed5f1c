"""German for the texts of: keys, and what Regenerate is asked for."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Poses": "Posen",
    "Few Bézier keys, the whole body on the same frames, as poses are blocked": (
        "Wenige Bézier-Keyframes, der ganze Körper auf denselben Bildern, wie man Posen anlegt"
    ),
    "Count In": "Zählen in",
    "How the part that is regenerated is chosen": (
        "Wie der Teil gewählt wird, der neu erzeugt wird"
    ),
    "Whole bars, as the markers count them": "Ganze Takte, wie die Marker sie zählen",
    "Beats of the take, counted from 1": "Schläge des Takes, von 1 an gezählt",
    "Frames": "Bilder",
    "Frames of the scene": "Bilder der Szene",
    "From Beat": "Von Schlag",
    "The first beat that is regenerated": "Der erste Schlag, der neu erzeugt wird",
    "To Beat": "Bis Schlag",
    "The last beat that is regenerated": "Der letzte Schlag, der neu erzeugt wird",
    "From Frame": "Von Bild",
    "The first frame that is regenerated": "Das erste Bild, das neu erzeugt wird",
    "To Frame": "Bis Bild",
    "The last frame that is regenerated": "Das letzte Bild, das neu erzeugt wird",
    "Difference": "Unterschied",
    "How different the new motion is from the old: 0 is nearly the same, "
    "1 is altogether new, also where only some bones are regenerated": (
        "Wie sehr sich die neue Bewegung von der alten unterscheidet: 0 ist fast gleich, "
        "1 ganz neu, auch wo nur einige Knochen neu erzeugt werden"
    ),
    "Ease Over": "Ausklang über",
    "Beats over which Ease My Keys lets a changed key draw its neighbours along": (
        "Schläge, über die ein geänderter Keyframe bei „Meine Keyframes ausklingen“ seine "
        "Nachbarn mitzieht"
    ),
    "Ease My Keys": "Meine Keyframes ausklingen",
    "Let keys that you changed draw their neighbours along, and lock what was eased": (
        "Geänderte Keyframes ihre Nachbarn mitziehen lassen, und das Ergebnis sperren"
    ),
    "Pick Bars": "Takte wählen",
    "Set the bars to regenerate from the playhead, the selected markers or the preview range": (
        "Die Takte nach dem Abspielkopf, den gewählten Markern oder dem Vorschaubereich setzen"
    ),
    "From": "Nach",
    "Playhead": "Abspielkopf",
    "The bar that the playhead is in": "Der Takt, in dem der Abspielkopf steht",
    "From Playhead On": "Ab dem Abspielkopf",
    "From the playhead's bar to the end of the take": (
        "Vom Takt des Abspielkopfs bis zum Ende des Takes"
    ),
    "Selected Markers": "Gewählte Marker",
    "From the first to the last selected marker": "Vom ersten bis zum letzten gewählten Marker",
    "The bars that the preview range touches": "Die Takte, die der Vorschaubereich berührt",
    "Analyse again?": "Noch einmal analysieren?",
    "The beats and sections that you edited are found anew": (
        "Die von dir bearbeiteten Beats und Abschnitte werden neu gefunden"
    ),
    "The beats and sections that you edited become those of this take": (
        "Die von dir bearbeiteten Beats und Abschnitte werden die dieses Takes"
    ),
    "Beats and Sections": "Beats und Abschnitte",
    "Bring back the song's beats and sections too, as they were for this take": (
        "Auch Beats und Abschnitte des Songs wiederherstellen, wie sie für diesen Take waren"
    ),
    "Which Bars": "Welche Takte",
    "What is regenerated; the bars in the panel Regenerate become that": (
        "Was neu erzeugt wird; die Takte im Panel Neu erzeugen werden so gesetzt"
    ),
    "As Set": "Wie eingestellt",
    "What the panel Regenerate says": "Was das Panel Neu erzeugen sagt",
    "The preview range, else from the playhead on": (
        "Der Vorschaubereich, sonst ab dem Abspielkopf"
    ),
}
