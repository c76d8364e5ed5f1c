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
    "Audio2Pose Dance (.vrma)": "Audio2Pose-Tanz (.vrma)",
    "Audio2Pose Dance (.vmd)": "Audio2Pose-Tanz (.vmd)",
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
    "Export USD": "USD exportieren",
    "Save the dancer with its meshes and the baked dance, by Blender's USD exporter": (
        "Den Tänzer mit Meshes und gebackenem Tanz speichern, mit Blenders USD-Exporter"
    ),
    "Export VRM Animation": "VRM Animation exportieren",
    "Save the dance for any VRM model, as VRM Animation": (
        "Den Tanz für jedes VRM-Modell speichern, als VRM Animation"
    ),
    "Export VMD": "VMD exportieren",
    "Save the dance for MikuMikuDance's models, at 30 frames a second, legs on IK": (
        "Den Tanz für Modelle von MikuMikuDance speichern, mit 30 Frames pro Sekunde, Beine mit IK"
    ),
    "Export AIST++ Motion": "AIST++-Bewegung exportieren",
    "Save the dance as SMPL poses at 60 frames a second, in the format of AIST++": (
        "Den Tanz als SMPL-Posen mit 60 Frames pro Sekunde speichern, im Format von AIST++"
    ),
    "Which dances are written": "Welche Tänze geschrieben werden",
    "What Plays": "Was gespielt wird",
    "The dance that plays, with its corrections": (
        "Der Tanz, der gespielt wird, mit seinen Korrekturen"
    ),
    "All Takes": "Alle Takes",
    "Every take of the list, each by its name": "Jeder Take der Liste, jeder unter seinem Namen",
    "What travels over the floor": "Was sich über den Boden bewegt",
    "As It Is": "Wie er ist",
    "As the dance was written": "Wie der Tanz geschrieben wurde",
    "The hips travel over the floor": "Die Hüfte bewegt sich über den Boden",
    "A root bone on the floor travels, as game engines want it": (
        "Ein Wurzelknochen am Boden bewegt sich, wie Spiel-Engines es wollen"
    ),
    "Nothing travels over the floor": "Nichts bewegt sich über den Boden",
    "Names": "Namen",
    "Whose names and rest pose the joints have": "Wessen Namen und Ruhepose die Gelenke haben",
    "Our own names, arms out at rest": "Unsere eigenen Namen, Arme in Ruhe ausgestreckt",
    "Mixamo": "Mixamo",
    "Mixamo's names, arms out at rest": "Die Namen von Mixamo, Arme in Ruhe ausgestreckt",
    "Unreal": "Unreal",
    "The names of Unreal's mannequin, arms down by 45 degrees at rest": (
        "Die Namen von Unreals Mannequin, Arme in Ruhe um 45 Grad gesenkt"
    ),
    "Unity": "Unity",
    "The names of Unity's humanoid, arms out at rest": (
        "Die Namen von Unitys Humanoid, Arme in Ruhe ausgestreckt"
    ),
    "CMU": "CMU",
    "The names and bones of CMU's motion capture, arms out at rest": (
        "Namen und Knochen der CMU-Aufnahmen, Arme in Ruhe ausgestreckt"
    ),
    "Body": "Körper",
    "Who dances in the file": "Wer in der Datei tanzt",
    "This Character": "Diese Figur",
    "The character with its own bones and meshes": "Die Figur mit ihren eigenen Knochen und Meshes",
    "Mannequin for Unreal": "Puppe für Unreal",
    "Our mannequin with the bone names of Unreal's": (
        "Unsere Puppe mit den Knochennamen von Unreals Mannequin"
    ),
    "Mannequin for Unity": "Puppe für Unity",
    "Our mannequin with the bone names of Unity's humanoid": (
        "Unsere Puppe mit den Knochennamen von Unitys Humanoid"
    ),
    "Mannequin for Mixamo": "Puppe für Mixamo",
    "Our mannequin with Mixamo's bone names": "Unsere Puppe mit den Knochennamen von Mixamo",
    "Export Dance as VRM Animation": "Tanz als VRM Animation exportieren",
    "Export Dance as VMD": "Tanz als VMD exportieren",
    "Export Dance as AIST++ Motion": "Tanz als AIST++-Bewegung exportieren",
    "Export Dance as USD": "Tanz als USD exportieren",
    "What travels over the floor in FBX, glTF and USD": (
        "Was sich in FBX, glTF und USD über den Boden bewegt"
    ),
    "Who dances in an FBX or glTF file": "Wer in einer FBX- oder glTF-Datei tanzt",
}
