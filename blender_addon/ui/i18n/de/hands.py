"""German for the texts of: hands."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Hands": "Hände",
    "What the hands do, on rigs with fingers. Key it to change it on the way": (
        "Was die Hände tun, auf Rigs mit Fingern. Mit Keyframes ändert es sich unterwegs"
    ),
    "By the Arms": "Nach den Armen",
    "Relaxed; they point, open and close as the arms move": (
        "Locker; sie zeigen, öffnen und schließen sich, wie die Arme sich bewegen"
    ),
    "Relaxed": "Locker",
    "Fingers a little bent": "Finger leicht gebeugt",
    "Open": "Offen",
    "Fingers straight": "Finger gestreckt",
    "Fist": "Faust",
    "Fingers closed": "Finger geschlossen",
    "Point": "Zeigen",
    "The forefinger alone is straight": "Nur der Zeigefinger ist gestreckt",
    "When": "Wann",
    "When the hands do that; in between they follow the arms": (
        "Wann die Hände das tun; dazwischen folgen sie den Armen"
    ),
    "Always": "Immer",
    "All the time": "Die ganze Zeit",
    "On Accents": "Auf Akzenten",
    "For a moment on each accent": "Für einen Augenblick auf jedem Akzent",
    "In Held Poses": "In gehaltenen Posen",
    "While a pose is held": "Solange eine Pose gehalten wird",
}
