"""German for the texts of: export."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Export": "Exportieren",
    "Export Dance as BVH": "Tanz als BVH exportieren",
    "Export Dance as FBX": "Tanz als FBX exportieren",
    "Export Dance as glTF": "Tanz als glTF exportieren",
    "Bake Dance to Controls": "Tanz auf Steuerknochen backen",
    "Export BVH": "BVH exportieren",
    "Save the dance as motion capture on Audio2Pose's own skeleton, from whatever rig it is on": (
        "Den Tanz auf dem Skelett von Audio2Pose speichern, gleich auf welchem Rig er liegt"
    ),
    "Export FBX": "FBX exportieren",
    "Save the dancer with its meshes and the baked dance, by Blender's FBX exporter": (
        "Den Tänzer mit Meshes und gebackenem Tanz speichern, mit Blenders FBX-Exporter"
    ),
    "Export glTF": "glTF exportieren",
    "Save the dancer with its meshes and the baked dance, by Blender's glTF exporter": (
        "Den Tänzer mit Meshes und gebackenem Tanz speichern, mit Blenders glTF-Exporter"
    ),
    "Audio2Pose Dance (.bvh)": "Audio2Pose-Tanz (.bvh)",
    "Frames per Second": "Frames pro Sekunde",
    "How often the dance is sampled": "Wie oft der Tanz abgetastet wird",
    "As many as the scene has frames": "So viele, wie die Szene Frames hat",
    "24 a second": "24 pro Sekunde",
    "25 a second": "25 pro Sekunde",
    "30 a second": "30 pro Sekunde",
    "60 a second": "60 pro Sekunde",
    "Bake to Controls": "Auf Steuerknochen backen",
    "Write one key a frame on every control that dances, with NLA layers added in": (
        "Ein Keyframe je Frame auf jedem tanzenden Steuerknochen, NLA-Ebenen eingerechnet"
    ),
    "Keys per Second": "Keyframes pro Sekunde",
    "How many keys a second": "Wie viele Keyframes pro Sekunde",
    "Select an armature that dances, or generate a dance": (
        "Eine tanzende Armatur auswählen oder einen Tanz erzeugen"
    ),
}
