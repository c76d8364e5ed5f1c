"""The body of our dancer, built by code: for Blender and for files."""
