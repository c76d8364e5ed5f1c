"""Audio2Pose: a song goes in, an editable, beat-true 3D dance comes out.

The add-on's modules are imported in ``register`` and not here, so that the two
that know nothing of Blender (``jobs``, ``worker``) load without it.
"""

from __future__ import annotations


def register() -> None:
    """Add the classes, the scene settings and the panel."""
    from . import beat_operators, exports, operators, panels, preferences, properties

    for module in (preferences, properties, operators, beat_operators, exports, panels):
        module.register()


def unregister() -> None:
    """Take away all that ``register`` added; a running generation is cancelled."""
    from . import beat_operators, exports, operators, panels, preferences, properties

    for module in (panels, exports, beat_operators, operators, properties, preferences):
        module.unregister()
