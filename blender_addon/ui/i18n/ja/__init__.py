"""Japanese: from the English text to its translation, a module for each part of the panels."""

from __future__ import annotations

import pkgutil
from importlib import import_module

TEXTS: dict[str, str] = {}
for part in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    TEXTS |= import_module(f"{__name__}.{part}").TEXTS
