"""Japanese for the texts of: crew."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Crew": "クルー",
    "Make Dance Crew": "ダンスクルーを作成",
    "Make Crew": "クルーを作成",
    "Add dancers around this one: in formations, together, in canon, or by turns": (
        "このダンサーの周りにダンサーを加えます：フォーメーションで、一緒に、カノンで、または交互に"
    ),
    "Make Crowd": "群衆を作成",
    "Fill the ground around the selected dancers with copies of them that need no keys": (
        "選択したダンサーの周りを、キーのいらないコピーで埋めます"
    ),
    "Crowd": "群衆",
    "Total dancers of the crowd, including those that are there": (
        "今いるダンサーを含めた群衆の合計人数"
    ),
    "Dancers": "ダンサー数",
    "Total dancers, including this one": "このダンサーを含めた合計人数",
    "Timing": "タイミング",
    "Who dances what, and when": "誰がいつ何を踊るか",
    "Together": "一緒に",
    "All dance the same at the same time": "全員が同時に同じ振りを踊ります",
    "Canon": "カノン",
    "Each begins a little after the one before": "一人ずつ少し遅れて始めます",
    "Call and Answer": "コール＆レスポンス",
    "Half of them dance eight counts, and the others answer with them": (
        "半分が8カウント踊り、残りが同じ振りで応えます"
    ),
    "Own Dances": "別々のダンス",
    "Each has a dance of its own to the same song": "同じ曲で一人ずつ別のダンスを踊ります",
    "Offset": "ずれ",
    "Delay between dancers, in beats": "ダンサー間の遅れ（拍）",
    "Mirrored": "左右反転",
    "Those on the right dance the mirror image": "右側に立つダンサーは鏡像を踊ります",
    "Bar": "小節",
    "Formation": "フォーメーション",
    "How the crew stands at first": "クルーの最初の並び方",
    "How the crew stands from this bar on": "この小節からのクルーの並び方",
    "The formation stands on the first beat of this bar": (
        "この小節の1拍目にフォーメーションが完成します"
    ),
    "Change of Formation": "フォーメーションの変更",
    "Later Formations": "以後のフォーメーション",
    "From Sections": "セクションから",
    "Give each section of the song a formation of its own; sections that return get theirs back": (
        "曲の各セクションに別のフォーメーションを与えます。戻ってくるセクションでは同じものに"
        "戻ります"
    ),
    "Add Formation": "フォーメーションを追加",
    "Let the crew change its formation at another bar": (
        "別の小節でクルーのフォーメーションを変えます"
    ),
    "Remove Formation": "フォーメーションを削除",
    "Take this change of formation out": "このフォーメーションの変更を取り除きます",
    "Line": "横一列",
    "Side by side": "横に並びます",
    "V": "V字",
    "The first in front, the others behind to the left and right": (
        "一人目が先頭、ほかは左右の後ろに並びます"
    ),
    "Circle": "円",
    "In a ring, the first nearest to the audience; all face the front": (
        "輪になり、一人目が観客に最も近く、全員が正面を向きます"
    ),
    "Rows": "列",
    "One row behind the other, everybody in a gap": "前後に列を作り、前の人の間に立ちます",
    "Scattered": "散らばる",
    "Without a pattern, with room for everybody": "決まった形なしに、全員に場所を空けて",
    "Along a Curve": "カーブに沿って",
    "Along a curve that you draw": "自分で描いたカーブに沿って",
    "Curve": "カーブ",
    "The curve that the crew stands along; the first dancer keeps its place": (
        "クルーが沿って立つカーブ。一人目の位置はそのままです"
    ),
    "Spacing": "間隔",
    "Between neighbours; wider where they would touch each other": (
        "隣との距離。ぶつかるところでは広くなります"
    ),
}
