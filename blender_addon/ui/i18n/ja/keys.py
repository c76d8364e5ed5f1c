"""Japanese for the texts of: keys, and what Regenerate is asked for."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Poses": "ポーズ",
    "Few Bézier keys, the whole body on the same frames, as poses are blocked": (
        "少ないベジェキーを、ポーズを付けるように全身同じフレームに打ちます"
    ),
    "Count In": "数え方",
    "How the part that is regenerated is chosen": "再生成する部分の選び方",
    "Whole bars, as the markers count them": "マーカーの番号による小節単位",
    "Beats of the take, counted from 1": "テイクのビート。1から数えます",
    "Frames": "フレーム",
    "Frames of the scene": "シーンのフレーム",
    "From Beat": "開始ビート",
    "The first beat that is regenerated": "再生成する最初のビート",
    "To Beat": "終了ビート",
    "The last beat that is regenerated": "再生成する最後のビート",
    "From Frame": "開始フレーム",
    "The first frame that is regenerated": "再生成する最初のフレーム",
    "To Frame": "終了フレーム",
    "The last frame that is regenerated": "再生成する最後のフレーム",
    "Difference": "違い",
    "How different the new motion is from the old: 0 is nearly the same, 1 is altogether "
    "new, also where only some bones are regenerated": (
        "新しい動きが元とどれだけ違うか：0はほぼ同じ、1はまったく新しい動き。一部のボーンだけ"
        "の再生成にも効きます"
    ),
    "Ease Over": "なじませる拍数",
    "Beats over which Ease My Keys lets a changed key draw its neighbours along": (
        "「手直しをなじませる」で、変えたキーが隣のキーを引き寄せる拍数"
    ),
    "Ease My Keys": "手直しをなじませる",
    "Let keys that you changed draw their neighbours along, and lock what was eased": (
        "変更したキーが隣のキーを引き寄せるようにし、その結果をロックします"
    ),
    "Pick Bars": "小節を選ぶ",
    "Set the bars to regenerate from the playhead, the selected markers or the preview range": (
        "再生ヘッド、選択したマーカー、またはプレビュー範囲から、再生成する小節を設定します"
    ),
    "From": "基準",
    "Playhead": "再生ヘッド",
    "The bar that the playhead is in": "再生ヘッドのある小節",
    "From Playhead On": "再生ヘッド以降",
    "From the playhead's bar to the end of the take": "再生ヘッドの小節からテイクの終わりまで",
    "Selected Markers": "選択したマーカー",
    "From the first to the last selected marker": "最初から最後の選択マーカーまで",
    "The bars that the preview range touches": "プレビュー範囲にかかる小節",
    "Analyse again?": "もう一度解析しますか？",
    "The beats and sections that you edited are found anew": (
        "編集したビートとセクションは新しく検出し直されます"
    ),
    "The beats and sections that you edited become those of this take": (
        "編集したビートとセクションは、このテイクのものに置き換わります"
    ),
    "Beats and Sections": "ビートとセクション",
    "Bring back the song's beats and sections too, as they were for this take": (
        "曲のビートとセクションも、このテイクのときの状態に戻します"
    ),
    "Which Bars": "どの小節",
    "What is regenerated; the bars in the panel Regenerate become that": (
        "再生成する部分。「再生成」パネルの小節もそれに合わせて設定されます"
    ),
    "As Set": "設定どおり",
    "What the panel Regenerate says": "「再生成」パネルの設定どおり",
    "The preview range, else from the playhead on": "プレビュー範囲。なければ再生ヘッドから",
}
