"""A scene ready to render, its frames and its video."""
