"""Japanese for the texts of: a dance from a clip."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Dance from a Clip": "クリップからダンス",
    "Dance from Clip": "クリップからダンス",
    "Make a take that begins with the clip, on the dancer, and dances on to the song": (
        "クリップで始まり、曲に合わせて踊り続けるテイクをダンサーに作ります"
    ),
    "Choose a clip, or import one": "クリップを選ぶか、読み込んでください",
    "Import Clip": "クリップを読み込み",
    "Bring a BVH, FBX or glTF file in by Blender's own importer and choose it as the clip": (
        "BVH、FBX、glTFファイルをBlenderのインポーターで読み込み、クリップとして選びます"
    ),
    "Clip": "クリップ",
    "The armature whose animation is the clip; imported, or any that dances": (
        "アニメーションがクリップになるアーマチュア。読み込んだもの、または踊っているもの"
    ),
    "On the Beat": "ビートに合わせる",
    "Lay the clip's own pulse on the song's beats; it plays a little faster or slower": (
        "クリップ自身の拍を曲のビートに重ねます。少し速く、または遅くなります"
    ),
    "Vary": "変化",
    "Keep the clip's poses on every so manieth beat and dance anew between them; 0 keeps all "
    "of the clip": (
        "この拍数ごとにクリップのポーズを残し、その間を新しく踊ります。0はクリップをすべて残します"
    ),
}
