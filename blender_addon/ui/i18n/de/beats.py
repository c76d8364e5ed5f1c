"""German for the texts of: beats."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Beats": "Schläge",
    "Analyse Beats": "Schläge analysieren",
    "Find the song's beats, bars, sections and events, and draw them as markers to be edited": (
        "Schläge, Takte, Abschnitte und Ereignisse finden und als bearbeitbare Marker zeichnen"
    ),
    "Markers": "Marker",
    "Where the beats are drawn": "Wo die Schläge gezeichnet werden",
    "Action": "Action",
    "As pose markers of the dancer's action: seen in the Action Editor, where Marker > Show Pose "
    "Markers is on, and they go along with the action": (
        "Als Posenmarker in der Action des Tänzers: im Action-Editor zu sehen, wo Marker > "
        "Posenmarker anzeigen an ist; sie gehen mit der Action mit"
    ),
    "Timeline": "Zeitleiste",
    "As markers of the scene: seen in every editor of time, whoever dances": (
        "Als Marker der Szene: in jedem Editor mit Zeitleiste zu sehen, gleich wer tanzt"
    ),
    "Both": "Beides",
    "As pose markers and as markers of the scene": "Als Posenmarker und als Marker der Szene",
    "Tempo": "Tempo",
    "Confidence": "Sicherheit",
    "Check the beats: the tracker is not sure": "Schläge prüfen: die Erkennung ist unsicher",
    "No pulse was heard: edit the markers": "Kein Puls zu hören: Marker bearbeiten",
    "These are the beats of another song": "Das sind die Schläge eines anderen Liedes",
    "Shift Beats": "Schläge schieben",
    "How many beats later": "Um wie viele Schläge später",
    "Move every beat by whole beats or parts of one, bars included": (
        "Jeden Schlag um ganze Schläge oder Teile davon verschieben, samt Takten"
    ),
    "Shift Bars": "Takte schieben",
    "How many beats later the bars begin": "Um wie viele Schläge später die Takte beginnen",
    "Let the bars begin on a later or earlier beat; the beats stay where they are": (
        "Die Takte auf einem späteren oder früheren Schlag beginnen; die Schläge bleiben"
    ),
    "Half Tempo": "Halbes Tempo",
    "Keep every second beat: for a tempo that was taken twice as quick": (
        "Nur jeden zweiten Schlag behalten: wenn das Tempo doppelt so schnell erkannt wurde"
    ),
    "Double Tempo": "Doppeltes Tempo",
    "Add a beat between every two: for a tempo that was taken half as quick": (
        "Zwischen je zwei Schläge einen setzen: wenn das Tempo halb so schnell erkannt wurde"
    ),
    "Refresh Beat Markers": "Schlagmarker auffrischen",
    "Refresh Markers": "Marker auffrischen",
    "Draw the markers anew: after the strip was moved, or to number the bars again": (
        "Die Marker neu zeichnen: nach dem Verschieben des Streifens, oder um Takte neu zu zählen"
    ),
    "Clear Beats": "Schläge löschen",
    "Take the beats and their markers away; the next dance finds its beats itself": (
        "Schläge und Marker entfernen; der nächste Tanz sucht seine Schläge selbst"
    ),
}
