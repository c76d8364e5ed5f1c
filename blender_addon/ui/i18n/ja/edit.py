"""Japanese for the texts of: edit."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Edit Bone Map": "ボーンマップを編集",
    "Write the bones that were found into a list that can be edited": (
        "見つかったボーンを、編集できる一覧に書き込みます"
    ),
    "Detect Bone Map Again": "ボーンマップを再検出",
    "Forget the edited list and find the bones by their names and places again": (
        "編集した一覧を捨て、名前と位置からボーンを見つけ直します"
    ),
    "Add Bone to Map": "マップにボーンを追加",
    "Add one more bone to the spine or to the neck, above those there are": (
        "背骨または首に、今あるものの上へボーンをもう一つ加えます"
    ),
    "Clear Bone of Map": "マップのボーンを空に",
    "Let the chosen part have no bone; its turn is folded into its neighbours": (
        "選んだ部位をボーンなしにします。その回転は隣のボーンに渡されます"
    ),
    "Take": "テイク",
    "Empty is the one chosen in the list": "空のときは一覧で選んだもの",
    "Others": "ほか",
    "Delete all takes but this one and those that are marked to be kept": (
        "このテイクと、保護されたもの以外のテイクをすべて削除します"
    ),
    "What": "対象",
    "Selected Keys": "選択したキー",
    "The keys that are selected in the Dope Sheet or the Graph Editor": (
        "ドープシートまたはグラフエディターで選択したキー"
    ),
    "The selected bones over the whole take": "選択したボーンのテイク全体",
    "All bones in the bars that are set for Regenerate": (
        "「再生成」に設定した小節のすべてのボーン"
    ),
    "All bones in the preview range": "プレビュー範囲のすべてのボーン",
    "Chosen Row": "選んだ行",
    "The lock that is chosen in the list": "一覧で選んだロック",
    "Everything": "すべて",
    "All locks of this take": "このテイクのすべてのロック",
}
