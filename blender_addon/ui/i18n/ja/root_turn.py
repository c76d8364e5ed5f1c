"""Japanese for the texts of: root_turn."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Root Bone, Turning": "ルートボーン（回転あり）",
    "A root bone on the floor travels and faces where the body does": (
        "床のルートボーンが移動し、体の向きに合わせて回ります"
    ),
}
