"""Japanese for the texts of: loops and moves."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Loops and Moves": "ループとムーブ",
    "Loop": "ループ",
    "What goes round": "何を繰り返すか",
    "This Take": "このテイク",
    "The bars of the take that is played, closed to a cycle": (
        "再生中のテイクの小節を、輪になるようにつなぎます"
    ),
    "New Dance": "新しいダンス",
    "A new dance to these bars of the song, by the dance settings": (
        "曲のこの小節への新しいダンスを、ダンス設定で作ります"
    ),
    "The first bar of the loop or the move": "ループまたはムーブの最初の小節",
    "The last bar of the loop or the move": "ループまたはムーブの最後の小節",
    "Root Motion": "ルートモーション",
    "The dancer travels on by the same way each time around; off stays in place": (
        "一周ごとに同じだけ進みます。オフではその場で踊ります"
    ),
    "Whole Frames": "整数フレーム",
    "Round the period to whole frames, for game engines; off keeps exactly to the song's tempo": (
        "周期をフレームの整数倍に丸めます（ゲームエンジン用）。オフでは曲のテンポに正確に合わせます"
    ),
    "Name": "名前",
    "The name of the move; empty is made of its style and bars": (
        "ムーブの名前。空のときはスタイルと小節から作られます"
    ),
    "Save the move of the selected bones only": "選択したボーンのムーブだけを保存します",
    "Move": "ムーブ",
    "The move to use; those of the Asset Browser are used from there": (
        "使うムーブ。アセットブラウザーのものはそちらから使います"
    ),
    "Use the mirror image of the move": "ムーブの鏡像を使います",
    "Follow the Beats": "ビートに合わせる",
    "Stretch the move from beat to beat of this song; off keeps its own tempo": (
        "この曲のビートからビートへムーブを伸縮します。オフでは元のテンポのまま"
    ),
    "Way In and Out": "出入り",
    "Beats before and after the move that are danced anew to lead into it": (
        "ムーブの前後で、つながるように踊り直すビート数"
    ),
    "Make Dance Loop": "ダンスループを作成",
    "Make a seamless loop of the chosen bars, as a new take that goes round for ever": (
        "選んだ小節から継ぎ目のないループを、ずっと繰り返す新しいテイクとして作ります"
    ),
    "Save as Dance Move": "ダンスムーブとして保存",
    "Save the chosen bars of this take as a move in the Asset Browser": (
        "このテイクの選んだ小節を、ムーブとしてアセットブラウザーに保存します"
    ),
    "Use Dance Move Here": "ここでダンスムーブを使用",
    "Lay a move into this take at the playhead; the network dances into and out of it": (
        "再生ヘッドの位置でこのテイクにムーブを置きます。前後はネットワークが踊ってつなぎます"
    ),
    "Copy Dance Move to Library": "ダンスムーブをライブラリーへコピー",
    "Write the chosen move into an asset library, so that every file can use it": (
        "選んだムーブをアセットライブラリーに書き込み、どのファイルでも使えるようにします"
    ),
    "Library": "ライブラリー",
    "Add Dance Moves Library": "ダンスムーブライブラリーを追加",
    "Add the moves that come with Audio2Pose to the asset libraries of the preferences": (
        "Audio2Pose付属のムーブを、プリファレンスのアセットライブラリーに加えます"
    ),
    "One of the asset libraries of the preferences": (
        "プリファレンスにあるアセットライブラリーの一つ"
    ),
    "Choose a move first, or save one with Save as Move": (
        "先にムーブを選ぶか、「ダンスムーブとして保存」で保存してください"
    ),
    "Add an asset library in the preferences, File Paths": (
        "プリファレンスのファイルパスでアセットライブラリーを追加してください"
    ),
    "Use My Moves": "自分のムーブを使用",
    "Phrases of the dance that return are moves of this file that have the dance's style": (
        "繰り返されるフレーズに、ダンスと同じスタイルのこのファイルのムーブを使います"
    ),
    "Tag": "タグ",
    "Only moves with this tag of the Asset Browser; empty is all of them": (
        "アセットブラウザーのこのタグを持つムーブだけ。空ならすべて使います"
    ),
}
