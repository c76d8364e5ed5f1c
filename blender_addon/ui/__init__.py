"""What is clicked and read."""

from __future__ import annotations

from ..registration import in_order
from . import first_view, follow_selection, keymap, menus, operators, panels
from .i18n import translations

register, unregister = in_order(
    translations, operators, panels, menus, keymap, follow_selection, first_view
)
