"""The dance out of Blender: what is exported, by our own writers or by Blender's."""
