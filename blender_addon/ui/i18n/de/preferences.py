"""German for the texts of: preferences."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Model": "Modell",
    "A trained model (.onnx with its .json beside it); leave it empty for the dancer that "
    "comes with the extension": (
        "Ein trainiertes Modell (.onnx mit seiner .json daneben); leer ist der Tänzer, der mit "
        "der Erweiterung kommt"
    ),
    "More Models": "Weitere Modelle",
    "A folder with more models; each is shown with its card": (
        "Ein Ordner mit weiteren Modellen; jedes wird mit seiner Karte gezeigt"
    ),
    "Use": "Verwenden",
    "Let this model dance from now on": "Dieses Modell von nun an tanzen lassen",
    "Styles": "Stile",
    "Trained on": "Gelernt aus",
    "Licence": "Lizenz",
    "Threads": "Threads",
    "Threads of the dancer; 0 uses every core. Fewer leave more for Blender": (
        "Threads des Tänzers; 0 nutzt jeden Kern. Weniger lassen mehr für Blender übrig"
    ),
    "Device": "Gerät",
    "What the dancer is computed on": "Worauf der Tänzer berechnet wird",
    "An accelerator where there is one, else the processor": (
        "Ein Beschleuniger, wo es einen gibt, sonst der Prozessor"
    ),
    "The processor": "Der Prozessor",
    "An NVIDIA card; needs an ONNX Runtime that was built for it": (
        "Eine NVIDIA-Karte; braucht eine dafür gebaute ONNX Runtime"
    ),
    "A graphics card on Windows; needs an ONNX Runtime built for it": (
        "Eine Grafikkarte unter Windows; braucht eine dafür gebaute ONNX Runtime"
    ),
    "Core ML": "Core ML",
    "Apple's accelerators": "Apples Beschleuniger",
    "Verbose Log": "Ausführliches Protokoll",
    "Write every job, its stages and what the worker says to the terminal": (
        "Jeden Auftrag, seine Schritte und alles, was der Worker meldet, ins Terminal schreiben"
    ),
    "New scenes begin with": "Neue Szenen beginnen mit",
    "Style of a new scene": "Stil einer neuen Szene",
    "Energy of a new scene": "Energie einer neuen Szene",
    "How many dances are compared in a new scene": (
        "Wie viele Tänze in einer neuen Szene verglichen werden"
    ),
    "Keys of a new scene": "Keyframes einer neuen Szene",
    "Key tolerance of a new scene, in cm": "Keyframe-Toleranz einer neuen Szene, in cm",
    "Shortcut": "Tastenkürzel",
}
