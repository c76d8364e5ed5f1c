"""German for the texts of: settings."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Style": "Stil",
    "How to dance": "Wie getanzt wird",
    "Auto": "Automatisch",
    "Let the song decide": "Das Lied entscheidet",
    "Dancer": "Tänzer",
    "The armature that every button means; a click on another dancer chooses it. Empty: Generate "
    "adds the Audio2Pose dancer": (
        "Die Armatur, die jede Schaltfläche meint; ein Klick auf einen anderen Tänzer wählt ihn. "
        "Leer: Erzeugen fügt den Tänzer von Audio2Pose hinzu"
    ),
    "A new dancer will be added": "Ein neuer Tänzer kommt hinzu",
    "A new Audio2Pose dancer will be added": "Ein neuer Tänzer von Audio2Pose kommt hinzu",
    "Dance Settings": "Tanzeinstellungen",
    "Energy": "Energie",
    "How much more, or less, the body moves than the song asks for": (
        "Um wie viel mehr oder weniger sich der Körper bewegt, als das Lied verlangt"
    ),
    "Accents": "Akzente",
    "Which beats the body answers": "Auf welche Schläge der Körper antwortet",
    "What comes nearest to the pace of the style": "Was dem Tempo des Stils am nächsten kommt",
    "Every Beat": "Jeder Schlag",
    "One accent on each beat": "Ein Akzent auf jedem Schlag",
    "Every Second Beat": "Jeder zweite Schlag",
    "Calmer: one accent on every second beat": "Ruhiger: ein Akzent auf jedem zweiten Schlag",
    "Half Beats": "Halbe Schläge",
    "Quicker: accents on the beats and halfway between them": (
        "Schneller: Akzente auf den Schlägen und in der Mitte dazwischen"
    ),
    "Repeat Choruses": "Refrains wiederholen",
    "Phrases of the dance return, and where the song repeats a part, so does the dance": (
        "Phrasen kehren wieder, und wo das Lied einen Teil wiederholt, auch der Tanz"
    ),
    "Seed": "Startwert",
    "The same seed, song and style give the same dance again; a seed that you set switches "
    "Random Seed off": (
        "Derselbe Startwert mit demselben Lied und Stil ergibt wieder denselben Tanz; ein selbst "
        "gesetzter Startwert schaltet den zufälligen aus"
    ),
    "Random Seed": "Zufälliger Startwert",
    "Draw a new seed for each dance, and show it here": (
        "Für jeden Tanz einen neuen Startwert ziehen und ihn hier zeigen"
    ),
    "Best Of": "Bester von",
    "How many dances are made to keep the best of them; each takes its time": (
        "Wie viele Tänze erzeugt werden, um den besten zu behalten; jeder braucht seine Zeit"
    ),
    "Lead-In Pose": "Anfangspose",
    "Begin standing, and dance out of it, rather than in the middle of a move": (
        "Im Stand beginnen und daraus lostanzen, statt mitten in einer Bewegung"
    ),
    "Range": "Bereich",
    "Which part of the song is danced": "Welcher Teil des Liedes getanzt wird",
    "Whole Song": "Ganzes Lied",
    "All that is heard of the song": "Alles, was vom Lied zu hören ist",
    "Scene": "Szene",
    "The part that is heard between the scene's first and last frame": (
        "Der Teil, der zwischen erstem und letztem Frame der Szene zu hören ist"
    ),
    "Preview Range": "Vorschaubereich",
    "The part that is heard in the preview range": "Der Teil, der im Vorschaubereich zu hören ist",
    "No preview range is set": "Kein Vorschaubereich gesetzt",
    "Keys": "Keyframes",
    "How the dance is written as keyframes": "Wie der Tanz als Keyframes geschrieben wird",
    "Reduced": "Reduziert",
    "Few Bézier keys, on the beats where possible: easy to edit": (
        "Wenige Bézier-Keyframes, möglichst auf den Schlägen: leicht zu bearbeiten"
    ),
    "Every Frame": "Jeder Frame",
    "One key on each frame: exact, hard to edit": (
        "Ein Keyframe auf jedem Frame: genau, schwer zu bearbeiten"
    ),
    "Tolerance (cm)": "Toleranz (cm)",
    "Key Tolerance (cm)": "Keyframe-Toleranz (cm)",
    "How far hands and feet may stray, in cm, where keys are left out": (
        "Wie weit Hände und Füße abweichen dürfen, in cm, wo Keyframes fehlen"
    ),
}
