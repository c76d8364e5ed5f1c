"""Japanese for the texts of: hands."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Hands": "手",
    "What the hands do, on rigs with fingers. Key it to change it on the way": (
        "指のあるリグで手がすること。キーを打つと途中で変わります"
    ),
    "By the Arms": "腕に合わせる",
    "Relaxed; they point, open and close as the arms move": (
        "力を抜き、腕の動きに合わせて指したり開いたり握ったりします"
    ),
    "Relaxed": "力を抜く",
    "Fingers a little bent": "指を少し曲げます",
    "Open": "開く",
    "Fingers straight": "指を伸ばします",
    "Fist": "握る",
    "Fingers closed": "指を握ります",
    "Point": "指さす",
    "The forefinger alone is straight": "人差し指だけを伸ばします",
    "When": "いつ",
    "When the hands do that; in between they follow the arms": (
        "手がそうするとき。それ以外は腕に従います"
    ),
    "Always": "常に",
    "All the time": "ずっと",
    "On Accents": "アクセントで",
    "For a moment on each accent": "各アクセントで一瞬",
    "In Held Poses": "止めたポーズで",
    "While a pose is held": "ポーズを保つ間",
}
