"""Japanese for the texts of: export."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Export": "書き出し",
    "Export Dance as BVH": "ダンスをBVHで書き出し",
    "Export Dance as FBX": "ダンスをFBXで書き出し",
    "Export Dance as glTF": "ダンスをglTFで書き出し",
    "Bake Dance to Controls": "ダンスをコントロールにベイク",
    "Export BVH": "BVHを書き出し",
    "Save the dance as motion capture on Audio2Pose's own skeleton, from whatever rig it is on": (
        "どのリグのダンスでも、Audio2Pose自身のスケルトンのモーションキャプチャーとして保存します"
    ),
    "Export FBX": "FBXを書き出し",
    "Save the dancer with its meshes and the baked dance, by Blender's FBX exporter": (
        "ダンサーをメッシュとベイクしたダンスごと、BlenderのFBXエクスポーターで保存します"
    ),
    "Export glTF": "glTFを書き出し",
    "Save the dancer with its meshes and the baked dance, by Blender's glTF exporter": (
        "ダンサーをメッシュとベイクしたダンスごと、BlenderのglTFエクスポーターで保存します"
    ),
    "Audio2Pose Dance (.bvh)": "Audio2Poseのダンス (.bvh)",
    "Audio2Pose Dance (.vrma)": "Audio2Poseのダンス (.vrma)",
    "Audio2Pose Dance (.vmd)": "Audio2Poseのダンス (.vmd)",
    "Frames per Second": "毎秒フレーム数",
    "How often the dance is sampled": "ダンスをサンプリングする間隔",
    "As many as the scene has frames": "シーンのフレームレートと同じ",
    "24 a second": "毎秒24",
    "25 a second": "毎秒25",
    "30 a second": "毎秒30",
    "60 a second": "毎秒60",
    "Bake to Controls": "コントロールにベイク",
    "Write one key a frame on every control that dances, with NLA layers added in": (
        "踊るすべてのコントロールに毎フレーム一つのキーを書きます。NLAレイヤーも含みます"
    ),
    "Keys per Second": "毎秒キー数",
    "How many keys a second": "毎秒いくつのキーを打つか",
    "Select an armature that dances, or generate a dance": (
        "踊っているアーマチュアを選ぶか、ダンスを生成してください"
    ),
    "Export USD": "USDを書き出し",
    "Save the dancer with its meshes and the baked dance, by Blender's USD exporter": (
        "ダンサーをメッシュとベイクしたダンスごと、BlenderのUSDエクスポーターで保存します"
    ),
    "Export VRM Animation": "VRMアニメーションを書き出し",
    "Save the dance for any VRM model, as VRM Animation": (
        "どのVRMモデルでも使えるVRMアニメーション (.vrma) としてダンスを保存します"
    ),
    "Export VMD": "VMDを書き出し",
    "Save the dance for MikuMikuDance's models, at 30 frames a second, legs on IK": (
        "MikuMikuDanceのモデル用にダンスを保存します（毎秒30フレーム、足ＩＫ）"
    ),
    "Export AIST++ Motion": "AIST++モーションを書き出し",
    "Save the dance as SMPL poses at 60 frames a second, in the format of AIST++": (
        "ダンスを毎秒60フレームのSMPLポーズとして、AIST++の形式で保存します"
    ),
    "Which dances are written": "どのダンスを書き出すか",
    "What Plays": "再生中のもの",
    "The dance that plays, with its corrections": "再生中のダンス（補正を含む）",
    "All Takes": "すべてのテイク",
    "Every take of the list, each by its name": "一覧のすべてのテイクを、それぞれの名前で",
    "What travels over the floor": "床の上を移動するもの",
    "As It Is": "そのまま",
    "As the dance was written": "ダンスが書かれたとおり",
    "The hips travel over the floor": "腰が床の上を移動します",
    "A root bone on the floor travels, as game engines want it": (
        "ゲームエンジンに合わせて、床のルートボーンが移動します"
    ),
    "Nothing travels over the floor": "何も移動しません",
    "Names": "名前",
    "Whose names and rest pose the joints have": "関節の名前とレストポーズの種類",
    "Our own names, arms out at rest": "Audio2Poseの名前、レストポーズは腕を横に",
    "Mixamo": "Mixamo",
    "Mixamo's names, arms out at rest": "Mixamoの名前、レストポーズは腕を横に",
    "Unreal": "Unreal",
    "The names of Unreal's mannequin, arms down by 45 degrees at rest": (
        "Unrealのマネキンの名前、レストポーズは腕を45度下げて"
    ),
    "Unity": "Unity",
    "The names of Unity's humanoid, arms out at rest": (
        "UnityのHumanoidの名前、レストポーズは腕を横に"
    ),
    "CMU": "CMU",
    "The names and bones of CMU's motion capture, arms out at rest": (
        "CMUモーションキャプチャーの名前とボーン、レストポーズは腕を横に"
    ),
    "Body": "体",
    "Who dances in the file": "ファイルの中で誰が踊るか",
    "This Character": "このキャラクター",
    "The character with its own bones and meshes": "キャラクター自身のボーンとメッシュ",
    "Mannequin for Unreal": "Unreal用マネキン",
    "Our mannequin with the bone names of Unreal's": ("Unrealのボーン名を持つAudio2Poseのマネキン"),
    "Mannequin for Unity": "Unity用マネキン",
    "Our mannequin with the bone names of Unity's humanoid": (
        "UnityのHumanoidのボーン名を持つAudio2Poseのマネキン"
    ),
    "Mannequin for Mixamo": "Mixamo用マネキン",
    "Our mannequin with Mixamo's bone names": "Mixamoのボーン名を持つAudio2Poseのマネキン",
    "Export Dance as VRM Animation": "ダンスをVRMアニメーションで書き出し",
    "Export Dance as VMD": "ダンスをVMDで書き出し",
    "Export Dance as AIST++ Motion": "ダンスをAIST++モーションで書き出し",
    "Export Dance as USD": "ダンスをUSDで書き出し",
    "What travels over the floor in FBX, glTF and USD": "FBX・glTF・USD で床の上を移動するもの",
    "Who dances in an FBX or glTF file": "FBX・glTF ファイルの中で誰が踊るか",
}
