"""Japanese for the texts of: sections, choreography, what is drawn on the floor."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Show": "表示",
    "What is drawn as markers; hidden ones are remembered": (
        "マーカーとして表示するもの。隠したものも記憶されています"
    ),
    "Bars, and beats counted from 1 to 8": "小節と、1から8まで数えたビート",
    "Sections": "セクション",
    "Where the parts of the song begin": "曲の各部分の始まり",
    "Events": "イベント",
    "Breaks, build-ups, drops, fills and the last note": (
        "ブレイク、ビルドアップ、ドロップ、フィル、最後の音"
    ),
    "Click Track": "クリック音",
    "Hear a click on every beat, higher where a bar begins; it is never rendered": (
        "各ビートでクリック音を鳴らします。小節の頭は高い音です。レンダリングには入りません"
    ),
    "Or": "または",
    "Other Tempi": "ほかのテンポ",
    "Report": "レポート",
    "Section": "セクション",
    "What the section is called": "セクションの名前",
    "How this section is danced": "このセクションの踊り方",
    "How much more, or less, the body moves in this section than the song asks for": (
        "このセクションで、曲が求めるよりどれだけ大きく、または小さく動くか"
    ),
    "Returns to": "戻る先",
    "Whose moves come back in this section": (
        "このセクションで、どのセクションの振りが戻ってくるか"
    ),
    "Own Moves": "独自の振り",
    "A dance of its own": "独自のダンス",
    "The dance of this section comes back": "このセクションのダンスが戻ってきます",
    "As the Dance": "ダンスと同じ",
    "The style of the whole dance": "ダンス全体のスタイル",
    "Split Section": "セクションを分割",
    "Cut the section under the playhead in two, at the nearest bar line": (
        "再生ヘッドのあるセクションを、最も近い小節線で二つに分けます"
    ),
    "Join with Next": "次と結合",
    "Make one section of the active one and the next": (
        "アクティブなセクションと次のセクションを一つにします"
    ),
    "Move to Playhead": "再生ヘッドへ移動",
    "Let the active section begin at the bar line that is nearest to the playhead": (
        "アクティブなセクションの始まりを、再生ヘッドに最も近い小節線にします"
    ),
    "Go to Section": "セクションへ移動",
    "Put the playhead where the active section begins": (
        "再生ヘッドをアクティブなセクションの始まりに置きます"
    ),
    "Choreography": "振付",
    "Front": "正面",
    "Where the dance faces": "ダンスの向く方向",
    "Audience": "観客",
    "The front of the dancer's object": "ダンサーのオブジェクトの正面",
    "Camera": "カメラ",
    "The camera, also while it moves": "カメラの方向。カメラが動いても追います",
    "Any object, also while it moves": "任意のオブジェクトの方向。動いても追います",
    "Free": "自由",
    "Wherever the moves lead": "振りのままに",
    "The camera to face; empty is the scene's": "向く先のカメラ。空のときはシーンのカメラ",
    "The object to face": "向く先のオブジェクト",
    "There is no camera yet": "カメラがまだありません",
    "Path": "経路",
    "Where the dance goes on the floor": "床の上をどう進むか",
    "On Stage": "ステージ上",
    "As the moves lead, within some metre": "振りのままに、1メートルほどの範囲で",
    "Where it begins": "始まった場所で",
    "Curve": "カーブ",
    "Along a curve, from its beginning to its end": "カーブに沿って、始点から終点まで",
    "The curve to follow; key its Evaluation Time to say when the dance is where": (
        "たどるカーブ。「評価時間」にキーを打つと、いつどこにいるかを決められます"
    ),
    "Ask for it; off leaves it to the song": "これを指定します。オフでは曲にまかせます",
    "Legs": "脚",
    "Mean speed of knees and feet as the hips see them, in m/s; 0.5 is usual": (
        "腰から見たひざと足の平均速度（m/s）。普通は0.5"
    ),
    "Arms": "腕",
    "Mean speed of elbows and hands as the chest sees them, in m/s; 0.8 is usual": (
        "胸から見たひじと手の平均速度（m/s）。普通は0.8"
    ),
    "Level": "高さ",
    "How high the hips are over standing, in m; below 0 the dance crouches": (
        "立った姿勢に対する腰の高さ（m）。0より下では腰を落として踊ります"
    ),
    "Returns": "反復",
    "How literally phrases return: 1 every move, 0.5 the poses on the beats, 0 not at all": (
        "フレーズがどれだけそのまま戻るか：1はすべての動き、0.5はビート上のポーズ、0は戻りません"
    ),
    "From the Song": "曲から",
    "Key the dials with what the song asks of legs, arms, level and returns, to begin with": (
        "脚、腕、高さ、反復について曲が求める値を、出発点としてダイヤルにキーで入れます"
    ),
    "Reset": "リセット",
    "Reset Dials": "ダイヤルをリセット",
    "Free the dials: their keys go, and the song decides again": (
        "ダイヤルを解放します：キーは消え、再び曲にまかせます"
    ),
    "In the preview range:": "プレビュー範囲で：",
    "From the playhead's bar on:": "再生ヘッドの小節から：",
    "In the active section:": "アクティブなセクションで：",
    "Calmer": "落ち着いて",
    "Livelier": "元気に",
    "Calmer or Livelier": "落ち着いて／元気に",
    "Key the energy lower, or higher, over a range; Generate or Regenerate obeys it": (
        "ある範囲のエネルギーに低い、または高いキーを打ちます。「生成」と「再生成」が従います"
    ),
    "Where": "場所",
    "Over which frames": "どのフレームで",
    "Preview Range or Playhead": "プレビュー範囲または再生ヘッド",
    "The preview range; without one from the playhead on": (
        "プレビュー範囲。なければ再生ヘッドから"
    ),
    "The frames of the preview range": "プレビュー範囲のフレーム",
    "Active Section": "アクティブなセクション",
    "The section that is active in the list": "一覧でアクティブなセクション",
    "From the Playhead's Bar On": "再生ヘッドの小節から",
    "From the bar at the playhead to the song's end": "再生ヘッドの小節から曲の終わりまで",
    "Amount": "量",
    "How much is added to the energy; below 0 is calmer": (
        "エネルギーに加える量。0より下は落ち着いた動き"
    ),
    "Hold Pose": "ポーズを保持",
    "Key it on, and off again later: the dance holds its pose from here to there": (
        "オンのキーと、後でオフのキーを打つと、その間ダンスはポーズを保ちます"
    ),
    "Jumps": "ジャンプ",
    "How often the dance jumps: 1 as the style's dancers do, 0 never": (
        "ジャンプの頻度。1でそのスタイルのダンサーと同じ、0でなし"
    ),
    "Turns": "ターン",
    "How often the dance turns round: 1 as the style's dancers do, 0 never": (
        "一回転する頻度。1でそのスタイルのダンサーと同じ、0でなし"
    ),
    "Hold in Breaks": "ブレイクで保持",
    "Where the song's drums fall away, the dance holds a pose for two beats": (
        "ドラムが抜けるところで、2拍の間ポーズを保ちます"
    ),
    "Hold Pose Here": "ここでポーズを保持",
    "Key a held pose: over the preview range, or for two beats from the playhead on": (
        "ポーズの保持にキーを打ちます：プレビュー範囲、または再生ヘッドから2拍"
    ),
    "How many beats it is held": "何拍保つか",
    "Show on the Floor": "床に表示",
    "Draw the stage, the front, and the path with its beats in the 3D view": (
        "ステージ、正面、ビート付きの経路を3Dビューに描きます"
    ),
}
