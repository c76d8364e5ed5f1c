"""German for the texts of: character."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Snap IK Controls": "IK-Steuerknochen einrasten",
    "Key the legs' IK controls along the dance, on each beat, so that switching to IK is safe": (
        "Den IK-Steuerknochen der Beine auf jedem Schlag Keyframes entlang des Tanzes geben, "
        "damit sich gefahrlos auf IK umschalten lässt"
    ),
    "Bones": "Knochen",
    "Character": "Figur",
    "Choose a dancer first": "Zuerst einen Tänzer wählen",
    "Preset": "Voreinstellung",
    "Save Bone Map Preset": "Knochenlisten-Voreinstellung speichern",
    "Use Bone Map Preset": "Knochenlisten-Voreinstellung anwenden",
    "Remove Bone Map Preset": "Knochenlisten-Voreinstellung entfernen",
    "Import Bone Map Preset": "Knochenlisten-Voreinstellung importieren",
    "Export Bone Map Preset": "Knochenlisten-Voreinstellung exportieren",
    "Save the bone map in your own folder; rigs with the same bones then take it by themselves": (
        "Die Knochenliste im eigenen Ordner speichern; Rigs mit denselben Knochen nehmen sie "
        "dann von selbst"
    ),
    "Use one of your own presets on this character": (
        "Eine eigene Voreinstellung auf diese Figur anwenden"
    ),
    "Delete one of your own presets from disk": "Eine eigene Voreinstellung von der Platte löschen",
    "Use a bone map from a JSON file on this character, and keep it among your presets": (
        "Eine Knochenliste aus einer JSON-Datei auf diese Figur anwenden und bei den eigenen "
        "Voreinstellungen behalten"
    ),
    "Write this character's bone map to a JSON file": (
        "Die Knochenliste dieser Figur in eine JSON-Datei schreiben"
    ),
    "Plant Feet": "Füße aufsetzen",
    "Feet that stand hold still on this character's own legs": (
        "Stehende Füße bleiben auch auf den Beinen dieser Figur still"
    ),
    "Use IK Legs": "IK-Beine verwenden",
    "Key the feet and what the knees point at, and switch the legs to IK; for rigs that have such "
    "controls. The FK controls are keyed as well": (
        "Füße und Kniezeiger mit Keyframes versehen und die Beine auf IK schalten; für Rigs mit "
        "solchen Steuerknochen. Auch die FK-Steuerknochen erhalten Keyframes"
    ),
    "Avoid Body Collisions": "Körperkollisionen vermeiden",
    "Hands that would enter the trunk or the head are kept outside": (
        "Hände, die in Rumpf oder Kopf gerieten, bleiben draußen"
    ),
    "Mute Drivers": "Treiber stummschalten",
    "Drivers on bones that dance are muted, so that the dance is seen; "
    "switched off, they drive again": (
        "Treiber auf tanzenden Knochen schweigen, damit man den Tanz sieht; ausgeschaltet treiben "
        "sie wieder"
    ),
    "Root Motion": "Fortbewegung",
    "What carries the dance over the floor": "Was den Tanz über den Boden trägt",
    "Hips": "Hüfte",
    "The hips carry the body over the floor, as motion capture does": (
        "Die Hüfte trägt den Körper über den Boden, wie bei Motion Capture"
    ),
    "Root Bone": "Wurzelknochen",
    "The root bone follows the body over the floor": (
        "Der Wurzelknochen folgt dem Körper über den Boden"
    ),
    "Object": "Objekt",
    "The object itself moves over the floor": "Das Objekt selbst bewegt sich über den Boden",
    "In Place": "Auf der Stelle",
    "The body stays where it is; the feet slide, as on a treadmill": (
        "Der Körper bleibt, wo er ist; die Füße gleiten wie auf einem Laufband"
    ),
    "Own Bone Map": "Eigene Knochenliste",
    "The bones are those listed here, not those found by name or shape": (
        "Es gelten die Knochen dieser Liste, nicht die nach Namen oder Gestalt gefundenen"
    ),
    "Part": "Teil",
    "Bone": "Knochen",
    "The bone that plays this part": "Der Knochen, der diesen Teil spielt",
}
