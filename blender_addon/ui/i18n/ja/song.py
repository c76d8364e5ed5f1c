"""Japanese for the texts of: song."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Song": "曲",
    "Where the song comes from": "曲をどこから取るか",
    "Sound Strip": "サウンドストリップ",
    "A sound strip of the sequencer: dance where it is heard": (
        "シーケンサーのサウンドストリップ：聞こえるところで踊ります"
    ),
    "File": "ファイル",
    "A song file: dance from the scene's first frame on": (
        "曲のファイル：シーンの最初のフレームから踊ります"
    ),
    "Strip": "ストリップ",
    "The sound strip to dance to; empty is what is selected in the Sequencer": (
        "踊る対象のサウンドストリップ。空のときはシーケンサーで選択したもの"
    ),
    "Song File": "曲ファイル",
    "wav, mp3, flac, m4a or ogg": "wav、mp3、flac、m4a、ogg",
    "Add Song": "曲を追加",
    "Add a song to the sequencer at the scene's first frame, to dance to it": (
        "踊るための曲を、シーンの最初のフレームでシーケンサーに追加します"
    ),
    "Song to Dance to": "踊る曲",
}
