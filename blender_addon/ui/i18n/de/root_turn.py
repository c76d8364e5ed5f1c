"""German for the texts of: root_turn."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Root Bone, Turning": "Root-Bone, drehend",
    "A root bone on the floor travels and faces where the body does": (
        "Ein Root-Bone auf dem Boden geht den Weg und zeigt, wohin der Körper zeigt"
    ),
}
