"""Japanese for the texts of: settings."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Style": "スタイル",
    "How to dance": "踊り方",
    "Auto": "自動",
    "Let the song decide": "曲にまかせます",
    "Dancer": "ダンサー",
    "The armature that every button means; a click on another dancer chooses it. Empty: "
    "Generate adds the Audio2Pose dancer": (
        "すべてのボタンの対象となるアーマチュア。ほかのダンサーをクリックするとそれが選ばれま"
        "す。空のときは「生成」がAudio2Poseのダンサーを追加します"
    ),
    "A new dancer will be added": "新しいダンサーが追加されます",
    "A new Audio2Pose dancer will be added": "新しいAudio2Poseのダンサーが追加されます",
    "Dance Settings": "ダンス設定",
    "Energy": "エネルギー",
    "How much more, or less, the body moves than the song asks for": (
        "曲が求めるよりどれだけ大きく、または小さく動くか"
    ),
    "Accents": "アクセント",
    "Which beats the body answers": "体がどのビートに応えるか",
    "What comes nearest to the pace of the style": "スタイルの速さに最も近いもの",
    "Every Beat": "すべてのビート",
    "One accent on each beat": "ビートごとに一つのアクセント",
    "Every Second Beat": "一つおきのビート",
    "Calmer: one accent on every second beat": "落ち着いた動き：二拍に一つのアクセント",
    "Half Beats": "半拍",
    "Quicker: accents on the beats and halfway between them": (
        "速い動き：ビートとその中間にアクセント"
    ),
    "Repeat Choruses": "サビを繰り返す",
    "Phrases of the dance return, and where the song repeats a part, so does the dance": (
        "ダンスのフレーズが戻ってきます。曲が同じ部分を繰り返すと、ダンスも繰り返します"
    ),
    "Seed": "シード",
    "The same seed, song and style give the same dance again; a seed that you set switches "
    "Random Seed off": (
        "同じシード、曲、スタイルなら同じダンスになります。シードを入力するとランダムシードは"
        "オフになります"
    ),
    "Random Seed": "ランダムシード",
    "Draw a new seed for each dance, and show it here": (
        "ダンスごとに新しいシードを選び、ここに表示します"
    ),
    "Best Of": "候補数",
    "How many dances are made to keep the best of them; each takes its time": (
        "いくつのダンスを作って最良のものを残すか。数だけ時間がかかります"
    ),
    "Lead-In Pose": "開始ポーズ",
    "Begin standing, and dance out of it, rather than in the middle of a move": (
        "振りの途中からではなく、立った姿勢から踊り始めます"
    ),
    "Range": "範囲",
    "Which part of the song is danced": "曲のどの部分で踊るか",
    "Whole Song": "曲全体",
    "All that is heard of the song": "聞こえる部分すべて",
    "Scene": "シーン",
    "The part that is heard between the scene's first and last frame": (
        "シーンの最初から最後のフレームまでに聞こえる部分"
    ),
    "Preview Range": "プレビュー範囲",
    "The part that is heard in the preview range": "プレビュー範囲で聞こえる部分",
    "No preview range is set": "プレビュー範囲が設定されていません",
    "Keys": "キー",
    "How the dance is written as keyframes": "ダンスをキーフレームとして書く方法",
    "Reduced": "削減",
    "Few Bézier keys, on the beats where possible: easy to edit": (
        "少ないベジェキーを、できるだけビートの上に：編集しやすい"
    ),
    "Every Frame": "毎フレーム",
    "One key on each frame: exact, hard to edit": (
        "毎フレームに一つのキー：正確ですが編集しにくい"
    ),
    "Tolerance (cm)": "許容誤差（cm）",
    "Key Tolerance (cm)": "キー許容誤差（cm）",
    "How far hands and feet may stray, in cm, where keys are left out": (
        "キーを省いたところで、手足がどれだけずれてよいか（cm）"
    ),
}
