"""Japanese for the texts of: panel."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "A song becomes a dance:": "曲がダンスになります：",
    "Add a song": "曲を追加",
    "Press Generate Dance": "「ダンスを生成」を押す",
    "Play, and change any key by hand": "再生し、好きなキーを手で直す",
    "Generate Dance": "ダンスを生成",
    "Dance": "ダンス",
    "Generate": "生成",
    "Song and Beats": "曲とビート",
    "Edit and Regenerate": "編集と再生成",
    "Make a dance to the song and write it as keys on the dancer": (
        "曲に合わせたダンスを作り、ダンサーにキーとして書き込みます"
    ),
    "Try Three Seeds": "3つのシードを試す",
    "Make three dances with three seeds and show them side by side, to choose one by eye": (
        "3つのシードで3つのダンスを作り、並べて見比べて選べるようにします"
    ),
    "Cancel": "キャンセル",
    "Stop the job that is running; nothing is changed": (
        "実行中のジョブを止めます。何も変更されません"
    ),
    "{} left": "残り {}",
    "A job is running; cancel it or wait": "ジョブが実行中です。キャンセルするか待ってください",
    "No job is running": "実行中のジョブはありません",
    "Starting": "開始中",
    "Reading the song": "曲を読み込み中",
    "Loading the model": "モデルを読み込み中",
    "Listening": "曲を聴いています",
    "Finding the beats": "ビートを検出中",
    "Dancing": "踊っています",
    "Fixing foot contacts": "足の接地を修正中",
    "Reducing keys": "キーを削減中",
    "A rough dance is in view: play it": "ラフなダンスを表示中：再生できます",
}
