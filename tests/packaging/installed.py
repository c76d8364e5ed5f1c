"""Run by test_extension.py in a fresh Python with bpy: install the zip and use it as a user does.

    python installed.py ZIP SONG REPOSITORY [MODEL]

BLENDER_USER_RESOURCES names an empty folder. Prints one line of JSON, last.
"""

import importlib.util
import json
import sys

import bpy

zip_path, song, repository = sys.argv[1:4]
MODULE = "bl_ext.user_default.audio2pose"

result = bpy.ops.extensions.package_install_files(
    filepath=zip_path, repo="user_default", enable_on_install=True
)
found = {
    "installed": list(result),
    "enabled": MODULE in bpy.context.preferences.addons,
    "panel": bpy.types.AUDIO2POSE_PT_dance.__module__,
    "onnxruntime": importlib.util.find_spec("onnxruntime").origin,
    "repository": [p for p in sys.path if p.rstrip("/") == repository.rstrip("/")],
}
if len(sys.argv) > 4:
    if sys.argv[4] != "default":
        bpy.context.preferences.addons[MODULE].preferences.model = sys.argv[4]
    scene = bpy.context.scene
    scene.frame_start = 25
    bpy.ops.audio2pose.add_song(filepath=song)
    found["generated"] = list(bpy.ops.audio2pose.generate())
    dancer = scene.audio2pose.target
    compat = sys.modules[f"{MODULE}.compat"]
    curves = compat.fcurves_of(dancer)
    found["curves"] = len(curves)
    found["frames"] = [curves[0].range()[0], curves[0].range()[1]]
    found["tempo"] = scene.audio2pose.result.tempo_bpm
    found["analysed"] = list(bpy.ops.audio2pose.analyse())
    beats = [
        m for m in bpy.context.scene.timeline_markers if m.name.lower().startswith(("bar", "beat"))
    ]
    found["beat_markers"] = len(beats)
    moved = [abs(curve.evaluate(60) - curve.evaluate(30)) for curve in curves]
    found["moved"] = max(moved)

modules = [name for name in sys.modules if name.split(".")[0] == "audio2pose_core"]
found["top_level_library"] = modules
found["heavy"] = [name for name in ("torch", "librosa", "onnxruntime") if name in sys.modules]
# Off, on again, off: what the second round finds is what the first one left.
bpy.ops.preferences.addon_disable(module=MODULE)
bpy.ops.preferences.addon_enable(module=MODULE)
found["again"] = hasattr(bpy.types, "AUDIO2POSE_PT_dance")
bpy.ops.preferences.addon_disable(module=MODULE)
found["handlers"] = [
    f.__module__ for f in bpy.app.handlers.load_post if "audio2pose" in f.__module__
]
found["left"] = [n for n in (*dir(bpy.types), *dir(bpy.types.Scene)) if "audio2pose" in n.lower()]
print(json.dumps(found))
