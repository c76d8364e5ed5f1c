"""Work in a process of its own, so that Blender stays free."""
