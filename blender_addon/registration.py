"""How a package registers its modules: in order, and the last first when they are taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def in_order(*modules: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    """``register`` and ``unregister`` of a package, of modules that have both."""

    def register() -> None:
        """Add the classes of this package to Blender, in order."""
        for module in modules:
            module.register()

    def unregister() -> None:
        """Take them away, the last first."""
        for module in reversed(modules):
            module.unregister()

    return register, unregister
