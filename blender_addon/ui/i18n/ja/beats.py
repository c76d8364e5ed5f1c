"""Japanese for the texts of: beats."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Beats": "ビート",
    "Analyse Beats": "ビートを解析",
    "Find the song's beats, bars, sections and events, and draw them as markers to be edited": (
        "曲のビート、小節、セクション、イベントを見つけ、編集できるマーカーとして表示します"
    ),
    "Markers": "マーカー",
    "Where the beats are drawn": "ビートを表示する場所",
    "Action": "アクション",
    "As pose markers of the dancer's action: seen in the Action Editor, where Marker > Show "
    "Pose Markers is on, and they go along with the action": (
        "ダンサーのアクションのポーズマーカーとして表示します。アクションエディターで「マーカ"
        "ー > ポーズマーカーを表示」をオンにすると見え、アクションと一緒に移動します"
    ),
    "Timeline": "タイムライン",
    "As markers of the scene: seen in every editor of time, whoever dances": (
        "シーンのマーカーとして表示します。誰が踊っていても、時間を扱うすべてのエディターで見えます"
    ),
    "Both": "両方",
    "As pose markers and as markers of the scene": (
        "ポーズマーカーとシーンのマーカーの両方として表示します"
    ),
    "Tempo": "テンポ",
    "Confidence": "信頼度",
    "Check the beats: the tracker is not sure": (
        "ビートを確認してください：検出に自信がありません"
    ),
    "No pulse was heard: edit the markers": "拍が聞き取れません：マーカーを編集してください",
    "These are the beats of another song": "これは別の曲のビートです",
    "Shift Beats": "ビートをずらす",
    "How many beats later": "何拍後ろにずらすか",
    "Move every beat by whole beats or parts of one, bars included": (
        "すべてのビートを、小節ごと、拍単位またはその一部だけずらします"
    ),
    "Shift Bars": "小節をずらす",
    "How many beats later the bars begin": "小節の頭を何拍後ろにするか",
    "Let the bars begin on a later or earlier beat; the beats stay where they are": (
        "小節の頭を前後のビートに移します。ビートはそのままです"
    ),
    "Half Tempo": "テンポを半分に",
    "Keep every second beat: for a tempo that was taken twice as quick": (
        "ビートを一つおきに残します：テンポが2倍に検出されたときに"
    ),
    "Double Tempo": "テンポを2倍に",
    "Add a beat between every two: for a tempo that was taken half as quick": (
        "ビートの間に一つずつ加えます：テンポが半分に検出されたときに"
    ),
    "Refresh Beat Markers": "ビートマーカーを更新",
    "Refresh Markers": "マーカーを更新",
    "Draw the markers anew: after the strip was moved, or to number the bars again": (
        "マーカーを描き直します：ストリップを動かした後や、小節番号を振り直すときに"
    ),
    "Clear Beats": "ビートを消去",
    "Take the beats and their markers away; the next dance finds its beats itself": (
        "ビートとマーカーを取り除きます。次のダンスは自分でビートを探します"
    ),
}
