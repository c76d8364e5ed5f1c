"""Japanese for the texts of: fingers."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Fingers": "指",
    "How much the fingers do: relaxed, open, pointing where an arm is held out, fists on "
    "accents. At 0 they get no keys": (
        "指の動きの量：力を抜く、開く、伸ばした腕で指す、アクセントで握る。0ではキーを打ちません"
    ),
    "Remove Finger Keys": "指のキーを削除",
    "Take the keys of the fingers away from the take that plays; they lie at rest, to be posed": (
        "再生中のテイクから指のキーを取り除きます。指はレスト状態になり、ポーズを付けられます"
    ),
}
