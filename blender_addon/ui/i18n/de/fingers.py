"""German for the texts of: fingers."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Fingers": "Finger",
    "How much the fingers do: relaxed, open, pointing where an arm is held out, "
    "fists on accents. At 0 they get no keys": (
        "Wie viel die Finger tun: locker, offen, zeigend, wo ein Arm ausgestreckt ruht, Fäuste "
        "auf Akzenten. Bei 0 erhalten sie keine Keyframes"
    ),
    "Remove Finger Keys": "Finger-Keyframes entfernen",
    "Take the keys of the fingers away from the take that plays; they lie at rest, to be posed": (
        "Die Keyframes der Finger aus dem laufenden Take nehmen; sie liegen in Ruhestellung, zum "
        "Posieren"
    ),
}
