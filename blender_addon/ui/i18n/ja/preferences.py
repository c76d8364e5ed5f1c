"""Japanese for the texts of: preferences."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "Model": "モデル",
    "A trained model (.onnx with its .json beside it); leave it empty for the dancer that "
    "comes with the extension": (
        "学習済みモデル（.onnxと、隣に置いた.json）。空のときは拡張機能に付属のダンサーを使います"
    ),
    "More Models": "その他のモデル",
    "A folder with more models; each is shown with its card": (
        "モデルを入れたフォルダー。それぞれカードつきで表示されます"
    ),
    "Use": "使用",
    "Let this model dance from now on": "これからはこのモデルで踊ります",
    "Styles": "スタイル",
    "Trained on": "学習データ",
    "Licence": "ライセンス",
    "Threads": "スレッド",
    "Threads of the dancer; 0 uses every core. Fewer leave more for Blender": (
        "ダンサーが使うスレッド数。0はすべてのコアを使います。少ないほどBlenderに余裕が残ります"
    ),
    "Device": "デバイス",
    "What the dancer is computed on": "ダンサーを計算する装置",
    "An accelerator where there is one, else the processor": (
        "アクセラレーターがあればそれを、なければプロセッサーを使います"
    ),
    "The processor": "プロセッサー",
    "An NVIDIA card; needs an ONNX Runtime that was built for it": (
        "NVIDIAのカード。対応するONNX Runtimeが必要です"
    ),
    "A graphics card on Windows; needs an ONNX Runtime built for it": (
        "Windowsのグラフィックカード。対応するONNX Runtimeが必要です"
    ),
    "Core ML": "Core ML",
    "Apple's accelerators": "Appleのアクセラレーター",
    "Verbose Log": "詳細ログ",
    "Write every job, its stages and what the worker says to the terminal": (
        "すべてのジョブ、その段階、ワーカーのメッセージを端末に出力します"
    ),
    "New scenes begin with": "新しいシーンの初期値",
    "Style of a new scene": "新しいシーンのスタイル",
    "Energy of a new scene": "新しいシーンのエネルギー",
    "How many dances are compared in a new scene": "新しいシーンで比べるダンスの数",
    "Keys of a new scene": "新しいシーンのキー",
    "Key tolerance of a new scene, in cm": "新しいシーンのキー許容誤差（cm）",
    "Shortcut": "ショートカット",
}
