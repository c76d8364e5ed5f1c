"""Japanese for the texts of: takes."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Length": "長さ",
    "Seconds": "秒",
    "Made": "作成日時",
    "About This Take": "このテイクについて",
    "Delete Others": "ほかを削除",
    "Delete": "削除",
    "{} takes are deleted; this one and those with a shield stay": (
        "{}個のテイクを削除します。このテイクと盾のついたものは残ります"
    ),
    "Takes": "テイク",
    "Name": "名前",
    "Double-click to rename": "ダブルクリックで名前を変更",
    "Keep": "保護",
    "Delete Others leaves this take alone": "「ほかを削除」でもこのテイクは残ります",
    "Play Take": "テイクを再生",
    "Dance this take; the one before stays on its muted NLA track": (
        "このテイクを踊ります。前のテイクはミュートしたNLAトラックに残ります"
    ),
    "Compare": "比較",
    "Compare with Last Take": "前のテイクと比較",
    "Back to the take that was danced before this one; again to return": (
        "この前に踊っていたテイクに戻ります。もう一度で元に戻ります"
    ),
    "Show Take Beside": "テイクを隣に表示",
    "Show Beside": "隣に表示",
    "Show the chosen take, or the one before, on a copy beside the dancer; again to remove it": (
        "選んだテイク、または一つ前のテイクを、ダンサーの隣のコピーで見せます。もう一度で消えます"
    ),
    "Follow Tempo": "テンポに合わせる",
    "Stretch this take beat to beat to its song, whose tempo or beats changed, as a new take": (
        "テンポやビートが変わった曲に、このテイクをビートごとに伸縮して合わせ、新しいテイクにします"
    ),
    "Choose Take": "テイクを選択",
    "Dance this one of the takes that are shown side by side, and take the copies away": (
        "並べて表示中のテイクからこれを踊り、コピーを取り除きます"
    ),
    "Delete Take": "テイクを削除",
    "Delete this take with its action; Undo brings it back": (
        "このテイクをアクションごと削除します。元に戻すことができます"
    ),
    "Load Take Settings": "テイクの設定を読み込む",
    "Set style, seed and all the rest as they were for this take: Generate makes it again": (
        "スタイル、シードなどすべてをこのテイクのときの設定にします。「生成」で同じものが作れます"
    ),
    "Add Corrections Layer": "補正レイヤーを追加",
    "Corrections": "補正",
    "Lay a layer on the take and open it: keys that you set, auto-keys too, are added to it": (
        "テイクの上にレイヤーを置いて開きます。打ったキーは、自動キーも含めてダンスに加算されます"
    ),
    "No takes yet; generate a dance first": (
        "テイクがまだありません。先にダンスを生成してください"
    ),
    "Its action was deleted": "アクションが削除されています",
    "Cannot be read": "読み込めません",
    "Regenerate": "再生成",
    "Regenerate Dance": "ダンスを再生成",
    "Lock Dance": "ダンスをロック",
    "Unlock Dance": "ダンスのロックを解除",
    "Generate the chosen bars, or bones, again as a new take; your own keys stay": (
        "選んだ小節やボーンを作り直し、新しいテイクにします。自分で打ったキーは残ります"
    ),
    "-1 draws a new one": "-1 で新しいシードを選びます",
    "Bars": "小節",
    "Regenerate only these bars": "この小節だけを再生成します",
    "From Bar": "開始小節",
    "The first bar that is regenerated": "再生成する最初の小節",
    "To Bar": "終了小節",
    "The last bar that is regenerated": "再生成する最後の小節",
    "Selected Bones": "選択したボーン",
    "Regenerate only the selected bones": "選択したボーンだけを再生成します",
    "Keep My Edits": "手直しを保持",
    "Keys that were changed, added or deleted by hand stay, and the new motion passes "
    "through them": "手で変更、追加、削除したキーを残し、新しい動きはそこを通ります",
    "Lock": "ロック",
    "Lock keys, bones or a range: Regenerate leaves them as they are": (
        "キー、ボーン、範囲をロックします。「再生成」はそのままにします"
    ),
    "Unlock": "ロック解除",
    "Unlock keys, bones, a range, or everything": (
        "キー、ボーン、範囲、またはすべてのロックを解除します"
    ),
    "Select My Keys": "自分のキーを選択",
    "Select the keys that were changed or added by hand since the take was made": (
        "テイクの作成後に手で変更または追加したキーを選択します"
    ),
    "First Frame": "最初のフレーム",
    "Last Frame": "最後のフレーム",
    "Empty is all bones": "空のときはすべてのボーン",
}
