"""Audio2Pose: a song goes in, an editable, beat-true 3D dance comes out.

The add-on's modules are imported in ``register`` and not here, so that the two
that know nothing of Blender (``jobs.job``, ``jobs.worker``) load without it.
"""

from __future__ import annotations

from importlib import import_module

PACKAGES = ("settings", "rig", "takes", "moves", "export", "ui")
"""What is registered, in this order; each has ``register`` and ``unregister``."""


def register() -> None:
    """Add the classes, the scene settings and the panels."""
    for name in PACKAGES:
        import_module(f".{name}", __package__).register()


def unregister() -> None:
    """Take away all that ``register`` added; a running generation is cancelled."""
    for name in reversed(PACKAGES):
        import_module(f".{name}", __package__).unregister()
