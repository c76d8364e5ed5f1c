"""German for the texts of: stage, cameras, preview."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Shot": "Aufnahme",
    "Stage": "Bühne",
    "What the dance is shown in": "Worin der Tanz gezeigt wird",
    "Studio": "Studio",
    "A round floor of tiles in even light": "Ein runder Boden aus Kacheln in gleichmäßigem Licht",
    "Club": "Club",
    "Tiles, a wall and lamps that answer the music": (
        "Kacheln, eine Wand und Lampen, die auf die Musik antworten"
    ),
    "Lights": "Lichter",
    "Only lamps that answer the music, for a set of your own": (
        "Nur Lampen, die auf die Musik antworten, für eine eigene Kulisse"
    ),
    "Add Stage": "Bühne hinzufügen",
    "Put a stage with lights around the dancers, in a collection of its own": (
        "Eine Bühne mit Lichtern um die Tänzer stellen, in eine eigene Sammlung"
    ),
    "Camera": "Kamera",
    "How the dance is filmed; everybody is whole in the picture at all times": (
        "Wie der Tanz gefilmt wird; alle sind jederzeit ganz im Bild"
    ),
    "Static": "Fest",
    "Stands in front of the dance": "Steht vor dem Tanz",
    "Follow": "Folgen",
    "Goes along with the dancers, without hurry": "Geht mit den Tänzern mit, ohne Eile",
    "Orbit": "Umkreisen",
    "Goes round the dancers": "Geht um die Tänzer herum",
    "Cuts": "Schnitte",
    "Several cameras, cut on bars and sections by timeline markers": (
        "Mehrere Kameras, auf Takten und Abschnitten durch Marker der Zeitleiste geschnitten"
    ),
    "Format": "Format",
    "The shape of the picture that the camera is made for": (
        "Die Form des Bildes, für das die Kamera gemacht wird"
    ),
    "As in the Scene": "Wie in der Szene",
    "The resolution that the scene has": "Die Auflösung, die die Szene hat",
    "Wide (16:9)": "Breit (16:9)",
    "1920 by 1080": "1920 mal 1080",
    "Vertical (9:16)": "Hochkant (9:16)",
    "1080 by 1920": "1080 mal 1920",
    "Square": "Quadratisch",
    "1080 by 1080": "1080 mal 1080",
    "Bars per Shot": "Takte je Einstellung",
    "A cut every so many bars; sections always begin with one": (
        "Ein Schnitt alle so viele Takte; Abschnitte beginnen immer mit einem"
    ),
    "Add Dance Camera": "Tanzkamera hinzufügen",
    "Add a camera, or several with cuts, that keeps every dancer whole in the picture": (
        "Eine Kamera hinzufügen, oder mehrere mit Schnitten, die jeden Tänzer ganz im Bild hält"
    ),
    "The first bar that the preview shows": "Der erste Takt, den die Vorschau zeigt",
    "The last bar that the preview shows": "Der letzte Takt, den die Vorschau zeigt",
    "Look": "Darstellung",
    "How the preview is drawn": "Wie die Vorschau gezeichnet wird",
    "Fast": "Schnell",
    "Workbench, at half the size": "Workbench, in halber Größe",
    "The scene's own engine and size": "Engine und Größe der Szene",
    "The video; empty is a temporary file": "Das Video; leer ist eine vorübergehende Datei",
    "Renders the preview range": "Rendert den Vorschaubereich",
    "Preview Render": "Vorschau rendern",
    "Render the chosen bars, or the preview range, as a small video with sound": (
        "Die gewählten Takte oder den Vorschaubereich als kleines Video mit Ton rendern"
    ),
}
