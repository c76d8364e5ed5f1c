"""Japanese for the texts of: character."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Snap IK Controls": "IKコントロールをスナップ",
    "Key the legs' IK controls along the dance, on each beat, so that switching to IK is safe": (
        "脚のIKコントロールに、ダンスに沿って各ビートでキーを打ちます。IKに切り替えても足が飛"
        "びません"
    ),
    "Bones": "ボーン",
    "Character": "キャラクター",
    "Choose a dancer first": "先にダンサーを選んでください",
    "Preset": "プリセット",
    "Save Bone Map Preset": "ボーンマップのプリセットを保存",
    "Use Bone Map Preset": "ボーンマップのプリセットを使用",
    "Remove Bone Map Preset": "ボーンマップのプリセットを削除",
    "Import Bone Map Preset": "ボーンマップのプリセットを読み込み",
    "Export Bone Map Preset": "ボーンマップのプリセットを書き出し",
    "Save the bone map in your own folder; rigs with the same bones then take it by themselves": (
        "ボーンマップを自分のフォルダーに保存します。同じボーンのリグでは自動的に使われます"
    ),
    "Use one of your own presets on this character": (
        "自分のプリセットをこのキャラクターに使います"
    ),
    "Delete one of your own presets from disk": "自分のプリセットをディスクから削除します",
    "Use a bone map from a JSON file on this character, and keep it among your presets": (
        "JSONファイルのボーンマップをこのキャラクターに使い、自分のプリセットに加えます"
    ),
    "Write this character's bone map to a JSON file": (
        "このキャラクターのボーンマップをJSONファイルに書き出します"
    ),
    "Plant Feet": "足を接地",
    "Feet that stand hold still on this character's own legs": (
        "立っている足を、このキャラクター自身の脚でも動かないようにします"
    ),
    "Use IK Legs": "IK脚を使用",
    "Key the feet and what the knees point at, and switch the legs to IK; for rigs that have "
    "such controls. The FK controls are keyed as well": (
        "足と、ひざの向く先にキーを打ち、脚をIK（足ＩＫ）に切り替えます。そのようなコントロー"
        "ルを持つリグ用です。FKコントロールにもキーが打たれます"
    ),
    "Avoid Body Collisions": "体への食い込みを防ぐ",
    "Hands that would enter the trunk or the head are kept outside": (
        "胴体や頭に入り込む手を外側に保ちます"
    ),
    "Mute Drivers": "ドライバーをミュート",
    "Drivers on bones that dance are muted, so that the dance is seen; switched off, they "
    "drive again": (
        "踊るボーンのドライバーをミュートし、ダンスが見えるようにします。オフにすると再び動きます"
    ),
    "Root Motion": "ルートモーション",
    "What carries the dance over the floor": "何がダンスを床の上で運ぶか",
    "Hips": "腰",
    "The hips carry the body over the floor, as motion capture does": (
        "モーションキャプチャーと同じく、腰（センター）が体を床の上で運びます"
    ),
    "Root Bone": "ルートボーン",
    "The root bone follows the body over the floor": (
        "ルートボーン（全ての親）が床の上で体についていきます"
    ),
    "Object": "オブジェクト",
    "The object itself moves over the floor": "オブジェクト自体が床の上を動きます",
    "In Place": "その場",
    "The body stays where it is; the feet slide, as on a treadmill": (
        "体はその場にとどまり、足はトレッドミルの上のように滑ります"
    ),
    "Own Bone Map": "独自のボーンマップ",
    "The bones are those listed here, not those found by name or shape": (
        "名前や形から見つけたボーンではなく、この一覧のボーンを使います"
    ),
    "Part": "部位",
    "Bone": "ボーン",
    "The bone that plays this part": "この部位を担うボーン",
}
