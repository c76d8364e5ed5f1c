"""The only place that asks which Blender this is: 4.5 LTS up to 5.2 LTS.

Each function says which boundary it hides. Later Blenders are taken to behave
as the newest one known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

BLENDER_5 = bpy.app.version >= (5, 0, 0)
BLENDER_5_1 = bpy.app.version >= (5, 1, 0)


# --- actions: slots and channelbags (4.4), no Action.fcurves any more (5.0) ---


def new_action(datablock: Any, name: str) -> tuple[Any, Any]:
    """Give ``datablock`` a new, empty action; return (action, channelbag).

    An action that was there before stays in the file (fake user), so that no
    hand-made key is ever lost.
    """
    animation = datablock.animation_data or datablock.animation_data_create()
    if animation.action is not None:
        animation.action.use_fake_user = True
    action = bpy.data.actions.new(name)
    slot = action.slots.new(datablock.id_type, datablock.name)
    animation.action = action
    animation.action_slot = slot
    return action, channelbag(action, slot, ensure=True)


def play_action(datablock: Any, action: Any) -> None:
    """Let ``datablock`` play an action, with the slot that suits it.

    Another action that it played stays in the file (fake user).
    """
    animation = datablock.animation_data or datablock.animation_data_create()
    # While an NLA strip is tweaked, Blender lets nobody set another action.
    animation.use_tweak_mode = False
    if animation.action is not None and animation.action != action:
        animation.action.use_fake_user = True
    animation.action = action
    if animation.action_slot is None:
        animation.action_slot = animation.action_suitable_slots[0]


def channelbag(action: Any, slot: Any, ensure: bool = False) -> Any:
    """The channelbag that holds the curves of ``slot``, or None where there is none."""
    if not action.layers:
        if not ensure:
            return None
        action.layers.new("Layer")
    layer = action.layers[0]
    if not layer.strips:
        if not ensure:
            return None
        layer.strips.new(type="KEYFRAME")
    return layer.strips[0].channelbag(slot, ensure=ensure)


def channelbag_of(datablock: Any) -> Any:
    """The channelbag of the action and slot that ``datablock`` plays, or None."""
    animation = datablock.animation_data
    if animation is None or animation.action is None or animation.action_slot is None:
        return None
    return channelbag(animation.action, animation.action_slot)


def fcurves_of(datablock: Any) -> list[Any]:
    """All curves of the action and slot that ``datablock`` plays."""
    bag = channelbag_of(datablock)
    return [] if bag is None else list(bag.fcurves)


def new_fcurve(bag: Any, data_path: str, index: int, group: str) -> Any:
    """A new, empty curve in the named group of a channelbag (``group_name`` is new in 5.0)."""
    if BLENDER_5:
        return bag.fcurves.new(data_path, index=index, group_name=group)
    curve = bag.fcurves.new(data_path, index=index)
    curve.group = bag.groups.get(group) or bag.groups.new(group)
    return curve


# --- pose bones: selection moved from Bone to PoseBone (5.0) ---


def pose_bone_selected(pose_bone: Any) -> bool:
    """Whether a pose bone is selected."""
    return bool(pose_bone.select if BLENDER_5 else pose_bone.bone.select)


def select_pose_bone(pose_bone: Any, state: bool = True) -> None:
    """Select or deselect a pose bone."""
    if BLENDER_5:
        pose_bone.select = state
    else:
        pose_bone.bone.select = state


# --- sequencer: .sequences became .strips (both in 4.5); own scene (5.0) ---


def strips(scene: Any) -> Sequence[Any]:
    """The top-level strips of a scene's sequencer; empty where it has none."""
    editor = scene.sequence_editor
    return [] if editor is None else list(editor.strips)


def all_strips(scene: Any) -> Sequence[Any]:
    """All strips of a scene's sequencer, those inside meta strips too."""
    editor = scene.sequence_editor
    return [] if editor is None else list(editor.strips_all)


def active_strip(scene: Any) -> Any:
    """The active strip of a scene's sequencer, or None."""
    editor = scene.sequence_editor
    return None if editor is None else editor.active_strip


def add_sound(scene: Any, path: str, name: str, frame_start: int) -> Any:
    """Lay a sound file on a free channel; the caller checks that the file is there."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    channel = 1 + max((s.channel for s in editor.strips), default=0)
    return editor.strips.new_sound(name, path, channel, frame_start)


def sequencer_scene(context: Any) -> Any:
    """The scene whose strips the Sequencer shows: since 5.0 the workspace may name another."""
    if BLENDER_5 and context.workspace is not None and context.workspace.sequencer_scene:
        return context.workspace.sequencer_scene
    return context.scene


def strip_frames(strip: Any) -> tuple[float, float, float]:
    """(content start, left handle, right handle) of a strip in scene frames.

    The names changed in 5.1; the old ones warn there.
    """
    if BLENDER_5_1:
        return float(strip.content_start), float(strip.left_handle), float(strip.right_handle)
    return (
        float(strip.frame_start),
        float(strip.frame_final_start),
        float(strip.frame_final_end),
    )


# --- rendering ---


def eevee_engine() -> str:
    """EEVEE's engine id: BLENDER_EEVEE_NEXT in 4.5, BLENDER_EEVEE from 5.0."""
    return "BLENDER_EEVEE" if BLENDER_5 else "BLENDER_EEVEE_NEXT"


def set_video_output(scene: Any, path: str) -> None:
    """H.264 and AAC in an MP4; ``media_type`` has to come first from 5.0."""
    render = scene.render
    if BLENDER_5:
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.ffmpeg.format = "MPEG4"
    render.ffmpeg.codec = "H264"
    render.ffmpeg.constant_rate_factor = "HIGH"
    render.ffmpeg.ffmpeg_preset = "GOOD"
    render.ffmpeg.gopsize = 30
    render.ffmpeg.audio_codec = "AAC"
    render.ffmpeg.audio_bitrate = 192
    render.ffmpeg.audio_mixrate = 48000
    render.ffmpeg.audio_channels = "STEREO"
    render.filepath = path
    render.use_file_extension = True
    # Off means that the sound strip is not heard: the AAC stream is there, but silent.
    render.use_sequencer = True


def set_frames_output(scene: Any, path: str) -> None:
    """One 8-bit PNG a frame, with alpha where the film is transparent; ``path`` holds ######."""
    render = scene.render
    if BLENDER_5:
        render.image_settings.media_type = "IMAGE"
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGBA" if render.film_transparent else "RGB"
    render.image_settings.color_depth = "8"
    # A third larger than the smallest, in a fifth of the time.
    render.image_settings.compression = 15
    render.filepath = path
    render.use_file_extension = True
    # Every frame is written: none is taken to be there, none is touched beforehand.
    render.use_overwrite, render.use_placeholder = True, False
    render.use_sequencer = True


# --- the song in the sequencer ---


def content_trim(strip: Any) -> int:
    """Frames cut off the content in front of its start, beside the left handle (renamed in 5.1)."""
    return int(strip.content_trim_start if BLENDER_5_1 else strip.animation_offset_start)


def show_in_sequencer(context: Any, scene: Any) -> None:
    """Let the Sequencer show ``scene`` where it shows none (since 5.0 it does not by itself)."""
    workspace = context.workspace
    if BLENDER_5 and workspace is not None and workspace.sequencer_scene is None:
        workspace.sequencer_scene = scene


def give_nodes(datablock: Any) -> Any:
    """The node tree of a new material or world; from 5.0 they are born with one."""
    if not BLENDER_5:
        datablock.use_nodes = True
    return datablock.node_tree


# --- time ---


def scene_fps(scene: Any) -> float:
    """Frames per second of a scene: fps over fps_base, e.g. 30 / 1.001."""
    return scene.render.fps / scene.render.fps_base
