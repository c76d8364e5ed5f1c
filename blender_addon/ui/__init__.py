"""What is clicked and read."""

from __future__ import annotations

from ..registration import in_order
from . import (
    dance_menu,
    first_view,
    floor_overlay,
    follow_selection,
    keymap,
    menus,
    operators,
    panels,
    rough_overlay,
)
from .i18n import translations

register, unregister = in_order(
    translations,
    operators,
    panels,
    menus,
    dance_menu,
    keymap,
    follow_selection,
    first_view,
    floor_overlay,
    rough_overlay,
)
