"""German for the texts of: the body's parts."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Root": "Wurzel",
    "Torso Control": "Rumpfsteuerung",
    "Spine": "Wirbelsäule",
    "Neck": "Hals",
    "Head": "Kopf",
    "Left Clavicle": "Schlüsselbein links",
    "Left Upper Arm": "Oberarm links",
    "Left Forearm": "Unterarm links",
    "Left Hand": "Hand links",
    "Left Thigh": "Oberschenkel links",
    "Left Shin": "Unterschenkel links",
    "Left Foot": "Fuß links",
    "Left Toes": "Zehen links",
    "Left Knuckles": "Fingerknöchel links",
    "Left Fingers": "Finger links",
    "Right Clavicle": "Schlüsselbein rechts",
    "Right Upper Arm": "Oberarm rechts",
    "Right Forearm": "Unterarm rechts",
    "Right Hand": "Hand rechts",
    "Right Thigh": "Oberschenkel rechts",
    "Right Shin": "Unterschenkel rechts",
    "Right Foot": "Fuß rechts",
    "Right Toes": "Zehen rechts",
    "Right Knuckles": "Fingerknöchel rechts",
    "Right Fingers": "Finger rechts",
    "Without: {}": "Ohne: {}",
    "edited": "bearbeitet",
    "{} sure": "{} sicher",
}
