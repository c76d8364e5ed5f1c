"""Japanese for the texts of: the body's parts."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Root": "全ての親（ルート）",
    "Torso Control": "胴体コントロール",
    "Spine": "上半身（背骨）",
    "Neck": "首",
    "Head": "頭",
    "Left Clavicle": "左肩（鎖骨）",
    "Left Upper Arm": "左腕（上腕）",
    "Left Forearm": "左ひじ（前腕）",
    "Left Hand": "左手首（手）",
    "Left Thigh": "左足（太もも）",
    "Left Shin": "左ひざ（すね）",
    "Left Foot": "左足首（足）",
    "Left Toes": "左つま先",
    "Left Knuckles": "左の指の付け根",
    "Left Fingers": "左の指",
    "Right Clavicle": "右肩（鎖骨）",
    "Right Upper Arm": "右腕（上腕）",
    "Right Forearm": "右ひじ（前腕）",
    "Right Hand": "右手首（手）",
    "Right Thigh": "右足（太もも）",
    "Right Shin": "右ひざ（すね）",
    "Right Foot": "右足首（足）",
    "Right Toes": "右つま先",
    "Right Knuckles": "右の指の付け根",
    "Right Fingers": "右の指",
    "Without: {}": "なし：{}",
    "edited": "編集済み",
    "{} sure": "確信度 {}",
}
