"""Editing a character's bone map; presets of it saved, applied, taken in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ...core import errors, retarget
from ...rig import active, retarget as rig_retarget, settings as rig_settings
from .dancer_operator import DancerOperator


class AUDIO2POSE_OT_character_edit(DancerOperator):
    """Write the bones that were found into a list that can be edited"""

    bl_idname = "audio2pose.character_edit"
    bl_label = "Edit Bone Map"

    def work(self, armature: Any) -> str:
        """Store what is detected now."""
        found = rig_retarget.detect(armature).found
        rig_settings.store_map(armature, found.map, found.title)
        return ""


class AUDIO2POSE_OT_character_detect(DancerOperator):
    """Forget the edited list and find the bones by their names and places again"""

    bl_idname = "audio2pose.character_detect"
    bl_label = "Detect Bone Map Again"

    def work(self, armature: Any) -> str:
        """Drop the edited map."""
        settings = rig_settings.writable(armature)
        settings.rows.clear()
        settings.edited = False
        found = rig_retarget.detect(armature).found
        return f"{found.title}, {found.confidence:.0%} sure"


class AUDIO2POSE_OT_character_row_add(DancerOperator):
    """Add one more bone to the spine or to the neck, above those there are"""

    bl_idname = "audio2pose.character_row_add"
    bl_label = "Add Bone to Map"

    part: EnumProperty(  # type: ignore[valid-type]
        name="Part", items=(("spine", "Spine", ""), ("neck", "Neck", ""))
    )

    def work(self, armature: Any) -> str:
        """A new row after the last of its part."""
        settings = rig_settings.writable(armature)
        last = max((i for i, r in enumerate(settings.rows) if r.part == self.part), default=-1)
        settings.rows.add().part = self.part
        settings.rows.move(len(settings.rows) - 1, last + 1)
        settings.row = last + 1
        return ""


class AUDIO2POSE_OT_character_row_clear(DancerOperator):
    """Let the chosen part have no bone; its turn is folded into its neighbours"""

    bl_idname = "audio2pose.character_row_clear"
    bl_label = "Clear Bone of Map"

    def work(self, armature: Any) -> str:
        """Empty the active row; a further spine or neck row goes."""
        settings = rig_settings.writable(armature)
        if not 0 <= settings.row < len(settings.rows):
            raise errors.RigError("choose a row of the list first")
        part = settings.rows[settings.row].part
        if sum(row.part == part for row in settings.rows) > 1:
            settings.rows.remove(settings.row)
            settings.row = min(settings.row, len(settings.rows) - 1)
        else:
            settings.rows[settings.row].bone = ""
        return ""


class AUDIO2POSE_OT_character_preset_save(DancerOperator):
    """Save the bone map in your own folder; rigs with the same bones then take it by themselves"""

    bl_idname = "audio2pose.character_preset_save"
    bl_label = "Save Bone Map Preset"

    name: StringProperty(name="Name")  # type: ignore[valid-type]

    def invoke(self, context: Any, _event: Any) -> Any:
        """Ask for the name."""
        self.name = self.name or active.active_dancer(context).name
        return context.window_manager.invoke_props_dialog(self)

    def work(self, armature: Any) -> str:
        """Write the file."""
        character = rig_retarget.detect(armature)
        character.plan()
        name = rig_settings.file_name(self.name)
        path = rig_settings.preset_folder() / f"{name}.json"
        rig_settings.write_preset(path, character.map, self.name)
        return f"Saved {path}"


def _preset_items(_self: Any, _context: Any) -> list[tuple[str, str, str]]:
    global _kept_items
    # Blender needs the strings of a dynamic enum kept alive.
    _kept_items = [(name, name, str(path)) for name, path in own_presets_or_none()]
    return _kept_items


_kept_items: list[tuple[str, str, str]] = []


def own_presets_or_none() -> list[tuple[str, Path]]:
    """Names and files of the user's presets, or one line that says there are none."""
    return list(rig_settings.own_presets().items()) or [("", Path())]


class _PresetOperator(DancerOperator):
    preset: EnumProperty(name="Preset", items=_preset_items)  # type: ignore[valid-type]

    def invoke(self, context: Any, _event: Any) -> Any:
        """Ask which."""
        return context.window_manager.invoke_props_dialog(self)

    def file(self) -> Path:
        """The chosen file; RigError where there is none."""
        path = rig_settings.own_presets().get(self.preset)
        if path is None:
            raise errors.RigError("there is no preset of your own yet; save or import one first")
        return path


class AUDIO2POSE_OT_character_preset_apply(_PresetOperator):
    """Use one of your own presets on this character"""

    bl_idname = "audio2pose.character_preset_apply"
    bl_label = "Use Bone Map Preset"

    def work(self, armature: Any) -> str:
        """Put the preset's map on the armature."""
        return _apply(armature, self.file())


class AUDIO2POSE_OT_character_preset_remove(_PresetOperator):
    """Delete one of your own presets from disk"""

    bl_idname = "audio2pose.character_preset_remove"
    bl_label = "Remove Bone Map Preset"

    def work(self, _armature: Any) -> str:
        """Delete the file."""
        path = self.file()
        try:
            path.unlink()
        except OSError as error:
            raise errors.OutputError(f"cannot delete {path}: {error.strerror or error}") from error
        return f"Removed {path}"


class _FileOperator(DancerOperator):
    filepath: StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    check_existing: BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: Any, _event: Any) -> Any:
        """Ask for the file."""
        if not self.filepath:
            self.filepath = bpy.path.clean_name(active.active_dancer(context).name) + ".json"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def file(self) -> Path:
        """The chosen file, .json; RigError where none was chosen."""
        if not self.filepath:
            raise errors.RigError("choose a file")
        path = Path(bpy.path.abspath(self.filepath))
        return path if path.suffix.lower() == ".json" else path.with_name(path.name + ".json")


class AUDIO2POSE_OT_character_preset_import(_FileOperator):
    """Use a bone map from a JSON file on this character, and keep it among your presets"""

    bl_idname = "audio2pose.character_preset_import"
    bl_label = "Import Bone Map Preset"

    def work(self, armature: Any) -> str:
        """Read, use, keep."""
        source = self.file()
        said = _apply(armature, source)
        made, title = rig_settings.edited_map(armature) or (None, "")
        assert made is not None
        name = rig_settings.file_name(source.stem)
        path = rig_settings.preset_folder() / f"{name}.json"
        rig_settings.write_preset(path, made, title)
        return said


class AUDIO2POSE_OT_character_preset_export(_FileOperator):
    """Write this character's bone map to a JSON file"""

    bl_idname = "audio2pose.character_preset_export"
    bl_label = "Export Bone Map Preset"

    def work(self, armature: Any) -> str:
        """Write the file."""
        character = rig_retarget.detect(armature)
        path = self.file()
        rig_settings.write_preset(path, character.map, path.stem)
        return f"Wrote {path}"


def _apply(armature: Any, path: Path) -> str:
    preset = retarget.read_preset(path)
    character = rig_retarget.detect(armature)
    found = retarget.map_of(preset, character.rig)
    judged = retarget.judge(character.rig, found, preset.title)
    if judged.lacks:
        raise errors.RigError(
            f"preset {preset.title!r} does not fit armature {armature.name!r}: "
            f"no bone for {', '.join(judged.lacks[:6])}"
        )
    rig_settings.store_map(armature, found, preset.title)
    return f"{preset.title}: {len(found.bones)} parts"


_CLASSES = (
    AUDIO2POSE_OT_character_edit,
    AUDIO2POSE_OT_character_detect,
    AUDIO2POSE_OT_character_row_add,
    AUDIO2POSE_OT_character_row_clear,
    AUDIO2POSE_OT_character_preset_save,
    AUDIO2POSE_OT_character_preset_apply,
    AUDIO2POSE_OT_character_preset_remove,
    AUDIO2POSE_OT_character_preset_import,
    AUDIO2POSE_OT_character_preset_export,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
