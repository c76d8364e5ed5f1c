"""Japanese for the texts of: stage, cameras, preview."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Shot": "ショット",
    "Stage": "ステージ",
    "What the dance is shown in": "ダンスを見せる場所",
    "Studio": "スタジオ",
    "A round floor of tiles in even light": "均一な光の中の、タイルの円い床",
    "Club": "クラブ",
    "Tiles, a wall and lamps that answer the music": "タイルと壁、音楽に応えるランプ",
    "Lights": "ライト",
    "Only lamps that answer the music, for a set of your own": (
        "音楽に応えるランプだけ。自分のセット用"
    ),
    "Add Stage": "ステージを追加",
    "Put a stage with lights around the dancers, in a collection of its own": (
        "ライト付きのステージをダンサーの周りに、専用のコレクションで置きます"
    ),
    "Camera": "カメラ",
    "How the dance is filmed; everybody is whole in the picture at all times": (
        "ダンスの撮り方。常に全員が画面に収まります"
    ),
    "Static": "固定",
    "Stands in front of the dance": "ダンスの正面に立ちます",
    "Follow": "追従",
    "Goes along with the dancers, without hurry": "ゆっくりとダンサーについていきます",
    "Orbit": "周回",
    "Goes round the dancers": "ダンサーの周りを回ります",
    "Cuts": "カット",
    "Several cameras, cut on bars and sections by timeline markers": (
        "複数のカメラを、タイムラインのマーカーで小節とセクションごとに切り替えます"
    ),
    "Format": "画面比",
    "The shape of the picture that the camera is made for": "カメラが対象とする画面の形",
    "As in the Scene": "シーンと同じ",
    "The resolution that the scene has": "シーンの解像度",
    "Wide (16:9)": "横長 (16:9)",
    "1920 by 1080": "1920×1080",
    "Vertical (9:16)": "縦長 (9:16)",
    "1080 by 1920": "1080×1920",
    "Square": "正方形",
    "1080 by 1080": "1080×1080",
    "Bars per Shot": "ショットごとの小節数",
    "A cut every so many bars; sections always begin with one": (
        "この小節数ごとにカットします。セクションは必ずカットで始まります"
    ),
    "Add Dance Camera": "ダンスカメラを追加",
    "Add a camera, or several with cuts, that keeps every dancer whole in the picture": (
        "全員を画面に収めるカメラを、一台またはカット付きで複数追加します"
    ),
    "The first bar that the preview shows": "プレビューする最初の小節",
    "The last bar that the preview shows": "プレビューする最後の小節",
    "Look": "見た目",
    "How the preview is drawn": "プレビューの描画方法",
    "Fast": "高速",
    "Workbench, at half the size": "Workbench、半分のサイズ",
    "The scene's own engine and size": "シーンのエンジンとサイズ",
    "The video; empty is a temporary file": "動画ファイル。空のときは一時ファイル",
    "Renders the preview range": "プレビュー範囲をレンダリングします",
    "Preview Render": "プレビューレンダリング",
    "Render the chosen bars, or the preview range, as a small video with sound": (
        "選んだ小節またはプレビュー範囲を、音声付きの小さな動画にレンダリングします"
    ),
}
